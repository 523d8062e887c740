"""The public pages of facets and tags."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from html import escape
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from django.core.paginator import Page
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.finding.facets import biggest_of, facets_of
from catalog.finding.query import Entries, EntryQuery
from catalog.models import Catalog, Facet, Tag
from catalog.pages.browse import EntryRow, rows_html, rows_of, share
from catalog.pages.frame import about, card, page_of, render_page
from catalog.published import published, published_from, reads
from catalog.rendering import lang_attribute
from catalog.sentences import facet_name, tag_name

ENTRIES_PER_PAGE = 100
TAGS_PER_PAGE = 500
TAGS_PER_FACET = 12
LONGEST_PART = 200
"""Characters of a value's name that are looked for."""

SORTS = {"": _("Most used"), "name": _("A–Z")}
"""The orders of a facet's values."""


def read_tag_list(_request: HttpRequest, catalog: Catalog) -> tuple[Any, ...]:
    """Read the facets with their most used tags."""
    facets = [*facets_of(catalog).values()]
    tags = [tags[:TAGS_PER_FACET] for tags in biggest_of(facets, [TAGS_PER_FACET] * len(facets))]
    return about(catalog), [*zip(facets, tags, strict=True)]


@published_from(read_tag_list)
@reads()
def tag_list(request: HttpRequest, catalog: Catalog, shown: tuple[Any, ...]) -> HttpResponse:
    """The most used tags of every facet."""
    base = catalog.get_absolute_url()
    facets = [
        facet_tags(
            base,
            facet.slug,
            facet.name,
            [(tag.slug, tag.name, tag.entry_count) for tag in tags],
            facet.total,
            most=tags[0].entry_count,
        )
        for facet, tags in shown[1]
    ]
    return render_page(request, "catalog/tag_list.html", catalog, facets=facets)


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
    most = used.values_list("entry_count", flat=True).first() or 0
    page = page_of(request, tags.values_list("slug", "name", "entry_count"), TAGS_PER_PAGE)
    base = catalog.get_absolute_url()
    return render_page(
        request,
        "catalog/facet_detail.html",
        catalog,
        query=f"?{urlencode(chosen)}" if chosen else "",
        facet=facet_tags(base, row.slug, row.name, list(page), most=most),
        description=row.description,
        text=text,
        sort=sort,
        sorts=SORTS.items(),
        is_part=bool(chosen),
        page=page,
    )


class TagPage(NamedTuple):
    """All that the page of a tag shows."""

    about: tuple[str, ...]
    facet: tuple[str, str]
    """Slug and name."""
    slug: str
    name: str
    description: str
    page: Page[int]
    rows: list[tuple[int, EntryRow]]


def read_tag_page(
    request: HttpRequest, catalog: Catalog, facet: str, value: str
) -> TagPage | HttpResponseBase:
    """Read the entries with one tag; another address for another spelling of it."""
    tag = Tag.objects.called(catalog, facet, value)
    if tag is None:
        raise Http404
    if tag.slug != value:
        return redirect("catalog:tag-detail", catalog.slug, facet, tag.slug, permanent=True)
    tagged = Entries(EntryQuery(catalog.pk, tags=((tag.pk,),)))
    page = page_of(request, tagged, ENTRIES_PER_PAGE)
    row, rows = tag.facet, rows_of(list(page), catalog)
    text = (tag.slug, tag.name, tag.description)
    return TagPage(about(catalog), (row.slug, row.name), *text, page, rows)


@published_from(read_tag_page)
@reads("page")
def tag_detail(request: HttpRequest, catalog: Catalog, shown: TagPage) -> HttpResponse:
    """The entries with one tag, in the list's order; other spellings lead to it."""
    slug, name = shown.facet
    facet, tag = facet_name(slug, name), tag_name(slug, shown.name)
    return render_page(
        request,
        "catalog/tag_detail.html",
        catalog,
        facet_slug=slug,
        facet=facet,
        slug=shown.slug,
        tag=tag,
        description=shown.description,
        card=card(f"{facet}: {tag} · {catalog.title}", shown.description),
        page=shown.page,
        rows=rows_html(shown.rows),
    )


class FacetTags(NamedTuple):
    """A facet with its address and some of its tags."""

    slug: str
    name: str
    address: str
    items: SafeString
    """Links to the tags with their numbers of entries, as items of a list."""
    number: int
    """Number of its tags."""
    total: int
    """The same where more than are shown; otherwise 0."""


def facet_tags(
    base: str,
    slug: str,
    name: str,
    tags: Collection[tuple[str, str, int]],
    total: int = 0,
    *,
    most: int = 0,
) -> FacetTags:
    """Return the facet for a page of the list at `base`; the number of a tag is 0 to say none.

    With `most`, the number of the longest, each tag has a bar.
    """
    address = f"{base}tags/{quote(slug)}/"
    # In Python: a template takes half of the page's time for the sixty tags of a list's page.
    items = []
    for tag, called, number in tags:
        text = tag_name(slug, called)
        bar = f' class="share-{share(number, most)}"' if most else ""
        count = f' <span class="number">{number:,}</span>' if number else ""
        link = f'<a href="{address}{quote(tag)}/"{lang_attribute(text)}>{escape(text)}</a>'
        items.append(f"<li{bar}>{link}{count}</li>")
    html = mark_safe("".join(items))  # noqa: S308
    more = total if total > len(tags) else 0
    return FacetTags(slug, facet_name(slug, name), address, html, total, more)


def facets_html(facets: Iterable[FacetTags]) -> SafeString:
    """Facets beside a page, each with its tags and where all of them are."""
    out = []
    for facet in facets:
        link = f'<a href="{facet.address}">{escape(facet.name)}</a>'
        out.append(f'<div class="facet"><h3{lang_attribute(facet.name)}>{link}</h3>')
        out.append(f'<ul class="tags">{facet.items}')
        if facet.total:
            total = escape(gettext("all %(total)s") % {"total": facet.total})
            out.append(f'<li><a class="all" href="{facet.address}">{total}</a></li>')
        out.append("</ul></div>")
    return mark_safe("".join(out))  # noqa: S308
