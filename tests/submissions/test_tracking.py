"""The page of a submission by its secret, answering, withdrawing; and the own submissions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from catalog.editing.entries import change_entry
from catalog.editing.tags import add_facet, add_tag, tag_entry
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Catalog
from submissions import workflow
from submissions.choices import Kind, Status
from submissions.errors import EditConflict
from submissions.forms.contribution import Meanwhile
from submissions.models import ContributionPolicy, Submission
from submissions.people import Actor
from submissions.progress import ahead_of, usual_time
from submissions.rules import confirmation_for
from tests.submission_factories import (
    TEXT,
    edit,
    entry_called,
    holder_of,
    make_moderator,
    make_tools,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog() -> Catalog:
    return make_tools()


@pytest.fixture
def moderator(catalog: Catalog) -> Actor:
    return make_moderator(catalog, first_name="Mo")


def page(client: Client, submission: Submission) -> str:
    response = client.get(submission.get_absolute_url())
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def act(client: Client, submission: Submission, do: str, **fields: Any) -> Any:
    submission.refresh_from_db()
    data = {"do": do, "revision": submission.revision, **fields}
    return client.post(submission.get_absolute_url(), data)


def test_page_is_indexed_and_cached_by_nobody(client: Client, catalog: Catalog) -> None:
    response = client.get(submit(catalog).get_absolute_url())

    assert {
        name: response[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")
    } == {
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow",
    }
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_page_shows_the_lines_and_the_place_in_the_queue(client: Client, catalog: Catalog) -> None:
    submit(catalog, name="First", url="https://first.example")
    submission = submit(catalog, description="Says it all.")

    shown = page(client, submission)

    assert "Waiting for a moderator" in shown
    assert "1 submission is ahead of it." in shown
    assert "- [Omega](https://omega.example) - Says it all." in shown


def test_queue_goes_by_priority_and_age(catalog: Catalog) -> None:
    old, new, urgent, held = (
        submit(catalog, name=name, url=f"https://{name}.example")
        for name in ("old", "new", "urgent", "held")
    )
    Submission.objects.filter(pk=urgent.pk).update(priority=5)
    Submission.objects.filter(pk=held.pk).update(is_held=True)

    rows = [Submission.objects.get(pk=row.pk) for row in (urgent, old, new, held)]
    assert [ahead_of(row) for row in rows] == [0, 1, 2, None]


@pytest.mark.parametrize(
    ("days", "answers"),
    [(0.4, "less than a day"), (1.2, "about 1 day."), (3.5, "about 4 days.")],
)
def test_usual_time_is_reported_in_whole_days(days: float, answers: str) -> None:
    assert answers in usual_time(days)


@pytest.mark.parametrize("secret", ["a" * 32, "../../x", "%00" * 10, "x"])
def test_unknown_secret_is_any_wrong_address(client: Client, catalog: Catalog, secret: str) -> None:
    assert client.get(f"/contribute/s/{secret}/").status_code == 404


def test_question_is_answered_with_a_new_version(
    client: Client, catalog: Catalog, moderator: Actor
) -> None:
    submission = submit(catalog, description="Wrong.")
    workflow.request_changes(
        submission=submission, actor=moderator, note="Is it?", internal_note="Hm, odd."
    )
    shown = page(client, submission)
    assert "Is it?" in shown
    assert "odd" not in shown
    url = reverse("contribute:submission-answer", args=[submission.token])
    form = client.get(url).context["form"]
    typed = {name: form[name].value() or "" for name in ("name", "url", "description")}
    assert typed == {"name": "Omega", "url": "https://omega.example", "description": "Wrong."}

    response = client.post(
        url, {**typed, "description": "Right.", "note": "You are right.", "do": "send"}
    )

    assert response.status_code == 302
    submission.refresh_from_db()
    assert (submission.status, submission.content.description) == ("pending", "Right.")
    assert "You are right." in page(client, submission)
    workflow.approve(submission=submission, actor=moderator)
    assert client.get(url).status_code == 409


def test_answer_about_an_edit_keeps_what_it_was_based_on(
    client: Client, catalog: Catalog, moderator: Actor
) -> None:
    submission = edit("Alpha", description="Edits.")
    workflow.request_changes(submission=submission, actor=moderator, note="More?")
    url = reverse("contribute:submission-answer", args=[submission.token])
    form = client.get(url).context["form"]
    typed = {n: form[n].value() for n in ("opened", "name", "url", "description")}
    assert typed["description"] == "Edits."

    client.post(url, {**typed, "description": "Edits all.", "do": "send", "note": ""})

    submission.refresh_from_db()
    assert submission.proposal == {"kind": "edit", "description": "Edits all."}
    workflow.approve(submission=submission, actor=moderator)
    assert export_markdown(catalog) == TEXT.replace("Edits text.", "Edits all.")


@pytest.fixture
def overtaken(catalog: Catalog, moderator: Actor) -> Submission:
    """An edit that waits for an answer, and whose entry a maintainer has changed meanwhile."""
    submission = edit("Alpha", description="Edits.")
    workflow.request_changes(submission=submission, actor=moderator, note="More?")
    change_entry(
        entry=entry_called("Alpha"), by=Author(), name="Alpha 2", description="Edits all texts."
    )
    return submission


def answer(client: Client, submission: Submission, form: Any, **typed: str) -> Any:
    """Send the form of an answer as it is shown, but for what is typed."""
    shown = {bound.html_name: bound.value() or "" for bound in form}
    data = {**shown, "revision": submission.revision + 1, "do": "send", **typed}
    return client.post(reverse("contribute:submission-answer", args=[submission.token]), data)


def test_answer_shows_what_was_changed_meanwhile(client: Client, overtaken: Submission) -> None:
    url = reverse("contribute:submission-answer", args=[overtaken.token])
    response = client.get(url)

    assert response.context["form"].changed_meanwhile() == [
        Meanwhile("name", "Name", "Alpha", "Alpha 2", None),
        Meanwhile("description", "Description", "Edits text.", "Edits all texts.", "Edits."),
    ]
    shown = response.content.decode()
    assert "This entry was changed after your suggestion" in shown
    assert '<button class="button second" name="do" value="go-on">' in shown


def test_answer_that_says_nothing_of_it_stays_in_conflict(
    client: Client, catalog: Catalog, moderator: Actor, overtaken: Submission
) -> None:
    before = export_markdown(catalog)
    form = client.get(f"{overtaken.get_absolute_url()}answer/").context["form"]

    assert answer(client, overtaken, form, note="As before.").status_code == 302

    overtaken.refresh_from_db()
    assert (overtaken.status, overtaken.conflicts) == (Status.PENDING, ["description"])
    assert overtaken.proposal == {"kind": "edit", "description": "Edits."}
    with pytest.raises(EditConflict):
        workflow.approve(submission=overtaken, actor=moderator)
    assert export_markdown(catalog) == before


def test_answer_goes_on_from_the_newer_text(
    client: Client, catalog: Catalog, moderator: Actor, overtaken: Submission
) -> None:
    form = client.get(f"{overtaken.get_absolute_url()}answer/").context["form"]
    response = answer(client, overtaken, form, description="Edits any.", do="go-on")
    form = response.context["form"]
    assert [form[name].value() for name in ("name", "description")] == ["Alpha 2", "Edits any."]
    assert "You are editing the current entry." in response.content.decode()

    assert answer(client, overtaken, form).status_code == 302

    overtaken.refresh_from_db()
    assert (overtaken.conflicts, overtaken.based_on.description) == ([], "Edits all texts.")
    workflow.approve(submission=overtaken, actor=moderator)
    assert "- [Alpha 2](https://alpha.example) - Edits any." in export_markdown(catalog)


def test_answer_takes_the_newer_text(
    client: Client, moderator: Actor, overtaken: Submission
) -> None:
    form = client.get(f"{overtaken.get_absolute_url()}answer/").context["form"]
    [row] = [row for row in form.changed_meanwhile() if row.typed]

    form = answer(client, overtaken, form, fix=row.take).context["form"]

    assert form["description"].value() == "Edits all texts."
    assert answer(client, overtaken, form).status_code == 302
    overtaken.refresh_from_db()
    assert overtaken.conflicts == []


def test_answer_on_a_version_that_is_not_the_newest_is_looked_at_again(
    client: Client, overtaken: Submission
) -> None:
    form = client.get(f"{overtaken.get_absolute_url()}answer/").context["form"]
    form = answer(client, overtaken, form, do="go-on").context["form"]
    entry = entry_called("Alpha 2")
    change_entry(entry=entry, by=Author(), description="Edits everything.")

    response = answer(client, overtaken, form)

    assert response.status_code == 409
    form = response.context["form"]
    assert form.non_field_errors() == [
        "“Alpha” was changed again while you were looking; please check it again."
    ]
    assert form.changed_meanwhile() == [
        Meanwhile("description", "Description", "Edits all texts.", "Edits everything.", "Edits.")
    ]
    overtaken.refresh_from_db()
    assert overtaken.status == Status.CHANGES_REQUESTED


def test_tags_of_others_stay_where_an_answer_goes_on(
    client: Client, catalog: Catalog, moderator: Actor
) -> None:
    entry = entry_called("Alpha")
    facet = add_facet(catalog=catalog, name="Kind", by=Author())
    tags = [add_tag(facet=facet, name=name, by=Author()) for name in ("old", "new", "own")]
    tag_entry(entry=entry, tag=tags[0], by=Author())
    submission = edit("Alpha", add_tags=("kind:own",))
    workflow.request_changes(submission=submission, actor=moderator, note="?")
    tag_entry(entry=entry, tag=tags[1], by=Author())
    form = client.get(f"{submission.get_absolute_url()}answer/").context["form"]

    form = answer(client, submission, form, do="go-on").context["form"]

    assert form["tags"].value() == "kind:new, kind:old, topic:editors, kind:own"
    assert form.proposal().to_json() == {"kind": "edit", "add_tags": ["kind:own"]}


def test_answer_is_by_the_columns_that_the_table_has_now(
    client: Client, catalog: Catalog, moderator: Actor
) -> None:
    submission = edit("Gamma", cells={2: "BSD"})
    workflow.request_changes(submission=submission, actor=moderator, note="?")
    table = """\
| Name | Licence | Size |
| --- | --- | --- |
| [Gamma](https://gamma.example) | MIT | 7B |
| [Delta](https://delta.example) | GPL | 13B |
"""
    import_text(TEXT[: TEXT.index("| Name")] + table, catalog=catalog, by=Author())
    form = client.get(f"{submission.get_absolute_url()}answer/").context["form"]
    assert [form["cell-1"].value(), form["cell-2"].value()] == ["BSD", "7B"]

    refused = answer(client, submission, form)
    form = answer(client, submission, form, do="go-on").context["form"]
    sent = answer(client, submission, form)

    assert (refused.status_code, sent.status_code) == (400, 302)
    submission.refresh_from_db()
    assert submission.proposal == {"kind": "edit", "cells": {"1": "BSD"}}
    workflow.approve(submission=submission, actor=moderator)
    assert export_markdown(catalog).endswith(table.replace("MIT", "BSD"))


def test_answer_is_refused_when_it_was_decided_meanwhile(
    client: Client, catalog: Catalog, moderator: Actor
) -> None:
    submission = submit(catalog)
    workflow.request_changes(submission=submission, actor=moderator, note="?")
    url = reverse("contribute:submission-answer", args=[submission.token])
    read = client.get(url).context["revision"]
    workflow.reject(submission=submission, actor=moderator, reason="quality")

    typed = {"name": "Other", "url": "https://o.example", "revision": read, "do": "send"}
    response = client.post(url, typed)

    assert response.status_code == 409
    submission.refresh_from_db()
    assert submission.status == Status.REJECTED


def test_submitter_withdraws_and_reopens(client: Client, catalog: Catalog) -> None:
    submission = submit(catalog)

    assert act(client, submission, "withdraw", note="Not yet.").status_code == 302
    shown = page(client, submission)
    assert "You withdrew it" in shown
    assert "Not yet." in shown
    assert act(client, submission, "reopen").status_code == 302
    submission.refresh_from_db()
    assert submission.status == Status.PENDING


def test_rejection_is_shown_and_appealed_once(
    client: Client, catalog: Catalog, moderator: Actor
) -> None:
    submission = submit(catalog)
    until = timezone.localdate() + timedelta(days=90)
    workflow.reject(
        submission=submission,
        actor=moderator,
        reason="quality",
        note="Too young.",
        internal_note="Friend of a friend.",
        come_back_after=until,
    )
    shown = page(client, submission)
    assert "It was not accepted" in shown
    assert "not mature or good enough" in shown
    assert "Too young." in shown
    assert "Please come back after" in shown
    assert "Friend" not in shown

    assert act(client, submission, "reopen", note="It is old.").status_code == 302
    workflow.reject(submission=submission, actor=moderator, reason="quality")
    assert 'value="reopen"' not in page(client, submission)
    assert act(client, submission, "reopen").status_code == 409


def test_spam_learns_nothing_but_the_decision(
    client: Client, catalog: Catalog, moderator: Actor
) -> None:
    submission = submit(catalog)
    workflow.reject(
        submission=submission, actor=moderator, reason="spam", note="Same as the last 5."
    )

    shown = page(client, submission)

    assert "It was not accepted" in shown
    assert [word for word in ("Same as", "spam", "Mo ", 'value="reopen"') if word in shown] == []


def test_published_lines_are_shown(client: Client, catalog: Catalog, moderator: Actor) -> None:
    submission = submit(catalog, description="New.")
    workflow.approve(submission=submission, actor=moderator)

    shown = page(client, submission)

    assert "It is now in the list" in shown
    assert "- [Omega](https://omega.example) - New." in shown
    assert entry_called("Omega").get_absolute_url() in shown


@pytest.mark.parametrize("do", ["approve", "reject", "", "confirm", "expire"])
def test_page_does_only_what_submitters_may(client: Client, catalog: Catalog, do: str) -> None:
    submission = submit(catalog)

    response = act(client, submission, do, reason="spam")

    assert response.status_code == 400
    submission.refresh_from_db()
    assert (submission.status, submission.revision) == (Status.PENDING, 1)


@pytest.mark.parametrize("revision", ["7", "x", "9" * 30, "²"])
def test_stale_or_forged_revision_changes_nothing_wrong(
    client: Client, catalog: Catalog, revision: str
) -> None:
    submission = submit(catalog)

    response = client.post(
        submission.get_absolute_url(), {"do": "withdraw", "revision": revision, "note": "a\0b"}
    )

    assert response.status_code in {400, 409}
    submission.refresh_from_db()
    assert submission.status == Status.PENDING


def test_expired_token_does_nothing_yet(catalog: Catalog) -> None:
    client, submission = Client(enforce_csrf_checks=True), submit(catalog)

    response = act(client, submission, "withdraw", note="Dear")

    assert response.status_code == 403
    assert "Please try again." in response.content.decode()
    submission.refresh_from_db()
    assert submission.status == Status.PENDING


def test_address_is_confirmed_by_a_press_and_not_by_following(
    client: Client, catalog: Catalog
) -> None:
    ContributionPolicy.objects.create(catalog=catalog, who_may_submit="confirmed-email")
    submission = submit(catalog, Actor(email="ada@example.org"))
    url = reverse(
        "contribute:submission-confirm", args=[submission.token, confirmation_for(submission)]
    )

    assert client.get(url).status_code == 200
    submission.refresh_from_db()
    assert submission.status == Status.UNCONFIRMED
    wrong = reverse("contribute:submission-confirm", args=[submission.token, "x:y:z"])
    assert client.post(wrong).status_code == 409
    assert client.post(url).status_code == 302
    submission.refresh_from_db()
    assert submission.status == Status.PENDING


def test_secret_of_another_submission_opens_nothing(client: Client, catalog: Catalog) -> None:
    one = submit(catalog)
    other = submit(catalog, name="Other", url="https://other.example")
    url = reverse("contribute:submission-confirm", args=[one.token, confirmation_for(other)])

    assert client.post(url).status_code in {302, 409}
    assert Submission.objects.filter(status=Status.PENDING).count() == 2


# The own submissions


def sent_by(user: User, catalog: Catalog, count: int) -> list[Submission]:
    return [
        submit(catalog, Actor(user=user), name=f"N{n}", url=f"https://n{n}.example")
        for n in range(count)
    ]


def test_own_submissions_are_listed_newest_first(client: Client, catalog: Catalog) -> None:
    ada, eve = make_user("ada"), make_user("eve")
    own = sent_by(ada, catalog, 3)
    submit(catalog, Actor(user=eve), name="Hers", url="https://hers.example")
    workflow.withdraw(submission=own[0], actor=holder_of(own[0]))
    client.force_login(ada)

    listed = {
        query: [row.name for row in client.get(f"/contribute/mine/{query}").context["rows"]]
        for query in ("", "?status=open", "?status=other", "?status=x", "?catalog=none", "?page=1")
    }

    assert listed == {
        "": ["N2", "N1", "N0"],
        "?status=open": ["N2", "N1"],
        "?status=other": ["N0"],
        "?status=x": ["N2", "N1", "N0"],
        "?catalog=none": [],
        "?page=1": ["N2", "N1", "N0"],
    }
    assert client.get("/contribute/mine/?page=9").status_code == 404


def test_own_submissions_ask_a_fixed_number_of_questions(
    client: Client, catalog: Catalog, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name, count in (("one", 1), ("three", 3)):
        user = make_user(name)
        for n in range(count):
            submit(catalog, Actor(user=user), name=f"{name}{n}", url=f"https://{name}{n}.example")
        client.force_login(user)
        with django_assert_num_queries(4):
            client.get("/contribute/mine/")


def test_without_an_account_the_browser_knows(client: Client, catalog: Catalog) -> None:
    submit(catalog)

    assert client.get("/contribute/mine/").context["rows"] == []


def test_report_that_joined_another_says_so(client: Client, catalog: Catalog) -> None:
    alpha = entry_called("Alpha")
    for name in ("Grace", "Eve"):
        submission = submit(
            catalog, Actor(name=name), kind=Kind.REPORT, entry=alpha, report="dead-link"
        )

    assert "both reports are decided together" in page(client, submission)
