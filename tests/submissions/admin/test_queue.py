"""The queue: its order, what it is narrowed by, what it costs, decisions on many at once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.checking import check_catalog
from catalog.models import Catalog, Listing
from submissions import workflow
from submissions.admin.queue import Queue
from submissions.models import Kind, Submission
from submissions.people import Actor
from tests.submission_factories import edit, entry_called, list_of, make_tools, submit
from tests.submissions.admin.moderation import (
    answers,
    contributor,
    events_of,
    listed,
    member,
    page_of,
    signed_in,
    url,
)

pytestmark = pytest.mark.django_db

QUERIES = 9
# What is asked about the person included; one more where staff need a second factor.


@pytest.fixture
def catalog() -> Catalog:
    return make_tools()


@pytest.fixture
def mo(catalog: Catalog) -> Client:
    return signed_in(member(catalog, "mo"))


def several(catalog: Catalog, count: int, **fields: Any) -> list[Submission]:
    """Additions `New 0`, `New 1` …, each a minute younger than the one before."""
    made = []
    for number in range(count):
        name = f"New {number}"
        one = submit(catalog, name=name, url=f"https://new{number}.example", **fields)
        made.append(one)
        backdate(one, minutes=60 - number)
    return made


def backdate(submission: Submission, **age: int) -> None:
    Submission.objects.filter(pk=submission.pk).update(created_at=timezone.now() - timedelta(**age))


def selected(*submissions: Submission) -> list[str]:
    return [f"{one.pk}.{one.revision}" for one in submissions]


# What is shown


def test_queue_has_priority_first_then_the_oldest_and_what_is_held_last(
    mo: Client, catalog: Catalog
) -> None:
    old, young, urgent, held = several(catalog, 4)
    backdate(old, days=9)
    Submission.objects.filter(pk=urgent.pk).update(priority=5)
    Submission.objects.filter(pk=held.pk).update(is_held=True, priority=9)

    assert listed(mo) == [urgent.name, old.name, young.name, held.name]


def test_row_shows_what_it_is_about_and_who_it_is_from(mo: Client, catalog: Catalog) -> None:
    grace = contributor()
    workflow.approve(submission=submit(catalog, grace), actor=Actor(user=member(catalog, "al")))
    one = submit(catalog, grace, name="Newer", url="https://newer.example")
    Submission.objects.filter(pk=one.pk).update(
        findings=[
            {"rule": "a", "severity": "note", "field": "", "message": "m"},
            {"rule": "b", "severity": "warn", "field": "", "message": "m"},
        ],
        conflicts=["url"],
    )
    backdate(one, days=3)

    [row] = mo.get(url("submission_changelist")).context["rows"]

    assert (row.name, row.who, tuple(row.record or ()), row.age) == (
        "Newer",
        "Grace",
        (1, 0, 0),
        "3\xa0days",
    )
    assert row.signs is not None
    assert (row.signs.severity, row.signs.count) == ("warn", 2)


def test_queue_is_filtered_and_searched(mo: Client, catalog: Catalog) -> None:
    hope = contributor("hope")
    one, two, three = several(catalog, 3)
    four = edit("Alpha", hope, description="Edits any text.")
    Submission.objects.filter(pk=one.pk).update(is_held=True)
    Submission.objects.filter(pk__in=[two.pk, four.pk]).update(findings=[])
    findings = [{"rule": "a", "severity": "block", "field": "", "message": 'say "severity": "x"'}]
    Submission.objects.filter(pk=three.pk).update(findings=findings)
    Submission.objects.filter(pk=four.pk).update(conflicts=["description"])
    Submission.objects.filter(pk=one.pk).update(findings=[{**findings[0], "severity": "warn"}])

    assert listed(mo, kind="edit") == ["Alpha"]
    assert listed(mo, signs="block") == ["New 2"]
    assert listed(mo, signs="warn") == ["New 0"]
    assert listed(mo, signs="none") == ["New 1"]
    assert listed(mo, signs="conflict") == ["Alpha"]
    assert listed(mo, more="held") == ["New 0"]
    assert listed(mo, more="unheld") == ["New 1", "New 2", "Alpha"]
    assert hope.user
    assert listed(mo, submitter=hope.user.pk) == ["Alpha"]
    assert listed(mo, q="new1.example") == ["New 1"]
    assert listed(mo, q="hope") == ["Alpha"]
    assert listed(mo, q=two.token) == ["New 1"]
    assert listed(mo, q=two.token[:20]) == []
    assert listed(mo, q="nothing of the kind") == []
    assert listed(mo, catalog=catalog.pk) == ["New 1", "New 2", "Alpha", "New 0"]


def test_queue_shows_other_statuses_on_request(mo: Client, catalog: Catalog) -> None:
    one, two = several(catalog, 2)
    workflow.withdraw(submission=one, actor=Actor(token=one.token))

    assert listed(mo) == [two.name]
    assert listed(mo, status="withdrawn") == [one.name]
    assert listed(mo, status="all") == [one.name, two.name]


def test_reports_that_joined_another_do_not_wait_by_themselves(
    mo: Client, catalog: Catalog
) -> None:
    for name in ("Ann", "Bo"):
        fields: dict[str, Any] = {"report": "dead-link", "evidence": "404"}
        submit(
            catalog,
            Actor(name=name),
            kind=Kind.REPORT,
            entry=entry_called("Alpha"),
            **fields,
        )

    assert listed(mo) == ["Alpha"]


@pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "0", "%00"])
def test_filters_take_any_value(mo: Client, catalog: Catalog, value: str) -> None:
    names = ("catalog", "kind", "status", "signs", "more", "submitter", "q", "p")
    for name in names:
        assert mo.get(url("submission_changelist"), {name: value}).status_code in {200, 302}


@pytest.mark.parametrize("count", [1, 3])
def test_queue_takes_the_same_queries_for_any_number(
    mo: Client, catalog: Catalog, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        submit(
            catalog,
            contributor(f"grace{number}"),
            name=f"New {number}",
            url=f"https://new{number}.example",
        )

    with django_assert_num_queries(QUERIES):
        mo.get(url("submission_changelist"))


def test_rows_say_what_changes(mo: Client, catalog: Catalog) -> None:
    table, alpha = list_of(catalog, Listing.Kind.TABLE), entry_called("Alpha")
    edit("Gamma", name="Gamma 2", cells={1: "8B", 2: "GPL"})
    edit("Beta", description="Other.")
    submit(catalog, kind=Kind.MOVE, entry=alpha, target=table.pk, placing={})
    submit(catalog, kind=Kind.MOVE, entry=entry_called("Beta"), first=True)
    submit(catalog, kind=Kind.REMOVE, entry=alpha, reason="Removed.")
    submit(catalog, kind=Kind.REPORT, entry=alpha, report="dead-link")
    submit(catalog)

    rows = mo.get(url("submission_changelist")).context["rows"]

    assert [(row.name, row.what) for row in rows] == [
        ("Gamma 2", "name, Size, Licence"),
        ("Beta", "description"),
        ("Alpha", "→ Models"),
        ("Beta", "→ another place there"),
        ("Alpha", "Removed."),
        ("Alpha", "the link is dead"),
        ("Omega", ""),
    ]


def test_full_queue_of_many_catalogs_stays_within_ten_queries(
    mo: Client, catalog: Catalog, django_assert_num_queries: Any
) -> None:
    [one] = several(catalog, 1)
    rows = []
    for number in range(120):
        copy = Submission.objects.get(pk=one.pk)
        copy.pk, copy.token, copy.name = None, f"token-{number}", f"Copy {number}"
        rows.append(copy)
    Submission.objects.bulk_create(rows)

    # Anonymous people have no record to ask for; one more is for a selection over all pages.
    with django_assert_num_queries(QUERIES):
        response = mo.get(url("submission_changelist"))

    assert len(response.context["rows"]) == 50
    assert len(response.context["whole"]) == 121


def test_second_factor_of_staff_makes_it_ten_queries(
    catalog: Catalog, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.REQUIRE_STAFF_MFA = True
    user = member(catalog, "mo")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    submit(catalog, contributor())

    mo = signed_in(user)
    with django_assert_num_queries(10):
        assert mo.get(url("submission_changelist")).status_code == 200


# Deciding on many


def test_bulk_approval_decides_each_by_itself_and_lists_what_was_refused(
    mo: Client, catalog: Catalog
) -> None:
    good = submit(catalog)
    late = submit(catalog, name="Late", url="https://late.example")
    clash = edit("Alpha", description="Proposed.")
    workflow.approve(
        submission=edit("Alpha", Actor(name="Bo"), description="Meanwhile."),
        actor=Actor(user=member(catalog, "al")),
    )
    workflow.withdraw(submission=late, actor=Actor(token=late.token))

    response = mo.post(
        url("submission_bulk"),
        {"do": "approve", "note": "Thanks!", "selected": selected(good, late, clash)},
    )

    refused = {refusal.name: refusal.message for refusal in response.context["refusals"]}
    assert response.context["summary"] == "1 submission was published."
    assert set(refused) == {"Late", "Alpha"}
    assert refused["Alpha"] == "“Alpha” has since been changed; decide what it should be."
    assert "withdrew" in refused["Late"]
    good.refresh_from_db()
    assert good.status == "applied"
    assert events_of(good) == [("submit", "Grace", ""), ("approve", "Mo", "Thanks!")]
    clash.refresh_from_db()
    assert (clash.status, clash.events.count()) == ("pending", 1)
    assert check_catalog(Catalog.objects.get(pk=catalog.pk)) == []


def test_bulk_rejection_needs_a_reason_and_can_be_undone_as_a_whole(
    mo: Client, catalog: Catalog
) -> None:
    two = several(catalog, 2)
    address = url("submission_bulk")

    response = mo.post(address, {"do": "reject", "selected": selected(*two)}, follow=True)
    assert answers(response) == ["Choose a reason."]
    assert listed(mo) == ["New 0", "New 1"]

    data = {"do": "reject", "reason": "quality", "note": "Not yet.", "selected": selected(*two)}
    response = mo.post(address, data, follow=True)
    assert answers(response) == ["2 submissions were rejected."]
    assert listed(mo) == []

    response = mo.post(url("submission_undo"), follow=True)
    assert answers(response) == ["2 submissions are waiting again."]
    assert listed(mo) == ["New 0", "New 1"]
    assert events_of(two[0])[1:] == [("reject", "Mo", "Not yet."), ("undo", "Mo", "")]


def test_bulk_decides_on_all_pages(mo: Client, catalog: Catalog, monkeypatch: Any) -> None:
    monkeypatch.setattr(Queue, "list_per_page", 2)
    several(catalog, 5)
    [first] = re.findall(r'id="whole" name="selected" value="([^"]+)"', queue_page(mo))

    data = {"do": "reject", "reason": "quality", "selected": [first.split()[0], first]}
    response = mo.post(url("submission_bulk"), data, follow=True)

    assert answers(response) == ["5 submissions were rejected."]
    assert 'id="whole"' not in queue_page(mo)
    response = mo.post(url("submission_undo"), follow=True)
    assert answers(response) == ["5 submissions are waiting again."]


def queue_page(client: Client) -> str:
    return client.get(url("submission_changelist")).content.decode()


def test_bulk_decides_nothing_by_a_link_and_nothing_without_a_selection(
    mo: Client, catalog: Catalog
) -> None:
    [one] = several(catalog, 1)
    query = f"?do=approve&selected={one.pk}.{one.revision}"

    assert mo.get(url("submission_bulk") + query).status_code == 302
    response = mo.post(url("submission_bulk"), {"do": "approve"}, follow=True)

    assert answers(response) == ["Select the submissions to decide on."]
    assert listed(mo) == ["New 0"]


# The way through


def test_next_goes_on_in_the_part_of_the_queue_that_one_is_in(mo: Client, catalog: Catalog) -> None:
    one, two, three = several(catalog, 3)
    change = edit("Alpha", description="Other.")
    claimed = submit(catalog, name="Claimed", url="https://claimed.example")
    workflow.claim(submission=claimed, actor=Actor(user=member(catalog, "al")))

    def following(current: Submission, query: str = "") -> str:
        return str(mo.get(url("submission_next", current.pk) + query)["Location"])

    assert following(one) == page_of(two)
    assert following(three) == page_of(change)
    assert following(change) == page_of(one)
    assert following(two, "?kind=edit") == page_of(change) + "?kind=edit"
    assert following(change, "?kind=edit") == url("submission_changelist") + "?kind=edit"
    assert following(one, "?q=new2") == page_of(three) + "?q=new2"


def test_front_page_counts_what_waits_in_five_more_queries_at_most(
    mo: Client, catalog: Catalog
) -> None:
    several(catalog, 2)
    with CaptureQueriesContext(connection) as queries:
        text = mo.get("/admin/").content.decode()

    assert "<b>2</b> waiting for a moderator" in text
    assert f'href="{url("submission_changelist")}?catalog={catalog.pk}"' in text
    about = [query for query in queries if "submissions_" in query["sql"]]
    assert len(about) == 1
