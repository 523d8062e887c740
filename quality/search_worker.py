"""Searching for known entries on the database of DATABASE_URL: run by `quality_search.py`.

The database is filled with the lists of a half where it is empty.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.core.management import call_command  # noqa: E402

from catalog.finding.matching import Index  # noqa: E402
from catalog.finding.results import plain  # noqa: E402
from catalog.finding.searching import TextSearch  # noqa: E402
from catalog.finding.suggesting import suggest  # noqa: E402
from catalog.finding.text import read_query  # noqa: E402
from catalog.history.revisions import Author  # noqa: E402
from catalog.importing.applying import import_text  # noqa: E402
from catalog.models import Catalog, Entry  # noqa: E402
from quality.lists import paths_of  # noqa: E402
from quality.queries import Known, Query, make_queries  # noqa: E402

SHOWN = 5
WORST = 10
COLUMNS = "{:<20} {:>7} {:>7} {:>7} {:>7}"


class Answer(NamedTuple):
    """The outcome of a query; `place` counts from 1, 0: not among the first."""

    query: Query
    place: int
    is_empty: bool
    first: str
    suggests_first: bool
    """Or the spelling was corrected."""


def fill(folder: Path, half: str) -> None:
    """Import the lists of the half, in place of an older import."""
    call_command("migrate", verbosity=0)
    present = set(Catalog.objects.values_list("slug", flat=True))
    for number, path in enumerate(paths_of(folder, half), 1):
        if f"list-{number}" not in present:
            text = path.read_text(encoding="utf-8", newline="")
            import_text(text, catalog=Catalog(slug=f"list-{number}", title=path.stem), by=Author())


def known_entries() -> list[Known]:
    """All published entries that have a name and an address."""
    fields = ("pk", "catalog_id", "name", "url", "canonical_url", "description_html", "cells")
    rows = Entry.objects.published().exclude(canonical_url="").order_by("pk").values_list(*fields)
    return [
        Known(
            pk, catalog, name, url, canonical,
            plain(description or " . ".join([cell["html"] for cell in cells])),
        )
        for pk, catalog, name, url, canonical, description, cells in rows
    ]  # fmt: skip


def ask(query: Query) -> Answer:
    """Search for a query, and type it into the box."""
    matches = TextSearch(read_query(query.text), Index(None))
    pks = matches.best(None, 0, SHOWN)
    place = next((n for n, pk in enumerate(pks, 1) if pk in query.answers), 0)
    suggested = [result.pk for result in suggest(query.text, None).entries[:1]]
    first = Entry.objects.get(pk=pks[0]).name if pks else ""
    return Answer(query, place, not pks, first, bool(matches.corrected) or suggested == pks[:1])


def report(half: str, answers: Sequence[Answer]) -> None:
    """Print a line for each kind, and what went worst."""
    kinds: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        kinds[answer.query.kind].append(answer)
    print(COLUMNS.format(half, "hit@1", "hit@5", "empty", "n"))
    for kind, of_kind in [*kinds.items(), ("all", list(answers))]:
        print(
            COLUMNS.format(
                kind,
                *[
                    f"{sum(flags) / len(of_kind):.2f}"
                    for flags in (
                        [answer.place == 1 for answer in of_kind],
                        [answer.place > 0 for answer in of_kind],
                        [answer.is_empty for answer in of_kind],
                    )
                ],
                len(of_kind),
            )
        )
    same = sum(answer.suggests_first for answer in answers) / len(answers)
    print(f"suggestion = first result: {same:.2f}")
    worst = [answer for answer in answers if not answer.place]
    for answer in worst[:: max(1, len(worst) // WORST)][:WORST]:
        print(f"  missed: {answer.query.text!r} ({answer.query.kind}), first: {answer.first!r}")


def main(half: str, folder: str) -> None:
    """Fill the database and print the figures of the half."""
    fill(Path(folder), half)
    report(half, [ask(query) for query in make_queries(known_entries())])


if __name__ == "__main__":
    main(*sys.argv[1:])
