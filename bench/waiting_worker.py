"""How long others wait to write while a long list comes in: `python -m bench.waiting_worker N`.

On the database of DATABASE_URL. A process of its own imports N entries for the first time, then
again with 5,000 of them changed; meanwhile this one writes sessions, as signing in does, and edits
entries of another list. The figures come out as JSON, seconds of waiting; memory in MB.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402

from bench.databases import disconnect  # noqa: E402
from bench.lists import make_list  # noqa: E402
from catalog.editing.entries import change_entry  # noqa: E402
from catalog.history.revisions import Author  # noqa: E402
from catalog.importing import applying  # noqa: E402
from catalog.importing.applying import import_text  # noqa: E402
from catalog.models import Catalog, Entry  # noqa: E402

CHANGED = 5_000
_PAUSE = 0.02


def imports(entries: int) -> None:
    """Import a list, and again with some of its entries changed; prints the memory it took."""
    text = make_list(entries)
    catalog = import_text(text, catalog=Catalog(slug="long", title="A list"), by=Author()).catalog
    print(json.dumps({"peak": _peak(), "text": len(text.encode()) / 2**20}), flush=True)
    changed = re.sub(r"\[Project (\d*[13579])\]", r"[Project \1 now]", text, count=CHANGED)
    import_text(changed, catalog=catalog, by=Author())
    print(json.dumps({"later": True}), flush=True)


def _peak() -> float:
    status = Path("/proc/self/status").read_text()
    peak = re.search(r"VmHWM:\s*(\d+)", status)
    return int(peak[1]) / 1024 if peak else 0


def write_meanwhile(importer: "subprocess.Popen[str]", entries: list[Entry]) -> list[float]:
    """Sign in and edit in turns until the importer has ended; returns how long each took."""
    times: list[float] = []
    while importer.poll() is None:
        start = time.perf_counter()
        if len(times) % 4:
            SessionStore().create()
        else:
            number = len(times)
            change_entry(
                entry=entries[number % len(entries)], description=f"{number}.", by=Author()
            )
        times.append(time.perf_counter() - start)
        time.sleep(_PAUSE)
    return times


def main(what: str, size: str, at_once: str = f"{applying.AT_ONCE}") -> None:
    """Do both sides; a list of more than `at_once` blocks is written in slices."""
    if what == "imports":
        applying.AT_ONCE = int(at_once)
        imports(int(size))
        return
    call_command("migrate", verbosity=0)
    other = import_text(
        make_list(200, seed=2), catalog=Catalog(slug="other", title="Other"), by=Author()
    ).catalog
    entries = list(Entry.objects.published().filter(catalog=other).exclude(description=""))
    disconnect()
    command = [sys.executable, "-m", "bench.waiting_worker", "imports", size, at_once]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as importer:
        times = sorted(write_meanwhile(importer, entries))
        printed = importer.stdout.read().splitlines() if importer.stdout else []
    if importer.returncode:
        sys.exit(importer.returncode)
    memory = json.loads(printed[0])
    figures = {"writes": len(times), "p99": times[int(len(times) * 0.99)], "most": times[-1]}
    print(json.dumps(figures | memory), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
    disconnect()
