"""The queue with few and with many submissions, timed: `python -m bench.queue_worker`.

The figures come out as JSON: seconds of processor and queries of the page with 10 and with 10,000
that wait.
"""

import gc
import json
import os
import sys
import time
from datetime import timedelta
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Membership, User  # noqa: E402
from bench.databases import disconnect  # noqa: E402
from bench.lists import make_list  # noqa: E402
from catalog.history.revisions import Author  # noqa: E402
from catalog.importing.applying import import_text  # noqa: E402
from catalog.models import Catalog  # noqa: E402
from submissions.models import Kind, Status, Submission  # noqa: E402

FEW, MANY = 10, 10_000
PAGE = "/admin/submissions/submission/"
ROUNDS = 7


def add(catalog: Catalog, count: int, people: list[User]) -> None:
    """Additions that wait, with findings, by several people."""
    now = timezone.now()
    finding = {"rule": "capital", "severity": "warn", "field": "name", "message": "A capital."}
    Submission.objects.bulk_create(
        [
            Submission(
                catalog=catalog,
                kind=Kind.ADD,
                status=Status.PENDING,
                status_at=now,
                created_at=now - timedelta(minutes=number),
                submitter=people[number % len(people)],
                name=f"Name {number}",
                url=f"https://example{number}.org/",
                proposal={"kind": "add", "name": f"Name {number}"},
                base={},
                findings=[finding] * (number % 3),
            )
            for number in range(count)
        ],
        batch_size=1000,
    )


def measure(client: Client) -> tuple[float, int]:
    """The least processor time of the page, and its queries."""
    client.get(PAGE)
    queries = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        if client.get(PAGE).status_code != 200:
            sys.exit(f"{PAGE} is not there")
    best = float("inf")
    for _round in range(ROUNDS):
        gc.collect()
        start = time.process_time()
        client.get(PAGE)
        best = min(best, time.process_time() - start)
    return best, queries


def main() -> None:
    """Fill the database and print the figures."""
    call_command("migrate", verbosity=0)
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"]["BACKEND"] = plain
    settings.REQUIRE_STAFF_MFA = False
    catalog = import_text(
        make_list(1000), catalog=Catalog(slug="list", title="A list"), by=Author()
    ).catalog
    people = [User.objects.create_user(f"person{number}") for number in range(100)]
    moderator = User.objects.create_user("mo", is_staff=True)
    Membership.objects.create(user=moderator, catalog=catalog, role=Membership.Role.MODERATOR)
    client = Client(SERVER_NAME="localhost")
    client.force_login(moderator)
    figures = {}
    for count in (FEW, MANY):
        add(catalog, count - Submission.objects.count(), people)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        figures[str(count)] = measure(client)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
    disconnect()
