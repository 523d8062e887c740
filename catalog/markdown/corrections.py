"""Corrections: a maintainer's rules for reading a list, where the reader guesses wrong.

Decisions are about the list or about sections, known by the titles of the headings from the
outermost on; `()` is the list. What is decided for a section holds for all that is below it, unless
more is decided there. An empty text leaves the reader to its guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from catalog.markdown.nodes import Section

type Titles = tuple[str, ...]


class Children(StrEnum):
    """The role of items below an item or below a bold line."""

    ATTRIBUTES = "attributes"
    """Parts of the one thing that is named above them."""
    ENTRIES = "entries"


class Entries(StrEnum):
    """Whether what stands there is listed."""

    NONE = "none"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Correction:
    """One decision on how to read. `name` and `description` are headers of columns, folded by
    `words.folded`."""

    children: str = ""
    entries: str = ""
    name: str = ""
    description: str = ""

    def within(self, outer: Correction) -> Correction:
        """This, and what is decided further out where this decides nothing."""
        return Correction(
            *[getattr(self, field.name) or getattr(outer, field.name) for field in fields(self)]
        )


type Corrections = Mapping[Titles, Correction]

NO_CORRECTION = Correction()
NO_CORRECTIONS: Corrections = {}


def titles_of(sections: Sequence[Section]) -> list[Titles]:
    """The titles that each section is known by."""
    titles: list[Titles] = []
    for section in sections:
        above = () if section.parent is None else titles[section.parent]
        titles.append((*above, section.title))
    return titles


class Corrected:
    """The corrections of a document, by section."""

    def __init__(self, corrections: Corrections, sections: Sequence[Section]) -> None:
        self._any = bool(corrections)
        self._list = corrections.get((), NO_CORRECTION)
        self._of_section = (
            [self._of(corrections, titles) for titles in titles_of(sections)] if corrections else []
        )

    def __bool__(self) -> bool:
        """Whether anything is decided."""
        return self._any

    @staticmethod
    def _of(corrections: Corrections, titles: Titles) -> Correction:
        result = NO_CORRECTION
        for length in range(len(titles), -1, -1):
            result = result.within(corrections.get(titles[:length], NO_CORRECTION))
        return result

    def of(self, section: int | None) -> Correction:
        """Return the correction of a section, by index; None: of what stands before the first."""
        if section is None or not self._of_section:
            return self._list
        return self._of_section[section]
