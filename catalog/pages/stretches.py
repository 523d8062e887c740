"""Reading a stretch of the list: its blocks with their entries, in order, in one query.

In SQL of our own: to put the query of the ORM together takes longer than to run it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from django.db import connection

from catalog.models import Block, Catalog, Entry, Listing
from catalog.published.conditional import per_revision

_BLOCKS, _ENTRIES = Block._meta.db_table, Entry._meta.db_table
_WITHIN = "block.catalog_id = %s AND block.position >= %s AND block.position < %s"
_PIECES = f"""
SELECT block.kind, block.position, block.depth, block.html,
    substr(ltrim(block.source), 1, 4), block.listing_id,
    entry.id, entry.state, entry.slug, entry.name, entry.html
FROM {_BLOCKS} AS block LEFT JOIN {_ENTRIES} AS entry ON entry.block_id = block.id"""  # noqa: S608
_SELECT = f"{_PIECES} WHERE {_WITHIN} ORDER BY block.position LIMIT %s OFFSET %s"
_AT = f"{_PIECES} WHERE block.catalog_id = %s AND block.position IN"
_POSITIONS = f"SELECT block.position FROM {_BLOCKS} AS block WHERE {_WITHIN} ORDER BY 1"  # noqa: S608
_COUNT = f"SELECT count(*) FROM {_BLOCKS} AS block WHERE {_WITHIN}"  # noqa: S608

BLOCKS_PER_PAGE = 200

_LAST = 2**63 - 1
"""Behind every position."""


class Piece(NamedTuple):
    """A block and its entry, as one query gives them; without an entry those fields are None."""

    kind: str
    position: int
    depth: int
    html: str
    marker: str
    """The start of its source: a digit for the items of a numbered list."""
    listing: int | None
    entry: int | None
    state: str | None
    slug: str | None
    name: str | None
    entry_html: str | None


class Stretch:
    """The blocks from a position up to another, as a paginator wants them."""

    def __init__(self, catalog: Catalog, start: int, end: int | None) -> None:
        self.within = [catalog.pk, start, _LAST if end is None else end]

    def __getitem__(self, part: slice) -> list[Piece]:
        start = part.start or 0
        with connection.cursor() as cursor:
            cursor.execute(_SELECT, [*self.within, part.stop - start, start])
            return [Piece._make(row) for row in cursor.fetchall()]

    def positions(self) -> list[int]:
        """Return the positions of its blocks."""
        with connection.cursor() as cursor:
            cursor.execute(_POSITIONS, self.within)
            return [position for (position,) in cursor.fetchall()]

    def at(self, positions: Sequence[int]) -> list[Piece]:
        """The blocks at these of its positions, in any order."""
        marks = ", ".join(["%s"] * len(positions))
        with connection.cursor() as cursor:
            cursor.execute(f"{_AT} ({marks})", [self.within[0], *positions])
            return [Piece._make(row) for row in cursor.fetchall()]

    def count(self) -> int:
        """Return the number of its blocks."""
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, self.within)
            row: tuple[int] = cursor.fetchone()
        return row[0]


class ListingRow(NamedTuple):
    """The columns of a listing that a page needs."""

    columns: list[str]
    is_toc: bool


@per_revision
def listings_of(catalog: Catalog) -> dict[int, ListingRow]:
    """The catalog's listings by key."""
    rows = Listing.objects.filter(catalog=catalog).values_list("pk", "columns", "is_toc")
    return {pk: ListingRow(columns, is_toc) for pk, columns, is_toc in rows}


def addresses_of(base: str, pieces: Iterable[Piece]) -> dict[int, str]:
    """The addresses of the published entries by key, under that of their catalog."""
    addresses = {}
    for piece in pieces:
        if piece.state == Entry.State.PUBLISHED and piece.entry is not None:
            slug = piece.slug or ""
            slug = slug if slug.isascii() else quote(slug)
            addresses[piece.entry] = f"{base}entries/{piece.entry}-{slug}/"
    return addresses
