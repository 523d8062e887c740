"""Finding entries, and the pages of single ones, on the site of DATABASE_URL, measured.

`python -m bench.finding_worker 100000 1`: it has so many entries in so many lists; see `sites`.
Requests go to the WSGI application, middleware included,
and every answer is made anew. The figures are the 95th percentile of some addresses, of each the
least of several rounds: seconds of processor, of this process and of the database server. Beside
each stands that of a view that does nothing, at the same time: how fast a processor is may change
from minute to minute.
"""

import json
import random
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.page_worker import BARE, get, measured_application  # sets Django up, so it comes first

from django.core.cache import caches  # isort: skip
from django.db import connection  # isort: skip

from bench.databases import disconnect
from catalog.editing.entries import change_entry
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry, Facet

COMMON = ("fast", "small", "open", "tools", "large", "models", "data", "sets", "training", "模型")
PER_PAGE, PER_API_PAGE = 50, 50
ROUNDS, EDITS, REQUESTS = 7, 30, 10_000
QUERIES = 80


def addresses(entries: int) -> dict[str, list[str]]:
    """What is requested, by what it is called in the table."""
    api = "/api/v1/entries/?catalog=list"
    shares = (0.0, 0.1, 0.5, 0.9, 0.999)
    pages = [int(entries / PER_PAGE * share) + 1 for share in shares]
    typed = [f"project {number}" for number in range(10, 40)]
    pairs = [f"{word} {other}" for word in COMMON[:5] for other in COMMON[5:9]]
    first, number = Entry.objects.earliest("pk").pk, Catalog.objects.get(slug="list").entry_count
    some = Entry.objects.filter(pk__in=range(first, first + number, number // 40))
    return {
        "entry": [entry.get_absolute_url() for entry in some.select_related("catalog")],
        "list": ["/list/"],
        "sitemap": ["/sitemap-entries.xml"],
        "browse": [f"/list/browse/?page={page}" for page in pages],
        **{
            f"browse, {sort}": [f"/list/browse/?sort={sort}&page={page}" for page in pages]
            for sort in ("name", "newest", "changed")
        },
        "browse, two facets": [f"/list/browse/?{tags}" for tags in chosen()],
        "browse, a word": [f"/list/browse/?q={quote(word)}" for word in COMMON],
        "browse, a word and two facets": [f"/list/browse/?q=fast&{tags}" for tags in chosen()],
        "search, a word": [f"/search/?q={quote(word)}" for word in COMMON],
        "search, two words": [f"/list/search/?q={quote(pair)}" for pair in pairs],
        "search, misspelled": [f"/list/search/?q={quote(word[1:])}+projcet" for word in COMMON],
        "suggestions": [f"/search/suggest?q={quote(text)}" for text in typed],
        "API": [f"{api}&page={page}" for page in pages],
        "API, all lists": [f"/api/v1/entries/?page={page}" for page in pages],
        "API, newest": [f"{api}&ordering=-created_at&page={page}" for page in pages],
        "API, two tags": [f"{api}&tag=facet-0:value-0-{n}&tag=facet-1:value-1-0" for n in range(8)],
        "API, a tag by name": [f"{api}&tag=facet-0:value-0-{n}&ordering=name" for n in range(8)],
        "API, language": [f"{api}&text_language=zh&page={page}" for page in (1, 20, 100)],
        "API, changed since": [f"{api}&updated_since=20{year}-01-01" for year in range(20, 30)],
    }


def chosen() -> list[str]:
    """Tags of two facets, two of the one and one of the other; common ones and rare ones."""
    # A column of a short list may have too many values to be a facet.
    called = Facet.objects.filter(catalog__slug="list", slug__startswith="facet-")
    facets = sorted(int(slug[6:]) for slug in called.values_list("slug", flat=True))
    queries = []
    for n in range(QUERIES):
        one, other = facets[n % len(facets)], facets[(n + 1) % len(facets)]
        ranks = [(one, n % 5), (one, n % 3 + 5), (other, n % 4)]
        queries.append("&".join(f"tag=facet-{f}:value-{f}-{rank}" for f, rank in ranks))
    return queries


def server() -> Path | None:
    """Where Linux says how long the server's process for this connection has worked."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [(pid,)] = cursor.fetchall()
    return Path(f"/proc/{pid}/schedstat")


def worked(process: Path | None) -> float:
    """Seconds of processor of this process and of the server's."""
    seconds = time.process_time()
    if process is not None:
        seconds += int(process.read_text(encoding="ascii").split()[0]) / 1e9
    return seconds


def cost(application: Any, address: str, process: Path | None) -> float:
    """What the answer costs."""
    for alias in ("pages", "findings"):
        caches[alias].clear()
    start = worked(process)
    status, *_rest = get(application, address)
    seconds = worked(process) - start
    if not status.startswith("200"):
        raise AssertionError(f"{address}: {status}")
    return seconds


def bare_cost(application: Any, process: Path | None) -> float:
    """What a view costs that does nothing: the least of a few, as the first behind another page
    finds nothing of its own in the processor's caches."""
    return min(cost(application, BARE, process) for _time in range(5))


def percentile(costs: list[float]) -> float:
    """What 95 of 100 cost at most."""
    return sorted(costs)[int(len(costs) * 0.95)]


def anew(application: Any, paths: list[str], process: Path | None) -> tuple[float, float]:
    """The percentiles of some addresses and of a bare view."""
    best = [float("inf")] * len(paths)
    bare = [float("inf")] * len(paths)
    for _round in range(ROUNDS):
        for n, address in enumerate(paths):
            best[n] = min(best[n], cost(application, address, process))
            bare[n] = min(bare[n], bare_cost(application, process))
    return percentile(best), percentile(bare)


def after_edits(application: Any, process: Path | None) -> tuple[float, float]:
    """The percentiles of the first page after each of some edits, and of a bare view."""
    costs, bare = [], []
    entries = Entry.objects.published().filter(catalog__slug="list").order_by("-pk")[:EDITS]
    for entry, tags in zip(entries, chosen(), strict=False):
        change_entry(entry=entry, by=Author(), description=f"{entry.description} again")
        costs.append(cost(application, f"/list/browse/?{tags}", process))
        bare.append(bare_cost(application, process))
    return percentile(costs), percentile(bare)


def mixed(application: Any, requests: dict[str, list[str]]) -> None:
    """As many requests as a process may get in an hour, of all kinds in turns."""
    chance = random.Random(1)
    paths = [address for own in requests.values() for address in own]
    for _time in range(REQUESTS):
        caches["pages"].clear()
        get(application, chance.choice(paths))


def memory() -> int:
    """Bytes of memory that the process has in use."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def main(entries: str, lists: str = "1") -> None:
    """Print the figures."""
    application = measured_application()
    # One process of the server for all requests.
    connection.close()
    connection.settings_dict["CONN_MAX_AGE"] = None
    process = server()
    first = cost(application, f"/list/browse/?{chosen()[0]}", process)
    figures: dict[str, Any] = {
        "browse, a new process": (first, anew(application, [BARE] * 10, process)[1])
    }
    requests = addresses(int(entries) if lists == "1" else int(entries) // 2)
    for name, paths in requests.items():
        figures[name] = anew(application, paths, process)
    mixed(application, requests)
    figures["memory"] = memory()
    figures["browse, after an edit"] = after_edits(application, process)
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
    disconnect()
