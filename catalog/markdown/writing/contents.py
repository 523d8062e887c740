"""What follows from an edit of headings: the table of contents, and links to their anchors.

An anchor is made of a heading's text and counts equal ones before it, so renaming, adding or
removing a section changes where links in the list have to lead. Blocks are known before and after
by a key that stays; only blocks that hold such a link are touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from catalog.markdown.inline import plain_text
from catalog.markdown.link_names import name_slot, url_slot
from catalog.markdown.nodes import Block, BlockKind, Document, Link, LinkForm, Section
from catalog.markdown.parser import parse
from catalog.markdown.writing.escapes import text_forms
from catalog.markdown.writing.layout import item_prefix, number_of, with_number
from catalog.markdown.writing.placing import subtree_end

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
    old: Document, old_keys: Sequence[Key], new: Document, new_keys: Sequence[Key | None]
) -> Followed:
    """What has to follow an edit of headings; keys run parallel to the documents' blocks."""
    before, after = _sections(old, old_keys), _sections(new, new_keys)
    moved: dict[str, tuple[Section, Section]] = {}
    gone: set[str] = set()
    for key, sections in before.items():
        now = after.get(key, [])
        for number, section in enumerate(sections):
            if number < len(now):
                moved[section.anchor] = section, now[number]
            else:
                gone.add(section.anchor)
    changed = {
        anchor: (was, now)
        for anchor, (was, now) in moved.items()
        if (was.anchor, was.title) != (now.anchor, now.title)
    }
    followed = Followed()
    _follow_links(new, new_keys, changed, gone, followed)
    added = [
        index
        for index, section in enumerate(new.sections)
        if new_keys[section.block] is None and section.level > 1
    ]
    for index in added:
        _add_item(new, new_keys, index, moved, followed)
    return followed


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
) -> None:
    for index, block in enumerate(document.blocks):
        key = keys[index]
        if key is None or block.kind is BlockKind.CODE or "#" not in block.source:
            continue
        in_contents = _in_contents(document, block)
        targets = [anchor for link in block.links if (anchor := _anchor_of(link))]
        if in_contents and gone and targets and all(anchor in gone for anchor in targets):
            end = subtree_end(document, index)
            inside = [
                anchor
                for other in document.blocks[index + 1 : end]
                for link in other.links
                if (anchor := _anchor_of(link))
            ]
            if all(anchor in gone for anchor in inside):
                followed.sources[key] = ""
                continue
        source = _with_anchors(block, changed)
        if source != block.source:
            followed.sources[key] = source
            if not in_contents:
                followed.links.append(_shown(source))
        if block.kind is BlockKind.DEFINITION:
            targets = [unquote(match[2]).casefold() for match in _DEFINED.finditer(block.source)]
        if any(anchor in gone for anchor in targets):
            followed.dangling.append(_shown(block.source))


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
        if named and was.title != now.title and _fold(link.text) == _fold(was.title):
            text = _text_of(now.title)
            source = source[: named.start] + text + source[named.end :]

    def anchored(match: re.Match[str]) -> str:
        sections = changed.get(unquote(match[2]).casefold())
        return match[1] + (sections[1].anchor if sections else match[2])

    if block.kind is BlockKind.DEFINITION:
        return _DEFINED.sub(anchored, source)
    return _HREF.sub(anchored, source) if "href" in source else source


def _fold(text: str) -> str:
    return " ".join(text.split()).casefold()


def _text_of(title: str) -> str:
    """A title as the text of a link: the plainest form that reads as it is."""
    for form in text_forms(title):
        blocks = parse(f"[{form}](#x)\n").blocks
        if blocks and blocks[0].links and blocks[0].links[0].text == title:
            return form
    return plain_text(title)


def _shown(source: str) -> str:
    return source.strip()


# The table of contents


def _add_item(
    document: Document,
    keys: Sequence[Key | None],
    index: int,
    moved: Mapping[str, tuple[Section, Section]],
    followed: Followed,
) -> None:
    """Add an item for a new section behind that of the section before it, on the same level.

    Without one the table of contents does not go so deep, or stands nowhere.
    """
    items = _items(document, moved)
    section = document.sections[index]
    before = [
        other
        for other in document.sections[:index]
        if other.parent == section.parent and other.level == section.level
    ]
    behind = next((items[o.anchor] for o in reversed(before) if o.anchor in items), None)
    if behind is not None:
        last = subtree_end(document, behind) - 1
        model = document.blocks[behind].source
    else:
        parent = None if section.parent is None else document.sections[section.parent]
        above = items.get(parent.anchor) if parent else None
        like = next(
            (items[o.anchor] for o in document.sections if _is_like(o, section, items)), None
        )
        if above is None or like is None:
            return
        last, model = above, document.blocks[like].source
    prefix = item_prefix(model)
    number = number_of(prefix)
    if number is not None:
        prefix = with_number(prefix, number + 1 if behind is not None else 1)
    key = keys[last]
    if key is None:
        return
    source = followed.sources.get(key) or document.blocks[last].source
    ending = source[len(source.rstrip("\r\n")) :] or "\n"
    line = f"{prefix}[{_text_of(section.title)}](#{section.anchor})"
    if source.endswith(("\n", "\r")):
        followed.sources[key] = f"{source}{line}{ending}"
    else:
        followed.sources[key] = f"{source}{ending}{line}"


def _is_like(other: Section, section: Section, items: Mapping[str, int]) -> bool:
    return other.level == section.level and other.anchor in items


def _items(document: Document, moved: Mapping[str, tuple[Section, Section]]) -> dict[str, int]:
    """The items of tables of contents by the anchors that they lead to, as these are now."""
    items: dict[str, int] = {}
    for index, block in enumerate(document.blocks):
        if block.kind is BlockKind.ITEM and block.links and _in_contents(document, block):
            anchor = _anchor_of(block.links[0])
            now = moved[anchor][1].anchor if anchor in moved else anchor
            items.setdefault(now, index)
    return items
