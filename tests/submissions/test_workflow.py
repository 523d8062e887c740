"""Every verb from every status by everybody, as the table says; and what the verbs do besides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.errors import CatalogError, InvalidField, NotFound
from catalog.exporting import export_markdown
from catalog.models import Catalog, Listing
from submissions import workflow
from submissions.choices import DECIDED, Action, Role, Status, Verb
from submissions.errors import InvalidTransition, NotAllowed, StaleSubmission
from submissions.models import ContributionPolicy, DecisionReason, Kind, Submission, SubmissionEvent
from submissions.people import SYSTEM, Actor
from submissions.progress import preview_of
from submissions.proposal import Proposal
from submissions.review_context import read_review_context
from submissions.rules import CONFIRM_WITHIN, confirmation_for
from submissions.verbs.transitions import Transition
from submissions.workflow import FILE_TRANSITIONS, TRANSITIONS
from tests.submission_factories import (
    TEXT,
    edit,
    entry_called,
    holder_of,
    list_of,
    make_moderator,
    make_tools,
    make_user,
    reach,
    submit,
)

pytestmark = pytest.mark.django_db

AMENDED = Proposal(kind=Kind.EDIT, description="Amended.")

CALLS: dict[Verb, Callable[[Submission, Actor], Submission]] = {
    Verb.CONFIRM: lambda row, actor: workflow.confirm(
        submission=row, actor=actor, confirmation=confirmation_for(row)
    ),
    Verb.REQUEST_CHANGES: lambda row, actor: workflow.request_changes(
        submission=row, actor=actor, note="Which one?"
    ),
    Verb.RESUBMIT: lambda row, actor: workflow.resubmit(
        submission=row, actor=actor, proposal=AMENDED
    ),
    Verb.WITHDRAW: lambda row, actor: workflow.withdraw(submission=row, actor=actor),
    Verb.APPROVE: lambda row, actor: workflow.approve(submission=row, actor=actor),
    Verb.AMEND: lambda row, actor: workflow.amend(submission=row, actor=actor, proposal=AMENDED),
    Verb.REJECT: lambda row, actor: workflow.reject(submission=row, actor=actor, reason="quality"),
    Verb.EXPIRE: lambda row, actor: workflow.expire(submission=row, actor=actor),
    Verb.REOPEN: lambda row, actor: workflow.reopen(submission=row, actor=actor),
    Verb.REVERT: lambda row, actor: workflow.revert(submission=row, actor=actor),
    Verb.UNDO: lambda row, actor: workflow.undo(submission=row, actor=actor),
}
"""How each verb is called, by its word; a verb of the table that is missing here fails."""

VERBS = sorted({row.verb for row in TRANSITIONS if row.sources})
TARGETS = {verb: [row.target for row in TRANSITIONS if row.verb == verb] for verb in VERBS}
PEOPLE = [*Role, "stranger", "moderator of another list"]
PEOPLE.remove(Role.FILE)


def somebody(who: str, submission: Submission, moderator: Actor) -> Actor:
    match who:
        case Role.SUBMITTER:
            return holder_of(submission)
        case Role.MODERATOR:
            return moderator
        case Role.SYSTEM:
            return SYSTEM
        case "moderator of another list":
            return make_moderator(make_tools("others"), "elsewhere")
    return Actor(user=make_user("stranger"), token="not-the-token")


NO_TRANSITIONS = {Verb.REMIND, Verb.FOLLOW}


def is_possible(row: Transition, submission: Submission, actor: Actor) -> bool:
    """Whether the row is the one that a submission goes on by."""
    if submission.status not in row.sources:
        return False
    return not (row.when and row.when(submission, actor, row.who[0]))


def test_every_verb_is_called_here() -> None:
    assert sorted(CALLS) == VERBS == sorted({*Verb} - {Verb.SUBMIT, *NO_TRANSITIONS})
    assert {row.verb for row in TRANSITIONS} == {*Verb} - NO_TRANSITIONS


def test_every_status_is_reached_by_the_table() -> None:
    assert {row.target for row in (*TRANSITIONS, *FILE_TRANSITIONS.values())} == {*Status}


@pytest.mark.parametrize(("status", "who"), list(product(Status, PEOPLE)), ids=str)
def test_transitions_are_as_in_the_table(
    status: Status, who: str, subtests: pytest.Subtests
) -> None:
    moderator = make_moderator(make_tools())
    submission = edit("Alpha", description="Edits any text.")
    reach(status, submission, moderator)
    actor = somebody(who, submission, moderator)
    for verb in VERBS:
        with subtests.test(verb=verb), transaction.atomic():
            try_verb(verb, who, submission, actor)
            transaction.set_rollback(True)
        submission.refresh_from_db()


def try_verb(verb: Verb, who: str, submission: Submission, actor: Actor) -> None:
    """Try a verb on a submission; what the table does not allow changes nothing."""
    status = submission.status
    events = list(SubmissionEvent.objects.values())
    [row, *_others] = [
        *(row for row in TRANSITIONS if row.verb == verb and is_possible(row, submission, actor)),
        *(row for row in TRANSITIONS if row.verb == verb),
    ]
    was = Submission.objects.filter(pk=submission.pk).values().get()
    newest = submission.events.last()
    has_just_been_done = newest is not None and (newest.verb, newest.role) == (verb, who)

    if who in row.who and status in row.sources:
        after = CALLS[verb](submission, actor)

        stored = Submission.objects.get(pk=submission.pk)
        assert (after.status, after.revision) == (row.target, was["revision"] + 1)
        assert (stored.status, stored.revision) == (row.target, was["revision"] + 1)
        assert (stored.decided_at is not None) == (row.target in DECIDED)
        event = stored.events.last()
        assert event is not None
        assert (event.verb, event.from_status, event.to_status, event.role) == (
            verb,
            status,
            row.target,
            who,
        )
        assert event.submission_revision == stored.revision
        assert event.snapshot == stored.proposal
        assert SubmissionEvent.objects.count() == len(events) + 1
    elif has_just_been_done and status == row.target:
        assert CALLS[verb](submission, actor).revision == was["revision"]
        assert list(SubmissionEvent.objects.values()) == events
    else:
        expected = InvalidTransition if who in row.who else NotAllowed
        with pytest.raises(expected):
            CALLS[verb](submission, actor)
        assert Submission.objects.filter(pk=submission.pk).values().get() == was
        assert list(SubmissionEvent.objects.values()) == events


@pytest.mark.parametrize("verb", VERBS)
def test_what_was_read_before_somebody_else_acted_is_stale(verb: Verb) -> None:
    moderator = make_moderator(make_tools())
    submission = edit("Alpha", description="Edits any text.")
    workflow.request_changes(submission=submission, actor=moderator, note="Which?")
    actor = somebody(
        next(row for row in TRANSITIONS if row.verb == verb).who[0], submission, moderator
    )
    known: dict[Verb, dict[str, Any]] = {
        Verb.CONFIRM: {"confirmation": confirmation_for(submission)},
        Verb.RESUBMIT: {"proposal": AMENDED},
        Verb.AMEND: {"proposal": AMENDED},
        Verb.REJECT: {"reason": "quality"},
        Verb.REQUEST_CHANGES: {"note": "Which?", "internal_note": ""},
    }
    arguments = known.get(verb, {})
    call = getattr(workflow, verb.replace("-", "_"))
    if verb == Verb.REQUEST_CHANGES:
        workflow.resubmit(submission=submission, actor=holder_of(submission), proposal=AMENDED)

    with pytest.raises(StaleSubmission) as caught:
        call(submission=submission, actor=actor, expected_revision=1, **arguments)

    name = "mo" if verb != Verb.REQUEST_CHANGES else "someone"
    assert name in str(caught.value)


def test_same_decision_twice_is_one_and_another_persons_is_stale() -> None:
    catalog = make_tools()
    first, second = make_moderator(catalog, "first"), make_moderator(catalog, "second")
    submission = edit("Alpha", description="Edits any text.")
    approve = partial(workflow.approve, submission=submission, expected_revision=1)

    approve(actor=first)
    again = approve(actor=first)

    assert (again.status, again.revision) == (Status.APPLIED, 2)
    with pytest.raises(StaleSubmission, match="first"):
        approve(actor=second)
    with pytest.raises(StaleSubmission, match="first"):
        workflow.reject(submission=submission, actor=first, reason="quality", expected_revision=1)
    catalog.refresh_from_db()
    assert catalog.revision == 2


def test_form_sent_twice_is_one_submission() -> None:
    catalog = make_tools()
    grace = Actor(name="Grace", network_hash="n")

    first, again = submit(catalog, grace), submit(catalog, grace)
    other = submit(catalog, Actor(name="Grace", network_hash="m"), reason="Mine.")
    elsewhere = [
        submit(catalog, grace, kind=Kind.REMOVE, entry=entry_called(name), reason="Gone.")
        for name in ("Alpha", "Beta")
    ]

    assert first == again
    assert Submission.objects.count() == len({first, other, *elsewhere}) == 4


# Who is admitted


@pytest.mark.parametrize(
    ("who_may", "actor", "result"),
    [
        ("open", "anonymous", Status.PENDING),
        ("open", "signed in", Status.PENDING),
        ("open", "inactive", NotAllowed),
        ("confirmed-email", "anonymous", InvalidField),
        ("confirmed-email", "with an address", Status.UNCONFIRMED),
        ("confirmed-email", "signed in", Status.PENDING),
        ("signed-in", "with an address", NotAllowed),
        ("signed-in", "signed in", Status.PENDING),
        ("closed", "signed in", NotAllowed),
    ],
)
def test_policy_says_who_is_admitted(who_may: str, actor: str, result: Any) -> None:
    catalog = make_tools()
    ContributionPolicy.objects.create(catalog=catalog, who_may_submit=who_may)
    person = {
        "anonymous": Actor(),
        "with an address": Actor(email="grace@people.example"),
        "signed in": Actor(user=make_user()),
        "inactive": Actor(user=make_user("gone", is_active=False)),
    }[actor]

    if isinstance(result, Status):
        assert submit(catalog, person).status == result
    else:
        with pytest.raises(result):
            submit(catalog, person)
        assert Submission.objects.count() == 0


def test_consent_to_the_licence_is_required_and_stored() -> None:
    catalog = make_tools(license="CC0-1.0")

    with pytest.raises(InvalidField) as caught:
        submit(catalog)
    stored = submit(catalog, consent=True)
    report = submit(catalog, kind=Kind.REPORT, entry=entry_called("Alpha"), report="spam")

    assert caught.value.field == "consent"
    assert (stored.licence, stored.consented_at is not None) == ("CC0-1.0", True)
    assert (report.licence, report.consented_at) == ("", None)


def test_address_is_confirmed_by_its_own_link_alone() -> None:
    catalog = make_tools()
    ContributionPolicy.objects.create(catalog=catalog, who_may_submit="confirmed-email")
    mine = submit(catalog, Actor(email="grace@people.example"))
    other = submit(
        catalog, Actor(email="other@people.example"), name="Other", url="https://o.example"
    )
    confirm = partial(workflow.confirm, submission=mine, actor=holder_of(mine))

    for wrong in ("", "x:y:z", confirmation_for(other)):
        with pytest.raises((InvalidTransition, InvalidField)):
            confirm(confirmation=wrong)

    assert confirm(confirmation=confirmation_for(mine)).status == Status.PENDING


def test_address_that_was_never_confirmed_is_not_reopened() -> None:
    catalog = make_tools()
    ContributionPolicy.objects.create(catalog=catalog, who_may_submit="confirmed-email")
    submission = submit(catalog, Actor(email="grace@people.example"))
    with pytest.raises(InvalidTransition):
        workflow.expire(submission=submission)
    Submission.objects.update(status_at=timezone.now() - CONFIRM_WITHIN - timedelta(hours=1))

    workflow.expire(submission=submission)

    with pytest.raises(InvalidTransition):
        workflow.reopen(submission=submission, actor=holder_of(submission))


# Own submissions


@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.AMEND, Verb.REJECT, Verb.REQUEST_CHANGES])
@pytest.mark.parametrize("how", ["account", "address", "superuser"])
def test_own_submission_is_decided_only_where_the_policy_says_so(verb: Verb, how: str) -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog, is_superuser=how == "superuser")
    author = Actor(email="MO@people.example") if how == "address" else moderator
    submission = edit("Alpha", author, description="Edits any text.")

    with pytest.raises(NotAllowed):
        CALLS[verb](submission, moderator)
    ContributionPolicy.objects.create(catalog=catalog, may_decide_own=True)

    assert CALLS[verb](submission, moderator).status in TARGETS[verb]


def test_superuser_decides_everywhere_and_an_inactive_moderator_in_no_list() -> None:
    catalog = make_tools()
    root = Actor(user=make_user("root", is_superuser=True))
    inactive = make_moderator(catalog, "gone", is_active=False)
    submission = edit("Alpha", description="Edits any text.")

    with pytest.raises(NotAllowed):
        workflow.approve(submission=submission, actor=inactive)

    assert workflow.approve(submission=submission, actor=root).status == Status.APPLIED


# Rejections


def test_rejection_is_appealed_once_by_the_submitter_and_reopened_by_moderators() -> None:
    moderator = make_moderator(make_tools())
    submission = edit("Alpha", description="Edits any text.")
    reject = partial(workflow.reject, submission=submission, actor=moderator, reason="quality")
    reject()

    workflow.reopen(submission=submission, actor=holder_of(submission), note="Look again.")
    reject()

    with pytest.raises(InvalidTransition, match="once"):
        workflow.reopen(submission=submission, actor=holder_of(submission))
    assert workflow.reopen(submission=submission, actor=moderator).status == Status.PENDING


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "no-such"}, "reason"),
        ({"reason": "duplicate"}, "duplicate_of"),
    ],
)
def test_rejection_needs_a_reason_of_the_catalog(arguments: dict[str, Any], field: str) -> None:
    moderator = make_moderator(make_tools())
    submission = edit("Alpha", description="Edits any text.")

    with pytest.raises(InvalidField) as caught:
        workflow.reject(submission=submission, actor=moderator, **arguments)

    assert caught.value.field == field


def test_duplicate_is_linked_and_credited_with_what_it_repeats() -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    first = submit(catalog, Actor(name="Grace"))
    second = submit(catalog, Actor(name="Hedy"), name="Omega!", reason="I found it too.")

    workflow.reject(submission=second, actor=moderator, reason="duplicate")
    workflow.approve(submission=first, actor=moderator)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (second.duplicate_of, second.duplicate_entry) == (first, first.entry)
    assert catalog.revisions.newest_first()[0].credit == "Grace, Hedy"


def test_spam_is_hidden_and_holds_what_else_its_author_sent() -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    spammer = Actor(email="s@spam.example", network_hash="net")
    spam = submit(catalog, spammer)
    more = edit("Alpha", Actor(network_hash="net"), description="Buy text.")
    same_address = edit("Beta", Actor(email="S@spam.example"), description="Buy text.")
    other = edit("Gamma", Actor(network_hash="other"), cells={1: "8B"})

    workflow.reject(submission=spam, actor=moderator, reason="spam")

    held = Submission.objects.filter(is_held=True)
    assert {*held} == {more, same_address}
    assert {*Submission.objects.public()} == {more, same_address, other}
    assert [*Submission.objects.waiting().oldest_first()] == [other, more, same_address]
    workflow.undo(submission=spam, actor=moderator)
    assert not Submission.objects.filter(is_spam=True).exists()


def state_of(submission: Submission) -> tuple[dict[str, Any], list[str], str]:
    """All that its pages read of a submission, and the lines that it would give."""
    row = Submission.objects.get(pk=submission.pk)
    passing = {"revision", "updated_at", "status_at", "checked_at", "published"}
    values = Submission.objects.filter(pk=row.pk).values().get()
    assert row.submitter is None
    review = read_review_context(row, make_user(f"reader {row.revision}"))
    assert preview_of(row) == review.preview
    lines = [*review.preview.removed, *review.preview.added]
    return (
        {name: value for name, value in values.items() if name not in passing},
        lines,
        export_markdown(row.catalog),
    )


UNDONE: dict[str, Callable[[Submission, Actor], Submission]] = {
    "approve": CALLS[Verb.APPROVE],
    "reject": CALLS[Verb.REJECT],
    "duplicate": lambda row, actor: workflow.reject(
        submission=row, actor=actor, reason="duplicate", duplicate_entry=entry_called("Beta")
    ),
    "amend": lambda row, actor: workflow.amend(
        submission=row,
        actor=actor,
        proposal=replace(
            row.content, reason="Other words.", name="!!! Best ever !!!", description=None
        ),
        listing=list_of(row.catalog, Listing.Kind.TABLE),
    ),
}
WAITING: dict[str, Callable[[Catalog], Submission]] = {
    "add": lambda catalog: submit(catalog, description="New."),
    "edit": lambda _: edit("Alpha", description="Edits any text."),
    "move": lambda catalog: submit(catalog, kind=Kind.MOVE, entry=entry_called("Beta"), first=True),
    "remove": lambda catalog: submit(
        catalog, kind=Kind.REMOVE, entry=entry_called("Alpha"), reason="Removed."
    ),
    "report": lambda catalog: submit(
        catalog, kind=Kind.REPORT, entry=entry_called("Alpha"), report="dead-link", evidence="404"
    ),
}


@pytest.mark.parametrize(("kind", "decision"), list(product(WAITING, UNDONE)))
def test_undo_leaves_the_submission_as_before_the_decision(kind: str, decision: str) -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    submission = WAITING[kind](catalog)
    if decision == "amend" and kind in {"remove", "report"}:
        pytest.skip("only its lines are amended")
    before = state_of(submission)

    UNDONE[decision](submission, moderator)
    workflow.undo(submission=submission, actor=moderator)

    assert state_of(submission) == before


def test_standard_reasons_belong_to_each_catalog() -> None:
    catalog = make_tools()
    submit(catalog)

    codes = DecisionReason.objects.filter(catalog=catalog).values_list("code", flat=True)

    assert list(codes) == list(DecisionReason.STANDARD)


# Taking back


def test_undo_is_for_the_decider_within_a_minute() -> None:
    catalog = make_tools()
    decider, other = make_moderator(catalog, "one"), make_moderator(catalog, "two")
    submission = edit("Alpha", description="Edits any text.")
    workflow.approve(submission=submission, actor=decider)

    with pytest.raises(InvalidTransition):
        workflow.undo(submission=submission, actor=other)
    Submission.objects.update(decided_at=timezone.now() - timedelta(seconds=61))
    with pytest.raises(InvalidTransition):
        workflow.undo(submission=submission, actor=decider)
    Submission.objects.update(decided_at=timezone.now() - timedelta(seconds=50))
    after = workflow.undo(submission=submission, actor=decider)

    assert (after.status, after.decided_by, after.applied_revision) == (Status.PENDING, None, None)
    assert export_markdown(catalog) == TEXT


def test_undo_of_an_amendment_gives_the_submitters_version_back() -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    submission = edit("Alpha", Actor(name="Grace"), description="Edits any text.")
    original = submission.proposal

    workflow.amend(submission=submission, actor=moderator, proposal=AMENDED)
    snapshots = [event.snapshot for event in submission.events.oldest_first()]
    credit = catalog.revisions.newest_first()[0].credit
    workflow.undo(submission=submission, actor=moderator)

    submission.refresh_from_db()
    assert snapshots == [original, AMENDED.to_json()]
    assert credit == "Grace, mo"
    assert submission.proposal == original
    assert export_markdown(catalog) == TEXT


# Reports


def report(name: str, actor: Actor) -> Submission:
    entry = entry_called(name)
    return submit(
        entry.catalog, actor, kind=Kind.REPORT, entry=entry, report="dead-link", evidence="404"
    )


def test_reports_on_one_entry_join_the_first_and_are_decided_with_it() -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    first, second, third = [report("Alpha", Actor(network_hash=str(n))) for n in range(3)]
    other = report("Beta", Actor())

    assert [row.joined_to for row in (first, second, third, other)] == [None, first, first, None]
    assert [*Submission.objects.waiting().oldest_first()] == [first, other]
    with pytest.raises(InvalidTransition, match="together"):
        workflow.approve(submission=second, actor=moderator)

    workflow.withdraw(submission=first, actor=holder_of(first))
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.joined_to, third.joined_to) == (None, second)

    workflow.approve(submission=second, actor=moderator, action=Action.REMOVE)
    statuses = {row.pk: row.status for row in Submission.objects.all()}
    assert statuses == {
        first.pk: Status.WITHDRAWN,
        second.pk: Status.APPLIED,
        third.pk: Status.APPLIED,
        other.pk: Status.PENDING,
    }
    assert [event.verb for event in third.events.all()] == [Verb.SUBMIT, Verb.APPROVE]
    catalog.refresh_from_db()
    assert catalog.revision == 2

    workflow.undo(submission=second, actor=moderator)
    third.refresh_from_db()
    assert third.status == Status.PENDING
    assert export_markdown(catalog) == TEXT


def test_rejection_of_a_joined_report_is_appealed_alone() -> None:
    moderator = make_moderator(make_tools())
    first, second = (
        report("Alpha", Actor(network_hash="1")),
        report("Alpha", Actor(network_hash="2")),
    )
    workflow.reject(submission=first, actor=moderator, reason="unclear")

    after = workflow.reopen(submission=second, actor=holder_of(second))

    assert (after.status, after.joined_to) == (Status.PENDING, None)


# Leases and reminders


def test_claim_is_a_lease_that_names_who_has_it() -> None:
    catalog = make_tools()
    first, second = make_moderator(catalog, "one"), make_moderator(catalog, "two")
    submission = submit(catalog)

    workflow.claim(submission=submission, actor=first)
    workflow.claim(submission=submission, actor=first)
    with pytest.raises(StaleSubmission, match="one"):
        workflow.claim(submission=submission, actor=second)
    with pytest.raises(NotAllowed):
        workflow.claim(submission=submission, actor=holder_of(submission))
    workflow.release(submission=submission, actor=second)
    submission.refresh_from_db()
    assert submission.claimed_by == first.user

    Submission.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    workflow.claim(submission=submission, actor=second)
    workflow.claim(submission=submission, actor=first, take_over=True)
    assert submission.claimed_by == first.user
    assert (submission.revision, submission.events.count()) == (1, 1)

    decided = workflow.approve(submission=submission, actor=second)
    assert (decided.claimed_by, decided.claimed_until) == (None, None)
    with pytest.raises(InvalidTransition):
        workflow.claim(submission=submission, actor=first)


def test_reminder_is_sent_once_and_makes_no_page_stale() -> None:
    moderator = make_moderator(make_tools())
    submission = edit("Alpha", description="Edits any text.")
    requests = workflow.request_changes(submission=submission, actor=moderator, note="Which?")
    with pytest.raises(InvalidTransition):
        workflow.expire(submission=submission)

    workflow.remind(submission=submission)
    workflow.remind(submission=submission)

    assert [event.verb for event in submission.events.all()] == [
        Verb.SUBMIT,
        Verb.REQUEST_CHANGES,
        Verb.REMIND,
    ]
    after = workflow.resubmit(
        submission=submission,
        actor=holder_of(submission),
        proposal=AMENDED,
        expected_revision=requests.revision,
    )
    assert (after.status, after.reminded_at) == (Status.PENDING, None)


# What cannot be decided on


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"kind": Kind.REMOVE}, InvalidField, "reason"),
        ({"kind": Kind.REPORT}, InvalidField, "report"),
        ({"kind": Kind.REPORT, "report": "spam", "name": "X"}, InvalidField, ""),
        (
            {"kind": Kind.REPORT, "report": "spam", "action": "replace-url"},
            InvalidField,
            "replacement_url",
        ),
        ({"kind": Kind.EDIT}, InvalidField, ""),
        ({"kind": Kind.EDIT, "description": "Edits text."}, InvalidField, ""),
        ({"kind": Kind.EDIT, "description": "x", "report": "spam"}, InvalidField, "report"),
        ({"kind": Kind.EDIT, "description": "nul \x00"}, InvalidField, "description"),
        ({"kind": Kind.EDIT, "add_tags": ("no-such:tag",)}, InvalidField, "add_tags"),
        ({"kind": Kind.MOVE}, InvalidField, "target"),
        ({"kind": Kind.MOVE, "target": 10**9}, NotFound, ""),
        ({"kind": Kind.MOVE, "after": 10**9}, NotFound, ""),
        ({"kind": Kind.ADD, "listing": None}, InvalidField, "listing"),
    ],
)
def test_submission_that_says_too_little_is_refused(
    fields: dict[str, Any], error: type[CatalogError], field: str
) -> None:
    catalog = make_tools()
    if fields["kind"] != Kind.ADD:
        fields = {"entry": entry_called("Alpha"), **fields}

    with pytest.raises(error) as caught:
        submit(catalog, **fields)

    assert getattr(caught.value, "field", "") == field
    assert Submission.objects.count() == 0


def test_rows_of_another_catalog_are_not_there() -> None:
    catalog, other = make_tools(), make_tools("others")
    theirs = other.listings.in_reading_order()[0]
    entry = entry_called("Alpha", other)

    for fields in (
        {"listing": theirs},
        {"kind": Kind.EDIT, "entry": entry, "description": "x"},
        {"kind": Kind.MOVE, "entry": entry_called("Alpha", catalog), "target": theirs.pk},
    ):
        with pytest.raises(NotFound):
            submit(catalog, **fields)

    assert Submission.objects.count() == 0


def test_queue_shows_a_moderator_their_own_catalogs() -> None:
    catalog, other = make_tools(), make_tools("others")
    moderator = make_moderator(catalog)
    mine, _theirs = submit(catalog), submit(other)
    user = moderator.user
    assert user is not None

    assert [*Submission.objects.visible_to(user)] == [mine]
    assert [*Submission.objects.visible_to(make_user("nobody"))] == []
    assert Catalog.objects.count() == 2
