"""The public facets and tags of a catalog, read once for each of its revisions."""

from __future__ import annotations

from typing import NamedTuple

from catalog.models import Catalog, Tag
from catalog.pages.caching import per_revision


class TagRow(NamedTuple):
    """A tag that published entries have."""

    pk: int
    facet: str
    slug: str
    name: str
    entry_count: int

    @property
    def key(self) -> str:
        """What addresses call it: `language:zh`."""
        return f"{self.facet}:{self.slug}"


class FacetRow(NamedTuple):
    """A facet with its used tags, the most used first."""

    pk: int
    slug: str
    name: str
    tags: list[TagRow]


class TagIndex:
    """The facets in their order, and every tag by id and by what addresses call it."""

    def __init__(self) -> None:
        self.facets: dict[str, FacetRow] = {}
        self.by_pk: dict[int, TagRow] = {}
        self.by_key: dict[str, TagRow] = {}

    def add(self, facet: tuple[int, str, str], pk: int, slug: str, name: str, count: int) -> None:
        """Put a tag behind the others of its facet."""
        facet_pk, facet_slug, facet_name = facet
        tag = TagRow(pk, facet_slug, slug, name, count)
        row = self.facets.setdefault(facet_slug, FacetRow(facet_pk, facet_slug, facet_name, []))
        row.tags.append(tag)
        self.by_pk[pk] = self.by_key[tag.key] = tag


@per_revision
def tag_index_of(catalog: Catalog) -> TagIndex:
    """The catalog's tags, with one query for each of its revisions."""
    index = TagIndex()
    tags = Tag.objects.used().filter(facet__catalog=catalog, facet__is_public=True)
    ordered = tags.order_by("facet__rank", "facet__slug", "-entry_count", "slug", "pk")
    fields = ("facet_id", "facet__slug", "facet__name", "pk", "slug", "name", "entry_count")
    for facet_pk, facet_slug, facet_name, *tag in ordered.values_list(*fields):
        index.add((facet_pk, facet_slug, facet_name), *tag)
    return index
