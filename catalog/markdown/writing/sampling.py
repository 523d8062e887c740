"""Reading a dialect off the entries of a listing, a bounded sample of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from catalog.markdown.entries import split_row
from catalog.markdown.fields import has_words
from catalog.markdown.nodes import BlockKind, Document, Entry, ListingKind
from catalog.markdown.writing.dialect import Dialect, without_quotes
from catalog.markdown.writing.entry_patterns import PLACEHOLDER, line_pattern, row_patterns
from catalog.markdown.writing.layout import (
    before_separator,
    content_slot,
    hard_break,
    number_of,
    quotes,
    with_number,
)
from catalog.markdown.writing.rows import WidthRule, cell_regions, text_width

SAMPLE = 200
"""Entries that are looked at, spread over the listing."""
_ENOUGH = 0.9
"""Share of the entries from which a closing mark or an order is meant."""
_ALIGNED = 0.6
"""Share of a column's cells that have to be equally wide for it to count as aligned."""
_HEAD_ROWS = 2
"""A table's header and delimiter row."""
_MIN_NAMES = 4
_MIN_DESCRIPTIONS = 3
_CLOSING_MARKS = ".。．"
_ENDING = re.compile(r"\r\n|\n|\r")


def dialect_of(document: Document, number: int) -> Dialect:
    """The dialect of one of a document's listings."""
    listing = document.listings[number]
    blocks = document.blocks
    step = max(1, -(-len(listing.blocks) // SAMPLE))
    indexes = listing.blocks[::step]
    entries = [
        (blocks[index].source, document.entries[entry])
        for index in indexes
        if (entry := blocks[index].entry) is not None
    ]
    sources = [blocks[index].source for index in indexes]
    if listing.kind is ListingKind.TABLE:
        header = "" if listing.header_block is None else blocks[listing.header_block].source
        rule = "" if listing.header_block is None else blocks[listing.header_block + 1].source
        return read_table_dialect(header, rule, sources, entries, listing.name_column)
    if listing.kind is ListingKind.HTML:
        return Dialect(kind=listing.kind, newline=_newline(sources))
    gaps = [
        blocks[following - 1].source if blocks[following - 1].kind is BlockKind.GAP else ""
        for following in indexes[1:]
    ]
    return read_list_dialect(listing.kind, sources, entries, gaps)


def read_list_dialect(
    kind: ListingKind,
    sources: Sequence[str],
    entries: Sequence[tuple[str, Entry]],
    gaps: Sequence[str],
) -> Dialect:
    """The dialect of a list or of lines.

    `entries` are those of its blocks that are entries, with their source; `gaps` is for each
    block but the first the gap in front of it, '' where there is none.
    """
    plain = Dialect()
    written: Counter[str] = Counter()
    bare: Counter[str] = Counter()
    separators: Counter[str] = Counter()
    for source, entry in entries:
        slot = entry.description_slot
        pattern = line_pattern(source, content_slot(source, kind), entry, slot)
        if pattern is not None:
            (bare if slot is None else written)[pattern] += 1
        if slot is not None:
            separator = source[before_separator(entry, source, slot) : slot.start]
            if separator and not set("\r\n") & set(separator):
                separators[separator] += 1
    separator = _most_common(separators, plain.separator)
    bare_pattern = _most_common(_models(bare), "")
    pattern = _most_common(_models(written), "")
    pattern = pattern or (bare_pattern or plain.bare_pattern) + separator + "{description}"
    if not bare_pattern:
        bare_pattern = pattern.replace(separator + "{description}", "", 1)
        if "{description}" in bare_pattern:
            bare_pattern = plain.bare_pattern
    heads = [source[: content_slot(source, kind).start] for source in sources]
    numbers = [number for head in heads if (number := number_of(head)) is not None]
    return Dialect(
        kind=kind,
        newline=_newline(sources),
        prefix=_most_common(
            Counter(with_number(head, 1) for head in heads),
            "" if kind is ListingKind.LINES else plain.prefix,
        ),
        pattern=pattern,
        bare_pattern=bare_pattern,
        separator=separator,
        closing=_closing([entry.description for _source, entry in entries]),
        hard_break=(
            # The last line of a paragraph rarely has one.
            _most_common(Counter(hard_break(source) for source in sources[:-1] or sources), "")
            if kind is ListingKind.LINES
            else ""
        ),
        gap=_most_common(Counter(gaps), ""),
        is_sorted=is_sorted([entry.name for _source, entry in entries]),
        counts_up=len(set(numbers)) != 1 or len(numbers) == 1,
    )


def read_table_dialect(
    header: str,
    delimiter_row: str,
    rows: Sequence[str],
    entries: Sequence[tuple[str, Entry]],
    name_column: int,
) -> Dialect:
    """The dialect of a table, from its header, delimiter row and some of its rows, as sources."""
    plain = Dialect()
    columns = len(split_row(header))
    patterns: Counter[tuple[str, ...]] = Counter()
    for source, entry in entries:
        matched = row_patterns(source, entry, columns)
        if matched:
            patterns[matched] += 1
    default = [""] * columns
    if columns:
        default[min(name_column, columns - 1)] = plain.bare_pattern
    bodies = [row.strip() for row in [*rows, header]]
    rule, widths = _widths([header, delimiter_row, *rows], columns)
    shown = rows or [header]
    heads = Counter(quotes(row) for row in shown)
    paddings = Counter(
        " " if row[region.start] in " \t" else ""
        for row in shown
        for region in cell_regions(row)
        if region.text_start < region.text_end
    )
    return Dialect(
        kind=ListingKind.TABLE,
        newline=_newline([header, *rows]),
        prefix=_most_common(heads, ""),
        closing=_closing([entry.description for _source, entry in entries]),
        is_sorted=is_sorted([entry.name for _source, entry in entries]),
        is_opened=2 * sum(body.lstrip("> \t").startswith("|") for body in bodies) >= len(bodies),
        is_closed=2 * sum(body.endswith("|") for body in bodies) >= len(bodies),
        padding=_most_common(paddings, plain.padding),
        cell_patterns=max(
            _models(patterns), key=lambda item: _rank(item, patterns), default=tuple(default)
        ),
        widths=widths,
        width_rule=rule,
    )


def _most_common(counter: Counter[str], default: str) -> str:
    return max(counter, key=lambda item: _rank(item, counter), default=default)


def _models[Pattern: (str, tuple[str, ...])](patterns: Counter[Pattern]) -> Counter[Pattern]:
    """The patterns without those that have words of their own, unless most entries have these."""
    total = sum(patterns.values())
    return Counter(
        {
            pattern: count
            for pattern, count in patterns.items()
            if 2 * count > total or not has_words(PLACEHOLDER.sub("", "".join(pattern)))
        }
    )


def _rank(item: Any, counter: Counter[Any]) -> tuple[int, int]:
    """By count; of the equal ones the shortest, which has the least of its own in it."""
    size = len(item) if isinstance(item, str) else sum(map(len, item))
    return counter[item], -size


def _newline(sources: Iterable[str]) -> str:
    endings = Counter(ending[-1] for source in sources if (ending := _ENDING.findall(source)))
    return _most_common(endings, "\n")


def _closing(descriptions: Iterable[str]) -> str:
    """The mark that nearly all descriptions end with, or ''."""
    ends = [without_quotes(text)[-1:] for text in descriptions if text]
    mark, count = Counter(ends).most_common(1)[0] if ends else ("", 0)
    is_meant = len(ends) >= _MIN_DESCRIPTIONS and count >= _ENOUGH * len(ends)
    return mark if is_meant and mark and mark in _CLOSING_MARKS else ""


def is_sorted(names: Sequence[str]) -> bool:
    """Whether names stand in alphabetical order, but for a few."""
    if len(names) < _MIN_NAMES:
        return False
    folded = [name.casefold() for name in names]
    return sum(a <= b for a, b in pairwise(folded)) >= _ENOUGH * (len(folded) - 1)


def _widths(rows: Sequence[str], columns: int) -> tuple[WidthRule, tuple[int | None, ...]]:
    """By which rule the columns are aligned, and how wide each is; `rows` begin with the head."""
    cells = [(row, cell_regions(row)) for row in rows]
    best: tuple[int, WidthRule, tuple[int | None, ...]] | None = None
    for rule in WidthRule:
        agreeing = 0
        widths: list[int | None] = []
        for column in range(columns):
            closed = [
                (number, row, regions[column])
                for number, (row, regions) in enumerate(cells)
                if column < len(regions) and row.startswith("|", regions[column].end)
            ]
            counted = Counter(
                text_width(row[cell.start : cell.end], rule) for _number, row, cell in closed
            )
            width, count = max(counted.items(), key=lambda pair: pair[::-1], default=(0, 0))
            agreeing += count
            # Cells may be equally wide by chance: that they were made so shows in their padding,
            # or in the head.
            is_meant = any(
                number < _HEAD_ROWS or cell.end - cell.start > cell.text_end - cell.text_start + 2
                for number, row, cell in closed
                if text_width(row[cell.start : cell.end], rule) == width
            )
            widths.append(width if is_meant and count >= _ALIGNED * len(closed) else None)
        if best is None or agreeing > best[0]:
            best = agreeing, rule, tuple(widths)
    return (best[1], best[2]) if best else (WidthRule.CHARACTERS, ())
