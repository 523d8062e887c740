"""The order of a page's tables."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple, Self
from urllib.parse import quote


class Sorting(NamedTuple):
    """The column that tables are sorted by, by its key (`Column.key`); '' for the list's order."""

    column: str = ""
    is_descending: bool = False

    @classmethod
    def of(cls, column: str, known: Container[str]) -> Self:
        """Return the sorting in the address: `stars`, or `-stars` for the largest first."""
        if column in known:
            return cls(column)
        return cls(column[1:], True) if column[:1] == "-" and column[1:] in known else cls()

    def query(self) -> str:
        """The part of the address behind the path, '' for the list's order."""
        if not self.column:
            return ""
        return f"?sort={'-' if self.is_descending else ''}{quote(self.column, safe='')}"

    def address(self) -> str:
        """Return the address of a page in this order, relative to any page of the section."""
        return self.query() or "?"

    def next_for(self, column: str) -> Sorting:
        """Return the sorting that a column's header leads to: the smallest first, the largest, the
        list's."""
        if column != self.column:
            return Sorting(column)
        return Sorting() if self.is_descending else Sorting(column, True)
