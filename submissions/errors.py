"""Errors of submissions, besides the refusals of the catalog itself.

`status_of` is how all edges answer a refusal: the status of a page, and of an answer of the API;
`secret` sends an answer to one person alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse

from accounts.limits import TooMany
from accounts.tokens import WrongToken
from catalog.errors import (
    AddressTaken,
    CatalogError,
    EditRefused,
    InvalidField,
    MergeConflict,
    NotFound,
    RevisionConflict,
)
from catalog.markdown.linting import Finding
from catalog.sentences import finding_sentence
from submissions.findings import sent_finding

if TYPE_CHECKING:
    from submissions.models import Submission
    from submissions.publishing.planning import Conflict

__all__ = [
    "ChallengeNeeded",
    "EditConflict",
    "EntryChanged",
    "FindingsBlock",
    "InvalidTransition",
    "KeyReused",
    "NotAllowed",
    "NotTaken",
    "StaleSubmission",
    "TooMany",
    "status_of",
]


class NotAsRead(CatalogError):
    """Base of what depends on how far a submission is; says what it is now, where it is known."""

    def __init__(self, message: str, submission: Submission | None = None) -> None:
        super().__init__(message)
        self.submission = submission

    def details(self) -> dict[str, Any]:
        """`status` and `revision`."""
        if self.submission is None:
            return {}
        return {"status": self.submission.status, "revision": self.submission.revision}


class InvalidTransition(NotAsRead):
    """The verb is not for the status the submission has (409)."""

    code = "invalid_transition"


class StaleSubmission(NotAsRead):
    """The submission was changed or decided by somebody else in the meantime (409); tells by
    whom."""

    code = "stale_submission"


class NotAllowed(CatalogError):
    """This person may not do that (403)."""

    code = "not_allowed"


class EditConflict(NotAsRead):
    """The entry was changed underneath (409); nothing was written.

    `conflicts` say of each field what it was, is, and should be; `seen` names the version of the
    entry they were read from, and has to come back with the resolution.
    """

    code = "edit_conflict"

    def __init__(
        self,
        message: str,
        conflicts: Sequence[Conflict],
        seen: str = "",
        submission: Submission | None = None,
    ) -> None:
        super().__init__(message, submission)
        self.conflicts = list(conflicts)
        self.seen = seen

    @property
    def fields(self) -> list[str]:
        """The names of the fields."""
        return [conflict.field for conflict in self.conflicts]

    def details(self) -> dict[str, Any]:
        """`conflicts` and `seen` besides."""
        conflicts = [conflict._asdict() for conflict in self.conflicts]
        return {**super().details(), "conflicts": conflicts, "seen": self.seen}


class FindingsBlock(CatalogError):
    """Findings stand in the way (409; 400 where a form is shown again)."""

    code = "findings_block"

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(finding_sentence(findings[0]))
        self.findings = list(findings)

    def details(self) -> dict[str, Any]:
        """The findings, and their sentences by field."""
        errors: dict[str, list[str]] = {}
        for finding in self.findings:
            if finding.field:
                errors.setdefault(finding.field, []).append(finding_sentence(finding))
        return {"errors": errors, "findings": [sent_finding(finding) for finding in self.findings]}


class ChallengeNeeded(CatalogError):
    """A proof of work is missing, wrong or used (403); `challenge` is a new one to solve."""

    code = "challenge_needed"

    def __init__(self, message: str, challenge: dict[str, Any]) -> None:
        super().__init__(message)
        self.challenge = challenge

    def details(self) -> dict[str, Any]:
        """The challenge."""
        return {"challenge": self.challenge}


class NotTaken(InvalidField):
    """The request is well-formed, but the list does not take it as it stands (409)."""

    code = "not_taken"


class EntryChanged(EditConflict):
    """The entry is not as the client read it (409); `entry` is what it is now."""

    def __init__(
        self, message: str, conflicts: Sequence[Conflict], seen: str, entry: dict[str, Any]
    ) -> None:
        super().__init__(message, conflicts, seen)
        self.entry = entry

    def details(self) -> dict[str, Any]:
        """The entry besides."""
        return {**super().details(), "entry": self.entry}


class KeyReused(CatalogError):
    """The key of a request that may be sent again was used for another one (409)."""

    code = "idempotency_key_reused"


_STATUS: dict[type[CatalogError], int] = {
    TooMany: 429,
    WrongToken: 401,
    NotAllowed: 403,
    ChallengeNeeded: 403,
    NotFound: 404,
    InvalidTransition: 409,
    StaleSubmission: 409,
    EditConflict: 409,
    KeyReused: 409,
    RevisionConflict: 409,
    MergeConflict: 409,
    # What was sent is well-formed; the list as it stands, or its rules, do not take it.
    NotTaken: 409,
    AddressTaken: 409,
    EditRefused: 409,
    FindingsBlock: 409,
}


def status_of(error: CatalogError) -> int:
    """The HTTP status of an answer that refuses something for this."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)


def secret(response: HttpResponse) -> HttpResponse:
    """Keep a page whose address is a secret out of caches, indexes and other sites' logs.

    Not `no-referrer`: browsers would send `Origin: null` along with the page's own forms, which
    are then taken for forged ones. To other sites nothing is told either way.
    """
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "private, no-store"
    return response
