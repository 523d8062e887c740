"""Numbers about contributions: what they count, what they leave out, what they cost."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Membership, User
from catalog.models import Catalog
from submissions.models import DecisionReason, Kind, Status, Submission
from submissions.statistics import (
    Month,
    Share,
    Week,
    numbers,
    public_numbers,
    waiting_by_catalog,
)
from tests.factories import make_catalog

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Thursday in May."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def catalog() -> Catalog:
    return make_catalog()


def made(catalog: Catalog, status: str = "pending", **fields: Any) -> Submission:
    """A submission that came `age` days ago; one that was decided was so `after` days."""
    created = NOW - timedelta(days=fields.pop("age", 0))
    after = fields.pop("after", None)
    decided = None if after is None else created + timedelta(days=after)
    return Submission.objects.create(
        catalog=catalog,
        kind=Kind.ADD,
        status=status,
        created_at=created,
        status_at=decided or created,
        decided_at=decided,
        proposal={"kind": "add"},
        base={},
        **fields,
    )


def test_public_numbers_show_what_waits_and_how_long_it_takes(catalog: Catalog) -> None:
    made(catalog)
    made(catalog, is_held=True)
    made(catalog, Status.UNCONFIRMED)
    for after in (1, 2, 6, 7):
        made(catalog, Status.APPLIED, age=8, after=after)
    made(catalog, Status.REJECTED, age=40, after=4)
    # Longer ago than what a median is made of, and longer ago than a year.
    made(catalog, Status.APPLIED, age=200, after=90)
    made(catalog, Status.APPLIED, age=500, after=10)
    # Neither spam nor what was taken back says how long a decision takes.
    made(catalog, Status.REJECTED, age=3, after=3, is_spam=True)
    made(catalog, Status.REVERTED, age=60, after=50)
    made(make_catalog("other"), age=90)

    results = public_numbers(catalog)

    assert (results.waiting, results.median_days) == (2, 4)
    assert results.months[0] == Month(date(2025, 6, 1), 0, 0)
    assert [month for month in results.months if month.decided] == [
        Month(date(2026, 1, 1), 1, 1),
        Month(date(2026, 4, 1), 1, 0),
        Month(date(2026, 5, 1), 5, 4),
    ]


def test_public_numbers_of_an_even_count_lie_between_the_middle_two(catalog: Catalog) -> None:
    for after in (1, 2, 5, 9):
        made(catalog, Status.APPLIED, age=10, after=after)

    assert public_numbers(catalog).median_days == 3.5


def test_public_numbers_of_nothing(catalog: Catalog, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        results = public_numbers(catalog)

    assert (results.waiting, results.median_days, len(results.months)) == (0, None, 12)


@pytest.mark.parametrize("count", [1, 3])
def test_public_numbers_take_two_queries(
    catalog: Catalog, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        made(catalog, Status.APPLIED, age=10 * number + 5, after=1)
        made(catalog)

    with django_assert_num_queries(2):
        public_numbers(catalog)


def test_waiting_is_counted_in_the_catalogs_that_the_person_moderates(
    catalog: Catalog, django_assert_num_queries: Any
) -> None:
    later, foreign = make_catalog("later", "Later"), make_catalog("foreign")
    oldest = made(catalog, age=3)
    made(catalog, age=9, is_held=True)
    made(later, age=1)
    made(foreign, age=5)
    user = User.objects.create_user("mo", is_staff=True)
    for one in (catalog, later):
        Membership.objects.create(user=user, catalog=one, role=Membership.Role.MODERATOR)

    with django_assert_num_queries(2):
        results = waiting_by_catalog(user)

    assert [(one.catalog, one.waiting, one.held) for one in results] == [
        (catalog, 2, 1),
        (later, 1, 0),
    ]
    assert results[0].oldest == oldest.created_at
    assert len(waiting_by_catalog(User.objects.create_superuser("ada"))) == 3


def test_numbers_are_by_week_moderator_and_reason(catalog: Catalog) -> None:
    ann = User.objects.create_user("ann", display_name="Ann")
    bo = User.objects.create_user("bo")
    DecisionReason.objects.create(catalog=catalog, code="broken", text="Does not open.")
    made(catalog, age=2)
    for _again in range(2):
        made(catalog, Status.APPLIED, age=9, after=2, decided_by=ann)
    made(catalog, Status.REJECTED, age=4, after=4, decided_by=ann, reason="broken")
    made(catalog, Status.REJECTED, age=3, after=3, decided_by=bo, reason="quality")
    made(catalog, Status.APPLIED, age=300, after=1, decided_by=bo)

    results = numbers(Submission.objects.all())

    assert (results.waiting, results.held, results.median) == (1, 0, timedelta(days=2, hours=12))
    assert results.weeks[-2:] == [
        Week(date(2026, 5, 4), 3, 2, 0),
        Week(date(2026, 5, 11), 2, 0, 2),
    ]
    assert results.moderators == [Share("Ann", 3, 2, 1), Share("bo", 1, 0, 1)]
    assert results.reasons == [Share("Does not open.", 1), Share("quality", 1)]


@pytest.mark.parametrize("count", [1, 3])
def test_numbers_take_the_same_queries_for_any_number(
    catalog: Catalog, count: int, django_assert_num_queries: Any
) -> None:
    ann = User.objects.create_user("ann")
    for number in range(count):
        made(catalog, Status.APPLIED, age=10 * number + 5, after=1, decided_by=ann)
        made(catalog, Status.REJECTED, age=10 * number + 5, after=1, decided_by=ann, reason="x")

    with django_assert_num_queries(9):
        numbers(Submission.objects.all())
