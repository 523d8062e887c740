"""The table of the formats that a list is exported in.

The site, the API with its schema, the administration, the management command and the tests read it;
CONTRIBUTING.md says how a format is added.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catalog.exporting.data_formats import csv_chunks, json_chunks, yaml_chunks
from catalog.exporting.listed import Listed, listed
from catalog.exporting.markdown import markdown_of
from catalog.exporting.scopes import Chunks, Scope
from catalog.models import Catalog


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
