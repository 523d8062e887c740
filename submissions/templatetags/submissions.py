"""Tags for fields with their findings, and for the lists on the administration's front page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django import template
from django.contrib.auth.models import AnonymousUser
from django.forms import BoundField
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from accounts.models import User
from catalog.models import Catalog
from submissions.models import Submission
from submissions.statistics import waiting_by_catalog
from submissions.views.preview import FormPreview, Remark

register = template.Library()


@register.filter
def remarks_on(preview: FormPreview | None, field: str) -> list[Remark]:
    """Return the remarks on a field."""
    return preview.remarks.get(field, []) if preview else []


@register.filter
def described(field: BoundField, remarks: Sequence[Remark]) -> SafeString:
    """The field's control, tied to its hint, its errors and the place of its remarks."""
    described_by = f"{field.aria_describedby or ''} {field.auto_id}_remarks".strip()
    attrs: dict[str, str | bool] = {"aria-describedby": described_by}
    if any(remark.severity == "block" for remark in remarks):
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


_MOST_LISTS = 100
"""Lists on the front page besides those in which something waits."""
LATE_DAYS = 7
"""Days after which what waits is shown as late."""


class OwnList(NamedTuple):
    """A list of somebody, and what waits there; `oldest` is of what is not held."""

    catalog: Catalog
    is_maintainer: bool
    waiting: int = 0
    held: int = 0
    oldest: datetime | None = None

    @property
    def age(self) -> str:
        """Return the age of the oldest waiting submission, in words."""
        return timesince(self.oldest, timezone.now(), depth=1) if self.oldest else ""

    @property
    def is_late(self) -> bool:
        """Whether something has waited for too long."""
        return self.oldest is not None and (timezone.now() - self.oldest).days >= LATE_DAYS


@register.simple_tag
def lists_of(user: User | AnonymousUser) -> list[OwnList]:
    """Return the lists of this person, those in which something waits first; four queries."""
    if not isinstance(user, User):
        return []
    waiting = waiting_by_catalog(user)
    shown = [
        OwnList(one.catalog, user.maintains(one.catalog.pk), one.waiting, one.held, one.oldest)
        for one in waiting
    ]
    others = Catalog.objects.exclude(pk__in=[one.catalog.pk for one in waiting])
    if not user.is_superuser:
        others = others.filter(pk__in=user.roles)
    others = others.order_by("title", "pk")[:_MOST_LISTS]
    return [*shown, *(OwnList(one, user.maintains(one.pk)) for one in others)]


@register.simple_tag
def waiting_in(catalog: Catalog) -> int:
    """Return how many submissions to a list wait for a moderator."""
    return Submission.objects.waiting().filter(catalog=catalog).count()
