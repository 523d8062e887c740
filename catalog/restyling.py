"""Writing tables in another style: an explicit choice, apart from the exact export."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from catalog.markdown.entries import split_row

type StyledBlock = Sequence[Any]
"""Source, kind and listing of a block, in this order; what follows is not looked at."""

TABLE_STYLES = ("exact", "compact", "aligned")

_TABLE = frozenset({"table-header", "delimiter-row", "table-row"})


def restyled(blocks: Iterable[StyledBlock], style: str) -> Iterator[str]:
    """The sources of blocks, tables rewritten in a style other than exact.

    Compact writes row by row; aligned holds one table at a time, since a column is as wide as
    its widest cell. Widths are those of a monospaced font (Unicode East Asian Width).
    """
    rows: list[tuple[str, str]] = []
    table: int | None = None
    for source, kind, listing, *_more in blocks:
        if rows and (kind not in _TABLE or listing != table):
            yield from _rewritten(rows, style)
            rows = []
        if kind not in _TABLE:
            yield source
            continue
        table = listing
        rows.append((kind, source))
        if style == "compact":
            yield from _rewritten(rows, style)
            rows = []
    yield from _rewritten(rows, style)


def _rewritten(rows: list[tuple[str, str]], style: str) -> Iterator[str]:
    parsed = []
    for kind, source in rows:
        cells = [source[start:end] for start, end in split_row(source)]
        indent = source[: len(source) - len(source.lstrip(" \t>"))]
        ending = source[len(source.rstrip("\r\n")) :]
        parsed.append((kind, indent, cells, ending))
    widths: list[int] = []
    if style == "aligned":
        for kind, _indent, cells, _ending in parsed:
            for number, cell in enumerate(cells):
                if number == len(widths):
                    widths.append(3)
                if kind != "delimiter-row":
                    widths[number] = max(widths[number], _width(cell))
    for kind, indent, cells, ending in parsed:
        if kind == "delimiter-row":
            written = [_dashes(cell, widths[i] if widths else 3) for i, cell in enumerate(cells)]
        else:
            written = [
                cell + " " * (widths[i] - _width(cell)) if widths else cell
                for i, cell in enumerate(cells)
            ]
        yield f"{indent}| {' | '.join(written)} |{ending}"


def _dashes(cell: str, width: int) -> str:
    left, right = cell.startswith(":"), cell.endswith(":")
    return ":" * left + "-" * max(width - left - right, 1) + ":" * right


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )
