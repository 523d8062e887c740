"""The public facets and tags of a catalog, as they are chosen from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import NamedTuple, Self
from urllib.parse import quote

from catalog.models import Catalog, Tag
from catalog.rendering.languages import lang_attribute


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

    slug: str
    name: str
    tags: list[TagRow]


class LinkParts(dict[int, tuple[str, str]]):
    """What all links to a tag have in common, by its key, made when it is asked for first.

    What addresses call it, escaped, and the end of the link with its name.
    """

    def __init__(self, tags: Mapping[int, TagRow]) -> None:
        super().__init__()
        self._tags = tags

    def __missing__(self, pk: int) -> tuple[str, str]:
        tag = self._tags[pk]
        # Slugs keep their colons readable.
        key = escape(quote(tag.key, safe=":"))
        parts = self[pk] = key, f"{lang_attribute(tag.name)}>{escape(tag.name)}</a>"
        return parts


class TagIndex:
    """The facets in their order, and every tag by id and by what addresses call it."""

    def __init__(self, facets: Iterable[FacetRow]) -> None:
        self.facets = {facet.slug: facet for facet in facets}
        self.by_pk = {tag.pk: tag for facet in self.facets.values() for tag in facet.tags}
        self.by_key = {tag.key: tag for tag in self.by_pk.values()}
        self.links = LinkParts(self.by_pk)
        self._places = {slug: place for place, slug in enumerate(self.facets)}

    def place(self, tag: TagRow) -> tuple[int, str]:
        """Where a tag stands among those of all facets."""
        return self._places[tag.facet], tag.slug

    def with_tags(self, tags: Mapping[int, TagRow]) -> Self | None:
        """The index with these tags, by their keys, instead of or besides its own.

        Those without an entry are left out. None when one is of a facet that has no tags here:
        where it belongs among the others is not known.
        """
        by_facet: dict[str, list[TagRow]] = {}
        for tag in tags.values():
            by_facet.setdefault(tag.facet, []).append(tag)
        facets = dict(self.facets)
        for slug, changed in by_facet.items():
            if slug not in facets:
                return None
            others = [tag for tag in facets[slug].tags if tag.pk not in tags]
            used = [*others, *(tag for tag in changed if tag.entry_count)]
            used.sort(key=lambda tag: (-tag.entry_count, tag.slug, tag.pk))
            facets[slug] = facets[slug]._replace(tags=used)
        return type(self)(facet for facet in facets.values() if facet.tags)


def read_tags(catalog: Catalog) -> TagIndex:
    """The catalog's tags as they are, with one query."""
    tags = Tag.objects.used().filter(facet__catalog=catalog, facet__is_public=True)
    ordered = tags.order_by("facet__rank", "facet__slug", "-entry_count", "slug", "pk")
    fields = ("facet__name", "pk", "facet__slug", "slug", "name", "entry_count")
    facets: dict[str, FacetRow] = {}
    for facet_name, *values in ordered.values_list(*fields):
        tag = TagRow(*values)
        facets.setdefault(tag.facet, FacetRow(tag.facet, facet_name, [])).tags.append(tag)
    return TagIndex(facets.values())
