"""What the schema says of bodies, against what the API takes."""

import re
from importlib import import_module
from typing import Any

import pytest

from catalog.models import Catalog
from config.views import document
from submissions.api.bodies import TAG_PATTERN
from tests.api.submissions.bodies import addition, bodies
from tests.api.submissions.callers import Caller
from tests.effort import IS_LONG
from tests.submission_factories import submit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]


# It comes with the generator of the schema, without types.
jsonschema: Any = import_module("jsonschema")


def validator(name: str) -> Any:
    """Of one of the schema's components; the others are where they refer to."""
    return jsonschema.Draft202012Validator(
        {**document(), "$ref": f"#/components/schemas/{name}"},
        format_checker=jsonschema.FormatChecker(),
    )


def says(validate: Any, value: Any) -> bool:
    return not list(validate.iter_errors(value))


VALUES: list[Any] = [
    None,
    True,
    0,
    1,
    1.0,
    1.5,
    2**63,
    "",
    " ",
    "x",
    "a:b",
    "\x00",
    [],
    ["a:b"],
    {},
]
VALUES += [{"0": "x"}, {"01": "x"}, {"0": None}, "add", "en", "dead-link", "2030-01-31"]
STEP = 1 if IS_LONG else 7
"""Of so many values each field is sent one, the next field the next one."""


@pytest.mark.parametrize("text", ["\x1c:b", "a:\x1f", "\x85:b", " :b"])
def test_tag_of_blanks_is_none_in_any_dialect_of_patterns(text: str) -> None:
    # Elsewhere \s means fewer characters than in Python, as it does here with re.ASCII.
    assert [re.match(TAG_PATTERN, text, flags) for flags in (re.NOFLAG, re.ASCII)] == [None, None]


def test_schema_and_api_agree_on_every_field(catalog: Catalog, nobody: Caller) -> None:
    proposed = validator("ProposedRequest")
    disagreed = []
    for kind, body in bodies(catalog).items():
        assert says(proposed, body), kind
        others = "note", "credit", "email", "consent", "language", "listing", "unknown"
        for number, name in enumerate((*body, *others)):
            for value in VALUES[number % STEP :: STEP]:
                sent = {**body, name: value}
                if name == "entry_revision":
                    continue
                is_taken = nobody.post("submissions/?dry_run=1", sent).status != 400
                if says(proposed, sent) != is_taken:
                    disagreed.append((kind, name, value, is_taken))
    assert disagreed == [], "\n".join(map(str, disagreed))


def test_schema_and_api_agree_on_decisions(catalog: Catalog, mo: Caller) -> None:
    row = submit(catalog)
    disagreed = []
    decisions = {
        "approve": ("ApprovalRequest", ["action", "seen", "resolution", "replacement_url"]),
        "amend": ("AmendmentRequest", ["name", "cells", "listing", "placing", "report", "after"]),
        "reject": ("RejectionRequest", ["reason", "come_back_after", "duplicate_of"]),
        "request-changes": ("QuestionRequest", ["note", "internal_note"]),
    }
    needed: dict[str, Any] = {"reject": {"reason": "x"}, "request-changes": {"note": "Why?"}}
    for verb, (schema, names) in decisions.items():
        validate = validator(schema)
        for number, name in enumerate(["expected_revision", "note", "unknown", *names]):
            for value in VALUES[number % STEP :: STEP]:
                sent = {"expected_revision": 99, **needed.get(verb, {}), name: value}
                answer = mo.post(f"moderation/submissions/{row.pk}/{verb}/", sent)
                if name == "expected_revision" and value == 1:
                    continue
                if says(validate, sent) != (answer.status != 400):
                    disagreed.append((verb, name, value, answer.status))
    assert disagreed == [], "\n".join(map(str, disagreed))


def test_answers_are_as_described(catalog: Catalog, nobody: Caller, mo: Caller) -> None:
    sent = nobody.post("submissions/", addition(catalog))
    dry = nobody.post(
        "submissions/?dry_run=1", addition(catalog, name="Psi", url="https://p.example")
    )
    key = sent.data["id"]
    answers = {
        "Tracked": [sent, nobody.get(f"submissions/{sent.data['token']}/")],
        "DryRun": [dry],
        "Dossier": [
            mo.get(f"moderation/submissions/{key}/"),
            mo.post(f"moderation/submissions/{key}/claim/"),
            mo.post(f"moderation/submissions/{key}/approve/", {"expected_revision": 1}),
        ],
        "PaginatedQueuedList": [mo.get("moderation/submissions/?status=all")],
        "PaginatedListedList": [mo.get("submissions/")],
    }
    for name, shown in answers.items():
        for answer in shown:
            errors = [error.message for error in validator(name).iter_errors(answer.data)]
            assert errors == [], name
            assert (
                answer.data.keys() == document()["components"]["schemas"][name]["properties"].keys()
            )
