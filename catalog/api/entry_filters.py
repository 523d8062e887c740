"""Parameters of a list of entries, checked, and the query of the index that they become."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import django_filters
from django.core.cache import caches
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from pyroaring import BitMap

from api.parameters import (
    MOST_TAGS,
    TAG,
    ChoiceFilter,
    MatchingFilter,
    MomentFilter,
    Tags,
    TextFilter,
    checked,
    refuse_repeated,
)
from catalog import markdown
from catalog.exporting import export_markdown
from catalog.finding.matching import Index
from catalog.finding.ordering import CHANGED, NAME, NEWEST, POSITION, Order
from catalog.finding.query import Entries, EntryQuery
from catalog.finding.text import read_query
from catalog.markdown.links import canonical_url
from catalog.markdown.linting import lint
from catalog.models import Block, Catalog, Entry, Facet, Section, Tag
from catalog.published import release
from catalog.sql.bulk import fetch
from catalog.store.snapshots import corrections_of

RELEVANCE = "relevance"
ORDERINGS = ("position", "name", "created_at", "updated_at")
CHOICES = (*ORDERINGS, *(f"-{name}" for name in ORDERINGS), RELEVANCE)
LANGUAGES = ("zh", "ja", "ko", "und")
"""Languages that `rendering.languages` can tell; `und` is all others (BCP 47, ISO 639-2)."""


@dataclass(frozen=True, slots=True)
class EntryRequest:
    """A checked request for entries: a list, filters that all have to be passed, and an order."""

    catalog: str = ""
    """Slug of the list; '' for all."""
    section: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    """Slugs of a facet and of its value."""
    q: str = ""
    urls: tuple[str, ...] | None = None
    """Canonical addresses to match; None when no address was given."""
    updated_since: datetime | None = None
    created_since: datetime | None = None
    text_language: str = ""
    has_findings: bool | None = None
    ordering: str = "position"
    """One of `CHOICES`; `relevance` only with words."""


# The parameters: their form and their description


_COMPLETE = re.compile(r"[a-z][a-z0-9+.-]*:|[/#?.]", re.IGNORECASE)
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
"""Between these everything was written, and every database knows what is between them."""
_MOMENT = {"type": "string", "format": "date-time"}
_TAGS = {
    "type": "array",
    "maxItems": MOST_TAGS,
    "items": {"type": "string", "pattern": TAG},
    "example": ["language:zh"],
}


class _TagsFilter(django_filters.Filter):
    field_class = Tags


class EntryFilter(django_filters.FilterSet):
    """Filters and orders of entries; all of them combine."""

    catalog = extend_schema_field(
        {
            "type": "string",
            "pattern": "^[a-z0-9]+([-_][a-z0-9]+)*$",
            "maxLength": 80,
            "description": "Slug of a list; without it the entries of all lists.",
        }
    )(
        MatchingFilter(
            "catalog__slug",
            pattern=Catalog.SLUG,
            message=gettext_lazy("This cannot be a list: slugs contain only a-z, 0-9, - and _."),
        )
    )
    section = extend_schema_field(
        {
            "type": "string",
            "description": "Path of a section; its subsections are included. "
            "Slashes at either end are left out.",
        }
    )(TextFilter())
    tag = extend_schema_field(
        {**_TAGS, "description": "`facet:value`; repeated: entries that have all of them."}
    )(_TagsFilter())
    q = extend_schema_field(
        {
            "type": "string",
            "description": "As in the search of the site: words in any form, phrases in quotation "
            "marks, `-word`, `OR`, `license:MIT`, `in:section`, an address. The last word may be "
            "the beginning of one. Where no entry has all words, the spelling is corrected, then "
            "words are left out; neither happens to what is in quotation marks.",
        }
    )(TextFilter())
    url = extend_schema_field(
        {"type": "string", "description": "An address an entry links to, in any spelling."}
    )(TextFilter())
    updated_since = extend_schema_field(
        {**_MOMENT, "description": "Changed at this moment or later. Without a zone it is UTC."}
    )(MomentFilter("updated_at"))
    created_since = extend_schema_field(
        {**_MOMENT, "description": "Added at this moment or later. Without a zone it is UTC."}
    )(MomentFilter("created_at"))
    text_language = extend_schema_field(
        {
            "type": "string",
            "enum": list(LANGUAGES),
            "description": "Language of name and description, as far as the script tells; "
            "`und` where it does not.",
        }
    )(ChoiceFilter(choices={tag: tag for tag in LANGUAGES}))
    has_findings = extend_schema_field(
        {
            "type": "boolean",
            "description": "Whether the look over the list finds something on the entry's lines.",
        }
    )(ChoiceFilter(choices={"true": True, "false": False}))
    ordering = extend_schema_field(
        {
            "type": "string",
            "enum": list(CHOICES),
            "description": "`position` is the order of the lists; with `q` the default is "
            "`relevance`, which without it is `position`. A minus turns an order round.",
        }
    )(ChoiceFilter(choices={name: name for name in CHOICES}))


def canonical_urls(url: str) -> tuple[str, ...]:
    """Return the canonical forms that a typed address may have; () for nothing."""
    # People leave out what every browser adds; what is written so in a list leads into its files.
    spellings = [url] if _COMPLETE.match(url) else [url, f"https://{url}"]
    urls = dict.fromkeys(map(canonical_url, spellings))
    return tuple(each for each in urls if each and "\0" not in each)


_REPEATED = frozenset({"tag"})


def entry_request(parameters: QueryDict) -> EntryRequest:
    """The parameters of a request, checked. Raises `ValidationError` for those malformed."""
    refuse_repeated(parameters, _REPEATED)
    own = PARAMETERS.intersection(parameters)
    return _checked(tuple((name, tuple(parameters.getlist(name))) for name in sorted(own)))


@lru_cache(maxsize=1000)
def _checked(parameters: tuple[tuple[str, tuple[str, ...]], ...]) -> EntryRequest:
    # To make a form takes longer than to answer.
    data = MultiValueDict({name: list(values) for name, values in parameters})
    values = checked(EntryFilter, data, Entry.objects.none(), _REPEATED).form.cleaned_data
    url = values["url"].strip()
    q = values["q"] if values["q"].strip() else ""
    ordering = values["ordering"] or RELEVANCE
    return EntryRequest(
        values["catalog"],
        section=values["section"].strip("/"),
        tags=values["tag"],
        q=q,
        urls=canonical_urls(url) if url else None,
        updated_since=_written(values["updated_since"]),
        created_since=_written(values["created_since"]),
        text_language=values["text_language"] or "",
        has_findings=values["has_findings"],
        ordering="position" if ordering == RELEVANCE and not q else ordering,
    )


def _written(moment: datetime | None) -> datetime | None:
    """A moment between those that every database knows."""
    return moment and min(max(moment, _EARLIEST), _LATEST)


PARAMETERS = frozenset(EntryFilter.base_filters)
"""The names of all of them."""


# Findings: of a whole list, so made once for each revision and shared by all processes


_CACHED_SECONDS = 24 * 3600


def findings_of(catalog: Catalog) -> BitMap:
    """Keys of the catalog's entries with a finding, made once for each of its revisions."""
    made_at = int(catalog.created_at.timestamp())
    key = f"api-findings:{catalog.pk}:{made_at}:{catalog.revision}:{release()}"
    stored: bytes | None = caches["findings"].get(key)
    if stored is None:
        stored = entries_with_findings(catalog).serialize()
        caches["findings"].set(key, stored, _CACHED_SECONDS)
    return BitMap.deserialize(stored)


def entries_with_findings(catalog: Catalog) -> BitMap:
    """Keys of the catalog's entries with a finding on one of their lines."""
    document = markdown.parse(export_markdown(catalog), corrections=corrections_of(catalog))
    lines = sorted(finding.line for finding in lint(document))
    entries = []
    line = 1
    blocks = Block.objects.filter(catalog=catalog).in_reading_order()
    for source, entry in blocks.values_list("source", "entry").iterator(chunk_size=2000):
        behind = line + len(markdown.split_lines(source))
        if entry and bisect_left(lines, line) < bisect_left(lines, behind):
            entries.append(entry)
        line = behind
    return BitMap(entries)


# The query of the index: here each tag narrows, while the site widens inside a facet


_ORDERS = {"name": NAME, "created_at": NEWEST, "updated_at": CHANGED}


def matches_of(catalogs: Sequence[Catalog], requested: EntryRequest) -> Entries:
    """The entries that match a request, of these lists: a single one, or all.

    Costs two queries at most, and what words ask.
    """
    catalog, number = None, None
    if requested.catalog:
        catalog, number = catalogs[0].pk, catalogs[0].entry_count
    query = EntryQuery(
        catalog,
        # Without a word there is nothing to find.
        words=read_query(requested.q) if requested.q else None,
        tags=_tags(catalog, requested.tags),
        sections=_sections(catalog, requested.section) if requested.section else None,
        addresses=requested.urls,
        language=requested.text_language,
        created_since=requested.created_since,
        updated_since=requested.updated_since,
    )
    if requested.has_findings is not None:
        only = BitMap.union(BitMap(), *map(findings_of, catalogs))
        if not requested.has_findings:
            only = Index(catalog).within - only
        query = replace(query, only=only)
    return Entries(query, number)


def order_of(requested: EntryRequest, matches: Entries) -> Order | None:
    """The order of a request; None: by how well the entries fit the words."""
    if requested.ordering == RELEVANCE:
        return None
    name = requested.ordering.removeprefix("-")
    # The newest are first where the order has a minus.
    is_backwards = requested.ordering.startswith("-") != (name in {"created_at", "updated_at"})
    return matches.order(_ORDERS.get(name, POSITION), is_backwards=is_backwards)


# Written out: to put it together takes the ORM longer than the database to answer.
_TAG_KEYS = f"""
SELECT facet.slug, tag.slug, tag.id FROM {Tag._meta.db_table} AS tag
JOIN {Facet._meta.db_table} AS facet ON facet.id = tag.facet_id
WHERE facet.is_public AND facet.slug IN ({{names}}) AND tag.slug IN ({{names}})"""  # noqa: S608


def _tags(catalog: int | None, pairs: Sequence[tuple[str, str]]) -> tuple[tuple[int, ...], ...]:
    """The keys of each tag, in whichever lists have it."""
    known = [pair for pair in pairs if "\0" not in "".join(pair)]
    if not known:
        return ((),) * len(pairs)
    select = _TAG_KEYS.format(names=", ".join(["%s"] * len(known)))
    parameters: list[Any] = [name for names in zip(*known, strict=True) for name in names]
    if catalog is not None:
        select, parameters = f"{select} AND facet.catalog_id = %s", [*parameters, catalog]
    keys: dict[tuple[str, str], list[int]] = {}
    for facet, slug, pk in fetch(select, parameters):
        keys.setdefault((facet, slug), []).append(pk)
    return tuple(tuple(keys.get(pair, ())) for pair in pairs)


def _sections(catalog: int | None, path: str) -> tuple[int, ...]:
    if "\0" in path:
        return ()
    sections = Section.objects.filter(path=path)
    if catalog is not None:
        sections = sections.filter(catalog=catalog)
    return tuple(sections.order_by().values_list("pk", flat=True))
