"""Narrowing a list down by words, tags and section: what is asked for, what matches, the counts.

The address holds the whole state. Values of one facet widen, facets narrow: `language:zh` and
`language:en` are either, `license:mit` beside them is both. What the list does not have (a tag that
is unknown, not public or unused, a section, more tags than `MAX_TAGS`) is left out and said; a page
that is not there is 404, as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple, Self
from urllib.parse import quote

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.browsing.outline import Outline, OutlineRow
from catalog.finding.facets import (
    FacetCounts,
    FacetRow,
    Request,
    TagRow,
    count,
    facets_of,
    tags_called,
)
from catalog.finding.query import Entries, EntryQuery
from catalog.finding.text import LONGEST_QUERY, read_query
from catalog.models import Catalog

MAX_TAGS = 20
"""So many tags can be chosen at once; what is chosen has to fit into an address."""

TOP_VALUES = 8
"""Values of a facet that are offered at first."""

SECTIONS_OFFERED = 60

MANY_VALUES = 300
"""Values offered of a facet whose values were all asked for."""

SORTS = {
    "": _("List order"),
    "name": _("Name"),
    "newest": _("Newest"),
    "changed": _("Recently changed"),
}
SORTS_OF_FOUND = {"": _("Best match"), "list": _("List order")} | {
    sort: label for sort, label in SORTS.items() if sort
}
"""The orders of what words were looked for in."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a visitor has chosen."""

    text: str = ""
    """Words that have to be found, as somebody typed them."""
    tags: tuple[TagRow, ...] = ()
    section: OutlineRow | None = None
    sort: str = ""
    expanded: str = ""
    """The facet whose values are all offered."""
    unknown: tuple[str, ...] = ()

    PARAMETERS: ClassVar = ("q", "tag", "section", "sort", "all")
    """What `of` reads."""

    @classmethod
    def of(cls, query: QueryDict, catalog: Catalog, outline: Outline) -> Self:
        """What the address asks for, and what of that the list does not have.

        Costs a query where tags are chosen that few entries have.
        """
        keys = list(dict.fromkeys(filter(None, query.getlist("tag"))))
        known = list(tags_called(catalog, keys).values())[:MAX_TAGS]
        known_keys = {tag.key for tag in known}
        path = query.get("section", "").strip("/")
        section = outline.find(path)
        missing = [key for key in keys if key not in known_keys]
        if path and section is None:
            missing.append(path)
        text = " ".join(query.get("q", "").replace("\0", " ").split())[:LONGEST_QUERY]
        sort = query.get("sort", "")
        expanded = query.get("all", "")
        return cls(
            text=text,
            tags=tuple(known),
            section=section,
            sort=sort if sort in (SORTS_OF_FOUND if text else SORTS) else "",
            expanded=expanded if expanded in facets_of(catalog) else "",
            unknown=tuple(text[:100] for text in missing[:MAX_TAGS]),
        )

    @property
    def sorts(self) -> Mapping[str, object]:
        """The orders that can be chosen."""
        return SORTS_OF_FOUND if self.text else SORTS

    def by_facet(self) -> dict[str, list[int]]:
        """Ids of the chosen tags of each facet."""
        chosen: dict[str, list[int]] = {}
        for tag in self.tags:
            chosen.setdefault(tag.facet, []).append(tag.pk)
        return chosen

    def entry_query(self, catalog: Catalog) -> EntryQuery:
        """What it asks of the list."""
        return EntryQuery(
            catalog.pk,
            words=read_query(self.text) or None,
            tags=tuple(map(tuple, self.by_facet().values())),
            sections=(self.section.pk,) if self.section else None,
        )

    def without_text(self) -> Self:
        """Without the words, and without an order that only what was found can have."""
        return replace(self, text="", sort="" if self.sort == "list" else self.sort)

    def with_tag(self, tag: TagRow) -> Self:
        """With one more tag, without it if it is among them."""
        if tag in self.tags:
            return replace(self, tags=tuple(other for other in self.tags if other != tag))
        return replace(self, tags=(*self.tags, tag))

    def query(self) -> str:
        """The part of the address behind the path, '' when nothing is chosen."""
        parts = [f"q={quote(self.text, safe='')}"] if self.text else []
        # Slugs keep their colons and slashes readable.
        parts += [f"tag={quote(tag.key, safe=':')}" for tag in self.tags]
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
    total: int
    """How many values lead somewhere from here; more than are offered."""
    is_chosen: bool


def choices_of(
    matches: Entries, selection: Selection, facets: Mapping[str, FacetRow]
) -> list[FacetChoice]:
    """What can be chosen from here, each value with the entries that it would leave."""
    groups = {slug: number for number, slug in enumerate(selection.by_facet())}
    requests = []
    for facet in facets.values():
        most = MANY_VALUES if facet.slug == selection.expanded else TOP_VALUES
        # A facet's own choice does not narrow its own values.
        among = matches.without(groups[facet.slug]) if facet.slug in groups else matches.keys
        requests.append(Request(facet, among, most))
    counted = count(requests, matches.scope)
    choices = [
        _choice(matches, selection, request, counts)
        for request, counts in zip(requests, counted, strict=True)
    ]
    return [choice for choice in choices if choice.values]


def sections_of(
    matches: Entries, selection: Selection, outline: Outline
) -> list[tuple[OutlineRow, int]]:
    """The sections of the next level, each with the entries that it would leave; those that do."""
    path = selection.section.path if selection.section else ""
    rows = [row for row in outline.children.get(path, ()) if row.entry_count]
    if matches.keys is None:
        return [(row, row.entry_count) for row in rows[:SECTIONS_OFFERED]]
    counts = matches.in_sections([row.pk for row in rows])
    return [(row, counts[row.pk]) for row in rows if counts[row.pk]][:SECTIONS_OFFERED]


def _choice(
    matches: Entries, selection: Selection, request: Request, counts: FacetCounts
) -> FacetChoice:
    facet, among, most = request
    tags = [tag for tag in selection.tags if tag.facet == facet.slug]
    chosen = [FacetValue(tag, matches.having(tag.pk, among, tag.entry_count), True) for tag in tags]
    # First, also those that leave nothing.
    chosen.sort(key=lambda value: (-value.entry_count, value.tag.slug))
    others = [FacetValue(tag, number, False) for tag, number in counts.values if tag not in tags]
    values = [*chosen, *others[: max(most - len(tags), 0)]] if tags else others
    total = counts.total + sum(not value.entry_count for value in chosen)
    return FacetChoice(facet.slug, facet.name, values, total, bool(tags))
