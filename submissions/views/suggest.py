"""The page that suggests a new entry: first where it belongs, then what it is."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog.models import Catalog, Listing
from submissions.forms.entry import SuggestForm
from submissions.forms.places import listing_of, listings_in, place_of, places
from submissions.models import ContributionPolicy
from submissions.progress import queue_summary
from submissions.protection.caps import Room
from submissions.views import flow, frame
from submissions.views.sender import room

NO_PLACE = "none"
"""The value in addresses for a place that the list does not have yet."""


@require_http_methods(["GET", "HEAD", "POST"])
def suggest(request: HttpRequest, slug: str) -> HttpResponse:
    """A form of the place's own columns; without a place, the places there are.

    `?listing=` names the place, `?section=` a section, which may have one place or several.
    """
    catalog = frame.catalog_or_404(slug)
    policy = ContributionPolicy.of(catalog)
    typed = request.method == "POST" or hasattr(request, "unproven")
    if not typed and not frame.is_admitted(request, policy):
        return frame.not_open(request, catalog, policy)
    left = room(request, catalog)
    if left.is_used_up and not typed:
        return frame.full(request, catalog, left)
    if request.method == "POST" and request.POST.get("do") == "places":
        return choose(request, catalog, left)
    key = request.GET.get("listing", "")
    listing = _chosen(catalog, key, request.GET.get("section", ""))
    if listing is None and key != NO_PLACE:
        if key:
            raise Http404
        return choose(request, catalog, left)

    def make(data: object) -> SuggestForm:
        return SuggestForm(
            by_column(data, catalog, listing),
            catalog=catalog,
            policy=policy,
            user=frame.user_of(request),
            listing=listing,
        )

    return flow.run(
        request,
        make,
        "suggest.html",
        title=_("Suggest an entry"),
        place=place_of(catalog, listing) if listing else None,
        listing_key=key if listing is None else listing.pk,
        sent=frame.submissions_sent(request, catalog),
        room=left,
        draft_key=f"add:{catalog.slug}:{listing.pk if listing else NO_PLACE}",
    )


def _chosen(catalog: Catalog, key: str, path: str) -> Listing | None:
    """The place that an address names; None if it leaves the choice open."""
    if key:
        return listing_of(catalog, key)
    listings = listings_in(catalog, path)
    return listings[0] if len(listings) == 1 else None


def choose(request: HttpRequest, catalog: Catalog, left: Room | None = None) -> HttpResponse:
    """The places there are; what was typed before goes along to the one that is chosen.

    `left` is how much may be sent; None for a correction, which goes to a place that there is.
    """
    words = request.POST.get("q", request.GET.get("q", ""))
    path = request.GET.get("section", "")
    listings = places(catalog, words, path)
    if path and not listings.matches:
        listings = places(catalog, words)
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in {"csrfmiddlewaretoken", "do", "q", "fix"}
        for value in values
    ]
    return frame.show(
        request,
        "place_list.html",
        catalog,
        places=listings,
        words=words,
        carried=carried,
        path=path,
        no_place=NO_PLACE if left else "",
        queue_summary_text=queue_summary(catalog),
        room=left,
        is_filtered=bool(path or words) and left is not None,
    )


def by_column(data: object, catalog: Catalog, listing: Listing | None) -> object:
    """The data with cells under the same headers, when it was typed for another place."""
    before = str(getattr(data, "get", lambda *_: "")("listing") or "")
    if listing is None or data is None or before in {"", str(listing.pk)}:
        return data
    old = listing_of(catalog, before)
    moved = data.copy()  # type: ignore[attr-defined]
    moved["listing"] = str(listing.pk)
    if old and not old.columns and not listing.columns:
        return moved
    for name in [name for name in moved if name.startswith("cell-")]:
        del moved[name]
    for number, key in enumerate(old.columns if old else []):
        value = data.get(f"cell-{number}", "")  # type: ignore[attr-defined]
        if value and key in listing.columns:
            moved[f"cell-{listing.columns.index(key)}"] = value
    return moved
