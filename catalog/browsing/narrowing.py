"""Narrowing a list down by words, tags and section: what is asked for, what matches, the counts.

The address holds the whole state. Values of one facet widen, facets narrow: `language:zh` and
`language:en` are either, `license:mit` beside them is both. What the list does not have (a tag that
is unknown, not public or unused, a section, more tags than `MAX_TAGS`) is left out and said; a page
that is not there is 404, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple, Self
from urllib.parse import quote

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from catalog.browsing.browse_index import BrowseIndex
from catalog.browsing.outline import Outline, OutlineRow
from catalog.browsing.tag_index import FacetRow, TagIndex, TagRow
from catalog.finding.text import LONGEST_QUERY

MAX_TAGS = 20
"""So many tags can be chosen at once; what is chosen has to fit into an address."""

TOP_VALUES = 8
"""Values of a facet that are offered at first."""

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


type Counts = Callable[[Sequence[int]], list[int]]
"""Tells how many entries have each of some tags."""

type Span = tuple[int, int | None]
"""Where a section stands: its position, and that of what follows it."""


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
    def of(cls, query: QueryDict, index: TagIndex, outline: Outline) -> Self:
        """What the address asks for, and what of that the list does not have."""
        keys = list(dict.fromkeys(filter(None, query.getlist("tag"))))
        known = [index.by_key[key] for key in keys if key in index.by_key][:MAX_TAGS]
        found = {tag.key for tag in known}
        path = query.get("section", "").strip("/")
        section = outline.find(path)
        missing = [key for key in keys if key not in found]
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
            expanded=expanded if expanded in index.facets else "",
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


class Narrowed:
    """What is left of a list by a choice, and what each further choice would leave.

    `found` are the entries with the words that were looked for, None when none were.
    """

    def __init__(
        self, index: BrowseIndex, selection: Selection, outline: Outline, found: BitMap | None
    ) -> None:
        self._index = index
        self._selection = selection
        sets = index.sets
        self._chosen = {
            facet: BitMap.union(*(sets.tagged.get(tag, _NOTHING) for tag in tags))
            for facet, tags in selection.by_facet().items()
        }
        span = span_of(outline, selection.section)
        # What was found may be newer than the index.
        self._others = [found & sets.entries] if found is not None else []
        if span:
            self._others.append(sets.between(*span))
        self.entries = self._without(None)
        """None when nothing is left out."""

    @property
    def count(self) -> int:
        """How many entries are left."""
        return len(self._index.sets.entries if self.entries is None else self.entries)

    def _without(self, facet: str | None) -> BitMap | None:
        """The entries that all choices but those of a facet leave."""
        sets = [*self._others, *(own for slug, own in self._chosen.items() if slug != facet)]
        if not sets:
            return None
        return sets[0] if len(sets) == 1 else BitMap.intersection(*sorted(sets, key=len))

    def facets(self) -> list[FacetChoice]:
        """What can be chosen from here, each value with the entries it would leave."""
        sets, tags = self._index.sets, self._index.tags
        counts = None if self.entries is None else sets.counter(self.entries, len(tags.by_pk))
        choices = [self._choice(facet, counts) for facet in tags.facets.values()]
        return [choice for choice in choices if choice]

    def _choice(self, facet: FacetRow, counts: Counts | None) -> FacetChoice | None:
        own = [tag for tag in self._selection.tags if tag.facet == facet.slug]
        if own:
            # A facet's own choice does not narrow its own values.
            among = self._without(facet.slug)
            sets = self._index.sets
            counts = None if among is None else sets.counter(among, len(facet.tags))
        most = MANY_VALUES if facet.slug == self._selection.expanded else TOP_VALUES
        if counts is None:
            counted, total = [(tag.entry_count, tag) for tag in facet.tags[:most]], len(facet.tags)
            chosen = [FacetValue(tag, tag.entry_count, True) for tag in own]
        else:
            counted, total = self._counted(facet, counts, most)
            numbers = counts([tag.pk for tag in own])
            chosen = [FacetValue(tag, n, True) for tag, n in zip(own, numbers, strict=True)]
        values = [FacetValue(tag, count, False) for count, tag in counted if tag not in own]
        if own:
            # First, also those that leave nothing.
            chosen.sort(key=lambda value: (-value.entry_count, value.tag.slug))
            values = [*chosen, *values[: max(most - len(own), 0)]]
            total += sum(not value.entry_count for value in chosen)
        return FacetChoice(facet.slug, facet.name, values, total, bool(own)) if values else None

    def _counted(
        self, facet: FacetRow, counts: Counts, most: int
    ) -> tuple[list[tuple[int, TagRow]], int]:
        """The values that most of the entries have, and how many values any has."""
        tags, keys = self._index.by_slug(facet.slug)
        found = counts(keys)
        used = [n for n, count in enumerate(found) if count]
        # Equal ones stay in the order of their addresses.
        used.sort(key=found.__getitem__, reverse=True)
        return [(found[n], tags[n]) for n in used[:most]], len(used)


_NOTHING = BitMap()


def span_of(outline: Outline, section: OutlineRow | None) -> Span | None:
    """Where the section's entries stand, those of its subsections included."""
    return (section.position, outline.inside(section)[1]) if section else None
