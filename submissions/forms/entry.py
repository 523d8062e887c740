"""The forms that say what an entry is: suggest one, suggest several, change one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import markdown
from catalog.editing.fields import by_column, headers_of, value_fields
from catalog.editing.lines import with_own_endings
from catalog.editing.sections import listing_at_end
from catalog.markdown.links import host_of
from catalog.models import Catalog, Listing
from submissions.choices import Kind
from submissions.forms.contribution import (
    ADDRESS_ATTRIBUTES,
    LEFT_OUT,
    PLACE,
    ContributionForm,
    MoveForm,
    RemoveForm,
    ReportForm,
    TypedText,
    placing_field,
)
from submissions.forms.places import EntryField, entry_fields, hand_tags, listing_of
from submissions.proposal import Base, Proposal
from submissions.publishing.planning import renumbered
from submissions.rules import lists_links

NO_PLACE = "none"
"""The value in addresses for a place that the list does not have yet."""
UNPLACED = "unplaced"
MOST_UNPLACED = 50
DESCRIPTION = "=description"
_LONG_ROWS = 3


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
        self.own = self.offered()
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
                    "Kept on this site, not in the README. Separated by commas, "
                    "such as %(example)s."
                )
                % {"example": example},
                attrs={
                    "list": "values-tags",
                    "data-values": "values-tags",
                    "data-separator": ", ",
                },
            )

    def offered(self) -> list[EntryField]:
        """Return the fields of the entry itself."""
        return entry_fields(
            self.model,
            required=self.policy.required_columns,
            is_shown=self.is_shown,
            has_values=self.has_values,
        )

    def _made(self, field: EntryField) -> forms.Field:
        attrs: dict[str, Any] = {}
        if field.name == "url":
            attrs = dict(ADDRESS_ATTRIBUTES)
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
    """An entry that is to be added.

    What was typed for a place with other columns is `unplaced`: a field asks of each such text
    which column takes it.
    """

    kind = Kind.ADD
    has_values = True

    def make_fields(self) -> None:
        super().make_fields()
        self.unplaced = read_unplaced(self.data)
        columns = [(each.name, each.label) for each in self.own if each.name not in {"name", "url"}]
        for number, (header, text) in enumerate(self.unplaced):
            self.fields[f"{PLACE}{number}"] = placing_field(header, text, columns)
        if self.unplaced:
            self.fields[UNPLACED] = forms.CharField(widget=forms.HiddenInput, required=False)
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
        for bound in self.cells:
            if not self.text(bound.name):
                lacking[bound.name] = _("Choose a column for it, or leave it out.")
        return lacking

    def proposal(self) -> Proposal:
        texts = {field.name: self.text(field.name) for field in self.own}
        separators = {field.name: field.separator or " " for field in self.own}
        for number, (_header, text) in enumerate(self.unplaced):
            if (name := self.text(f"{PLACE}{number}")) in texts:
                texts[name] = separators[name].join(filter(None, (texts[name], text)))
        return Proposal(
            Kind.ADD,
            **by_column({name: text for name, text in texts.items() if text}),
            add_tags=self.typed_tags(),
            new_section=self.text("new_section"),
            reason=self.text("reason"),
        )


def read_unplaced(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The header and text of what has no column, as a form carries it."""
    try:
        pairs = list(json.loads(data.get(UNPLACED) or "[]"))[:MOST_UNPLACED]
        return [(str(header), str(text)) for header, text in pairs]
    except (ValueError, TypeError):
        return []


def at_place(data: Any, catalog: Catalog, listing: Listing | None) -> Any:
    """The data of a form for another place than it was typed for; None for the end of the list.

    A text goes to the column with the same header, a description to the description; of the rest
    the form asks.
    """
    before = data.get("listing", "") if data else ""
    if before in {"", str(listing.pk if listing else NO_PLACE)}:
        return data
    old, new = listing_of(catalog, before) or listing_at_end(catalog), listing
    new = new or listing_at_end(catalog)
    moved = data.copy()
    moved["listing"] = str(listing.pk if listing else NO_PLACE)
    if old is None or new is None or old == new:
        return moved
    unplaced = []
    for number, (header, text) in enumerate(read_unplaced(data)):
        place = moved.get(f"{PLACE}{number}", "")
        if place in moved:
            moved[place] = " ".join(filter(None, (moved[place], text)))
        elif place != LEFT_OUT:
            unplaced.append((header, text))
    typed = [(slot, moved.get(slot.name, "").strip()) for slot in _slots(old)]
    for name in [name for name in moved if name.startswith(("cell-", PLACE, "description"))]:
        del moved[name]
    slots = {key: slot.name for slot in _slots(new) for key in (*slot.keys, slot.header)}
    texts = [(slot.keys, slot.header, text) for slot, text in typed if text]
    texts += [((header,), header, text) for header, text in unplaced]
    left = []
    for keys, header, text in texts:
        free = [slots[key] for key in keys if key in slots and slots[key] not in moved]
        if free:
            moved[free[0]] = text
        else:
            left.append((header, text))
    moved[UNPLACED] = json.dumps(left, ensure_ascii=False) if left else ""
    return moved


class _Slot(NamedTuple):
    """A field of entries in a listing: its name, what it is known by in others, and its header."""

    name: str
    keys: tuple[str, ...]
    header: str


def _slots(listing: Listing) -> list[_Slot]:
    """The fields of a listing's entries besides name and address."""
    if listing.kind != Listing.Kind.TABLE:
        values = [
            _Slot(f"cell-{field.number}", (f"={field.number}",), capfirst(field.label))
            for field in value_fields(listing)
        ]
        return [_Slot("description", (DESCRIPTION,), _("Description")), *values]
    return [
        _Slot(
            f"cell-{number}",
            (DESCRIPTION, key) if number == listing.description_column else (key,),
            capfirst(header),
        )
        for number, (key, header) in enumerate(
            zip(listing.columns, headers_of(listing), strict=True)
        )
        if number != listing.name_column
    ]


class EditForm(EntryForm):
    """An entry that there is. What was not typed in is not proposed.

    `opened` is what the entry was when the page was opened, so that it is known what was changed
    here, and what others have changed meanwhile.
    """

    kind = Kind.EDIT
    has_values = True
    opened: Base

    def offered(self) -> list[EntryField]:
        """Return the fields; of values beside the text of an item those that it has."""
        return [
            field
            for field in super().offered()
            if self.opened.columns
            or not field.name.startswith("cell-")
            or self.opened.text_of(field.name)
        ]

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
        before = set(self.values_of(self.opened)["tags"].split(", ")) - {""}
        tags = self.typed_tags() if "tags" in self.data else tuple(sorted(before))
        return Proposal(
            Kind.EDIT,
            **by_column(self.typed()),
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


# Several at once: what was pasted, one entry a line, and a small form for each


_RULER = re.compile(r"\|[\s:|-]*-[\s:|-]*")
_MARKER = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")


class Pasted(NamedTuple):
    """A parsed paste: values of forms, and lines that were not taken."""

    cards: list[dict[str, str]]
    left: list[str]


class SeveralForm(ContributionForm):
    """The form of a paste: its text, and the sender."""

    kind = Kind.ADD

    pasted = TypedText(
        label=gettext_lazy("One entry per line"),
        rows=6,
        help_text=gettext_lazy(
            "A link, a line of markdown such as [Name](https://example.org) - What "
            "it is, or a row of the table."
        ),
    )

    def proposal(self) -> Proposal:
        raise TypeError("each entry has a form of its own")

    def lacking(self) -> dict[str, str]:
        return {}

    def read(self, listing: Listing, most: int) -> Pasted:
        """The entries that were pasted, as values of their forms, at most so many.

        Where the entries of the listing are links, lines without one are left over.
        """
        needs_link = lists_links(listing)
        lines = [line for line in self.cleaned_data.get("pasted", "").split("\n") if line.strip()]
        headers = headers_of(listing)
        cards: list[dict[str, str]] = []
        left: list[str] = []
        for line in lines:
            values = _read(line, listing, headers)
            if not values:
                continue
            if len(cards) == most or (needs_link and not values["url"]):
                left.append(line)
            else:
                cards.append(values)
        return Pasted(cards, left)


class CardForm(SuggestForm):
    """One of several entries; who sends them is asked once for all."""

    has_values = False

    def make_fields(self) -> None:
        super().make_fields()
        for name in ("new_section", "tags", *self.PERSON):
            self.fields.pop(name, None)

    def _ask_whom(self, user: Any) -> None:
        return

    @property
    def number(self) -> int:
        """Return the card's number."""
        return int((self.prefix or "e0").removeprefix("e"))


def _read(line: str, listing: Listing, headers: list[str]) -> dict[str, str]:
    """The entry of a line: a row of the table, an item, or an address alone; {} for none."""
    if headers and line.strip().startswith("|"):
        return _row(line.strip(), listing, headers)
    text = _MARKER.sub("", line, count=1).strip()
    entries = markdown.parse(f"- {text}\n").entries
    name, url, description = text, "", ""
    if entries:
        name, url, description = entries[0].name, entries[0].url, entries[0].description
    elif "://" in text:
        url = text.split()[0]
    bare, called = url.rstrip("/").removesuffix(".git"), name.strip("<>/ ")
    if "](" not in text:
        bare, called = bare.casefold(), called.casefold()
    if url and bare.endswith(called):
        # Nothing but the address was written.
        name = _called(url)
    values = {"name": name, "url": url, "description": description}
    column = listing.description_column
    if listing.kind == Listing.Kind.TABLE:
        values.pop("description")
        if column is not None:
            values[f"cell-{column}"] = description
    return values if any(values.values()) else {}


def _row(line: str, listing: Listing, headers: list[str]) -> dict[str, str]:
    """A row of the listing's own table, cell by cell; {} for its header and the line below."""
    own = listing.name_column or 0
    # Under headers that say nothing the cells are read as they are written.
    ruler = f"|{' a |' * len(headers)}\n|{' --- |' * len(headers)}\n"
    entries = markdown.parse(f"{ruler}{line}\n").entries
    if _RULER.fullmatch(line) or not entries:
        return {}
    cells = [cell.text.strip() for cell in entries[0].cells]
    if [cell.casefold() for cell in cells] == [header.casefold() for header in headers]:
        return {}
    values = {f"cell-{number}": cell for number, cell in enumerate(cells) if number != own and cell}
    name = cells[own] if own < len(cells) else ""
    named = markdown.parse(f"- {name}\n").entries
    url = named[0].url if named else ""
    return {"name": named[0].name if url else name, "url": url, **values}


def _called(url: str) -> str:
    """A first guess at a name: the last part of the path, else the host."""
    path = url.partition("://")[2].partition("?")[0].partition("#")[0].strip("/")
    last = path.rpartition("/")[2].removesuffix(".git")
    return last if "/" in path else host_of(url)


FORMS: dict[str, type[ContributionForm]] = {
    form.kind.value: form for form in (SuggestForm, EditForm, MoveForm, RemoveForm, ReportForm)
}
"""The form of each kind of submission."""
