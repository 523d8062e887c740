"""The forms of an entry: one to suggest a new one, one to change one that there is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from catalog.editing.lines import with_own_endings
from catalog.editing.sections import listing_at_end
from catalog.models import Listing
from submissions.choices import Kind
from submissions.forms.columns import EntryField, entry_fields, hand_tags
from submissions.forms.contribution import ContributionForm
from submissions.forms.texts import TypedText
from submissions.proposal import Base, Proposal
from submissions.publishing.planning import renumbered

_LONG_ROWS = 3
_ADDRESS_ATTRIBUTES = {
    "inputmode": "url",
    "autocapitalize": "none",
    "spellcheck": "false",
    "placeholder": "https://",
}


class EntryForm(ContributionForm):
    """The fields of an entry, made from the listing that it stands in."""

    has_values = False
    """Whether an item has fields for values beside its text, such as its licence."""

    @cached_property
    def model(self) -> Listing | None:
        """The listing whose fields the entry has; of a new section that it is written like."""
        if self.listing is None and self.kind == Kind.ADD:
            return listing_at_end(self.catalog)
        return self.listing

    def make_fields(self) -> None:
        required = self.policy.required_columns
        self.own = entry_fields(
            self.model, required=required, is_shown=self.is_shown, has_values=self.has_values
        )
        self.lists_links = any(field.name == "url" and field.is_required for field in self.own)
        for field in self.own:
            self.fields[field.name] = self._made(field)
        is_needed = self.is_shown or self.kind == Kind.EDIT
        self.tag_choices = hand_tags(self.catalog, self.model) if is_needed else []
        if self.tag_choices or not is_needed:
            example = self.tag_choices[0].key if self.tag_choices else ""
            self.fields["tags"] = TypedText(
                label=_("Tags"),
                help_text=_(
                    "For example %(example)s, separated by commas; stored next to the README."
                )
                % {"example": example},
                attrs={
                    "list": "values-tags",
                    "data-values": "values-tags",
                    "data-separator": ", ",
                },
            )

    def _made(self, field: EntryField) -> forms.Field:
        attrs: dict[str, Any] = {}
        if field.name == "url":
            attrs = dict(_ADDRESS_ATTRIBUTES)
        if field.options:
            values = f"values-{field.name}"
            attrs = {"list": values, "data-values": values, "data-separator": field.separator}
        made: forms.Field
        if field.choices:
            choices = [("", "–"), *field.choices]
            return forms.ChoiceField(label=field.label, required=False, choices=choices)
        made = TypedText(
            label=field.label,
            help_text=field.hint,
            rows=_LONG_ROWS if field.is_long else 0,
            attrs=attrs,
        )
        # What is missing is said by the findings, so that a draft can be looked at before.
        made.is_required_here = field.is_required  # type: ignore[attr-defined]
        return made

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The fields of the entry itself, in the listing's order."""
        return [self[field.name] for field in self.own]

    @property
    def value_lists(self) -> list[tuple[str, list[str]]]:
        """The values that are offered, by the id that the field's control names."""
        options = [(f"values-{field.name}", list(field.options)) for field in self.own]
        options.append(("values-tags", [choice.key for choice in self.tag_choices]))
        return [(name, values) for name, values in options if values]

    def typed_tags(self) -> tuple[str, ...]:
        """The tags that were written, each once."""
        lines = (":".join(part.strip() for part in line.split(":", 1))
                 for line in self.text("tags").split(","))  # fmt: skip
        return tuple(dict.fromkeys(line for line in lines if line))


class SuggestForm(EntryForm):
    """An entry that is to be added."""

    kind = Kind.ADD
    has_values = True

    def make_fields(self) -> None:
        super().make_fields()
        self.fields["reason"] = TypedText(
            label=_("Why it is listed twice"),
            help_text=_("Only if the same link is meant to be listed here more than once."),
        )
        self.fields["new_section"] = TypedText(
            label=_("New section"),
            help_text=_("Its name, if it needs one of its own. It comes after the section above.")
            if self.listing
            else _("Its name. It comes at the end of the list, with this as its first entry."),
        )

        self.fields["new_section"].is_required_here = self.listing is None  # type: ignore[attr-defined]

    def lacking(self) -> dict[str, str]:
        lacking = super().lacking()
        if self.listing is None and not self.text("new_section"):
            lacking["new_section"] = _("Please name the section.")
        return lacking

    def proposal(self) -> Proposal:
        texts = {field.name: self.text(field.name) for field in self.own}
        cells = {
            int(name.removeprefix("cell-")): value
            for name, value in texts.items()
            if name.startswith("cell-") and value
        }
        return Proposal(
            Kind.ADD,
            name=texts["name"] or None,
            url=texts["url"] or None,
            description=texts.get("description") or None,
            cells=cells,
            add_tags=self.typed_tags(),
            new_section=self.text("new_section"),
            reason=self.text("reason"),
        )


class EditForm(EntryForm):
    """An entry that there is. What was not typed in is not proposed.

    `opened` is what the entry was when the page was opened, so that it is known what was changed
    here, and what others have changed meanwhile.
    """

    kind = Kind.EDIT
    opened: Base

    def make_fields(self) -> None:
        super().make_fields()
        if self.entry is None:
            raise ValueError("an edit is of an entry")
        self.fields["reason"] = TypedText(label=_("Why"), help_text=_("What is wrong with it now."))
        values = self.values_of(self.opened)
        self.initial = {**values, **self.initial, **self._proposed_before()}

    def _proposed_before(self) -> dict[str, str]:
        """The texts of the submission that is answered, by the fields that there are now."""
        if self.answers is None:
            return {}
        return renumbered(self.answers.content, self.answers.based_on, self.now).changed

    def values_of(self, base: Base) -> dict[str, str]:
        """Return the values that the fields have for an entry."""
        values = {field.name: base.text_of(field.name) for field in self.own}
        offered = {choice.key for choice in self.tag_choices}
        return {**values, "tags": ", ".join(tag for tag in base.tags if tag in offered)}

    def typed(self) -> dict[str, str]:
        """The texts that somebody changed, by field; of an answer not sent those it proposes."""
        if not self.is_bound:
            return self._proposed_before()
        changed = {}
        for field in self.own:
            if field.name not in self.data:
                continue
            own = self.opened.text_of(field.name)
            value = with_own_endings(self.cleaned_data.get(field.name, ""), own)
            if value != own and value.strip() != own.strip():
                changed[field.name] = value.strip()
        return changed

    def proposal(self) -> Proposal:
        texts = self.typed()
        before = set(self.values_of(self.opened)["tags"].split(", ")) - {""}
        tags = self.typed_tags() if "tags" in self.data else tuple(sorted(before))
        return Proposal(
            Kind.EDIT,
            name=texts.get("name"),
            url=texts.get("url"),
            description=texts.get("description"),
            cells={
                int(name.removeprefix("cell-")): value
                for name, value in texts.items()
                if name.startswith("cell-")
            },
            add_tags=tuple(tag for tag in tags if tag not in before),
            remove_tags=tuple(sorted(before - set(tags))),
            reason=self.text("reason"),
        )

    def clashes(self) -> dict[str, str]:
        """Return the present values of typed fields that somebody else changed meanwhile."""
        typed = self.typed()
        return {
            name: self.now.text_of(name)
            for name in typed
            if self.now.text_of(name) not in {self.opened.text_of(name), typed[name]}
        }

    def rebased(self) -> QueryDict:
        data = super().rebased()
        typed = self.typed()
        values = self.values_of(self.now)
        tags, proposal = values.pop("tags"), self.proposal()
        for name, value in values.items():
            if name not in typed:
                data[name] = value
        standing = [tag for tag in tags.split(", ") if tag and tag not in proposal.remove_tags]
        data["tags"] = ", ".join(dict.fromkeys([*standing, *proposal.add_tags]))
        return data
