"""The pages about one entry: edit it, put it elsewhere, have it removed, report it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import signed_in
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


class _Action(NamedTuple):
    """A page about an entry: its tab, its title, its form, and what else it shows."""

    label: Any
    title: Any
    form: type[ContributionForm]
    context: Callable[[HttpRequest, Catalog, Entry], dict[str, Any]] | None = None


# By the last part of the address, in the order of the tabs.
ACTIONS = {
    "edit": _Action(gettext_lazy("Edit"), gettext_lazy("Edit %(name)s"), EditForm),
    "move": _Action(gettext_lazy("Move"), gettext_lazy("Move %(name)s"), MoveForm, _places),
    "remove": _Action(gettext_lazy("Remove"), gettext_lazy("Remove %(name)s"), RemoveForm),
    "report": _Action(
        gettext_lazy("Report"), gettext_lazy("Report %(name)s"), ReportForm, _reports
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, slug: str, pk: int, name: str) -> HttpResponse:
    """Propose one of the actions on an entry."""
    catalog = frame.catalog_or_404(slug)
    entry = frame.entry_or_404(catalog, pk)
    if entry.state == Entry.State.REMOVED:
        return frame.show(request, "entry_removed.html", catalog, status=410, entry=entry)
    policy = ContributionPolicy.of(catalog)
    left = room(request, catalog)
    if closed := frame.door_page(request, catalog, policy, left):
        return closed
    tabs = [
        Tab(each.label, reverse(f"contribute:{key}", args=[catalog.slug, entry.pk]), key == name)
        for key, each in ACTIONS.items()
    ]
    if name in {"edit", "move"} and is_raw(entry):
        return frame.show(request, "entry_raw.html", catalog, status=200, entry=entry, tabs=tabs)
    action = ACTIONS[name]

    def make(data: Any) -> ContributionForm:
        return action.form(
            data,
            catalog=catalog,
            policy=policy,
            user=signed_in(request.user),
            listing=entry.listing,
            entry=entry,
        )

    context: dict[str, Any] = {
        "entry": entry,
        "tabs": tabs,
        "room": left,
        "draft_key": f"{name}:{catalog.slug}:{entry.pk}",
        "title": action.title % {"name": entry.name[:100]},
        **(action.context(request, catalog, entry) if action.context else {}),
    }
    return flow.run(request, make, f"{name}.html", **context)
