"""Required fields of contributors, beyond what moderators need to decide."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from catalog.models import Entry, Listing
from submissions.choices import Kind, Report
from submissions.proposal import Proposal

SAMPLED = 40
"""Entries of a listing that show how its entries are written."""


def missing_from(proposal: Proposal, *, lists_links: bool) -> dict[str, str]:
    """Return the missing fields, each with its sentence."""
    if proposal.kind == Kind.ADD and lists_links and not _names_address(proposal):
        return {"url": _("Please enter the link.")}
    needs_words = {Report.OTHER, Report.WRONG}
    if proposal.report in needs_words and not proposal.evidence.strip():
        return {"evidence": _("Please describe it.")}
    return {}


def is_raw(entry: Entry) -> bool:
    """Whether it can be changed as lines alone, which is for the maintainers of the list."""
    return entry.is_opaque or entry.listing_id is None


def lists_links(listing: Listing | None) -> bool:
    """Whether the entries of a listing are links; one query."""
    if listing is None:
        return True
    entries = Entry.objects.published().filter(listing=listing).in_reading_order()
    return mostly_links(list(entries.values_list("url", flat=True)[:SAMPLED]))


def mostly_links(addresses: Sequence[str]) -> bool:
    """Whether half of some entries have an address; also of none."""
    return sum(1 for address in addresses if address) * 2 >= len(addresses)


def _names_address(proposal: Proposal) -> bool:
    return bool((proposal.url or "").strip()) or any(
        "](" in text for text in proposal.cells.values()
    )
