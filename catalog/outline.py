"""Sections as pages list them: all of a catalog, or those around one."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import quote

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Abs
from django.urls import reverse

from catalog.models import Catalog, Listing, Section
from catalog.querysets import SectionQuerySet

NEIGHBOURS = 100
"""How many sections around one are looked at; more than a reader would scroll past."""

DEEP_LIST = 150
"""From so many sections on, the contents of a catalog stop at the second level."""


class OutlineRow(NamedTuple):
    """A section as a line of the contents."""

    path: str
    title: str
    entry_count: int
    position: int
    is_contents: bool
    address: str

    @property
    def depth(self) -> int:
        """0 for the sections of the first level."""
        return self.path.count("/")

    @property
    def parent_path(self) -> str:
        """Path of the section above, '' on the first level."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section of the first level with what is below it."""

    row: OutlineRow
    below: list[OutlineRow]


@dataclass(frozen=True, slots=True)
class Contents:
    """All sections, and the position where the first of them starts."""

    chapters: list[Chapter]
    start: int | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a section's page says about where it stands."""

    ancestors: list[OutlineRow]
    menu: list[OutlineRow]
    """Its ancestors, their siblings and its own, in reading order, itself included."""
    children: list[OutlineRow]
    descendants: list[OutlineRow]
    is_first: bool
    """Whether no section stands before it."""
    end: int | None
    """Position of the next section that is not inside it."""
    previous: OutlineRow | None
    following: OutlineRow | None


def contents(catalog: Catalog) -> Contents:
    """The catalog's sections without its title and its own table of contents."""
    sections = _below_title(catalog).in_reading_order()
    rows = _rows(catalog, sections)
    start = rows[0].position if rows else None
    rows = [row for row in rows if not row.is_contents]
    if len(rows) > DEEP_LIST:
        rows = [row for row in rows if row.depth < 2]
    chapters: list[Chapter] = []
    for row in rows:
        if row.depth == 0 or not chapters:
            chapters.append(Chapter(row, []))
        else:
            chapters[-1].below.append(row)
    return Contents(chapters, start)


def surroundings(catalog: Catalog, section: Section) -> Surroundings:
    """The sections above, beside and below, in one query that stays small in a huge list."""
    above = ancestor_paths(section.path)
    chapter = section.path.partition("/")[0]
    nearest = (
        _below_title(catalog)
        .filter(~Q(path__contains="/") | Q(path__startswith=f"{chapter}/"))
        .annotate(
            distance=Case(
                When(path__in=above, then=Value(0)), default=Abs(F("position") - section.position)
            )
        )
        .order_by("distance", "position")[: NEIGHBOURS + len(above)]
    )
    rows = sorted(_rows(catalog, nearest), key=attrgetter("position"))
    inside = f"{section.path}/"
    after = (
        row for row in rows if row.position > section.position and not row.path.startswith(inside)
    )
    end = next(after, None)
    beside = {"", *above}
    menu = [
        row
        for row in rows
        if row.parent_path in beside and (not row.is_contents or row.path == section.path)
    ]
    here = next((n for n, row in enumerate(menu) if row.path == section.path), None)
    return Surroundings(
        ancestors=[row for row in rows if row.path in above],
        menu=menu,
        children=[row for row in rows if row.parent_path == section.path],
        descendants=[row for row in rows if row.path.startswith(inside)],
        is_first=not rows or section.position <= rows[0].position,
        end=end.position if end else _end_of_long(catalog, section, len(rows)),
        previous=menu[here - 1] if here else None,
        following=menu[here + 1] if here is not None and here + 1 < len(menu) else None,
    )


def _end_of_long(catalog: Catalog, section: Section, rows: int) -> int | None:
    """The end of a section that has more sections inside than were looked at."""
    if rows < NEIGHBOURS:
        return None
    after = _below_title(catalog).filter(
        position__gt=section.position, level__lte=6 if section.is_title else section.level
    )
    return after.in_reading_order().values_list("position", flat=True).first()


def ancestors(catalog: Catalog, path: str) -> list[OutlineRow]:
    """The sections down to the one at `path`, itself included."""
    wanted = [*ancestor_paths(path), path]
    return _rows(catalog, _below_title(catalog).filter(path__in=wanted).in_reading_order())


def ancestor_paths(path: str) -> list[str]:
    """Paths above: `a/b/c` gives `a` and `a/b`."""
    segments = path.split("/")
    return ["/".join(segments[:end]) for end in range(1, len(segments))]


def _below_title(catalog: Catalog) -> SectionQuerySet:
    return Section.objects.filter(catalog=catalog, is_title=False)


def _rows(catalog: Catalog, sections: SectionQuerySet) -> list[OutlineRow]:
    base = reverse("catalog:catalog-detail", args=[catalog.slug])
    contents_only = Listing.objects.filter(
        section=OuterRef("pk"), is_toc=True, section__entry_count=0
    )
    rows = sections.values_list("path", "title", "entry_count", "position", Exists(contents_only))
    return [OutlineRow._make((*row, f"{base}{quote(row[0])}/")) for row in rows]
