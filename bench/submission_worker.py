"""Approvals and edits on the database of DATABASE_URL: `python -m bench.submission_worker SIZE …`.

Of every kind some, on a list of each size. The figures come out as JSON, one object for each size:
the median seconds of processor of each by kind, and of parsing a list of 1,000.
"""

import json
import os
import statistics
import sys
from collections.abc import Callable
from functools import partial

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.core.management import call_command  # noqa: E402

from accounts.models import User  # noqa: E402
from bench.databases import disconnect  # noqa: E402
from bench.import_worker import timed  # noqa: E402
from bench.lists import make_list  # noqa: E402
from catalog.editing.entries import add_entry, change_entry, move_entry, remove_entry  # noqa: E402
from catalog.history.revisions import Author  # noqa: E402
from catalog.importing.applying import import_text  # noqa: E402
from catalog.markdown import parse  # noqa: E402
from catalog.models import Catalog, Entry, Listing  # noqa: E402
from submissions import workflow  # noqa: E402
from submissions.models import Kind, Submission  # noqa: E402
from submissions.people import Actor  # noqa: E402
from submissions.proposal import Proposal  # noqa: E402

TIMES = 25
"""Approvals of each kind; the first one warms up."""


def submissions(catalog: Catalog) -> dict[str, list[Submission]]:
    """What is to be approved, spread over the whole list."""
    rows = Entry.objects.filter(catalog=catalog, listing__kind=Listing.Kind.TABLE)
    entries = list(rows.select_related("listing").in_reading_order())
    spread = entries[:: len(entries) // (3 * TIMES)]
    made: dict[str, list[Submission]] = {}
    for number in range(TIMES):
        entry, other, third = spread[3 * number : 3 * number + 3]
        for kind, proposal, about in (
            (
                "add",
                Proposal(Kind.ADD, name=f"N {number}", url=f"https://n.example/{number}"),
                entry,
            ),
            ("edit", Proposal(Kind.EDIT, cells={1: f"changed {number}"}), entry),
            ("move", Proposal(Kind.MOVE, first=True), other),
            ("remove", Proposal(Kind.REMOVE, reason="It is gone."), third),
        ):
            is_new = kind == "add"
            made.setdefault(kind, []).append(
                workflow.submit(
                    catalog=catalog,
                    actor=Actor(name=f"Person {number}", network_hash=f"{kind} {number}"),
                    proposal=proposal,
                    listing=about.listing if is_new else None,
                    entry=None if is_new else about,
                )
            )
    return made


def edits(catalog: Catalog) -> dict[str, list[Callable[[], object]]]:
    """The same edits as maintainers make them, without a submission."""
    rows = Entry.objects.published().filter(catalog=catalog, listing__kind=Listing.Kind.TABLE)
    entries = list(rows.select_related("listing").in_reading_order())
    spread = entries[7 :: len(entries) // (3 * TIMES) - 1]
    made: dict[str, list[Callable[[], object]]] = {}
    table = spread[0].listing
    if table is None:
        raise LookupError("a row of a table without its table")
    for number in range(TIMES):
        entry, other, third = spread[3 * number : 3 * number + 3]
        url = f"https://m.example/{number}"
        for kind, edit in (
            ("add", partial(add_entry, listing=table, name=f"M {number}", url=url)),
            ("edit", partial(change_entry, entry=entry, cells={1: f"other {number}"})),
            ("move", partial(move_entry, entry=other, first=True)),
            ("remove", partial(remove_entry, entry=third)),
        ):
            made.setdefault(kind, []).append(partial(edit, by=Author()))
    return made


def figures_of(size: int) -> dict[str, float]:
    """The median time of an approval and of an edit of each kind, on a list of so many entries."""
    catalog = Catalog(slug=f"list-{size}", title="A list")
    catalog = import_text(make_list(size), catalog=catalog, by=Author()).catalog
    catalog.refresh_from_db()
    moderator = Actor(user=User.objects.get(is_superuser=True))
    text = make_list(1_000)
    parses = [timed(lambda: parse(text)) for _time in range(5)]
    figures: dict[str, float] = {"entries": size, "parse": statistics.median(parses)}
    for kind, rows in submissions(catalog).items():
        times = [
            timed(lambda row=row: workflow.approve(submission=row, actor=moderator))  # type: ignore[misc]
            # One is left waiting, so that edits have submissions to look at.
            for row in rows[:-1]
        ]
        figures[f"approve {kind}"] = statistics.median(times[1:])
    for kind, made in edits(catalog).items():
        figures[f"plain {kind}"] = statistics.median([timed(edit) for edit in made][1:])
    return figures


def main(*sizes: str) -> None:
    """Do it for each size."""
    call_command("migrate", verbosity=0)
    User.objects.create_superuser("mo", "mo@people.example", "secret")
    for size in sizes:
        print(json.dumps(figures_of(int(size))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
    disconnect()
