"""Listings: where entries stand and new ones can be proposed, as programs need to know them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from rest_framework import serializers

from catalog.column_roles import role_in_table
from catalog.models import Catalog, Column, Listing


class ColumnSerializer(serializers.Serializer[Any]):
    """A column of a table."""

    index = serializers.IntegerField(min_value=0, help_text="From 0; what `cells` goes by.")
    key = serializers.CharField(help_text="The header without case, spaces and markup.")
    header = serializers.CharField(help_text="The header as the list's first such table has it.")
    role = serializers.ChoiceField(
        Column.Role.choices, help_text="In this table: what holds name and link, description, …"
    )
    facet = serializers.CharField(
        allow_null=True, help_text="Slug of the facet that its values are tags of."
    )


class ListingSerializer(serializers.Serializer[Any]):
    """A table, a list, or a run of lines."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Listing.Kind.choices)
    ordinal = serializers.IntegerField(min_value=1, help_text="Its number in its section.")
    entry_count = serializers.IntegerField(min_value=0)
    is_toc = serializers.BooleanField(help_text="Nothing but links into the list itself.")
    columns = ColumnSerializer(many=True, help_text="Of a table; else there are none.")


def listings_of(
    catalog: Catalog, sections: Sequence[int | None]
) -> dict[int | None, list[dict[str, Any]]]:
    """The listings of each of these sections of a catalog, None being what stands before the first.

    Two queries, whatever their number.
    """
    keys = [key for key in sections if key is not None]
    where = Q(section__in=keys) | (Q(section=None) if None in sections else Q(pk=None))
    listings = Listing.objects.filter(where, catalog=catalog).in_reading_order()
    columns = {column.key: column for column in Column.objects.filter(catalog=catalog)}
    by_section: dict[int | None, list[dict[str, Any]]] = {key: [] for key in sections}
    for listing in listings:
        by_section[listing.section_id].append(
            {
                "id": listing.pk,
                "kind": listing.kind,
                "ordinal": listing.ordinal,
                "entry_count": listing.entry_count,
                "is_toc": listing.is_toc,
                "columns": _columns(listing, columns),
            }
        )
    return by_section


def _columns(listing: Listing, known: dict[str, Column]) -> list[dict[str, Any]]:
    rows = []
    for index, key in enumerate(listing.columns):
        column = known.get(key) or Column(key=key, header=key, guessed_role=Column.Role.TEXT)
        rows.append(
            {
                "index": index,
                "key": key,
                "header": column.header,
                "role": role_in_table(
                    index,
                    column.effective_role,
                    name_column=listing.name_column,
                    description_column=listing.description_column,
                ),
                "facet": column.effective_facet or None,
            }
        )
    return rows
