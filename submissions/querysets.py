"""Every reusable read rule of submissions. Methods chain and read like a sentence."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NoReturn, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import Membership, User
from submissions.choices import OPEN, WAITING, Status

if TYPE_CHECKING:
    from catalog.models import Catalog
    from submissions import models as submission_models


class SubmissionQuerySet(models.QuerySet["submission_models.Submission"]):
    """Submissions."""

    def waiting(self) -> Self:
        """Select what moderators have to decide. A report that joined another waits with that
        one."""
        return self.filter(status__in=WAITING, joined_to=None)

    def open(self) -> Self:
        """Select what may still be published as it is."""
        return self.filter(status__in=OPEN)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Submissions of the catalogs that the person moderates; superusers see all."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(catalog__in=Membership.objects.filter(user=user).values("catalog"))

    def submitted_by(self, user: User) -> Self:
        """A person's own."""
        return self.filter(submitter=user)

    def same_sender(self, row: submission_models.Submission) -> Self:
        """Select the submissions of a submission's sender, on any sign of who that is."""
        same = Q(pk=row.pk)
        if row.submitter_id:
            same |= Q(submitter=row.submitter_id)
        if row.email:
            same |= Q(email__iexact=row.email)
        if row.browser_hash:
            same |= Q(browser_hash=row.browser_hash)
        elif row.network_hash:
            same |= Q(network_hash=row.network_hash)
        return self.filter(same)

    def for_review(self) -> Self:
        """Read the rows that the page of a submission refers to along with it."""
        return self.select_related(
            "entry__block",
            "entry__listing",
            "listing",
            "duplicate_of",
            "duplicate_entry",
            "decided_by",
            "joined_to",
        )

    def oldest_first(self) -> Self:
        """The order of the queue, a total one: what is held comes last, priority first."""
        return self.order_by("is_held", "-priority", "created_at", "pk")

    def public(self) -> Self:
        """Select what the public may read about: no spam, nothing unconfirmed."""
        return self.filter(is_spam=False).exclude(status=Status.UNCONFIRMED)

    def naming(self, catalog: Catalog, canonical_url: str) -> Self:
        """Open additions of the same thing; none for ''."""
        if not canonical_url:
            return self.none()
        return self.open().filter(catalog=catalog, kind="add", canonical_url=canonical_url)

    def to_expire(self, *, unconfirmed_since: datetime, reminded_since: datetime) -> Self:
        """Select what expires: unconfirmed from before a time, and silent since a reminder before
        one."""
        return self.filter(
            Q(status=Status.UNCONFIRMED, status_at__lt=unconfirmed_since)
            | Q(status=Status.CHANGES_REQUESTED, reminded_at__lt=reminded_since)
        )

    def to_remind(self, *, silent_since: datetime) -> Self:
        """Questions that nobody answered, and nobody was reminded of."""
        return self.filter(
            status=Status.CHANGES_REQUESTED, status_at__lt=silent_since, reminded_at=None
        )


class AppendOnlyQuerySet(models.QuerySet["submission_models.SubmissionEvent"]):
    """Events. They are read and written once."""

    def oldest_first(self) -> Self:
        """Order by time, oldest first."""
        return self.order_by("pk")

    def update(self, **kwargs: object) -> NoReturn:
        raise TypeError("events are append-only")

    def delete(self) -> NoReturn:
        raise TypeError("events are append-only")
