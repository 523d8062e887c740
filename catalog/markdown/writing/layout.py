"""Layout of an entry's lines: prefix, content, separator, hard break."""

from __future__ import annotations

import re

from catalog.markdown.entries import item_start
from catalog.markdown.fields import paragraph_end
from catalog.markdown.nodes import Entry, ListingKind, Slot
from catalog.markdown.parser import split_lines

_EMPHASIS = re.compile(r"[*_~]*")
_HARD_BREAK = re.compile(r"(?:[ \t]*(?:\\|<br ?/?>))+[ \t]*\Z|[ \t]+\Z", re.IGNORECASE)
_QUOTES = re.compile(r"(?:[ \t]*>)*[ \t]*")
_NUMBER = re.compile(r"([ \t>]*)(\d{1,9})(?=[.)](?:[ \t\r\n]|\Z))")
_MARKER = re.compile(r"[ \t>]*(?:([-*+])|\d{1,9}([.)]))(?=[ \t\r\n]|\Z)")
_TAB = 4


def content_slot(source: str, kind: ListingKind) -> Slot:
    """The first paragraph of an item, or a line up to its hard break, without its prefix."""
    if kind is ListingKind.LIST:
        start = item_start(source)
        return Slot(start, paragraph_end(source, start))
    end = len(source.rstrip("\r\n")) - len(hard_break(source))
    return Slot(len(quotes(source)), end)


def quotes(source: str) -> str:
    """The quote marks and blanks that a line begins with."""
    head = _QUOTES.match(source)
    return head[0] if head else ""


def hard_break(source: str) -> str:
    """Return the hard break at the end of a line: two blanks, a backslash or ``<br>``."""
    match = _HARD_BREAK.search(source.rstrip("\r\n"))
    return match[0] if match else ""


def before_separator(entry: Entry, source: str, slot: Slot) -> int:
    """Return where the separator between description and what is before it begins."""
    ends = [link.slot.end for link in entry.links if link.slot.end <= slot.start]
    if entry.name_slot and entry.name_slot.end <= slot.start:
        ends.append(entry.name_slot.end)
    start = max(ends, default=slot.start)
    marks = _EMPHASIS.match(source, start, slot.start)
    return marks.end() if marks else start


# Items


def number_of(source: str) -> int | None:
    """The number of an item of an ordered list."""
    match = _NUMBER.match(source)
    return int(match[2]) if match else None


def with_number(prefix: str, number: int) -> str:
    """An item's prefix with another number."""
    return _NUMBER.sub(rf"\g<1>{number}", prefix, count=1)


def marker_of(source: str) -> str:
    """Return the marker that tells an item's list from the next one: ``-``, ``*``, ``+``, ``.`` or
    ``)``."""
    match = _MARKER.match(source)
    return (match[1] or match[2]) if match else ""


def item_prefix(source: str) -> str:
    """An item's indent, marker and the blanks behind it; a task's box is content."""
    end = content_slot(source, ListingKind.LIST).start
    head = source[:end]
    box = head.find("[")
    return head[:box] if box >= 0 else head


def reindent(source: str, from_prefix: str, to_prefix: str, *, is_head: bool = False) -> str:
    """A block's lines moved from the content of one item to that of another.

    With `is_head` the first line begins with the prefix itself and gets the other. Lines that are
    indented less than the item's content, and blank ones, stay as they are.
    """
    lines = split_lines(source)
    moved = []
    from_quotes, from_width = _quotes_and_width(from_prefix)
    to_quotes, to_width = _quotes_and_width(to_prefix)
    for number, line in enumerate(lines):
        if is_head and number == 0:
            moved.append(to_prefix + line[len(from_prefix) :])
            continue
        body = line[len(from_quotes) :] if line.startswith(from_quotes) else None
        if body is None or (not body.strip() and not from_quotes and not to_quotes):
            moved.append(line)
            continue
        rest = _unindent(body, from_width)
        moved.append(line if rest is None else f"{to_quotes}{' ' * to_width}{rest}")
    return "".join(moved)


def _quotes_and_width(prefix: str) -> tuple[str, int]:
    """The quote marks in front of an item, and how far its content is from them, in columns."""
    cut = prefix.rfind(">") + 1
    return prefix[:cut], len(prefix[cut:].expandtabs(_TAB))


def _unindent(line: str, width: int) -> str | None:
    """The line without so many columns of indent, None if it has less."""
    column = 0
    for index, char in enumerate(line):
        if column >= width:
            return " " * (column - width) + line[index:]
        if char == " ":
            column += 1
        elif char == "\t":
            column += _TAB - column % _TAB
        elif char in "\r\n":
            return line[index:]
        else:
            return None
    return ""
