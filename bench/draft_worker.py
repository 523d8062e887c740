"""Drafts and checks on the database of DATABASE_URL, timed: `python -m bench.draft_worker N …`.

For lists of so many entries; the figures come out as JSON, one object for each: seconds of
processor time of this process, and of the database's that serves it, for an addition that is
drafted and checked, and for the parts.
"""

import json
import sys
from collections.abc import Callable

from django.core.management import call_command

from bench.databases import disconnect
from bench.import_worker import timed
from bench.lists import make_list
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Catalog, Entry
from submissions.checks import check
from submissions.choices import Kind
from submissions.models import ContributionPolicy
from submissions.proposal import Proposal, SubmissionDraft
from submissions.publishing.planning import base_of
from submissions.publishing.previewing import preview_lines

ROUNDS, TIMES = 5, 10


def best(work: Callable[[int], object]) -> float:
    """The least time of one of several runs, each with other words, as typing has them."""

    def run() -> None:
        for number in range(TIMES):
            work(number)

    run()
    return min(timed(run) for _ in range(ROUNDS)) / TIMES


def measure(entries: int) -> dict[str, float]:
    """A list of so many entries, and what a draft and its findings cost in the middle of it."""
    text = make_list(entries)
    catalog = import_text(
        text, catalog=Catalog(slug=f"list-{entries}", title="A"), by=Author()
    ).catalog
    policy = ContributionPolicy.of(catalog)
    published = Entry.objects.published().filter(catalog=catalog).in_reading_order()
    about = published.select_related("listing", "block")[entries // 2]
    base = base_of(catalog, about)

    def addition(number: int) -> Proposal:
        name = f"Projekt {number} reader"
        url = f"https://github.com/owner-1/project-{number}-reader"
        return Proposal(Kind.ADD, cells={0: f"[{name}]({url})", 1: "value 3 1", 2: "Says so."})

    def edit(number: int) -> Proposal:
        return Proposal(Kind.EDIT, description=f"Reads {number} of all kinds.")

    largest = catalog.listings.order_by("-entry_count")[0]

    def draft_addition(number: int) -> None:
        made = preview_lines(SubmissionDraft(catalog, addition(number), largest))
        if not made.added:
            sys.exit(f"no draft: {made.findings}")

    def check_addition(number: int) -> None:
        check(SubmissionDraft(catalog, addition(number), largest, base=base), policy)

    def preview_edit(number: int) -> None:
        preview_lines(SubmissionDraft(catalog, edit(number), entry=about))

    def preview(number: int) -> None:
        draft_addition(number)
        check_addition(number)

    return {
        "entries": entries,
        "draft": best(draft_addition),
        "edit": best(preview_edit),
        "check": best(check_addition),
        "preview": best(preview),
    }


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    for size in sys.argv[1:]:
        print(json.dumps(measure(int(size))), flush=True)
    disconnect()
