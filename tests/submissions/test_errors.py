"""What a refusal is answered with: one status and one set of details, whoever asks."""

from typing import Any

import pytest

from accounts.limits import TooMany
from catalog.errors import CatalogError, InvalidField
from catalog.history.change_feed import AheadOfCatalog
from catalog.markdown.linting import Finding, Severity
from submissions.errors import EditConflict, FindingsBlock, InvalidTransition, status_of
from submissions.models import Submission
from submissions.publishing.planning import Conflict

LONG = Finding("too-long", Severity.BLOCK, {"field": "Name", "length": 9, "limit": 8}, field="name")
TOO_LONG = "“Name” has 9 characters; the limit is 8."


def all_errors(base: type[CatalogError] = CatalogError) -> list[type[CatalogError]]:
    return [base, *(each for kind in base.__subclasses__() for each in all_errors(kind))]


def test_every_refusal_has_its_status() -> None:
    statuses: dict[int, set[str]] = {}
    for kind in all_errors():
        if kind.__module__.partition(".")[0] in {"catalog", "submissions", "accounts"}:
            statuses.setdefault(status_of(kind.__new__(kind)), set()).add(kind.code)
    conflicts = {"invalid_transition", "stale_submission", "edit_conflict", "conflict"}
    conflicts |= {"idempotency_key_reused", "not_taken"}
    not_taken = {"address_taken", "edit_refused", "findings_block"}
    assert statuses[409] == conflicts | not_taken | {"merge_conflict", AheadOfCatalog.code}
    assert statuses[401] == {"invalid_token"}
    assert statuses[403] == {"not_allowed", "challenge_needed"}
    assert statuses[404] == {"gone", "not_found"}
    assert statuses[429] == {"too_many"}
    assert {"invalid_field", "unreadable"} <= statuses[400]


@pytest.mark.parametrize(
    ("error", "details"),
    [
        (TooMany("Wait.", 5), {}),
        (InvalidField("", "Nothing would change."), {}),
        (InvalidField("name", "Required."), {"errors": {"name": ["Required."]}}),
        (InvalidTransition("No."), {}),
        (
            InvalidTransition("No.", Submission(status="applied", revision=2)),
            {"status": "applied", "revision": 2},
        ),
        (
            EditConflict(
                "It was changed.",
                [Conflict("cell-1", "a", "b", "c")],
                "0ab",
                Submission(status="pending", revision=1),
            ),
            {
                "status": "pending",
                "revision": 1,
                "conflicts": [{"field": "cell-1", "base": "a", "current": "b", "proposed": "c"}],
                "seen": "0ab",
            },
        ),
        (
            FindingsBlock(
                [
                    Finding(
                        "too-long",
                        Severity.BLOCK,
                        {"field": "Name", "length": 9, "limit": 8},
                        field="name",
                    )
                ]
            ),
            {
                "errors": {"name": [TOO_LONG]},
                "findings": [
                    {
                        "rule": "too-long",
                        "severity": "block",
                        "field": "name",
                        "message": TOO_LONG,
                        "fix": None,
                        "link": "",
                    }
                ],
            },
        ),
    ],
)
def test_details_are_plain_data(error: CatalogError, details: dict[str, Any]) -> None:
    assert error.details() == details
