"""Parsing: from a text to the blocks that own its lines, and their content."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from operator import attrgetter, itemgetter

from catalog.markdown.corrections import NO_CORRECTIONS, Corrected, Corrections
from catalog.markdown.entries import read_entries
from catalog.markdown.folding import nest_folds
from catalog.markdown.grouping import group_parts
from catalog.markdown.inline import (
    HtmlHeading,
    heading_end,
    html_headings,
    html_links,
    html_text,
    html_title,
    html_units,
    plain_text,
)
from catalog.markdown.links import find_bare_urls
from catalog.markdown.nodes import (
    Block,
    BlockKind,
    Document,
    Link,
    LinkForm,
    Listing,
    ListingKind,
    new_slot,
)
from catalog.markdown.scanner import Scanner
from catalog.markdown.tables import PIPE

BOM = "\ufeff"

# CommonMark 0.31.2, section 2.1: a line ending is \n, \r or \r\n and nothing else.
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
# A line with nothing on it but the markers of the quotes around it.
_BLANK_LINE = re.compile(r"[ \t>]*[\r\n]*")
_DEFINITION = re.compile(r"[ \t>]*\[((?:\\.|[^\]\\])+)\]:")
_FRONT_MATTER_FENCE = re.compile(r"---[ \t]*[\r\n]*")
_YAML_LINE = re.compile(r"(?:[\w.\"' -]+:(?:\s|$)|[ \t#-]|[\r\n])")
# A line of a paragraph that begins with a link, after at most a number, sign or emphasis.
_LINE_ENTRY = re.compile(r"[^\w\[<]{0,8}(?:\d{1,4}[^\w\[<]{1,4})?[^\w\[<]{0,4}(?:\[|<a\s|https?:)")
_NOT_LINE_ENDING = re.compile(r"[^\r\n]")
_SHORTEST_ADDRESS = 4
_HEADING_LINES = 40
"""Most lines that an HTML heading may continue behind a blank one."""
_HEADING_START = re.compile(r"<h[1-6]|^[ \t>]*#{1,6}[ \t]", re.IGNORECASE | re.MULTILINE)
_FEW_ROWS = 2
"""HTML with more linked rows than this is a listing; with fewer it is prose."""
_HEADER_CELL = re.compile(r"<th\b", re.IGNORECASE)
_HARD_BREAK = re.compile(r"(?:  |\\|<br\s*/?>\s*)[\r\n]*\Z", re.IGNORECASE)


def split_lines(text: str) -> list[str]:
    """The lines of a text with their endings; joining them gives the text.

    Unlike `str.splitlines` this cuts at ``\\r\\n``, ``\\r`` and ``\\n`` only.
    """
    lines = text.splitlines(keepends=True)
    # As many as there are line feeds: it cut nowhere else.
    if len(lines) == text.count("\n") + (not text.endswith("\n")):
        return lines
    return _LINE.findall(text)


def parse(
    text: str, *, grouped: bool = True, corrections: Corrections = NO_CORRECTIONS
) -> Document:
    """Read a list. Never raises, takes time linear in the text, and loses nothing:
    ``render(parse(text)) == text`` for every `str`.

    Unless `grouped`, every item is a block of its own, a thing or a part of one (`grouping.py`).
    `corrections` are what maintainers decided about how it is read.
    """
    document = parse_blocks(text, grouped=grouped, corrections=corrections)
    read_entries(document, Corrected(corrections, document.sections))
    return document


def parse_blocks(
    text: str, *, grouped: bool = True, corrections: Corrections = NO_CORRECTIONS
) -> Document:
    """Read a list as `parse` does, but for its entries and what its listings say of columns."""
    bom = BOM if text.startswith(BOM) else ""
    body = text[1:] if bom else text
    lines = split_lines(body)
    front = _front_matter_lines(lines)
    if front:
        # The parser would misread the front matter: blanks of the same shape stand in for it.
        cut = sum(map(len, lines[:front]))
        body = _NOT_LINE_ENDING.sub(" ", body[:cut]) + body[cut:]
    document = Document(bom)
    scanner = _Partition(body, lines, document)
    scanner.front = front
    scanner.run()
    if "]:" in body:
        for label, source in scanner.definitions():
            document.definitions.setdefault(fold_label(label), source)
    nest_folds(document)
    if grouped:
        group_parts(document, Corrected(corrections, document.sections))
    return document


def _front_matter_lines(lines: list[str]) -> int:
    """Return how many lines at the start are YAML front matter, by GitHub's rule."""
    if not lines or not _FRONT_MATTER_FENCE.fullmatch(lines[0]):
        return 0
    for number, line in enumerate(lines[1:], 1):
        if _FRONT_MATTER_FENCE.fullmatch(line):
            return number + 1 if number > 1 else 0
        if not _YAML_LINE.match(line):
            return 0
    return 0


def fold_label(label: str) -> str:
    """A reference's label as CommonMark 0.31.2, section 4.7, compares it."""
    return " ".join(label.split()).casefold()


class _Partition(Scanner):
    """Hands every line to one block: to a leaf, to a gap, or to a reference definition."""

    front = 0
    """The number of lines of front matter."""

    def take(self, block: Block, limit: int) -> None:
        after, lines = block.first_line, self.lines
        if not after:  # what is before the first leaf
            if self.front:
                self._add(BlockKind.FRONT_MATTER, 0, self.front)
            self._fill(self.front, limit, None)
            return
        end = after
        if limit > after:
            end = bisect_left(self.starts, self.end, after, limit)
            while end > after and _is_blank(lines[end - 1]):
                end -= 1
        kind = block.kind
        if kind is BlockKind.HTML:
            self._add_html(block, end)
        elif kind is BlockKind.TABLE_HEADER:
            self._add_leaf(block, after)
            # The delimiter row makes no event; it is the next line.
            end = min(after + 1, limit)
            self._add(BlockKind.DELIMITER_ROW, after, end, block).listing = block.listing
        elif kind is BlockKind.PARAGRAPH and end > after and block.links:
            starts = self._line_entries(after - 1, end)
            if starts:
                self._add_lines(block, starts, end)
            else:
                self._add_leaf(block, end)
        else:
            self._add_leaf(block, end)
        if end < limit:
            self._fill(end, limit, block.section)

    def _add(self, kind: BlockKind, first: int, end: int, leaf: Block | None = None) -> Block:
        lines = self.lines
        source = lines[first] if end == first + 1 else "".join(lines[first:end])
        if leaf is None:
            block = Block(kind, source, first + 1, end)
        else:
            section, parent, depth = leaf.section, leaf.parent, leaf.depth
            block = Block(kind, source, first + 1, end, section, None, None, parent, depth)
        self.blocks.append(block)
        return block

    def _fill(self, first: int, end: int, section: int | None) -> None:
        """Lines that no event covers: blank ones, and reference definitions."""
        lines, start = self.lines, first
        if end == first + 1 and lines[first] == "\n":  # as most are
            self.blocks.append(Block(BlockKind.GAP, "\n", end, end, section))
            return
        while start < end:
            stop = start + 1
            if _is_blank(lines[start]):
                while stop < end and _is_blank(lines[stop]):
                    stop += 1
                block = self._add(BlockKind.GAP, start, stop)
            else:
                label = _DEFINITION.match(lines[start])
                while (
                    stop < end and not _is_blank(lines[stop]) and not _DEFINITION.match(lines[stop])
                ):
                    stop += 1
                kind = BlockKind.DEFINITION if label else BlockKind.PARAGRAPH
                block = self._add(kind, start, stop)
                block.label = fold_label(label[1]) if label else ""
            block.section = section
            start = stop

    def _add_leaf(self, block: Block, end: int) -> None:
        """Add a leaf that is one block."""
        lines, first = self.lines, block.first_line - 1
        block.source = lines[first] if end == first + 1 else "".join(lines[first:end])
        block.last_line = end
        if self.has_html:
            for heading in html_headings(block.source):
                self._add_html_heading(block, heading, end)
        self.blocks.append(block)
        if block.kind is BlockKind.CODE:
            return
        if self.has_html:
            known = {link.slot.start for link in block.links}
            block.links += [
                link for link in html_links(block.source) if link.slot.start not in known
            ]
            block.links.sort(key=attrgetter("slot"))
        _add_bare_links(block, self.masks)

    def _line_entries(self, first: int, end: int) -> list[int]:
        """The lines of a paragraph if each of them is an entry of its own, else []."""
        lines = self.lines[first:end]
        if all(_LINE_ENTRY.match(line) for line in lines) and all(
            _HARD_BREAK.search(line) for line in lines[:-1]
        ):
            return list(range(first, end))
        return []

    def _add_lines(self, leaf: Block, starts: list[int], end: int) -> None:
        listing = self._add_listing(ListingKind.LINES, leaf)
        offset = 0
        links = leaf.links
        taken = 0
        for first, stop in zip(starts, [*starts[1:], end], strict=True):
            block = self._add(BlockKind.LINE, first, stop, leaf)
            block.listing = listing
            self.document.listings[listing].blocks.append(len(self.blocks) - 1)
            limit = offset + len(block.source)
            own = taken
            while own < len(links) and links[own].slot.start < limit:
                own += 1
            block.links = [link.moved(-offset) for link in links[taken:own]]
            taken = own
            _add_bare_links(block, self.masks, offset)
            offset = limit

    def _add_html(self, leaf: Block, end: int) -> None:
        """Cut an HTML block: a heading, and each row or line with a link, is a block of its own."""
        line = leaf.first_line - 1
        lines = self.lines[line:end]
        source = "".join(lines)
        rows: list[tuple[int, int, list[Link]]] = []
        if "<a" in source or "<A" in source:
            for start, stop in html_units(lines):
                links = list(html_links("".join(lines[start:stop])))
                if any(link.is_outbound for link in links):
                    rows.append((line + start, line + stop, links))
        headings = list(html_headings(source))
        if not headings:
            self._add_html_rows(leaf, line, end, rows)
            return
        for start, stop, own in _heading_lines(lines, headings, line, rows):
            self._add_html_rows(leaf, line, start, [row for row in rows if line <= row[0] < start])
            for heading in own:
                self._add_html_heading(leaf, heading, end)
            block = self._add(BlockKind.HTML, start, stop, leaf)
            links = list(html_links(block.source))
            if any(link.is_outbound for link in links):
                block.links = links
            line = stop
        self._add_html_rows(leaf, line, end, [row for row in rows if row[0] >= line])

    def _add_html_rows(
        self, leaf: Block, line: int, end: int, rows: list[tuple[int, int, list[Link]]]
    ) -> None:
        has_header = len(rows) > 1 and any(map(_HEADER_CELL.search, self.lines[line:end]))
        few = 1 if has_header else _FEW_ROWS
        listing = self._add_listing(ListingKind.HTML, leaf) if len(rows) > few else None
        for start, stop, links in rows:
            if start > line:
                self._add(BlockKind.HTML, line, start, leaf)
            block = self._add(BlockKind.HTML, start, stop, leaf)
            block.links = links
            block.listing = listing
            if listing is not None:
                self.document.listings[listing].blocks.append(len(self.blocks) - 1)
            line = stop
        if line < end:
            self._add(BlockKind.HTML, line, end, leaf)

    def _add_html_heading(self, block: Block, heading: HtmlHeading, end: int) -> None:
        """Begin a section; a heading that is open still has its end in the lines from `end` on."""
        title, text = html_title(heading.inner), html_text(heading.inner)
        if heading.end is None:
            rest = "".join(self.lines[end : end + _HEADING_LINES])
            closed = heading_end(rest)
            inner = rest[: closed.start()] if closed else ""
            if not _HEADING_START.search(inner):
                text += plain_text(inner)
                title = f"{title} {plain_text(inner) or plain_text(inner, alt=True)}".strip()
        self.add_heading(block, title, heading.level, text)

    def _add_listing(self, kind: ListingKind, leaf: Block) -> int:
        self.document.listings.append(Listing(kind, leaf.section, [], parent=leaf.parent))
        return len(self.document.listings) - 1


def _heading_lines(
    lines: list[str],
    headings: list[HtmlHeading],
    base: int,
    rows: list[tuple[int, int, list[Link]]],
) -> list[tuple[int, int, list[HtmlHeading]]]:
    """The lines of headings, rows that share a line with one included; those of one place once."""
    starts = list(accumulate(map(len, lines), initial=0))
    spans: list[tuple[int, int, list[HtmlHeading]]] = []
    row = 0
    for heading in headings:
        start = base + bisect_right(starts, heading.start) - 1
        stop = base + (
            len(lines) if heading.end is None else bisect_left(starts, max(heading.end, 1))
        )
        while row < len(rows) and rows[row][1] <= start:
            row += 1
        while row < len(rows) and rows[row][0] < stop:
            start, stop = min(start, rows[row][0]), max(stop, rows[row][1])
            row += 1
        if spans and start < spans[-1][1]:
            first, last, before = spans[-1]
            spans[-1] = first, max(last, stop), [*before, heading]
        else:
            spans.append((start, stop, [heading]))
    return spans


def _is_blank(line: str) -> bool:
    return line == "\n" or _BLANK_LINE.fullmatch(line) is not None


def _add_bare_links(block: Block, masks: list[tuple[int, int]], offset: int = 0) -> None:
    """Add the addresses in running text, which the parser takes for text.

    Of code, tags and pictures `masks` tells, counted from `offset` characters before the block.
    """
    source, links = block.source, block.links
    position = 0
    matched: list[Link] = []
    for link in links:
        start, end = link.slot
        if start - position > _SHORTEST_ADDRESS and _may_link(
            source, position, start, masks, offset
        ):
            matched += _bare_links(block, position, start, masks, offset)
        if end > position:
            position = end
    if _may_link(source, position, len(source), masks, offset):
        matched += _bare_links(block, position, len(source), masks, offset)
    if matched:
        block.links = sorted([*links, *matched], key=attrgetter("slot"))


def _may_link(source: str, start: int, end: int, masks: list[tuple[int, int]], offset: int) -> bool:
    """Whether what addresses have in them stands anywhere outside of the masks."""
    for sign in ("://", "www."):
        at = source.find(sign, start, end)
        while at >= 0:
            behind = _mask_end(masks, at + offset) - offset
            if behind <= at:
                return True
            at = source.find(sign, behind, end)
    return False


def _mask_end(masks: list[tuple[int, int]], at: int) -> int:
    """Where the mask ends that covers a place; the place itself, or before it, if none does."""
    number = bisect_right(masks, at, key=itemgetter(0)) - 1
    return masks[number][1] if number >= 0 else 0


def _bare_links(
    block: Block, start: int, end: int, masks: list[tuple[int, int]], offset: int
) -> list[Link]:
    matched = []
    source = block.source
    text = source[start:end]
    if block.kind is BlockKind.TABLE_ROW or block.kind is BlockKind.TABLE_HEADER:
        text = PIPE.sub(" ", text)  # A cell ends its addresses, padded or not.
    for first, last, url in find_bare_urls(text):
        slot = new_slot((start + first, start + last))
        at = slot.start + offset
        if _mask_end(masks, at) <= at:
            matched.append(Link(source[slot.start : slot.end], url, LinkForm.BARE, slot, slot))
    return matched
