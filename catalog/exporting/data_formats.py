"""The formats that hold a list as data: JSON, YAML, and CSV for spreadsheets (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import batched
from typing import Any

import orjson
import yaml

from catalog.exporting.listed import Data, Listed
from catalog.exporting.scopes import Chunks

ENTRIES_PER_CHUNK = 50
"""Entries in one part, where a format writes them one after the other."""


def json_chunks(listed: Listed) -> Chunks:
    """``{"catalog": {…}, "sections": […], "entries": […]}``, an entry a line."""
    with closing(listed.entries) as entries:
        yield f'{{"catalog": {_json(listed.catalog)},\n"sections": {_json(listed.sections)},\n'
        yield '"entries": ['
        separator = "\n"
        for batch in batched(entries, ENTRIES_PER_CHUNK, strict=False):
            yield separator + ",\n".join(map(_json, batch))
            separator = ",\n"
        yield "\n]}\n"


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def yaml_chunks(listed: Listed) -> Chunks:
    """The data of `json_chunks()` as one YAML document."""
    with closing(listed.entries) as entries:
        yield _yaml({"catalog": listed.catalog, "sections": listed.sections})
        is_empty = True
        for entry in entries:
            if is_empty:
                yield "entries:\n"
                is_empty = False
            yield _yaml([entry])
        if is_empty:
            yield "entries: []\n"


def _yaml(value: object) -> str:
    return yaml.dump(
        value, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=10_000
    )


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
