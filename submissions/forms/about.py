"""Forms about an entry that do not change what it says: move, remove, report."""

from __future__ import annotations

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.editing.fields import cells_without_place
from catalog.models import Column, Listing
from submissions.choices import Kind, Report
from submissions.forms.contribution import ContributionForm
from submissions.forms.places import listing_of
from submissions.forms.texts import TypedText
from submissions.proposal import Proposal

PLACE = "place-"
"""Prefix of the fields that ask what becomes of a cell; its column follows."""
LEFT_OUT = "drop"


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
        columns = _columns_of(chosen)
        for cell in cells_without_place(self.entry, own, chosen):
            self.fields[f"{PLACE}{cell.number}"] = forms.ChoiceField(
                label=cell.header,
                help_text=cell.text,
                required=False,
                choices=[
                    ("", _("Choose …")),
                    *((str(number), header) for number, header in columns),
                    (LEFT_OUT, _("Leave it out")),
                ],
            )

    @property
    def chosen(self) -> Listing | None:
        """The place that was chosen, if it is one of this list and another than now."""
        key = str(self["target"].value() or "")
        listing = listing_of(self.catalog, key)
        own = self.entry.listing_id if self.entry else None
        return listing if listing and listing.pk != own else None

    @property
    def cells(self) -> list[forms.BoundField]:
        """The fields that ask what becomes of a cell."""
        return [self[name] for name in self.fields if name.startswith(PLACE)]

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


def _columns_of(listing: Listing) -> list[tuple[int, str]]:
    """The columns of a table besides that of the name, by number and header."""
    rows = Column.objects.filter(catalog=listing.catalog_id, key__in=listing.columns)
    headers = dict(rows.values_list("key", "header"))
    return [
        (number, headers.get(key) or key)
        for number, key in enumerate(listing.columns)
        if number != listing.name_column and key
    ]


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
        attrs={
            "inputmode": "url",
            "autocapitalize": "none",
            "spellcheck": "false",
            "placeholder": "https://",
        },
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
