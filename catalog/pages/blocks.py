"""Blocks of a list with their entries, in one query: in order, or tables sorted by a column.

In SQL of our own: to put the query of the ORM together takes longer than to run it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from html import unescape
from typing import NamedTuple, Self
from urllib.parse import quote

import orjson
from django.utils.html import strip_tags

from catalog.models import Block, Catalog, Column, Entry
from catalog.rendering import Header, headers
from catalog.sql.bulk import among, fetch
from catalog.store.projection import header_of

_BLOCKS, _ENTRIES = Block._meta.db_table, Entry._meta.db_table
_WITHIN = "block.catalog_id = %s AND block.position >= %s AND block.position < %s"
_ROWS_OF_BLOCKS = f"""
SELECT block.kind, block.position, block.depth, block.html,
    substr(ltrim(block.source), 1, 4), block.listing_id,
    entry.id, entry.state, entry.slug, entry.name, entry.html
FROM {_BLOCKS} AS block LEFT JOIN {_ENTRIES} AS entry ON entry.block_id = block.id"""  # noqa: S608
_SELECT = f"{_ROWS_OF_BLOCKS} WHERE {_WITHIN} ORDER BY block.position LIMIT %s OFFSET %s"
_AT = f"{_ROWS_OF_BLOCKS} WHERE block.catalog_id = %s AND block.position IN"
_POSITIONS = f"SELECT block.position FROM {_BLOCKS} AS block WHERE {_WITHIN} ORDER BY 1"  # noqa: S608
_LISTINGS = "SELECT id, CAST(columns AS text), is_toc FROM catalog_listing WHERE id"
_COUNT = f"SELECT count(*) FROM {_BLOCKS} AS block WHERE {_WITHIN}"  # noqa: S608

BLOCKS_PER_PAGE = 200

_LAST = 2**63 - 1
"""Behind every position."""


class BlockRow(NamedTuple):
    """A block and its entry, as one query gives them; without an entry those fields are None."""

    kind: str
    position: int
    depth: int
    html: str
    marker: str
    """The start of its source: a digit for the items of a numbered list."""
    listing: int | None
    entry: int | None
    state: str | None
    slug: str | None
    name: str | None
    entry_html: str | None


class BlockRange:
    """The blocks from a position up to another, as a paginator wants them."""

    def __init__(self, catalog: Catalog, start: int, end: int | None) -> None:
        self.within = [catalog.pk, start, _LAST if end is None else end]

    def __getitem__(self, part: slice) -> list[BlockRow]:
        start = part.start or 0
        rows = fetch(_SELECT, [*self.within, part.stop - start, start])
        return [BlockRow._make(row) for row in rows]

    def positions(self) -> list[int]:
        """Return the positions of its blocks."""
        return [position for (position,) in fetch(_POSITIONS, self.within)]

    def at(self, positions: Sequence[int]) -> list[BlockRow]:
        """The blocks at these of its positions, in any order."""
        marks = ", ".join(["%s"] * len(positions))
        rows = fetch(f"{_AT} ({marks})", [self.within[0], *positions])
        return [BlockRow._make(row) for row in rows]

    def count(self) -> int:
        """Return the number of its blocks."""
        [(number,)] = fetch(_COUNT, self.within)
        return int(number)


class Table(NamedTuple):
    """The columns of a listing, [] where it has none."""

    keys: list[str]
    columns: list[Header]
    is_toc: bool


def tables_of(catalog: Catalog, rows: Iterable[BlockRow]) -> dict[int, Table]:
    """The listings that blocks belong to, by key; two queries at most."""
    belonging = {row.listing for row in rows if row.listing}
    if not belonging:
        return {}
    chosen, values = among(belonging)
    listings = fetch(f"{_LISTINGS} {chosen}", [values])
    keys = {pk: orjson.loads(columns) for pk, columns, _is_toc in listings}
    known = headers_of(catalog, {key for columns in keys.values() for key in columns})
    return {
        pk: Table(keys[pk], headers(keys[pk], known), bool(is_toc))
        for pk, _columns, is_toc in listings
    }


def headers_of(catalog: Catalog, keys: Iterable[str]) -> dict[str, Header]:
    """The columns that have these keys, by key."""
    keys = list(keys)
    columns = Column.objects.filter(catalog=catalog, key__in=keys) if keys else []
    return {column.key: header_of(column) for column in columns}


def addresses_of(base: str, rows: Iterable[BlockRow]) -> dict[int, str]:
    """The addresses of the published entries by key, under that of their catalog."""
    addresses = {}
    for row in rows:
        if row.state == Entry.State.PUBLISHED and row.entry is not None:
            slug = row.slug or ""
            slug = slug if slug.isascii() else quote(slug)
            addresses[row.entry] = f"{base}entries/{row.entry}-{slug}/"
    return addresses


class Sorting(NamedTuple):
    """The column that tables are sorted by, by its key (`Column.key`); '' for the list's order."""

    column: str = ""
    is_descending: bool = False

    @classmethod
    def of(cls, column: str, known: Container[str]) -> Self:
        """Return the sorting in the address: `stars`, or `-stars` for the largest first."""
        if column in known:
            return cls(column)
        return cls(column[1:], True) if column[:1] == "-" and column[1:] in known else cls()

    def query(self) -> str:
        """The part of the address behind the path, '' for the list's order."""
        if not self.column:
            return ""
        return f"?sort={'-' if self.is_descending else ''}{quote(self.column, safe='')}"

    def address(self) -> str:
        """Return the address of a page in this order, relative to any page of the section."""
        return self.query() or "?"

    def next_for(self, column: str) -> Sorting:
        """Return the sorting that a column's header leads to: the smallest first, the largest, the
        list's."""
        if column != self.column:
            return Sorting(column)
        return Sorting() if self.is_descending else Sorting(column, True)


MOST = 5000
"""Blocks of a section whose tables can be sorted: all of them are read for it."""

_UNITS = {"k": 1e3, "千": 1e3, "w": 1e4, "万": 1e4, "m": 1e6, "亿": 1e8, "b": 1e9, "t": 1e12, "": 1}
_NUMBER = re.compile(
    r"[~≈<>≤≥$€£¥+\s]*(-?\d{1,3}(?:[,\s]\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?|-?\.\d+)\s*"
    r"(k|千|w|万|m|亿|b|t|)[^\w,.:/-]*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(\d+)")


class SortedBlocks(BlockRange):
    """The blocks from a position up to another, rows of tables in the order of a column.

    Each table keeps its place, and what is not sortable keeps its own.
    """

    def __init__(self, catalog: Catalog, start: int, end: int | None, sorting: Sorting) -> None:
        super().__init__(catalog, start, end)
        self._positions = self._sorted(catalog, sorting)

    def _sorted(self, catalog: Catalog, sorting: Sorting) -> list[int]:
        """The positions of the blocks in the order in which they are shown."""
        rows = Entry.objects.filter(
            catalog=catalog,
            block__position__gte=self.within[1],
            block__position__lt=self.within[2],
            block__kind="table-row",
        ).order_by("block__position")
        tables: dict[int, list[tuple[int, str]]] = {}
        for position, listing, keys, cells in rows.values_list(
            "block__position", "block__listing_id", "block__listing__columns", "cells"
        ):
            if listing and sorting.column in keys:
                index = keys.index(sorting.column)
                text = cells[index]["html"] if index < len(cells) else ""
                tables.setdefault(listing, []).append((position, unescape(strip_tags(text))))
        moved: dict[int, int] = {}
        for table in tables.values():
            order = sorted_cells([text for _position, text in table], sorting.is_descending)
            moved |= {
                place: table[number][0] for (place, _text), number in zip(table, order, strict=True)
            }
        return [moved.get(position, position) for position in self.positions()]

    def __getitem__(self, part: slice) -> list[BlockRow]:
        chosen = self._positions[part]
        if not chosen:
            return []
        rows = {row.position: row for row in self.at(chosen)}
        return [rows[position] for position in chosen if position in rows]

    def count(self) -> int:
        return len(self._positions)


def sorted_cells(texts: Sequence[str], is_descending: bool) -> list[int]:
    """The numbers of the cells in order: as numbers where most are, else as people sort words.

    Equal ones stay as they stand, and empty ones come last either way.
    """
    filled = [number for number, text in enumerate(texts) if text.strip()]
    values = {number: number_of(texts[number]) for number in filled}
    numeric = [number for number in filled if values[number] is not None]
    if len(numeric) * 2 > len(filled):
        others = [number for number in range(len(texts)) if values.get(number) is None]
        return [*sorted(numeric, key=lambda n: values[n] or 0, reverse=is_descending), *others]
    words = {number: _word_key(texts[number]) for number in filled}
    empty = [number for number in range(len(texts)) if number not in words]
    return [*sorted(filled, key=words.__getitem__, reverse=is_descending), *empty]


def number_of(text: str) -> float | None:
    """The number that a cell is: `1,234`, `12.5k`, `~7B`, `3万`; None for other text."""
    match = _NUMBER.fullmatch(text.strip())
    if not match:
        return None
    digits = re.sub(r"[,\s]", "", match[1])
    return float(digits) * _UNITS[match[2].lower()]


def _word_key(text: str) -> list[str | int]:
    """Words without case, runs of digits as numbers: `v9` before `v10`."""
    parts = _DIGITS.split(" ".join(text.casefold().split()))
    # Every second part is digits, so that only like is compared with like.
    return [int(part) if n % 2 else part for n, part in enumerate(parts)]
