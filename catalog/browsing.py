"""A list as its readers browse it: outline, selection, news; for pages, feeds and the API."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, lru_cache
from html import escape
from itertools import accumulate, batched
from typing import ClassVar, NamedTuple, Self
from urllib.parse import quote

from django.db import connection
from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from catalog.finding.facets import (
    FacetCounts,
    FacetRow,
    Request,
    TagRow,
    count,
    facets_of,
    tags_called,
)
from catalog.finding.ordering import NEWEST
from catalog.finding.query import Entries, EntryQuery
from catalog.finding.text import LONGEST_QUERY, read_query
from catalog.models import Catalog, Listing, Section, Tag
from catalog.published import per_revision
from catalog.rendering import lang_attribute

# The outline: the sections of a catalog, read once for each of its revisions


BESIDE = 40
"""Sections that the menu shows before and after the current one, on every level."""

CONTENTS = 250
"""The contents of a catalog go as deep as they stay shorter than so many lines."""


class OutlineRow(NamedTuple):
    """A section as a line of the contents."""

    pk: int
    path: str
    title: str
    entry_count: int
    position: int
    is_title: bool
    is_contents: bool
    """Whether it holds nothing but the list's own table of contents."""
    address: str
    line: SafeString
    """The link to its page and the number of its entries."""

    @property
    def depth(self) -> int:
        """0 for the sections of the first level."""
        return self.path.count("/")

    @property
    def parent_path(self) -> str:
        """Path of the section above, '' on the first level."""
        return self.path.rpartition("/")[0]


class Chapter(NamedTuple):
    """A section of the first level with what is below it."""

    row: OutlineRow
    below: list[OutlineRow]


class Outline:
    """All sections of a catalog in reading order."""

    def __init__(self, address: str, rows: list[OutlineRow]) -> None:
        self.address = address
        """Where the catalog is."""
        self.rows = rows
        self.numbers = {row.path: number for number, row in enumerate(rows)}
        # What is shown of them: neither the list's title nor its own table of contents.
        self.children: dict[str, list[OutlineRow]] = {}
        for row in rows:
            if not row.is_title and not row.is_contents:
                self.children.setdefault(row.parent_path, []).append(row)
        self._by_pk = {row.pk: row for row in rows}
        self._links: dict[int, str] = {}

    def find(self, path: str) -> OutlineRow | None:
        """The section at `path`."""
        number = self.numbers.get(path)
        return None if number is None else self.rows[number]

    def link_to(self, pk: int) -> str:
        """The link to the section where an entry stands, '' when that is the list itself."""
        link = self._links.get(pk)
        if link is None:
            row = self._by_pk.get(pk)
            link = self._links[pk] = "" if row is None or row.is_title else _link_to(row)
        return link

    def title_of(self, pk: int | None) -> str:
        """The title of the section where an entry stands, '' in none."""
        row = self._by_pk.get(pk) if pk else None
        return row.title if row else ""

    def start(self) -> int | None:
        """Position of the first section; before it stands the opening of the list."""
        return next((row.position for row in self.rows if not row.is_title), None)

    def inside(self, row: OutlineRow) -> tuple[list[OutlineRow], int | None]:
        """The sections inside this one, and the position where the first one behind it begins."""
        below: list[OutlineRow] = []
        for other in self.rows[self.numbers[row.path] + 1 :]:
            if row.is_title or not other.path.startswith(f"{row.path}/"):
                return below, other.position
            below.append(other)
        return below, None

    def trail(self, path: str) -> list[OutlineRow]:
        """The sections that lead to the one at `path`, from the outermost, itself included."""
        rows = map(self.find, [*paths_above(path), path])
        return [row for row in rows if row and not row.is_title]

    @cached_property
    def contents(self) -> SafeString:
        """The contents of the catalog as items of a list: the first level, and what is below."""
        depths = Counter(row.depth for row in self.rows)
        so_deep = accumulate(depths[depth] for depth in range(6))
        deepest = max(sum(number <= CONTENTS for number in so_deep) - 1, 0)
        chapters = [
            Chapter(row, [below for below in self.inside(row)[0] if below.depth <= deepest])
            for row in self.children.get("", [])
        ]
        return contents_html(chapters)

    def menu(self, path: str) -> list[OutlineRow]:
        """The section at `path` among its siblings and those of the sections above it."""
        return list(self._menu("", [*paths_above(path), path]))

    def menu_html(self, menu: Sequence[OutlineRow], path: str) -> SafeString:
        """The menu as items of a list, in which the section at `path` is the one shown."""
        here = ' aria-current="page"'
        # Lines are safe, and nothing else is text.
        return mark_safe(  # noqa: S308
            "".join(
                f'<li class="depth-{row.depth}"{here if row.path == path else ""}>{row.line}</li>'
                for row in menu
            )
        )

    def _menu(self, parent: str, way: list[str]) -> Iterator[OutlineRow]:
        siblings = self.children.get(parent, [])
        here = next((n for n, row in enumerate(siblings) if row.path == way[0]), 0)
        for row in siblings[max(here - BESIDE, 0) : here + BESIDE + 1]:
            yield row
            if row.path == way[0] and way[1:]:
                yield from self._menu(row.path, way[1:])


# Written out: of every section that it reads, the ORM makes more than is needed here.
_SECTIONS = f"""
SELECT section.id, section.path, section.title, section.entry_count, section.position,
    section.is_title,
    section.entry_count = 0 AND EXISTS (
        SELECT 1 FROM {Listing._meta.db_table} AS listing
        WHERE listing.section_id = section.id AND listing.is_toc
    )
FROM {Section._meta.db_table} AS section
WHERE section.catalog_id = %s ORDER BY section.position"""  # noqa: S608


@per_revision
def outline_of(catalog: Catalog) -> Outline:
    """The catalog's sections, with one query for each of its revisions."""
    base = reverse("catalog:catalog-detail", args=[catalog.slug])
    with connection.cursor() as cursor:
        cursor.execute(_SECTIONS, [catalog.pk])
        return Outline(base, [_row(base, *row) for row in cursor.fetchall()])


def _row(
    base: str,
    pk: int,
    path: str,
    title: str,
    count: int,
    position: int,
    is_title: bool,
    is_contents: bool,
) -> OutlineRow:
    address, line = _line(base, path, title, count)
    return OutlineRow(
        pk, path, title, count, position, bool(is_title), bool(is_contents), address, line
    )


@lru_cache(maxsize=20_000)
def _line(base: str, path: str, title: str, count: int) -> tuple[str, SafeString]:
    """The address of a section and its line; an edit of the list leaves nearly all as they were."""
    address = f"{base}{quote(path)}/"
    line = f'<a href="{address}"{lang_attribute(title)}>{escape(title)}</a>'
    if count:
        line += f'<i></i><span class="number">{count:,}</span>'
    # The title is escaped, and an address has no character that needs it.
    return address, mark_safe(line)  # noqa: S308


def _link_to(row: OutlineRow) -> str:
    lang = lang_attribute(row.title)
    return f' <a class="where" href="{row.address}"{lang}>{escape(row.title)}</a>'


def contents_html(chapters: Iterable[Chapter]) -> SafeString:
    """Chapters as items of a list."""
    out = []
    for row, below in chapters:
        out.append(f'<li><span class="leader">{row.line}</span>')
        if below:
            lines = [
                f'<li class="leader depth-{inner.depth - row.depth}">{inner.line}</li>'
                for inner in below
            ]
            out.append(f"<ol>{''.join(lines)}</ol>")
        out.append("</li>")
    # Lines are safe, and nothing else is text.
    return mark_safe("".join(out))  # noqa: S308


def paths_above(path: str) -> list[str]:
    """`a/b/c` gives `a` and `a/b`."""
    segments = path.split("/")
    return ["/".join(segments[:end]) for end in range(1, len(segments))]


# The selection: words, tags, section, dates and order
#
# The address holds all of it. Values of one facet widen, facets narrow: `language:zh` and
# `language:en` are either, `license:mit` beside them is both. What the list does not have is left
# out and named. `license:-` are entries without a licence; `from=year:2019` and `to=year:2022` are
# all values of a facet of dates between.


MAX_TAGS = 20
"""So many tags can be chosen at once; what is chosen has to fit into an address."""

TOP_VALUES = 8
"""Values of a facet that are offered at first."""

MOST_FACETS = 8
"""Facets whose values are offered at first; the others are opened by a link."""

SECTIONS_OFFERED = 60

MANY_VALUES = 300
"""Values offered of a facet whose values were all asked for."""

NOT_STATED = "-"
"""The value in an address that selects entries without a value of the facet; no tag has this slug.
"""

DATED = frozenset({"year", "added-in"})
"""Facets whose values are dates, which are chosen from one to another."""
_DATE = re.compile(r"\d{4}(?:-\d\d)?")

SORTS = {
    "": _("List order"),
    "name": _("Name"),
    "newest": _("Newest"),
    "changed": _("Recently changed"),
}
SORTS_OF_MATCHES = {"": _("Best match"), "list": _("List order")} | {
    sort: label for sort, label in SORTS.items() if sort
}
"""The orders of what words were looked for in."""


class DateRange(NamedTuple):
    """Dates of a facet, from one to another, each '' where it is open."""

    facet: str
    first: str
    last: str
    tags: tuple[int, ...]
    """Keys of the values between."""

    def fields(self) -> list[tuple[str, str]]:
        """Names and values of the parameters that it is in an address."""
        ends = (("from", self.first), ("to", self.last))
        return [(name, f"{self.facet}:{value}") for name, value in ends if value]


@dataclass(frozen=True, slots=True)
class Selection:
    """A visitor's selection: words, tags, section, dates, order."""

    text: str = ""
    """Words that have to be found, as somebody typed them."""
    tags: tuple[TagRow, ...] = ()
    ranges: tuple[DateRange, ...] = ()
    section: OutlineRow | None = None
    sort: str = ""
    expanded: str = ""
    """The facet whose values are all offered."""
    unknown: tuple[str, ...] = ()

    PARAMETERS: ClassVar = ("q", "tag", "from", "to", "section", "sort", "all")
    """Parameters that `of` reads."""

    @classmethod
    def of(cls, query: QueryDict, catalog: Catalog, outline: Outline) -> Self:
        """Return the selection in an address, and what of it the list does not have.

        Costs a query where tags are chosen that few entries have.
        """
        keys = list(dict.fromkeys(filter(None, query.getlist("tag"))))
        facets = facets_of(catalog)
        tags = tags_called(catalog, keys) | _not_stated(keys, facets)
        known = [tags[key] for key in keys if key in tags][:MAX_TAGS]
        known_keys = {tag.key for tag in known}
        path = query.get("section", "").strip("/")
        section = outline.find(path)
        missing = [key for key in keys if key not in known_keys]
        ranges = tuple(_ranges(query, facets))
        known_dates = {value for dates in ranges for _name, value in dates.fields()}
        dates = [key for name in ("from", "to") for key in query.getlist(name) if key]
        missing += [key for key in dates if key not in known_dates]
        if path and section is None:
            missing.append(path)
        text = " ".join(query.get("q", "").replace("\0", " ").split())[:LONGEST_QUERY]
        sort = query.get("sort", "")
        expanded = query.get("all", "")
        return cls(
            text=text,
            tags=tuple(known),
            ranges=ranges,
            section=section,
            sort=sort if sort in (SORTS_OF_MATCHES if text else SORTS) else "",
            expanded=expanded if expanded in facets else "",
            unknown=tuple(text[:100] for text in missing[:MAX_TAGS]),
        )

    @property
    def sorts(self) -> Mapping[str, object]:
        """The orders that can be chosen."""
        return SORTS_OF_MATCHES if self.text else SORTS

    def by_facet(self) -> dict[str, list[int]]:
        """Ids of the chosen tags of each facet."""
        chosen: dict[str, list[int]] = {}
        for tag in self.tags:
            own = chosen.setdefault(tag.facet, [])
            if tag.slug != NOT_STATED:
                own.append(tag.pk)
        for dates in self.ranges:
            chosen.setdefault(dates.facet, []).extend(dates.tags)
        return chosen

    def entry_query(self, catalog: Catalog) -> EntryQuery:
        """Return the selection as a query of the index."""
        groups, facets = self.by_facet(), facets_of(catalog)
        open_ones = {tag.facet for tag in self.tags if tag.slug == NOT_STATED}
        return EntryQuery(
            catalog.pk,
            words=read_query(self.text) or None,
            tags=tuple(map(tuple, groups.values())),
            unstated=tuple(
                (number, facets[slug].pk) for number, slug in enumerate(groups) if slug in open_ones
            ),
            sections=(self.section.pk,) if self.section else None,
        )

    def without_text(self) -> Self:
        """Without the words, and without an order that only what was found can have."""
        return replace(self, text="", sort="" if self.sort == "list" else self.sort)

    def with_tag(self, tag: TagRow) -> Self:
        """Return the selection with the tag added, or removed if it is in it."""
        if tag in self.tags:
            return replace(self, tags=tuple(other for other in self.tags if other != tag))
        return replace(self, tags=(*self.tags, tag))

    def range_fields(self) -> list[tuple[str, str]]:
        """Names and values of the parameters that the ranges are in an address."""
        return [field for dates in self.ranges for field in dates.fields()]

    def query(self) -> str:
        """The part of the address behind the path, '' when nothing is chosen."""
        parts = [f"q={quote(self.text, safe='')}"] if self.text else []
        # Slugs keep their colons and slashes readable.
        parts += [f"tag={quote(tag.key, safe=':')}" for tag in self.tags]
        parts += [f"{name}={quote(value, safe=':')}" for name, value in self.range_fields()]
        if self.section:
            parts.append(f"section={quote(self.section.path)}")
        if self.sort:
            parts.append(f"sort={self.sort}")
        if self.expanded:
            parts.append(f"all={quote(self.expanded)}")
        return "?" + "&".join(parts) if parts else ""


class FacetValue(NamedTuple):
    """A value that can be chosen, or taken back."""

    tag: TagRow
    entry_count: int
    is_chosen: bool


class FacetChoice(NamedTuple):
    """A facet as the page offers it."""

    slug: str
    name: str
    values: list[FacetValue]
    """None where the facet has to be opened first."""
    total: int
    """Number of values that match something; more than are shown."""
    is_chosen: bool
    dates: tuple[str, ...] = ()
    """All dates of a facet of dates, the earliest first."""


def choices_of(
    matches: Entries, selection: Selection, facets: Mapping[str, FacetRow]
) -> list[FacetChoice]:
    """Return the choices of each facet, each value with its count of entries."""
    groups = {slug: number for number, slug in enumerate(selection.by_facet())}
    opened = {*list(facets)[:MOST_FACETS], *groups, selection.expanded}
    requests = []
    for facet in facets.values():
        if facet.slug in opened:
            most = MANY_VALUES if facet.slug == selection.expanded else TOP_VALUES
            # A facet's own choice does not narrow its own values.
            among = matches.without(groups[facet.slug]) if facet.slug in groups else matches.keys
            requests.append(Request(facet, among, most))
    number = matches.number if matches.keys is None else len(matches.whole)
    counted = count(requests, matches.scope, number)
    choices = [
        _choice(matches, selection, request, counts)
        for request, counts in zip(requests, counted, strict=True)
    ]
    closed = [
        FacetChoice(facet.slug, facet.name, [], facet.total, False)
        for facet in facets.values()
        if facet.slug not in opened
    ]
    return [choice for choice in choices if choice.values] + closed


def sections_of(
    matches: Entries, selection: Selection, outline: Outline
) -> list[tuple[OutlineRow, int]]:
    """The sections of the next level, each with the entries that it would leave; those that do."""
    path = selection.section.path if selection.section else ""
    rows = [row for row in outline.children.get(path, ()) if row.entry_count]
    if matches.keys is None:
        return [(row, row.entry_count) for row in rows[:SECTIONS_OFFERED]]
    counted: list[tuple[OutlineRow, int]] = []
    # Of very many sections no more are read than have to be.
    for some in batched(rows, SECTIONS_OFFERED, strict=False):
        counts = matches.in_sections([row.pk for row in some])
        counted += [(row, counts[row.pk]) for row in some if counts[row.pk]]
        if len(counted) >= SECTIONS_OFFERED:
            break
    return counted[:SECTIONS_OFFERED]


def _choice(
    matches: Entries, selection: Selection, request: Request, counts: FacetCounts
) -> FacetChoice:
    facet, among, _most = request
    own = [tag for tag in selection.tags if tag.facet == facet.slug]
    tags = [tag for tag in own if tag.slug != NOT_STATED]
    chosen = [FacetValue(tag, matches.having(tag.pk, among, tag.entry_count), True) for tag in tags]
    # First, also those that leave nothing.
    chosen.sort(key=lambda value: (-value.entry_count, value.tag.slug))
    others = [FacetValue(tag, number, False) for tag, number in counts.values if tag not in tags]
    values = [*chosen, *others[: max(request.most - len(tags), 0)]] if tags else others
    if facet.slug == selection.expanded:
        values[len(chosen) :] = sorted(others, key=lambda value: value.tag.name.casefold())
    total = counts.total + sum(not value.entry_count for value in chosen)
    is_open = len(tags) < len(own)
    if (values and counts.unstated) or is_open:
        values.append(FacetValue(_unstated_tag(facet.slug), counts.unstated, is_open))
        total += 1
    dates: tuple[str, ...] = ()
    if facet.slug in DATED:
        dates = tuple(sorted(filter(_DATE.fullmatch, facet.tags)))
    return FacetChoice(facet.slug, facet.name, values, total, bool(own), dates)


def _unstated_tag(facet: str) -> TagRow:
    """Return the stand-in tag for entries without a value of the facet; its name is ''."""
    return TagRow(0, facet, NOT_STATED, "", 0)


def _not_stated(keys: Sequence[str], facets: Mapping[str, FacetRow]) -> dict[str, TagRow]:
    slugs = [key.removesuffix(f":{NOT_STATED}") for key in keys if key.endswith(f":{NOT_STATED}")]
    return {f"{slug}:{NOT_STATED}": _unstated_tag(slug) for slug in slugs if slug in facets}


def _ranges(query: QueryDict, facets: Mapping[str, FacetRow]) -> Iterator[DateRange]:
    """The ranges that an address asks for; what is no date of a facet of dates is left out."""
    bounds: dict[str, dict[str, str]] = {}
    for name in ("from", "to"):
        for key in query.getlist(name):
            facet, _colon, value = key.partition(":")
            if facet in DATED and facet in facets and _DATE.fullmatch(value):
                bounds.setdefault(facet, {})[name] = value
    for facet, own in bounds.items():
        first, last = own.get("from", ""), own.get("to", "")
        tags = Tag.objects.used().filter(facet=facets[facet].pk).order_by("slug")
        keys = [
            pk
            for pk, slug in tags.values_list("pk", "slug")
            # A year as the last one has all of its months.
            if _DATE.fullmatch(slug) and first <= slug and (not last or slug[: len(last)] <= last)
        ]
        yield DateRange(facet, first, last, tuple(keys))


# News


def newest_of(catalog: Catalog, most: int, query: EntryQuery | None = None) -> list[int]:
    """Keys of the newest entries of the list, or of those that a query leaves of it."""
    founding = catalog.revisions.filter(number=1).values_list("created_at", flat=True).first()
    if founding is None:
        return []
    query = replace(
        query or EntryQuery(catalog.pk), created_since=founding + timedelta(microseconds=1)
    )
    matches = Entries(query)
    return matches.page(matches.order(NEWEST), 0, most)
