"""YAML: one document with the data of the JSON export."""

from __future__ import annotations

from contextlib import closing

import yaml

from catalog.exporting.chunks import Chunks
from catalog.exporting.listed import Listed


def yaml_chunks(listed: Listed) -> Chunks:
    """The data of `json_format.json_chunks()` as one YAML document."""
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
