"""Changing fields of an entry by writing into the slots they stand in.

Nothing around a slot is touched. Whether the new source says what was wanted is not reasoned out
but tried: it is read again in its context, and the plainest way of writing that reads back as the
wanted value, with everything else as before, is taken. When none does, the change is refused.

What "reads back" means: a name as plain text, blanks folded; a URL as it is; a description or
cell as inline markdown without the blanks around it. In a table a pipe is written ``\\|``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from catalog.markdown.context import Context, read_block
from catalog.markdown.dialect import Dialect
from catalog.markdown.errors import CodecError, raw_source_only
from catalog.markdown.escapes import (
    bracketed_forms,
    destination_forms,
    html_forms,
    one_line,
    single_blanks,
    text_forms,
)
from catalog.markdown.fields import address_name, is_generic
from catalog.markdown.inline import plain_text
from catalog.markdown.layout import before_separator, content_slot
from catalog.markdown.nodes import BlockKind, Entry, Link, LinkForm, ListingKind, Slot
from catalog.markdown.rows import add_cells, escape_cell, put_cell

_EMPHASIS = re.compile(r"[*_~]")
_STRAY_MARK = re.compile(r"\*\*|__|~~|[*_]\Z")

type _Check = Callable[[Entry], bool]


def change(
    source: str,
    kind: BlockKind,
    context: Context,
    *,
    name: str | None = None,
    url: str | None = None,
    description: str | None = None,
    cells: Mapping[int, str] | None = None,
    dialect: Dialect | None = None,
) -> str:
    """The source of an entry's block with some fields changed; None leaves a field as it is.

    `cells` are inline markdown by column from 0, up to the width of the table's header. The
    `dialect` says how wide columns are and what separates a description. Raises `CodecError`.
    """
    editor = _Editor(source, kind, context, dialect or Dialect())
    wanted: dict[str, str] = {}
    for index, text in sorted((cells or {}).items()):
        wanted[f"cell {index + 1}"] = editor.set_cell(index, text)
    if description is not None:
        wanted["description"] = editor.set_description(description)
    if name is not None:
        wanted["name"] = editor.set_name(name)
    if url is not None:
        wanted["url"] = editor.set_url(url)
    for field, value in wanted.items():
        if not editor.holds(field, value):
            raise CodecError(
                "contradiction", field, f"The {field} was also changed through another field."
            )
    return editor.source


class _Editor:
    """A block's source being changed field by field, read again after each."""

    def __init__(self, source: str, kind: BlockKind, context: Context, dialect: Dialect) -> None:
        self.kind = kind
        self.context = context
        self.dialect = dialect
        self.is_row = kind is BlockKind.TABLE_ROW
        self.block, entry = read_block(source, kind, context)
        if entry is None:
            raise raw_source_only("source", "Nothing here reads as an entry")
        self.entry = entry

    @property
    def source(self) -> str:
        return self.block.source

    def holds(self, field: str, value: str) -> bool:
        """Whether a field reads as a value now."""
        if field == "name":
            return _fold(self.entry.name) == _fold(value)
        if field == "url":
            return self.entry.url == value
        if field == "description":
            return self.entry.description == value
        return self.entry.cells[int(field.removeprefix("cell ")) - 1].text == value

    def _take(self, field: str, sources: Iterator[str], check: _Check) -> None:
        """Take the first source that reads as one block and passes the check."""
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
            raise CodecError(problem.code, field, str(problem))
        raise CodecError(
            "unwritable",
            field,
            f"The {field} cannot be written here so that it reads as it is; "
            f"change it, or edit the raw source instead.",
        )

    def _splice(self, slot: Slot, text: str) -> str:
        """The source with a slot replaced by markdown; in a table with pipes escaped."""
        source = self.source
        if self.is_row:
            text = escape_cell(text)
            for index, cell in enumerate(self.entry.cells):
                start, end = cell.slot
                if start <= slot.start and slot.end <= end:
                    whole = source[start : slot.start] + text + source[slot.end : end]
                    return self._put_cell(source, index, whole)
        return source[: slot.start] + text + source[slot.end :]

    def _put_cell(self, source: str, index: int, text: str) -> str:
        dialect = self.dialect
        return put_cell(source, index, text, width=dialect.width_of(index), rule=dialect.width_rule)

    def _keeps(self, entry: Entry, *fields: str) -> bool:
        """Whether the fields, of all but the named, and the cells' number are as before."""
        return all(getattr(entry, field) == getattr(self.entry, field) for field in fields) and len(
            entry.cells
        ) == len(self.entry.cells)

    def _other_cells_kept(self, entry: Entry, *changed: int) -> bool:
        before, after = self.entry.cells, entry.cells
        return len(after) >= len(before) and all(
            number in changed or cell.text == after[number].text
            for number, cell in enumerate(before)
        )

    def _cell_at(self, slot: Slot) -> int:
        for number, cell in enumerate(self.entry.cells):
            if cell.slot.start <= slot.start and slot.end <= cell.slot.end:
                return number
        return -1

    # Cells and descriptions

    def set_cell(self, index: int, text: str) -> str:
        field = f"cell {index + 1}"
        if not self.is_row:
            raise CodecError("no-cells", field, "Only rows of a table have cells.")
        text = one_line(text, field)
        cells = self.entry.cells
        columns = max(self.dialect.column_count, len(cells))
        if not 0 <= index < columns:
            raise CodecError("no-column", field, f"The table has {columns} columns.")
        if index < len(cells) and cells[index].text == text:
            return text
        source = add_cells(self.source, index + 1)
        new = [self._put_cell(source, index, escape_cell(text))]
        self._take(
            field,
            iter(new),
            lambda entry: (
                [cell.text for cell in entry.cells[index : index + 1]] == [text]
                and self._other_cells_kept(entry, index)
            ),
        )
        return text

    def set_description(self, text: str) -> str:
        if self.is_row and self.context.description_column is not None:
            return self.set_cell(self.context.description_column, text)
        text = one_line(text, "description")
        if text == self.entry.description:
            return text
        if self.is_row:
            raise CodecError(
                "no-column", "description", "The table has no column for a description."
            )
        slot = self.entry.description_slot
        if slot is None and (self.entry.description or self.kind in _WITHOUT_DESCRIPTION):
            raise raw_source_only("description", "The description does not stand in one piece here")
        if _STRAY_MARK.search(plain_text(self.entry.description)):
            raise raw_source_only("description", "Emphasis that begins before it ends in it")
        outside = self._links_outside(self.block.links, slot)

        def check(entry: Entry) -> bool:
            kept = self._keeps(entry, "name", "url")
            links = self._links_outside(entry.links, entry.description_slot)
            return kept and entry.description == text and links == outside

        self._take("description", self._described(text, slot), check)
        return text

    def _described(self, text: str, slot: Slot | None) -> Iterator[str]:
        source = self.source
        if slot is None:
            is_line = self.kind is BlockKind.LINE
            end = content_slot(source, ListingKind.LINES if is_line else ListingKind.LIST).end
            start = end
        else:
            if text:
                yield self._splice(slot, text)
            start, end = before_separator(self.entry, source, slot), slot.end
        # Without the separator, or with one that does before this text. Emphasis that ends in it
        # has to end all the same.
        marks = _EMPHASIS.findall(source, start, slot.start) if slot else []
        for separator in (self.dialect.separator, Dialect().separator) if text else ("",):
            yield source[:start] + "".join(marks) + separator + text + source[end:]

    @staticmethod
    def _links_outside(links: list[Link], slot: Slot | None) -> list[str]:
        if slot is None:
            return [link.url for link in links]
        start, end = slot
        return [link.url for link in links if link.slot.end <= start or link.slot.start >= end]

    # Names

    def set_name(self, name: str) -> str:
        name = single_blanks(one_line(name, "name"))
        if not name:
            raise CodecError("empty", "name", "The name is missing.")
        if _fold(name) == _fold(self.entry.name):
            return name
        slot = self.entry.name_slot
        if slot is None:
            raise raw_source_only("name", "The name does not stand in one piece here")
        links = [link.url for link in self.block.links]
        cell = self._cell_at(slot)
        described = ("url", "description") if self._cell_of_description() != cell else ("url",)

        def check(entry: Entry) -> bool:
            return (
                _fold(entry.name) == _fold(name)
                and self._keeps(entry, *described)
                and self._other_cells_kept(entry, cell)
                and [link.url for link in entry.links] == links
            )

        try:
            self._take("name", self._named(name, slot), check)
        except CodecError:
            if is_generic(name) and self.entry.links:
                raise CodecError(
                    "generic-name",
                    "name",
                    f"“{name}” says what kind of page a link leads to and is no name.",
                ) from None
            raise
        return name

    def _cell_of_description(self) -> int:
        column = self.context.description_column if self.is_row else None
        return -2 if column is None else column

    def _named(self, name: str, slot: Slot) -> Iterator[str]:
        if self.kind is BlockKind.HTML:
            for form in html_forms(name):
                yield self._splice(slot, form)
            return
        for form in text_forms(name):
            yield self._splice(slot, form)
        for link in self.block.links:
            whole = link.text_slot
            if whole and whole != slot and whole.start <= slot.start and slot.end <= whole.end:
                # Emphasis or code around the name gives way where the name cannot stand in it.
                if link.is_image_only or self.source.count("![", *whole):
                    continue
                for form in text_forms(name):
                    yield self._splice(whole, form)

    # Addresses

    def set_url(self, url: str) -> str:
        url = one_line(url, "url")
        if url == self.entry.url:
            return url
        if not url:
            raise raw_source_only("url", "An entry's link cannot be taken away by itself")
        if not self.entry.url:
            self._add_link(url)
            return url
        slot, link = self.entry.url_slot, self._link()
        if slot is None or link is None:
            raise self._no_url_slot(link)
        position = self.block.links.index(link)
        urls = [other.url for other in self.block.links]
        urls[position] = url
        name = self.entry.name
        if self.entry.name_slot is None and name == address_name(self.entry.url):
            name = address_name(url)
        cell = self._cell_at(slot)
        described = ("description",) if self._cell_of_description() != cell else ()

        def check(entry: Entry) -> bool:
            return (
                entry.url == url
                and entry.name == name
                and self._keeps(entry, *described)
                and self._other_cells_kept(entry, cell)
                and [other.url for other in entry.links] == urls
            )

        self._take("url", self._linked(url, slot, link), check)
        return url

    def _link(self) -> Link | None:
        """The link that the entry's address is from."""
        slot, url = self.entry.url_slot, self.entry.url
        for link in self.block.links:
            if link.url == url and (slot is None or link.slot.start <= slot.start < link.slot.end):
                return link
        return None

    def _no_url_slot(self, link: Link | None) -> CodecError:
        if link is not None and link.form is LinkForm.REFERENCE:
            return CodecError(
                "defined-elsewhere",
                "url",
                f"The address stands in the reference definition [{link.label}]; change it there.",
            )
        return raw_source_only("url", "The address does not stand in one piece here")

    def _linked(self, url: str, slot: Slot, link: Link) -> Iterator[str]:
        source = self.source
        if link.form is LinkForm.HTML:
            forms = html_forms(url)
        elif link.form is not LinkForm.INLINE:
            forms = iter([url])
        elif source[slot.start - 1] == "<" and source.startswith(">", slot.end):
            forms = bracketed_forms(url)
        else:
            forms = destination_forms(url)
        for form in forms:
            yield self._splice(slot, form)
        if link.form is LinkForm.INLINE:
            for form in bracketed_forms(url):
                yield self._splice(slot, f"<{form}>")

    def _add_link(self, url: str) -> None:
        """Make a link of the name of an entry that has none."""
        slot = self.entry.name_slot
        if slot is None or self.kind is BlockKind.HTML:
            raise raw_source_only("url", "There is no link here whose address could be set")
        text = self.source[slot.start : slot.end]
        if self.is_row:
            text = text.replace("\\|", "|")
        forms = (*destination_forms(url), *[f"<{form}>" for form in bracketed_forms(url)])
        cell = self._cell_at(slot)
        urls = sorted([*[link.url for link in self.block.links], url])

        def check(entry: Entry) -> bool:
            return (
                entry.url == url
                and self._keeps(entry, "name", "description")
                and self._other_cells_kept(entry, cell)
                and sorted(link.url for link in entry.links) == urls
            )

        self._take("url", (self._splice(slot, f"[{text}]({form})") for form in forms), check)


_WITHOUT_DESCRIPTION = {BlockKind.HTML, BlockKind.HEADING}


def _fold(text: str) -> str:
    return " ".join(text.split())
