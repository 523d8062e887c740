"""The titles that entries stand under: topics where no column says what an entry is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from catalog.tagging.dates import date_of


class _Titled(Protocol):
    """The fields of a `Section` that give the titles above an entry."""

    @property
    def pk(self) -> int: ...
    @property
    def parent_id(self) -> int | None: ...
    @property
    def title(self) -> str: ...
    @property
    def is_title(self) -> bool: ...


def section_titles(sections: Iterable[_Titled]) -> dict[int, tuple[str, ...]]:
    """Return for `derive()` the titles on the way to each section, by primary key, outermost first.

    `sections` are all of a catalog, in reading order, so that parents come first. The list's
    title is left out, and above other sections also one that holds more than half of them all
    (“Projects”, “Table of contents”): it tells nothing about what stands in it.
    """
    rows = [section for section in sections if not section.is_title]
    descendants = dict.fromkeys([row.pk for row in rows], 0)
    for row in reversed(rows):
        if row.parent_id in descendants:
            descendants[row.parent_id] += descendants[row.pk] + 1
    return titles_below(rows, {pk for pk, count in descendants.items() if count * 2 > len(rows)})


def titles_below(
    sections: Iterable[_Titled], generic: Collection[int]
) -> dict[int, tuple[str, ...]]:
    """The same for some sections with all above them, given which of these hold most others."""
    below: dict[int | None, tuple[str, ...]] = {}
    titles: dict[int, tuple[str, ...]] = {}
    for row in sections:
        if row.is_title:
            continue
        above = below.get(row.parent_id, ())
        titles[row.pk] = (*above, row.title)
        is_silent = row.pk in generic and not date_of(row.title)
        below[row.pk] = above if is_silent else titles[row.pk]
    return titles
