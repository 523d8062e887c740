"""Translation of a request for entries into a query of the index.

The site's own page for browsing widens inside a facet; programs ask for exactly what they name, so
here each tag narrows.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.api.entries.findings import with_findings
from catalog.api.entries.wanted import RELEVANCE, Filters, Wanted
from catalog.finding.ordering import CHANGED, NAME, NEWEST, POSITION, Order
from catalog.finding.query import Entries, EntryQuery, entries
from catalog.finding.selecting import published
from catalog.finding.text import read_query
from catalog.models import Catalog, Section, Tag

_ORDERS = {"name": NAME, "created_at": NEWEST, "updated_at": CHANGED}
_NEWEST_FIRST = frozenset({"created_at", "updated_at"})


def chosen(catalogs: Sequence[Catalog], wanted: Wanted) -> Entries:
    """The entries that the request asks for, of these lists: a single one, or all.

    Costs two queries at most, and what words ask.
    """
    filters = wanted.filters
    catalog, number = None, None
    if wanted.catalog:
        catalog, number = catalogs[0].pk, catalogs[0].entry_count
    query = EntryQuery(
        catalog,
        # Without a word there is nothing to find.
        words=read_query(filters.q) if filters.q else None,
        tags=_tags(catalog, filters),
        sections=_sections(catalog, filters.section) if filters.section else None,
        addresses=filters.urls,
        language=filters.text_language,
        created_since=filters.created_since,
        updated_since=filters.updated_since,
    )
    if filters.has_findings is not None:
        only = with_findings(catalogs)
        query = query.among(only if filters.has_findings else published(catalog) - only)
    return entries(query, number)


def order_of(wanted: Wanted, matches: Entries) -> Order | None:
    """The order that the request asks for; None: by how well they fit the words."""
    if wanted.ordering == RELEVANCE:
        return None
    name = wanted.ordering.removeprefix("-")
    # The newest are first where the order has a minus.
    is_backwards = wanted.is_backwards != (name in _NEWEST_FIRST)
    return matches.order(_ORDERS.get(name, POSITION), is_backwards=is_backwards)


def _tags(catalog: int | None, filters: Filters) -> tuple[tuple[int, ...], ...]:
    """The keys of each tag, in whichever lists have it."""
    known = [pair for pair in filters.tags if "\0" not in "".join(pair)]
    if not known:
        return ((),) * len(filters.tags)
    tags = Tag.objects.filter(
        facet__is_public=True,
        facet__slug__in={facet for facet, _value in known},
        slug__in={value for _facet, value in known},
    )
    if catalog is not None:
        tags = tags.filter(facet__catalog=catalog)
    keys: dict[tuple[str, str], list[int]] = {}
    for facet, slug, pk in tags.order_by().values_list("facet__slug", "slug", "pk"):
        keys.setdefault((facet, slug), []).append(pk)
    return tuple(tuple(keys.get(pair, ())) for pair in filters.tags)


def _sections(catalog: int | None, path: str) -> tuple[int, ...]:
    if "\0" in path:
        return ()
    sections = Section.objects.filter(path=path)
    if catalog is not None:
        sections = sections.filter(catalog=catalog)
    return tuple(sections.order_by().values_list("pk", flat=True))
