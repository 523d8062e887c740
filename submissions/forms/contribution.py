"""The base of contributors' forms, and the forms to move, remove and report."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.editing.fields import cells_without_place, headers_of
from catalog.errors import InvalidField
from catalog.models import Catalog, Entry, Listing
from submissions.choices import TEXTS, Kind, Report, Status, WhoMaySubmit
from submissions.forms.places import entry_fields, listing_of
from submissions.models import ContributionPolicy, Submission
from submissions.proposal import MAX_TEXT, Base, Proposal
from submissions.publishing.planning import base_of, under_columns, version_of
from submissions.rules import missing_from

_LINE_END = re.compile(r"\r\n?")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
ADDRESS_ATTRIBUTES = {
    "inputmode": "url",
    "autocapitalize": "none",
    "spellcheck": "false",
    "placeholder": "https://",
}


class TypedText(forms.CharField):
    """A typed text; line endings become one kind, since browsers send CRLF.

    With `rows` it is a text area. A browser that sends bytes which are no UTF-8 is told so:
    Django puts U+FFFD in their place, and that would end in the README.
    """

    def __init__(
        self, *, rows: int = 0, attrs: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        attributes = {"autocomplete": "off", **(attrs or {})}
        widget: forms.Widget = forms.TextInput(attrs=attributes)
        if rows:
            widget = forms.Textarea(attrs={"rows": rows, **attributes})
        super().__init__(
            **{
                "strip": False,
                "required": False,
                "max_length": MAX_TEXT,
                "widget": widget,
                **kwargs,
            }
        )
        # The server says in words what is too long, and keeps it; a browser would cut it off.
        self.widget.attrs.pop("maxlength", None)

    def to_python(self, value: Any) -> str:
        """The text with `\\n` for each line end."""
        return _LINE_END.sub("\n", str(super().to_python(value) or ""))

    def validate(self, value: Any) -> None:
        """Refuse characters that no database and no README can hold."""
        super().validate(value)
        if _UNSTORABLE.search(value):
            raise ValidationError(_("This text has a character that cannot be stored."))
        if "\ufffd" in value:
            raise ValidationError(
                _(
                    "Some characters were damaged in transfer and are shown as "
                    "“�”. Please type them again."
                )
            )


_SALT = "submissions.base"
PLACE = "place-"
"""Prefix of the fields that ask what becomes of a cell; its number follows."""
LEFT_OUT = "drop"


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """A field that others changed meanwhile: its old and new text, and what is typed instead.

    `name` is that of the field, '' where nothing can be typed; `typed` None where nothing was.
    """

    name: str
    label: str
    was: str
    now: str
    typed: str | None = None

    @property
    def take(self) -> str:
        """Return the value of the button that takes the newer text."""
        return json.dumps({self.name: self.now}, ensure_ascii=False)


class ContributionForm(forms.Form):
    """Base of the forms. `proposal()` is what was filled in, whether or not it may be sent.

    `answers` is the submission that a new version is written of; who sends it and the consent
    are known then. A form that is not shown, only read, does not look up what it would offer.
    """

    kind: Kind
    lists_links = False
    """Whether an address is asked for, since the entries of the listing are links."""
    use_required_attribute = False
    # What an address of the page names; every other field is made from the listing.
    PERSON = ("note", "credit", "email", "consent", "sign_off")

    note = TypedText(
        label=gettext_lazy("Note to the moderator"),
        rows=2,
        help_text=gettext_lazy("Anything that helps the decision. It is not published."),
    )
    credit = TypedText(
        label=gettext_lazy("Your name"),
        max_length=150,
        help_text=gettext_lazy(
            "Shown in the history as you write it. Leave it empty to stay anonymous."
        ),
        attrs={"autocomplete": "name"},
    )
    email = TypedText(
        label=gettext_lazy("E-mail"),
        max_length=254,
        help_text=gettext_lazy("Only used to tell you about the decision. It is never shown."),
        attrs={"autocomplete": "email", "inputmode": "email"},
    )
    consent = forms.BooleanField(required=False)
    sign_off = forms.BooleanField(
        label=gettext_lazy(
            "I certify the Developer Certificate of Origin: I have the right to contribute this. "
            "The commit is signed off with my name and address."
        ),
        required=False,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        catalog: Catalog,
        policy: ContributionPolicy,
        user: User | None = None,
        listing: Listing | None = None,
        entry: Entry | None = None,
        answers: Submission | None = None,
        initial: dict[str, Any] | None = None,
        prefix: str | None = None,
        is_shown: bool = True,
    ) -> None:
        self.catalog, self.policy, self.listing, self.entry = catalog, policy, listing, entry
        self.user, self.answers, self.is_shown = user, answers, is_shown
        start = {"credit": user.get_full_name() if user else "", **(initial or {})}
        super().__init__(data, initial=start, label_suffix="", prefix=prefix)
        self.opened: Base | None = None
        if entry is not None and (answers is not None or self.kind == Kind.EDIT):
            self._open(entry)
        self.make_fields()
        self._ask_whom(user)
        first = [name for name in self.fields if name not in self.PERSON]
        self.order_fields([*first, *self.PERSON])

    def _open(self, entry: Entry) -> None:
        """Note what the entry was when the page was opened: `opened`, carried by a hidden field.

        An answer is opened on what the submission was based on, until whoever answers says that
        they saw what stands there now.
        """
        self.opened = read_base(entry, str(self.data.get("opened", ""))) if self.is_bound else None
        if self.opened is None:
            self.opened = self.now
            if self.answers is not None:
                self.opened = under_columns(self.answers.based_on, self.now)
        self.fields["opened"] = forms.CharField(widget=forms.HiddenInput, required=False)
        self.initial["opened"] = signed_base(entry, self.opened)

    @cached_property
    def now(self) -> Base:
        """The entry as it stands."""
        return base_of(self.catalog, self.entry)

    @property
    def seen(self) -> str:
        """The version of the entry that the form was filled in on; '' where it carries none."""
        return version_of(self.opened) if self.opened else ""

    @property
    def is_behind(self) -> bool:
        """Whether an answer is about an entry that was changed since, and does not say so."""
        return self.answers is not None and bool(self.seen) and self.seen != version_of(self.now)

    @property
    def has_gone_on(self) -> bool:
        """Whether an answer goes on from what others wrote since the submission was made."""
        if self.answers is None or not self.seen or self.is_behind:
            return False
        return self.seen != version_of(self.answers.based_on)

    def typed(self) -> dict[str, str]:
        """The texts of the entry that somebody changed, by field."""
        return {}

    def changed_meanwhile(self) -> list[Meanwhile]:
        """Return the fields of the entry that were changed since the form was opened."""
        was, now, typed = self.opened or self.now, self.now, self.typed()
        has_values = not was.columns and was.cells != now.cells
        own = entry_fields(self.listing, is_shown=has_values, has_values=has_values)
        rows = [
            Meanwhile(
                field.name,
                field.label,
                was.text_of(field.name),
                now.text_of(field.name),
                typed.get(field.name),
            )
            for field in own
        ]
        rows.append(Meanwhile("", _("Tags"), ", ".join(was.tags), ", ".join(now.tags)))
        if was.listing != now.listing:
            keys = [was.listing or 0, now.listing or 0]
            titles = Listing.objects.titles(keys)
            here, there = (titles.get(key, _("top of the list")) for key in keys)
            rows.append(Meanwhile("", _("Place"), here, there))
        return [row for row in rows if row.was != row.now]

    def rebased(self) -> QueryDict:
        """The data on what stands there now: what was typed stays, the rest is as it is now."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        if self.entry is not None:
            data["opened"] = signed_base(self.entry, self.now)
        return data

    def make_fields(self) -> None:
        """Add the fields of what is proposed."""

    def _ask_whom(self, user: User | None) -> None:
        if self.answers is not None:
            for name in ("credit", "email", "consent", "sign_off"):
                del self.fields[name]
            if self.answers.status == Status.CHANGES_REQUESTED:
                self.fields["note"].label = _("Answer to the moderator")
                self.fields["note"].help_text = ""
            return
        if user is not None:
            del self.fields["email"]
        elif self.policy.who_may_submit == WhoMaySubmit.CONFIRMED_EMAIL:
            self.fields["email"].required = True
            self.fields["email"].help_text = _(
                "This list asks for an e-mail address: we will send you a link to "
                "confirm it. It is never shown."
            )
        if not self.catalog.license or self.kind not in TEXTS:
            del self.fields["consent"]
        else:
            self.fields["consent"].label = _(
                "I agree that my contribution is published under the list's licence, %(licence)s."
            ) % {"licence": self.catalog.license}

    @property
    def cells(self) -> list[forms.BoundField]:
        """The fields that ask what becomes of a cell."""
        return [self[name] for name in self.fields if name.startswith(PLACE)]

    def proposal(self) -> Proposal:
        """Return the proposal that was filled in."""
        raise NotImplementedError

    def missing(self) -> dict[str, str]:
        """Return the fields to be filled in before it can be sent, with their sentences."""
        missing = self.lacking()
        if "consent" in self.fields and not self.cleaned_data.get("consent"):
            missing["consent"] = _("Please agree, so that it can be published.")
        return {name: message for name, message in missing.items() if name not in self.errors}

    def lacking(self) -> dict[str, str]:
        """Return the fields that the proposal lacks, with their sentences."""
        return missing_from(self.proposal(), lists_links=self.lists_links)

    def base(self) -> Base | None:
        """Return the version that the form was filled in on; None: the present one."""
        return self.opened

    def text(self, name: str) -> str:
        """Return the stripped text of a field; '' if it cannot be read."""
        value: str = getattr(self, "cleaned_data", {}).get(name, "") or ""
        return value.strip()

    def refuse(self, error: InvalidField) -> None:
        """Show a refusal at its field, or above the form when it has no such field."""
        self.add_error(error.field if error.field in self.fields else None, error.message)


def signed_base(entry: Entry, base: Base) -> str:
    """Return the entry's version at the time a form is opened, signed."""
    return signing.dumps([entry.pk, base.to_json()], salt=_SALT, compress=True)


def read_base(entry: Entry, text: str) -> Base | None:
    """Return the version of `signed_base`; None for anything else."""
    try:
        key, data = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return Base.from_json(data) if key == entry.pk else None


# Move, remove, report


def placing_field(header: str, text: str, columns: Sequence[tuple[str, str]]) -> forms.ChoiceField:
    """Return the field that asks which of some columns, by value and label, takes a cell."""
    choices = [("", _("Choose …")), *columns, (LEFT_OUT, _("Leave it out"))]
    return forms.ChoiceField(label=header, help_text=text, required=False, choices=choices)


class MoveForm(ContributionForm):
    """The form to move an entry. `target` is chosen on the page, one click a place.

    Where the chosen place has other columns, a field asks of each cell that has none there what
    becomes of it.
    """

    kind = Kind.MOVE

    # Written on the page as one radio button a place.
    target = forms.CharField(required=False)
    reason = TypedText(label=gettext_lazy("Why it fits better there"), rows=2)

    def make_fields(self) -> None:
        chosen, own = self.chosen, self.entry.listing if self.entry else None
        if self.entry is None or chosen is None or own is None:
            return
        columns = [
            (str(number), header)
            for number, header in enumerate(headers_of(chosen))
            if number != chosen.name_column and header
        ]
        for cell in cells_without_place(self.entry, own, chosen):
            self.fields[f"{PLACE}{cell.number}"] = placing_field(cell.header, cell.text, columns)

    @property
    def chosen(self) -> Listing | None:
        """The place that was chosen, if it is one of this list and another than now."""
        key = str(self["target"].value() or "")
        listing = listing_of(self.catalog, key)
        own = self.entry.listing_id if self.entry else None
        return listing if listing and listing.pk != own else None

    def proposal(self) -> Proposal:
        chosen = self.chosen
        placing = {
            int(bound.name.removeprefix(PLACE)): None if value == LEFT_OUT else int(value)
            for bound in self.cells
            if (value := self.text(bound.name))
        }
        return Proposal(
            Kind.MOVE,
            target=chosen.pk if chosen else None,
            placing=placing,
            reason=self.text("reason"),
        )


class Why(TextChoices):
    """Reasons to remove an entry."""

    DEAD_LINK = Report.DEAD_LINK.value, gettext_lazy("The link is dead")
    HIJACKED = Report.HIJACKED.value, gettext_lazy("The link now leads to something else")
    DUPLICATE = Report.DUPLICATE.value, gettext_lazy("It is listed twice")
    UNMAINTAINED = "unmaintained", gettext_lazy("It is no longer maintained")
    OUT_OF_SCOPE = "out-of-scope", gettext_lazy("It does not belong in this list")
    SPAM = Report.SPAM.value, gettext_lazy("It is spam")
    OTHER = Report.OTHER.value, gettext_lazy("Something else")


class RemoveForm(ContributionForm):
    """The form to remove an entry: a reason, and own words."""

    kind = Kind.REMOVE

    why = forms.ChoiceField(
        label=gettext_lazy("What is wrong"), choices=Why, widget=forms.RadioSelect
    )
    reason = TypedText(
        label=gettext_lazy("More details"),
        rows=3,
        help_text=gettext_lazy("What you found, and where it can be seen."),
    )

    def proposal(self) -> Proposal:
        why = getattr(self, "cleaned_data", {}).get("why")
        kind = "" if why in {None, "", Why.OTHER} else str(Why(why).label)
        reason = ". ".join(part for part in (kind, self.text("reason")) if part)
        return Proposal(Kind.REMOVE, reason=reason)


class ReportForm(ContributionForm):
    """The form to report a problem of an entry."""

    kind = Kind.REPORT

    report = forms.ChoiceField(
        label=gettext_lazy("What is wrong"), choices=Report, widget=forms.RadioSelect
    )
    evidence = TypedText(
        label=gettext_lazy("Evidence"),
        rows=3,
        help_text=gettext_lazy("What you found, and where. A link helps most."),
    )
    replacement_url = TypedText(
        label=gettext_lazy("Where it is now"),
        help_text=gettext_lazy("If you know the correct address."),
        attrs=ADDRESS_ATTRIBUTES,
    )

    def make_fields(self) -> None:
        choices = [
            (value, str(label)[:1].upper() + str(label)[1:]) for value, label in Report.choices
        ]
        self.fields["report"].choices = choices  # type: ignore[attr-defined]

    def proposal(self) -> Proposal:
        report = getattr(self, "cleaned_data", {}).get("report")
        url = self.text("replacement_url")
        return Proposal(
            Kind.REPORT,
            report=Report(report) if report else None,
            evidence=self.text("evidence"),
            replacement_url=url,
        ).with_action()
