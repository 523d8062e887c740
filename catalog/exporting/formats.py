"""The formats that a list is exported in: their table, and those that hold it as data.

The site, the API with its schema, the administration, the management command and the tests read it;
CONTRIBUTING.md says how a format is added.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import batched
from typing import Any

import orjson
import yaml

from catalog.exporting.listed import Data, Listed, listed
from catalog.exporting.markdown import markdown_of
from catalog.exporting.scopes import Chunks, Scope
from catalog.models import Catalog

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


@dataclass(frozen=True, slots=True)
class Format:
    """A format of exports."""

    name: str
    """The name in requests and commands."""
    content_type: str
    """The media type that is sent, with the charset where it has one."""
    ending: str
    """The file name extension, without the dot."""
    chunks: Callable[[Catalog, Scope], Chunks]
    """Writes the scope of a list. Raises `NotFound` for what the list does not have."""
    is_readme: bool = False
    """Whether the whole list in it is the README, which Git may have from then on."""
    is_document: bool = False
    """Whether it holds the list, its sections and entries as the schema describes them."""

    @property
    def media_type(self) -> str:
        """The media type by which it is chosen."""
        return self.content_type.partition(";")[0]


def _from_data(write: Callable[[Listed], Chunks]) -> Callable[[Catalog, Scope], Chunks]:
    """A writer that takes a list as data."""
    return lambda catalog, scope: write(listed(catalog, scope))


README = Format("markdown", "text/markdown; charset=utf-8", "md", markdown_of, is_readme=True)
_ROWS = (
    # The API answers with the first where nothing is asked for.
    README,
    Format("json", "application/json", "json", _from_data(json_chunks), is_document=True),
    Format("csv", "text/csv; charset=utf-8", "csv", _from_data(csv_chunks)),
    Format(
        "yaml",
        "application/yaml; charset=utf-8",
        "yaml",
        _from_data(yaml_chunks),
        is_document=True,
    ),
)
FORMATS = {row.name: row for row in _ROWS}
"""The formats by name."""
