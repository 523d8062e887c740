"""Findings: what is noticed about a proposal without a person looking at it."""

from __future__ import annotations

from catalog.models import Catalog, Entry, Listing
from submissions.checks.finding import Finding
from submissions.models import ContributionPolicy, Submission
from submissions.proposal import Base, Proposal


def check(
    proposal: Proposal,
    *,
    catalog: Catalog,
    listing: Listing | None,
    entry: Entry | None,
    base: Base,
    policy: ContributionPolicy,
    submission: Submission | None = None,
) -> list[Finding]:
    """What is noticed about a proposal; only reads. `submission` is the one that it is part of."""
    return []
