"""One pass over the events of the markdown parser: which construct starts on which line.

The only module that knows the parser library, `pyromark` (pulldown-cmark).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

from pyromark import Options, events_with_range, reference_definitions
from pyromark.event import Range

from catalog.markdown.html import html_links
from catalog.markdown.inline import readable
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
)
from catalog.markdown.toc import Anchors

OPTIONS = (
    Options.ENABLE_TABLES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_GFM
)
"""What GitHub understands in a README."""

# What may stand on an item's line before its marker: indent, quotes, outer items' markers.
_BEFORE_MARKER = re.compile(rb"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+[> \t]*)*")

_FORMS = {
    "Inline": LinkForm.INLINE,
    "WikiLink": LinkForm.INLINE,
    "Autolink": LinkForm.AUTOLINK,
    "Email": LinkForm.AUTOLINK,
}


class Leaf:
    """A block in the making: the line it starts on, and what was met in it.

    `byte` is where that line starts and `end` where the parser says that the leaf ends, both in
    bytes; up to the byte `plain` everything in it is ASCII. `index` is that of the block it
    becomes. `links` and `masks` (code, HTML tags and images, as pairs of offsets) are in reading
    order; offsets count from the line's start.
    """

    __slots__ = (
        "byte", "depth", "end", "has_html", "index", "kind", "line", "links", "listing", "masks",
        "parent", "plain", "section",
    )  # fmt: skip

    def __init__(self, kind: BlockKind, line: int, byte: int, plain: int, end: int) -> None:
        self.kind = kind
        self.line = line
        self.byte = byte
        self.plain = plain
        self.end = end
        self.index = self.depth = 0
        self.parent: int | None = None
        self.section: int | None = None
        self.listing: int | None = None
        self.links: list[Link] = []
        self.masks: list[tuple[int, int]] = []
        self.has_html = False


class Scanner:
    """Reads a text: fills the sections and listings of a document, and hands out its leaves.

    Each leaf goes to `take` when the next one starts, with that one's line; by then it has become
    blocks of the document, so that an index of a block is known when its leaf starts.

    The parser counts bytes of UTF-8. `byte_starts` are the lines' starts in bytes, as `lines` are
    in code points; offsets inside a leaf count from its own first line, so that most need no
    conversion.
    """

    def __init__(
        self, text: str, lines: list[str], document: Document, take: Callable[[Leaf, int], None]
    ) -> None:
        self._text = text
        self._readable = readable(text)
        self._data = self._readable.encode()
        self._is_ascii = len(self._data) == len(text)
        self._has_tabs = "\t" in text
        self._lines = lines
        # Unlike that of `str`, this method knows no line endings but markdown's.
        sizes = map(len, self._data.splitlines(keepends=True))
        self.byte_starts = list(accumulate(sizes, initial=0))[: max(len(lines), 1)]
        beyond = len(self._data) + 1
        self._starts = [*self.byte_starts, beyond, beyond]
        self._byte = self._char = 0  # a cursor in the leaf, past its plain part
        self._line = 0

        self._blocks: list[Block] = document.blocks
        self._sections = document.sections
        self._listings = document.listings
        self._take = take
        self._leaf = Leaf(BlockKind.GAP, -1, 0, 0, 0)  # takes what no leaf does

        self._anchors = Anchors()
        self._open_sections: list[int] = []
        self._section: int | None = None
        self._level = 0
        self._items: list[int] = []  # the blocks of the items around
        self._in_own_lines = False  # of the innermost item, up to whatever is nested in it
        self._lists: list[int] = []
        self._quotes = 0
        self._table: int | None = None

        # Plain text of the link or heading being read.
        self._collecting = 0
        self._words: list[str] = []
        self._inner_end = 0
        self._in_image = 0
        self._has_image = False
        self._link: tuple[int, dict[str, str], int] | None = None
        self._html_link: tuple[int, int, str, int] | None = None

    def run(self) -> None:
        """Read all events, each by the method for it; most need none."""
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
        # One dict of one key each, whose type no checker can follow at this speed.
        stream: Iterator[tuple[Any, Range]] = events_with_range(self._readable, options=OPTIONS)
        for event, span in stream:
            if isinstance(event, str):
                if self._collecting:
                    self._words.append(" ")
                if event == "Rule" and not self._in_own_lines:
                    self._open(BlockKind.RULE, span["start"], span["end"])
                continue
            (tag,) = event
            value = event[tag]
            if tag == "Text":
                if self._collecting:
                    self._collect(span, value)
            elif tag == "Start":
                if isinstance(value, str):
                    if value in starts:
                        starts[value](span, None)
                else:
                    (name,) = value
                    if name in starts:
                        starts[name](span, value[name])
            elif tag == "End":
                if isinstance(value, str):
                    name = value
                else:
                    (name,) = value
                if name in ends:
                    ends[name](span)
            elif tag == "Code":
                self._mask(span)
                if self._collecting:
                    self._collect(span, value)
            elif tag == "InlineHtml":
                self._inline_html(span, value)
            elif tag == "Html":
                self._leaf.has_html = True
        self._close(len(self._lines))

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
        leaf = self._leaf
        if byte <= leaf.plain:
            return byte - leaf.byte
        if byte >= self._byte:
            self._char += len(self._data[self._byte : byte].decode())
        else:
            self._char -= len(self._data[byte : self._byte].decode())
        self._byte = byte
        return self._char

    def _line_of(self, byte: int) -> int:
        starts, line = self._starts, self._line
        while starts[line + 1] <= byte:
            line += 1
        while starts[line] > byte:
            line -= 1
        self._line = line
        return line

    def _item_start(self, byte: int) -> int:
        """Where an item's marker is.

        The parser counts the columns of a tab that the marker does not need as characters in
        front of it, which may point into the line above.
        """
        line = self._line_of(byte)
        before = self._data[self._starts[line] : byte]
        if _BEFORE_MARKER.fullmatch(before) and self._data[byte : byte + 1] not in b"\r\n":
            return byte
        return self._starts[line + 1]

    def _mask(self, span: Range) -> None:
        self._leaf.masks.append((self._offset(span["start"]), self._offset(span["end"])))

    # Blocks

    def _open(self, kind: BlockKind, start: int, end: int) -> Leaf:
        """Begin a leaf; of those that start on one line the innermost first one owns it."""
        line = self._line_of(start)
        leaf = self._leaf
        if leaf.line >= line:
            if leaf.kind is BlockKind.ITEM and kind in {BlockKind.ITEM, BlockKind.TABLE_HEADER}:
                self._hand_over(leaf)
                leaf.kind, leaf.end = kind, end
            return leaf
        self._close(line)
        byte = self._byte = self._starts[line]
        self._char = 0
        if self._is_ascii:
            plain = self._starts[-1]
        else:
            size = self._starts[line + 1] - byte
            plain = (
                byte + size if line < len(self._lines) and size == len(self._lines[line]) else byte
            )
        leaf = self._leaf = Leaf(kind, line, byte, plain, end)
        leaf.index = len(self._blocks)
        leaf.section = self._section
        if self._items:
            leaf.parent = self._items[-1]
            leaf.depth = len(self._items)
        return leaf

    def _close(self, line: int) -> None:
        """Hand out the leaf being read: what starts next is on `line`."""
        self._take(self._leaf, line)
        # Whatever was left open in it ends with it.
        self._link = self._html_link = None
        self._collecting = self._in_image = 0
        if self._words:
            self._words.clear()

    def _hand_over(self, leaf: Leaf) -> None:
        """Take an item's line from it: the newest listing starts on the same."""
        if leaf.listing is not None:
            self._listings[leaf.listing].blocks.remove(leaf.index)
            leaf.listing = None
        # The item around that listing has no line of its own, so it is nobody's parent.
        self._listings[-1].parent = leaf.parent

    def _new_listing(self, kind: ListingKind) -> int:
        self._in_own_lines = False
        parent = self._items[-1] if self._items else None
        self._listings.append(Listing(kind, self._section, [], parent=parent))
        return len(self._listings) - 1

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
        if not self._in_own_lines:
            self._open(BlockKind.HEADING, span["start"], span["end"])
        self._words.clear()
        self._collecting += 1
        self._level = int(data["level"][1])

    def _end_heading(self, _span: Range) -> None:
        title = " ".join("".join(self._words).split())
        self._words.clear()
        self._collecting = 0
        anchor = self._anchors.add(title)
        if self._items or self._quotes:
            return  # An anchor, but nothing that the following text stands under.
        sections, open_sections = self._sections, self._open_sections
        while open_sections and sections[open_sections[-1]].level >= self._level:
            open_sections.pop()
        parent = open_sections[-1] if open_sections else None
        self._section = self._leaf.section = len(sections)
        open_sections.append(self._section)
        sections.append(Section(title, self._level, anchor, self._leaf.index, parent))

    def _start_list(self, _span: Range, _data: object) -> None:
        self._lists.append(self._new_listing(ListingKind.LIST))

    def _end_list(self, _span: Range) -> None:
        self._lists.pop()

    def _start_item(self, span: Range, _data: object) -> None:
        start = span["start"]
        if self._has_tabs:
            start = self._item_start(start)
        leaf = self._open(BlockKind.ITEM, start, span["end"])
        self._items.append(leaf.index)
        self._in_own_lines = True
        leaf.depth = len(self._items)
        if leaf.listing is None and leaf.kind is BlockKind.ITEM:
            leaf.listing = self._lists[-1]
            self._listings[leaf.listing].blocks.append(leaf.index)

    def _end_item(self, _span: Range) -> None:
        self._items.pop()
        self._in_own_lines = False

    def _start_table(self, _span: Range, _data: object) -> None:
        self._table = self._new_listing(ListingKind.TABLE)

    def _end_table(self, _span: Range) -> None:
        self._table = None

    def _start_table_head(self, span: Range, _data: object) -> None:
        leaf = self._open(BlockKind.TABLE_HEADER, span["start"], span["end"])
        leaf.listing = self._table
        if self._table is not None:
            self._listings[self._table].header_block = leaf.index

    def _start_table_row(self, span: Range, _data: object) -> None:
        leaf = self._open(BlockKind.TABLE_ROW, span["start"], span["end"])
        leaf.listing = self._table
        if self._table is not None:
            self._listings[self._table].blocks.append(leaf.index)

    # Links

    def _collect(self, span: Range, words: str) -> None:
        self._inner_end = span["end"]
        if not self._in_image:
            self._words.append(words)

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
        leaf, end = self._leaf, span["end"]
        if end <= leaf.plain:
            base = leaf.byte
            slot = Slot(start - base, end - base)
            inner = Slot(start - base + 1, self._inner_end - base)
        else:
            begin = self._offset(start)
            inner = Slot(begin + 1, self._offset(self._inner_end))
            slot = Slot(begin, self._offset(end))
        form = _FORMS.get(target["link_type"], LinkForm.REFERENCE)
        badge = self._has_image and not text.strip()
        leaf.links.append(Link(text, target["dest_url"], form, slot, inner, target["id"], badge))

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
        if lowered == "<img":
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
            for found in html_links(f"{opening}</a>"):
                self._leaf.links.append(
                    Link(text, found.url, LinkForm.HTML, slot, inner, "", badge)
                )
