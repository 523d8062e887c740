"""What can go wrong with a submission, besides the refusals of the catalog itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from accounts.limits import TooMany
from catalog.errors import CatalogError

__all__ = [
    "ChallengeNeeded",
    "EditConflict",
    "FindingsBlock",
    "InvalidTransition",
    "NotAllowed",
    "StaleSubmission",
    "TooMany",
]

if TYPE_CHECKING:
    from submissions.checks.finding import Finding
    from submissions.publishing.merging import Conflict


class InvalidTransition(CatalogError):
    """The verb is not for the status the submission has (409)."""

    code = "invalid_transition"


class NotAllowed(CatalogError):
    """This person may not do that (403)."""

    code = "not_allowed"


class StaleSubmission(CatalogError):
    """Somebody else changed or decided the submission in the meantime (409); says who did what."""

    code = "stale_submission"


class EditConflict(CatalogError):
    """What the submission would change was changed underneath (409); nothing was written.

    `conflicts` say of each field what it was, is, and should be; `seen` names the version of the
    entry they were read from, and has to come back with the resolution.
    """

    code = "edit_conflict"

    def __init__(self, message: str, conflicts: Sequence[Conflict], seen: str = "") -> None:
        super().__init__(message)
        self.conflicts = list(conflicts)
        self.seen = seen

    @property
    def fields(self) -> list[str]:
        """The names of the fields."""
        return [conflict.field for conflict in self.conflicts]


class FindingsBlock(CatalogError):
    """Findings stand in the way (400)."""

    code = "findings_block"

    def __init__(self, message: str, findings: Sequence[Finding]) -> None:
        super().__init__(message)
        self.findings = list(findings)


class ChallengeNeeded(CatalogError):
    """A proof of work is missing, wrong or used (403); the form has to come with a new one."""

    code = "challenge_needed"
