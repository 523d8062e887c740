"""Proposing over the API: the same rules as on the site, told to a program."""

from dataclasses import replace
from typing import Any

import altcha
import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.tokens import Scope
from catalog.exporting import export_markdown
from catalog.models import Catalog, Entry
from submissions.choices import Challenge, WhoMaySubmit
from submissions.models import ContributionPolicy, Submission
from tests.api.submissions.bodies import about, addition, bodies
from tests.api.submissions.callers import Caller, caller
from tests.submission_factories import (
    edit,
    entry_called,
    list_of,
    make_tools,
    make_user,
)

pytestmark = pytest.mark.django_db


def policy(catalog: Catalog, **fields: Any) -> None:
    ContributionPolicy.objects.create(catalog=catalog, **fields)


def stored() -> list[tuple[str, str, dict[str, Any]]]:
    rows = Submission.objects.order_by("pk")
    return [(row.kind, row.status, row.proposal) for row in rows]


@pytest.mark.usefixtures("unlimited")
def test_every_kind_is_proposed(catalog: Catalog, ada: Caller) -> None:
    sent = bodies(catalog)
    answers = {kind: ada.post("submissions/", body) for kind, body in sent.items()}

    assert {kind: answer.status for kind, answer in answers.items()} == dict.fromkeys(sent, 201)
    proposals: list[dict[str, Any]] = [
        {"name": "Omega", "url": "https://omega.example", "description": "New."},
        {"cells": {"1": "8B"}},
        {"first": True},
        {"reason": "Removed."},
        {"report": "dead-link", "evidence": "404"},
    ]
    assert stored() == [
        (kind, "pending", {"kind": kind, **proposal})
        for kind, proposal in zip(sent, proposals, strict=True)
    ]
    for answer in answers.values():
        assert answer.headers["Location"] == answer.data["api_url"]
        assert ada.get(answer.data["api_url"].removeprefix("http://testserver")).status == 200
    assert {row.submitter for row in Submission.objects.all()} == {ada.user}


def test_sent_twice_it_is_one_submission(catalog: Catalog, nobody: Caller) -> None:
    first, again = [nobody.post("submissions/", addition(catalog)) for _ in range(2)]

    assert (first.status, again.status) == (201, 200)
    assert first.data == again.data
    assert Submission.objects.count() == 1


@pytest.mark.usefixtures("unlimited")
def test_dry_run_finds_what_sending_finds_and_stores_nothing(catalog: Catalog, ada: Caller) -> None:
    before = export_markdown(catalog)
    for body in bodies(catalog).values():
        dry = ada.post("submissions/?dry_run=1", body, Idempotency_Key="same")
        assert Submission.objects.count() == 0
        sent = ada.post("submissions/", body)
        assert dry.status == 200
        assert list(dry.data) == ["findings", "is_blocked", "diff", "rendered"]
        assert dry.data["findings"] == sent.data["findings"]
        assert dry.data["is_blocked"] is False
        assert dry.data["diff"] == sent.data["diff"]
        assert dry.data["rendered"] == sent.data["rendered"]
        Submission.objects.get().events.all()._raw_delete("default")
        Submission.objects.all().delete()
    assert export_markdown(catalog) == before


def test_dry_run_shows_the_exact_lines(catalog: Catalog, nobody: Caller) -> None:
    answer = nobody.post("submissions/?dry_run=1", about("Gamma", "edit", cells={"1": "8B"}))

    lines = [(line["sign"], line["text"]) for hunk in answer.data["diff"]["hunks"] for line in hunk]
    assert [line for line in lines if line[0] != " "] == [
        ("-", "| [Gamma](https://gamma.example) | 7B | MIT |"),
        ("+", "| [Gamma](https://gamma.example) | 8B | MIT |"),
    ]
    cells = [
        [cell["html"] for cell in answer.data["rendered"][side]["cells"]][1:]
        for side in ("before", "after")
    ]
    assert cells == [["7B", "MIT"], ["8B", "MIT"]]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"name": ""}, "required"),
        ({"url": "https://alpha.example"}, "url-in-listing"),
        ({"url": "ftp://omega.example"}, "url-invalid"),
        ({"description": "Two\nlines."}, "line-break"),
        ({"cells": {"9": "x"}}, "unwritable"),
    ],
)
def test_findings_that_block_refuse_with_their_words(
    catalog: Catalog, nobody: Caller, fields: dict[str, Any], rule: str
) -> None:
    dry = nobody.post("submissions/?dry_run=1", addition(catalog, **fields))
    sent = nobody.post("submissions/", addition(catalog, **fields))

    assert (dry.status, dry.data["is_blocked"]) == (200, True)
    assert sent.code == (409, "findings_block")
    assert rule in [finding["rule"] for finding in sent.data["findings"]]
    assert all(finding in dry.data["findings"] for finding in sent.data["findings"])
    assert Submission.objects.count() == 0


def test_reason_lets_a_repeated_address_pass(catalog: Catalog, nobody: Caller) -> None:
    body = addition(catalog, url="https://alpha.example", reason="Another edition.")

    assert nobody.post("submissions/", body).status == 201


NOT_TAKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no place": ({"listing": None}, "listing"),
    "no address": ({"url": None}, "url"),
    "no such facet": ({"add_tags": ["colour:red"]}, "add_tags"),
    "no change": ({"kind": "edit", "entry": "Alpha"}, ""),
    "nowhere": ({"kind": "move", "entry": "Alpha"}, "target"),
    "nothing said": ({"kind": "report", "entry": "Alpha", "report": "wrong"}, "evidence"),
}


@pytest.mark.parametrize(("fields", "named"), NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_what_the_list_does_not_take_is_reported_at_its_field(
    catalog: Catalog, nobody: Caller, fields: dict[str, Any], named: str
) -> None:
    body = addition(catalog, **fields) if "kind" not in fields else dict(fields)
    if "entry" in body:
        body["entry"] = entry_called(body["entry"]).pk
    for address in ("submissions/", "submissions/?dry_run=1"):
        answer = nobody.post(address, body)

        assert answer.code == (409, "not_taken")
        assert list(answer.data["errors"]) == ([named] if named else [])
    assert Submission.objects.count() == 0


def test_what_is_not_there_is_404(catalog: Catalog, nobody: Caller) -> None:
    other = make_tools("other")
    hidden = Catalog.objects.create(slug="hidden", title="Hidden")
    removed = entry_called("Delta", catalog)
    Entry.objects.filter(pk=removed.pk).update(
        state="removed", removed_at=timezone.now(), block=None
    )
    sent = [
        {**addition(catalog), "catalog": "toolz"},
        {**addition(catalog), "catalog": hidden.slug},
        addition(catalog, listing=list_of(other).pk),
        addition(catalog, after=entry_called("Alpha", other).pk),
        {"kind": "remove", "entry": 10**12, "reason": "Gone."},
        {"kind": "remove", "entry": removed.pk, "reason": "Gone."},
        {"kind": "move", "entry": entry_called("Alpha", catalog).pk, "target": list_of(other).pk},
    ]

    answers = [nobody.post("submissions/", body) for body in sent]

    assert [answer.code for answer in answers] == [(404, "not_found")] * len(sent)
    assert answers[0].data["detail"] == "There is no catalog toolz: did you mean tools?"
    assert Submission.objects.count() == 0


def test_entry_that_changed_since_it_was_read_is_not_overwritten(
    catalog: Catalog, nobody: Caller, mo: Caller
) -> None:
    beta = entry_called("Beta")
    body = about("Beta", "edit", description="Mine.", entry_revision=beta.updated_revision)
    row = edit("Beta", description="Theirs.")
    mo.post(f"moderation/submissions/{row.pk}/approve/", {"expected_revision": 1})

    answer = nobody.post("submissions/", body)

    now = entry_called("Beta").updated_revision
    assert answer.code == (409, "edit_conflict")
    assert answer.data["entry"] == {
        "id": beta.pk,
        "revision": now,
        "name": "Beta",
        "url": "https://beta.example",
        "description": "Theirs.",
        "cells": {},
        "tags": ["topic:editors"],
    }
    assert answer.data["conflicts"] == [
        {"field": "description", "base": "", "current": "Theirs.", "proposed": "Mine."}
    ]
    assert nobody.post("submissions/", {**body, "entry_revision": now}).status == 201


# Who may


WHO: dict[str, dict[WhoMaySubmit, tuple[int, str]]] = {
    "nobody": {
        WhoMaySubmit.OPEN: (201, "pending"),
        WhoMaySubmit.CONFIRMED_EMAIL: (201, "unconfirmed"),
        WhoMaySubmit.SIGNED_IN: (403, "not_allowed"),
        WhoMaySubmit.CLOSED: (403, "not_allowed"),
    },
    "ada": {
        WhoMaySubmit.OPEN: (201, "pending"),
        WhoMaySubmit.CONFIRMED_EMAIL: (201, "pending"),
        WhoMaySubmit.SIGNED_IN: (201, "pending"),
        WhoMaySubmit.CLOSED: (403, "not_allowed"),
    },
}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("admitted", WhoMaySubmit)
def test_list_says_who_may(
    catalog: Catalog, nobody: Caller, ada: Caller, who: str, admitted: WhoMaySubmit
) -> None:
    policy(catalog, who_may_submit=admitted)
    sender = {"nobody": nobody, "ada": ada}[who]

    dry = sender.post("submissions/?dry_run=1", addition(catalog))
    answer = sender.post("submissions/", addition(catalog, email="grace@people.example"))

    status, answers = WHO[who][admitted]
    assert (answer.status, answer.data.get("status") or answer.data["code"]) == (status, answers)
    assert dry.status == (200 if status == 201 else 403)


def test_address_is_confirmed_by_what_was_mailed(
    catalog: Catalog, nobody: Caller, django_capture_on_commit_callbacks: Any
) -> None:
    from submissions.rules import confirmation_for

    policy(catalog, who_may_submit=WhoMaySubmit.CONFIRMED_EMAIL)
    assert nobody.post("submissions/", addition(catalog)).code == (409, "not_taken")
    row = nobody.post("submissions/", addition(catalog, email="grace@people.example")).data
    secret = confirmation_for(Submission.objects.get())
    wrong = nobody.post(f"submissions/{row['token']}/confirm/", {"confirmation": f"{secret}x"})
    right = nobody.post(f"submissions/{row['token']}/confirm/", {"confirmation": secret})

    assert (wrong.code, wrong.data["status"]) == ((409, "invalid_transition"), "unconfirmed")
    assert (right.status, right.data["status"], right.data["revision"]) == (200, "pending", 2)
    assert len(mail.outbox) == 0


def test_consent_is_required_where_the_list_has_a_licence(nobody: Caller) -> None:
    catalog = make_tools(license="CC0-1.0")

    refused = nobody.post("submissions/", addition(catalog))
    taken = nobody.post("submissions/", addition(catalog, consent=True))

    assert refused.code == (409, "not_taken")
    assert list(refused.data["errors"]) == ["consent"]
    assert taken.status == 201
    assert Submission.objects.get().licence == "CC0-1.0"


def test_scope_of_the_token_counts(catalog: Catalog) -> None:
    reader = caller(make_user(), Scope.READ)
    writer = caller(make_user("grace"), Scope.SUBMIT)

    assert reader.post("submissions/", addition(catalog)).code == (403, "insufficient_scope")
    assert reader.get("submissions/").status == 200
    assert writer.post("submissions/", addition(catalog)).status == 201
    assert writer.get("submissions/").code == (403, "insufficient_scope")
    assert replace(reader, secret="lw_wrong").post("submissions/", {}).code == (
        401,
        "invalid_token",
    )
    assert Caller().get("submissions/").code == (401, "not_authenticated")


# Limits


def test_open_submissions_of_nobody_are_capped(catalog: Catalog, nobody: Caller) -> None:
    second = addition(catalog, name="Psi", url="https://psi.example")

    assert nobody.post("submissions/", addition(catalog)).status == 201
    answer = nobody.post("submissions/", second)
    dry = nobody.post("submissions/?dry_run=1", second)

    assert answer.code == (429, "too_many")
    assert "Retry-After" not in answer.headers
    assert dry.status == 200


def test_limit_says_how_long_to_wait(catalog: Catalog, nobody: Caller) -> None:
    refused = [
        answer
        for number in range(70)
        if (
            answer := nobody.post(
                "submissions/",
                addition(catalog, name=f"N {number}", url=f"https://{number}.example"),
            )
        ).status
        == 429
    ]

    assert int(refused[-1].headers["Retry-After"]) > 0
    assert "try again in" in refused[-1].data["detail"]


def test_proof_of_work_comes_with_the_refusal(catalog: Catalog, nobody: Caller) -> None:
    policy(catalog, challenge=Challenge.ALWAYS)

    refused = nobody.post("submissions/", addition(catalog))

    assert refused.code == (403, "challenge_needed")
    challenge = altcha.Challenge.from_dict(refused.data["challenge"])
    solution = altcha.solve_challenge(challenge)
    assert solution
    payload = altcha.Payload(challenge, solution).to_base64()
    again = addition(catalog, solution=payload)
    assert nobody.post("submissions/", again).status == 201
    other = addition(catalog, name="Psi", url="https://psi.example", solution=payload)
    assert nobody.post("submissions/", other).code == (403, "challenge_needed")


def test_signed_in_people_need_no_proof(catalog: Catalog, ada: Caller) -> None:
    policy(catalog, challenge=Challenge.ALWAYS)

    assert ada.post("submissions/", addition(catalog)).status == 201


def test_unknown_parameter_is_refused(catalog: Catalog, nobody: Caller) -> None:
    answer = nobody.post("submissions/?dryrun=1", addition(catalog))

    assert answer.code == (400, "unknown_parameter")
    assert nobody.post("submissions/?dry_run=yes", addition(catalog)).code == (400, "invalid")
    assert Submission.objects.count() == 0


def test_session_needs_the_token_against_forged_forms(catalog: Catalog, ada: Caller) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert ada.user
    browser.force_login(ada.user)
    by_session = Caller(client=browser)

    assert by_session.get("submissions/").status == 200
    assert by_session.post("submissions/", addition(catalog)).code == (403, "permission_denied")
    # Who is nobody has nothing that could be forged.
    assert (
        Caller(client=Client(enforce_csrf_checks=True))
        .post("submissions/", addition(catalog))
        .status
        == 201
    )


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "submissions/",
        "submissions/xxxxxxxxxxxxxxxxxxxxxxxx/",
        "moderation/submissions/",
        "moderation/submissions/1/",
    ],
)
def test_methods_that_there_are_not_are_refused_as_such(
    nobody: Caller, method: str, path: str
) -> None:
    answer = nobody.call(method, path, {})

    assert answer.code == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]
