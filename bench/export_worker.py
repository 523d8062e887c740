"""Times exports and changes of one list: `python -m bench.export_worker ENTRIES`.

A process of its own, so that it has a database of its own. Prints seconds as a JSON object.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from bench.databases import disconnect  # noqa: E402
from bench.lists import make_list  # noqa: E402
from catalog.editing.entries import change_entry  # noqa: E402
from catalog.history.change_feed import follow  # noqa: E402
from catalog.history.revisions import Author  # noqa: E402
from catalog.importing.applying import import_text  # noqa: E402
from catalog.models import Block, Catalog, Entry, EntryTag, Link  # noqa: E402

CLIENT = Client(HTTP_HOST="localhost")


def timed(*works: Callable[[], object], repeat: int) -> list[float]:
    """The least processor time of each, in turns, so that what else happens meets all."""
    best = [float("inf")] * len(works)
    for _time in range(repeat):
        for number, work in enumerate(works):
            start = time.process_time()
            work()
            best[number] = min(best[number], time.process_time() - start)
    return best


def main(entries: int) -> None:
    """Print the figures of a list with so many entries."""
    call_command("migrate", verbosity=0)
    catalog = import_text(
        make_list(entries), catalog=Catalog(slug="list", title="A list"), by=Author()
    ).catalog
    entry = catalog.entries.order_by("position")[entries // 2]
    change_entry(entry=entry, by=Author(), description="Something else")
    catalog.refresh_from_db()
    blocks = Block.objects.filter(catalog=catalog).order_by("position")
    rows = (
        Entry.objects.filter(catalog=catalog).order_by("position").values_list(),
        EntryTag.objects.order_by("content_object_id").values_list(),
        Link.objects.filter(catalog=catalog).order_by("entry_id").values_list(),
    )

    def read_all() -> None:
        for query in rows:
            for _row in query.iterator(chunk_size=1000):
                pass

    names = ("sources", "markdown", "first", "rows", "json", "change")
    times = timed(
        lambda: sum(1 for _row in blocks.values_list("source").iterator(chunk_size=1000)),
        lambda: request_export().getvalue(),
        first_byte,
        read_all,
        lambda: request_export("json").getvalue(),
        lambda: follow(catalog, 1),
        repeat=max(3, 40_000 // entries),
    )
    print(json.dumps(dict(zip(names, times, strict=True))), flush=True)


def request_export(name: str = "markdown") -> Any:
    """The answer to a request for an export."""
    return CLIENT.get(f"/api/v1/catalogs/list/export/?format={name}", secure=True)


def first_byte() -> None:
    """Read the beginning of an export, and break it off."""
    response = request_export()
    next(iter(response.streaming_content))
    response.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
    disconnect()
