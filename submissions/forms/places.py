"""The tables and lists in which an entry can be added, and the fields that an entry has in each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from catalog.column_roles import LONG
from catalog.editing.fields import value_fields
from catalog.markdown.writing.composing import VALUE_FIELDS
from catalog.models import Catalog, Column, Entry, Facet, Listing, Section, Tag
from catalog.outline import paths_above
from catalog.sql.prepared import Prepared
from catalog.tagging.columns import OWN_FACETS
from submissions.checks.subject import COLUMNS
from submissions.rules import SAMPLED, mostly_links

MOST = 300
"""Places that are shown at once; a longer list is searched."""


class Place(NamedTuple):
    """A place as people choose it; `above` are the titles of the sections around its own."""

    pk: int
    title: str
    above: str
    path: str
    columns: str
    entry_count: int


class Places(NamedTuple):
    """The places that were asked for; `more`: how many are not among them."""

    matches: list[Place]
    more: int


def addable(catalog: Catalog | int) -> QuerySet[Listing]:
    """Listings that can take an entry, in reading order. HTML is written by maintainers alone."""
    rows = Listing.objects.filter(catalog=catalog, is_toc=False).exclude(kind=Listing.Kind.HTML)
    return rows.select_related("section").in_reading_order()


def listing_of(catalog: Catalog, key: str) -> Listing | None:
    """The listing with this key, as an address gives it, if it is of the list and takes entries."""
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        return None
    return _ADDABLE.first(catalog.pk, int(key))


_ADDABLE = Prepared(lambda catalog, pk: addable(catalog).filter(pk=pk))


def listings_in(catalog: Catalog, path: str) -> list[Listing]:
    """Return the listings of a section that entries can be added to: its own, else those below."""
    if not path or "\0" in path:
        return []
    rows = addable(catalog)
    own = list(rows.filter(section__path=path)[:MOST])
    return own or list(rows.filter(section__path__startswith=f"{path}/")[:MOST])


def places(catalog: Catalog, words: str = "", path: str = "") -> Places:
    """Places whose sections have all the words in their titles; with `path` inside one section."""
    words_typed = words.casefold().split()[:8]
    matches = [
        place
        for place in _all(catalog, addable(catalog))
        if (not path or place.path == path or place.path.startswith(f"{path}/"))
        and all(word in f"{place.above} {place.title}".casefold() for word in words_typed)
    ]
    return Places(matches[:MOST], max(len(matches) - MOST, 0))


def place_of(catalog: Catalog, listing: Listing) -> Place:
    """A listing as a place."""
    return _all(catalog, [listing])[0]


def _all(catalog: Catalog, rows: QuerySet[Listing] | list[Listing]) -> list[Place]:
    headers = dict(Column.objects.filter(catalog=catalog).values_list("key", "header"))
    sections = Section.objects.filter(catalog=catalog, is_title=False)
    titles = dict(sections.values_list("path", "title"))
    return [_place(listing, titles, headers) for listing in rows]


def _place(listing: Listing, titles: dict[str, str], headers: dict[str, str]) -> Place:
    section = listing.section
    path = section.path if section else ""
    title = section.title if section else _("At the beginning")
    above = " › ".join(titles[step] for step in paths_above(path) if step in titles)
    columns = " · ".join(headers.get(key) or key for key in listing.columns if key)
    return Place(listing.pk, title, above, path, columns, listing.entry_count)


# Fields: made from the columns, with the values they know


OFFERED = 300
"""Values of a facet that are offered; the most used ones."""
_SEPARATORS = ("<br />", "<br/>", "<br>", " / ", "/", "、", ", ", "，", "; ", " · ")
_EXAMPLE = 60
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)|https?://\S+")


@dataclass(frozen=True, slots=True)
class EntryField:
    """A field of an entry: what forms call it, what people do, and what it has.

    `options` are values that the list uses, `separator` stands between several of them; `choices`
    are all that there can be, as they are written and as they are called.
    """

    name: str
    label: str
    hint: str = ""
    is_long: bool = False
    is_required: bool = False
    options: Sequence[str] = ()
    separator: str = ""
    choices: Sequence[tuple[str, str]] = ()


class _Sibling(NamedTuple):
    """Another entry of the listing, as an example."""

    url: str
    cells: list[dict[str, str]]


def entry_fields(
    listing: Listing | None,
    *,
    required: Sequence[str] = (),
    is_shown: bool = True,
    has_values: bool = False,
) -> list[EntryField]:
    """The fields of an entry of the listing; four queries at most, with values six.

    In a table the name column gives name and address, and every other column is a field of its
    own; a column that only repeats the address is filled in by itself. `required` are keys of
    columns. For a form that is only read, one query tells which fields there are: without hints
    and offered values, and with the column that repeats the address, which then comes empty.
    A new item of a list `has_values` beside its text where those around it do.
    """
    siblings = _siblings(listing) if listing and is_shown else []
    are_linked = mostly_links([row.url for row in siblings])
    hint = _("The link people will open.")
    fields = [
        EntryField("url", _("Address"), hint, is_required=are_linked),
        EntryField("name", _("Name"), is_required=True),
    ]
    if listing is None or listing.kind != Listing.Kind.TABLE:
        hint = _("One sentence about what it is. You can use markdown for links and emphasis.")
        fields.append(EntryField("description", _("Description"), hint, is_long=True))
        return [*fields, *(_value_fields(listing, is_shown) if listing and has_values else [])]
    matches = COLUMNS.rows(listing.catalog_id, *listing.columns)
    columns = {column.key: column for column in matches}
    facets = [column.effective_facet for column in columns.values()]
    options = _options(listing, facets) if is_shown else {}
    for number, key in enumerate(listing.columns):
        cells = [
            _LINK.sub(r"\1", row.cells[number]["text"])
            for row in siblings
            if number < len(row.cells)
        ]
        if number == listing.name_column or _repeats_address(siblings, number):
            continue
        column = columns.get(key) or Column(key=key, guessed_role=Column.Role.TEXT)
        field = _column_field(column, number, cells, options)
        fields.append(
            replace(
                field,
                is_required=key in required,
                is_long=field.is_long or number == listing.description_column,
            )
        )
    return fields


def _value_fields(listing: Listing, is_shown: bool) -> list[EntryField]:
    """The values beside the text of items; of a form that is only read, all that there can be."""
    if not is_shown:
        return [EntryField(f"cell-{number}", key) for number, key in enumerate(VALUE_FIELDS)]
    return [
        EntryField(
            f"cell-{field.number}",
            capfirst(field.label),
            options=[] if field.is_sign else [value for value, _label in field.choices],
            separator=", ",
            choices=field.choices if field.is_sign else (),
        )
        for field in value_fields(listing)
    ]


def _column_field(
    column: Column, number: int, cells: list[str], options: dict[str, list[str]]
) -> EntryField:
    label = capfirst(column.header) or _("Column %(number)d") % {"number": number + 1}
    name, facet = f"cell-{number}", column.effective_facet
    filled = [cell for cell in cells if cell.strip()]
    if facet:
        separator = separator_of(cells, column.separators)
        several = (cell for cell in filled if separator in cell and len(cell) <= _EXAMPLE)
        example = next(several, "")
        hint = _("Several, for example: %(example)s") % {"example": example} if example else ""
        return EntryField(name, label, hint, options=options.get(facet, []), separator=separator)
    is_long = column.effective_role in LONG or any(len(cell) > 2 * _EXAMPLE for cell in filled)
    example = next((cell for cell in reversed(filled) if len(cell) <= _EXAMPLE), "")
    hint = _("For example: %(example)s") % {"example": example} if example and not is_long else ""
    return EntryField(name, label, hint, is_long=is_long)


def _siblings(listing: Listing) -> list[_Sibling]:
    entries = Entry.objects.published().filter(listing=listing).in_reading_order()
    return [_Sibling._make(row) for row in entries.values_list("url", "cells")[:SAMPLED]]


def _options(listing: Listing, facets: list[str]) -> dict[str, list[str]]:
    """The names of used tags by facet, the most used first."""
    named = [facet for facet in facets if facet]
    if not named:
        return {}
    tags = Tag.objects.used().filter(facet__catalog=listing.catalog_id, facet__slug__in=named)
    matches: dict[str, list[str]] = {}
    for facet, name in tags.most_used_first().values_list("facet__slug", "name"):
        values = matches.setdefault(facet, [])
        if len(values) < OFFERED:
            values.append(name)
    return matches


def separator_of(cells: Sequence[str], separators: str = "") -> str:
    """Return the separator between values in most of the cells, a comma where nothing shows it."""
    counts: Counter[str] = Counter()
    for cell in cells:
        text = cell
        for separator in _SEPARATORS:
            if separators and not set(separator.strip() or separator) & {*separators, "<"}:
                continue
            times = text.count(separator)
            counts[separator] += times
            # What a longer one is made of is not counted again.
            text = text.replace(separator, "\0") if times else text
    [(best, times)] = counts.most_common(1) or [("", 0)]
    return best if times else f"{separators[:1] or ','} "


def _repeats_address(siblings: list[_Sibling], number: int) -> bool:
    """Whether a column shows nothing but the entry's own address."""
    filled = [
        row for row in siblings if number < len(row.cells) and row.cells[number]["text"].strip()
    ]
    same = sum(1 for row in filled if row.url and _is_only(row.url, row.cells[number]["text"]))
    return len(filled) >= 2 and same * 5 >= len(filled) * 4


def _is_only(url: str, cell: str) -> bool:
    text = cell.strip()
    return text in {url, f"<{url}>"} or (text.startswith("[") and text.endswith(f"]({url})"))


class TagChoice(NamedTuple):
    """A tag that can be given by hand: how it is written, and what it is called."""

    key: str
    label: str


def hand_tags(catalog: Catalog, listing: Listing | None) -> list[TagChoice]:
    """Tags of public facets that neither a column or value of entries nor the reader fills."""
    keys = listing.columns if listing else []
    if listing and listing.kind != Listing.Kind.TABLE:
        keys = VALUE_FIELDS
    columns = COLUMNS.rows(catalog.pk, *keys) if keys else []
    filled = {*OWN_FACETS, *(column.effective_facet for column in columns)}
    facets = Facet.objects.public().filter(catalog=catalog).exclude(slug__in=filled)
    tags = Tag.objects.filter(facet__in=facets).order_by("facet__rank", "-entry_count", "slug")
    rows = tags.values_list("facet__slug", "slug", "facet__name", "name")[:OFFERED]
    return [TagChoice(f"{facet}:{slug}", f"{of}: {name}") for facet, slug, of, name in rows]
