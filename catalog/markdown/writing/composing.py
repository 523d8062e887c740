"""Writing a new entry the way its siblings are written, and finding its place among them."""

from __future__ import annotations

import html
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Unpack

from catalog.markdown.attributes import (
    BRACKET,
    CODE_KEYS,
    MARK,
    PARENTHESIS,
    attributes_of,
    sign_key,
)
from catalog.markdown.grouping import before_gap
from catalog.markdown.inline import plain_text
from catalog.markdown.nodes import Block, BlockKind, Document, ListingKind
from catalog.markdown.tables import read_cells
from catalog.markdown.writing.context import (
    BlockText,
    Context,
    after_of,
    lead_of,
    read_block,
    read_blocks,
)
from catalog.markdown.writing.dialect import Dialect, is_wide, sort_key
from catalog.markdown.writing.layout import (
    CodecError,
    content_slot,
    escape_cell,
    make_row,
    number_of,
    one_line,
    single_blanks,
    text_forms,
    with_number,
)
from catalog.markdown.writing.patterns import BEFORE, BEHIND, PLAIN_STYLES, name_end, without_mark
from catalog.markdown.writing.patterns import linked as with_link
from catalog.markdown.writing.slots import Values, change

KINDS = {
    ListingKind.TABLE: BlockKind.TABLE_ROW,
    ListingKind.LIST: BlockKind.ITEM,
    ListingKind.LINES: BlockKind.LINE,
    ListingKind.HTML: BlockKind.HTML,
}
"""The kind of block of an entry in each kind of listing."""

_LINKED_NAME = re.compile(r"\[([^\[\]]*\{name\}[^\[\]]*)\]\(<?\{url\}>?\)")
# What leads on to a link that is not there: `{name}: [link]({url})`, and its line below a name.
_LINK_APART = re.compile(
    r"(?:(?:\r\n|\n|\r)[^\r\n{}]*|[ \t:：,，|–—-]*)"
    r"[\[(（]*(?:\[[^\[\]]*\]\(\{url\}\)|<\{url\}>|\{url\})[\])）]*"
)
_DRAFT = {"name": "qx", "url": "https://example.org/x", "description": "Qy"}
"""Stand-ins that are no words and need no escaping: the draft is written with them, then changed.
"""


def new_entry(
    dialect: Dialect,
    context: Context,
    *,
    number: int | None = None,
    **values: Unpack[Values],
) -> str:
    """The source of a new entry, its lines with their endings, in the dialect of its listing.

    `context` is that of the place it goes to; `number` is for an item of an ordered list or a row
    of a table that numbers its rows. A description gets the closing mark its siblings have. A row
    has as many cells as its header; `cells` are inline markdown by column and may stand for the
    name and URL. Of an item they are the values behind its text, by their place in
    `VALUE_FIELDS`. Raises `CodecError`.
    """
    name, url, description = (values.get("name"), values.get("url"), values.get("description"))
    if dialect.kind is ListingKind.HTML:
        return _html_entry(dialect, context, name or "", url or "", description or "")
    cells = values.get("cells") or {}
    if not name and not (cells and dialect.kind is ListingKind.TABLE):
        raise CodecError("empty", "name")
    texts: Values = {"name": name or None, "url": url or None}
    if description:
        texts["description"] = dialect.closed(description.strip())
    if dialect.kind is ListingKind.TABLE:
        return _row(dialect, context, {**texts, "cells": cells}, number)
    beside = {key: text for key, text in cells.items() if text.strip()}
    sign = beside.pop(VALUE_FIELDS.index(MARK), "").strip()
    if sign:
        plain, bare = without_mark(dialect.pattern), without_mark(dialect.bare_pattern)
        dialect = replace(dialect, pattern=plain, bare_pattern=bare)
    kind = KINDS[dialect.kind]
    draft = _first_readable(_line_drafts(dialect, number, texts), kind, context)
    source = change(draft, kind, context, dialect=dialect, **texts)
    if sign:
        source = _with_sign(source, kind, context, dialect, sign)
    return _with_values(source, kind, context, dialect, beside) if beside else source


def _row(dialect: Dialect, context: Context, values: Values, number: int | None) -> str:
    cells = dict(values["cells"] or {})
    if number is not None and dialect.number_column is not None:
        cells.setdefault(dialect.number_column, str(number))
    filled = {index for index, text in cells.items() if text.strip()}
    if values.get("description"):
        if context.description_column is None:
            raise CodecError("no-description-column", "description")
        filled.add(context.description_column)
    draft = _row_draft(dialect, filled, name=values["name"] or "", linked=bool(values["url"]))
    read_block(draft, BlockKind.TABLE_ROW, context)
    values = {**values, "cells": cells}
    return change(draft, BlockKind.TABLE_ROW, context, dialect=dialect, **values)


def _first_readable(drafts: Iterator[str], kind: BlockKind, context: Context) -> str:
    problem: CodecError | None = None
    for draft in drafts:
        try:
            read_block(draft, kind, context)
        except CodecError as error:
            problem = problem or error
        else:
            return draft
    raise problem or CodecError("nothing-to-write", "source")


def _line_drafts(dialect: Dialect, number: int | None, values: Values) -> Iterator[str]:
    described, linked = values.get("description"), bool(values["url"])
    prefix = dialect.prefix
    if number is not None:
        prefix = with_number(prefix, number)
    ending = dialect.newline
    if dialect.kind is ListingKind.LINES:
        ending = dialect.hard_break + ending
    plain = Dialect()
    for pattern, bare in (
        (dialect.pattern, dialect.bare_pattern),
        (plain.bare_pattern + dialect.separator + "{description}", plain.bare_pattern),
        (plain.pattern, plain.bare_pattern),
    ):
        chosen = _parted(pattern, described) if described else bare
        if linked and "{url}" not in chosen:
            chosen = with_link(chosen)
        yield prefix + _filled(chosen, values["name"] or "", linked=linked) + ending


def _parted(pattern: str, description: str) -> str:
    """The pattern with a separator that does before this text.

    Chinese is written without one where a word in Latin letters would run into the name.
    """
    before, _placeholder, behind = pattern.partition("{description}")
    is_parted = before[-1:] not in _NO_SEPARATOR or before.endswith(("<br>", "<br/>", "<br />"))
    if not is_parted and not is_wide(description):
        return before + Dialect().separator + "{description}" + behind
    return pattern


_NO_SEPARATOR = frozenset(")]}>*_")


def _row_draft(dialect: Dialect, filled: Container[int], *, name: str, linked: bool) -> str:
    patterns = dialect.cell_patterns
    if linked and "{url}" not in "".join(patterns):
        patterns = tuple(map(with_link, patterns))
    cells = []
    widths = list(dialect.widths)
    for column, pattern in enumerate(patterns):
        is_given = (name and "{name}" in pattern) or (linked and "{url}" in pattern)
        if (is_given or column in filled) and column < len(widths):
            widths[column] = None  # It is filled up with its text.
        if column not in filled and is_given:
            cells.append(escape_cell(_filled(pattern, name, linked=linked)))
        else:
            filler = "" if "{" in pattern else pattern
            cells.append(_DRAFT["description"] if column in filled else filler)
    row = make_row(
        cells,
        head=dialect.prefix,
        is_opened=dialect.is_opened,
        is_closed=dialect.is_closed,
        padding=dialect.padding,
        widths=widths,
        rule=dialect.width_rule,
    )
    return row + dialect.newline


def _filled(pattern: str, name: str, *, linked: bool) -> str:
    if not linked:
        pattern = _LINK_APART.sub("", _LINKED_NAME.sub(r"\1", pattern))
    if "{label}" in pattern:
        pattern = pattern.replace("{label}", next(text_forms(name), "x"))
    for key, value in _DRAFT.items():
        pattern = pattern.replace(f"{{{key}}}", value)
    return pattern


# HTML


def _html_entry(dialect: Dialect, context: Context, name: str, url: str, description: str) -> str:
    """The source of a new row or line of HTML; markdown means nothing there."""
    if not dialect.pattern:
        raise CodecError("html-listing", "source")
    if not name or not url:
        raise CodecError("link-needed", "url") if name else CodecError("empty", "name")
    name, url = single_blanks(one_line(name, "name")), one_line(url, "url")
    text = single_blanks(plain_text(one_line(dialect.closed(description.strip()), "description")))
    is_described = bool(text) and "{description}" in dialect.pattern
    if text and not is_described:
        raise CodecError("in-parts", "description")
    source = dialect.pattern if is_described else dialect.bare_pattern
    values = {"{name}": name, "{url}": url, "{description}": text}
    for placeholder, value in values.items():
        source = source.replace(placeholder, html.escape(value))
    _block, entry = read_block(source, BlockKind.HTML, context)
    read = (entry.name, entry.url, entry.description) if entry else None
    if read != (name, url, text):
        raise CodecError("unwritable", "name" if read and read[0] != name else "description")
    return source


# Values behind the text

VALUE_FIELDS = (*CODE_KEYS, PARENTHESIS, BRACKET, MARK)
"""Keys of what may stand beside the text of an item; a field is called by its place here."""
_FORBIDDEN = {PARENTHESIS: re.compile(r"[()（）\[\]<>`]"), BRACKET: re.compile(r"[()\[\]<>`]")}


def _with_values(
    source: str, kind: BlockKind, context: Context, dialect: Dialect, values: Mapping[int, str]
) -> str:
    """The source with values behind its text, read again to see that they are nothing else."""
    styles = dict(dialect.value_styles)
    is_line = kind is BlockKind.LINE
    slot = content_slot(source, ListingKind.LINES if is_line else ListingKind.LIST)
    written = ""
    expected: dict[str, str] = {}
    for number, text in sorted(values.items()):
        field = f"cell {number + 1}"
        if not 0 <= number < len(VALUE_FIELDS):
            raise CodecError("no-column", field, columns=len(VALUE_FIELDS))
        key = VALUE_FIELDS[number]
        text = single_blanks(one_line(text, field))
        if (_FORBIDDEN.get(key) or _CODE_SIGN).search(text):
            raise CodecError("unwritable", field)
        style = styles.get(key, PLAIN_STYLES[key])
        written += (style if written else f" {style.lstrip(' ,|·')}").replace("{value}", text)
        expected[key] = text
    changed = source[: slot.end] + written + source[slot.end :]
    before = read_block(source, kind, context)[1]
    block, after = read_block(changed, kind, context)
    read = [each.text for each in attributes_of(block.source) if each.key in VALUE_FIELDS]
    # A parenthesis is read as the end of the description.
    is_same = (
        before
        and after
        and (
            (before.name, before.url) == (after.name, after.url)
            and after.description in {before.description, (before.description + written).strip()}
        )
    )
    if not is_same or read != list(expected.values()):
        raise CodecError("unwritable", f"cell {min(values) + 1}")
    return changed


def _with_sign(source: str, kind: BlockKind, context: Context, dialect: Dialect, sign: str) -> str:
    """The source with a sign where its siblings have theirs, read again to see that it is one."""
    field = f"cell {VALUE_FIELDS.index(MARK) + 1}"
    is_line = kind is BlockKind.LINE
    slot = content_slot(source, ListingKind.LINES if is_line else ListingKind.LIST)
    before = read_block(source, kind, context)[1]
    place = dict(dialect.value_styles).get(MARK, BEHIND)
    end = name_end(source, before) if before and place == BEHIND else None
    if place == BEFORE:
        changed = f"{source[: slot.start]}{sign} {source[slot.start :]}"
    else:
        at = slot.end if end is None else end
        changed = f"{source[:at]} {sign}{source[at:]}"
    after = read_block(changed, kind, context)[1]
    read = [each.text for each in attributes_of(changed) if each.key.startswith(MARK)]
    # Behind the text it is read as the end of the description.
    is_same = (
        before
        and after
        and (before.name, before.url) == (after.name, after.url)
        and after.description in {before.description, f"{before.description} {sign}"}
    )
    if not is_same or read != [sign_key(sign)]:
        raise CodecError("unwritable", field)
    return changed


_CODE_SIGN = re.compile("`")


# Places


def insertion_index(names: Sequence[str], name: str, dialect: Dialect) -> int:
    """Return the index of a name among those of a listing: in order if they are sorted, else at the
    end.

    With a few names out of order it is the place that leaves the fewest on the wrong side.
    """
    if not dialect.is_sorted:
        return len(names)
    key = sort_key(name)
    wrong = best = 0
    index = 0
    for number, other in enumerate(names, 1):
        wrong += 1 if sort_key(other) > key else -1
        if wrong < best:
            best, index = wrong, number
    return index


def next_number(dialect: Dialect, before: str | None) -> int | None:
    """The number of an item behind the one with the source `before`; nothing is renumbered."""
    number = number_of(dialect.prefix if before is None else before)
    if number is None or before is None:
        return number
    return number + 1 if dialect.counts_up else number


# Where a new entry goes, how it reads there, and what comes with it


@dataclass(slots=True)
class Insertion:
    """The blocks to insert before the block `at`: the entry's own, and in a list with gaps one gap.
    `replaced` is the last line of a file that did not end with a break.
    """

    at: int
    block_texts: list[BlockText]
    gap_before: list[BlockText]
    gap_behind: list[BlockText]
    replaced: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a listing: behind the entry on the block `after`, or None: before the first."""

    document: Document
    listing: int
    after: int | None
    dialect: Dialect

    @property
    def at(self) -> int:
        """The index of the block that follows the place."""
        if self.after is not None:
            return end_with_notes(self.document, self.after)
        target = self.document.listings[self.listing]
        if target.kind is ListingKind.TABLE and target.header_block is not None:
            return target.header_block + 2
        return target.blocks[0]

    @property
    def gap(self) -> str:
        """The blank lines that part an entry there from the one it goes behind, or from what
        belongs to that."""
        if self.dialect.gap or self.after is None:
            return self.dialect.gap
        inner = subtree_end(self.document, self.after)
        is_parted = inner < self.at and self.document.blocks[inner].kind is BlockKind.GAP
        return self.document.blocks[inner].source if is_parted else ""

    @property
    def context(self) -> Context:
        """Return the context of a block of the listing there."""
        document, at = self.document, self.at
        target = document.listings[self.listing]
        sample = document.blocks[target.blocks[0] if target.blocks else at - 1]
        kind = _KINDS.get(target.kind)
        context = Context(
            document.definitions,
            lead_of(document, at, kind),
            after_of(document, at, kind),
            sample.depth,
            target.name_column,
            target.description_column,
        )
        gap = self.gap
        if not gap:
            return context
        if self.after is not None:
            return replace(context, lead=(*context.lead, gap))
        return replace(context, after=(BlockText(BlockKind.GAP, gap), *context.after[:1]))

    @property
    def number(self) -> int | None:
        """The number of an item or row there, where they have one; no other is renumbered."""
        blocks = self.document.blocks
        column = self.dialect.number_column
        if self.dialect.kind is ListingKind.TABLE and column is not None:
            if self.after is None:
                return None
            cells = read_cells(blocks[self.after].source)
            text = cells[column].text if column < len(cells) else ""
            return int(text) + 1 if text.isdecimal() else None
        if self.dialect.kind is not ListingKind.LIST:
            return None
        if self.after is not None:
            number = number_of(blocks[self.after].source)
            if number is not None and self.at > subtree_end(self.document, self.after):
                return number + (number not in _numbers_beside(self.document, self.after, self.at))
            return next_number(self.dialect, blocks[self.after].source)
        first = self.document.listings[self.listing].blocks[0]
        return number_of(blocks[first].source)

    def insertion(self, block_texts: Sequence[BlockText]) -> Insertion:
        """Return the blocks that are inserted for an entry of these texts. Raises `CodecError` if
        they would read otherwise."""
        new = [closed(one, self.dialect.newline) for one in block_texts]
        read_blocks(new, self.context)
        gap = [BlockText(BlockKind.GAP, self.gap)] if self.gap else []
        before, behind = (gap, []) if self.after is not None else ([], gap)
        planned = Insertion(self.at, new, before, behind)
        if planned.at == len(self.document.blocks):
            last = self.document.blocks[-1].source
            if not last.endswith(("\n", "\r")):
                planned.replaced[planned.at - 1] = last + self.dialect.newline
                new[-1] = new[-1]._replace(source=new[-1].source.rstrip("\r\n"))
        return planned


_KINDS = {
    ListingKind.TABLE: BlockKind.TABLE_ROW,
    ListingKind.LINES: BlockKind.LINE,
    ListingKind.HTML: BlockKind.HTML,
}


def closed(one: BlockText, newline: str) -> BlockText:
    """The piece with a line break at its end."""
    if one.source.endswith(("\n", "\r")):
        return one
    return one._replace(source=one.source + newline)


def place_by_name(document: Document, listing: int, name: str, dialect: Dialect) -> int | None:
    """The block of a listing that a new entry goes behind: in order, else last; None: first."""
    blocks = document.listings[listing].blocks
    names = []
    for index in blocks:
        entry = document.blocks[index].entry
        names.append("" if entry is None else document.entries[entry].name)
    number = insertion_index(names, name, dialect)
    return blocks[number - 1] if number else None


def open_place(document: Document, listing: int, after: int | None) -> int | None:
    """Return the place before the last line of a listing if nothing can stand behind that.

    A line without a hard break would have to change too; a row whose last cell goes on in the
    paragraph below would be parted from it.
    """
    blocks = document.listings[listing].blocks
    if not blocks or after != blocks[-1]:
        return after
    kind, source = document.listings[listing].kind, document.blocks[after].source.rstrip()
    is_open = False
    if kind is ListingKind.LINES:
        source = document.blocks[after].source.rstrip("\r\n")
        is_open = not source.endswith(("  ", "\\", ">"))
    elif kind is ListingKind.TABLE:
        behind = _behind_gap(document, after + 1)
        is_open = source[-1:] != "|" and behind is not None and _goes_on(document, after, behind)
    if not is_open:
        return after
    return blocks[-2] if len(blocks) > 1 else None


def _goes_on(document: Document, row: int, behind: int) -> bool:
    """Whether a paragraph holds the rest of a row that is broken in a cell."""
    block = document.blocks[behind]
    is_closed = document.blocks[row].source.lstrip(" \t>").startswith("|")
    first = block.source.lstrip().partition("\n")[0].rstrip()
    return (
        is_closed and block.kind is BlockKind.PARAGRAPH and first[:1] != "|" and first.endswith("|")
    )


def subtree_end(document: Document, index: int) -> int:
    """The index behind a block and, of an item, all that stands in it; gaps at its end excluded."""
    blocks = document.blocks
    depth, end = blocks[index].depth, index + 1
    if blocks[index].kind is not BlockKind.ITEM:
        return end
    for number in range(index + 1, len(blocks)):
        block = blocks[number]
        if block.kind is BlockKind.GAP:
            continue
        if block.depth < depth or (block.depth == depth and block.kind is BlockKind.ITEM):
            break
        end = number + 1
    return end


# What belongs to an item though it does not stand in it: a quote right below, and behind a blank
# line pictures without a link, or the text of each where many of one item stand among texts.

_PICTURE = r"(?:!\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])|<(?:img|video)\b[^<>]*>(?:</video>)?)"
_PICTURES = re.compile(
    rf"\s*(?:<(?:p|div|center|figure)\b[^<>]*>\s*)?{_PICTURE}(?:\s*{_PICTURE})*"
    r"\s*(?:</(?:p|div|center|figure)>\s*)?"
)
_NO_NOTE = re.compile(r"(?:[:：]|[*_]{1,3})\s*\Z|\]\(#")


def end_with_notes(document: Document, index: int) -> int:
    """The index behind a block, what stands in it, and what belongs to it without standing in it:
    a quote right below it, its pictures, and its note where the items around have theirs."""
    blocks, block = document.blocks, document.blocks[index]
    end = subtree_end(document, index)
    if block.kind is not BlockKind.ITEM or block.depth > 1 or end >= len(blocks):
        return end
    if _is_quote(blocks[end]) and not _is_quote(block):
        end += 1
    behind = _behind_gap(document, end)
    if behind is not None and _is_note(document, index, behind):
        end = subtree_end(document, behind)
    while (behind := _behind_gap(document, end)) is not None and _is_pictures(blocks[behind]):
        end = behind + 1
    return end


def _behind_gap(document: Document, number: int) -> int | None:
    """The index of the first block from a number on that is no gap."""
    blocks = document.blocks
    while number < len(blocks) and blocks[number].kind is BlockKind.GAP:
        number += 1
    return number if number < len(blocks) else None


def _is_quote(block: Block) -> bool:
    return block.kind in {BlockKind.PARAGRAPH, BlockKind.ITEM} and block.source[:1] == ">"


def _is_pictures(block: Block) -> bool:
    is_text = block.kind in {BlockKind.PARAGRAPH, BlockKind.HTML}
    return is_text and _PICTURES.fullmatch(block.source) is not None


def _is_note(document: Document, item: int, number: int) -> bool:
    """Whether a text, code or list belongs to the item above, a list of its own: the item before it
    or behind it has one, too."""
    if not _may_be_note(document, item, number) or not _is_alone(document, item):
        return False
    behind = _behind_gap(document, subtree_end(document, number))
    if behind is not None and _is_like(document, item, behind):
        note = _behind_gap(document, subtree_end(document, behind))
        if note is not None and _may_be_note(document, behind, note):
            return True
    before = before_gap(document.blocks, item)
    above = before_gap(document.blocks, before) if before >= 0 else -1
    return above >= 0 and _may_be_note(document, item, before) and _is_like(document, item, above)


def _is_alone(document: Document, index: int) -> bool:
    block = document.blocks[index]
    return (
        block.kind is BlockKind.ITEM
        and block.listing is not None
        and document.listings[block.listing].blocks == [index]
    )


def _is_like(document: Document, item: int, other: int) -> bool:
    """Whether another block is an item alone, too, with a marker of the same kind."""
    return _is_alone(document, other) and _is_numbered(document, item) == _is_numbered(
        document, other
    )


def _is_numbered(document: Document, index: int) -> bool:
    return number_of(document.blocks[index].source) is not None


def _numbers_beside(document: Document, item: int, end: int) -> set[int | None]:
    """The numbers of the items before and behind one that is a list of its own, whose note ends
    at `end`."""
    above = before_gap(document.blocks, max(before_gap(document.blocks, item), 0))
    beside = {above, _behind_gap(document, end)} - {None, -1}
    return {number_of(document.blocks[index].source) for index in beside if index is not None}


def _may_be_note(document: Document, item: int, index: int) -> bool:
    """Whether a block is text, or the only item of a list that is numbered where the other is
    not."""
    block = document.blocks[index]
    if block.kind is BlockKind.ITEM:
        is_other = _is_numbered(document, item) != _is_numbered(document, index)
        return is_other and _is_alone(document, index)
    is_text = block.kind in {BlockKind.PARAGRAPH, BlockKind.CODE} and not block.depth
    return is_text and _NO_NOTE.search(block.source) is None
