"""What the front page of the administration says about submissions."""

from __future__ import annotations

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.timesince import timesince

from accounts.models import User
from submissions.statistics import Waiting, waiting_by_catalog

register = template.Library()


class Shown(Waiting):
    """What waits in a catalog, with the age of the oldest in words."""

    @property
    def age(self) -> str:
        return timesince(self.oldest, timezone.now(), depth=1) if self.oldest else ""


@register.simple_tag
def waiting_for(user: User | AnonymousUser) -> list[Shown] | None:
    """What waits for this person; None for whoever moderates nothing. Three queries at most."""
    if not isinstance(user, User):
        return None
    waiting = waiting_by_catalog(user)
    if not waiting and not user.is_superuser and not user.memberships.exists():
        return None
    return [Shown(one.catalog, one.waiting, one.held, one.oldest) for one in waiting]
