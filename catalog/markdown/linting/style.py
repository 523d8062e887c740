"""Style rules: differences of an entry from its neighbours, and probable mistakes.

A rule about neighbours speaks only where nearly all of them agree: it repeats what the list's
own people do, and has no taste of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

from catalog.markdown.bare_urls import find_bare_urls
from catalog.markdown.findings import Finding, Severity, in_block, in_entry, shortened
from catalog.markdown.inline import plain_text
from catalog.markdown.nodes import BlockKind, Document, Entry, LinkForm, ListingKind
from catalog.markdown.subsequences import longest_sorted

FEW = 5
"""A listing with fewer entries has no habits."""
NEARLY_ALL = 0.9
LONGEST = 2000
"""Characters of a field that is looked into; what is longer is prose."""

type _Members = Sequence[tuple[int, Entry]]

_END_MARKS = tuple(".!?…。！？｡؟।")
_AROUND = " \t*_`\"'()[]{}<>“”‘’«»「」『』（）【】《》"
_ELLIPSIS = ("...", "…", "。。。")
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
# What may stand before a parenthesis that is alone on purpose: `1)`, `a)` of an enumeration,
# or the eyes of a face.
_ALONE = re.compile(r"(?:(?:^|[\s,;])\w{1,2}|(?:^|\s)[:;=]['-]?)\Z")
_PAIRS = dict(zip(")]}）】」』》”", "([{（【「『《“", strict=True))
_OPENING = frozenset(_PAIRS.values())
_PAIRED = re.compile('["' + re.escape("".join([*_PAIRS, *_OPENING])) + "]")
_CURLY_QUOTES = dict.fromkeys(map(ord, "„“”"))
_INCH = re.compile(r'\d"')
_MARKER = re.compile(r"[ \t>]*([-*+])[ \t\r\n]")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W_]")


def style_findings(document: Document) -> list[Finding]:
    """Findings about how entries are written, in no particular order."""
    listings: defaultdict[int, list[tuple[int, Entry]]] = defaultdict(list)
    findings = list(_markers(document))
    for index, entry in enumerate(document.entries):
        if entry.suggested:
            continue
        findings += _within(document, index, entry)
        if entry.listing is not None:
            listings[entry.listing].append((index, entry))
    for number, members in listings.items():
        listing = document.listings[number]
        findings += _repeated_names(members)
        if listing.kind is ListingKind.TABLE:
            findings += _row_lengths(members, len(listing.header))
        if len(members) >= FEW:
            if listing.kind is not ListingKind.TABLE or listing.description_column is not None:
                findings += _descriptions(members)
            findings += _order(members)
    return findings


# One entry


def _within(document: Document, index: int, entry: Entry) -> Iterator[Finding]:
    block = document.blocks[entry.block]
    texts = [cell.text for cell in entry.cells]
    if block.kind in {BlockKind.ITEM, BlockKind.LINE, BlockKind.PARAGRAPH}:
        texts.append(block.source)
    for text in texts:
        lone = lone_bracket(text)
        if lone:
            yield in_entry(entry, index, "unbalanced", Severity.WARN, mark=lone)
            break
    if entry.description.rstrip().endswith(_ELLIPSIS):
        yield in_entry(entry, index, "ellipsis")
    for link in entry.links:
        start = link.slot.start
        before = block.source[start - 1 : start]
        if (
            before.isascii()
            and (before.isalnum() or before in {",", ";"})
            and before
            and link.form in {LinkForm.INLINE, LinkForm.REFERENCE}
            and link.text[:1].isascii()
            and link.text[:1].isalnum()
        ):
            text = shortened(link.text)
            yield in_block(block, entry.block, start, "space-before-link", Severity.NOTE, text=text)


def lone_bracket(markdown: str) -> str:
    """The first bracket or quotation mark without its counterpart, '' if there is none."""
    if len(markdown) > LONGEST or not _PAIRED.search(markdown) or "…" in markdown:
        return ""  # Prose, plain words, or a text that was cut short.
    text = plain_text(" ".join(_CODE.sub("", markdown).split()))
    for start, end, _ in reversed(list(find_bare_urls(text))):
        text = text[:start] + text[end:]
    if "„" in text or "“" not in text:
        # German and Swedish close with what others open with, or use one mark for both.
        text = text.translate(_CURLY_QUOTES)
    for mark, start in _unpaired(text):
        if not _ALONE.search(text, max(start - 3, 0), start):
            return mark
    # Behind a number it is an inch.
    return '"' if text.count('"') % 2 and not _INCH.search(text) else ""


def _unpaired(text: str) -> Iterator[tuple[str, int]]:
    """Yield brackets without counterpart and their places: closing ones, then opening ones."""
    open_ones: list[tuple[str, int]] = []
    for match in _PAIRED.finditer(text):
        mark, start = match[0], match.start()
        if mark in _OPENING:
            open_ones.append((mark, start))
        elif open_ones and open_ones[-1][0] == _PAIRS.get(mark):
            open_ones.pop()
        elif mark != '"':
            yield mark, start
    yield from open_ones


# Entries and their neighbours


def _descriptions(members: _Members) -> Iterator[Finding]:
    described = [(i, entry, plain_text(entry.description[:LONGEST])) for i, entry in members]
    texts = [(index, entry, text) for index, entry, text in described if text]
    habits = {
        "no-description": [(index, entry, bool(text)) for index, entry, text in described],
        "name-in-description": [
            (index, entry, not repeats_name(entry.name, text)) for index, entry, text in texts
        ],
        "capital": [
            (index, entry, capital)
            for index, entry, text in texts
            if (capital := has_capital(entry.name, entry.description, text)) is not None
        ],
        "end-mark": [(index, entry, has_end_mark(text)) for index, entry, text in texts],
    }
    for code, judged in habits.items():
        if _is_habit([follows for *_, follows in judged]):
            yield from (in_entry(entry, i, code) for i, entry, follows in judged if not follows)


def _is_habit(judged: Sequence[bool]) -> bool:
    """Whether nearly all of enough entries do something alike."""
    return len(judged) >= FEW and sum(judged) >= NEARLY_ALL * len(judged)


def has_capital(name: str, description: str, text: str) -> bool | None:
    """Whether a description begins with a capital; None where there is no such choice.

    `text` is the plain text of it.
    """
    word = text.lstrip(_AROUND).partition(" ")[0]
    if not word[:1].isalpha() or word[0].upper() == word[0].lower():
        return None
    if word[0].isupper():
        return True
    # macOS, a command, a file, the thing's own name: spelled so on purpose.
    on_purpose = not word[1:].rstrip(".,;:").isalpha() or word != word.lower()
    if on_purpose or word.casefold() in name.casefold() or description[:1] in "`[<":
        return None
    return False


def has_end_mark(text: str) -> bool:
    """Whether a description, as plain text, ends as a sentence does."""
    return text.rstrip(_AROUND).endswith(_END_MARKS)


def repeats_name(name: str, text: str) -> bool:
    """Whether a description, as plain text, begins with the name."""
    size = len(name)
    if size <= 2 or len(text) <= size or text[:size].casefold() != name.casefold():
        return False
    return not (text[size].isalnum() or text[size] in "-_./'’+#")


def _order(members: _Members) -> Iterator[Finding]:
    """Entries out of order where nearly all others are in alphabetical order."""
    named = [(index, entry) for index, entry in members if _WORD.search(entry.name)]
    in_place, keys = longest_order([entry.name for _, entry in named])
    if len(in_place) == len(named) or len(in_place) < NEARLY_ALL * len(named):
        return
    in_order = [keys[position] for position in in_place]
    for position in sorted(set(range(len(named))).difference(in_place)):
        index, entry = named[position]
        place = bisect_right(in_order, keys[position])
        neighbour = named[in_place[max(place - 1, 0)]][1]
        variant = "" if place else "before"
        yield in_entry(entry, index, "order", other=shortened(neighbour.name), variant=variant)


def longest_order(names: Sequence[str]) -> tuple[list[int], list[str]]:
    """Positions of a longest run of names that is in alphabetical order, and what they sort by."""
    plain = [_sort_key(name) for name in names]
    # `Part 10` after `Part 9` is in order, and so it is after `Part 1`.
    natural = [_NUMBER.sub(lambda number: number[0].zfill(12), key) for key in plain]
    return max(
        ((longest_sorted(keys), keys) for keys in (plain, natural)), key=lambda way: len(way[0])
    )


def _sort_key(name: str) -> str:
    first = _WORD.search(name)
    return name[first.start() :].casefold() if first else ""


def _repeated_names(members: _Members) -> Iterator[Finding]:
    first: dict[str, Entry] = {}
    for index, entry in members:
        name = " ".join(entry.name.casefold().split())
        earlier = first.setdefault(name, entry)
        if name and earlier is not entry:
            first_line = earlier.first_line
            yield in_entry(entry, index, "duplicate-name", Severity.WARN, first=first_line)


def _row_lengths(members: _Members, columns: int) -> Iterator[Finding]:
    for index, entry in members:
        cells = len(entry.cells)
        if cells == columns:
            continue
        code, severity = "missing-cells", Severity.NOTE
        if cells > columns:
            code, severity = "extra-cells", Severity.BLOCK
        yield in_entry(entry, index, code, severity, cells=cells, columns=columns)


def _markers(document: Document) -> Iterator[Finding]:
    """Lists whose bullet is another than that of nearly all lists as deep as they are."""
    by_depth: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for listing in document.listings:
        if listing.kind is ListingKind.LIST and listing.blocks and not listing.is_toc:
            block = document.blocks[listing.blocks[0]]
            match = _MARKER.match(block.source)
            if match and block.kind is BlockKind.ITEM:
                by_depth[block.depth].append((listing.blocks[0], match[1]))
    for lists in by_depth.values():
        usual, count = Counter(marker for _, marker in lists).most_common(1)[0]
        if len(lists) < FEW or count < NEARLY_ALL * len(lists):
            continue
        for index, marker in lists:
            if marker != usual:
                note = partial(in_block, document.blocks[index], index, 0)
                yield note("other-marker", Severity.NOTE, marker=marker, usual=usual)
