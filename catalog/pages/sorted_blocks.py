"""A stretch of the list whose tables are in the order of one of their columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from django.utils.html import strip_tags

from catalog.models import Catalog, Entry
from catalog.pages.sorting import Sorting
from catalog.pages.stretches import Piece, Stretch, listings_of

MOST = 5000
"""Blocks of a section whose tables can be sorted: all of them are read for it."""

_UNITS = {"k": 1e3, "千": 1e3, "w": 1e4, "万": 1e4, "m": 1e6, "亿": 1e8, "b": 1e9, "t": 1e12, "": 1}
_NUMBER = re.compile(
    r"[~≈<>≤≥$€£¥+\s]*(-?\d{1,3}(?:[,\s]\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?|-?\.\d+)\s*"
    r"(k|千|w|万|m|亿|b|t|)[^\w,.:/-]*",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(\d+)")


class SortedBlocks(Stretch):
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
        listings = listings_of(catalog)
        for position, listing, cells in rows.values_list(
            "block__position", "block__listing_id", "cells"
        ):
            if listing and sorting.column in (keys := listings[listing].columns):
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

    def __getitem__(self, part: slice) -> list[Piece]:
        chosen = self._positions[part]
        if not chosen:
            return []
        pieces = {piece.position: piece for piece in self.at(chosen)}
        return [pieces[position] for position in chosen if position in pieces]

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
