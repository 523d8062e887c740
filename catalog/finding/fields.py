"""Fields of a query, `name:value`, as terms of the index: lists, sections, tags, hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from django.db.models import Q

from catalog.finding import terms
from catalog.finding.terms import host_term, key_term
from catalog.finding.text import Filter
from catalog.markdown.links import host_of
from catalog.models import Catalog, Section, Tag
from catalog.slugs import slugify

_NAMES = {
    "licence": "license", "许可": "license", "许可证": "license", "授权": "license",
    "lang": "language", "语言": "language",
    "section": "in", "分区": "in", "章节": "in",
    "标签": "tag", "列表": "list", "网站": "site", "host": "site", "类型": "kind",
}  # fmt: skip
"""Other names of fields; any other name is the slug of a facet."""
_MOST = 500
"""Sections or tags that a value may stand for."""


class Narrowing(NamedTuple):
    """Entries have one of these terms of the index, or none of them."""

    terms: frozenset[str]
    is_excluded: bool


def narrowings(
    filters: Sequence[Filter], catalog: Catalog | None
) -> tuple[list[Narrowing], list[Filter]]:
    """Return the terms of the filters, and those filters that match nothing here. A query or two
    for each.

    Values of one name are alternatives, as in browsing.
    """
    chosen: dict[tuple[str, bool], set[str]] = {}
    others = []
    for each in filters:
        name = _NAMES.get(each.name, each.name)
        if own := set(_FIELDS.get(name, _of_facet)(name, each.value, catalog)):
            chosen.setdefault((name, each.is_excluded), set()).update(own)
        else:
            others.append(each)
    return [Narrowing(frozenset(own), no) for (_name, no), own in chosen.items()], others


def _of_list(name: str, value: str, catalog: Catalog | None) -> Iterable[str]:
    lists = Catalog.objects.published().filter(Q(slug=slugify(value)) | Q(title__iexact=value))
    return [key_term(terms.CATALOG, pk) for pk in lists.order_by().values_list("pk", flat=True)]


def _of_section(name: str, value: str, catalog: Catalog | None) -> Iterable[str]:
    path = "/".join(slugify(step) for step in value.split("/"))
    sections = Section.objects.filter(is_title=False).order_by()
    if catalog:
        sections = sections.filter(catalog=catalog)
    exact = Q(title__iexact=value) | Q(path=path) | Q(path__endswith=f"/{path}")
    for chosen in (exact, Q(title__icontains=value)):
        if pks := list(sections.filter(chosen).values_list("pk", flat=True)[:_MOST]):
            return [key_term(terms.SECTION, pk) for pk in pks]
    return []


def _of_tag(name: str, value: str, catalog: Catalog | None) -> Iterable[str]:
    return _tags(value, catalog, "")


def _of_facet(name: str, value: str, catalog: Catalog | None) -> Iterable[str]:
    return _tags(value, catalog, slugify(name))


def _tags(value: str, catalog: Catalog | None, facet: str) -> Iterable[str]:
    """Tags of that name, or else those whose names begin so: `license:gpl`."""
    tags = Tag.objects.filter(entry_count__gt=0).order_by()
    if catalog:
        tags = tags.filter(facet__catalog=catalog)
    if facet:
        tags = tags.filter(facet__slug=facet)
    slug = slugify(value)
    for chosen in (Q(slug=slug) | Q(name__iexact=value), Q(slug__startswith=f"{slug}-")):
        if slug and (pks := list(tags.filter(chosen).values_list("pk", flat=True)[:_MOST])):
            return [key_term(terms.TAG, pk) for pk in pks]
    return []


def _of_language(name: str, value: str, catalog: Catalog | None) -> Iterable[str]:
    """The language that an entry is written in, or that a facet says."""
    code = value.lower()
    written = [terms.LANGUAGE + code] if code.isascii() and 2 <= len(code) <= 3 else []
    return [*written, *_tags(value, catalog, "language")]


def _of_site(name: str, value: str, catalog: Catalog | None) -> Iterable[str]:
    host = host_of(f"https://{value}")
    return [host_term(host)] if host else []


def _of_kind(name: str, value: str, catalog: Catalog | None) -> Iterable[str]:
    return [terms.KIND + value.lower()]


_FIELDS: dict[str, Callable[[str, str, Catalog | None], Iterable[str]]] = {
    "in": _of_section,
    "kind": _of_kind,
    "language": _of_language,
    "list": _of_list,
    "site": _of_site,
    "tag": _of_tag,
}
