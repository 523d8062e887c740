"""The daily letter to moderators: what waits in their lists, and nothing when nothing does."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min, Q
from django.tasks import task
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.mail.delivery import seal, send
from accounts.mail.letter import Button, Letter, one_line
from accounts.mail.refusals import Subscription, Topic
from accounts.models import User
from submissions.models import Submission

MOST_LISTS = 20


@task
def send_digests() -> None:
    """Queue the digest of each moderator who wants one, each as a task of its own."""
    for user_pk in recipients():
        mail_digest.enqueue(user_pk)


@task
def mail_digest(user_pk: int) -> None:
    """Write to a moderator what waits."""
    send_digest_to(user_pk)


def recipients() -> list[int]:
    """Return the moderators, by key, who want a digest and can be written to."""
    people = User.objects.filter(is_active=True, mail_digest=True).exclude(email="")
    decide = people.filter(Q(is_superuser=True) | Q(memberships__isnull=False))
    return list(decide.order_by("pk").distinct().values_list("pk", flat=True))


def send_digest_to(user_pk: int) -> bool:
    """Send one moderator's digest, if anything waits that they may decide on."""
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    subscription = Subscription(Topic.DIGEST, user_pk=user_pk)
    if user is None or not subscription.is_on:
        return False
    letter = digest_for(user, subscription)
    if letter is None:
        return False
    send(seal(letter, user.email, headers=subscription.headers))
    return True


def digest_for(user: User, subscription: Subscription) -> Letter | None:
    """Return the letter, the list that has waited longest first; None when nothing waits."""
    rows = list(
        Submission.objects.waiting()
        .visible_to(user)
        .filter(is_held=False)
        .exclude(submitter=user)
        .values("catalog_id", "catalog__title")
        .annotate(count=Count("pk"), oldest=Min("created_at"))
        .order_by("oldest", "catalog_id")
    )
    if not rows:
        return None
    total = sum(row["count"] for row in rows)
    subject = ngettext("%d submission waits for you", "%d submissions wait for you", total)
    return Letter(
        subject=subject % total,
        facts=tuple(
            (one_line(row["catalog__title"], 80), _in_words(row["count"], row["oldest"]))
            for row in rows[:MOST_LISTS]
        ),
        button=Button(_("Open the queue"), settings.SITE_URL + queue_path()),
        closing=(_("This letter comes once a day, and only when something waits."),),
        unsubscribe=Button(_("No more digests"), subscription.address),
    )


def _in_words(count: int, oldest: datetime) -> str:
    waiting = ngettext("%d waits", "%d wait", count) % count
    days = (timezone.now() - oldest).days
    if not days:
        return waiting
    since = ngettext("the oldest for %d day", "the oldest for %d days", days) % days
    return f"{waiting}, {since}"


def queue_path() -> str:
    """Where moderators decide."""
    return reverse("admin:submissions_submission_changelist")
