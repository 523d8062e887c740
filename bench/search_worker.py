"""Searches on the database of DATABASE_URL, timed: `python -m bench.search_worker 100000`.

Requests go to the WSGI application, middleware included, each for another query or page so that
none is answered from what is kept. The figures are the 95th percentile by the clock, in seconds.
"""

import json
import sys
import time
from typing import Any
from urllib.parse import quote

from bench.page_worker import BARE, bare, get  # sets Django up, so it comes first

from django.conf import settings  # isort: skip
from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip
from django.urls import path  # isort: skip

from bench.databases import disconnect
from bench.lists import make_list
from catalog.history import By
from catalog.importing.applying import import_text
from catalog.models import Catalog
from config import urls

COMMON = ("fast", "small", "open", "tools", "large", "models", "data", "sets", "training", "模型")


def addresses() -> dict[str, list[str]]:
    """What is asked for, by what it is called in the table."""
    pairs = [f"{word} {other}" for word in COMMON for other in COMMON if word != other]
    typed = [f"project {number}" for number in range(10, 100)]
    return {
        "common word": [
            f"/search/?q={quote(word)}&page={page}" for word in COMMON for page in range(1, 6)
        ],
        "two common words": [f"/list/search/?q={quote(pair)}" for pair in pairs],
        "suggestions": [f"/search/suggest?q={quote(text)}" for text in typed],
        "suggestions in a list": [f"/list/search/suggest?q={text[8:]}" for text in typed],
    }


def percentile(application: Any, asked: list[str]) -> float:
    """The time within which 95 of 100 are answered."""
    times = []
    for address in asked:
        start = time.perf_counter()
        status, _headers = get(application, address)
        times.append(time.perf_counter() - start)
        if not status.startswith("200"):
            raise AssertionError(f"{address}: {status}")
    return sorted(times)[int(len(times) * 0.95)]


def main(entries: str) -> None:
    """Fill the database and print the figures."""
    call_command("migrate", verbosity=0)
    import_text(make_list(int(entries)), catalog=Catalog(slug="list", title="A list"), by=By())
    with connection.cursor() as cursor:
        # As the database does by itself after a while.
        cursor.execute("ANALYZE")
    # Only collectstatic knows the names that the other storage gives.
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"]["BACKEND"] = plain
    urls.urlpatterns.insert(0, path(BARE[1:], bare))
    from config.wsgi import application

    figures = {"bare": percentile(application, [BARE] * 300)}
    for name, asked in addresses().items():
        percentile(application, asked[:2])
        figures[name] = percentile(application, asked)
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
    disconnect()
