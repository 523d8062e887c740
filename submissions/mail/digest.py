"""The daily letter to moderators: what waits in their lists, and nothing when nothing does."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.tasks import task
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.timesince import timesince
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.mail import Button, Letter, Subscription, Topic, one_line, seal, send
from accounts.models import User
from submissions.mail.letters import nobody_reads, reply_headers
from submissions.models import Submission
from submissions.names import shown_name, submitter_name

MOST_NAMED = 20
"""Submissions that the letter names; the others it counts."""
LOUD_DAYS = 3
"""The number of days from which on the subject says how long the oldest has waited."""


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
    with translation.override(language_for(user)):
        letter = digest_for(user, subscription)
        if letter is None:
            return False
        send(seal(letter, user.email, headers=reply_headers() | subscription.headers))
    return True


def language_for(user: User) -> str:
    """The language in which somebody reads the site, if it still speaks it."""
    known = dict(settings.LANGUAGES)
    return user.language if user.language in known else settings.LANGUAGE_CODE


def note_language(user: User) -> None:
    """Remember in which language somebody reads the queue, unless they chose one.

    The queue is shown also where nothing can be written.
    """
    language = get_language() or ""
    if not user.language and language:
        with suppress(DatabaseError), transaction.atomic():
            User.objects.filter(pk=user.pk).update(language=language)


def digest_for(user: User, subscription: Subscription) -> Letter | None:
    """Return the letter, which names what waits, the oldest first; None when nothing does."""
    waiting = (
        Submission.objects.waiting().visible_to(user).filter(is_held=False).exclude(submitter=user)
    )
    total = waiting.count()
    if not total:
        return None
    oldest_first = waiting.select_related("catalog", "submitter").order_by("created_at", "pk")
    rows = list(oldest_first[:MOST_NAMED])
    days = (timezone.now() - rows[0].created_at).days
    subject = (
        ngettext("%d submission is waiting for you", "%d submissions are waiting for you", total)
        % total
    )
    if days >= LOUD_DAYS:
        since = ngettext("oldest: %d day", "oldest: %d days", days) % days
        subject = f"{subject}, {since}"
    closing = [_("This e-mail is sent once a day, and only when something is waiting.")]
    if more := total - len(rows):
        closing.insert(0, ngettext("%d more waits.", "%d more wait.", more) % more)
    if not settings.MODERATORS_EMAIL:
        closing.append(nobody_reads())
    return Letter(
        subject=subject,
        facts=tuple((one_line(row.catalog.title, 80), _in_words(row)) for row in rows),
        button=Button(_("Open the queue"), settings.SITE_URL + queue_path()),
        closing=tuple(closing),
        unsubscribe=Button(_("Unsubscribe from this digest"), subscription.address),
    )


def _in_words(row: Submission) -> str:
    """Return a line with the proposal, its sender and its age."""
    return _("“%(name)s” (%(kind)s) by %(who)s, %(age)s ago") % {
        "name": one_line(shown_name(row), 80),
        "kind": row.get_kind_display(),
        "who": one_line(submitter_name(row), 80),
        "age": timesince(row.created_at, timezone.now(), depth=1),
    }


def queue_path() -> str:
    """Return the path of the queue."""
    return reverse("admin:submissions_submission_changelist")
