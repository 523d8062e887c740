"""The parts of a parsed list, and its text again.

A `Document` owns its text as `Block`s, whole lines in order, so that joining the sources gives
the text back. Sections, listings, entries and links are read off the blocks and own no text:
they point into it. Positions are offsets in code points; `Slot`s count from the start of the
block's source, everything called ``start`` or ``end`` from the start of the document's text.

Words follow the CommonMark specification 0.31.2 and the GitHub Flavored Markdown one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from sys import maxsize
from typing import NamedTuple

LINE_ENDING = re.compile(r"\r\n|\n|\r")
"""CommonMark 0.31.2, section 2.1: a line ending is one of these and nothing else."""


def match_end(pattern: re.Pattern[str], text: str, start: int = 0, end: int = maxsize) -> int:
    """Where a match that begins at `start` ends; `start` if nothing matches there."""
    matched = pattern.match(text, start, end)
    return matched.end() if matched else start


class BlockKind(StrEnum):
    """The kinds of leaves that partition a document's lines."""

    FRONT_MATTER = "front-matter"
    HEADING = "heading"
    GAP = "gap"
    PARAGRAPH = "paragraph"
    LINE = "line"
    """One line of a paragraph whose lines are entries."""
    DEFINITION = "definition"
    CODE = "code"
    RULE = "rule"
    HTML = "html"
    TABLE_HEADER = "table-header"
    DELIMITER_ROW = "delimiter-row"
    TABLE_ROW = "table-row"
    ITEM = "item"
    """A list item's own lines, up to its first nested list."""


class ListingKind(StrEnum):
    """A place that entries can be added to: table, list, paragraphs."""

    TABLE = "table"
    LIST = "list"
    LINES = "lines"
    HTML = "html"


class Slot(NamedTuple):
    """A range of a block's source, in code points."""

    start: int
    end: int

    def moved(self, offset: int) -> Slot:
        """The same, so many characters further on."""
        return Slot(self.start + offset, self.end + offset)


# Of its two numbers in a tuple: twice as fast as calling the class, where it is done for each link.
new_slot = partial(tuple.__new__, Slot)


class LinkForm(StrEnum):
    """The syntax of a link."""

    INLINE = "inline"
    REFERENCE = "reference"
    AUTOLINK = "autolink"
    """``<https://example.org>``"""
    BARE = "bare"
    """A GFM extended autolink: ``https://example.org`` in running text."""
    HTML = "html"


@dataclass(slots=True)
class Link:
    """A link, in reading order of its block.

    `text` is plain text, `url` the destination with escapes and entities resolved.
    `slot` is the whole construct, `text_slot` what stands between the brackets.
    """

    text: str
    url: str
    form: LinkForm
    slot: Slot
    text_slot: Slot | None = None
    label: str = ""
    """The reference's label, for links by reference."""
    is_image_only: bool = False
    """Its text is nothing but pictures: a badge."""
    purpose: str = ""
    """The label of the line that it stands in: `Paper`, for ``Paper: [link](…)``."""

    def moved(self, offset: int) -> Link:
        """The same link, so many characters further on."""
        inner = self.text_slot and self.text_slot.moved(offset)
        return replace(self, slot=self.slot.moved(offset), text_slot=inner)

    @property
    def is_internal(self) -> bool:
        """Whether it only leads to another place of the same document."""
        return self.url.startswith("#")

    @property
    def is_outbound(self) -> bool:
        """Whether it leads to an address of the web that a reader can follow by its text."""
        return not self.is_image_only and self.url[:8].lower().startswith(
            ("http://", "https://", "ftp://", "//")
        )


class Cell(NamedTuple):
    """A cell of a table row: inline markdown with ``\\|`` read as ``|``, and where it stands.

    That covers the text without the padding; a cell that the row does not have is absent.
    """

    text: str
    start: int
    end: int

    @property
    def slot(self) -> Slot:
        """Where it stands."""
        return new_slot((self.start, self.end))


class Head(NamedTuple):
    """The line above the parts of a thing, which names it, and its address."""

    title: str
    url: str
    text: str = ""
    """The paragraph between the two, which says what it is."""


@dataclass(slots=True)
class Block:
    """Whole lines of the document, with their line endings.

    `first_line` counts from 1. `parent` is the block of the list item it stands inside,
    `depth` the number of list items around it, itself included. Indexes point into the
    document's own lists.
    """

    kind: BlockKind
    source: str
    first_line: int
    last_line: int
    section: int | None = None
    listing: int | None = None
    entry: int | None = None
    parent: int | None = None
    depth: int = 0
    links: list[Link] = field(default_factory=list)
    label: str = ""
    """The label of a reference definition, as the parser folds it."""
    parts: tuple[int, ...] = ()
    """Positions of items in it that are parts of the one thing, see `grouping.py`."""
    head: Head | None = None
    """The head that names such a thing, if it stands in another block above."""


@dataclass(slots=True)
class Section:
    """A heading and what follows, up to the next one of its level or above.

    `anchor` is the fragment GitHub gives the heading. `parent` is an index.
    """

    title: str
    level: int
    anchor: str
    block: int
    parent: int | None = None


@dataclass(slots=True)
class Listing:
    """A table, a list, or a run of lines: the place where an entry can be added.

    `blocks` are its rows or items in order (header and delimiter row not among them), `header`
    the texts of a table's header cells. A nested list is a listing of its own whose `parent`
    is the item's block.
    """

    kind: ListingKind
    section: int | None
    blocks: list[int]
    header: list[str] = field(default_factory=list)
    header_block: int | None = None
    name_column: int = 0
    description_column: int | None = None
    is_name_decided: bool = False
    is_description_decided: bool = False
    """A maintainer has said which columns of this table these are."""
    parent: int | None = None
    is_toc: bool = False
    is_legend: bool = False
    """Its rows tell what signs mean that stand beside entries."""


@dataclass(slots=True)
class Entry:
    """One thing the list names.

    `name` is plain text, `description` and cells are inline markdown. A slot is None when the
    field does not stand in one piece: such a field cannot be changed on its own, and an
    `opaque` entry only as raw source.
    """

    block: int
    section: int | None
    listing: int | None
    first_line: int
    last_line: int
    name: str
    url: str
    description: str
    links: list[Link]
    cells: list[Cell] = field(default_factory=list)
    name_slot: Slot | None = None
    url_slot: Slot | None = None
    description_slot: Slot | None = None
    suggested: bool = False
    opaque: bool = False


@dataclass(slots=True)
class Document:
    """A parsed text. `bom` is the byte order mark, or ''."""

    bom: str = ""
    blocks: list[Block] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)
    """The reference definitions in force, each as source of its own, by folded label.

    Of several with one label the first counts. Text that is rendered or parsed alone needs those
    of its links by reference beside it.
    """

    @property
    def text(self) -> str:
        """The text it was parsed from."""
        return self.bom + "".join([block.source for block in self.blocks])


def begun_by[T](document: Document, rows: Iterable[tuple[T, str]]) -> dict[int, T]:
    """The keys of rows that begin where a block does, by its index.

    `rows` are `(key, source)`, and joined they are the document's text.
    """
    starts: dict[int, T] = {}
    offset = 0
    for key, source in rows:
        starts[offset] = key
        offset += len(source)
    known: dict[int, T] = {}
    offset = 0
    for index, block in enumerate(document.blocks):
        if offset in starts:
            known[index] = starts[offset]
        offset += len(block.source)
    return known


def render(document: Document) -> str:
    """The text of a document: the sources of its blocks, joined. The inverse of `parse`."""
    return document.text
