"""The values that stand beside the text of items: what entries of a list or section have there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.markdown.attributes import MARK, attributes_of
from catalog.markdown.writing.composing import VALUE_FIELDS
from catalog.models import Column, Entry, Facet, Listing

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
    return _fields(listing, usual) if usual else []


def _sources(listing: Listing) -> list[str]:
    """The lines of its entries; of a listing of few those of the list's others of its kind."""
    published = Entry.objects.published().in_reading_order()
    own = published.filter(listing=listing).values_list("block__source", flat=True)[:_SAMPLED]
    if len(own) >= _FEW:
        return [*own]
    others = published.filter(catalog=listing.catalog_id, listing__kind=listing.kind)
    return [*others.values_list("block__source", flat=True)[:_SAMPLED]]


def _fields(listing: Listing, usual: dict[str, Counter[str]]) -> list[ValueField]:
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
        label = names.get(facet) or (_("Sign") if key == MARK else _example(texts))
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
