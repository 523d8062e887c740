"""Corrections: another version of whatever is not published, in every state and by every way in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.errors import InvalidField
from catalog.exporting import export_markdown
from catalog.models import Catalog, Listing
from submissions import workflow
from submissions.choices import Kind, Role, Status, Verb
from submissions.errors import InvalidTransition
from submissions.mail import mail_about
from submissions.models import ContributionPolicy, Submission
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.review_context import read_review_context
from submissions.rules import CONFIRM_WITHIN, confirmation_for
from tests.api.submissions.callers import Caller
from tests.submission_factories import (
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

# What is in conflict with the file is nobody's to correct but the file's.
OF_PEOPLE = [status for status in Status if status != Status.CONFLICT]
UNPUBLISHED = [one for one in Status if one not in {Status.APPLIED, Status.CONFLICT}]
MADE: dict[Kind, tuple[Callable[[Catalog], Submission], dict[str, Any]]] = {
    Kind.ADD: (lambda catalog: submit(catalog, description="Nwe."), {"description": "New."}),
    Kind.EDIT: (
        lambda _: edit("Alpha", description="Edtis all."),
        {"description": "Edits all."},
    ),
    Kind.MOVE: (
        lambda catalog: submit(catalog, kind=Kind.MOVE, entry=entry_called("Beta"), first=True),
        {"reason": "It begins with it."},
    ),
    Kind.REMOVE: (
        lambda catalog: submit(
            catalog, kind=Kind.REMOVE, entry=entry_called("Beta"), reason="It is goen."
        ),
        {"reason": "Removed."},
    ),
    Kind.REPORT: (
        lambda catalog: submit(
            catalog, kind=Kind.REPORT, entry=entry_called("Beta"), report="other", evidence="40"
        ),
        {"evidence": "404"},
    ),
}
"""How a submission of each kind is made, and what is corrected in it."""


@pytest.fixture
def catalog() -> Catalog:
    return make_tools()


@pytest.fixture
def moderator(catalog: Catalog) -> Actor:
    return make_moderator(catalog)


def corrected(submission: Submission, **fields: Any) -> Proposal:
    return Proposal.from_json(submission.proposal | fields)


def correct(submission: Submission, *, note: str = "", **fields: Any) -> Submission:
    return workflow.resubmit(
        submission=submission,
        actor=holder_of(submission),
        proposal=corrected(submission, **fields),
        note=note,
    )


@pytest.mark.parametrize(("kind", "status"), list(product(MADE, UNPUBLISHED)), ids=str)
def test_every_kind_is_corrected_in_every_status_and_then_published(
    kind: Kind, status: Status, catalog: Catalog, moderator: Actor
) -> None:
    make, fields = MADE[kind]
    twin = make(catalog)
    reach(Status.APPLIED, twin, moderator)
    right = {
        Kind.ADD: "- [Omega](https://omega.example) - New.",
        Kind.EDIT: "- [Alpha](https://alpha.example) - Edits all.",
    }.get(kind, "")
    expected = export_markdown(catalog).replace("Nwe", "New").replace("Edtis", "Edits")
    workflow.undo(submission=twin, actor=moderator)
    workflow.withdraw(submission=twin, actor=holder_of(twin))

    submission = make(catalog)
    reach(status, submission, moderator)
    before = submission.revision
    after = correct(submission, **fields)

    target = Status.UNCONFIRMED if status == Status.UNCONFIRMED else Status.PENDING
    assert (after.status, after.revision) == (target, before + 1)
    if status == Status.UNCONFIRMED:
        workflow.confirm(
            submission=after, actor=holder_of(after), confirmation=confirmation_for(after)
        )
    workflow.approve(submission=after, actor=moderator)
    assert export_markdown(catalog) == expected
    assert right in expected


def test_each_version_is_stored_and_shown_as_a_difference(
    catalog: Catalog, moderator: Actor
) -> None:
    submission = submit(catalog, description="Nwe.")
    table = list_of(catalog, Listing.Kind.TABLE)
    correct(submission, description="New.")
    workflow.resubmit(
        submission=submission,
        actor=holder_of(submission),
        proposal=Proposal(Kind.ADD, name="Omega", url="https://omega.example", cells={1: "7B"}),
        listing=table,
    )

    submission.refresh_from_db()
    assert moderator.user
    review = read_review_context(submission, moderator.user)

    assert [
        [(field.label, "".join(field.before), "".join(field.after)) for field in event.changed]
        for event in review.thread
    ] == [
        [],
        [("description", "Nwe.", "New.")],
        [
            ("description", "New.", ""),
            ("list or table", "Editors", "Models"),
            ("Size", "", "7B"),
        ],
    ]
    assert review.changed == review.thread[-1].changed


@pytest.mark.parametrize("status", UNPUBLISHED, ids=str)
def test_correction_that_corrects_nothing(
    status: Status, catalog: Catalog, moderator: Actor
) -> None:
    submission = edit("Alpha", description="Edits all.")
    reach(status, submission, moderator)
    is_refused_with_a_note = status in {Status.REJECTED, Status.REVERTED}
    is_refused = is_refused_with_a_note or status in {Status.PENDING, Status.UNCONFIRMED}

    if is_refused:
        with pytest.raises(InvalidField):
            correct(submission)
    if is_refused_with_a_note:
        with pytest.raises(InvalidField):
            correct(submission, note="Look again.")
    else:
        assert correct(submission, note="See there.").revision == submission.revision + 1


def test_what_is_published_or_spam_is_not_corrected(catalog: Catalog, moderator: Actor) -> None:
    published, spam = edit("Alpha", description="Edits all."), edit("Beta", description="Buy.")
    workflow.approve(submission=published, actor=moderator)
    workflow.reject(submission=spam, actor=moderator, reason="spam")

    for submission in (published, spam):
        submission.refresh_from_db()
        with pytest.raises(InvalidTransition):
            correct(submission, description="Other.")
        assert Verb.RESUBMIT not in workflow.open_verbs(
            submission, holder_of(submission), Role.SUBMITTER
        )


def test_correction_keeps_the_place_in_the_queue_and_who_looks_at_it(
    catalog: Catalog, moderator: Actor
) -> None:
    first, second = edit("Alpha", description="Edits all."), edit("Beta", description="Moer.")
    workflow.claim(submission=first, actor=moderator)
    since = Submission.objects.get(pk=first.pk).status_at

    correct(first, description="Edits everything.")

    first.refresh_from_db()
    assert [*Submission.objects.waiting().oldest_first()] == [first, second]
    assert (first.claimed_by, first.status_at) == (moderator.user, since)


def test_corrected_rejection_is_no_duplicate_any_more(catalog: Catalog, moderator: Actor) -> None:
    submission = submit(catalog)
    workflow.reject(
        submission=submission,
        actor=moderator,
        reason="duplicate",
        duplicate_entry=entry_called("Alpha"),
    )

    correct(submission, name="Omega 2")

    submission.refresh_from_db()
    assert (submission.duplicate_entry, submission.reason) == (None, "")


def test_report_that_is_taken_up_again_joins_the_first(catalog: Catalog) -> None:
    make, _fields = MADE[Kind.REPORT]
    first = make(catalog)
    workflow.withdraw(submission=first, actor=holder_of(first))
    second = submit(
        catalog, kind=Kind.REPORT, entry=entry_called("Beta"), report="spam", evidence="Odd."
    )

    correct(first, evidence="404")

    first.refresh_from_db()
    assert (first.joined_to, second.joined_to) == (second, None)


# Addresses that were never confirmed


@pytest.fixture
def unconfirmed(catalog: Catalog) -> Submission:
    ContributionPolicy.objects.create(catalog=catalog, who_may_submit="confirmed-email")
    return submit(catalog, Actor(email="grace@people.example"), description="Nwe.")


def test_link_that_was_mailed_confirms_the_corrected_version(unconfirmed: Submission) -> None:
    link = confirmation_for(unconfirmed)
    first = unconfirmed.events.get()

    correct(unconfirmed, description="New.")

    # The letter may not have left yet: it still says what is to be done, and leaves once.
    assert mail_about.func(first.pk)
    assert [letter.subject for letter in mail.outbox] == ["Confirm your address for Tools"]
    unconfirmed.refresh_from_db()
    after = workflow.confirm(
        submission=unconfirmed, actor=holder_of(unconfirmed), confirmation=link
    )
    assert (after.status, after.content.description) == (Status.PENDING, "New.")


def test_what_lapsed_unconfirmed_gets_another_link(
    unconfirmed: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    Submission.objects.update(status_at=timezone.now() - CONFIRM_WITHIN - timedelta(hours=1))
    workflow.expire(submission=unconfirmed)
    queued: list[int] = []
    monkeypatch.setattr(type(mail_about), "enqueue", lambda _self, pk: queued.append(pk))

    after = correct(unconfirmed, description="New.")

    assert after.status == Status.UNCONFIRMED
    event = unconfirmed.events.last()
    assert event is not None
    assert queued == [event.pk]
    assert mail_about.func(event.pk)
    assert mail.outbox[0].subject == "Confirm your address for Tools"


def test_receipt_is_sent_although_a_typo_was_mended_meanwhile(catalog: Catalog) -> None:
    submission = submit(catalog, Actor(user=make_user()))
    correct(submission, name="Omega 2")
    receipt, correction = submission.events.oldest_first()

    assert (mail_about.func(receipt.pk), mail_about.func(correction.pk)) == (True, False)


# On the site


@pytest.mark.parametrize("status", UNPUBLISHED, ids=str)
def test_typo_is_mended_in_two_clicks(
    status: Status, client: Client, catalog: Catalog, moderator: Actor
) -> None:
    submission = submit(catalog, description="Nwe.")
    reach(status, submission, moderator)
    tracking = client.get(submission.get_absolute_url()).content.decode()
    address = reverse("contribute:submission-answer", args=[submission.token])
    word = "Answer" if status == Status.CHANGES_REQUESTED else "Correct it"
    assert f'href="{address}">{word}</a>' in tracking

    form = client.get(address).context["form"]
    filled = {bound.html_name: bound.value() or "" for bound in form}
    response = client.post(
        address,
        {**filled, "description": "New.", "revision": submission.revision, "do": "send"},
    )

    assert (response.status_code, response["Location"]) == (
        302,
        f"{submission.get_absolute_url()}?sent=1",
    )
    submission.refresh_from_db()
    assert submission.content.description == "New."


def test_own_list_leads_to_the_correction(client: Client, catalog: Catalog) -> None:
    user = make_user()
    client.force_login(user)
    submission = submit(catalog, Actor(user=user))
    address = reverse("contribute:submission-answer", args=[submission.token])

    assert address in client.get(reverse("contribute:mine")).content.decode()
    Submission.objects.update(status=Status.APPLIED, decided_at=timezone.now(), decided_by=None)
    assert address not in client.get(reverse("contribute:mine")).content.decode()


def test_place_is_corrected_with_what_was_typed(client: Client, catalog: Catalog) -> None:
    submission = submit(catalog, description="A model.")
    table = list_of(catalog, Listing.Kind.TABLE)
    address = reverse("contribute:submission-answer", args=[submission.token])
    typed = {"name": "Omega", "url": "https://omega.example", "listing": submission.listing_id}

    choice = client.post(address, {**typed, "do": "places"}).content.decode()
    assert f'formaction="?listing={table.pk}"' in choice
    assert "Suggest it with a new section" not in choice
    there = f"{address}?listing={table.pk}"
    form = client.post(there, {**typed, "do": "preview"}).context["form"]
    assert [field.name for field in form.own_fields] == ["url", "name", "cell-1", "cell-2"]
    assert form["name"].value() == "Omega"
    response = client.post(
        there, {**typed, "listing": table.pk, "cell-1": "7B", "revision": 1, "do": "send"}
    )

    assert response.status_code == 302
    submission.refresh_from_db()
    assert (submission.listing, submission.section) == (table, table.section)
    assert submission.content.cells == {1: "7B"}


# Over the API


@pytest.mark.parametrize("status", OF_PEOPLE, ids=str)
def test_program_corrects_what_is_not_published(
    status: Status, catalog: Catalog, moderator: Actor
) -> None:
    submission = submit(catalog, description="Nwe.")
    reach(status, submission, moderator)
    path = f"submissions/{submission.token}/"
    is_published = status == Status.APPLIED

    assert ("resubmit" in Caller().get(path).data["verbs"]) == (not is_published)
    answer = Caller().post(f"{path}resubmit/", {"description": "New."})

    if is_published:
        assert answer.code == (409, "invalid_transition")
    else:
        assert (answer.status, answer.data["proposal"]["description"]) == (200, "New.")
        assert answer.data["thread"][-1]["verb"] == "resubmit"
