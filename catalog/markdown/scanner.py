"""One pass over the events of the markdown parser: which construct starts on which line.

The only module that knows the parser library, `pyromark` (pulldown-cmark).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from operator import attrgetter
from typing import Any

from pyromark import Options, events_with_range, reference_definitions
from pyromark.event import Range

from catalog.markdown.inline import (
    Anchors,
    html_links,
    html_title,
    plain_text,
    readable,
    with_characters,
    without_asides,
)
from catalog.markdown.nodes import (
    Block,
    BlockKind,
    Document,
    Link,
    LinkForm,
    Listing,
    ListingKind,
    Section,
    Slot,
    new_slot,
)

OPTIONS = (
    Options.ENABLE_TABLES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_GFM
)
"""The extensions of markdown that GitHub understands in a README."""

# What may stand on an item's line before its marker: indent, quotes, outer items' markers.
_BEFORE_MARKER = re.compile(rb"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+[> \t]*)*")

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

_FORMS = {
    "Inline": LinkForm.INLINE,
    "WikiLink": LinkForm.INLINE,
    "Autolink": LinkForm.AUTOLINK,
    "Email": LinkForm.AUTOLINK,
}

_ROWS = frozenset({BlockKind.TABLE_ROW, BlockKind.TABLE_HEADER, BlockKind.LINE})
_LEVELS = frozenset("123456")


class Scanner:
    """Reads a text, and fills the sections, listings and blocks of a document on the way.

    What starts on a line of its own is a leaf. `take` gets each leaf when the next one starts, so
    that the indexes of the blocks before are known by then. Of the leaf that is being read:

    - `block` is what it becomes; its source and last line come at its end.
    - `end` is the byte where the parser says that it ends.
    - `masks` are the code, HTML tags and pictures in it, as pairs of offsets.
    - `has_html` tells whether HTML blocks are in it.

    The parser counts bytes of UTF-8, and so do the lines' `starts`. Offsets in a leaf count code
    points from the start of its first line, so that most need no conversion.
    """

    def __init__(self, text: str, lines: list[str], document: Document) -> None:
        self._text = text
        self._readable = readable(text)
        self._data = self._readable.encode()
        self._is_ascii = len(self._data) == len(text)
        if not self._is_ascii:
            # A copy of our own: what the parser is given keeps its UTF-8 as long as it lives.
            self._readable = self._data.decode()
        self._has_tabs = "\t" in text
        self.lines = lines
        # Unlike that of `str`, this method knows no line endings but markdown's.
        sizes = map(len, lines if self._is_ascii else self._data.splitlines(keepends=True))
        self.starts = list(accumulate(sizes, initial=0))
        if lines:
            self.starts.pop()
        self.starts += [len(self._data) + 1] * 2
        self._line = 0

        self.document = document
        self.blocks = document.blocks
        self.block = Block(BlockKind.GAP, "", 0, 0)  # before the first leaf
        self.end = 0
        self.masks: list[tuple[int, int]] = []
        self.has_html = False
        self._base = 0  # where the leaf starts,
        self._plain = len(self._data) if self._is_ascii else 0  # up to where all of it is ASCII,
        self._byte = self._char = 0  # and a cursor past that

        self._headings: list[tuple[str, int | None]] = []  # texts, and which are sections
        self._html_heading: tuple[int, int] | None = None  # in running text: level, byte
        self._open_sections: list[int] = []
        self._section: int | None = None
        self._level = 0
        self._in_heading = False
        self._marker = 0  # the byte of the last item's marker
        self._items: list[int] = []  # the blocks of the items around
        self._in_own_lines = False  # of the innermost item, up to whatever is nested in it
        self._lists: list[int] = []
        self._quotes = 0
        self._is_quoted = False  # the leaf
        self._table: int | None = None

        # Plain text of the link or heading being read.
        self._collecting = 0
        self._words: list[str] = []
        self._inner_end = 0
        self._in_image = 0
        self._has_image = False
        self._link: tuple[int, dict[str, str], int] | None = None
        self._html_link: tuple[int, int, str, int] | None = None

    def take(self, block: Block, limit: int) -> None:
        """Make blocks of the lines from the leaf's first one up to the line `limit`."""
        raise NotImplementedError

    def _handlers(
        self,
    ) -> tuple[dict[str, Callable[[Range, Any], None]], dict[str, Callable[[Range], None]]]:
        """The methods for starts and ends of what is read, by the parser's names."""
        starts: dict[str, Callable[[Range, Any], None]] = {
            "BlockQuote": self._start_quote,
            "CodeBlock": self._start_code,
            "Heading": self._start_heading,
            "HtmlBlock": self._start_html,
            "Image": self._start_image,
            "Item": self._start_item,
            "Link": self._start_link,
            "List": self._start_list,
            "Paragraph": self._start_paragraph,
            "Table": self._start_table,
            "TableHead": self._start_table_head,
            "TableRow": self._start_table_row,
        }
        ends: dict[str, Callable[[Range], None]] = {
            "BlockQuote": self._end_quote,
            "Heading": self._end_heading,
            "Image": self._end_image,
            "Item": self._end_item,
            "Link": self._end_link,
            "List": self._end_list,
            "Table": self._end_table,
        }
        return starts, ends

    def run(self) -> None:  # noqa: C901 - the hot loop
        """Read all events, each by the method for it; most need none."""
        starts, ends = self._handlers()
        # An event is a string or a dict of one key: `in` asks both. (No checker follows this.)
        stream: Iterator[tuple[Any, Range]] = events_with_range(self._readable, options=OPTIONS)
        for event, span in stream:
            if "Text" in event:
                if self._collecting:
                    self._inner_end = span["end"]
                    if not self._in_image:
                        self._words.append(event["Text"])
            elif "Start" in event:
                value = event["Start"]
                if isinstance(value, str):
                    if value in starts:
                        starts[value](span, None)
                else:
                    (name,) = value
                    if name in starts:
                        starts[name](span, value[name])
            elif "End" in event:
                value = event["End"]
                if not isinstance(value, str):
                    (value,) = value
                if value in ends:
                    ends[value](span)
            else:
                self._other(event, span)
        self._close(len(self.lines))
        self._name_anchors()

    def _name_anchors(self) -> None:
        anchors, sections = Anchors(), self.document.sections
        for text, section in self._headings:
            anchor = anchors.add(text)
            if section is not None:
                sections[section].anchor = anchor

    def _other(self, event: Any, span: Range) -> None:
        """Handle events that neither start nor end: code, HTML, rules and breaks."""
        if "Code" in event:
            self._mask(span)
            if self._collecting:
                self._inner_end = span["end"]
                if not self._in_image:
                    self._words.append(event["Code"])
        elif "InlineHtml" in event:
            self._inline_html(span, event["InlineHtml"])
        elif "Html" in event:
            self.has_html = True
        elif event == "Rule":
            if not self._in_own_lines:
                self._open(BlockKind.RULE, span["start"], span["end"])
        elif self._collecting and isinstance(event, str):
            # A line ends. The anchor of a heading skips over that, a reader sees a space.
            self._words.append("\n" if self._in_heading else " ")

    def definitions(self) -> Iterator[tuple[str, str]]:
        """Yield label and source of each reference definition that counts, in order.

        Wherever it stands: in an item or a quote it belongs to no block of its own.
        """
        byte = char = 0
        for label, definition in reference_definitions(self._readable, options=OPTIONS).items():
            span = definition["span"]
            start = char + len(self._data[byte : span["start"]].decode())
            byte = span["end"]
            char = start + len(self._data[span["start"] : byte].decode())
            yield label, f"{self._text[start:char].strip()}\n"

    # Positions

    def _offset(self, byte: int) -> int:
        """The code point at a byte, from the start of the leaf that is being read."""
        if byte <= self._plain:
            return byte - self._base
        if byte >= self._byte:
            self._char += len(self._data[self._byte : byte].decode())
        else:
            self._char -= len(self._data[byte : self._byte].decode())
        self._byte = byte
        return self._char

    def _item_start(self, byte: int) -> int:
        """Return where an item's marker is.

        The parser counts the columns of a tab that the marker does not need as characters in
        front of it, which may point into the line above.
        """
        starts, line = self.starts, self._line
        while starts[line + 1] <= byte:
            line += 1
        if starts[line] == byte and self._data[byte : byte + 1] not in b"\r\n":
            self._marker = byte
            return byte
        while starts[line] > byte:
            line -= 1
        known = self._marker if starts[line] <= self._marker <= byte else starts[line]
        before = self._data[known:byte]
        if _BEFORE_MARKER.fullmatch(before) and self._data[byte : byte + 1] not in b"\r\n":
            self._marker = byte
            return byte
        return starts[line + 1]

    def _mask(self, span: Range) -> None:
        if self._in_image:
            return  # the outermost picture hides what is in it
        start, end = span["start"], span["end"]
        if end <= self._plain:
            self.masks.append((start - self._base, end - self._base))
        else:
            self.masks.append((self._offset(start), self._offset(end)))

    # Blocks

    def _open(self, kind: BlockKind, start: int, end: int) -> Block:
        """Begin a leaf; of those that start on one line the innermost first one owns it."""
        starts, line, block = self.starts, self._line, self.block
        while starts[line + 1] <= start:
            line += 1
        if block.first_line > line:
            if block.kind is BlockKind.ITEM and kind in {BlockKind.ITEM, BlockKind.TABLE_HEADER}:
                self._hand_over(block)
                # The outer one may go on with text that no event begins.
                self.end = max(self.end, end) if kind is BlockKind.ITEM else end
                block.kind = kind
            return block
        self._close(line)
        self._line, self.end = line, end
        base = self._base = self._byte = starts[line]
        self._char = 0
        if not self._is_ascii:
            text = self.lines[line] if line < len(self.lines) else ""
            plain = len(text) if text.isascii() else _NOT_ASCII.search(text).start()  # type: ignore[union-attr]
            self._plain = base + plain
        items = self._items
        parent = items[-1] if items else None
        block = Block(kind, "", line + 1, 0, self._section, None, None, parent, len(items), [])
        self.block = block
        self._is_quoted = self._quotes > 0
        return block

    def _close(self, line: int) -> None:
        """Finish the leaf that is being read; the next one starts on `line`."""
        self.take(self.block, line)
        # Whatever was left open in it ends with it.
        self._link = self._html_link = self._html_heading = None
        self._collecting = self._in_image = 0
        self._in_heading = False
        self.has_html = False
        if self._words:
            self._words.clear()
        if self.masks:
            self.masks.clear()

    def _hand_over(self, block: Block) -> None:
        """Take an item's line from it: the newest listing starts on the same line."""
        listings = self.document.listings
        if block.listing is not None:
            listings[block.listing].blocks.remove(len(self.blocks))
            block.listing = None
        # The item around that listing has no line of its own, so it is nobody's parent.
        listings[-1].parent = block.parent

    def _new_listing(self, kind: ListingKind) -> int:
        self._in_own_lines = False
        parent = self._items[-1] if self._items else None
        listings = self.document.listings
        listings.append(Listing(kind, self._section, [], parent=parent))
        return len(listings) - 1

    def _start_paragraph(self, span: Range, _data: object) -> None:
        if not self._in_own_lines:
            self._open(BlockKind.PARAGRAPH, span["start"], span["end"])

    def _start_code(self, span: Range, _data: object) -> None:
        if not self._in_own_lines:
            self._open(BlockKind.CODE, span["start"], span["end"])

    def _start_html(self, span: Range, _data: object) -> None:
        if not self._in_own_lines:
            self._open(BlockKind.HTML, span["start"], span["end"])

    def _start_quote(self, _span: Range, _data: object) -> None:
        self._quotes += 1

    def _end_quote(self, _span: Range) -> None:
        self._quotes -= 1

    def _start_heading(self, span: Range, data: dict[str, str]) -> None:
        block = self._open(BlockKind.HEADING, span["start"], span["end"])
        if block.kind is BlockKind.HEADING:
            self._in_own_lines = False  # It ends what an item has to itself.
        self._words.clear()
        self._collecting += 1
        self._in_heading = True
        self._level = int(data["level"][1])

    def _end_heading(self, span: Range) -> None:
        text = "".join(self._words)
        self._words.clear()
        self._collecting = 0
        self._in_heading = False
        title = " ".join(text.split())
        if not title and self._has_image:
            source = self._data[span["start"] : span["end"]].decode("utf-8", "replace")
            title = plain_text(source.strip("# \t\r\n=-"), alt=True)
        self._has_image = False
        if title and (self.masks or self.block.links):
            source = self._data[span["start"] : span["end"]].decode("utf-8", "replace")
            source = source.strip("# \t\r\n=-")
            bare = without_asides(source)
            if len(bare) < len(source):
                title = plain_text(bare) or title
        self.add_heading(self.block, title, self._level, text)

    def add_heading(self, block: Block, title: str, level: int, text: str) -> int | None:
        """Begin a section with the block that comes next; returns its index.

        None for a heading that is an anchor only: in a quote, in a table's row, or behind
        another one in its block, nothing stands under it.
        """
        sections, open_sections = self.document.sections, self._open_sections
        number = len(self.blocks)
        if self._is_quoted or block.kind in _ROWS or (sections and sections[-1].block == number):
            self._headings.append((text, None))
            return None
        while open_sections and sections[open_sections[-1]].level >= level:
            open_sections.pop()
        parent = open_sections[-1] if open_sections else None
        self._section = block.section = len(sections)
        self._headings.append((text, self._section))
        open_sections.append(self._section)
        sections.append(Section(with_characters(title), level, "", number, parent))
        return self._section

    def _start_list(self, _span: Range, _data: object) -> None:
        self._lists.append(self._new_listing(ListingKind.LIST))

    def _end_list(self, _span: Range) -> None:
        self._lists.pop()

    def _start_item(self, span: Range, _data: object) -> None:
        start = span["start"]
        if self._has_tabs:
            start = self._item_start(start)
        block = self._open(BlockKind.ITEM, start, span["end"])
        index = len(self.blocks)
        self._items.append(index)
        self._in_own_lines = True
        block.depth = len(self._items)
        if block.listing is None and block.kind is BlockKind.ITEM:
            block.listing = self._lists[-1]
            listing = self.document.listings[block.listing]
            if not listing.blocks:
                listing.section = block.section  # What came before may have begun one.
            listing.blocks.append(index)

    def _end_item(self, _span: Range) -> None:
        self._items.pop()
        self._in_own_lines = False

    def _start_table(self, _span: Range, _data: object) -> None:
        self._table = self._new_listing(ListingKind.TABLE)

    def _end_table(self, _span: Range) -> None:
        self._table = None

    def _start_table_head(self, span: Range, _data: object) -> None:
        block = self._open(BlockKind.TABLE_HEADER, span["start"], span["end"])
        block.listing = self._table
        if self._table is not None:
            listing = self.document.listings[self._table]
            listing.header_block, listing.section = len(self.blocks), block.section

    def _start_table_row(self, span: Range, _data: object) -> None:
        block = self._open(BlockKind.TABLE_ROW, span["start"], span["end"])
        block.listing = self._table
        if self._table is not None:
            self.document.listings[self._table].blocks.append(len(self.blocks))

    # Links

    def _start_link(self, span: Range, data: dict[str, str]) -> None:
        start = span["start"]
        self._link = (start, data, len(self._words))
        self._inner_end = start + 1
        self._has_image = False
        self._collecting += 1

    def _end_link(self, span: Range) -> None:
        if self._link is None:
            return
        start, target, first_word = self._link
        self._link = None
        text = self._collected(first_word)
        end = span["end"]
        if end <= self._plain:
            base = self._base
            slot = new_slot((start - base, end - base))
            inner = new_slot((start - base + 1, self._inner_end - base))
        else:
            begin = self._offset(start)
            inner = new_slot((begin + 1, self._offset(self._inner_end)))
            slot = new_slot((begin, self._offset(end)))
        form = _FORMS.get(target["link_type"], LinkForm.REFERENCE)
        badge = self._has_image and not text.strip()
        link = Link(text, target["dest_url"], form, slot, inner, target["id"], badge)
        self.block.links.append(link)

    def _collected(self, first_word: int) -> str:
        """The text of the link that ends, from the word on that it began with."""
        words = self._words
        text = words[first_word] if len(words) == first_word + 1 else "".join(words[first_word:])
        self._collecting -= 1
        if self._collecting <= 0:
            self._collecting = 0
            words.clear()
        return text

    def _start_image(self, span: Range, _data: object) -> None:
        self._mask(span)
        self._in_image += 1
        self._collecting += 1
        self._has_image = True

    def _end_image(self, span: Range) -> None:
        self._in_image -= 1
        self._inner_end = span["end"]
        self._collecting = max(self._collecting - 1, 0)

    def _inline_html(self, span: Range, tag: str) -> None:
        self._mask(span)
        if self._collecting:
            self._inner_end = span["end"]
        lowered = tag[:4].lower()
        if lowered[:2] == "<h" or lowered[:3] == "</h":
            self._inline_heading(span, lowered)
        elif lowered == "<img":
            self._has_image = True
        elif lowered[:2] == "<a" and lowered[2:3].isspace() and self._link is None:
            if self._html_link is None:
                self._collecting += 1
            self._html_link = (span["start"], span["end"], tag, len(self._words))
            self._has_image = False
        elif lowered[:3] == "</a" and self._html_link:
            start, opened_to, opening, first_word = self._html_link
            self._html_link = None
            text = self._collected(first_word)
            begin = self._offset(start)
            inner = Slot(self._offset(opened_to), self._offset(span["start"]))
            slot = Slot(begin, self._offset(span["end"]))
            badge = self._has_image and not text.strip()
            for matched in html_links(f"{opening}</a>"):
                self.block.links.append(
                    Link(text, matched.url, LinkForm.HTML, slot, inner, "", badge)
                )
            if len(self.block.links) > 1 and self.block.links[-2].slot > slot:
                # It stands around a link that was read before its own end.
                self.block.links.sort(key=attrgetter("slot"))

    def _inline_heading(self, span: Range, tag: str) -> None:
        """``<h2>`` in running text, behind an anchor or in an item."""
        if tag[1] == "h":
            if tag[2:3] in _LEVELS and tag[3:4] in {">", " ", "\t", "\n"}:
                self._html_heading = (int(tag[2]), span["end"])
        elif tag[3:4] in _LEVELS and self._html_heading:
            level, start = self._html_heading
            self._html_heading = None
            inner = self._data[start : span["start"]].decode()
            self.add_heading(self.block, html_title(inner), level, plain_text(inner))
