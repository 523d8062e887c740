"""The start of a new section: an empty table or its first entry, as in the sections beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from catalog.editing.neighbourhood import Neighbourhood
from catalog.editing.planning import refusals
from catalog.markdown.nodes import ListingKind
from catalog.markdown.writing.composing import new_entry
from catalog.markdown.writing.context import Context
from catalog.markdown.writing.dialect import Dialect
from catalog.markdown.writing.layout import number_of
from catalog.models import Catalog, Listing


@dataclass(frozen=True, slots=True)
class NewEntry:
    """The fields of a section's first entry, as `add_entry` takes them."""

    name: str = ""
    url: str = ""
    description: str = ""
    cells: Mapping[int, str] = field(default_factory=dict)


def model_listing(catalog: Catalog, end: int | None) -> Listing | None:
    """The listing that a section before position `end` is written like: the nearest before it."""
    listings = Listing.objects.filter(catalog=catalog, is_toc=False).order_by("position")
    before = listings if end is None else listings.filter(position__lt=end)
    return before.filter(entries__isnull=False).last() or listings.first()


def first_lines(
    catalog: Catalog, model: Listing | None, newline: str, entry: NewEntry | None
) -> str:
    """The lines of a new section written like `model`, without its heading; '' for none.

    Raises `InvalidField` and `EditRefused` for what cannot be written.
    """
    if model is None or model.kind not in {Listing.Kind.TABLE, Listing.Kind.LIST}:
        # A line of text alone would be no entry, and HTML needs what is around it.
        return _line(Dialect(newline=newline), Context(depth=1), entry, model)
    near = Neighbourhood(catalog, [model.position], [model])
    dialect = replace(near.dialect(model.pk), newline=newline, gap="")
    listing = near.document.listings[near.listings[model.pk]]
    if listing.kind is ListingKind.LIST:
        dialect = replace(dialect, prefix=dialect.prefix.lstrip(" \t>"))
        return _line(dialect, Context(near.document.definitions, depth=1), entry, model)
    if listing.header_block is None:
        return ""
    head = tuple(
        near.document.blocks[listing.header_block + step].source.strip("\r\n") + newline
        for step in (0, 1)
    )
    context = Context(
        near.document.definitions,
        head,
        name_column=listing.name_column,
        description_column=listing.description_column,
    )
    return "".join(head) + _line(dialect, context, entry, model)


def _line(dialect: Dialect, context: Context, entry: NewEntry | None, model: Listing | None) -> str:
    if entry is None:
        return ""
    is_numbered = dialect.number_column is not None or number_of(dialect.prefix) is not None
    with refusals(model):
        return new_entry(
            dialect,
            context,
            name=entry.name,
            url=entry.url,
            description=entry.description,
            cells=entry.cells or None,
            number=1 if is_numbered else None,
        )
