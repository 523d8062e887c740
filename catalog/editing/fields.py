"""The fields of an entry as people know them, by the columns of the listing that it stands in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from catalog.column_roles import OF_TABLE, role_in_table
from catalog.errors import EditRefused
from catalog.markdown.attributes import MARK, attributes_of, code_values
from catalog.markdown.writing.composing import VALUE_FIELDS
from catalog.markdown.writing.slots import Values
from catalog.models import Column, Entry, Facet, Listing
from catalog.sentences import facet_name

# Values beside the text of items: what entries of a list or section have there


_SAMPLED = 60
"""Entries that are looked at, those of the listing first."""
_MOST = 0.5
"""Share of them that have a value where a field is offered."""
_FEW = 3
_CHOICES = 40


@dataclass(frozen=True, slots=True)
class ValueField:
    """A value beside the text of items: a licence in code, a platform in brackets, a sign.

    `number` is its place in the `cells` of `add_entry`, `facet` the address of the facet that its
    values are tags of, or ''. `choices` are values that are used, each as it is written and as it
    is called, the most used first: all there are for a sign, others may have more.
    """

    number: int
    label: str
    facet: str
    choices: tuple[tuple[str, str], ...]
    is_sign: bool


def value_fields(listing: Listing) -> list[ValueField]:
    """The fields for values that most items of a listing have; [] for tables. Four queries."""
    if listing.kind not in {Listing.Kind.LIST, Listing.Kind.LINES}:
        return []
    values: dict[str, Counter[str]] = {}
    sources = _sources(listing)
    for source in sources:
        signs = []
        for key, text, _slot in attributes_of(source):
            if key in VALUE_FIELDS:
                values.setdefault(key, Counter())[text] += 1
            elif key == MARK + text:
                signs.append(text)
        if len(signs) == 1:
            values.setdefault(MARK, Counter())[signs[0]] += 1
    usual = {key: used for key, used in values.items() if used.total() >= _MOST * len(sources)}
    if len(usual.get(MARK, ())) < 2:
        usual.pop(MARK, None)  # The same sign beside all of them says nothing.
    return _value_fields(listing, usual) if usual else []


def _sources(listing: Listing) -> list[str]:
    """The lines of its entries; of a listing of few those of the list's others of its kind."""
    published = Entry.objects.published().in_reading_order()
    own = published.filter(listing=listing).values_list("block__source", flat=True)[:_SAMPLED]
    if len(own) >= _FEW:
        return [*own]
    others = published.filter(catalog=listing.catalog_id, listing__kind=listing.kind)
    return [*others.values_list("block__source", flat=True)[:_SAMPLED]]


def _value_fields(listing: Listing, usual: dict[str, Counter[str]]) -> list[ValueField]:
    keys = [*usual, *(MARK + sign for sign in usual.get(MARK, ()))]
    rows = Column.objects.filter(catalog=listing.catalog_id, key__in=keys)
    columns = {column.key: column for column in rows}
    names = dict(Facet.objects.filter(catalog=listing.catalog_id).values_list("slug", "name"))
    fields = []
    for number, key in enumerate(VALUE_FIELDS):
        if key not in usual:
            continue
        texts = [text for text, _count in usual[key].most_common(_CHOICES)]
        if key == MARK:
            choices = _signs(texts, columns)
            facets = {
                columns[MARK + text].effective_facet for text in texts if MARK + text in columns
            }
            facet = facets.pop() if len(facets) == 1 else ""
        else:
            choices = tuple((text, text) for text in texts)
            facet = columns[key].effective_facet if key in columns else ""
        label = _("Sign") if key == MARK else _example(texts)
        if facet in names:
            label = facet_name(facet, names[facet])
        fields.append(ValueField(number, label, facet, choices, key == MARK))
    return fields


def _signs(texts: Iterable[str], columns: dict[str, Column]) -> tuple[tuple[str, str], ...]:
    """Signs with what the list says that they mean."""
    called = {text: columns[MARK + text].header for text in texts if MARK + text in columns}
    return tuple(
        (text, f"{text} {called[text]}" if called.get(text, text) != text else text)
        for text in texts
    )


def _example(texts: list[str]) -> str:
    return _("Value, such as %(example)s") % {"example": texts[0]}


class Field(NamedTuple):
    """A field of an entry: what forms call it, what people do, and its value."""

    name: str
    label: str
    value: str


def entry_fields(
    listing: Listing | None, entry: Entry | None = None, *, values: Collection[int] = ()
) -> list[Field]:
    """The fields that an entry of the listing has, with their values if there is one yet.

    In a table the name column gives name and address, and every other column is a field of its
    own, called by its header. An item of a list has its values in code beside its text, and a new
    one those of `values`, see `value_fields`.
    """
    name, url, description = (entry.name, entry.url, entry.description) if entry else ("", "", "")
    fields = [Field("name", _("name"), name), Field("url", _("URL"), url)]
    texts = texts_of(entry) if entry else ()
    if listing is None or listing.kind != Listing.Kind.TABLE:
        values = values or range(len(texts))
        named = {f.number: f.label for f in value_fields(listing)} if values and listing else {}
        beside = [
            Field(
                f"cell-{n}",
                named.get(n) or _("column %(number)d") % {"number": n + 1},
                texts[n] if n < len(texts) else "",
            )
            for n in sorted(values)
        ]
        return [*fields, Field("description", _("description"), description), *beside]
    headers = dict(Column.objects.filter(catalog=listing.catalog_id).values_list("key", "header"))
    for number, key in enumerate(listing.columns):
        if number == listing.name_column:
            continue
        label = headers.get(key) or _("column %(number)d") % {"number": number + 1}
        fields.append(Field(f"cell-{number}", label, texts[number] if number < len(texts) else ""))
    return fields


def texts_of(entry: Entry) -> tuple[str, ...]:
    """Return the texts of a row's cells, or of the values in code behind an item's text."""
    if entry.cells or entry.listing is None or entry.block is None:
        return tuple(cell["text"] for cell in entry.cells)
    is_list = entry.listing.kind in {Listing.Kind.LIST, Listing.Kind.LINES}
    return tuple(each.text for each in code_values(entry.block.source)) if is_list else ()


def by_column(texts: Mapping[str, str]) -> dict[str, Any]:
    """Texts by the names of fields as edits and proposals take them: `cells` by their column."""
    values: dict[str, Any] = {}
    for name, text in texts.items():
        if name.startswith("cell-"):
            values.setdefault("cells", {})[int(name.removeprefix("cell-"))] = text
        else:
            values[name] = text
    return values


def headers_of(listing: Listing) -> list[str]:
    """The headers of a table's columns in their order; none of a list."""
    if listing.kind != Listing.Kind.TABLE:
        return []
    rows = Column.objects.filter(catalog=listing.catalog_id, key__in=listing.columns)
    headers = dict(rows.values_list("key", "header"))
    return [headers.get(key) or key for key in listing.columns]


# An entry's fields in a listing that has other columns


type Placing = Mapping[int, int | None]
"""What the mover says: the column, from 0, that a column's cell goes to, or None to drop it."""


@dataclass(frozen=True, slots=True)
class _Field:
    """A field for which a table has a column. Equal roles and facets stand for each other."""

    key: str
    role: str
    facet: str
    header: str


class LeftCell(NamedTuple):
    """A text for which another listing has no place: its column from 0, the header, itself."""

    number: int
    header: str
    text: str


def mapped_values(entry: Entry, source: Listing, target: Listing, placing: Placing) -> Values:
    """The entry as it is to be written in `target`: cells by equal header, else by equal role.

    Raises `EditRefused` for a cell that is not empty, has no place there, and of which `placing`
    says nothing; the sentence names its column.
    """
    values, left = _mapped(entry, source, target, placing)
    if left:
        sentence = _(
            "The new table has no column for %(headers)s; choose a column for it, or leave it out."
        )
        if target.kind != Listing.Kind.TABLE:
            sentence = _("A list has no columns: leave out %(headers)s, or choose a table.")
        raise EditRefused(sentence % {"headers": ", ".join(f"“{cell.header}”" for cell in left)})
    return values


def cells_without_place(entry: Entry, source: Listing, target: Listing) -> list[LeftCell]:
    """Return the cells to be decided on before the entry can move to `target`. One query."""
    if source.pk == target.pk or source.kind == target.kind != Listing.Kind.TABLE:
        return []
    return _mapped(entry, source, target, {})[1]


def _mapped(
    entry: Entry, source: Listing, target: Listing, placing: Placing
) -> tuple[Values, list[LeftCell]]:
    """The entry's values in `target`, and what has no place there."""
    columns = {column.key: column for column in Column.objects.filter(catalog=entry.catalog_id)}
    if source.kind != Listing.Kind.TABLE:
        return _from_list(entry, target, placing)
    own = _mapped_fields(source, columns)
    texts = [cell["text"] for cell in entry.cells]
    headers = [field.header for field in own] + [f"{n + 1}" for n in range(len(own), len(texts))]
    if target.kind != Listing.Kind.TABLE:
        taken = {source.name_column, source.description_column, *placing}
        left = [
            LeftCell(number, headers[number], text)
            for number, text in enumerate(texts)
            if text and number not in taken
        ]
        return _texts(entry), left
    target_fields = _mapped_fields(target, columns)
    cells: dict[int, str] = {}
    left = []
    for number, text in enumerate(texts):
        if number in placing:
            place = placing[number]
        else:
            place = _place_of(own[number], target_fields, cells) if number < len(own) else None
            if place is None and text:
                left.append(LeftCell(number, headers[number], text))
        if place is not None and text:
            if place in cells:
                raise EditRefused(
                    _("Two columns cannot go into the same one: %(header)s.")
                    % {"header": target_fields[place].header}
                )
            cells[place] = text
    return Values(cells=cells), left


def _mapped_fields(listing: Listing, columns: Mapping[str, Column]) -> list[_Field]:
    fields = []
    for number, key in enumerate(listing.columns):
        column = columns.get(key)
        role = column.effective_role if column else Column.Role.TEXT
        role = role_in_table(
            number,
            role,
            name_column=listing.name_column,
            description_column=listing.description_column,
        )
        facet = column.effective_facet if column else ""
        fields.append(_Field(key, role, facet, column.header if column else key))
    return fields


def _place_of(
    field: _Field, target_fields: Sequence[_Field], taken: Mapping[int, str]
) -> int | None:
    """The free column for a field: names to names, else the same header, role or facet."""
    free = [(number, other) for number, other in enumerate(target_fields) if number not in taken]
    for is_same in (_same_header, _same_role, _same_facet):
        for number, other in free:
            if is_same(field, other):
                return number
    return None


def _same_header(one: _Field, other: _Field) -> bool:
    return one.key == other.key and (one.role == Column.Role.NAME) == (
        other.role == Column.Role.NAME
    )


def _same_role(one: _Field, other: _Field) -> bool:
    return one.role == other.role and one.role in OF_TABLE


def _same_facet(one: _Field, other: _Field) -> bool:
    return bool(one.facet) and one.facet == other.facet


def _from_list(entry: Entry, target: Listing, placing: Placing) -> tuple[Values, list[LeftCell]]:
    if not entry.description or target.description_column is not None:
        return _texts(entry), []
    place = placing.get(0)
    cells = {} if place is None else {place: entry.description}
    left = [] if 0 in placing else [LeftCell(0, _("description"), entry.description)]
    return Values(name=entry.name, url=entry.url, cells=cells), left


def _texts(entry: Entry) -> Values:
    return Values(name=entry.name, url=entry.url, description=entry.description)
