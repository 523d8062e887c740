"""The base of all pages of moderation: permissions, and the acting person.

Moderators and maintainers of a catalog decide on what was submitted to it, maintainers also say
how contributing to it goes, superusers do both everywhere. Nobody sees here: the secret of a
tracking link, an e-mail address, or where a submission came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.admin.base import OfLists, Step, is_superuser, person
from catalog.models import Catalog
from submissions.models import Submission
from submissions.people import Actor
from submissions.rules import UNDO_WITHIN


def address(name: str, *args: Any) -> str:
    """An address of moderation: `address("submission_change", 3)`."""
    return reverse(f"admin:submissions_{name}", args=args)


def actor(request: HttpRequest) -> Actor:
    """Return the signed-in user as an actor."""
    return Actor(user=person(request))


class MinuteField(forms.DateTimeField):
    """A time to the minute, chosen in the browser's own way."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"])


def catalogs_of(request: HttpRequest, *, maintained: bool = False) -> QuerySet[Catalog]:
    """The catalogs whose submissions this person sees, or whose settings they change."""
    if is_superuser(request):
        return Catalog.objects.order_by("title", "pk")
    user = person(request)
    keys = [key for key in user.roles if not maintained or user.maintains(key)]
    return Catalog.objects.filter(pk__in=keys).order_by("title", "pk")


class OfSubmissions(OfLists):
    """Base of the pages about submissions, for moderators and maintainers of their catalog."""

    templates = "admin/submissions"

    class Media:
        css = {"all": ["admin-catalog.css", "admin-submissions.css"]}
        js = ["admin-queue.js"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees a submission decides on it; the verbs look again."""
        return self.has_view_permission(request, obj)

    def top(self) -> Step:
        return Step(_("Submissions"), address("submission_changelist"))


class OfMaintainers(OfSubmissions):
    """Base of the pages about how contributing goes, for maintainers of the catalog alone."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if is_superuser(request):
            return rows
        return rows.filter(**{f"{self.owner}__in": catalogs_of(request, maintained=True)})

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None:
            return person(request).maintains(self.owner_of(obj))
        return getattr(request.user, "maintains_any", False)


# Undo of one's own last decision, within a minute: stored in the session, which says only what to
# offer. What is done after a decision, and cannot be taken back itself, ends its offer: *Undo* is
# never of anything but the newest action.


_KEY = "moderation_undo"


class Undo(NamedTuple):
    """The last decision, or several that were made at once, and for how long it can be undone."""

    what: str
    decided: list[tuple[int, int]]
    """Keys of the submissions, and the revisions that the decision made of them."""
    seconds: int


def remember(request: HttpRequest, what: str, decided: Sequence[Submission]) -> None:
    """Offer to take this back on the pages that follow."""
    request.session[_KEY] = {
        "what": what,
        "decided": [[one.pk, one.revision] for one in decided],
        "until": (timezone.now() + UNDO_WITHIN).timestamp(),
    }


def undo_offer(request: HttpRequest) -> Undo | None:
    """Return what can still be undone."""
    stored = request.session.get(_KEY)
    if not stored:
        return None
    seconds = int(stored["until"] - timezone.now().timestamp())
    if seconds <= 0:
        return None
    return Undo(stored["what"], [(key, number) for key, number in stored["decided"]], seconds)


def forget(request: HttpRequest) -> None:
    """Offer nothing any more."""
    request.session.pop(_KEY, None)


# Django's "view on site" leads from a key to an address. The address of a submission is its secret,
# and nothing here uses the shortcut, so it leads nowhere.


def no_shortcut(request: HttpRequest, rest: str) -> NoReturn:
    """Found nothing, for everybody."""
    raise Http404
