"""JSON: a document of the list, its sections and its entries, an entry a line."""

from __future__ import annotations

from contextlib import closing
from itertools import batched

import orjson

from catalog.exporting.chunks import ENTRIES_PER_CHUNK, Chunks
from catalog.exporting.listed import Listed


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
