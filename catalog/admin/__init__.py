"""The administration of lists. Nothing here writes a row: every page calls the function that does.

`base.py` says who may see and do what; there is a module for each thing that is administered.
"""

from catalog.admin import (
    blocks,
    catalogs,
    columns,
    entries,
    facets,
    history,
    listings,
    sections,
    tags,
)

__all__ = [
    "blocks",
    "catalogs",
    "columns",
    "entries",
    "facets",
    "history",
    "listings",
    "sections",
    "tags",
]
