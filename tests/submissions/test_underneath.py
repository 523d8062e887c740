"""Proposals whose entry is changed in the meantime, by every way in: nothing is overwritten unseen.

Sequences of verbs with a maintainer's edits of the same field between them, beside a plain model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, TestCase
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from catalog.editing.entries import change_entry
from catalog.errors import InvalidField
from catalog.history.revisions import Author
from catalog.models import Entry
from submissions import workflow
from submissions.choices import OPEN, Status
from submissions.errors import EditConflict
from submissions.models import Kind, Submission
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.publishing.planning import base_of, version_of
from tests.api.submissions.callers import Caller, caller
from tests.effort import IS_LONG
from tests.submission_factories import (
    edit,
    entry_called,
    holder_of,
    make_moderator,
    make_tools,
)
from tests.submissions.admin.moderation import opened, signed_in, url

pytestmark = pytest.mark.django_db

FIELD = "description"
TIMES = 20 if IS_LONG else 1

PENDING, REQUESTED, CLOSED, APPLIED = "pending", "asked", "closed", "applied"
SOURCES = {
    "write": {PENDING, REQUESTED, CLOSED, APPLIED},
    "write the same": {PENDING, REQUESTED, CLOSED, APPLIED},
    "ask": {PENDING},
    "answer": {REQUESTED},
    "answer, having seen": {REQUESTED},
    "correct": {PENDING, CLOSED},
    "correct, having seen": {PENDING, CLOSED},
    "withdraw": {PENDING, REQUESTED},
    "reject": {PENDING, REQUESTED},
    "reopen": {CLOSED},
    "approve": {PENDING},
    "approve, deciding": {PENDING},
    "amend": {PENDING},
    "amend, deciding": {PENDING},
    "amend something else": {PENDING},
    "undo": {APPLIED, REQUESTED},
}
"""What may be done, and where the submission then has to stand."""
STATES = {
    Status.PENDING: PENDING,
    Status.CHANGES_REQUESTED: REQUESTED,
    Status.WITHDRAWN: CLOSED,
    Status.REJECTED: CLOSED,
    Status.APPLIED: APPLIED,
}


@dataclass
class Model:
    """One field of an entry, and one proposal to change it, without anything around."""

    now: str
    proposed: str
    base: str
    state: str = PENDING
    before: tuple[str, str] = ("", "")
    """What stood and what was proposed before the last publishing."""
    after: str = ""

    @property
    def is_in_conflict(self) -> bool:
        return self.now not in {self.base, self.proposed}

    @property
    def marks(self) -> list[str]:
        return [FIELD] if self.is_in_conflict and self.state in {PENDING, REQUESTED} else []

    def publish(self, text: str, *, proposed: str = "") -> None:
        self.before = self.now, self.proposed
        self.now = self.after = text
        self.proposed = proposed or self.proposed
        self.state = APPLIED

    def do(self, step: str, text: str, *, shows_conflicts: bool) -> bool:
        """Do it, unless it would overwrite what nobody has looked at; whether it was done."""
        match step:
            case "write":
                self.now = text
            case "write the same":
                self.now = self.proposed
            case "ask":
                self.state = REQUESTED
            case "answer" | "correct":
                self.proposed, self.state = text, PENDING
            case "answer, having seen" | "correct, having seen":
                self.proposed, self.state, self.base = text, PENDING, self.now
            case "withdraw" | "reject":
                self.state = CLOSED
            case "reopen":
                self.state = PENDING
            case "approve" | "amend something else" if self.is_in_conflict:
                return False
            case "amend something else" if self.now == self.proposed:
                return False  # It would change nothing.
            case "approve" | "amend something else":
                self.publish(self.proposed)
            case "amend" if self.is_in_conflict:
                return False
            case "amend" if not shows_conflicts and self.now != self.base:
                return False
            case "amend" | "amend, deciding":
                self.publish(text, proposed=text)
            case "approve, deciding":
                self.publish(text)
            case "undo" if self.state == REQUESTED:
                self.state = PENDING
            case "undo":
                if self.now not in {self.after, self.before[0]}:
                    return False
                self.now, self.proposed = self.before
                self.state = PENDING
        return True


@dataclass
class Verbs:
    """The functions of the workflow."""

    moderator: Actor
    row: Submission = field(init=False)
    shows_conflicts = False

    @property
    def seen(self) -> str:
        return version_of(base_of(self.row.catalog, entry_called("Alpha")))

    def do(self, step: str, text: str) -> bool:
        """Whether it was done; False where it was refused."""
        given: dict[str, Any] = {"submission": self.row, "actor": self.moderator}
        own = {**given, "actor": holder_of(self.row)}
        proposal = Proposal(kind=Kind.EDIT, description=text)
        other = Proposal.from_json(self.row.proposal | {"reason": f"Since {text}"})
        try:
            match step:
                case "ask":
                    workflow.request_changes(**given, note="Why?")
                case "answer" | "correct":
                    workflow.resubmit(**own, proposal=proposal)
                case "answer, having seen" | "correct, having seen":
                    workflow.resubmit(**own, proposal=proposal, seen=self.seen)
                case "withdraw":
                    workflow.withdraw(**own)
                case "reject":
                    workflow.reject(**given, reason="quality")
                case "reopen":
                    workflow.reopen(**given)
                case "approve":
                    workflow.approve(**given)
                case "approve, deciding":
                    workflow.approve(**given, resolution={FIELD: text}, seen=self.seen)
                case "amend":
                    workflow.amend(**given, proposal=proposal)
                case "amend, deciding":
                    workflow.amend(**given, proposal=proposal, seen=self.seen)
                case "amend something else":
                    workflow.amend(**given, proposal=other, seen=self.seen)
                case "undo":
                    workflow.undo(**given)
        except (EditConflict, InvalidField):
            return False
        return True


@dataclass
class Pages(Verbs):
    """The contributor's pages and the administration, as browsers without scripts use them."""

    shows_conflicts = True
    site: Client = field(default_factory=Client)
    admin: Client = field(init=False)

    def __post_init__(self) -> None:
        assert self.moderator.user
        self.admin = signed_in(self.moderator.user)

    def do(self, step: str, text: str) -> bool:
        match step:
            case "ask":
                return self.decide("ask", note="Why?")
            case "answer" | "answer, having seen" | "correct" | "correct, having seen":
                return self.answer(text, goes_on="seen" in step)
            case "withdraw" | "reopen":
                address = self.row.get_absolute_url()
                data = {"do": step, "revision": self.row.revision}
                return self.site.post(address, data).status_code == 302
            case "reject":
                return self.decide("reject", reason="quality")
            case "approve":
                return self.decide("approve")
            case "approve, deciding":
                picks = {f"pick-{FIELD}": "own", f"own-{FIELD}": text}
                if not self.row.conflicts:
                    return super().do(step, text)
                return self.decide("approve", **picks)
            case "amend":
                return self.decide("amend", description=text)
            case "amend, deciding":
                return self.decide("amend", description=text, decides="on")
            case "amend something else":
                return self.decide("amend", reason=f"Since {text}")
        response = self.admin.post(
            url("submission_undo"), {"selected": f"{self.row.pk}.{self.row.revision}"}
        )
        assert response.status_code == 302
        return Submission.objects.get(pk=self.row.pk).status == Status.PENDING

    def decide(self, do: str, **typed: str) -> bool:
        sent = {**opened(self.admin, self.row, do), **typed, "do": do}
        sent = {name: value for name, value in sent.items() if value not in {"False", "None"}}
        response = self.admin.post(url("submission_decide", self.row.pk), sent)
        assert response.status_code in {302, 400, 409}
        return response.status_code == 302

    def answer(self, text: str, *, goes_on: bool) -> bool:
        address = reverse("contribute:submission-answer", args=[self.row.token])
        form = self.site.get(address).context["form"]
        for do in ["go-on"] if goes_on else []:
            form = self.site.post(address, {**self.values(form), "do": do}).context["form"]
        sent = {**self.values(form), FIELD: text, "do": "send"}
        response = self.site.post(address, {**sent, "revision": self.row.revision})
        assert response.status_code == 302, response.context["form"].errors
        return True

    @staticmethod
    def values(form: Any) -> dict[str, str]:
        return {bound.html_name: bound.value() or "" for bound in form}


@dataclass
class Api(Verbs):
    """A contributor's program that has the secret, and a moderator's."""

    nobody: Caller = field(default_factory=Caller)
    mo: Caller = field(init=False)

    def __post_init__(self) -> None:
        assert self.moderator.user
        self.mo = caller(self.moderator.user)

    def do(self, step: str, text: str) -> bool:
        read = {"expected_revision": self.row.revision}
        answers = self.mo.get(f"moderation/submissions/{self.row.pk}/").data
        own = self.nobody.get(f"submissions/{self.row.token}/").data
        assert own["conflicts"] == answers["conflicts"]
        seen = {**read, "seen": answers["seen"]}
        entry = {"entry_revision": entry_called("Alpha").updated_revision}
        of_own = {"withdraw": "withdraw"}
        for does in ("answer", "correct"):
            of_own |= {does: "resubmit", f"{does}, having seen": "resubmit"}
        bodies: dict[str, tuple[str, dict[str, Any]]] = {
            "ask": ("request-changes", {**read, "note": "Why?"}),
            "answer": ("", {**read, FIELD: text}),
            "answer, having seen": ("", {**read, **entry, FIELD: text}),
            "correct": ("", {**read, FIELD: text}),
            "correct, having seen": ("", {**read, **entry, FIELD: text}),
            "withdraw": ("", read),
            "reject": ("reject", {**read, "reason": "quality"}),
            "reopen": ("reopen", read),
            "approve": ("approve", read),
            "approve, deciding": ("approve", {**seen, "resolution": {FIELD: text}}),
            "amend": ("amend", {**read, FIELD: text}),
            "amend, deciding": ("amend", {**seen, FIELD: text}),
            "amend something else": ("amend", {**seen, "reason": f"Since {text}"}),
            "undo": ("undo", read),
        }
        verb, body = bodies[step]
        if step in of_own:
            answer = self.nobody.post(f"submissions/{self.row.token}/{of_own[step]}/", body)
        else:
            answer = self.mo.post(f"moderation/submissions/{self.row.pk}/{verb}/", body)
        assert answer.status == 200 or answer.code[1] in {"edit_conflict", "not_taken"}
        return answer.status == 200


def check(steps: list[str], way: Verbs) -> None:
    """Do the steps that are possible, here and in the model, and compare after each."""
    number = 0
    way.row = edit("Alpha", description="Proposed at first.")
    model = Model("Edits text.", "Proposed at first.", "Edits text.")
    for step in steps:
        if model.state not in SOURCES[step]:
            continue
        number += 1
        text = f"Text {number}."
        proposed = model.proposed
        is_done = model.do(step, text, shows_conflicts=way.shows_conflicts)
        with TestCase.captureOnCommitCallbacks(execute=True):
            if step.startswith("write"):
                description = proposed if step == "write the same" else text
                change_entry(entry=entry_called("Alpha"), by=Author(), description=description)
            else:
                assert way.do(step, text) == is_done, step
        way.row = Submission.objects.select_related("catalog").get(pk=way.row.pk)
        stored = STATES[Status(way.row.status)], Entry.objects.get(name="Alpha").description
        marks = way.row.conflicts if way.row.status in OPEN else []
        assert (*stored, marks) == (model.state, model.now, model.marks), step


STEPS = st.lists(st.sampled_from(sorted(SOURCES)), min_size=2, max_size=9)
OVERWRITES = [
    ["ask", "write", "answer", "approve"],
    ["write", "withdraw", "reopen", "approve"],
    ["write", "approve, deciding", "undo", "approve"],
    ["write", "amend something else", "ask", "answer, having seen", "write", "approve"],
    ["write", "correct", "approve"],
    ["write", "withdraw", "correct, having seen", "write", "approve"],
]
"""What overwrote a maintainer's text once, or lost the mark that it would."""


type Test = Callable[..., None]


def some(number: int) -> Callable[[Test], Test]:
    """So many sequences, and those that went wrong once."""

    def decorated(test: Test) -> Test:
        for steps in OVERWRITES:
            test = example(steps=steps)(test)
        unchecked = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
        test = given(steps=STEPS)(test)
        return settings(max_examples=number * TIMES, suppress_health_check=unchecked)(test)

    return decorated


@pytest.fixture
def moderator() -> Actor:
    return make_moderator(make_tools())


@some(8)
def test_nothing_is_overwritten_by_verbs(steps: list[str], moderator: Actor) -> None:
    with transaction.atomic():
        check(steps, Verbs(moderator))
        transaction.set_rollback(True)


@some(5)
def test_nothing_is_overwritten_by_pages(steps: list[str], moderator: Actor) -> None:
    with transaction.atomic():
        check(steps, Pages(moderator))
        transaction.set_rollback(True)


@some(5)
def test_nothing_is_overwritten_by_programs(
    steps: list[str], moderator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.api import ScopeThrottle

    monkeypatch.setattr(ScopeThrottle, "allow_request", lambda *_: True)
    with transaction.atomic():
        check(steps, Api(moderator))
        transaction.set_rollback(True)
