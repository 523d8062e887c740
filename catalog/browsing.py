"""A list as its readers browse it: selection and news; for pages, feeds and the API."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import batched
from typing import ClassVar, NamedTuple, Self
from urllib.parse import quote

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.finding.facets import (
    DATED,
    MOST_FACETS,
    EntryTagRow,
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
from catalog.models import Catalog, Tag
from catalog.outline import Outline, OutlineRow

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

SECTIONS_OFFERED, SECTIONS_READ = 60, 100
"""Sections of a level that are offered, and that are read at once."""
MOST_SECTIONS = 1000
"""Sections of a level that are looked at for those with matches."""

MANY_VALUES = 300
"""Values offered of a facet whose values were all asked for."""

NOT_STATED = "-"
"""The value in an address that selects entries without a value of the facet; no tag has this slug.
"""

_DATE = re.compile(r"\d{4}(?:-\d\d)?")
_DATES = re.compile(r"(\d{4}(?:-\d\d)?)(?:-(\d{4}))?")
"""A date, or some years, which are within a range that has any of them."""

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
    def of(cls, query: QueryDict, catalog: Catalog) -> Self:
        """Return the selection in an address, and what of it the list does not have.

        Costs a query where tags are chosen that few entries have.
        """
        keys = list(dict.fromkeys(filter(None, query.getlist("tag"))))
        facets = facets_of(catalog)
        tags = tags_called(catalog, keys) | _not_stated(keys, facets)
        known = [tags[key] for key in keys if key in tags][:MAX_TAGS]
        known_keys = {tag.key for tag in known}
        path = query.get("section", "").strip("/")
        section = Outline(catalog).find(path) if path else None
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

    @property
    def chosen_facets(self) -> list[str]:
        """The facets that values or dates are chosen of, by slug."""
        return [tag.facet for tag in self.tags] + [dates.facet for dates in self.ranges]

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
    catalog: Catalog, matches: Entries, selection: Selection, shown: Sequence[int] = ()
) -> tuple[list[FacetChoice], list[EntryTagRow]]:
    """Return the choices of each facet, each value with its count of entries; and the tags of the
    entries `shown`."""
    facets = facets_of(catalog)
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
    counted, tags = count(catalog, requests, number, shown)
    choices = [
        _choice(matches, selection, request, counts)
        for request, counts in zip(requests, counted, strict=True)
    ]
    closed = [
        FacetChoice(facet.slug, facet.name, [], facet.total, False)
        for facet in facets.values()
        if facet.slug not in opened
    ]
    return [choice for choice in choices if choice.values] + closed, tags


def sections_of(
    matches: Entries, selection: Selection, outline: Outline
) -> list[tuple[OutlineRow, int]]:
    """The sections of the next level, each with the entries that it would leave; those that do."""
    above = selection.section
    if matches.are_few:
        by_path = _numbers_below(above, matches.in_paths())
        rows = outline.called(by_path)[:SECTIONS_OFFERED] if by_path else []
        return [(row, by_path[row.path]) for row in rows]
    if matches.keys is None:
        rows = outline.children(above, SECTIONS_OFFERED, is_used=True)
        return [(row, row.entry_count) for row in rows]
    numbers: dict[int, int] = {}
    # Of very many sections no more are read than have to be.
    for keys in batched(outline.used_below(above, MOST_SECTIONS), SECTIONS_READ, strict=False):
        numbers |= {pk: number for pk, number in matches.in_sections(keys).items() if number}
        if len(numbers) >= SECTIONS_OFFERED:
            break
    rows = outline.of_keys([*numbers][:SECTIONS_OFFERED])
    return [(row, numbers[row.pk]) for row in rows]


def _numbers_below(section: OutlineRow | None, in_paths: Mapping[str, int]) -> Counter[str]:
    """Numbers by path for the level below a section, of numbers by path for all levels."""
    start = f"{section.path}/" if section else ""
    numbers = Counter[str]()
    for path, number in in_paths.items():
        if path.startswith(start):
            numbers[start + path[len(start) :].partition("/")[0]] += number
    return numbers


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
    if tags:
        del others[max(request.most - len(tags), 0) :]
    if facet.slug in DATED:
        others.sort(key=lambda value: value.tag.slug, reverse=True)
    elif facet.slug == selection.expanded:
        others.sort(key=lambda value: value.tag.name.casefold())
    values = [*chosen, *others]
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
            if (dates := _DATES.fullmatch(slug))
            # A year as the last one has all of its months.
            and first <= (dates[2] or slug)
            and (not last or dates[1][: len(last)] <= last)
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
