"""Entries that have something in common, as sets: what is not in the index of a list already."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from django.db import connection
from pyroaring import BitMap

from catalog.api.entries.shelf import Shelf
from catalog.browsing.entry_sets import stamp
from catalog.markdown.links import canonical_url
from catalog.models import Entry, Link, Section
from catalog.rendering.languages import lang_of
from catalog.sql.keys import among

_COMPLETE = re.compile(r"[a-z][a-z0-9+.-]*:|[/#?.]", re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_TEXTS = f"""
SELECT catalog_id, id, name, description FROM {Entry._meta.db_table}
WHERE state = 'published' AND catalog_id"""  # noqa: S608

# Where a section starts and where what follows it does; the list's own title has no subsections.
_SPANS = f"""
SELECT section.catalog_id, section.position, (
    SELECT min(other.position) FROM {Section._meta.db_table} AS other
    WHERE other.catalog_id = section.catalog_id AND other.position > section.position AND (
        section.is_title
        OR substr(other.path, 1, length(section.path) + 1) <> section.path || '/'
    )
)
FROM {Section._meta.db_table} AS section WHERE section.path = %s"""  # noqa: S608

type Languages = dict[int, dict[str, BitMap]]
"""The entries of each list by the language of their text."""


def tagged(shelf: Shelf, facet: str, value: str) -> BitMap:
    """Entries with a tag, in whichever lists have it; no query."""
    key = f"{facet}:{value}"
    found = [
        index.sets.tagged[tag.pk]
        for index in shelf.indexes.values()
        if (tag := index.tags.by_key.get(key))
    ]
    return BitMap.union(BitMap(), *found)


def in_section(shelf: Shelf, path: str) -> BitMap:
    """Entries of a section and of those below it, in whichever lists have it; one query."""
    if "\0" in path:
        return BitMap()
    with connection.cursor() as cursor:
        cursor.execute(_SPANS, [path])
        spans = {catalog: (start, end) for catalog, start, end in cursor.fetchall()}
    found = [
        index.sets.between(*spans[catalog])
        for catalog, index in shelf.indexes.items()
        if catalog in spans
    ]
    return BitMap.union(BitMap(), *found)


def canonical_urls(url: str) -> tuple[str, ...]:
    """What an address that somebody typed may be, as addresses are compared; () for nothing."""
    # People leave out what every browser adds; what is written so in a list leads into its files.
    spellings = [url] if _COMPLETE.match(url) else [url, f"https://{url}"]
    found = dict.fromkeys(map(canonical_url, spellings))
    return tuple(each for each in found if each and "\0" not in each)


def linking_to(shelf: Shelf, urls: tuple[str, ...]) -> BitMap:
    """Entries with a link to one of some canonical addresses; one query."""
    if not urls:
        return BitMap()
    links = Link.objects.filter(catalog__in=list(shelf.catalogs), canonical_url__in=urls)
    entries = links.filter(entry__isnull=False).order_by().values_list("entry", flat=True)
    # Suggestions have links, too.
    return BitMap(list(entries)) & shelf.entries


def since(shelf: Shelf, sort: str, moment: datetime) -> BitMap:
    """Entries that came, or changed, at a moment or later; `sort` has the newest first."""
    order = shelf.order(sort)
    # Negated, because the newest come first; no key is as large.
    behind = -stamp(moment), 2**63
    return order.first(bisect_right(order.keys, behind, key=shelf.key(sort)))


def moment_of(stamp: int) -> datetime:
    """The opposite of `entry_sets.stamp`."""
    return _EPOCH + timedelta(microseconds=stamp)


# Language


def in_language(shelf: Shelf, language: str) -> BitMap:
    """Entries whose text is in a language, as far as its script tells; one query."""
    # Read for all lists once it has to be read for one: it takes a microsecond for each entry.
    of_all = cache(lambda: languages_of(list(shelf.catalogs)))
    found = []
    for pk, index in shelf.indexes.items():
        languages = index.kept("languages", partial(_of_list, of_all, pk))
        # The texts may be newer than the index.
        found.append(languages.get(language, BitMap()) & index.sets.entries)
    return BitMap.union(BitMap(), *found)


def _of_list(of_all: Callable[[], Languages], catalog: int) -> dict[str, BitMap]:
    return of_all().get(catalog, {})


def language_of(name: str, description: str) -> str:
    """BCP 47 tag of an entry's text; `und` where the script does not tell."""
    return lang_of(f"{name} {description}") or "und"


def languages_of(catalogs: Sequence[int]) -> Languages:
    """The entries of these lists by the language of their text, with one query."""
    found: dict[int, dict[str, list[int]]] = {}
    chosen, keys = among(catalogs)
    with connection.cursor() as cursor:
        cursor.execute(f"{_TEXTS} {chosen}", [keys])
        for catalog, pk, name, description in cursor:
            own = found.setdefault(catalog, {})
            own.setdefault(language_of(name, description), []).append(pk)
    return {
        catalog: {language: BitMap(pks) for language, pks in own.items()}
        for catalog, own in found.items()
    }
