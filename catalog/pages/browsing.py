"""Narrowing a list down by tags and section: what is asked for, what matches, and the counts.

The address holds the whole state. Values of one facet widen, facets narrow: `language:zh` and
`language:en` are either, `license:mit` beside them is both. What the list does not have (a tag that
is unknown, not public or unused, a section, more tags than `MAX_TAGS`) is left out and said; a page
that is not there is 404, as everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self
from urllib.parse import quote

from django.db import connection
from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Collate
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.models import Catalog, Entry, EntryTag
from catalog.pages.outline import Outline, OutlineRow
from catalog.pages.tag_index import TagIndex, TagRow
from catalog.querysets import EntryQuerySet

MAX_TAGS = 20
"""So many tags can be chosen at once; each facet among them costs the database a set of entries."""

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


type Span = tuple[int, int | None]
"""Where a section stands: its position, and that of what follows it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a visitor has chosen."""

    tags: tuple[TagRow, ...] = ()
    section: OutlineRow | None = None
    sort: str = ""
    expanded: str = ""
    """The facet whose values are all offered."""
    unknown: tuple[str, ...] = ()

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
        sort = query.get("sort", "")
        expanded = query.get("all", "")
        return cls(
            tags=tuple(known),
            section=section,
            sort=sort if sort in SORTS else "",
            expanded=expanded if expanded in index.facets else "",
            unknown=tuple(text[:100] for text in missing[:MAX_TAGS]),
        )

    @property
    def narrows(self) -> bool:
        """Whether anything is left out of the list."""
        return bool(self.tags or self.section)

    def by_facet(self) -> dict[str, list[int]]:
        """Ids of the chosen tags of each facet; the facet that leaves least comes first."""
        chosen: dict[str, list[int]] = {}
        sizes: Counter[str] = Counter()
        for tag in self.tags:
            chosen.setdefault(tag.facet, []).append(tag.pk)
            sizes[tag.facet] += tag.entry_count
        # The database starts with the first.
        return dict(sorted(chosen.items(), key=lambda item: sizes[item[0]]))

    def with_tag(self, tag: TagRow) -> Self:
        """With one more tag, without it if it is among them."""
        if tag in self.tags:
            return replace(self, tags=tuple(other for other in self.tags if other != tag))
        return replace(self, tags=(*self.tags, tag))

    def query(self) -> str:
        """The part of the address behind the path, '' when nothing is chosen."""
        # Slugs keep their colons and slashes readable.
        parts = [f"tag={quote(tag.key, safe=':')}" for tag in self.tags]
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


def matching(
    catalog: Catalog,
    span: Span | None,
    groups: Iterable[Sequence[int]],
) -> EntryQuerySet:
    """Published entries between two positions that have a tag of each group."""
    entries = Entry.objects.published()
    if span:
        start, end = span
        entries = entries.filter(position__gte=start)
        if end is not None:
            entries = entries.filter(position__lt=end)
    groups = list(groups)
    if span or not groups:
        # Tags are of one catalog: named as well, it misleads SQLite to read all of it.
        entries = entries.filter(catalog=catalog)
    for tags in groups:
        tagged = EntryTag.objects.filter(tag__in=tags)
        entries = entries.filter(pk__in=tagged.values("content_object"))
    return entries


def span_of(outline: Outline, section: OutlineRow | None) -> Span | None:
    """Where the section's entries stand, those of its subsections included."""
    return (section.position, outline.inside(section)[1]) if section else None


def sorted_entries(entries: EntryQuerySet, sort: str) -> EntryQuerySet:
    """In a total order, the same on every database."""
    if sort == "name":
        # The address is the name without case and signs; its bytes sort the same everywhere.
        collation = "C" if connection.vendor == "postgresql" else "BINARY"
        return entries.order_by(Collate(F("slug"), collation), "position", "pk")
    if sort == "newest":
        return entries.newest_first()
    if sort == "changed":
        return entries.order_by("-updated_at", "position", "pk")
    return entries.in_reading_order()


def count_matching(catalog: Catalog, selection: Selection, entries: EntryQuerySet) -> int:
    """How many entries match; asked of the database only where no count is kept."""
    if not selection.narrows:
        return catalog.entry_count
    if len(selection.tags) == 1 and not selection.section:
        return selection.tags[0].entry_count
    return entries.order_by().count()


def facet_choices(
    catalog: Catalog, selection: Selection, index: TagIndex, span: Span | None
) -> list[FacetChoice]:
    """What can be chosen from here, each value with the entries it would leave."""
    counts = (
        _facet_counts(catalog, selection, index, span)
        if selection.narrows
        else {tag.pk: tag.entry_count for tag in index.by_pk.values()}
    )
    chosen = set(selection.tags)
    choices = []
    for facet in index.facets.values():
        values = [
            FacetValue(tag, counts.get(tag.pk, 0), tag in chosen)
            for tag in facet.tags
            if tag in chosen or tag.pk in counts
        ]
        values.sort(key=lambda value: (not value.is_chosen, -value.entry_count, value.tag.slug))
        if values:
            shown = MANY_VALUES if facet.slug == selection.expanded else TOP_VALUES
            shown = max(shown, sum(value.is_chosen for value in values))
            choices.append(
                FacetChoice(
                    facet.slug, facet.name, values[:shown], len(values), values[0].is_chosen
                )
            )
    return choices


def _facet_counts(
    catalog: Catalog, selection: Selection, index: TagIndex, span: Span | None
) -> dict[int, int]:
    """Entries by tag, in one query: a facet's own choice does not narrow its own values."""
    chosen = selection.by_facet()
    alone = chosen if len(chosen) == 1 and not span else {}
    # Apart and not in one condition: so the database takes each by its own index.
    arms = {"": _counted(matching(catalog, span, chosen.values()), 0)}
    for number, facet in enumerate(chosen, 1):
        if facet not in alone:
            others = [tags for other, tags in chosen.items() if other != facet]
            arms[facet] = _counted(matching(catalog, span, others), number)
    facets = ["", *chosen]
    first, *rest = arms.values()
    found = {}
    for tag, count, number in first.union(*rest, all=True) if rest else first:
        row = index.by_pk.get(tag)
        if row and (row.facet if row.facet in chosen else "") == facets[number]:
            found[tag] = count
    for facet in alone:
        # Nothing else narrows its values: they lead to all they have.
        found |= {tag.pk: tag.entry_count for tag in index.facets[facet].tags}
    return found


def _counted(entries: EntryQuerySet, number: int) -> QuerySet[EntryTag, tuple[int, int, int]]:
    """How many of the entries have each tag, marked with a number."""
    # All facets and not only the wanted: to look their tags up costs more than to count them.
    tags = EntryTag.objects.filter(content_object__in=entries.order_by().values("pk")).order_by()
    counted: QuerySet[EntryTag, tuple[int, int, int]]
    counted = tags.values_list("tag").annotate(count=Count("pk"), arm=Value(number))
    return counted
