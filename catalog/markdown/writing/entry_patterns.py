"""What an entry's line is but for its fields: the model for the next one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from catalog.markdown.nodes import Entry, Link, Slot

PLACEHOLDER = re.compile(r"\{(?:name|url|description)\}")


def _pattern(
    source: str, whole: Slot, slots: Iterable[tuple[Slot, str]], links: Iterable[Link]
) -> str | None:
    """A part of the source with placeholders for slots; None if it is no model for another entry.

    That is what has more than one link, a picture, or several lines besides the slots.
    """
    if sum(whole.start <= link.slot.start < whole.end for link in links) > 1:
        return None
    parts = []
    position = whole.start
    for slot, key in sorted(slots):
        if slot.start < position or slot.end > whole.end:
            return None
        parts += [source[position : slot.start], key]
        position = slot.end
    parts.append(source[position : whole.end])
    constant = "".join(parts[::2])
    if "![" in constant or PLACEHOLDER.search(constant) or set("\r\n") & set(constant):
        return None
    return "".join(parts)


def line_pattern(source: str, whole: Slot, entry: Entry, description: Slot | None) -> str | None:
    """The pattern of an item or line that has its fields in one piece each."""
    if not entry.name_slot or not entry.url_slot or (entry.description and not description):
        return None
    slots = [(entry.name_slot, "{name}"), (entry.url_slot, "{url}")]
    links = entry.links
    if description:
        slots.append((description, "{description}"))
        start, end = description
        links = [link for link in links if not start <= link.slot.start < end]
    return _pattern(source, whole, slots, links)


def row_patterns(source: str, entry: Entry, columns: int) -> tuple[str, ...]:
    """The patterns of the cells with the name and the link, '' for all others."""
    patterns = [""] * columns
    for number, cell in enumerate(entry.cells[:columns]):
        slots = [
            (slot, key)
            for slot, key in ((entry.name_slot, "{name}"), (entry.url_slot, "{url}"))
            if slot and cell.slot.start <= slot.start and slot.end <= cell.slot.end
        ]
        if slots:
            pattern = _pattern(source, cell.slot, slots, entry.links)
            if pattern is None:
                return ()
            patterns[number] = pattern.replace("\\|", "|")
    both = "".join(patterns)
    return tuple(patterns) if "{name}" in both and "{url}" in both else ()
