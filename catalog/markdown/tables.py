"""The cells of a table's rows, and what they say by the columns they stand in."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

from catalog.markdown.chinese import in_both_scripts
from catalog.markdown.corrections import Correction
from catalog.markdown.fields import Fields, cell_fields
from catalog.markdown.inline import (
    SHOWN_AS_ADDRESS,
    is_address,
    is_generic,
    link_name,
    plain_text,
    url_slot,
)
from catalog.markdown.nodes import Block, Cell, Document, Link, Listing, match_end
from catalog.markdown.words import (
    DESCRIPTION_WORDS,
    LINK_HEADERS,
    MAYBE_NAME_HEADERS,
    NAME_HEADERS,
    NOTE_WORDS,
    TAG_HEADERS,
    VALUE_HEADERS,
    WIDE_DESCRIPTIONS,
    folded,
)

# Columns: which one names the thing, and which describes it


_PHRASE = re.compile(r"\s*(?:[/,&|、]|\bor\b|\band\b)\s*")
_BOLD = ("**", "__", "<b>", "<strong>", "[**", "[__")
_VALUES = re.compile(r"[;；,，、]")
_WIDE = re.compile("[\u2e80-\U0010ffff]")
_VALUE_WORDS = 2
_SENTENCE_ENDS = frozenset(".!。！")
_WORDS = 3
"""Words from which a text with such an end is a sentence."""
_LONG_VALUES = 60
_FEW = 2
"""Up to so many rows may have one text by chance."""
_LONG = 40
"""Mean width in columns of a terminal from which a column's text reads as a description."""


class CellEvidence(NamedTuple):
    """What a cell tells about its column."""

    text: str
    may_name: bool
    """There is a text that is no address."""
    is_wordy: bool
    """And it does not only say what kind of link it is."""
    is_linked: bool
    is_bold: bool


class RowEvidence:
    """What the cells of a row with these links tell about the columns, read when it is asked."""

    def __init__(self, cells: list[Cell], links: list[Link]) -> None:
        self.cells = cells
        self._links = links
        self._read: dict[int, CellEvidence] = {}

    @cached_property
    def _meaningful(self) -> list[int]:
        """Where links begin that have a text of their own."""
        return [
            link.slot.start
            for link in self._links
            if not link.is_image_only
            and link.form not in SHOWN_AS_ADDRESS
            and not is_generic(link.text)
        ]

    @cached_property
    def _texts(self) -> dict[tuple[int, int], str]:
        return {link.slot: " ".join(link.text.split()) for link in self._links}

    def of(self, column: int) -> CellEvidence:
        """The evidence of one cell."""
        evidence = self._read.get(column)
        if evidence is None:
            evidence = self._read[column] = self._of(*self.cells[column])
        return evidence

    def _of(self, markdown: str, start: int, end: int) -> CellEvidence:
        text = self._texts.get((start, end)) or plain_text(markdown)
        if not text and "![" in markdown:
            text = plain_text(markdown, alt=True)
        may_name = bool(text) and not is_address(text)
        first = bisect_left(self._meaningful, start)
        is_linked = first < len(self._meaningful) and self._meaningful[first] < end
        is_wordy = may_name and not is_generic(text)
        return CellEvidence(text, may_name, is_wordy, is_linked, markdown.startswith(_BOLD))


class _Column:
    """Evidence about a column: its header and the cells of some rows."""

    def __init__(self, number: int, header: _Header, rows: Sequence[RowEvidence]) -> None:
        self.number = number
        self.header = header
        self._rows = rows
        self._half = max(len(rows), 1) / 2

    @cached_property
    def cells(self) -> list[CellEvidence]:
        return [row.of(self.number) for row in self._rows if self.number < len(row.cells)]

    @cached_property
    def _texts(self) -> list[str]:
        return [cell.text for cell in self.cells if cell.text]

    @cached_property
    def _is_varied(self) -> bool:
        return len(set(self._texts)) * 3 >= len(self._texts) * 2

    @cached_property
    def _is_of_values(self) -> bool:
        return self.header.is_tags or self._holds_lists(self._texts)

    def is_called(self) -> bool:
        """Whether the header says that these are names, and nothing speaks against it.

        `Project 1` and `Project 2` name things then.
        """
        return (
            self.header.names
            and self._is_varied
            and sum(cell.may_name for cell in self.cells) >= self._half
            and not self._is_of_values
        )

    def name_rank(self) -> tuple[bool | int, ...]:
        """The greater, the likelier the names stand here, where no header says so."""
        half, header, texts, of_values = self._half, self.header, self._texts, self._is_of_values
        wordy = sum(cell.is_wordy for cell in self.cells) >= half
        distinct = wordy and self._is_varied
        named = header.names and not of_values
        marked = self.linked >= half or (
            distinct and sum(cell.is_bold for cell in self.cells) >= half
        )
        meaningful = marked and (distinct or len(texts) <= _FEW)
        other = not header.describes and not header.links and not of_values
        return (
            (named or header.may_name) and wordy and meaningful,
            meaningful and other,
            # `Link | Preview`: what leads somewhere under words of its own stands first.
            distinct and self.linked >= half and header.links and not self.number,
            distinct and other and (marked or not header.values),
            distinct and other and len(set(texts)) == len(texts) and max(map(len, texts)) <= _LONG,
            distinct and other,
            distinct and not of_values,
            wordy and not header.describes,
            wordy,
            -self.number,
        )

    @property
    def linked(self) -> int:
        """In how many cells a link has a text of its own."""
        return sum(cell.is_linked for cell in self.cells)

    @staticmethod
    def _holds_lists(texts: list[str]) -> bool:
        """Whether many of the texts are lists of short values: `python;web`."""
        lists = 0
        for text in texts:
            if text.isalnum():
                continue
            values = _VALUES.split(text) if len(text) <= _LONG_VALUES else ()
            lists += len(values) > 1 and all(
                0 < len(value.split()) <= _VALUE_WORDS for value in values
            )
        return lists * 2 > len(texts)

    def description_rank(self) -> tuple[bool | int, ...]:
        """The greater, the likelier this describes; all of it false: it does not."""
        header = self.header
        width = 0.0 if header.describes else self.mean_width()
        return (
            header.is_description,
            header.describes and not header.notes,
            header.notes,
            (width > _LONG or self._holds_sentences())
            and not header.values
            and 2 * self.linked < len(self.cells),
            int(width),
            -self.number,
        )

    def _holds_sentences(self) -> bool:
        """Whether at least half of the texts are sentences, all of them different."""
        texts = [cell.text for cell in self.cells]
        sentences = sum(
            text[-1:] in _SENTENCE_ENDS and (len(text.split()) >= _WORDS or bool(_WIDE.match(text)))
            for text in texts
        )
        return 2 * sentences >= len(texts) > 0 and len(set(texts)) == len(texts)

    def mean_width(self) -> float:
        """Return the mean width of its texts; CJK characters count twice, addresses nothing."""
        widths = [
            0 if "://" in cell.text else len(cell.text) + len(_WIDE.findall(cell.text))
            for cell in self.cells
            if cell.text
        ]
        return sum(widths) / len(widths) if widths else 0.0


def guess_columns(listing: Listing, rows: Sequence[RowEvidence]) -> None:
    """Set the listing's name and description column from its header and some of its rows."""
    width = max([len(listing.header), *[len(row.cells) for row in rows]], default=0)
    if not width:
        return
    headers = [*listing.header, *[""] * width]
    columns = [_Column(number, _read_header(headers[number]), rows) for number in range(width)]
    called = next(filter(_Column.is_called, columns), None)
    name = called or max(columns, key=_Column.name_rank)
    others = [column for column in columns if column is not name]
    listing.name_column = name.number
    described = [column for column in others if column.header.is_description]
    if len(described) == 1:
        listing.description_column = described[0].number
        return
    description = max(others, key=_Column.description_rank, default=None)
    # The last two of the rank only choose between equals.
    describes = description is not None and any(description.description_rank()[:-2])
    listing.description_column = description.number if description and describes else None


class _Header(NamedTuple):
    """Meanings of a column's header."""

    names: bool
    may_name: bool
    links: bool
    is_description: bool
    """It is a word for a description, and nothing else."""
    describes: bool
    """It has such a word, or one for notes, in it."""
    notes: bool
    values: bool
    is_tags: bool


@lru_cache(maxsize=1024)
def _read_header(header: str) -> _Header:
    """Read a header: `Model/Project` is two things, `App name` an app and a name."""
    text = folded(header)
    phrases = {" ".join(phrase.split()) for phrase in _PHRASE.split(text)} - {""}
    for phrase in tuple(phrases):
        last = phrase.rpartition(" ")[2].strip("()")
        if last in {"name", "names", "title"} or any(word in phrase for word in _WIDE_NAMES):
            phrases.add("name")
    words = phrases.union(*[phrase.split() for phrase in phrases])
    notes = bool(phrases & NOTE_WORDS)
    return _Header(
        names=not phrases.isdisjoint(NAME_HEADERS),
        may_name=not phrases.isdisjoint(MAYBE_NAME_HEADERS),
        links=not phrases.isdisjoint(LINK_HEADERS),
        is_description=not phrases.isdisjoint(DESCRIPTION_WORDS),
        describes=notes
        or not words.isdisjoint(DESCRIPTION_WORDS)
        or any(word in text for word in WIDE_DESCRIPTIONS),
        notes=notes,
        values=not phrases.isdisjoint(VALUE_HEADERS),
        is_tags=not phrases.isdisjoint(TAG_HEADERS),
    )


# Chinese and Japanese words are looked for inside of others: there is no space around them.
_WIDE_NAMES = (*in_both_scripts("名称"), "名字", "名前")


_new_cell = partial(tuple.__new__, Cell)
_ROW_HEAD = re.compile(r"(?:[ \t]*>)*[ \t]*\|?")
# GFM splits cells before it reads anything in them: a pipe counts unless a backslash is before it.
PIPE = re.compile(r"(?<!\\)\|")
_SAMPLE = 30
"""Rows that a guess about a column looks at."""


def read_cells(source: str) -> list[Cell]:
    """The cells a row has by GFM's rule, padding excluded, excess ones included."""
    position = match_end(_ROW_HEAD, source)
    row = source[position:].rstrip(" \t\r\n")
    has_escapes = "\\" in row
    segments = PIPE.split(row) if has_escapes else row.split("|")
    if len(segments) > 1 and not segments[-1]:
        segments.pop()  # behind the pipe that ends the row
    cells = []
    for segment in segments:
        text = segment.lstrip(" \t")
        position += len(segment)
        start = position - len(text)
        text = text.rstrip(" \t")
        end = start + len(text)
        cells.append(_new_cell((text.replace("\\|", "|") if has_escapes else text, start, end)))
        position += 1
    return cells


def read_table(
    document: Document, listing: Listing, correction: Correction
) -> dict[int, list[Cell]]:
    """Fill a table's header and guess which column holds the name, unless that is decided.

    Returns the cells of the rows that it looked at, by block.
    """
    if listing.header_block is not None:
        header = document.blocks[listing.header_block].source
        listing.header = [plain_text(cell.text) for cell in read_cells(header)]
    blocks = document.blocks
    sample = {index: read_cells(blocks[index].source) for index in listing.blocks[:_SAMPLE]}
    guess_columns(
        listing, [RowEvidence(cells, blocks[index].links) for index, cells in sample.items()]
    )
    headers = [folded(header) for header in listing.header]
    if correction.name and correction.name in headers:
        listing.name_column = headers.index(correction.name)
        listing.is_name_decided = True
        if listing.description_column == listing.name_column:
            listing.description_column = None
    if correction.description and correction.description in headers:
        number = headers.index(correction.description)
        if number != listing.name_column:
            listing.description_column = number
            listing.is_description_decided = True
    return sample


def has_named_rows(listing: Listing) -> bool:
    """Whether a header says that its rows have names, or there is no header to tell."""
    headers = [_read_header(header) for header in listing.header if header]
    return not headers or any(header.names or header.may_name for header in headers)


NO_TEXT = frozenset({".", "-", "\\-", "–", "—", "/"})
"""Cell texts that stand for no text."""


def row_entry(
    block: Block, listing: Listing, cells: list[Cell] | None = None
) -> tuple[Fields, list[Cell]]:
    """The fields and cells of a table row, by the columns of its listing.

    The cells may have been read before.
    """
    source = block.source
    if cells is None:
        cells = read_cells(source)
    name, description = listing.name_column, listing.description_column
    return row_fields(source, cells, block.links, name, description), cells


def row_fields(
    source: str,
    cells: list[Cell],
    links: list[Link],
    name_column: int,
    description_column: int | None,
) -> Fields:
    """The fields of a row when the roles of the columns are known."""
    if not cells:
        return Fields("", "", "")
    cell = cells[min(name_column, len(cells) - 1)]
    _text, start, end = cell
    inside = [link for link in links if start <= link.slot[0] < end]
    fields = cell_fields(source, cell.slot, inside)
    if not fields.url:
        leading = [link for link in links if not (link.is_internal or link.is_image_only)]
        link = next((link for link in leading if link.is_outbound), None)
        if link := link or next(iter(leading), None):
            fields = fields._replace(url=link.url, url_slot=url_slot(source, link))
    if not any(map(str.isalnum, fields.name)):
        fields = _name_from_elsewhere(fields, cells, links, source)
    name, url, text, named, place, slot = fields
    if description_column is not None and description_column < len(cells):
        text, slot = cells[description_column].text, cells[description_column].slot
    return Fields(name, url, "" if text in NO_TEXT else text, named, place, slot)


def _name_from_elsewhere(
    fields: Fields, cells: list[Cell], links: list[Link], source: str
) -> Fields:
    """A row whose name cell says nothing: the first cell with words names it."""
    for cell in cells:
        text = plain_text(cell.text)
        if any(map(str.isalpha, text)) and not is_address(text):
            inside = [link for link in links if cell.start <= link.slot.start < cell.end]
            named = cell_fields(source, cell.slot, inside)
            return fields._replace(name=named.name, name_slot=named.name_slot)
    link = next((link for link in links if link_name(source, link)), None)
    if not fields.name and link:
        return fields._replace(name=link_name(source, link), name_slot=None)
    return fields
