"""Sections that ``<details>`` holds: they end with it, and its summary may be their heading.

    <details id="caching">
    <summary><b>Caching</b> <kbd>2 projects</kbd></summary>

    - [Kite](…)
    - [Reel](…)

    </details>

For GitHub the summary is no heading; for a reader it is one, a level below what is around it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from html import unescape
from typing import NamedTuple

from catalog.markdown.grouping import is_title, item_start, read_part
from catalog.markdown.inline import (
    blank_out,
    has_words,
    html_title,
    is_generic,
    with_characters,
)
from catalog.markdown.nodes import Block, BlockKind, Document, Section
from catalog.markdown.words import folded

_SIGN = re.compile(
    r"(?P<opening><details\b[^<>]*>)|(?P<closing></details\s*>)"
    r"|<summary\b[^<>]*>(?P<summary>.*?)</summary\s*>",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"</?(?:details|summary)\b", re.IGNORECASE)
_ID = re.compile(r"""\b(?:id|name)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_DEEPEST = 6
_OFTEN = 3
"""Summaries with the same words as so many say what kind of thing is folded: `Screenshots`."""
_NUMBER = re.compile(r"\d+")
_LINK_FIRST = re.compile(r"(?:\s|<(?:b|strong|i|em)>)*<a\s", re.IGNORECASE)
_ROWS = frozenset({BlockKind.TABLE_ROW, BlockKind.LINE, BlockKind.HTML})


class Fold(NamedTuple):
    """What is folded: its first and last block, that with its title, this and its anchor."""

    first: int
    last: int
    head: int
    title: str
    anchor: str


def length_in_fold(sources: Sequence[str]) -> int:
    """Return how many of a section's blocks stand before the end of the fold of its heading.

    All of them if it is in none. The end of a fold that begins with the heading is among them, and
    the blank lines behind it.
    """
    depth = 0
    is_own = False
    for number, source in enumerate(sources):
        if "<" in source:
            signs = _SIGN.finditer(blank_out(source))
            depth += sum(bool(sign["opening"]) - bool(sign["closing"]) for sign in signs)
        is_own = is_own or (number == 0 and depth > 0)
        if number and depth < is_own:
            end = number + is_own
            is_blank = is_own and end < len(sources) and not sources[end].strip()
            return end + is_blank
    return len(sources)


def summary_title(source: str) -> str:
    """Return the title that a summary in a block of HTML gives to what is folded; '' for none."""
    for sign in _SIGN.finditer(blank_out(source)):
        if sign["summary"] is not None:
            return with_characters(html_title(sign["summary"]))
    return ""


def names_fold(source: str) -> bool:
    """Whether a summary in a block of HTML begins with a link, which names what is folded."""
    for sign in _SIGN.finditer(blank_out(source)):
        if sign["summary"] is not None:
            return bool(_LINK_FIRST.match(sign["summary"]))
    return False


def opens_fold(source: str) -> bool:
    """Whether a fold begins in a block of HTML that ends in another one."""
    signs = [sign for sign in _SIGN.finditer(blank_out(source)) if sign["summary"] is None]
    return bool(signs) and bool(signs[-1]["opening"])


def nest_folds(document: Document) -> None:
    """Let sections in folds end there, and begin one with each summary over several things."""
    folds = _folds(document.blocks)
    if not folds:
        return
    own = {section.block: section for section in document.sections}
    titles = Counter(_NUMBER.sub("#", fold.title) for fold in folds)
    titled = {
        fold.head: fold
        for fold in folds
        if fold.head not in own
        and titles[_NUMBER.sub("#", fold.title)] < _OFTEN
        and is_title(fold.title)
        and not _repeats_heading(document, fold)
        and _lists(document.blocks, fold)
    }
    heads = sorted(own)
    if titled or any(
        bisect_left(heads, fold.first) < bisect_right(heads, fold.last) for fold in folds
    ):
        _renumber(document, folds, own, titled)


def _folds(blocks: list[Block]) -> list[Fold]:
    """The folds that reach over several blocks outside of items, in the order of their ends."""
    folds: list[Fold] = []
    waiting: list[Fold] = []
    for index, block in enumerate(blocks):
        if block.kind is not BlockKind.HTML or block.depth or not _TAG.search(block.source):
            continue
        for sign in _SIGN.finditer(blank_out(block.source)):
            if sign["closing"]:
                if waiting and (fold := waiting.pop()).first < index:
                    folds.append(fold._replace(last=index))
            elif sign["opening"]:
                named = _ID.search(sign["opening"])
                anchor = unescape(named[1]) if named else ""
                waiting.append(Fold(index, index, index, "", anchor))
            elif waiting and not waiting[-1].title:
                title = html_title(sign["summary"])
                waiting[-1] = waiting[-1]._replace(head=index, title=title)
    return folds


def _repeats_heading(document: Document, fold: Fold) -> bool:
    """Whether a summary says no more than the heading above it."""
    above = document.blocks[fold.head].section
    return above is not None and folded(document.sections[above].title) == folded(fold.title)


def _lists(blocks: list[Block], fold: Fold) -> bool:
    """Whether several things are listed in a fold, not counting parts of one."""
    count = 0
    is_named = names_fold(blocks[fold.head].source)
    for block in blocks[fold.head + 1 : fold.last]:
        if not any(link.is_outbound for link in block.links):
            continue
        if block.kind is BlockKind.ITEM:
            if not is_part(block):
                count += 1
            elif is_named:
                return False
        elif block.kind is BlockKind.PARAGRAPH:
            count += not has_words(block.source[: block.links[0].slot.start])
        else:
            count += block.kind in _ROWS
    return count > 1


def is_part(block: Block) -> bool:
    """Whether an item is a part of the thing above it, or begins with a link to a kind of page."""
    start = item_start(block.source)
    first = block.links[0] if block.links else None
    if first and first.slot.start == start and is_generic(first.text):
        return True
    part = read_part(block.source, start, block.links)
    return part is not None and part.is_known


def _renumber(
    document: Document, folds: list[Fold], own: dict[int, Section], titled: dict[int, Fold]
) -> None:
    """Number the sections anew, in order, and let each block and listing know its own."""
    sections: list[Section] = []
    around: list[int] = []
    left: list[list[int]] = []
    """The sections around each fold that is open."""
    opening = Counter(fold.first for fold in folds)
    closing = Counter(fold.last for fold in folds)
    for index, block in enumerate(document.blocks):
        # A block may close one fold and open the next one, to which it belongs.
        opened, closed = opening[index], closing[index]
        for _fold in range(closed if opened else 0):
            around = left.pop()
        left += [[*around] for _fold in range(opened)]
        section = own.get(index)
        while section and around and sections[around[-1]].level >= section.level:
            around.pop()
        level = sections[around[-1]].level + 1 if around else 2
        if index in titled and level <= _DEEPEST:
            fold = titled[index]
            section = Section(fold.title, level, fold.anchor, index)
        if section is not None:
            section.parent = around[-1] if around else None
            around.append(len(sections))
            sections.append(section)
        block.section = around[-1] if around else None
        for _fold in range(0 if opened else closed):
            around = left.pop()
    document.sections[:] = sections
    _place_listings(document)


def _place_listings(document: Document) -> None:
    for listing in document.listings:
        first = listing.header_block
        if first is None and listing.blocks:
            first = listing.blocks[0]
        if first is not None:
            listing.section = document.blocks[first].section
