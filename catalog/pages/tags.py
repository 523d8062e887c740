"""The public pages of facets and tags."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlencode

from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from catalog.finding.query import Entries, EntryQuery
from catalog.models import Catalog, Entry, Facet, Tag
from catalog.pages.frame import card, page_of, render_page
from catalog.published import published, reads
from catalog.rendering import lang_attribute
from catalog.sentences import facet_name

ENTRIES_PER_PAGE = 100
TAGS_PER_PAGE = 500
TAGS_PER_FACET = 12
LONGEST_PART = 200
"""Characters of a value's name that are looked for."""

SORTS = {"": _("Most used"), "name": _("A–Z")}
"""The orders of a facet's values."""

ROW_FIELDS = ("name", "slug", "url", "html", "description_html", "section__title", "section__path")
"""Columns needed for a line about an entry outside its list."""


@published
@reads()
def tag_list(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """The most used tags of every facet."""
    tags = Tag.objects.filter(facet__catalog=catalog, facet__is_public=True)
    return render_page(
        request,
        "catalog/tag_list.html",
        catalog,
        tags=tags.top_of_each_facet(TAGS_PER_FACET).select_related("facet"),
    )


@published
@reads("q", "sort", "page")
def facet_detail(request: HttpRequest, catalog: Catalog, facet: str) -> HttpResponse:
    """The tags of one facet: all or those with some letters, the most used first or by name."""
    row = get_object_or_404(Facet.objects.public(), catalog=catalog, slug=facet)
    used = Tag.objects.filter(facet=row).used().most_used_first()
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_PART]
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else ""
    tags = used.filter(name__icontains=text) if text else used
    if sort:
        tags = tags.order_by(Lower("name"), "slug")
    chosen = {name: value for name, value in [("q", text), ("sort", sort)] if value}
    return render_page(
        request,
        "catalog/facet_detail.html",
        catalog,
        query=f"?{urlencode(chosen)}" if chosen else "",
        facet=row,
        text=text,
        sort=sort,
        sorts=SORTS.items(),
        is_part=bool(chosen),
        most=used.values_list("entry_count", flat=True).first() or 0,
        page=page_of(request, tags, TAGS_PER_PAGE),
    )


@published
@reads("page")
def tag_detail(request: HttpRequest, catalog: Catalog, facet: str, value: str) -> HttpResponse:
    """The entries with one tag, in the list's order; other spellings lead to it."""
    row = get_object_or_404(Facet.objects.public(), catalog=catalog, slug=facet)
    tag = Tag.objects.filter(facet=row, slug=value).first()
    if tag is None:
        slug = row.slug_by_alias(value)
        if not slug:
            raise Http404
        return redirect("catalog:tag-detail", catalog.slug, facet, slug, permanent=True)
    tagged = Entries(EntryQuery(catalog.pk, tags=((tag.pk,),)))
    page = page_of(request, tagged, ENTRIES_PER_PAGE)
    rows = Entry.objects.filter(pk__in=list(page)).in_reading_order()
    title = f"{facet_name(row.slug, row.name)}: {tag.name} · {catalog.title}"
    return render_page(
        request,
        "catalog/tag_detail.html",
        catalog,
        facet=row,
        tag=tag,
        card=card(title, tag.description),
        page=page,
        entries=rows.select_related("section").only(*ROW_FIELDS),
    )


class FacetTags(NamedTuple):
    """A facet with its address and some of its tags."""

    name: str
    address: str
    items: SafeString
    """Links to the tags with their numbers of entries, as items of a list."""
    total: int
    """Number of its tags, where more than are shown; otherwise 0."""


def facet_tags(
    base: str, slug: str, name: str, tags: Iterable[tuple[str, str, int]], total: int = 0
) -> FacetTags:
    """Return the facet for a page of the list at `base`; the number of a tag is 0 to say none."""
    address = f"{base}tags/{quote(slug)}/"
    # In Python: a template takes half of the page's time for the sixty tags of a list's page.
    items = [
        f'<li><a href="{address}{quote(tag)}/"{lang_attribute(name)}>{escape(name)}</a>'
        + (f' <span class="number">{number:,}</span></li>' if number else "</li>")
        for tag, name, number in tags
    ]
    html = mark_safe("".join(items))  # noqa: S308
    return FacetTags(facet_name(slug, name), address, html, total if total > len(items) else 0)
