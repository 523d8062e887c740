"""The base of all pages of moderation: permissions, and the acting person.

Moderators and maintainers of a catalog decide on what was submitted to it, maintainers also say
how contributing to it goes, superusers do both everywhere. Nobody sees here: the secret of a
tracking link, an e-mail address, or where a submission came from.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from catalog.admin.base import OfLists, Step, is_superuser, may_change, roles
from catalog.models import Catalog
from submissions.people import Actor


def address(name: str, *args: Any) -> str:
    """An address of moderation: `address("submission_change", 3)`."""
    return reverse(f"admin:submissions_{name}", args=args)


def person(request: HttpRequest) -> User:
    """Return the signed-in user."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def actor(request: HttpRequest) -> Actor:
    """Return the signed-in user as an actor."""
    return Actor(user=person(request))


def catalogs_of(request: HttpRequest, *, maintained: bool = False) -> QuerySet[Catalog]:
    """The catalogs whose submissions this person sees, or whose settings they change."""
    if is_superuser(request):
        return Catalog.objects.order_by("title", "pk")
    known = roles(request)
    keys = [
        key for key, role in known.items() if not maintained or role == Membership.Role.MAINTAINER
    ]
    return Catalog.objects.filter(pk__in=keys).order_by("title", "pk")


def maintains_any(request: HttpRequest) -> bool:
    """Whether there is a catalog whose settings this person changes."""
    return is_superuser(request) or Membership.Role.MAINTAINER in roles(request).values()


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
            return may_change(request, self.owner_of(obj))
        return maintains_any(request)
