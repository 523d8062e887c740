"""What everybody may know about contributing to a list."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from django.test import Client
from django.utils.formats import date_format
from django.utils.timezone import localdate
from pytest_django import DjangoAssertNumQueries

from catalog.models import Catalog
from submissions import workflow
from submissions.choices import WhoMaySubmit
from submissions.models import ContributionPolicy, Submission
from submissions.statistics import Month
from submissions.views.suggest import chart_of
from tests.submission_factories import make_moderator, make_tools, submit

pytestmark = pytest.mark.django_db

ADDRESS = "/contribute/tools/"


@pytest.fixture
def catalog() -> Catalog:
    return make_tools(guidelines="Only *maintained* editors.")


def test_page_says_who_may_how_and_how_long(client: Client, catalog: Catalog) -> None:
    moderator = make_moderator(catalog)
    workflow.approve(submission=submit(catalog, name="Omega"), actor=moderator)
    submit(catalog, name="Psi", url="https://psi.example")

    text = client.get(ADDRESS).text

    for part in (
        "with or without an account",
        "1 submission waits for a moderator.",
        "Decisions usually take less than a day.",
        "Only <em>maintained</em> editors.",
        "<td>1</td><td>1</td>",
    ):
        assert part in text
    for secret in ("Psi", "Omega", "Grace", "mo"):
        assert f">{secret}<" not in text


@pytest.mark.parametrize(
    ("who", "answers"),
    [
        (WhoMaySubmit.OPEN, "with or without an account"),
        (WhoMaySubmit.CONFIRMED_EMAIL, "with a confirmed e-mail address"),
        (WhoMaySubmit.SIGNED_IN, "Anyone who is signed in"),
        (WhoMaySubmit.CLOSED, "not accepting submissions"),
    ],
)
def test_page_says_whom_the_list_admits(
    client: Client, catalog: Catalog, who: WhoMaySubmit, answers: str
) -> None:
    ContributionPolicy.objects.create(catalog=catalog, who_may_submit=who)

    text = client.get(ADDRESS).text

    assert answers in text
    # The form is in the frame's own link on no page that is closed.
    assert ('class="button" href="/contribute/tools/new/"' in text) is (who != WhoMaySubmit.CLOSED)


def test_page_asks_the_same_for_any_number(
    client: Client, catalog: Catalog, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 3):
        for number in range(count):
            submit(catalog, name=f"N{number}", url=f"https://n{number}-{count}.example")
        with django_assert_num_queries(3):
            client.get(ADDRESS)


def test_list_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/contribute/nothing/").status_code == 404


def test_chart_stands_on_its_largest_month() -> None:
    months = [Month(date(2026, 1, 1), 4, 2), Month(date(2026, 2, 1), 0, 0)]

    chart = chart_of(months)

    assert chart is not None
    assert [(bar.decided, bar.decided_y, bar.applied, bar.applied_y) for bar in chart.bars] == [
        (96, 0, 48, 48),
        (0, 96, 0, 96),
    ]
    assert (chart.width, chart.most) == (88, 4)
    assert chart_of([Month(date(2026, 1, 1), 0, 0)]) is None


@pytest.mark.parametrize("decide", [workflow.approve, partial(workflow.reject, reason="quality")])
def test_pages_of_the_list_say_when_it_last_decided(
    client: Client, catalog: Catalog, decide: Callable[..., Submission]
) -> None:
    before = client.get("/tools/")
    tag = before.headers["ETag"]
    decide(submission=submit(catalog), actor=make_moderator(catalog))

    after = client.get("/tools/", headers={"if-none-match": tag})

    words = f"Last decision on a submission: {date_format(localdate(), 'DATE_FORMAT')}."
    assert ("Last decision" in before.text, words in after.text) == (False, True)
    assert words in client.get(ADDRESS).text
