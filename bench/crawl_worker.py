"""What many readers of a long list cost, on the database of DATABASE_URL:
`python -m bench.crawl_worker`.

Seconds of processor, of this process and of the database server, as JSON: a bare view, the page of
an entry that nobody asked for before, and the feed of the list; and the share of visits that the
cache of pages answers while the list is edited.
"""

import json
import random
from itertools import accumulate
from typing import Any
from unittest.mock import patch

from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bench.databases import disconnect
from bench.finding_worker import anew, server, worked  # sets Django up
from bench.lists import make_list
from bench.page_worker import BARE, get, measured_application
from catalog.editing.entries import change_entry
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Catalog, Entry
from catalog.pages.frame import render_page

ENTRIES = 20_000
CRAWLED = 10
"""Every so-manieth entry is asked for, each once."""
BEFORE, VISITS, PER_EDIT = 30_000, 20_000, 200
"""Visits until the cache is as full as on any day; those that count; and those between two edits,
which is a minute of a site with 290,000 visits a day."""


def crawl(application: Any, addresses: list[str]) -> float:
    """Seconds for each page of those that are asked for once."""
    process = server()
    start = worked(process)
    for address in addresses:
        get(application, address)
    return (worked(process) - start) / len(addresses)


def hit_rate(application: Any, addresses: list[str]) -> float:
    """The share of visits that is answered from the cache; the n-th entry is visited 1/n times as
    often as the first."""
    chance = random.Random(1)
    chance.shuffle(addresses)
    weights = list(accumulate(1 / rank for rank in range(1, len(addresses) + 1)))
    caches["pages"].clear()
    made = 0
    with patch("catalog.pages.entry_page.render_page", wraps=render_page) as rendering:
        for number, address in enumerate(
            chance.choices(addresses, cum_weights=weights, k=BEFORE + VISITS)
        ):
            if number == BEFORE:
                made = rendering.call_count
            if number % PER_EDIT == PER_EDIT - 1:
                entry = Entry.objects.published().filter(listing__kind="list")[number % 50]
                change_entry(entry=entry, description=f"Changed {number}.", by=Author())
            get(application, address)
    return 1 - (rendering.call_count - made) / VISITS


def main() -> None:
    """Fill the database and print the figures."""
    call_command("migrate", verbosity=0)
    catalog = Catalog(slug="list", title="A list")
    import_text(make_list(ENTRIES), catalog=catalog, by=Author())
    # As if they had come after the founding, which is no news.
    Entry.objects.update(created_revision=2, created_at=timezone.now())
    addresses = [entry.get_absolute_url() for entry in Entry.objects.select_related("catalog")]
    application = measured_application()
    # One process of the server for all requests.
    connection.close()
    connection.settings_dict["CONN_MAX_AGE"] = None
    process = server()
    figures = {
        "bare": anew(application, [BARE] * 50, process)[0],
        "feed of the list": anew(application, ["/list/feed.atom"] * 20, process)[0],
        "crawl": crawl(application, addresses[::CRAWLED]),
    }
    print(json.dumps(figures | {"hit rate": hit_rate(application, addresses)}))


if __name__ == "__main__":
    main()
    disconnect()
