"""One pass over the events of the markdown parser: which construct starts on which line.

The only module that knows the parser library, `pyromark` (pulldown-cmark).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from pyromark import Options, events_with_range, reference_definitions
from pyromark.event import Range

from catalog.markdown.html import html_links
from catalog.markdown.inline import readable
from catalog.markdown.nodes import BlockKind, Link, LinkForm, Listing, ListingKind, Section, Slot
from catalog.markdown.toc import Anchors

OPTIONS = (
    Options.ENABLE_TABLES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_GFM
)
"""What GitHub understands in a README."""

_LINE_ENDING = re.compile(rb"\r\n|\n|\r")

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
    bytes; up to the byte `plain` everything in it is ASCII. `links` and `masks` (code, HTML tags
    and images, as pairs of offsets) are in reading order; offsets count from the line's start.
    """

    __slots__ = (
        "byte", "depth", "end", "has_html", "kind", "line", "links", "listing", "masks", "parent",
        "plain", "section",
    )  # fmt: skip

    def __init__(
        self, kind: BlockKind, line: int, byte: int, plain: int, end: int, parent: int | None
    ) -> None:
        self.kind = kind
        self.line = line
        self.byte = byte
        self.plain = plain
        self.end = end
        self.parent = parent
        self.depth = 0
        self.section: int | None = None
        self.listing: int | None = None
        self.links: list[Link] = []
        self.masks: list[tuple[int, int]] = []
        self.has_html = False


class _OpenItem:
    """A list item being read; its own lines go on until something nested starts."""

    __slots__ = ("leaf", "own")

    def __init__(self, leaf: int) -> None:
        self.leaf = leaf
        self.own = True


class Scanner:
    """Reads a text; afterwards `leaves`, `sections` and `listings` hold what is in it.

    The parser counts bytes of UTF-8. `line_starts` are the lines' starts in code points and
    `byte_starts` in bytes; offsets inside a block count from its own first line, so that most
    need no conversion.
    """

    def __init__(self, text: str, line_starts: list[int]) -> None:
        self._text = text
        self._readable = readable(text)
        self._data = self._readable.encode()
        self._is_ascii = len(self._data) == len(text)
        self._has_tabs = "\t" in text
        if self._is_ascii:
            self.byte_starts = line_starts
        else:
            ends = [match.end() for match in _LINE_ENDING.finditer(self._data)]
            self.byte_starts = [0, *ends][: len(line_starts)]
        self._starts = [*self.byte_starts, len(self._data) + 1, len(self._data) + 1]
        self._widths = [*line_starts, len(text) + 1, len(text) + 1]
        self._byte = self._char = 0  # a cursor in the leaf, past its plain part
        self._line = 0

        self.leaves: list[Leaf] = []
        self.sections: list[Section] = []
        self.listings: list[Listing] = []

        self._leaf = Leaf(BlockKind.GAP, 0, 0, 0, 0, None)  # takes what no leaf does
        self._anchors = Anchors()
        self._open_sections: list[int] = []
        self._section: int | None = None
        self._items: list[_OpenItem] = []
        self._lists: list[int] = []
        self._quotes = 0
        self._table: int | None = None

        # Plain text of the link or heading being read.
        self._collecting = 0
        self._words: list[str] = []
        self._inner_end = 0
        self._in_heading = False
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
                if event == "Rule" and not self._is_in_own_lines():
                    self._open(BlockKind.RULE, span)
                continue
            (tag,) = event
            if tag == "Text":
                if self._collecting:
                    self._inner_end = span["end"]
                    if not self._in_image:
                        self._words.append(event[tag])
                continue
            value = event[tag]
            if tag == "Start":
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
                    self._inner_end = span["end"]
                    if not self._in_image:
                        self._words.append(value)
            elif tag == "InlineHtml":
                self._inline_html(span, value)
            elif tag == "Html":
                self._leaf.has_html = True

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

    def _plain_until(self, line: int) -> int:
        """The byte up to which a leaf that starts on `line` is known to be ASCII."""
        if self._is_ascii:
            return len(self._data)
        starts, widths = self._starts, self._widths
        size = starts[line + 1] - starts[line]
        return starts[line + 1] if size == widths[line + 1] - widths[line] else starts[line]

    def _item_start(self, byte: int) -> int:
        """Where an item's marker is.

        The parser counts the columns of a tab that the marker does not need as characters in
        front of it, which may point into the line above.
        """
        if not self._has_tabs:
            return byte
        line = self._line_of(byte)
        before = self._data[self._starts[line] : byte]
        if _BEFORE_MARKER.fullmatch(before) and self._data[byte : byte + 1] not in b"\r\n":
            return byte
        return self._starts[line + 1]

    def _mask(self, span: Range) -> None:
        self._leaf.masks.append((self._offset(span["start"]), self._offset(span["end"])))

    # Blocks

    def _is_in_own_lines(self) -> bool:
        """Whether what starts now belongs to the block of the item around it."""
        return bool(self._items) and self._items[-1].own

    def _open(self, kind: BlockKind, span: Range) -> int:
        """Begin a leaf and return its index; the innermost first one of a line owns it."""
        line = self._line_of(span["start"])
        parent = self._items[-1].leaf if self._items else None
        if self.leaves and self.leaves[-1].line >= line:
            index = len(self.leaves) - 1
            leaf = self.leaves[index]
            if leaf.kind is BlockKind.ITEM and kind in {BlockKind.ITEM, BlockKind.TABLE_HEADER}:
                if leaf.listing is not None:
                    self.listings[leaf.listing].blocks.remove(index)
                # The new listing is on the line of the item around it, which so is no parent.
                self.listings[-1].parent = leaf.parent
                leaf.kind, leaf.end, leaf.listing = kind, span["end"], None
            return index
        # Whatever was left open in the lines above ends with them.
        self._link = self._html_link = None
        self._collecting = self._in_image = 0
        self._words.clear()
        leaf = self._leaf = self._new_leaf(kind, line, span["end"], parent)
        leaf.section = self._section
        leaf.depth = len(self._items)
        self.leaves.append(leaf)
        return len(self.leaves) - 1

    def _new_leaf(self, kind: BlockKind, line: int, end: int, parent: int | None) -> Leaf:
        self._byte, self._char = self._starts[line], 0
        return Leaf(kind, line, self._byte, self._plain_until(line), end, parent)

    def _start_paragraph(self, span: Range, _data: object) -> None:
        if not self._is_in_own_lines():
            self._open(BlockKind.PARAGRAPH, span)

    def _start_code(self, span: Range, _data: object) -> None:
        if not self._is_in_own_lines():
            self._open(BlockKind.CODE, span)

    def _start_html(self, span: Range, _data: object) -> None:
        if not self._is_in_own_lines():
            self._open(BlockKind.HTML, span)

    def _start_quote(self, _span: Range, _data: object) -> None:
        self._quotes += 1

    def _end_quote(self, _span: Range) -> None:
        self._quotes -= 1

    def _start_heading(self, span: Range, data: dict[str, str]) -> None:
        if not self._is_in_own_lines():
            self._open(BlockKind.HEADING, span)
        self._words.clear()
        self._collecting += 1
        self._in_heading = True
        self._level = int(data["level"][1])

    def _end_heading(self, _span: Range) -> None:
        title = " ".join("".join(self._words).split())
        self._words.clear()
        self._collecting = 0
        self._in_heading = False
        anchor = self._anchors.add(title)
        if self._items or self._quotes:
            return  # An anchor, but nothing that the following text stands under.
        open_sections = self._open_sections
        while open_sections and self.sections[open_sections[-1]].level >= self._level:
            open_sections.pop()
        parent = open_sections[-1] if open_sections else None
        self._section = self._leaf.section = len(self.sections)
        open_sections.append(self._section)
        self.sections.append(Section(title, self._level, anchor, len(self.leaves) - 1, parent))

    def _start_list(self, _span: Range, _data: object) -> None:
        self._lists.append(self._new_listing(ListingKind.LIST))

    def _end_list(self, _span: Range) -> None:
        self._lists.pop()

    def _start_item(self, span: Range, _data: object) -> None:
        start = self._item_start(span["start"])
        index = self._open(BlockKind.ITEM, {"start": start, "end": span["end"]})
        self._items.append(_OpenItem(index))
        leaf = self._leaf
        leaf.depth = len(self._items)
        if leaf.listing is None and leaf.kind is BlockKind.ITEM:
            leaf.listing = self._lists[-1]
            self.listings[leaf.listing].blocks.append(index)

    def _end_item(self, _span: Range) -> None:
        self._items.pop()

    def _start_table(self, _span: Range, _data: object) -> None:
        self._table = self._new_listing(ListingKind.TABLE)

    def _end_table(self, _span: Range) -> None:
        self._table = None

    def _start_table_head(self, span: Range, _data: object) -> None:
        index = self._open(BlockKind.TABLE_HEADER, span)
        head, line = self._leaf, self._line + 1
        self._leaf.listing = self._table
        if self._table is not None:
            self.listings[self._table].header_block = index
        # The delimiter row makes no event; it is the next line.
        row = self._new_leaf(BlockKind.DELIMITER_ROW, line, head.end, head.parent)
        row.section, row.listing, row.depth = head.section, head.listing, head.depth
        self.leaves.append(row)
        self._byte, self._char = head.byte, 0  # its cells are still to be read

    def _start_table_row(self, span: Range, _data: object) -> None:
        index = self._open(BlockKind.TABLE_ROW, span)
        self._leaf.listing = self._table
        if self._table is not None:
            self.listings[self._table].blocks.append(index)

    def _new_listing(self, kind: ListingKind) -> int:
        parent = None
        if self._items:
            self._items[-1].own = False
            parent = self._items[-1].leaf
        self.listings.append(Listing(kind, self._section, [], parent=parent))
        return len(self.listings) - 1

    # Links

    def _start_link(self, span: Range, data: dict[str, str]) -> None:
        self._link = (span["start"], data, len(self._words))
        self._inner_end = span["start"] + 1
        self._has_image = False
        self._collecting += 1

    def _end_link(self, span: Range) -> None:
        if self._link is None:
            return
        start, target, first_word = self._link
        self._link = None
        self._collecting = max(self._collecting - 1, 0)
        words = self._words
        text = words[0] if len(words) == 1 else "".join(words[first_word:])
        if not self._collecting:
            words.clear()
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
            self._collecting = max(self._collecting - 1, 0)
            text = "".join(self._words[first_word:])
            if not self._collecting:
                self._words.clear()
            begin = self._offset(start)
            inner = Slot(self._offset(opened_to), self._offset(span["start"]))
            slot = Slot(begin, self._offset(span["end"]))
            badge = self._has_image and not text.strip()
            for found in html_links(f"{opening}</a>"):
                self._leaf.links.append(
                    Link(text, found.url, LinkForm.HTML, slot, inner, "", badge)
                )
