"""Things whose parts stand in lines of their own, made one block each.

    - AtomGPT
      - Paper: https://…
      - 简介：a model

The item names a thing, and the lines below it are no things: each has a label (`words.py`), or
says in plain text what the thing is. A line in bold, a heading or the summary of ``<details>``
may stand in the item's place. Under the latter two the list alone becomes one block, which has
its name from them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from catalog.markdown.corrections import Children, Corrected
from catalog.markdown.describing import is_balanced, is_sign, unfold
from catalog.markdown.inline import (
    SHOWN_AS_ADDRESS,
    TAG,
    has_words,
    is_address,
    is_generic,
    plain_text,
    without_decoration,
)
from catalog.markdown.nodes import (
    Block,
    BlockKind,
    Document,
    Head,
    Link,
    Listing,
    ListingKind,
    Slot,
    match_end,
)
from catalog.markdown.words import (
    FIELD_LABELS,
    NUMBERED_WORDS,
    UNLISTED_TITLES,
    WITH,
    folded,
    is_description,
)

# The markers of an item, of those it is nested in on the same line, and of a task.
ITEM_HEAD = re.compile(
    r"(?:[ \t>]*(?:[-*+]|\d{1,9}[.)])(?=[ \t\r\n]|\Z))+[ \t]*(?:\[[ xX]\][ \t]+)?"
)
_LABEL = re.compile(
    r"(?:[*_`~]|<\w+>)*([^\W_][^:：\r\n\[\]<>]{0,38}?)(?:[*_`~]|</\w+>)*[ \t]*[:：]"
)
_QUOTE = re.compile(r"[>\s]+")
_BEHIND_LABEL = re.compile(r"(?:[*_`~]|</\w+>)*[ \t]*")
_CODE = re.compile(r"`[^`]*`")
_JOINED = re.compile(r" (?:&|and|\+|und|et|y|e|и) |, ?|/|、|和|与")
_IN_BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]\s*\Z")
_BOLD_LINE = re.compile(
    r"[ \t>]*(?:\d{1,4}[.)、:：][ \t]*)?(\*\*|__)(?=\S)(?:(?!\1)[^\r\n])+?\1[^\w\r\n]{0,9}[\r\n]*\Z"
)
_SUMMARY = re.compile(r"<summary\b[^<>]*>(.*?)</summary\s*>\s*\Z", re.IGNORECASE | re.DOTALL)
# A summary that begins with a name in bold and says more behind a separator.
_BOLD_SUMMARY = re.compile(
    r"\s*<(b|strong)>(.*?)</\1>\s*[:：–—|-]\s*(\S.*)", re.IGNORECASE | re.DOTALL
)
# `Part 2: How to Land`
_NUMBERED_PART = re.compile(r"([^\W\d][^\W\d]*)[ #.-]{0,2}\d{1,3} ?[:：.–—-]")
_NUMBER_OF_PART = re.compile(
    rf"第? ?(?:\d{{1,3}}|[一二三四五六七八九十百]{{1,4}}) ?"
    rf"(?:{'|'.join(sorted(word for word in NUMBERED_WORDS if word > '⺀'))})(?: ?[:：.、–—-]| |\Z)"
)
FEW_PARTS = 3
"""Lines without a label below a thing from which on they may be things of their own."""
_SENTENCE = 5
"""Words before a link from which they are a sentence."""
_LONGEST_LABEL, _MANY_TIMES = 3, 3
"""Words of a label that is in no table, and how often it comes back where it is one."""
# The label of an item's line, or the text of the link that it begins with, or an address.
_BEGINNING = re.compile(
    r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+[*_`~(【]*"
    r"(?:\[+[*_`~]*([^\[\]\r\n]+)|([^\W_][^:：\r\n\[\]]{0,38}?)[*_`~]*[ \t]*[:：]|(<?https?:))",
    re.MULTILINE,
)


class Part(NamedTuple):
    """A line below a name: its label, '' for none, and where its text stands in the block."""

    label: str
    slot: Slot
    is_known: bool
    """Whether its label is one of the table, or its link says no more than what kind it is."""


def may_group(source: str) -> bool:
    """Whether a block's lines may be parts of a thing above them, as far as each tells alone."""
    for beginning in _BEGINNING.finditer(source):
        text, label, address = beginning.groups()
        if address or (text and _says_kind(text)):
            return True
        if label and (folded(label) in FIELD_LABELS or len(label.split()) <= _LONGEST_LABEL):
            return True
    return False


def group_parts(document: Document, corrected: Corrected) -> None:
    """Make one block of each thing and its parts."""
    groups: list[tuple[int, int]] = []
    labels = _labels_that_come_back(document)
    for listing in document.listings:
        if listing.kind is ListingKind.LIST and listing.blocks:
            decided = corrected.of(listing.section).children
            if decided == Children.ENTRIES:
                continue
            group = _group_of(document, listing.blocks[0], labels, decided == Children.ATTRIBUTES)
            if group is not None and (not groups or group[0] > groups[-1][1]):
                groups.append(group)
    if groups:
        _join(document, groups)


def _labels_that_come_back(document: Document) -> frozenset[str]:
    """Short labels, in no table, with which the only item in another with a link begins, three
    times at least: `Featured tools: [A](…), [B](…)`."""
    blocks = document.blocks
    counts = Counter[str]()
    for listing in document.listings:
        first = blocks[listing.blocks[0]] if len(listing.blocks) == 1 else None
        if first and first.parent is not None and blocks[first.parent].links:
            counts[_short_label(first)] += 1
    return frozenset(label for label, number in counts.items() if label and number >= _MANY_TIMES)


def _short_label(block: Block) -> str:
    """The label that an item begins with, folded; '' for none, or one of many words."""
    matched = _LABEL.match(block.source, item_start(block.source))
    label = folded(plain_text(matched[1])) if matched else ""
    return label if len(label.split()) <= _LONGEST_LABEL else ""


def _group_of(
    document: Document, first: int, labels: frozenset[str], is_decided: bool
) -> tuple[int, int] | None:
    """The blocks, first and last, that a list beginning at `first` makes one thing.

    A maintainer may have decided that it does, whatever its items are.
    """
    blocks = document.blocks
    above = before_gap(blocks, first)
    if above < 0 or blocks[above].depth + 1 != blocks[first].depth:
        return None
    block = blocks[above]
    if is_decided and (block.kind is BlockKind.ITEM or _is_bold_title(block)):
        return _all_below(blocks, above, first)
    if block.kind is BlockKind.ITEM:
        if blocks[first].parent != above:
            return None
        children = _items_in(blocks, above) or []
        if len(children) == 1 and block.links and _short_label(blocks[first]) in labels:
            return above, first
        return _below_item(blocks, above, children)
    if block.kind is BlockKind.HEADING or block.kind is BlockKind.HTML:
        return _list_below(document, above)
    if block.kind is not BlockKind.PARAGRAPH:
        return None
    if _BOLD_LINE.match(block.source):
        return _list_behind(document, above)
    head = before_gap(blocks, above)
    if block.links or head < 0 or blocks[head].kind is not BlockKind.HEADING:
        return None
    return _list_below(document, head, between=above)


def _is_bold_title(block: Block) -> bool:
    return block.kind is BlockKind.PARAGRAPH and bool(_BOLD_LINE.match(block.source))


def _all_below(blocks: list[Block], above: int, first: int) -> tuple[int, int] | None:
    """Return the block above a list, and all blocks of the list."""
    last = above
    depth = blocks[first].depth
    for number in range(first, len(blocks)):
        block = blocks[number]
        if block.kind is BlockKind.GAP:
            continue
        if block.depth < depth or block.section is not blocks[above].section:
            break
        last = number
    return (above, last) if last > above else None


# Which


def _below_item(blocks: list[Block], index: int, children: list[int]) -> tuple[int, int] | None:
    """The item at `index` with the items in it, if these are nothing but parts."""
    if not children or not _names(blocks[index]):
        return None
    known = leading = plain = alone = prose = lines = 0
    for block in map(blocks.__getitem__, children):
        if _is_quote(block):
            continue
        part = read_part(block.source, item_start(block.source), block.links)
        if part is not None:
            known += part.is_known
            leading += part.is_known and bool(block.links)
            plain += not part.label and not block.links
        elif not _may_go_along(block):
            return None
        elif block.links[0].slot.start == item_start(block.source):
            alone += 1
        else:
            prose += 1
        if _is_badge(block):
            lines += FEW_PARTS
        elif block.links or has_words(_CODE.sub("", block.source)):
            lines += 1
    if 2 * alone > leading + min(plain, leading) or (prose and not known):
        return None  # They are things of their own.
    # A line or two below a link, with an address or words, tell of what it leads to, and so do
    # values in code.
    is_known = known or (bool(blocks[index].links) and lines < FEW_PARTS)
    return (index, children[-1]) if is_known else None


def _items_in(blocks: list[Block], index: int) -> list[int] | None:
    """The items right in the one at `index`; None if something else stands in it."""
    depth = blocks[index].depth
    children: list[int] = []
    for number in range(index + 1, len(blocks)):
        block = blocks[number]
        if block.kind is BlockKind.GAP:
            continue
        if block.parent != index:
            return None if block.depth > depth else children
        if (
            block.kind is not BlockKind.ITEM
            or block.depth != depth + 1
            or block.section is not blocks[index].section
        ):
            return None
        children.append(number)
    return children


def _is_quote(block: Block) -> bool:
    """Whether an item is a quotation, which tells of the thing above it."""
    return block.source.startswith(">", item_start(block.source))


def _may_go_along(block: Block) -> bool:
    """Whether an item is a part among labelled ones though it has no label: a link and nothing
    else, or a sentence with a link in it."""
    if not block.links:
        return False
    start = item_start(block.source)
    lead = block.source[start : block.links[0].slot.start]
    if lead.strip():
        return len(lead.split()) >= _SENTENCE
    return len(block.links) == 1 and not has_words(block.source[block.links[0].slot.end :])


def _names(block: Block) -> bool:
    """Whether an item's own text names a thing, and is neither a label nor a sentence."""
    start = item_start(block.source)
    text = plain_text(without_decoration(block.source[start:])).rstrip(" :：")
    if not any(map(str.isalpha, text)):
        return any(not link.is_internal for link in block.links)
    words = folded(text)
    return bool(block.links) or (
        len(text) <= _LONGEST_NAME and words not in FIELD_LABELS and words not in UNLISTED_TITLES
    )


def _is_badge(block: Block) -> bool:
    return bool(block.links) and all(link.is_image_only for link in block.links)


_LONGEST_NAME = 160


def _list_behind(document: Document, index: int) -> tuple[int, int] | None:
    """A title in bold with the list behind it, if that holds nothing but parts."""
    title = plain_text(document.blocks[index].source)
    items = _parts_behind(document, index) if is_title(title) else None
    return (index, items[1]) if items else None


def _list_below(document: Document, index: int, between: int = 0) -> tuple[int, int] | None:
    """The list below a heading or a summary, if that holds nothing but parts of one thing."""
    blocks = document.blocks
    block = blocks[index]
    if block.section is not None and document.sections[block.section].block == index:
        section = document.sections[block.section]
        if section.level == 1:
            return None
        title, aside = section.title, ""
    elif summary := _SUMMARY.search(block.source) if block.kind is BlockKind.HTML else None:
        bold = _BOLD_SUMMARY.match(summary[1])
        title, aside = (bold[2], bold[3]) if bold else (summary[1], "")
        title, aside = (" ".join(TAG.sub("", text).split()) for text in (title, aside))
    else:
        return None
    if not is_title(title):
        return None
    items = _parts_behind(document, index, between=between)
    if items is None:
        return None
    first = items[0]
    url = next((link.url for link in block.links if link.is_outbound), "")
    texts = [unfold(block.source.strip()) for block in blocks[index + 1 : between + 1]]
    text = next((text for text in texts if text and is_balanced(text)), aside)
    blocks[first].head = Head(title, url, text)
    return items


def is_title(title: str) -> bool:
    """Whether words can be the title of a thing or a section."""
    words = folded(title).strip(" :：")
    return any(map(str.isalpha, words)) and not (
        words in FIELD_LABELS or words in UNLISTED_TITLES or title.rstrip().endswith((":", "："))
    )


def before_gap(blocks: Sequence[Block], index: int) -> int:
    """The block before one, a gap between the two not counted."""
    above = index - 1
    return above - 1 if above >= 0 and blocks[above].kind is BlockKind.GAP else above


def _parts_behind(document: Document, index: int, *, between: int = 0) -> tuple[int, int] | None:
    """The first and last block of the list behind a block, if all its items are parts.

    From `between` on, if that is given, there are paragraphs between the two.
    """
    blocks = document.blocks
    block = blocks[index]
    first = (between or index) + 1
    if first < len(blocks) and blocks[first].kind is BlockKind.GAP:
        first += 1
    if first >= len(blocks):
        return None
    start = blocks[first]
    if (
        start.kind is not BlockKind.ITEM
        or start.listing is None
        or start.parent != block.parent
        or start.depth != block.depth + 1
    ):
        return None
    items = document.listings[start.listing].blocks
    if not items or items[0] != first or len(items) > MANY_PARTS:
        return None
    is_linked = is_known = False
    expected = first
    for number in items:
        item = blocks[number]
        if any(other.kind is not BlockKind.GAP for other in blocks[expected:number]):
            return None  # Something stands in an item.
        part = read_part(item.source, item_start(item.source), item.links)
        if part is None:
            return None
        # Where no label is of the table, each may be the name of a thing with its links.
        is_known = is_known or (part.is_known and (not part.label or _is_field(part.label)))
        is_linked = is_linked or bool(item.links)
        expected = number + 1
    if expected < len(blocks) and blocks[expected].kind is BlockKind.GAP:
        expected += 1
    if expected < len(blocks) and blocks[expected].parent == items[-1]:
        return None  # Something stands in the last item.
    return (first, items[-1]) if is_known and is_linked else None


MANY_PARTS = 20
_PLAIN_MARKERS = frozenset({"- ", "* "})


def item_start(source: str, start: int = 0) -> int:
    """Return where an item's content begins, after its marker and a task's box."""
    if source[start : start + 2] in _PLAIN_MARKERS:
        first = source[start + 2 : start + 3]
        if first.isalpha() or (first == "[" and source[start + 4 : start + 5] != "]"):
            return start + 2  # as most do
    return match_end(ITEM_HEAD, source, start)


def read_part(source: str, start: int, links: list[Link], end: int | None = None) -> Part | None:
    """The part of a thing that a line from `start` on says, None if it is a thing of its own."""
    end = len(source.rstrip()) if end is None else end
    text = source[start:end]
    if not text or "\n\n" in text:
        return None
    if text[0] == ">":
        start = match_end(_QUOTE, source, start, end)
    label = _LABEL.match(source, start, end)
    if label and not source.startswith("//", label.end()):
        name = _IN_BRACKETS.sub("", plain_text(label[1]))
        slot = Slot(match_end(_BEHIND_LABEL, source, label.end(), end), end)
        if _is_field(name):
            return Part(name, slot, is_known=True)
        if links and len(name.split()) <= _LONGEST_LABEL and _says_kinds(source, slot, links):
            return Part(name, slot, is_known=True)
    if not links:
        return Part("", Slot(start, end), is_known=False)
    if _says_kinds(source, Slot(start, end), links):
        is_known = any(
            has_words(link.text) and not is_address(link.text.strip()) and _says_kind(link.text)
            for link in links
            if link.form not in SHOWN_AS_ADDRESS
        )
        return Part("", Slot(start, end), is_known=is_known)
    return None


def _is_field(label: str) -> bool:
    words = " ".join(without_decoration(label).casefold().split()).strip()
    return words in FIELD_LABELS or is_description(words)


def _says_kind(text: str) -> bool:
    """Whether a link's text is an address, or a kind of page, told more closely or not."""
    text = text.strip()
    if is_address(text) or is_generic(text):
        return True
    if len(kinds := _JOINED.split(text)) > 1 and all(map(is_generic, kinds)):
        return True
    numbered = _NUMBERED_PART.match(text)
    if (numbered and folded(numbered[1]) in NUMBERED_WORDS) or _NUMBER_OF_PART.match(text):
        return True
    first, _blank, rest = without_decoration(text).strip().partition(" ")
    return is_generic(first) and (
        not rest or rest[0] in "(（" or rest.partition(" ")[0].casefold() in WITH
    )


def _says_kinds(source: str, slot: Slot, links: list[Link]) -> bool:
    """Whether there is nothing but links, each of which says what kind of page it leads to."""
    position = slot.start
    rest = ""
    for link in links:
        if link.slot.end <= slot.start or link.slot.start >= slot.end:
            continue
        if not (link.form in SHOWN_AS_ADDRESS or link.is_image_only or _says_kind(link.text)):
            return False
        rest += source[position : link.slot.start] + " "
        position = max(position, link.slot.end)
    rest += source[position : slot.end]
    return not has_words(rest) and not (is_sign(rest) and not links)


# Joining


def _join(document: Document, groups: list[tuple[int, int]]) -> None:
    """Join the blocks of each group, and update all indexes."""
    blocks = document.blocks
    new_index: list[int] = [0] * len(blocks)
    joined: list[Block] = []
    position = 0
    for first, last in [*groups, (len(blocks), len(blocks))]:
        for number in range(position, first):
            new_index[number] = len(joined)
            joined.append(blocks[number])
        if first < len(blocks):
            for number in range(first, last + 1):
                new_index[number] = len(joined)
            joined.append(_joined(blocks[first : last + 1]))
        position = last + 1
    document.blocks = joined
    _point_anew(document, new_index, groups)


def _point_anew(document: Document, new_index: list[int], groups: list[tuple[int, int]]) -> None:
    """Update the indexes of sections, listings and blocks, and drop lists of parts."""
    gone = {number for first, last in groups for number in range(first + 1, last + 1)}
    remaining: list[Listing] = []
    new_listing: dict[int, int] = {}
    for number, listing in enumerate(document.listings):
        listing.blocks = [new_index[index] for index in listing.blocks if index not in gone]
        if not listing.blocks and listing.kind is ListingKind.LIST:
            continue
        if listing.header_block is not None:
            listing.header_block = new_index[listing.header_block]
        if listing.parent is not None:
            listing.parent = new_index[listing.parent]
        new_listing[number] = len(remaining)
        remaining.append(listing)
    document.listings = remaining
    for block in document.blocks:
        if block.parent is not None:
            block.parent = new_index[block.parent]
        if block.listing is not None:
            block.listing = new_listing.get(block.listing)
    for section in document.sections:
        section.block = new_index[section.block]


def _joined(blocks: list[Block]) -> Block:
    block = blocks[0]
    sources = [block.source]
    offset = len(block.source)
    parts = [] if block.head is None else [0]
    for other in blocks[1:]:
        if other.kind is BlockKind.ITEM:
            parts.append(offset)
        block.links += [link.moved(offset) for link in other.links]
        sources.append(other.source)
        offset += len(other.source)
    block.source = "".join(sources)
    block.parts = tuple(parts)
    block.last_line = blocks[-1].last_line
    return block
