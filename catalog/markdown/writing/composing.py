"""Writing a new entry the way its siblings are written, and finding its place among them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence

from catalog.markdown.nodes import BlockKind, ListingKind
from catalog.markdown.writing.context import Context, read_block
from catalog.markdown.writing.dialect import Dialect
from catalog.markdown.writing.errors import CodecError
from catalog.markdown.writing.layout import number_of, with_number
from catalog.markdown.writing.rows import make_row
from catalog.markdown.writing.slots import change

KINDS = {
    ListingKind.TABLE: BlockKind.TABLE_ROW,
    ListingKind.LIST: BlockKind.ITEM,
    ListingKind.LINES: BlockKind.LINE,
    ListingKind.HTML: BlockKind.HTML,
}
"""What the entries of a listing are."""

_LINKED_NAME = re.compile(r"\[([^\]]*\{name\}[^\]]*)\]\(<?\{url\}>?[^)]*\)")
_DRAFT = {"name": "x", "url": "https://example.org/x", "description": "y"}
"""Stand-ins that need no escaping: the draft is written with them, then changed."""


def new_entry(
    dialect: Dialect,
    context: Context,
    *,
    name: str = "",
    url: str = "",
    description: str = "",
    cells: Mapping[int, str] | None = None,
    number: int | None = None,
) -> str:
    """The source of a new entry, one line with its ending, in the dialect of its listing.

    `context` is that of the place it goes to; `number` is for an item of an ordered list. A
    description gets the closing mark its siblings have. A row has as many cells as its header;
    `cells` are inline markdown by column and may stand for the name and URL. Raises `CodecError`.
    """
    if dialect.kind is ListingKind.HTML:
        raise CodecError("html-listing", "source")
    if not name and not (cells and dialect.kind is ListingKind.TABLE):
        raise CodecError("empty", "name")
    kind = KINDS[dialect.kind]
    if kind is BlockKind.TABLE_ROW:
        if description and context.description_column is None:
            raise CodecError("no-description-column", "description")
        filled = {index for index, text in (cells or {}).items() if text.strip()}
        if description and context.description_column is not None:
            filled.add(context.description_column)
        drafts = _row_drafts(dialect, filled, named=bool(name), linked=bool(url))
    else:
        drafts = _line_drafts(dialect, number, linked=bool(url), described=bool(description))
    source = _first_readable(drafts, kind, context)
    return change(
        source,
        kind,
        context,
        name=name or None,
        url=url or None,
        description=dialect.closed(description.strip()) if description else None,
        cells=cells,
        dialect=dialect,
    )


def _first_readable(drafts: Iterator[str], kind: BlockKind, context: Context) -> str:
    problem: CodecError | None = None
    for draft in drafts:
        try:
            read_block(draft, kind, context)
        except CodecError as error:
            problem = problem or error
        else:
            return draft
    raise problem or CodecError("nothing-to-write", "source")


def _line_drafts(
    dialect: Dialect, number: int | None, *, linked: bool, described: bool
) -> Iterator[str]:
    prefix = dialect.prefix
    if number is not None:
        prefix = with_number(prefix, number)
    ending = dialect.newline
    if dialect.kind is ListingKind.LINES:
        ending = dialect.hard_break + ending
    plain = Dialect()
    for pattern, bare in (
        (dialect.pattern, dialect.bare_pattern),
        (plain.bare_pattern + dialect.separator + "{description}", plain.bare_pattern),
    ):
        yield prefix + _filled(pattern if described else bare, linked=linked) + ending


def _row_drafts(
    dialect: Dialect, filled: Container[int], *, named: bool, linked: bool
) -> Iterator[str]:
    cells = []
    for column, pattern in enumerate(dialect.cell_patterns):
        if (named and "{name}" in pattern) or (linked and "{url}" in pattern):
            cells.append(_filled(pattern, linked=linked))
        else:
            cells.append(_DRAFT["description"] if column in filled else "")
    row = make_row(
        cells,
        head=dialect.prefix,
        is_opened=dialect.is_opened,
        is_closed=dialect.is_closed,
        padding=dialect.padding,
        widths=dialect.widths,
        rule=dialect.width_rule,
    )
    yield row + dialect.newline


def _filled(pattern: str, *, linked: bool) -> str:
    if not linked:
        pattern = _LINKED_NAME.sub(r"\1", pattern)
    for key, value in _DRAFT.items():
        pattern = pattern.replace(f"{{{key}}}", value)
    return pattern


# Places


def insertion_index(names: Sequence[str], name: str, dialect: Dialect) -> int:
    """Where a name goes among those of a listing: in order if they are sorted, else at the end.

    With a few names out of order it is the place that leaves the fewest on the wrong side.
    """
    if not dialect.is_sorted:
        return len(names)
    folded = name.casefold()
    wrong = best = 0
    index = 0
    for number, other in enumerate(names, 1):
        wrong += 1 if other.casefold() > folded else -1
        if wrong < best:
            best, index = wrong, number
    return index


def next_number(dialect: Dialect, before: str | None) -> int | None:
    """The number of an item behind the one with the source `before`; nothing is renumbered."""
    number = number_of(dialect.prefix if before is None else before)
    if number is None or before is None:
        return number
    return number + 1 if dialect.counts_up else number
