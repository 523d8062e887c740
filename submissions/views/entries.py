"""The pages about one entry: edit it, put it elsewhere, have it removed, report it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from catalog.models import Catalog, Entry
from submissions.choices import Kind, Status
from submissions.forms.contribution import ContributionForm, MoveForm, RemoveForm, ReportForm
from submissions.forms.entry import EditForm
from submissions.forms.places import place_of, places
from submissions.models import ContributionPolicy, Submission
from submissions.rules import is_raw
from submissions.views import flow, frame
from submissions.views.frame import room


class Tab(NamedTuple):
    """An action on an entry."""

    label: Any
    url: str
    is_current: bool


_TABS = (
    ("edit", gettext_lazy("Edit")),
    ("move", gettext_lazy("Move")),
    ("remove", gettext_lazy("Remove")),
    ("report", gettext_lazy("Report")),
)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change what an entry says."""
    return _page(request, slug, pk, "edit", EditForm)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Propose to move an entry into another table or list."""
    return _page(request, slug, pk, "move", MoveForm)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Propose that an entry goes, saying why."""
    return _page(request, slug, pk, "remove", RemoveForm)


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Report a problem of an entry."""
    return _page(request, slug, pk, "report", ReportForm)


def _page(
    request: HttpRequest, slug: str, pk: int, name: str, form_class: type[ContributionForm]
) -> HttpResponse:
    catalog = frame.catalog_or_404(slug)
    entry = frame.entry_or_404(catalog, pk)
    if entry.state == Entry.State.REMOVED:
        return frame.show(request, "entry_removed.html", catalog, status=410, entry=entry)
    policy = ContributionPolicy.of(catalog)
    left = room(request, catalog)
    if closed := frame.door_page(request, catalog, policy, left):
        return closed
    tabs = tabs_of(catalog, entry, name)
    if name in {"edit", "move"} and is_raw(entry):
        return frame.show(request, "entry_raw.html", catalog, status=200, entry=entry, tabs=tabs)

    def make(data: Any) -> ContributionForm:
        return form_class(
            data,
            catalog=catalog,
            policy=policy,
            user=frame.user_of(request),
            listing=entry.listing,
            entry=entry,
        )

    context: dict[str, Any] = {
        "entry": entry,
        "tabs": tabs,
        "room": left,
        "draft_key": f"{name}:{catalog.slug}:{entry.pk}",
        "title": _TITLES[name] % {"name": entry.name[:100]},
        **_EXTRAS[name](request, catalog, entry),
    }
    return flow.run(request, make, f"{name}.html", **context)


def tabs_of(catalog: Catalog, entry: Entry, current: str) -> list[Tab]:
    """The ways to change an entry."""
    return [
        Tab(label, reverse(f"contribute:{name}", args=[catalog.slug, entry.pk]), name == current)
        for name, label in _TABS
    ]


_TITLES = {
    "edit": gettext_lazy("Edit %(name)s"),
    "move": gettext_lazy("Move %(name)s"),
    "remove": gettext_lazy("Remove %(name)s"),
    "report": gettext_lazy("Report %(name)s"),
}


def _nothing(request: HttpRequest, catalog: Catalog, entry: Entry) -> dict[str, Any]:
    return {}


def _places(request: HttpRequest, catalog: Catalog, entry: Entry) -> dict[str, Any]:
    """The places to choose from, and the one it has."""
    words = request.POST.get("q", request.GET.get("q", ""))
    here = place_of(catalog, entry.listing) if entry.listing else None
    return {"places": places(catalog, words), "words": words, "here": here}


def _reports(request: HttpRequest, catalog: Catalog, entry: Entry) -> dict[str, Any]:
    """The reports that are open on the entry: this one will join them."""
    open_ones = Submission.objects.filter(
        kind=Kind.REPORT,
        entry=entry,
        status__in=(Status.PENDING, Status.CHANGES_REQUESTED),
        is_spam=False,
        is_held=False,
    )
    rows = list(open_ones.order_by("created_at")[:20])
    return {"reports": [(row.created_at, row.content.report) for row in rows]}


_EXTRAS: dict[str, Callable[[HttpRequest, Catalog, Entry], dict[str, Any]]] = {
    "edit": _nothing,
    "move": _places,
    "remove": _nothing,
    "report": _reports,
}
