r"""Changing fields of an entry by writing into the slots they stand in.

Nothing around a slot is touched. Whether the new source says what was wanted is not reasoned out
but tried: it is read again in its context, and the plainest way of writing that reads back as the
wanted value, with everything else as before, is taken. When none does, the change is refused.

What "reads back" means: a name as plain text, blanks folded; a URL as it is; a description or
cell as inline markdown without the blanks around it. In a table a pipe is written ``\|``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypedDict, Unpack

from catalog.markdown.attributes import code_values
from catalog.markdown.inline import address_name, is_generic, plain_text, with_characters
from catalog.markdown.nodes import BlockKind, Entry, Link, LinkForm, ListingKind, Slot
from catalog.markdown.writing.context import Context, read_block
from catalog.markdown.writing.dialect import Dialect
from catalog.markdown.writing.layout import (
    CodecError,
    add_cells,
    before_separator,
    bracketed_forms,
    content_slot,
    destination_forms,
    escape_cell,
    html_forms,
    one_line,
    put_cell,
    single_blanks,
    text_forms,
)
from catalog.markdown.writing.patterns import link_of

# A block's source while its fields change: tried, read again, taken or refused


type Check = Callable[[Entry], bool]


def fold_blanks(text: str) -> str:
    """A text with single spaces and no short codes, as names are compared."""
    return with_characters(" ".join(text.split()))


_EMPHASIS = re.compile(r"[*_~]")
_SIGNS = " \t-–—―:：|·•,"
"""Characters that may stand between a name and the values behind it."""
_STRAY_MARK = re.compile(r"\*\*|__|~~|[*_]\Z")
_WITHOUT_DESCRIPTION = {BlockKind.HTML, BlockKind.HEADING}


class _Fields:
    """A block's source being changed field by field, each in the way its slot asks for.

    It is read again after each change; `block` and `entry` say how it reads now.
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
        cells = self.entry.cells if self.is_row else code_values(self.source)
        return cells[int(field.removeprefix("cell ")) - 1].text == value

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
                _text, start, end = cell
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
            if cell.start <= slot.start and slot.end <= cell.end:
                return number
        return -1

    # Cells and descriptions

    def set_cell(self, index: int, text: str) -> str:
        field = f"cell {index + 1}"
        text = one_line(text, field)
        if not self.is_row:
            return self._set_value(index, text, field)
        cells = self.entry.cells
        columns = max(self.dialect.column_count, len(cells))
        if not 0 <= index < columns:
            raise CodecError("no-column", field, columns=columns)
        if index < len(cells) and cells[index].text == text:
            return text
        source = add_cells(self.source, index + 1)
        new = [self.put_cell(source, index, escape_cell(text))]
        self.take(
            field,
            iter(new),
            lambda entry: (
                [cell.text for cell in entry.cells[index : index + 1]] == [text]
                and self.other_cells_unchanged(entry, index)
            ),
        )
        return text

    def _set_value(self, index: int, text: str, field: str) -> str:
        """Write a value in code behind an item's text in place of the one that is there."""
        values = code_values(self.source)
        if self.kind not in {BlockKind.ITEM, BlockKind.LINE} or not 0 <= index < len(values):
            raise CodecError("no-cells", field)
        if values[index].text == text:
            return text
        texts = [text if n == index else value.text for n, value in enumerate(values)]
        changed = self.splice(values[index].slot, text)
        urls = [link.url for link in self.block.links]

        def check(entry: Entry) -> bool:
            return (
                [value.text for value in code_values(changed)] == texts
                and self.keeps(entry, "name", "url", "description")
                and [link.url for link in entry.links] == urls
            )

        self.take(field, iter([changed]), check)
        return text

    def set_description(self, text: str) -> str:
        if self.is_row and self.context.description_column is not None:
            return self.set_cell(self.context.description_column, text)
        text = one_line(text, "description")
        if text == self.entry.description:
            return text
        slot = self.entry.description_slot
        if self.is_row and slot is None:
            raise CodecError("no-description-column", "description")
        is_html = self.kind is BlockKind.HTML
        if is_html:
            text = plain_text(text)
        if slot is None and (self.entry.description or self.kind in _WITHOUT_DESCRIPTION):
            raise CodecError("in-parts", "description")
        if _STRAY_MARK.search(plain_text(self.entry.description)):
            raise CodecError("emphasis-across", "description")
        outside = self._links_outside(self.block.links, slot)

        def check(entry: Entry) -> bool:
            is_unchanged = self.keeps(entry, "name", "url")
            links = self._links_outside(entry.links, entry.description_slot)
            return is_unchanged and entry.description == text and links == outside

        self.take("description", self._described(text, slot), check)
        return text

    def _described(self, text: str, slot: Slot | None) -> Iterator[str]:
        source = self.source
        if slot is None:
            is_line = self.kind is BlockKind.LINE
            end = content_slot(source, ListingKind.LINES if is_line else ListingKind.LIST).end
            start = end
            values = code_values(source)
            if values and text:
                # What stands behind everything stays there.
                behind = values[0].slot.start - 1
                before = source[:behind].rstrip(_SIGNS)
                for separator in (self.dialect.separator, Dialect().separator):
                    yield f"{before}{separator}{text} {source[behind:]}"
        else:
            if text:
                forms = html_forms(text) if self.kind is BlockKind.HTML else [text]
                yield from (self.splice(slot, form) for form in forms)
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
            raise CodecError("empty", "name")
        if fold_blanks(name) == fold_blanks(self.entry.name):
            return name
        slot = self.entry.name_slot
        if slot is None:
            raise CodecError("in-parts", "name")
        links = [link.url for link in self.block.links]
        cell = self.cell_at(slot)
        described = ("url", "description") if self._cell_of_description() != cell else ("url",)

        def check(entry: Entry) -> bool:
            return (
                fold_blanks(entry.name) == fold_blanks(name)
                and self.keeps(entry, *described)
                and self.other_cells_unchanged(entry, cell)
                and [link.url for link in entry.links] == links
            )

        try:
            self.take("name", self._named(name, slot), check)
        except CodecError:
            if is_generic(name) and self.entry.links:
                raise CodecError("generic-name", "name", name=name) from None
            raise
        return name

    def _cell_of_description(self) -> int:
        column = self.context.description_column if self.is_row else None
        return -2 if column is None else column

    def _named(self, name: str, slot: Slot) -> Iterator[str]:
        if self.kind is BlockKind.HTML:
            for form in html_forms(name):
                yield self.splice(slot, form)
            return
        for form in text_forms(name):
            yield self.splice(slot, form)
        for link in self.block.links:
            whole = link.text_slot
            if whole and whole != slot and whole.start <= slot.start and slot.end <= whole.end:
                # Emphasis or code around the name gives way where the name cannot stand in it.
                if link.is_image_only or self.source.count("![", *whole):
                    continue
                for form in text_forms(name):
                    yield self.splice(whole, form)

    # Addresses

    def set_url(self, url: str) -> str:
        url = one_line(url, "url")
        if url == self.entry.url:
            return url
        if not url:
            raise CodecError("link-needed", "url")
        if not self.entry.url:
            self._add_link(url)
            return url
        slot, link = self.entry.url_slot, link_of(self.entry)
        if slot is None or link is None:
            raise self._no_url_slot(link)
        position = self.block.links.index(link)
        urls = [other.url for other in self.block.links]
        urls[position] = url
        name = self.entry.name
        if self.entry.name_slot is None and name == address_name(self.entry.url):
            name = address_name(url)
        cell = self.cell_at(slot)
        described = ("description",) if self._cell_of_description() != cell else ()
        inside = self.entry.description_slot
        if inside and inside.start <= slot.start and slot.end <= inside.end:
            described = ()  # The link is a part of it.

        def check(entry: Entry) -> bool:
            return (
                entry.url == url
                and entry.name == name
                and self.keeps(entry, *described)
                and self.other_cells_unchanged(entry, cell)
                and [other.url for other in entry.links] == urls
            )

        self.take("url", self._linked(url, slot, link), check)
        return url

    def _no_url_slot(self, link: Link | None) -> CodecError:
        if link is not None and link.form is LinkForm.REFERENCE:
            return CodecError("defined-elsewhere", "url", label=link.label)
        return CodecError("in-parts", "url")

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
            yield self.splice(slot, form)
        if link.form is LinkForm.INLINE:
            for form in bracketed_forms(url):
                yield self.splice(slot, f"<{form}>")

    def _add_link(self, url: str) -> None:
        """Make a link of the name of an entry that has none."""
        slot = self.entry.name_slot
        if slot is None or self.kind is BlockKind.HTML:
            raise CodecError("no-link", "url")
        text = self.source[slot.start : slot.end]
        if self.is_row:
            text = text.replace("\\|", "|")
        forms = (*destination_forms(url), *[f"<{form}>" for form in bracketed_forms(url)])
        cell = self.cell_at(slot)
        urls = sorted([*[link.url for link in self.block.links], url])

        def check(entry: Entry) -> bool:
            return (
                entry.url == url
                and self.keeps(entry, "name", "description")
                and self.other_cells_unchanged(entry, cell)
                and sorted(link.url for link in entry.links) == urls
            )

        self.take("url", (self.splice(slot, f"[{text}]({form})") for form in forms), check)


class Values(TypedDict, total=False):
    """What an entry is to say. What is missing or None is left alone, and nothing in a new one.

    `cells` are inline markdown by column from 0, up to the width of the table's header; of an item
    the values in code behind its text, by their order.
    """

    name: str | None
    url: str | None
    description: str | None
    cells: Mapping[int, str] | None


def change(
    source: str,
    kind: BlockKind,
    context: Context,
    *,
    dialect: Dialect | None = None,
    **values: Unpack[Values],
) -> str:
    """The source of an entry's block with some fields changed.

    The `dialect` says how wide columns are and what separates a description. Raises `CodecError`.
    """
    editor = _Fields(source, kind, context, dialect or Dialect())
    requested: dict[str, str] = {}
    for index, text in sorted((values.get("cells") or {}).items()):
        requested[f"cell {index + 1}"] = editor.set_cell(index, text)
    if (description := values.get("description")) is not None:
        requested["description"] = editor.set_description(description)
    if (name := values.get("name")) is not None:
        requested["name"] = editor.set_name(name)
    if (url := values.get("url")) is not None:
        requested["url"] = editor.set_url(url)
    for field, value in requested.items():
        if not editor.holds(field, value):
            raise CodecError("contradiction", field)
    return editor.source
