"""Consequences of an edit of headings: the table of contents, and links to their anchors.

An anchor is made of a heading's text and counts equal ones before it, so renaming, adding or
removing a section changes where links in the list have to lead. Blocks are known before and after
by a key that stays; only blocks that hold such a link are touched.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from catalog.markdown.inline import name_slot, plain_text, url_slot, with_characters
from catalog.markdown.nodes import Block, BlockKind, Document, Link, LinkForm, ListingKind, Section
from catalog.markdown.parser import parse
from catalog.markdown.subsequences import longest_increasing
from catalog.markdown.words import folded
from catalog.markdown.writing.composing import subtree_end
from catalog.markdown.writing.layout import (
    item_prefix,
    number_of,
    reindent,
    text_forms,
    with_number,
)

_HREF = re.compile(r"""(\bhref\s*=\s*["']?#)([^"'\s>]+)""", re.IGNORECASE)
_DEFINED = re.compile(r"(\]:[ \t]*<?#)([^\s>]+)")

type Key = int
"""What a block is known by before and after; None for a new one."""


@dataclass(slots=True)
class Followed:
    """Sources by key of the blocks that follow, '' for those that go with their section.

    `links` are links elsewhere that lead to the new anchor now, `dangling` those that lead to a
    section that is gone: both as the lines they stand in.
    """

    sources: dict[Key, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    dangling: list[str] = field(default_factory=list)


def follow_headings(
    old: Document,
    old_keys: Sequence[Key],
    new: Document,
    new_keys: Sequence[Key | None],
    joined: Mapping[Key, Key] | None = None,
    relocated: Container[Key] = (),
) -> Followed:
    """Return what has to follow an edit of headings; keys run parallel to the documents' blocks.

    `joined` names the heading that stands for one that is gone: links to that lead there.
    `relocated` are headings that stand elsewhere now, whose items of the contents move along.
    """
    moved, gone, merged = _fates(_sections(old, old_keys), _sections(new, new_keys), joined or {})
    followed = Followed()
    every = [_Contents(new, new_keys, index, moved, gone | merged) for index in _roots(new)]
    changed = {
        anchor: (was, now)
        for anchor, (was, now) in moved.items()
        if (was.anchor, was.title) != (now.anchor, now.title)
    }
    dangling = _follow_links(new, new_keys, changed, gone, followed)
    added = [
        index
        for index, section in enumerate(new.sections)
        if new_keys[section.block] is None and section.level > 1
    ]
    roots = [
        index for index, section in enumerate(new.sections) if new_keys[section.block] in relocated
    ]
    for contents in every:
        contents.read(followed)
        contents.relocate(roots)
        contents.remove_gone()
    for index in added:
        any(contents.add(index) for contents in every)
    for contents in every:
        contents.write(followed)
    followed.dangling += [text for key, text in dangling if followed.sources.get(key) != ""]
    return followed


def _fates(
    before: Mapping[Key, list[Section]],
    after: Mapping[Key, list[Section]],
    joined: Mapping[Key, Key],
) -> tuple[dict[str, tuple[Section, Section]], set[str], set[str]]:
    """By their old anchors: sections that are still there or joined, those gone, those joined."""
    moved: dict[str, tuple[Section, Section]] = {}
    gone: set[str] = set()
    merged: set[str] = set()
    for key, sections in before.items():
        now = after.get(key, [])
        heirs = after.get(joined.get(key, 0), [])
        for number, section in enumerate(sections):
            if number < len(now):
                moved[section.anchor] = section, now[number]
            elif heirs:
                moved[section.anchor] = section, heirs[0]
                merged.add(section.anchor)
            else:
                gone.add(section.anchor)
    return moved, gone, merged


def _sections(document: Document, keys: Sequence[Key | None]) -> dict[Key, list[Section]]:
    sections: dict[Key, list[Section]] = {}
    for section in document.sections:
        key = keys[section.block]
        if key is not None:
            sections.setdefault(key, []).append(section)
    return sections


# Links to anchors


def _follow_links(
    document: Document,
    keys: Sequence[Key | None],
    changed: Mapping[str, tuple[Section, Section]],
    gone: set[str],
    followed: Followed,
) -> list[tuple[Key, str]]:
    """Update links to the present anchors; return those that lead nowhere."""
    dangling = []
    for index, block in enumerate(document.blocks):
        key = keys[index]
        if key is None or block.kind is BlockKind.CODE or "#" not in block.source:
            continue
        in_contents = _in_contents(document, block)
        targets = [anchor for link in block.links if (anchor := _anchor_of(link))]
        source = _with_anchors(block, changed)
        if source != block.source:
            followed.sources[key] = source
            if not in_contents:
                followed.links.append(source.strip())
        if block.kind is BlockKind.DEFINITION:
            targets = [unquote(match[2]).casefold() for match in _DEFINED.finditer(block.source)]
        if any(anchor in gone for anchor in targets):
            dangling.append((key, block.source.strip()))
    return dangling


def _in_contents(document: Document, block: Block) -> bool:
    return block.listing is not None and document.listings[block.listing].is_toc


def _anchor_of(link: Link) -> str:
    """The anchor of the same document that a link leads to, '' for none."""
    return unquote(link.url[1:]).casefold() if link.url.startswith("#") else ""


def _with_anchors(block: Block, changed: Mapping[str, tuple[Section, Section]]) -> str:
    source = block.source
    for link in sorted(block.links, key=lambda link: link.slot.start, reverse=True):
        sections = changed.get(_anchor_of(link))
        place = url_slot(source, link)
        if sections is None or place is None or link.form is LinkForm.HTML:
            continue
        was, now = sections
        if was.anchor != now.anchor:
            source = source[: place.start] + f"#{now.anchor}" + source[place.end :]
        named = name_slot(source, link, link.text)
        if (
            named
            and was.title != now.title
            and folded(with_characters(link.text)) == folded(was.title)
        ):
            text = _text_of(now.title)
            source = source[: named.start] + text + source[named.end :]

    def anchored(match: re.Match[str]) -> str:
        sections = changed.get(unquote(match[2]).casefold())
        return match[1] + (sections[1].anchor if sections else match[2])

    if block.kind is BlockKind.DEFINITION:
        return _DEFINED.sub(anchored, source)
    return _HREF.sub(anchored, source) if "href" in source else source


def _text_of(title: str) -> str:
    """A title as the text of a link: the plainest form that reads as it is."""
    for form in text_forms(title):
        blocks = parse(f"[{form}](#x)\n").blocks
        if blocks and blocks[0].links and blocks[0].links[0].text == title:
            return form
    return plain_text(title)


# The table of contents


@dataclass(slots=True)
class _Line:
    """A block of a table of contents; without a key it has no block, or no longer its own."""

    key: Key | None
    source: str
    depth: int
    anchor: str = ""
    """The anchor of the section it leads to, after the edit."""
    is_gone: bool = False
    """Whether all that it leads to is gone."""


def _roots(document: Document) -> list[int]:
    """The tables of contents, without the lists that are nested in them."""
    return [
        index
        for index, listing in enumerate(document.listings)
        if listing.is_toc
        and listing.kind is ListingKind.LIST
        and listing.blocks
        and (listing.parent is None or not _in_contents(document, document.blocks[listing.parent]))
    ]


class _Contents:
    """One table of contents as lines, to be changed and then written as the blocks that it has."""

    def __init__(
        self,
        document: Document,
        keys: Sequence[Key | None],
        listing: int,
        moved: Mapping[str, tuple[Section, Section]],
        gone: Container[str],
    ) -> None:
        self.document = document
        blocks = document.listings[listing].blocks
        self.lines: list[_Line] = []
        for index in range(blocks[0], subtree_end(document, blocks[-1])):
            block = document.blocks[index]
            line = _Line(keys[index], block.source, block.depth)
            anchors = [anchor for link in block.links if (anchor := _anchor_of(link))]
            if anchors:
                line.is_gone = all(anchor in gone for anchor in anchors)
                is_moved = anchors[0] in moved and not line.is_gone
                line.anchor = moved[anchors[0]][1].anchor if is_moved else anchors[0]
            self.lines.append(line)
        self._before = [(line.key, line.source) for line in self.lines]
        self._is_counted = self._numbers() == self._count()

    def read(self, followed: Followed) -> None:
        """Read where its links lead now."""
        for line in self.lines:
            if line.key is not None:
                line.source = followed.sources.get(line.key, line.source)

    def remove_gone(self) -> None:
        """Remove items of sections that are gone, except those above others that stay."""
        for at in reversed(range(len(self.lines))):
            below = self.lines[at + 1 : self._end(at)]
            if self.lines[at].is_gone and not any(line.anchor for line in below):
                del self.lines[at : self._end(at)]

    def relocate(self, sections: Sequence[int]) -> None:
        """Move the items of sections, with what is below them, to where the sections are."""
        inside: set[int] = set()
        for index in sections:
            at = self._at(index)
            if self.document.sections[index].parent in inside or at is None:
                continue
            inside.update(self._below(index))
            lines = self.lines[at : self._end(at)]
            del self.lines[at : self._end(at)]
            before, from_depth = item_prefix(lines[0].source), lines[0].depth
            place = self._place(index, own=before)
            if place is None:
                self.lines[at:at] = lines
                continue
            at, prefix, depth = place
            for number, line in enumerate(lines):
                line.source = reindent(line.source, before, prefix, is_head=number == 0)
                line.depth += depth - from_depth
            self.lines[at:at] = lines

    def add(self, index: int) -> bool:
        """Add an item for a new section; False where the table does not go so deep."""
        place = self._place(index)
        if place is None:
            return False
        at, prefix, depth = place
        section = self.document.sections[index]
        text = f"{prefix}[{_text_of(section.title)}](#{section.anchor})"
        self.lines.insert(at, _Line(None, text, depth, section.anchor))
        return True

    def write(self, followed: Followed) -> None:
        """Write the blocks' sources: new lines stand with the block before them."""
        if [(line.key, line.source) for line in self.lines] == self._before:
            return
        if self._is_counted:
            self._renumber()
        self._keep_order()
        sources = {key: "" for key, _source in self._before if key is not None}
        newline = _ending(self._before[0][1]) or "\n"
        is_open = not _ending(self._before[-1][1])
        head, last = "", None
        for number, line in enumerate(self.lines):
            is_last = number == len(self.lines) - 1
            text = line.source if _ending(line.source) else line.source + newline
            text = text.rstrip("\r\n") if is_last and is_open else text
            if line.key is not None:
                last = line.key
                sources[last], head = head + text, ""
            elif last is None:
                head += text
            else:
                sources[last] += text
        known = {key: source for key, source in self._before if key is not None}
        followed.sources |= {key: text for key, text in sources.items() if text != known[key]}

    def _keep_order(self) -> None:
        """Keep the lines that are still in order; the others become new ones."""
        places = {key: at for at, (key, _source) in enumerate(self._before)}
        known = [line for line in self.lines if line.key is not None]
        staying = longest_increasing([places[line.key] for line in known])
        for line in known:
            if places[line.key] not in staying:
                line.key = None

    # Places

    def _at(self, index: int | None) -> int | None:
        """Return the index of a section's item."""
        if index is None:
            return None
        anchor = self.document.sections[index].anchor
        for at, line in enumerate(self.lines):
            if line.anchor == anchor and not line.is_gone:
                return at
        return None

    def _below(self, index: int) -> list[int]:
        """A section and all below it."""
        sections = self.document.sections
        end = index + 1
        while end < len(sections) and sections[end].level > sections[index].level:
            end += 1
        return [*range(index, end)]

    def _end(self, at: int) -> int:
        """Behind all that is below an item."""
        end = at + 1
        while end < len(self.lines) and self.lines[end].depth > self.lines[at].depth:
            end += 1
        return end

    def _place(self, index: int, own: str = "") -> tuple[int, str, int] | None:
        """Return the place of a section's item, its prefix, and its depth.

        Behind that of the section before it, else as the first below that of its parent; a new
        one only where others of its level have one. `own` is how one begins that is there already.
        """
        sections = self.document.sections
        section = sections[index]
        siblings = [other for other in range(index) if sections[other].parent == section.parent]
        for other in reversed(siblings):
            if sections[other].level == section.level and (at := self._at(other)) is not None:
                prefix = item_prefix(self.lines[at].source)
                number = number_of(prefix)
                if number is not None:
                    prefix = with_number(prefix, number + 1)
                return self._end(at), prefix, self.lines[at].depth
        above = self._at(section.parent)
        like = self._like(section)
        if above is not None and (like is not None or own):
            depth = self.lines[above].depth + 1
            if like is None or like.depth != depth:
                around = item_prefix(self.lines[above].source)
                prefix = " " * len(around.expandtabs(4)) + (own or around).lstrip()
            else:
                prefix = item_prefix(like.source)
            return above + 1, with_number(prefix, 1), depth
        first = self.lines[0] if self.lines else None
        if not own or like is None or first is None or like.depth != first.depth:
            return None
        return 0, item_prefix(first.source), first.depth

    def _like(self, section: Section) -> _Line | None:
        """The first item of a section of the same level."""
        for other, known in enumerate(self.document.sections):
            if known.level == section.level and (at := self._at(other)) is not None:
                return self.lines[at]
        return None

    # Numbers

    def _numbers(self) -> list[int | None]:
        return [number_of(line.source) for line in self.lines if line.anchor]

    def _count(self) -> list[int | None]:
        """Return the items' numbers if each list in it were counted from 1."""
        counts: dict[int, int] = {}
        numbers: list[int | None] = []
        for line in self.lines:
            if not line.anchor:
                continue
            counts = {depth: count for depth, count in counts.items() if depth <= line.depth}
            counts[line.depth] = counts.get(line.depth, 0) + 1
            is_numbered = number_of(line.source) is not None
            numbers.append(counts[line.depth] if is_numbered else None)
        return numbers

    def _renumber(self) -> None:
        for line, number in zip(
            [line for line in self.lines if line.anchor], self._count(), strict=True
        ):
            if number is not None and number_of(line.source) != number:
                before = item_prefix(line.source)
                line.source = with_number(before, number) + line.source[len(before) :]


def _ending(source: str) -> str:
    return source[len(source.rstrip("\r\n")) :]
