"""CSV: all entries in one table, for spreadsheets (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import batched
from typing import Any

from catalog.exporting.chunks import ENTRIES_PER_CHUNK, Chunks
from catalog.exporting.listed import Data, Listed


def csv_chunks(listed: Listed) -> Chunks:
    """All entries in one table: a column for each facet, values joined by ``; ``."""
    with closing(listed.entries) as entries:
        yield _lines([["id", "section", "name", "url", "description", *listed.facets]])
        for batch in batched(entries, ENTRIES_PER_CHUNK, strict=False):
            yield _lines(_cells(entry, listed.facets) for entry in batch)


def _cells(entry: Data, facets: Sequence[str]) -> Iterator[Any]:
    for name in ("id", "section", "name", "url", "description"):
        yield entry[name]
    for facet in facets:
        yield "; ".join(entry["tags"].get(facet, ()))


def _lines(rows: Iterable[Iterable[Any]]) -> str:
    lines = io.StringIO()
    csv.writer(lines).writerows([_unformula(value) for value in row] for row in rows)
    return lines.getvalue()


def _unformula(value: object) -> object:
    """A cell that a spreadsheet would run as a formula is quoted, as OWASP advises."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} and len(value) > 1:
        return "'" + value
    return value
