"""Imports and exports on the database of DATABASE_URL, timed: `python -m bench.import_worker`.

A process of its own, so that it has a database and a memory of its own. The first word says what
to do, the others with how many entries; the figures come out as JSON, one object for each.
"""

import gc
import json
import os
import re
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from bench import best_time  # noqa: E402
from bench.databases import disconnect  # noqa: E402
from bench.lists import make_list  # noqa: E402
from catalog.exporting import FORMATS, export_chunks  # noqa: E402
from catalog.history.revisions import Author  # noqa: E402
from catalog.importing.applying import import_text  # noqa: E402
from catalog.markdown import parse  # noqa: E402
from catalog.models import Block, Catalog  # noqa: E402

REPEAT_BELOW = 20_000


def timed(work: Callable[[], object]) -> float:
    """Processor time of this process and of the database's that serves it, in seconds."""
    gc.collect()
    start = time.process_time() + server_time()
    work()
    return time.process_time() + server_time() - start


def server_time() -> float:
    """What PostgreSQL's process for this connection has worked so far, in steps of 10 ms."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        status = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text()
    user, system = status.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def imports(entries: int) -> dict[str, float]:
    """The best of some imports, each into a catalog of its own, and of parsing alone."""
    text = make_list(entries)
    repeat = 4 if entries < REPEAT_BELOW else 1
    slugs = [f"list-{entries}-{number}" for number in range(repeat)]
    runs, parses = [], []
    for slug in slugs:
        parses.append(timed(lambda: parse(text)))
        runs.append(timed(partial(_import, text, slug)))
    return {
        "entries": entries,
        "parse": min(parses),
        "time": min(runs),
    }


def _import(text: str, slug: str) -> None:
    import_text(text, catalog=Catalog(slug=slug, title="A list"), by=Author())


def exports(entries: int) -> dict[str, float]:
    """An export of a list that was imported before, and the plain SELECT of its sources."""
    catalog = Catalog.objects.get(slug=f"list-{entries}-0")
    blocks = Block.objects.filter(catalog=catalog).order_by("position").values_list("source")

    # Often enough for a clock of 10 ms; in turns, so that what else the machine does meets both.
    times = max(1, 20_000 // entries)

    def plain() -> None:
        for _time in range(times):
            for _row in blocks.iterator(chunk_size=1000):
                pass

    def whole() -> None:
        for _time in range(times):
            for chunk in export_chunks(catalog, "markdown"):
                chunk.encode()

    selects, wholes = [], []
    for _ in range(5):
        selects.append(timed(plain) / times)
        wholes.append(timed(whole) / times)
    return {"entries": entries, "select": min(selects), "export": min(wholes)}


def memory(entries: int) -> dict[str, float]:
    """The most memory this process has had after every kind of export."""
    catalog = Catalog.objects.get(slug=f"list-{entries}-0")
    for name in FORMATS:
        for _chunk in export_chunks(catalog, name):
            pass
    status = Path("/proc/self/status").read_text()
    peak = re.search(r"VmHWM:\s*(\d+)", status)
    return {"entries": entries, "peak": int(peak[1]) / 1024 if peak else 0}


def main(what: str, *sizes: str) -> None:
    """Do it for each size."""
    if what == "imports":
        call_command("migrate", verbosity=0)
        best_time(lambda: parse(make_list(100)), repeat=1)
        imports(100)
    work = {"imports": imports, "exports": exports, "memory": memory}[what]
    for size in sizes:
        print(json.dumps(work(int(size))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
    disconnect()
