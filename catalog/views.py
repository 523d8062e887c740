"""The public pages of a catalog. Templates print what was prepared when it was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from catalog.browsing import Selection, outline_of
from catalog.editing.settings import renamed_to
from catalog.exporting import README, markdown_chunks
from catalog.exporting.formats import FORMATS
from catalog.exporting.scopes import Keys, Scope
from catalog.finding.ordering import POSITION
from catalog.finding.query import entries
from catalog.finding.results import suggestions_of
from catalog.finding.searching import called
from catalog.history.diffs import linked_lines, with_lines
from catalog.models import (
    Catalog,
    Section,
    SectionPath,
)
from catalog.pages.blocks import (
    BLOCKS_PER_PAGE,
    Piece,
    SortedBlocks,
    Sorting,
    Stretch,
    addresses_of,
)
from catalog.pages.blocks import MOST as MOST_SORTED
from catalog.pages.frame import card, list_data, page_of, render_page
from catalog.pages.home import home_page
from catalog.pages.reading import Heading, guidelines_of, headers_of, read_stretch
from catalog.pages.section_parts import section_holes
from catalog.pages.tags import facet_tags
from catalog.published import conditional, published, reads, site_of
from catalog.slugs import slugify
from catalog.sql.pages import newest_rows, top_tags

REVISIONS_PER_PAGE = 20
CHANGES_PER_PAGE = 100
LONG_OPENING = 2000
"""Characters from which what stands before the first section is folded away."""

NEWEST = 10
GUESSES = 5
"""Sections and entries that who followed a wrong address is led to."""
LONGEST_GUESS = 100
TOP_FACETS, TOP_TAGS = 8, 8
"""So many facets, and tags of each, stand on the page of a list; it leads to the others."""


@require_safe
@reads("page", "sort", "letter")
def catalog_list(request: HttpRequest) -> HttpResponseBase:
    """The catalogs; the only one is itself the home page."""

    def respond(_catalogs: list[Catalog]) -> HttpResponse:
        first = list(Catalog.objects.published()[:2])
        return catalog_page(request, first[0]) if len(first) == 1 else home_page(request)

    return conditional(request, "", respond)


@published
@reads("page")
def catalog_detail(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """One list: its sections, what is new, its tags."""
    return catalog_page(request, catalog)


def catalog_page(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """The page of the list, at its own address or as the home page."""
    outline = outline_of(catalog)
    opening = page_of(request, Stretch(catalog, 0, outline.start()), BLOCKS_PER_PAGE)
    blocks = list(opening.object_list)
    # The list's own title, which is the page's already.
    title = next((row.position for row in outline.rows if row.is_title), None)
    addresses = addresses_of(outline.address, blocks)
    opening_html = read_stretch(catalog, blocks, addresses, skip=title, without_contents=True)
    chapters = outline.children.get("", [])
    sections = ((row.title, site_of(request) + row.address) for row in chapters)
    return render_page(
        request,
        "catalog/catalog_detail.html",
        catalog,
        at=outline.address,
        card=card(catalog.title, catalog.description),
        structured=list_data(
            catalog, catalog.title, site_of(request) + outline.address, len(chapters), sections
        ),
        base=outline.address,
        contents=outline.contents,
        page=opening,
        opening=opening_html,
        guidelines=guidelines_of(catalog),
        opening_is_long=bool(outline.contents) and len(opening_html) > LONG_OPENING,
        newest=newest_rows(catalog.pk, NEWEST),
        facets=[
            facet_tags(outline.address, facet.slug, facet.name, facet.tags, facet.total)
            for facet in top_tags(catalog.pk, TOP_FACETS, TOP_TAGS)
        ],
    )


@published
@reads("page", "sort")
def section_detail(request: HttpRequest, catalog: Catalog, path: str) -> HttpResponse:
    """A section with all that is below it, in the shape of the README."""
    outline = outline_of(catalog)
    section = outline.find(path)
    if section is None:
        return former_section(request, catalog, path)
    if section is outline.rows[0] and section.is_title:
        return redirect(catalog, permanent=True)
    below, end = outline.inside(section)
    stretch = Stretch(catalog, section.position, end)
    sorting = Sorting.of(request.GET.get("sort", ""), headers_of(catalog))
    if sorting.column and stretch.count() <= MOST_SORTED:
        stretch = SortedBlocks(catalog, section.position, end, sorting)
    else:
        sorting = Sorting()
    page = page_of(request, stretch, BLOCKS_PER_PAGE)
    blocks = list(page.object_list)
    addresses = addresses_of(outline.address, blocks)
    headings = {
        row.position: Heading(row.title, row.address, row.depth - section.depth) for row in below
    }
    can_sort = page.paginator.count <= MOST_SORTED
    body = read_stretch(
        catalog,
        blocks,
        addresses,
        headings,
        skip=section.position,
        sorting=sorting if can_sort else None,
    )
    return render_page(
        request,
        "catalog/section_detail.html",
        catalog,
        card=card(f"{section.title} · {catalog.title}", catalog.description),
        structured=list_data(
            catalog,
            section.title,
            site_of(request) + section.address,
            section.entry_count,
            entries_on(request, blocks, addresses),
        ),
        page=page,
        query=sorting.query(),
        holes=section_holes(outline, section, page, body, sorting.query()),
    )


def entries_on(
    request: HttpRequest, pieces: Iterable[Piece], addresses: Mapping[int, str]
) -> list[tuple[str, str]]:
    """Names and absolute addresses of the entries on a page of blocks."""
    site = site_of(request)
    return [
        (piece.name or "", site + addresses[piece.entry])
        for piece in pieces
        if piece.entry is not None and piece.entry in addresses  # Published.
    ]


def former_section(request: HttpRequest, catalog: Catalog, path: str) -> HttpResponse:
    """An address that a section had: to where it is now, or the news that it is gone."""
    former = get_object_or_404(
        SectionPath.objects.select_related("section__catalog"), catalog=catalog, path=path
    )
    if former.section:
        return redirect(former.section, permanent=True)
    return render_page(request, "catalog/section_gone.html", catalog, status=410, path=path)


@published
@reads("page")
def change_list(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """Show the changes since the first import, newest first, with the exact lines."""
    page = page_of(request, catalog.revisions.news().newest_first(), REVISIONS_PER_PAGE)
    return render_page(
        request, "catalog/change_list.html", catalog, page=page, revisions=with_lines(catalog, page)
    )


@published
@reads("page")
def change_detail(request: HttpRequest, catalog: Catalog, number: int) -> HttpResponse:
    """One revision with all its lines."""
    # A feed may have led here before the revision was taken back.
    revision = get_object_or_404(catalog.revisions.with_lines(), number=number)
    page = page_of(request, revision.changes.order_by("ordinal"), CHANGES_PER_PAGE)
    return render_page(
        request,
        "catalog/change_detail.html",
        catalog,
        revision=revision,
        page=page,
        changes=linked_lines(catalog, page),
    )


@require_safe
def readme(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The list's markdown, byte for byte."""
    catalog = get_object_or_404(Catalog.objects.published(), slug=slug)
    etag = f'"{catalog.pk}-{catalog.revision}"'
    response = get_conditional_response(request, etag=etag) or StreamingHttpResponse(
        markdown_chunks(catalog), content_type=README.content_type
    )
    response.headers["ETag"] = etag
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
@reads(*Selection.PARAMETERS)
def browse_export(request: HttpRequest, slug: str, ending: str) -> HttpResponseBase:
    """Export the selection of the browse page as a file."""
    catalog = get_object_or_404(Catalog.objects.published(), slug=slug)
    format_ = next((each for each in FORMATS.values() if each.ending == ending), None)
    if format_ is None:
        raise Http404
    selection = Selection.of(request.GET, catalog, outline_of(catalog))
    matches = entries(selection.entry_query(catalog), catalog.entry_count)
    keys = None
    if matches.is_filtered:
        keys = Keys(matches.page(matches.order(POSITION), 0, matches.number))
    scope = Scope(only=keys, is_public=True)
    response = StreamingHttpResponse(
        format_.chunks(catalog, scope), content_type=format_.content_type
    )
    name = f"{catalog.slug}-selection.{ending}" if keys is not None else f"{catalog.slug}.{ending}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Serve robots.txt: everything may be crawled but what is for programs, or for signed-in
    people."""
    sitemap = request.build_absolute_uri(reverse("catalog:sitemap-index"))
    # Filters combine without end; the plain page leads everywhere.
    closed = ["/admin/", "/accounts/", "/api/", "/contribute/", "/*/browse/?"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {sitemap}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Serve the icon for pages that name none, as in the administration."""
    return redirect(static("favicon.svg"))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Lead who followed a wrong address on: a renamed list, other capitals, or what was meant."""
    path = request.path_info.replace("\0", "")
    slug, _, rest = path.strip("/").partition("/")
    catalog = Catalog.objects.published().filter(slug=slug.lower()).first()
    if catalog and (address := _in_small_letters(path, catalog, rest)):
        query = request.META["QUERY_STRING"]
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
    renamed = None if catalog or not slug else renamed_to(slug)
    if renamed:
        address = request.get_full_path().replace(f"/{slug}", f"/{renamed.slug}", 1)
        return HttpResponsePermanentRedirect(address)
    segment = path.strip("/").rpartition("/")[2][:LONGEST_GUESS]
    words = " ".join(slugify(segment).split("-"))
    sections = Section.objects.none()
    if catalog and rest and words:
        sections = catalog.sections.filter(path__icontains=slugify(segment), is_title=False)
    context = {
        "catalog": catalog,
        "asked": words,
        "sections": sections.select_related("catalog").in_reading_order()[:GUESSES],
        "entries": suggestions_of(called(words, catalog, GUESSES)) if words else [],
    }
    return render(request, "404.html", context, status=404)


def _in_small_letters(path: str, catalog: Catalog, rest: str) -> str:
    """The address that differs from this one by its capitals only, '' where there is no other.

    No address of a list has capitals, but that of its README.
    """
    if rest.lower() == "readme.md" and rest != "README.md":
        return reverse("catalog:readme", args=[catalog.slug])
    small = path.lower()
    # What is no UTF-8 stands there as it was sent, with percent signs.
    return quote(small) if small != path and "%" not in path and rest != "README.md" else ""
