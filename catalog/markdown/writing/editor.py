"""A block's source while its fields are being changed: tried, read again, taken or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from catalog.markdown.nodes import BlockKind, Entry, Slot
from catalog.markdown.writing.context import Context, read_block
from catalog.markdown.writing.dialect import Dialect
from catalog.markdown.writing.errors import CodecError
from catalog.markdown.writing.rows import escape_cell, put_cell

type Check = Callable[[Entry], bool]


def fold_blanks(text: str) -> str:
    """A text with single spaces, as names are compared."""
    return " ".join(text.split())


class Editor:
    """A block's source being changed field by field, read again after each change.

    `block` and `entry` say how it reads now.
    """

    def __init__(self, source: str, kind: BlockKind, context: Context, dialect: Dialect) -> None:
        self.kind = kind
        self.context = context
        self.dialect = dialect
        self.is_row = kind is BlockKind.TABLE_ROW
        self.block, entry = read_block(source, kind, context)
        if entry is None:
            raise CodecError("no-entry", "source")
        self.entry = entry

    @property
    def source(self) -> str:
        return self.block.source

    def holds(self, field: str, value: str) -> bool:
        """Whether a field reads as a value now."""
        if field == "name":
            return fold_blanks(self.entry.name) == fold_blanks(value)
        if field == "url":
            return self.entry.url == value
        if field == "description":
            return self.entry.description == value
        return self.entry.cells[int(field.removeprefix("cell ")) - 1].text == value

    def take(self, field: str, sources: Iterator[str], check: Check) -> None:
        """Accept the first source that reads as one block and passes the check."""
        problem: CodecError | None = None
        tried = set()
        for source in sources:
            if source in tried:
                continue
            tried.add(source)
            try:
                block, entry = read_block(source, self.kind, self.context)
            except CodecError as error:
                problem = error
                continue
            if entry is not None and check(entry):
                self.block, self.entry = block, entry
                return
        if problem is not None and len(tried) == 1:
            raise CodecError(problem.code, field, **problem.values)
        raise CodecError("unwritable", field)

    def splice(self, slot: Slot, text: str) -> str:
        """The source with a slot replaced by markdown; in a table with pipes escaped."""
        source = self.source
        if self.is_row:
            text = escape_cell(text)
            for index, cell in enumerate(self.entry.cells):
                start, end = cell.slot
                if start <= slot.start and slot.end <= end:
                    whole = source[start : slot.start] + text + source[slot.end : end]
                    return self.put_cell(source, index, whole)
        return source[: slot.start] + text + source[slot.end :]

    def put_cell(self, source: str, index: int, text: str) -> str:
        dialect = self.dialect
        return put_cell(source, index, text, width=dialect.width_of(index), rule=dialect.width_rule)

    def keeps(self, entry: Entry, *fields: str) -> bool:
        """Whether the fields, of all but the named, and the cells' number are as before."""
        return all(getattr(entry, field) == getattr(self.entry, field) for field in fields) and len(
            entry.cells
        ) == len(self.entry.cells)

    def other_cells_unchanged(self, entry: Entry, *changed: int) -> bool:
        before, after = self.entry.cells, entry.cells
        return len(after) >= len(before) and all(
            number in changed or cell.text == after[number].text
            for number, cell in enumerate(before)
        )

    def cell_at(self, slot: Slot) -> int:
        for number, cell in enumerate(self.entry.cells):
            if cell.slot.start <= slot.start and slot.end <= cell.slot.end:
                return number
        return -1
