"""What a proposal would do and what is noticed about it, before it is sent. Only reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.markdown.findings import Finding, Severity
from submissions.checks import check
from submissions.findings import blocking
from submissions.models import ContributionPolicy, Submission
from submissions.proposal import Proposal
from submissions.publishing.bases import base_of
from submissions.publishing.drafting import Draft, draft
from submissions.verbs.intake import Intake


@dataclass(frozen=True, slots=True)
class Look:
    """What a proposal would do, and what is noticed about it."""

    proposal: Proposal
    draft: Draft
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether no line would change, or it cannot be shown yet."""
        return self.draft.diff.is_empty

    @property
    def stops(self) -> list[Finding]:
        """What has to be changed before it can be sent."""
        return blocking(self.findings, reason=self.proposal.reason)


def look_at(
    intake: Intake,
    *,
    policy: ContributionPolicy,
    submission: Submission | None = None,
    is_thorough: bool = True,
) -> Look:
    """Draft a proposal, and check it; `submission` is the one that it is part of.

    What cannot be written stands in its way as well as what a check blocks.
    """
    proposal, catalog = intake.proposal, intake.catalog
    listing, entry = intake.listing, intake.entry
    made = Draft()
    if entry is not None or listing is not None:
        made = draft(
            proposal, catalog=catalog, listing=listing, entry=entry, is_thorough=is_thorough
        )
    findings = check(
        proposal,
        catalog=catalog,
        listing=listing,
        entry=entry,
        base=intake.base or base_of(catalog, entry),
        policy=policy,
        submission=submission,
    )
    told = {finding.field for finding in findings if finding.severity == Severity.BLOCK}
    findings += [finding for finding in made.findings if finding.field not in told]
    return Look(proposal, made, findings)
