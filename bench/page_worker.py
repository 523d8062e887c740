"""Pages on the database of DATABASE_URL, timed: `python -m bench.page_worker`.

Requests go to the WSGI application, middleware included. The figures come out as JSON: seconds of
processor for each page, and for two views to compare with (one does nothing, one asks the database
for one number), and the bytes of each page and of what it loads, compressed.
"""

import gc
import gzip
import json
import os
import re
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.staticfiles import finders  # noqa: E402
from django.core.cache import caches  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.databases import disconnect  # noqa: E402
from bench.lists import make_list  # noqa: E402
from catalog.history.revisions import Author  # noqa: E402
from catalog.importing.applying import import_text  # noqa: E402
from catalog.models import Catalog, Entry  # noqa: E402
from config import urls  # noqa: E402

ENTRIES = 1_000
BARE, QUERY = "/bench-bare/", "/bench-query/"
PAGES = {
    "section of items": "/list/section-1/section-2/",
    "section of rows": "/list/section-1/section-3/",
    "browse": "/list/browse/?tag=facet-0:value-0-0",
    "list": "/list/",
    "home": "/",
    "sitemap": "/sitemap-entries.xml",
}
LISTS = 1_139
"""Lists of the site, all but one without entries."""
ROUNDS, TIMES = 9, 20


def bare(request: HttpRequest) -> HttpResponse:
    """A view that does nothing."""
    return HttpResponse("x" * 1000)


def query(request: HttpRequest) -> HttpResponse:
    """A view that asks the database as little as can be asked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return bare(request)


def get(application: Any, address: str, **headers: str) -> tuple[str, dict[str, str], bytes]:
    """The status, headers and body of a page."""
    figures: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        figures.update(status=status, headers=dict(headers))

    path_info, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path_info,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        **headers,
    }
    response = application(environ, start)
    body = b"".join(response)
    response.close()
    return figures["status"], figures["headers"], body


def weights(page: bytes) -> dict[str, int]:
    """Compressed bytes of a page, and of the styles and scripts that it loads."""
    files = set(re.findall(r'(?:src|href)="/static/([^"]+\.(?:js|css))"', page.decode()))
    loaded = [Path(str(finders.find(name))).read_bytes() for name in sorted(files)]
    return {
        "page": len(gzip.compress(page)),
        "styles and scripts": sum(len(gzip.compress(text)) for text in loaded),
    }


def measure(works: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The least processor time of each, in turns, so that what else goes on meets all."""
    best = dict.fromkeys(works, float("inf"))
    for _round in range(ROUNDS):
        for name, work in works.items():
            gc.collect()
            start = time.process_time()
            for _time in range(TIMES):
                work()
            best[name] = min(best[name], (time.process_time() - start) / TIMES)
    return best


def measured_application() -> Any:
    """The WSGI application with the views to compare with, and without collected static files."""
    # Only collectstatic knows the names that the other storage gives.
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"]["BACKEND"] = plain
    urls.urlpatterns[:0] = [path(BARE[1:], bare), path(QUERY[1:], query)]
    # As a server's worker has it.
    from config.preloaded import application

    return application


def main() -> None:
    """Fill the database and print the figures."""
    call_command("migrate", verbosity=0)
    import_text(make_list(ENTRIES), catalog=Catalog(slug="list", title="A list"), by=Author())
    now = timezone.now()
    Catalog.objects.bulk_create(
        Catalog(slug=f"list-{n}", title=f"List {n}", revision=1, created_at=now, updated_at=now)
        for n in range(1, LISTS)
    )
    entry = Entry.objects.select_related("catalog")[ENTRIES // 2].get_absolute_url()
    application = measured_application()
    weight: dict[str, dict[str, int]] = {}
    works: dict[str, Callable[[], object]] = {
        "bare": lambda: get(application, BARE),
        "query": lambda: get(application, QUERY),
    }
    for name, address in (PAGES | {"entry": entry}).items():
        status, headers, body = get(application, address)
        if not status.startswith("200"):
            sys.exit(f"{address}: {status}")
        weight[name] = weights(body)

        def uncached(address: str = address) -> None:
            caches["pages"].clear()
            get(application, address)

        def not_modified(address: str = address, etag: str = headers["ETag"]) -> None:
            get(application, address, HTTP_IF_NONE_MATCH=etag)

        works[f"{name} uncached"] = uncached
        works[f"{name} cached"] = lambda address=address: get(application, address)  # type: ignore[misc]
        works[f"{name} 304"] = not_modified
    print(json.dumps({"seconds": measure(works), "bytes": weight}))


if __name__ == "__main__":
    main()
    disconnect()
