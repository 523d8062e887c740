"""Forms about an entry that do not change what it says: move, remove, report."""

from __future__ import annotations

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy

from catalog.editing.column_mapping import mapped_values
from catalog.errors import EditRefused
from catalog.models import Listing
from submissions.choices import Kind, Report
from submissions.forms.contribution import ContributionForm
from submissions.forms.places import listing_of
from submissions.forms.texts import TypedText
from submissions.proposal import Proposal


class MoveForm(ContributionForm):
    """Another place for an entry. `target` is chosen on the page, one click a place."""

    kind = Kind.MOVE

    # Written on the page as one radio button a place.
    target = forms.CharField(required=False)
    drop = forms.BooleanField(
        required=False,
        label=gettext_lazy("Leave out what has no column there"),
        help_text=gettext_lazy("The preview says what that is."),
    )
    reason = TypedText(label=gettext_lazy("Why it fits better there"), rows=2)

    @property
    def chosen(self) -> Listing | None:
        """The place that was chosen, if it is one of this list and another than now."""
        key = str(self["target"].value() or "")
        listing = listing_of(self.catalog, key)
        own = self.entry.listing_id if self.entry else None
        return listing if listing and listing.pk != own else None

    def proposal(self) -> Proposal:
        chosen = self.chosen
        return Proposal(
            Kind.MOVE,
            target=chosen.pk if chosen else None,
            placing=self._dropped(chosen) if chosen else {},
            reason=self.text("reason"),
        )

    def _dropped(self, target: Listing) -> dict[int, int | None]:
        """The columns that have no place in the target, if they may be left out."""
        entry = self.entry
        if entry is None or entry.listing is None or not self.cleaned_data.get("drop"):
            return {}
        columns = range(max(len(entry.cells), 1))
        dropped: dict[int, int | None] = {}
        for number in columns:
            others: dict[int, int | None] = {other: None for other in columns if other != number}
            try:
                mapped_values(entry, entry.listing, target, others)
            except EditRefused:
                dropped[number] = None
        return dropped


class Why(TextChoices):
    """Why an entry should go."""

    DEAD_LINK = Report.DEAD_LINK.value, gettext_lazy("The link is dead")
    HIJACKED = Report.HIJACKED.value, gettext_lazy("The link now leads to something else")
    DUPLICATE = Report.DUPLICATE.value, gettext_lazy("It is listed twice")
    UNMAINTAINED = "unmaintained", gettext_lazy("It is no longer maintained")
    OUT_OF_SCOPE = "out-of-scope", gettext_lazy("It does not belong in this list")
    SPAM = Report.SPAM.value, gettext_lazy("It is spam")
    OTHER = Report.OTHER.value, gettext_lazy("Something else")


class RemoveForm(ContributionForm):
    """Why an entry should go: a kind, and in own words."""

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
    """What is wrong with an entry, for moderators to look after."""

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
