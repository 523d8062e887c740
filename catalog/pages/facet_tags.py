"""The tags of a facet as they stand beside something (`templates/catalog/facet_tags.html`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from catalog.facet_names import facet_name


class FacetTags(NamedTuple):
    """A facet with its address and some of its tags: name, address and number of entries."""

    name: str
    address: str
    tags: list[tuple[str, str, int]]
    total: int
    """Number of its tags, where more than are shown; otherwise 0."""


def facet_tags(
    base: str, slug: str, name: str, tags: Iterable[tuple[str, str, int]], total: int = 0
) -> FacetTags:
    """Return the facet for a page of the list at `base`; the number of a tag is 0 to say none."""
    address = f"{base}tags/{quote(slug)}/"
    rows = [(name, f"{address}{quote(tag)}/", number) for tag, name, number in tags]
    return FacetTags(facet_name(slug, name), address, rows, total if total > len(rows) else 0)
