"""Findings: what is noticed about a proposal without a person looking at it.

`CHECKS` has a row for each function that finds something. The rules and how much each matters are
in `submissions/findings.py`; `docs/findings.md` has them for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from catalog.markdown.linting import Finding
from catalog.models import Catalog, Listing
from submissions.checks.content import content_findings, value_findings
from submissions.checks.duplicates import duplicate_findings
from submissions.checks.links import address_findings
from submissions.checks.spam import blocked_findings, spam_findings
from submissions.checks.style import style_findings
from submissions.checks.subject import Subject
from submissions.choices import Action, Kind
from submissions.findings import judged
from submissions.models import ContributionPolicy, Submission
from submissions.proposal import Base, Proposal, SubmissionDraft

CHECKS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    content_findings,
    address_findings,
    blocked_findings,
    duplicate_findings,
    style_findings,
    value_findings,
    spam_findings,
)
_PROPOSING = {Kind.ADD, Kind.EDIT, Kind.MOVE}


def check(
    draft: SubmissionDraft, policy: ContributionPolicy, submission: Submission | None = None
) -> list[Finding]:
    """Return the findings about a proposal; only reads. `submission` is the one that it is part of.

    What the README's form cannot hold is for `previewing.preview_lines()` to say. Costs at most
    twelve queries, whatever the proposal and the list.
    """
    proposal = draft.proposal
    if proposal.kind not in _PROPOSING and proposal.action != Action.REPLACE_URL:
        return []
    base = draft.base or Base()
    place = _listing(proposal, draft.catalog, draft.listing)
    subject = Subject(proposal, draft.catalog, place, draft.entry, base, policy, submission)
    findings = [finding for find in CHECKS for finding in find(subject)]
    return judged(findings, policy.profile, _may_block(subject))


def _listing(proposal: Proposal, catalog: Catalog, listing: Listing | None) -> Listing | None:
    """Return the listing in which the entry will stand."""
    if proposal.target is None or (listing is not None and listing.pk == proposal.target):
        return listing
    return Listing.objects.filter(catalog=catalog, pk=proposal.target).first() or listing


def _may_block(subject: Subject) -> set[str]:
    """The fields that were changed; of an addition all: what is left empty is proposed so."""
    fields = {*subject.changed, "after", "target", "tags"}
    if subject.is_addition:
        fields |= {"name", "url", *[f"cell-{number}" for number in range(len(subject.columns))]}
    return fields
