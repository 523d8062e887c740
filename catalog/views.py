"""Public pages of changes, whole texts, what crawlers read, and the one for wrong addresses."""

from __future__ import annotations

from urllib.parse import quote

from django.db.models import Q
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

from catalog.browsing import Selection
from catalog.editing.settings import renamed_to
from catalog.exporting import README, markdown_chunks
from catalog.exporting.formats import FORMATS
from catalog.exporting.scopes import Keys, Scope
from catalog.finding.matching import stem_of
from catalog.finding.ordering import POSITION
from catalog.finding.query import Entries
from catalog.finding.results import suggestions_of
from catalog.finding.searching import called
from catalog.history.diffs import linked_lines, with_lines
from catalog.history.revisions import links_of
from catalog.models import (
    Catalog,
    Section,
)
from catalog.pages.frame import NoSuchPage, page_of, render_page
from catalog.published import published, reads
from catalog.slugs import slugify

REVISIONS_PER_PAGE = 20
CHANGES_PER_PAGE = 100
GUESSES = 5
"""Sections and entries that who followed a wrong address is led to."""
LONGEST_GUESS = 100


@published
@reads("page")
def change_list(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """Show the changes since the first import, newest first, with the exact lines."""
    page = page_of(request, catalog.revisions.news().newest_first(), REVISIONS_PER_PAGE)
    revisions = with_lines(catalog, page)
    links = links_of(catalog, [one.revision.number for one in revisions])
    for one in revisions:
        one.revision.links = links.get(one.revision.number, ())
    return render_page(request, "catalog/change_list.html", catalog, page=page, revisions=revisions)


@published
@reads("page")
def change_detail(request: HttpRequest, catalog: Catalog, number: int) -> HttpResponse:
    """One revision with all its lines."""
    # A feed may have led here before the revision was taken back.
    revision = get_object_or_404(catalog.revisions.with_lines(), number=number)
    revision.links = links_of(catalog, [number]).get(number, ())
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
    selection = Selection.of(request.GET, catalog)
    matches = Entries(selection.entry_query(catalog), catalog.entry_count)
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
    if isinstance(exception, NoSuchPage):
        others = request.GET.copy()
        others.pop("page", None)
        first = f"{request.path}?{others.urlencode()}"
        return render(request, "404.html", {"catalog": catalog, "first_page": first}, status=404)
    segment = path.strip("/").rpartition("/")[2][:LONGEST_GUESS]
    words = " ".join(slugify(segment).split("-"))
    sections = Section.objects.none()
    if catalog and rest and words:
        sections = catalog.sections.filter(is_title=False)
        for word in words.split():
            forms = Q(path__icontains=word) | Q(path__icontains=stem_of(word))
            sections = sections.filter(forms)
    named = called(words, catalog.pk if catalog else None, GUESSES) if words else []
    context = {
        "catalog": catalog,
        "asked": words,
        "sections": sections.select_related("catalog").in_reading_order()[:GUESSES],
        "entries": suggestions_of(named),
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
