"""Paragraphs that are entries because many are built alike.

A single paragraph with a link may be prose, and stays a suggestion. Where most of a section's
linked paragraphs begin with their link, or many sections are a heading and a paragraph with
nothing but `Website` for a link text, the list is written like this, and they are its entries.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from catalog.markdown.fields import has_words, is_generic, primary_link
from catalog.markdown.nodes import BlockKind, Document, Entry

_NUMBER = re.compile(r"\d{1,3}[.)、:：]\s*")
_MANY = 3
"""Paragraphs of a section, or sections of a document, that make a pattern."""


def publish_patterns(document: Document) -> None:
    """Publish suggested paragraphs that follow a pattern of the document."""
    by_section: dict[int, list[Entry]] = defaultdict(list)
    for entry in document.entries:
        if document.blocks[entry.block].kind is BlockKind.PARAGRAPH and entry.section is not None:
            by_section[entry.section].append(entry)
    is_title = bool(document.sections) and document.sections[0].level == 1
    if is_title:
        by_section.pop(0, None)
    titled: list[Entry] = []
    for entries in by_section.values():
        leading = [entry for entry in entries if _leads(document, entry)]
        if len(leading) >= _MANY and 2 * len(leading) >= len(entries):
            for entry in leading:
                entry.suggested = False
        elif is_generic(entries[0].name) and _stands_alone(document, entries[0]):
            titled.append(entries[0])
    if len(titled) >= _MANY:
        children = Counter(section.parent for section in document.sections)
        for entry in titled:
            entry.name, entry.name_slot = _title(document, entry.section or 0, children), None
            entry.description, entry.description_slot = "", None  # nothing but links
            entry.suggested = False


def _title(document: Document, index: int, children: Counter[int | None]) -> str:
    """Return the title of the thing from the heading above; of a name and a motto below it, the
    name."""
    section = document.sections[index]
    above = section.parent
    if above and children[above] == 1 and document.sections[above].level + 1 == section.level:
        section = document.sections[above]
    return _NUMBER.sub("", section.title) or section.title


def _leads(document: Document, entry: Entry) -> bool:
    """Whether the paragraph begins with the link that names it."""
    link = primary_link(entry.links)
    if link is None or is_generic(entry.name):
        return False
    return not has_words(document.blocks[entry.block].source[: link.slot.start])


def _stands_alone(document: Document, entry: Entry) -> bool:
    """Whether the paragraph is nothing but links, under a heading that is none itself."""
    block = document.blocks[entry.block]
    heading = document.blocks[document.sections[entry.section or 0].block]
    if heading.links:
        return False
    rest, position = "", 0
    for link in entry.links:
        rest += block.source[position : link.slot.start]
        position = max(position, link.slot.end)
    return not has_words(rest + block.source[position:])
