"""The fields of an entry as people know them, by the columns of the listing that it stands in."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.utils.translation import gettext as _

from catalog.editing.value_fields import value_fields
from catalog.models import Column, Entry, Listing


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
    own, called by its header. A new item of a list has those of `values` beside its text, see
    `value_fields.py`.
    """
    name, url, description = (entry.name, entry.url, entry.description) if entry else ("", "", "")
    fields = [Field("name", _("name"), name), Field("url", _("URL"), url)]
    if listing is None or listing.kind != Listing.Kind.TABLE:
        named = {f.number: f.label for f in value_fields(listing)} if values and listing else {}
        beside = [
            Field(f"cell-{n}", named.get(n) or _("column %(number)d") % {"number": n + 1}, "")
            for n in sorted(values)
        ]
        return [*fields, Field("description", _("description"), description), *beside]
    headers = dict(Column.objects.filter(catalog=listing.catalog_id).values_list("key", "header"))
    cells = [cell["text"] for cell in entry.cells] if entry else []
    for number, key in enumerate(listing.columns):
        if number == listing.name_column:
            continue
        label = headers.get(key) or _("column %(number)d") % {"number": number + 1}
        fields.append(Field(f"cell-{number}", label, cells[number] if number < len(cells) else ""))
    return fields
