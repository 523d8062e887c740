"""Mapping of an entry's fields to a listing that has other columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from catalog.column_roles import OF_TABLE, role_in_table
from catalog.errors import EditRefused
from catalog.markdown.writing.moving import Values
from catalog.models import Column, Entry, Listing

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
        raise EditRefused(
            _(
                "The new table has no column for %(headers)s; choose a column for it, or "
                "leave it out."
            )
            % {"headers": ", ".join(f"“{cell.header}”" for cell in left)}
        )
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
    own = _fields(source, columns)
    texts = [cell["text"] for cell in entry.cells]
    headers = [field.header for field in own] + [f"{n + 1}" for n in range(len(own), len(texts))]
    if target.kind != Listing.Kind.TABLE:
        taken = {source.name_column, source.description_column, *placing}
        left = [
            LeftCell(number, headers[number], text)
            for number, text in enumerate(texts)
            if text and number not in taken
        ]
        return Values(entry.name, entry.url, entry.description), left
    target_fields = _fields(target, columns)
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


def _fields(listing: Listing, columns: Mapping[str, Column]) -> list[_Field]:
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
        return Values(entry.name, entry.url, entry.description), []
    place = placing.get(0)
    cells = {} if place is None else {place: entry.description}
    left = [] if 0 in placing else [LeftCell(0, _("description"), entry.description)]
    return Values(entry.name, entry.url, cells=cells), left
