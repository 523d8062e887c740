"""The sections of a catalog as its pages list them, read once for each of its revisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from html import escape
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import quote

from django.db import connection
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Catalog, Listing, Section
from catalog.published import per_revision
from catalog.rendering import lang_attribute

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
        found = [self.find(step) for step in [*paths_above(path), path]]
        return [row for row in found if row and not row.is_title]

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
