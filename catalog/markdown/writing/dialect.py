"""The dialect of a listing, learned from its own entries, so that a new one looks like its
siblings.

Every list has its own marker, separator, emphasis, closing mark and order; none is better than
another here. What is read is plain data that can be kept beside the listing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import pairwise
from typing import Any, NamedTuple

from catalog.markdown.attributes import CODE_KEYS, MARK, Attribute, attributes_of, sign_key
from catalog.markdown.inline import has_words
from catalog.markdown.nodes import (
    LINE_ENDING,
    Block,
    BlockKind,
    Cell,
    Document,
    Entry,
    Listing,
    ListingKind,
    Slot,
)
from catalog.markdown.tables import NO_TEXT, read_cells
from catalog.markdown.writing.layout import (
    Region,
    WidthRule,
    before_separator,
    cell_regions,
    content_slot,
    hard_break,
    number_of,
    quotes,
    text_width,
    with_number,
)
from catalog.markdown.writing.patterns import (
    AT_END,
    BEFORE,
    BEHIND,
    PLAIN_STYLES,
    chosen_pattern,
    is_dead,
    line_pattern,
    mark_of,
    name_end,
    parts_pattern,
    row_patterns,
    without_description,
    without_mark,
)

FULL_STOPS = ".。．"
_SENTENCE_ENDS = FULL_STOPS + "!?！？…:：;；"
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_WITHOUT_FULL_STOP = re.compile(r"[\uac00-\ud7af]")
_BEHIND_MARK = "*_~`\"'”’」』"


@dataclass(frozen=True, slots=True)
class Dialect:
    """The style of one listing's entries.

    Patterns are inline markdown with ``{name}``, ``{url}`` and ``{description}`` in it. `prefix`
    is what an item has before its content, of an ordered list with the number 1; of a line and
    a row the quote marks around it. `gap` is the blank line between two items, '' where there is
    none. `widths` are those between the pipes, None where a column is not aligned.
    """

    kind: ListingKind = ListingKind.LIST
    newline: str = "\n"
    prefix: str = "- "
    pattern: str = "[{name}]({url}) - {description}"
    bare_pattern: str = "[{name}]({url})"
    separator: str = " - "
    closing: str = ""
    wide_closing: str = ""
    """The closing mark behind Chinese and the like, where it is not the usual one."""
    hard_break: str = ""
    gap: str = ""
    is_sorted: bool = False
    counts_up: bool = True
    is_opened: bool = True
    is_closed: bool = True
    padding: str = " "
    cell_patterns: tuple[str, ...] = ()
    widths: tuple[int | None, ...] = ()
    width_rule: WidthRule = WidthRule.CHARACTERS
    value_styles: tuple[tuple[str, str], ...] = ()
    """Patterns of values behind the text, by the key of an attribute: `` `{value}` ``."""
    number_column: int | None = None
    """The column of a table that numbers its rows."""

    @property
    def column_count(self) -> int:
        """Return the number of cells in the table's header; 0 for what is no table."""
        return len(self.cell_patterns)

    def width_of(self, column: int) -> int | None:
        """The width between the pipes that most cells of a column have."""
        return self.widths[column] if column < len(self.widths) else None

    def closed(self, description: str) -> str:
        """The description with the closing mark that its siblings have."""
        text = without_quotes(description)
        if not text or not self.closing or text[-1] in _SENTENCE_ENDS:
            return description
        last = text.rstrip(")]）】»>")[-1:] or text[-1]
        if not is_wide(last):
            return description + "."
        usual = self.closing if self.closing != "." or _WITHOUT_FULL_STOP.match(last) else "。"
        return description + (self.wide_closing or usual)

    def to_json(self) -> dict[str, Any]:
        """Plain data for `from_json`; only what differs from the default."""
        plain = Dialect()
        return {key: value for key, value in asdict(self).items() if value != getattr(plain, key)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Dialect:
        """The dialect `to_json` gave; names it does not know are passed over."""
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {
            key: _as_tuple(value) for key, value in data.items() if key in known
        }
        if "kind" in values:
            values["kind"] = ListingKind(values["kind"])
        if "width_rule" in values:
            values["width_rule"] = WidthRule(values["width_rule"])
        return cls(**values)


def is_chinese(text: str) -> bool:
    """Whether a text begins with a character behind which the full stop is a circle."""
    return is_wide(text) and not _WITHOUT_FULL_STOP.match(text)


def is_wide(text: str) -> bool:
    """Whether a text begins with a Chinese, Japanese or Korean character."""
    return _WIDE.match(text) is not None


def sort_key(name: str) -> str:
    """Return the key for sorting names: case and accents make no difference."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    if folded.isascii():
        return folded
    return "".join(char for char in folded if not unicodedata.combining(char))


def without_quotes(text: str) -> str:
    """A text without the emphasis and quotation marks that may stand behind its closing mark."""
    return text.rstrip(_BEHIND_MARK)


def _as_tuple(value: Any) -> Any:
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


# The dialect read off the entries of a listing, a bounded sample of them


SAMPLE = 200
"""Entries that are looked at, spread over the listing."""
_ENOUGH = 0.9
"""Share of the entries from which an order is meant."""
_MOST = 0.6
"""Share of the descriptions from which a closing mark is meant, and of entries for a field."""
_SAME_MARK = 0.8
"""Share of the entries from which one mark is a part of how all are written."""
_ALIGNED = 0.6
"""Share of a column's cells that have to be equally wide for it to count as aligned."""
_NARROW = 3
"""Width of a column that is as narrow as it can be, with or without padding."""
_MIN_NAMES = 4
_FEW = 3
"""A listing with fewer entries is too small to show its own style."""
_RARE = 0.1
"""Share of the other listings from which the way of a single entry is no slip."""
_NEAR = 40
"""Entries of other listings that are looked at besides, those nearest first."""
_LAST = 20
"""Rows at the end of a table that show whether they are numbered."""
# A line of its own: `  * 简介：{description}`.
_DESCRIPTION_BELOW = re.compile(
    r"(?:(?:[ \t]*(?:\r\n|\n|\r)){1,2}[^\r\n{}]*|[ \t]*<br ?/?>[ \t]*)\{description\}"
)
_VALUE_AT_END = re.compile(
    # Nothing is given back, or runs of signs could be parted in as many ways as there are.
    r"(?:[ \t]*+[*_]*+(?:\([^()]{1,40}\)|\[[^\[\]]{1,40}\]|`[^`]{1,40}`|:[a-z0-9_+-]+:"
    r"|#[\w-]{1,40}+|[\u2600-\u27bf\U0001f000-\U0001faff\ufe0f]++)[*_]*+)++\Z"
)
VALUES_ALONE = re.compile(
    r"(?:[*_]*+(?:\((?:[^()]|\([^()]*\)){1,200}\)|\[[^\[\]]{1,40}\]|（[^（）]{1,40}）"
    r"|[\u2600-\u27bf\U0001f000-\U0001faff\ufe0f]++)[*_]*+[ \t]*+)++"
)
_COMMA = re.compile(r"[)>*_`][,，] ?\{description\}|\A[,，] ?\Z")
_BLANK = re.compile(r"[)>*_`] \{description\}|\A \Z")
# What stands before the separator is no pattern for others: `by [Ann](…) - Text.`
_SEPARATED_LATER = re.compile(r"[^\r\n]{1,80}?[^\s](\s[-–—]\s)")
# A year, or what else there is in brackets, and who made it: `(2001), by Ann`.
_CREDIT = re.compile(r"[(（](?:(?:19|20)\d\d[)）]|[^()（）]*[)）] ?[,;，；])")
_CODE_SPAN = re.compile(r"`[^`]*`")
_LINK_WORD = re.compile(r"\[(?!\{)[^\[\]{}]+\]\(\{url\}\)")


class _Sampled(NamedTuple):
    """An entry that is looked at."""

    source: str
    block: Block
    entry: Entry


def dialect_of(document: Document, number: int) -> Dialect:
    """The dialect of one of a document's listings.

    A listing of an entry or two is written as those around it are, unless all its own entries
    agree on something that others have as well.
    """
    listing = document.listings[number]
    blocks = document.blocks
    indexes = _sample_of(listing)
    own = _sampled(document, indexes)
    sources = [blocks[index].source for index in indexes]
    if listing.kind is ListingKind.TABLE:
        last = _sampled(document, listing.blocks[-_LAST:])
        head = _head_of(document, listing)
        return read_table_dialect(*head, sources, own, listing.name_column, last)
    if listing.kind is ListingKind.HTML:
        pattern = chosen_pattern(sources)
        entries = [one.entry for one in own]
        return Dialect(
            kind=listing.kind,
            newline=_newline(sources),
            prefix="",
            pattern=pattern,
            bare_pattern=without_description(pattern),
            closing=_closing([entry.description for entry in entries], []),
            is_sorted=is_sorted([entry.name for entry in entries]),
        )
    gaps = [
        blocks[following - 1].source if blocks[following - 1].kind is BlockKind.GAP else ""
        for following in indexes[1:]
    ]
    near = [] if len(own) > _NEAR else _near(document, listing)
    return read_list_dialect(listing.kind, sources, own, near, gaps)


def row_dialect_of(document: Document, number: int) -> Dialect:
    """What a change of one row has to know of its table: how many columns there are, how wide."""
    listing = document.listings[number]
    header, delimiter_row = _head_of(document, listing)
    rows = [document.blocks[index].source for index in _sample_of(listing)]
    columns = len(read_cells(header))
    cells = [(row, cell_regions(row)) for row in (header, delimiter_row, *rows)]
    rule, widths = _widths(cells, columns)
    return Dialect(kind=listing.kind, cell_patterns=("",) * columns, widths=widths, width_rule=rule)


def newline_of(document: Document, number: int) -> str:
    """The line ending of a listing's entries."""
    listing = document.listings[number]
    sources = [document.blocks[index].source for index in _sample_of(listing)]
    return _newline([_head_of(document, listing)[0], *sources])


def _sample_of(listing: Listing) -> list[int]:
    step = max(1, -(-len(listing.blocks) // SAMPLE))
    return listing.blocks[::step]


def _head_of(document: Document, listing: Listing) -> tuple[str, str]:
    """The header and the delimiter row of a table, '' for what has none."""
    at = listing.header_block
    return ("", "") if at is None else (document.blocks[at].source, document.blocks[at + 1].source)


def _sampled(document: Document, indexes: Iterable[int]) -> list[_Sampled]:
    blocks = document.blocks
    return [
        _Sampled(blocks[index].source, blocks[index], document.entries[entry])
        for index in indexes
        if (entry := blocks[index].entry) is not None
    ]


def _near(document: Document, listing: Listing) -> list[_Sampled]:
    """Entries of other listings of the kind, those nearest first."""
    place = listing.blocks[0] if listing.blocks else 0
    others = [
        other
        for other in document.listings
        if other.kind is listing.kind and other is not listing and other.blocks and not other.is_toc
    ]
    near: list[_Sampled] = []
    for other in sorted(others, key=lambda other: abs(other.blocks[0] - place)):
        near += _sampled(document, other.blocks[:_NEAR])
        if len(near) >= _NEAR:
            break
    return near[:_NEAR]


def read_list_dialect(
    kind: ListingKind,
    sources: Sequence[str],
    own: Sequence[_Sampled],
    near: Sequence[_Sampled],
    gaps: Sequence[str],
) -> Dialect:
    """The dialect of a list or of lines.

    `own` are those of its blocks that are entries, `near` entries around it; `gaps` is for each
    block but the first the gap in front of it, '' where there is none.
    """
    plain = Dialect()
    written, bare, separators = _patterns(kind, own, fewest=max(_FEW, len(own) // 2 + 1))
    near_written, near_bare, near_separators = _patterns(kind, near, fewest=len(near) + 1)
    if not _share_mark([*written.elements(), *bare.elements()], [*near_written, *near_bare]):
        written, bare = _without_marks(written), _without_marks(bare)
        near_written, near_bare = _without_marks(near_written), _without_marks(near_bare)
    separator = _chosen(separators, near_separators) or plain.separator
    # Entries without a pattern have one of their own that no other can take over.
    is_odd = len(own) >= _FEW and not (written or bare)
    nothing: Counter[str] = Counter()
    bare_pattern = _chosen(bare, nothing if written or is_odd else near_bare)
    pattern = _chosen(written, nothing if bare.total() >= _FEW or is_odd else near_written)
    if not pattern:
        before = (bare_pattern or plain.bare_pattern) + separator
        if before.count("*") % 2 or before.count("**") % 2:
            before = before.rstrip("*")  # of a description in bold
        pattern = before + "{description}"
    if not bare_pattern:
        bare_pattern = _without_description(pattern, separator) or plain.bare_pattern
    heads = [source[: content_slot(source, kind).start] for source in sources]
    numbers = [number for head in heads if (number := number_of(head)) is not None]
    is_lines = kind is ListingKind.LINES
    prefixes = Counter(with_number(head, 1) for head in heads)
    # The last line of a paragraph rarely has one.
    breaks = Counter(hard_break(source) for source in sources[:-1] or sources)
    own_texts, near_texts = ([one.entry.description for one in each] for each in (own, near))
    return Dialect(
        kind=kind,
        newline=_newline(sources),
        prefix=_most_common(prefixes, "" if is_lines else plain.prefix),
        pattern=pattern,
        bare_pattern=bare_pattern,
        separator=separator,
        closing=_closing(own_texts, near_texts),
        wide_closing=_wide_closing([*own_texts, *near_texts]),
        hard_break=_most_common(breaks, "") if is_lines else "",
        gap=_most_common(Counter(gaps), ""),
        is_sorted=is_sorted([one.entry.name for one in own]),
        counts_up=len(set(numbers)) != 1 or len(numbers) == 1,
        value_styles=_value_styles(own if len(own) >= _FEW else [*own, *near]),
    )


def _patterns(
    kind: ListingKind, entries: Iterable[_Sampled], *, fewest: int
) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Patterns of entries with a description, of those without, and separators.

    A comma most often goes on with a sentence: it has to separate the `fewest` of them.
    """
    written: Counter[str] = Counter()
    bare: Counter[str] = Counter()
    separators: Counter[str] = Counter()
    for source, block, entry in entries:
        if block.parts:
            if pattern := parts_pattern(source, block, entry):
                (written if "{description}" in pattern else bare)[pattern] += 1
            continue
        slot = _sentence_slot(entry)
        separator = source[before_separator(entry, source, slot) : slot.start] if slot else ""
        content = content_slot(source, kind)
        is_weak = not separator.strip(" \t,，")
        if slot and (
            _CREDIT.match(separator.strip())
            or (is_weak and _goes_on(source, content.start, entry, separators))
        ):
            bare.update(_names_alone(source, content, entry))
            continue
        pattern = line_pattern(source, content, entry, slot)
        if pattern is not None:
            (bare if slot is None else written)[pattern] += 1
        if separator and not set("\r\n") & set(separator) and not has_words(separator):
            separators[separator] += 1
    for counter in (written, separators):
        commas = {item: times for item, times in counter.items() if _COMMA.search(item)}
        if sum(commas.values()) < fewest:
            for item in commas:
                del counter[item]
    return written, bare, separators


def _names_alone(source: str, content: Slot, entry: Entry) -> list[str]:
    """The pattern of an entry as if it had no description; none where it is no model."""
    pattern = line_pattern(source, content, replace(entry, description=""), None)
    return [pattern] if pattern else []


def _goes_on(source: str, start: int, entry: Entry, separators: Counter[str]) -> bool:
    """Whether the sentence goes on behind a name without a separator: words stand before it, it
    goes on in small letters or with a link, or the separator, which is counted, comes later."""
    if later := _SEPARATED_LATER.match(entry.description):
        separators[later[1]] += 1
        return True
    name = entry.name_slot
    first = entry.description.lstrip("*_")[:1]
    return (
        first.islower()
        or first == "["
        or _CREDIT.match(entry.description) is not None
        or (name is not None and has_words(source[start : name.start]))
    )


def _sentence_slot(entry: Entry) -> Slot | None:
    """Return the slot of a description that is more than values: `(PDF)` needs no separator."""
    return None if VALUES_ALONE.fullmatch(entry.description) else entry.description_slot


def _chosen(own: Counter[str], near: Counter[str]) -> str:
    """The way that most entries are written in, by those around where these are few; '' if none.

    The word of a link is taken only where more than half of all have it.
    """
    total = sum(own.values())
    best = max(own, key=lambda item: (own[item], near[item], -len(item)), default="")
    around = max(near, key=lambda item: (near[item], -len(item)), default="")
    is_rare = near[best] < _RARE * sum(near.values())
    is_odd = total == 1 and bool(near) and (is_rare or _BLANK.search(best) is not None)
    # A sign that one has is more than the blank of the others.
    if not total or (is_odd and (_COMMA.search(best) or not _BLANK.search(around))):
        best = around
    if word := _LINK_WORD.search(best):
        same = sum(times for item, times in (own + near).items() if word[0] in item)
        if 2 * same <= total + sum(near.values()):
            best = _LINK_WORD.sub("[{label}]({url})", best)
    return best


def _share_mark(own: Sequence[str], near: Sequence[str]) -> bool:
    """Whether one mark in front is how entries are written; several are values of each."""
    sample = [*own, *near] if len(own) < _FEW else own
    marks = Counter(map(mark_of, sample))
    mark, count = marks.most_common(1)[0] if marks else ("", 0)
    others = Counter(other for pattern in near if (other := mark_of(pattern)) and other != mark)
    return bool(mark) and not is_dead(mark) and count >= _SAME_MARK * len(sample) and not others


def _without_marks(patterns: Counter[str]) -> Counter[str]:
    stripped: Counter[str] = Counter()
    for pattern, count in patterns.items():
        stripped[without_mark(pattern)] += count
    return stripped


def _without_description(pattern: str, separator: str) -> str:
    """The pattern of an entry that has none; '' if it cannot be told."""
    for left in ("", "".join(sign for sign in separator if sign in "*_`)]")):
        bare = _DESCRIPTION_BELOW.sub("", pattern)
        bare = bare.replace(separator + "{description}", left, 1)
        if "{description}" not in bare and bare.count("**") % 2 == 0:
            return bare
    return ""


def _value_styles(entries: Sequence[_Sampled]) -> tuple[tuple[str, str], ...]:
    """Return the patterns of values behind the text, by key: those that most entries have."""
    counts: Counter[str] = Counter()
    styles: dict[str, Counter[str]] = {}
    for source, block, entry in entries:
        if block.parts:
            continue
        attributes = attributes_of(source)
        if place := sign_place(source, entry, attributes):
            counts[MARK] += 1
            styles.setdefault(MARK, Counter())[place] += 1
        end = 0
        for key, text, slot in attributes:
            if key not in PLAIN_STYLES:
                continue
            counts[key] += 1
            style = PLAIN_STYLES[key]
            opening, closing = source[slot.start - 1], source[slot.end : slot.end + 1]
            if key in CODE_KEYS and source[slot.start - 1] in "([（":
                opening, closing = "`" + opening, closing + "`"
            between = source[end : slot.start - len(opening)] if end else " "
            is_plain = source[slot.start : slot.end] == text and not between.strip(" ,|·")
            style = f"{between}{opening}{{value}}{closing}" if is_plain else style
            styles.setdefault(key, Counter())[style] += 1
            end = slot.end + 1
    return tuple(
        (key, _most_common(styles[key], PLAIN_STYLES[key]))
        for key in PLAIN_STYLES
        if counts[key] >= _MOST * len(entries) and counts[key]
    )


def sign_place(source: str, entry: Entry, attributes: Sequence[Attribute]) -> str:
    """Return the place of an entry's only sign, one of `SIGN_PLACES`; '' where it has none or
    more."""
    signs = [one for one in attributes if one.key.startswith(MARK)]
    end = name_end(source, entry)
    if len(signs) != 1 or end is None or sign_key(source[slice(*signs[0].slot)]) != signs[0].text:
        return ""
    slot = signs[0].slot
    if slot.end <= (entry.name_slot or slot).start:
        return BEFORE
    described = entry.description_slot
    if slot.start >= end and (described is None or slot.start < described.start):
        return BEHIND if not source[end : slot.start].strip() else ""
    behind = _CODE_SPAN.sub("", source[slot.end :]).strip(" ,|·\t\r\n")
    return AT_END if described and slot.start > described.start and not behind else ""


def read_table_dialect(
    header: str,
    delimiter_row: str,
    rows: Sequence[str],
    entries: Sequence[_Sampled],
    name_column: int,
    last: Sequence[_Sampled] = (),
) -> Dialect:
    """The dialect of a table, from its header, delimiter row and some of its rows, as sources.

    `last` are its last rows.
    """
    plain = Dialect()
    columns = len(read_cells(header))
    matched = (row_patterns(source, entry, columns) for source, _block, entry in entries)
    patterns = Counter(pattern for pattern in matched if pattern)
    default = [""] * columns
    if columns:
        default[min(name_column, columns - 1)] = plain.bare_pattern
    shared = _cell_patterns(patterns, tuple(default))
    known = {one.source: one.entry.cells for one in entries}
    read = [known.get(row) or read_cells(row) for row in rows]
    written = zip(shared, _fillers(read, columns), strict=True)
    bodies = [row.strip() for row in [*rows, header]]
    # The pipe before a last cell that is empty closes no row.
    whole = [body for body, own in zip(bodies, [*read, header], strict=True) if len(own) >= columns]
    cells = [(row, cell_regions(row)) for row in (header, delimiter_row)]
    cells += [(row, cell_regions(row, own)) for row, own in zip(rows, read, strict=True)]
    rule, widths = _widths(cells, columns)
    shown = cells[2:] or cells[:1]
    heads = Counter(quotes(row) for row, _regions in shown)
    paddings = Counter(
        " " if row[region.start] in " \t" else ""
        for row, regions in shown
        for region in regions
        # The first cell of a row that does not open with a pipe has none.
        if region.text_start < region.text_end and row[region.start - 1 : region.start] == "|"
    )
    return Dialect(
        kind=ListingKind.TABLE,
        newline=_newline([header, *rows]),
        prefix=_most_common(heads, ""),
        closing=_closing([one.entry.description for one in entries], []),
        wide_closing=_wide_closing([one.entry.description for one in entries]),
        is_sorted=is_sorted([one.entry.name for one in entries]),
        is_opened=2 * sum(body.lstrip("> \t").startswith("|") for body in bodies) >= len(bodies),
        is_closed=2 * sum(body.endswith("|") for body in whole) >= len(whole),
        padding=_most_common(paddings, plain.padding),
        cell_patterns=tuple(pattern or filler for pattern, filler in written),
        widths=widths,
        width_rule=rule,
        number_column=_number_column(last, name_column),
    )


def _fillers(rows: Sequence[Sequence[Cell]], columns: int) -> list[str]:
    """The sign that stands for nothing in each column, `-` or the like; '' where none does."""
    fillers = []
    for column in range(columns):
        counts = Counter(row[column].text for row in rows if column < len(row))
        sign = max(NO_TEXT, key=lambda text: (counts[text], text))
        is_usual = counts[sign] >= min(_FEW, max(len(rows), 2)) and counts[sign] > counts[""]
        fillers.append(sign if is_usual else "")
    return fillers


def _cell_patterns(patterns: Counter[tuple[str, ...]], default: tuple[str, ...]) -> tuple[str, ...]:
    """The patterns of most rows: marks and words of links only where they are those of most."""
    total = sum(patterns.values())
    marks = Counter(mark_of("".join(row)) for row in patterns.elements())
    mark, count = marks.most_common(1)[0] if marks else ("", 0)
    is_shared = bool(mark) and not is_dead(mark) and count >= _SAME_MARK * total
    plain: Counter[tuple[str, ...]] = Counter()
    for row, times in patterns.items():
        plain[row if is_shared else tuple(map(without_mark, row))] += times
    best = max(plain, key=lambda row: (plain[row], -sum(map(len, row))), default=default)
    for number, pattern in enumerate(best):
        same = sum(times for row, times in plain.items() if row[number] == pattern)
        if _LINK_WORD.search(pattern) and 2 * same <= total:
            label = _LINK_WORD.sub("[{label}]({url})", pattern)
            best = (*best[:number], label, *best[number + 1 :])
    return best


def _number_column(entries: Sequence[_Sampled], name_column: int) -> int | None:
    """The column that numbers the rows one by one, if there is one."""
    rows = [one.entry.cells for one in entries]
    if len(rows) < _FEW:
        return None
    for column in range(min(map(len, rows), default=0)):
        texts = [cells[column].text for cells in rows]
        if column != name_column and all(map(str.isdecimal, texts)):
            numbers = list(map(int, texts))
            if all(b == a + 1 for a, b in pairwise(numbers)):
                return column
    return None


def _most_common(counter: Counter[str], default: str) -> str:
    return max(counter, key=lambda item: (counter[item], -len(item)), default=default)


def _newline(sources: Iterable[str]) -> str:
    endings = Counter(ending[-1] for source in sources if (ending := LINE_ENDING.findall(source)))
    return _most_common(endings, "\n")


def _closing(own: Iterable[str], near: Iterable[str]) -> str:
    """The mark that most descriptions end with, or ''; by those around where these are few."""
    mark, share, count = _closing_mark(own)
    around, near_share, near_count = _closing_mark(near)
    if count >= _FEW:
        is_open = 1 - _MOST < share < _MOST and near_count >= _FEW
        return mark if (near_share if is_open else share) >= _MOST else ""
    if near_count >= _FEW and not (count > 1 and share == 1 and mark):
        return around if near_share >= _MOST else ""
    return mark if share == 1 else ""


def _closing_mark(descriptions: Iterable[str]) -> tuple[str, float, int]:
    """The full stop that is met most, the share of texts that end with any, and how many are."""
    ends = [without_quotes(_VALUE_AT_END.sub("", text))[-1:] for text in descriptions if text]
    stops = Counter(end for end in ends if end and end in FULL_STOPS)
    if not stops:
        return "", 0, len(ends)
    return stops.most_common(1)[0][0], stops.total() / len(ends), len(ends)


def _wide_closing(descriptions: Iterable[str]) -> str:
    """The mark behind Chinese texts if it is not theirs: a list may end all of them in `.`."""
    texts = [text for text in map(without_quotes, descriptions) if text[-1:] in FULL_STOPS]
    stops = Counter(text[-1] for text in texts if is_chinese(text[-2:-1]))
    mark = _most_common(stops, "")
    return mark if mark == "." else ""


def is_sorted(names: Sequence[str]) -> bool:
    """Whether names stand in alphabetical order, but for a few."""
    if len(names) < _MIN_NAMES:
        return False
    keys = list(map(sort_key, names))
    return sum(a <= b for a, b in pairwise(keys)) >= _ENOUGH * (len(keys) - 1)


def _width_in(row: str, cell: Region, rule: WidthRule) -> int:
    if rule is WidthRule.CHARACTERS:
        return cell.end - cell.start
    return text_width(row[cell.start : cell.end], rule)


def _widths(
    cells: Sequence[tuple[str, Sequence[Region]]], columns: int
) -> tuple[WidthRule, tuple[int | None, ...]]:
    """Return the rule by which the columns are aligned, and their widths.

    `cells` are rows with their regions, which begin with the head.
    """
    are_ascii = all(row.isascii() for row, _regions in cells)
    best: tuple[int, WidthRule, tuple[int | None, ...]] | None = None
    # Of letters that are all as wide the rules say the same, and the first one holds then.
    for rule in [WidthRule.CHARACTERS] if are_ascii else WidthRule:
        agreeing = 0
        is_meant = False
        widths: list[int | None] = []
        for column in range(columns):
            closed = [
                (cell, _width_in(row, cell, rule))
                for row, regions in cells
                if column < len(regions) and row.startswith("|", (cell := regions[column]).end)
            ]
            counted = Counter(wide for _cell, wide in closed)
            width, count = max(counted.items(), key=lambda pair: pair[::-1], default=(0, 0))
            agreeing += count
            is_aligned = count >= _ALIGNED * len(closed)
            widths.append(width if is_aligned else None)
            is_meant = is_meant or any(
                is_aligned and cell.end - cell.start > cell.text_end - cell.text_start + 2
                for cell, wide in closed
                if wide == width
            )
        if not is_meant:
            # Cells may be equally wide by chance: that they were made so shows in some padding.
            widths = [width if width and width <= _NARROW else None for width in widths]
        if best is None or agreeing > best[0]:
            best = agreeing, rule, tuple(widths)
    return (best[1], best[2]) if best else (WidthRule.CHARACTERS, ())
