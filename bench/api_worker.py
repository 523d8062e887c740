"""Lists of entries over the API on the database of DATABASE_URL, timed.

`python -m bench.api_worker 100000`. Requests go to the WSGI application, middleware included. What
they are compared with is what REST framework's own classes make of the same rows: a serializer with
tags and links in it, the rows prefetched, pages by number. The figures are seconds of processor.
"""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain, pairwise
from typing import Any
from urllib.parse import quote

from bench.page_worker import get, measure  # sets Django up, so it comes first

from django.core.cache import caches  # isort: skip
from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip
from django.urls import path  # isort: skip
from rest_framework import generics, pagination, serializers  # isort: skip
from rest_framework.response import Response  # isort: skip

from bench.databases import disconnect
from bench.lists import make_list
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Catalog, Entry, EntryTag, Link
from config import urls

PLAIN, PLAIN_WITHOUT_COUNT = "/bench-plain/", "/bench-plain-slice/"
LIST = "/api/v1/entries/?catalog=list"
YEARS = range(2010, 2020)
"""When the entries were changed, as many in each."""
COMMON = ("fast", "small", "open", "tools", "large", "models", "data", "sets", "training", "模型")


class TagSerializer(serializers.ModelSerializer[EntryTag]):
    """A tag with its facet."""

    facet = serializers.CharField(source="tag.facet.slug")
    value = serializers.CharField(source="tag.slug")
    name = serializers.CharField(source="tag.name")

    class Meta:
        model = EntryTag
        fields = ("facet", "value", "name")


class LinkSerializer(serializers.ModelSerializer[Link]):
    """A link."""

    class Meta:
        model = Link
        fields = ("text", "url", "kind")


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """An entry with its tags and links, and less besides than the API tells."""

    catalog = serializers.CharField(source="catalog.slug")
    section = serializers.CharField(source="section.path")
    tags = TagSerializer(source="entry_tags", many=True)
    links = LinkSerializer(many=True)

    class Meta:
        model = Entry
        fields = (
            "id", "catalog", "section", "listing", "name", "url", "description", "cells", "tags",
            "links", "is_opaque", "created_at", "updated_at", "updated_revision",
        )  # fmt: skip


class Pages(pagination.PageNumberPagination):
    """Fifty on a page, and how many there are in all."""

    page_size = 50


class Plain(generics.ListAPIView[Entry]):
    """What is written first: a queryset, a serializer, a paginator."""

    serializer_class = EntrySerializer
    pagination_class: type[pagination.BasePagination] = Pages
    queryset = (
        Entry.objects.published()
        .filter(catalog__slug="list")
        .in_reading_order()
        # Joined to its list, SQLite would sort all entries.
        .prefetch_related("catalog", "section", "entry_tags__tag__facet", "links")
    )


class FirstPage(pagination.BasePagination):
    """The first fifty, not counted."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        return list(queryset[:50])

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data})


class PlainWithoutCount(Plain):
    """The first page, and nothing about others."""

    pagination_class = FirstPage


def questions() -> dict[str, list[str]]:
    """What is asked for, by what it is called in the table; several addresses for each."""
    tags = [f"tag=facet-{n}:value-{n}-{n % 4}" for n in range(12)]
    return {
        "list": [f"{LIST}&page={page}" for page in (1, 2, 3, 50, 1999)],
        "list, not counted": [f"{LIST}&count=0&page={page}" for page in (1, 2, 3, 50, 1999)],
        "list, by cursor": [f"{LIST}&cursor=", *_following(f"{LIST}&cursor=", 4)],
        "list, all lists": [f"/api/v1/entries/?page={page}" for page in (1, 2, 3, 50, 1999)],
        "names alone": [f"{LIST}&fields=name,url&page={page}" for page in (1, 2, 3, 50)],
        "newest": [f"{LIST}&ordering=-created_at&page={page}" for page in (1, 2, 50, 1999)],
        "search": [f"{LIST}&q={quote(word)}" for word in COMMON],
        "two tags": [f"{LIST}&{one}&{two}" for one, two in pairwise(tags)],
        "section and tag": [f"{LIST}&section=the-large-table&{tag}" for tag in tags[:4]],
        "updated since": [f"{LIST}&updated_since={year}-01-01" for year in YEARS],
        "language": [f"{LIST}&text_language=zh&page={page}" for page in (1, 2, 50, 500)],
    }


def _following(address: str, number: int) -> list[str]:
    """The next pages."""
    rows: list[str] = []
    for _page in range(number):
        _status, _headers, body = get(application(), address)
        address = json.loads(body)["next"].removeprefix("http://localhost")
        rows.append(address)
    return rows


def application() -> Any:
    """The site."""
    from config.wsgi import application

    return application


def requesting(addresses: list[str], forget: Callable[[], None]) -> Callable[[], None]:
    """What asks for the next one of some addresses each time, each answer made anew."""
    site = application()
    turn: Iterator[str] = iter(())

    def work() -> None:
        nonlocal turn
        address = next(turn, "")
        if not address:
            turn = iter(addresses)
            address = next(turn)
        forget()
        status, *_rest = get(site, address)
        if not status.startswith("200"):
            sys.exit(f"{address}: {status}")

    return work


def forget_pages() -> None:
    """Of what was answered nothing is kept."""
    caches["pages"].clear()
    caches["findings"].clear()


def main(number: str) -> None:
    """Fill the database and print the figures."""
    call_command("migrate", verbosity=0)
    if not Catalog.objects.exists():
        import_text(
            make_list(int(number)), catalog=Catalog(slug="list", title="A list"), by=Author()
        )
        entries = Entry.objects.order_by("pk")
        first = entries.values_list("pk", flat=True)[0]
        for n, year in enumerate(YEARS):
            changed = entries.filter(pk__gte=first + n * (int(number) // len(YEARS)))
            changed.update(updated_at=datetime(year, 6, 1, tzinfo=UTC))
        with connection.cursor() as cursor:
            # As the database does by itself after a while.
            cursor.execute("ANALYZE")
    urls.urlpatterns[:0] = [
        path(PLAIN[1:], Plain.as_view()),
        path(PLAIN_WITHOUT_COUNT[1:], PlainWithoutCount.as_view()),
    ]
    addresses = questions()
    for address in chain.from_iterable(addresses.values()):
        get(application(), address)
    works: dict[str, Callable[[], object]] = {
        "plain": requesting([PLAIN], forget_pages),
        "plain, not counted": requesting([PLAIN_WITHOUT_COUNT], forget_pages),
    }
    works |= {name: requesting(some, forget_pages) for name, some in addresses.items()}
    print(json.dumps(measure(works)))


if __name__ == "__main__":
    main(*sys.argv[1:])
    disconnect()
