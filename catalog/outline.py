"""The sections of a list, of which each page reads the few that it shows, by fixed statements.

Nothing of them is kept between requests: a list may have thousands, and any edit may change one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property, lru_cache
from html import escape
from itertools import starmap
from typing import Any, NamedTuple
from urllib.parse import quote

from django.db import connection
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Catalog
from catalog.rendering import lang_attribute
from catalog.sql.bulk import among, fetch, joined, keys_in, split, text_table

BESIDE = 40
"""Sections that the menu shows before and after the current one, on every level."""

CONTENTS = 250
"""Contents go as deep as they stay shorter than so many lines; more than these are not listed."""

HEAD = 10
"""Sections among which the title is, and the first one that is none."""

_ANY = """
SELECT section.id, section.parent_id, section.path, section.title, section.entry_count,
    section.position, section.is_title,
    section.entry_count = 0 AND EXISTS (
        SELECT 1 FROM catalog_listing AS listing
        WHERE listing.section_id = section.id AND listing.is_toc
    )
FROM catalog_section AS section WHERE """
_SELECT = f"{_ANY}section.catalog_id = %s"
_USED = """
SELECT section.id, section.position FROM catalog_section AS section
WHERE section.catalog_id = %s AND section.entry_count > 0 AND NOT section.is_title"""
_BEFORE = " AND section.position < %s ORDER BY section.position DESC LIMIT %s"
_BEHIND = " AND section.position >= %s ORDER BY section.position LIMIT %s"
_TITLES = "SELECT id FROM catalog_section WHERE catalog_id = %s AND is_title"


class _Part(NamedTuple):
    """What stands in a statement behind the condition on the catalog."""

    sql: str
    values: tuple[Any, ...]

    def then(self, sql: str, *values: Any) -> _Part:
        return _Part(self.sql + sql, self.values + values)


class OutlineRow(NamedTuple):
    """A section as a line of the contents."""

    pk: int
    parent: int | None
    """The key of the one that it stands in, which may be the list's title."""
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
    def is_listed(self) -> bool:
        """Whether contents and menus have it: neither the list's title nor its own contents."""
        return not self.is_title and not self.is_contents


class Chapter(NamedTuple):
    """A section with what is below it."""

    row: OutlineRow
    below: list[OutlineRow]


class Place(NamedTuple):
    """Where a section stands."""

    menu: list[OutlineRow]
    """It among its siblings and those of the sections above it, in reading order."""
    end: int | None
    """Position where the first section behind it begins; None for the last one."""


class Outline:
    """The sections of a catalog in reading order."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog.pk
        self.address = reverse("catalog:catalog-detail", args=[catalog.slug])
        """Where the catalog is."""

    def find(self, path: str) -> OutlineRow | None:
        """The section at `path`."""
        return next(iter(self.trail(path)[-1:]), None)

    def trail(self, path: str) -> list[OutlineRow]:
        """The section at `path` behind those above it, from the outermost; [] where none is."""
        paths = [*paths_above(path), path]
        marks = ", ".join(["%s"] * len(paths))
        rows = self._rows(f" AND section.path IN ({marks}) ORDER BY section.position", *paths)
        is_there = any(row.path == path for row in rows)
        return [row for row in rows if row.path == path or not row.is_title] if is_there else []

    @cached_property
    def head(self) -> list[OutlineRow]:
        """The first sections in reading order: all, unless contents have no room for them."""
        return self._rows(
            " ORDER BY section.position LIMIT (SELECT CASE WHEN count(*) > %s THEN %s ELSE %s END"
            " FROM (SELECT 1 FROM catalog_section WHERE catalog_id = %s LIMIT %s) AS sections)",
            *(CONTENTS, HEAD, CONTENTS, self.catalog, CONTENTS + 1),
        )

    def within(self, first: int, last: int) -> list[OutlineRow]:
        """The sections from a position to another."""
        between = " AND section.position BETWEEN %s AND %s ORDER BY section.position"
        return self._rows(between, first, last)

    def called(self, paths: Iterable[str]) -> list[OutlineRow]:
        """The sections at some paths that contents list, in reading order."""
        table, texts = text_table(paths)
        # Each for itself: a plan for any list reads all sections of this one.
        keys = f"""
            SELECT (
                SELECT own.id FROM catalog_section AS own
                WHERE own.catalog_id = %s AND own.path = texts.value
            ) FROM {table}"""  # noqa: S608
        chosen = f"{_ANY}section.id {keys_in(keys)} ORDER BY section.position"
        rows = fetch(chosen, [self.catalog, texts])
        return [row for row in starmap(self._row, rows) if row.is_listed]

    def children(
        self, section: OutlineRow | None, most: int, *, is_used: bool = False
    ) -> list[OutlineRow]:
        """The first sections of the next level that contents list; of the first level for None.

        With `is_used` those that have entries.
        """
        used = " AND section.entry_count > 0" if is_used else ""
        following = f"{used} ORDER BY section.position LIMIT %s"
        parts = self._levels(section.pk if section else None)
        rows = self._of_parts([part.then(following, most + 2) for part in parts])
        return [row for row in rows if row.is_listed][:most]

    def used_below(self, section: OutlineRow | None, most: int) -> Sequence[int]:
        """The keys of the first sections of the next level that have entries."""
        parts = self._levels(section.pk if section else None)
        level = " UNION ALL ".join([f"SELECT * FROM ({_USED}{part.sql}) AS used" for part in parts])  # noqa: S608
        values = [value for part in parts for value in (self.catalog, *part.values)]
        select = joined(f"{level} ORDER BY position LIMIT %s")
        [(keys,)] = fetch(select, [*values, most])
        return split(keys)

    def of_keys(self, pks: Collection[int]) -> list[OutlineRow]:
        """Some sections by their keys, in reading order."""
        if not pks:
            return []
        # By keys alone: a plan for any list reads all sections of this one.
        chosen, keys = among(pks)
        rows = fetch(f"{_ANY}section.id {chosen} ORDER BY section.position", [keys])
        return [*starmap(self._row, rows)]

    def contents(self, section: OutlineRow | None = None, most: int = CONTENTS) -> list[Chapter]:
        """What is below a section, or in the whole list, as deep as it stays short."""
        if section is None and len(self.head) != HEAD:
            return _chapters([row for row in self.head if row.is_listed], 0)
        level = self.children(section, most)
        rows = list(level)
        while level and len(rows) < CONTENTS:
            chosen, keys = among([row.pk for row in level])
            inside = f"{_ANY}section.parent_id {chosen} LIMIT %s"
            level = [*starmap(self._row, fetch(inside, [keys, CONTENTS]))]
            if len(rows) + len(level) > CONTENTS:
                break
            rows += [row for row in level if row.is_listed]
        depth = section.depth + 1 if section else 0
        return _chapters(sorted(rows, key=lambda row: row.position), depth)

    def place_of(self, trail: Sequence[OutlineRow]) -> Place:
        """Where the last section of a trail stands, with as many statements however deep it is."""
        section = trail[-1]
        if section.is_title:
            behind = self._rows(
                " AND section.position > %s ORDER BY section.position LIMIT 1", section.position
            )
            return Place(self.children(None, BESIDE), behind[0].position if behind else None)
        parts = []
        for above, row in zip([None, *trail], trail, strict=False):
            for part in self._levels(above.pk if above else None, row.parent):
                parts += [
                    part.then(_BEFORE, row.position, BESIDE),
                    part.then(_BEHIND, row.position, BESIDE + 2),
                ]
        rows = self._of_parts(parts)
        inside = f"{section.path}/"
        return Place(
            [row for row in rows if row.is_listed],
            min(
                [
                    row.position
                    for row in rows
                    if row.position > section.position and not row.path.startswith(inside)
                ],
                default=None,
            ),
        )

    def _levels(self, above: int | None, title: int | None = None) -> list[_Part]:
        """The conditions on the sections below another one; on the first level there are those
        below the list's title, which may be known, and those below none."""
        if above is not None:
            return [_Part(" AND section.parent_id = %s", (above,))]
        # SQLite takes the index of titles only where its condition stands as it was made.
        titles_of = f"{_TITLES} = 1" if connection.vendor == "sqlite" else _TITLES
        titles = [title] if title else [pk for (pk,) in fetch(titles_of, [self.catalog])]
        return [
            _Part(" AND section.parent_id IS NULL", ()),
            *[_Part(" AND section.parent_id = %s", (title,)) for title in titles],
        ]

    def _of_parts(self, parts: Iterable[_Part]) -> list[OutlineRow]:
        """The sections of several conditions, in reading order, with one statement."""
        statement = " UNION ALL ".join(
            [f"SELECT * FROM ({_SELECT}{part.sql}) AS section" for part in parts]  # noqa: S608
        )
        values = [value for part in parts for value in (self.catalog, *part.values)]
        rows = [self._row(*row) for row in fetch(statement, values)]
        return sorted(rows, key=lambda row: row.position)

    def _rows(self, behind: str, *values: Any) -> list[OutlineRow]:
        return [*starmap(self._row, fetch(_SELECT + behind, [self.catalog, *values]))]

    def _row(
        self, pk: int, parent: int | None, path: str, title: str, count: int, *rest: Any
    ) -> OutlineRow:
        position, is_title, is_contents = rest
        flags = bool(is_title), bool(is_contents)
        line = _line(self.address, path, title, count)
        return OutlineRow(pk, parent, path, title, count, position, *flags, *line)


def _chapters(rows: Iterable[OutlineRow], depth: int) -> list[Chapter]:
    """The sections of a depth, in reading order, each with those below it."""
    chapters: list[Chapter] = []
    for row in rows:
        if chapters and row.path.startswith(f"{chapters[-1].row.path}/"):
            chapters[-1].below.append(row)
        elif row.depth == depth:
            chapters.append(Chapter(row, []))
    return chapters


def menu_html(menu: Sequence[OutlineRow], path: str) -> SafeString:
    """The menu as items of a list, in which the section at `path` is the one shown."""
    here = ' aria-current="page"'
    # Lines are safe, and nothing else is text.
    return mark_safe(  # noqa: S308
        "".join(
            f'<li class="depth-{row.depth}"{here if row.path == path else ""}>{row.line}</li>'
            for row in menu
        )
    )


@lru_cache(maxsize=20_000)
def _line(base: str, path: str, title: str, count: int) -> tuple[str, SafeString]:
    """The address of a section and its line."""
    address = f"{base}{quote(path)}/"
    line = f'<a href="{address}"{lang_attribute(title)}>{escape(title)}</a>'
    if count:
        line += f'<i></i><span class="number">{count:,}</span>'
    # The title is escaped, and an address has no character that needs it.
    return address, mark_safe(line)  # noqa: S308


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
