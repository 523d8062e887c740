"""Searching and browsing on the database of DATABASE_URL, timed.

`python -m bench.search_worker 100000`. Requests go to the WSGI application, middleware included,
each for another query or page so that none is answered from what is kept. The figures are the 95th
percentile by the clock, in seconds, of addresses that were asked for several times: what else goes
on makes a request slower, never faster, so the least of an address is its own.
"""

import json
import sys
import time
from typing import Any
from urllib.parse import quote

from bench.page_worker import BARE, bare, get  # sets Django up, so it comes first

from django.conf import settings  # isort: skip
from django.core.cache import caches  # isort: skip
from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip
from django.urls import path  # isort: skip

from bench.databases import disconnect
from bench.lists import FACETS, make_list
from catalog.editing.entries import change_entry
from catalog.history.revisions import By
from catalog.importing.applying import import_text
from catalog.models import Catalog, Entry
from config import urls

COMMON = ("fast", "small", "open", "tools", "large", "models", "data", "sets", "training", "模型")
PAGES = (1, 2, 3, 5, 10, 50, 100, 500, 1000, 1500, 1990, 2000)
EDITS, ROUNDS = 20, 5


def addresses() -> dict[str, list[str]]:
    """What is asked for, by what it is called in the table."""
    letters = [word for word in COMMON if word.isascii()]
    pairs = [f"{word} {other}" for word in letters for other in letters if word != other]
    typed = [f"project {number}" for number in range(10, 100)]
    characters = "开源大语言模型训练推理数据集评测工具框架中文指令微调对话检索增强生成"
    return {
        "common word": [
            f"/search/?q={quote(word)}&page={page}" for word in COMMON for page in range(1, 6)
        ],
        "two common words": [f"/list/search/?q={quote(pair)}" for pair in pairs],
        "nothing found": [f"/list/search/?q={quote(word)}xyz+projcet" for word in COMMON],
        "suggestions": [f"/search/suggest?q={quote(text)}" for text in typed],
        "suggestions in a list": [f"/list/search/suggest?q={text[8:]}" for text in typed],
        "suggestions, Chinese": [f"/search/suggest?q={quote(text)}" for text in characters],
        "browse": [f"/list/browse/?page={page}" for page in PAGES],
        **{
            f"browse, {sort}": [f"/list/browse/?sort={sort}&page={page}" for page in PAGES]
            for sort in ("name", "newest", "changed")
        },
        "browse, two facets": [f"/list/browse/?{tags}" for tags in chosen()],
        "browse, a word": [f"/list/browse/?q={quote(word)}" for word in COMMON],
        "browse, a word and two facets": [f"/list/browse/?q=fast&{tags}" for tags in chosen()],
    }


def chosen() -> list[str]:
    """Tags of two facets, two of the one and one of the other; common ones and rare ones."""
    queries = []
    for n in range(FACETS * 2):
        one, other = n % FACETS, (n + 1) % FACETS
        ranks = [(one, n % 5), (one, n % 3 + 5), (other, n % 4)]
        queries.append("&".join(f"tag=facet-{f}:value-{f}-{rank}" for f, rank in ranks))
    return queries


def timed(application: Any, address: str) -> float:
    """How long the answer took."""
    start = time.perf_counter()
    status, *_rest = get(application, address)
    taken = time.perf_counter() - start
    if not status.startswith("200"):
        raise AssertionError(f"{address}: {status}")
    return taken


def percentile(times: list[float]) -> float:
    """The time within which 95 of 100 are answered."""
    return sorted(times)[int(len(times) * 0.95)]


def anew(application: Any, paths: list[str]) -> float:
    """The percentile of some addresses, each made anew every time that it is asked for."""
    best = [float("inf")] * len(paths)
    for _round in range(ROUNDS):
        for n, address in enumerate(paths):
            caches["pages"].clear()
            best[n] = min(best[n], timed(application, address))
    return percentile(best)


def after_edits(application: Any) -> list[float]:
    """The first page of a process after each of some edits; every process has to catch up so."""
    times = []
    entries = Entry.objects.published().filter(catalog__slug="list").order_by("-pk")[:EDITS]
    for entry, tags in zip(entries, chosen(), strict=False):
        change_entry(entry=entry, by=By(), name=f"{entry.name} again")
        times.append(timed(application, f"/list/browse/?{tags}"))
    return times


def main(entries: str) -> None:
    """Fill the database and print the figures."""
    call_command("migrate", verbosity=0)
    if not Catalog.objects.exists():
        import_text(make_list(int(entries)), catalog=Catalog(slug="list", title="A list"), by=By())
        with connection.cursor() as cursor:
            # As the database does by itself after a while.
            cursor.execute("ANALYZE")
    # Only collectstatic knows the names that the other storage gives.
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"]["BACKEND"] = plain
    urls.urlpatterns.insert(0, path(BARE[1:], bare))
    from config.wsgi import application

    figures = {"bare": anew(application, [BARE] * 300)}
    figures["browse, a new process"] = timed(application, "/list/browse/")
    for name, paths in addresses().items():
        for address in paths[:2]:
            timed(application, f"{address}&warm=1")
        figures[name] = anew(application, paths)
    figures["browse, after an edit"] = percentile(after_edits(application))
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
    disconnect()
