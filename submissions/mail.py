"""Emails about submissions: recipients and texts.

| event | letter to the submitter |
|---|---|
| submitted, address not confirmed | the link that confirms it |
| corrected after it lapsed unconfirmed | the link again |
| submitted; address confirmed | a receipt with the tracking link |
| changes requested; reminded | the question |
| approved, amended | it is published, with a link to the entry |
| rejected | why, and how to appeal; nothing for spam |
| expired after a question | that it lapsed, and how to go on |
| reverted; reopened by a moderator | that it was |

Moderators get a daily digest. What a stranger typed is not mailed to an address that nobody has
shown to be theirs, or the form would be a way to write to anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2s
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.tasks import task
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.mail import Button, Letter, Subscription, Topic, mail_domain, one_line, seal, send
from accounts.models import User
from catalog.models import Catalog, Entry
from submissions.choices import Action, Kind, Role, Status, Verb
from submissions.models import ContributionPolicy, Submission, SubmissionEvent
from submissions.people import shown_name, submitter_name
from submissions.rules import ANSWER_WITHIN, UNDO_WITHIN, UNDOABLE, confirmation_for

# Letters to submitters


LONGEST_NAME = 80

YOURS: dict[Kind, tuple[Any, Any]] = {
    Kind.ADD: (gettext_lazy("Your entry “%(name)s”"), gettext_lazy("Your entry")),
    Kind.EDIT: (gettext_lazy("Your edit of “%(name)s”"), gettext_lazy("Your edit")),
    Kind.MOVE: (gettext_lazy("Your move of “%(name)s”"), gettext_lazy("Your move")),
    Kind.REMOVE: (gettext_lazy("Your removal of “%(name)s”"), gettext_lazy("Your removal")),
    Kind.REPORT: (gettext_lazy("Your report on “%(name)s”"), gettext_lazy("Your report")),
}
"""The words for a proposal of a kind, with its name and without."""


@dataclass(frozen=True, slots=True)
class MailParams:
    """The parameters of a letter's texts."""

    event: SubmissionEvent
    submission: Submission
    name: str

    @property
    def yours(self) -> str:
        """Return the start of a subject: whose and what it is."""
        named, unnamed = YOURS[Kind(self.submission.kind)]
        return str(named) % {"name": self.name} if self.name else str(unnamed)

    @property
    def catalog(self) -> str:
        """The list's title."""
        return one_line(self.submission.catalog.title, LONGEST_NAME)

    @property
    def page(self) -> str:
        """The tracking page."""
        return settings.SITE_URL + self.submission.get_absolute_url()

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return the facts of the submission, in two or three lines."""
        rows = [
            (_("List"), self.catalog),
            (_("Kind"), str(self.submission.get_kind_display())),
            (_("Name"), self.name),
        ]
        return tuple(row for row in rows if row[1])


@task
def mail_about(event_pk: int) -> bool:
    """Write to the submitter about an event, unless nobody wants it or something newer happened."""
    events = SubmissionEvent.objects.select_related("submission__catalog", "submission__submitter")
    event = events.filter(pk=event_pk).first()
    if event is None or is_overtaken(event):
        return False
    submission = event.submission
    subscription, address = subscription_of(submission)
    needs_answer = event.to_status == Status.UNCONFIRMED
    if not address or not (needs_answer or subscription.is_on):
        return False
    with translation.override(spoken(submission.language)):
        letter = letter_about(event)
        if letter is None:
            return False
        unsubscribe = Button(
            _("Unsubscribe from e-mail about your submissions"), subscription.address
        )
        letter = replace(letter, unsubscribe=unsubscribe)
        replies = reply_headers(submission.catalog)
        if not replies:
            letter = replace(letter, closing=(*letter.closing, nobody_reads()))
        headers = thread_headers(event) | replies | subscription.headers
        send(seal(letter, address, headers=headers))
    return True


def is_overtaken(event: SubmissionEvent) -> bool:
    """Whether something happened since; a correction that leaves the status where it is does not
    make what there is to say untrue.
    """
    later = event.submission.events.filter(submission_revision__gt=event.submission_revision)
    return later.exclude(verb=Verb.RESUBMIT, from_status=F("to_status")).exists()


def subscription_of(submission: Submission) -> tuple[Subscription, str]:
    """Return whose mail it is, and the address; '' when there is none or no mail is wished."""
    if submission.submitter is not None:
        own = Subscription(Topic.SUBMISSIONS, user_pk=submission.submitter.pk)
        address = submission.submitter.email
    else:
        own = Subscription(Topic.SUBMISSIONS, email=submission.email)
        address = submission.email
    return own, address if submission.wants_mail else ""


def letter_about(event: SubmissionEvent) -> Letter | None:
    """Return the letter in the active language; None where nothing is to be said."""
    submission = event.submission
    if submission.is_spam:
        return None
    may_name = event.verb not in {Verb.SUBMIT, Verb.REJECT} or is_proven(submission)
    name = one_line(submission.name or submission.url, LONGEST_NAME) if may_name else ""
    write = WRITERS.get((Verb(event.verb), Status(event.to_status)))
    return write(MailParams(event, submission, name)) if write else None


def is_proven(submission: Submission) -> bool:
    """Whether the address is known to be the submitter's."""
    if submission.submitter_id is not None:
        return True
    return submission.events.filter(verb=Verb.CONFIRM).exists()


def spoken(language: str) -> str:
    """Return a language if the site speaks it, else the site's own."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def thread_headers(event: SubmissionEvent) -> dict[str, str]:
    """Ids by which mail programs keep the letters about one submission together.

    The same at every attempt, so that a letter that arrives twice is shown once.
    """
    thread = blake2s(event.submission.token.encode(), digest_size=12).hexdigest()
    root = f"<{thread}@{mail_domain()}>"
    own = f"<{thread}.{event.pk}@{mail_domain()}>"
    return {"Message-ID": own, "In-Reply-To": root, "References": root}


def reply_headers(catalog: Catalog | None = None) -> dict[str, str]:
    """Return the `Reply-To`: the list's contact address, else the site's; never a person's own."""
    own = ContributionPolicy.of(catalog).contact_email if catalog else ""
    address = own or settings.MODERATORS_EMAIL
    return {"Reply-To": address} if address else {}


def nobody_reads() -> str:
    """Return the sentence for letters whose replies nobody reads."""
    return _("Replies to this e-mail are not read; use the button instead.")


# What each says


def _confirm(params: MailParams) -> Letter:
    path = reverse(
        "contribute:submission-confirm",
        args=[params.submission.token, confirmation_for(params.submission)],
    )
    return Letter(
        subject=_("Confirm your address for %(list)s") % {"list": params.catalog},
        paragraphs=(
            _("Someone, hopefully you, submitted something to %(list)s with this address.")
            % {"list": params.catalog},
            _("Moderators will see it once you confirm your address."),
        ),
        button=Button(_("Confirm the address"), settings.SITE_URL + path),
        closing=(_("The link is valid for a week. If this was not you, ignore this e-mail."),),
    )


def _receipt(params: MailParams) -> Letter:
    return Letter(
        subject=_("%(yours)s has been received") % {"yours": params.yours},
        paragraphs=(
            _("Thank you. Your submission to %(list)s is now waiting for a moderator.")
            % {"list": params.catalog},
        ),
        facts=params.facts,
        button=Button(_("Follow your submission"), params.page),
        closing=(
            _("Keep the link to yourself: anyone who has it can answer and withdraw for you."),
        ),
    )


def _question(params: MailParams) -> Letter:
    name = one_line(params.event.actor_name) or _("A moderator")
    return Letter(
        subject=_("%(yours)s: a moderator has a question") % {"yours": params.yours},
        paragraphs=(
            _("%(name)s asks before your submission to %(list)s can go on:")
            % {"name": name, "list": params.catalog},
        ),
        quote=params.event.note,
        button=Button(_("Answer"), params.page),
        closing=(_("There is no hurry; we will remind you before it expires."),),
    )


def _reminder(params: MailParams) -> Letter:
    question = params.submission.events.filter(verb=Verb.REQUEST_CHANGES).last()
    day = date_format(params.event.created_at + ANSWER_WITHIN, "DATE_FORMAT")
    return Letter(
        subject=_("%(yours)s: a question is still open") % {"yours": params.yours},
        paragraphs=(
            _("Your submission to %(list)s is waiting for your answer:") % {"list": params.catalog},
        ),
        quote=question.note if question else "",
        button=Button(_("Answer"), params.page),
        closing=(_("Without an answer it expires on %(day)s.") % {"day": day},),
    )


PUBLISHED: dict[Kind, tuple[Any, Any]] = {
    Kind.ADD: (
        gettext_lazy("%(yours)s is published"),
        gettext_lazy("Your suggestion is now in %(list)s. Thank you!"),
    ),
    Kind.EDIT: (
        gettext_lazy("%(yours)s is published"),
        gettext_lazy("Your edit to %(list)s is published. Thank you!"),
    ),
    Kind.MOVE: (
        gettext_lazy("%(yours)s was carried out"),
        gettext_lazy("The entry was moved in %(list)s as you suggested. Thank you!"),
    ),
    Kind.REMOVE: (
        gettext_lazy("%(yours)s was carried out"),
        gettext_lazy("The entry was removed from %(list)s as you suggested. Thank you!"),
    ),
    Kind.REPORT: (
        gettext_lazy("%(yours)s was confirmed"),
        gettext_lazy("Your report about an entry in %(list)s was confirmed. Thank you!"),
    ),
}
"""The subject, and what the letter says first, where a proposal of a kind was approved."""


def _published(params: MailParams) -> Letter:
    submission = params.submission
    subject, opening = PUBLISHED[Kind(submission.kind)]
    paragraphs = [str(opening)]
    if submission.kind == Kind.REPORT and submission.content.action == Action.REMOVE:
        paragraphs.append(_("The entry was removed."))
    if params.event.verb == Verb.AMEND:
        paragraphs.append(_("A moderator made a small change first."))
    entry = submission.entry
    if entry is not None and entry.state != Entry.State.PUBLISHED:
        entry = None
    button = Button(_("View the result"), params.page)
    if entry is not None:
        button = Button(_("View the entry"), settings.SITE_URL + entry.get_absolute_url())
    return Letter(
        subject=str(subject) % {"yours": params.yours},
        paragraphs=tuple(text % {"list": params.catalog} for text in paragraphs),
        quote=params.event.note,
        button=button,
    )


def _rejected(params: MailParams) -> Letter:
    submission = params.submission
    reason = submission.decision_reason
    paragraphs = [_("Your submission to %(list)s was not accepted.") % {"list": params.catalog}]
    if reason is not None:
        paragraphs.append(reason.shown_text)
    closing = [_("If you disagree, say why on that page: it will be reviewed once more.")]
    if submission.come_back_after:
        day = date_format(submission.come_back_after, "DATE_FORMAT")
        closing.insert(0, _("You are welcome to suggest it again after %(day)s.") % {"day": day})
    return Letter(
        subject=_("%(yours)s was not accepted") % {"yours": params.yours},
        paragraphs=tuple(paragraphs),
        quote=params.event.note,
        button=Button(_("View the decision or appeal"), params.page),
        closing=tuple(closing),
    )


def _expired(params: MailParams) -> Letter:
    return Letter(
        subject=_("%(yours)s has expired") % {"yours": params.yours},
        paragraphs=(
            _("The question about your submission to %(list)s was not answered, so it has expired.")
            % {"list": params.catalog},
        ),
        button=Button(_("Send for review again"), params.page),
        closing=(_("Nothing is lost."),),
    )


TAKEN_BACK: dict[Kind, Any] = {
    Kind.ADD: gettext_lazy("The entry you suggested is no longer in %(list)s."),
    Kind.EDIT: gettext_lazy("Your submission to %(list)s was published and has now been reverted."),
    Kind.REMOVE: gettext_lazy("The entry you suggested removing is back in %(list)s."),
}
"""The sentence about a publication that was reverted, by kind."""


def _reverted(params: MailParams) -> Letter:
    return Letter(
        subject=_("%(yours)s was reverted") % {"yours": params.yours},
        paragraphs=(
            str(TAKEN_BACK.get(Kind(params.submission.kind), TAKEN_BACK[Kind.EDIT]))
            % {"list": params.catalog},
        ),
        quote=params.event.note,
        button=Button(_("View the history"), params.page),
    )


def _reopened(params: MailParams) -> Letter | None:
    if params.event.role != Role.MODERATOR:
        return None
    return Letter(
        subject=_("%(yours)s is being reviewed again") % {"yours": params.yours},
        paragraphs=(
            _("A moderator has reopened your submission to %(list)s.") % {"list": params.catalog},
        ),
        quote=params.event.note,
        button=Button(_("Follow your submission"), params.page),
    )


WRITERS: dict[tuple[Verb, Status], Callable[[MailParams], Letter | None]] = {
    (Verb.SUBMIT, Status.UNCONFIRMED): _confirm,
    (Verb.RESUBMIT, Status.UNCONFIRMED): _confirm,
    (Verb.SUBMIT, Status.PENDING): _receipt,
    (Verb.CONFIRM, Status.PENDING): _receipt,
    (Verb.REQUEST_CHANGES, Status.CHANGES_REQUESTED): _question,
    (Verb.REMIND, Status.CHANGES_REQUESTED): _reminder,
    (Verb.APPROVE, Status.APPLIED): _published,
    (Verb.AMEND, Status.APPLIED): _published,
    (Verb.REJECT, Status.REJECTED): _rejected,
    (Verb.EXPIRE, Status.EXPIRED): _expired,
    (Verb.REVERT, Status.REVERTED): _reverted,
    (Verb.REOPEN, Status.PENDING): _reopened,
}


# Recipients


LATER = UNDO_WITHIN + timedelta(seconds=15)
"""A decision or a question is mailed once it cannot be undone any more."""
MAILED = UNDOABLE | {
    Verb.SUBMIT,
    Verb.CONFIRM,
    Verb.RESUBMIT,
    Verb.EXPIRE,
    Verb.REOPEN,
    Verb.REVERT,
    Verb.REMIND,
}


def queue_email(event: SubmissionEvent) -> None:
    """Queue the email that an event calls for: at most one row, and no other query.

    Called by every verb inside its transaction, so that a mail is queued exactly when the event
    is committed. Whom it goes to, and whether anything newer has made it pointless, is looked at
    when it is sent.
    """
    if event.verb not in MAILED or not has_address(event) or is_known_to_submitter(event):
        return
    if event.verb in UNDOABLE:
        later = mail_about.using(run_after=timezone.now() + LATER)
        later.enqueue(event.pk)
    else:
        mail_about.enqueue(event.pk)


def asks_to_confirm(event: SubmissionEvent) -> bool:
    """Whether a link that confirms the address is due: none that was mailed before is good."""
    was_waiting = event.from_status == Status.UNCONFIRMED
    return event.to_status == Status.UNCONFIRMED and not was_waiting


def has_address(event: SubmissionEvent) -> bool:
    """Whether the submitter may be reachable, by what is at hand without asking the database."""
    submission = event.submission
    return submission.wants_mail and bool(submission.submitter_id or submission.email)


def is_known_to_submitter(event: SubmissionEvent) -> bool:
    """Whether they did it themselves, or it lapsed because they never confirmed it."""
    if event.verb in {Verb.SUBMIT, Verb.CONFIRM} or asks_to_confirm(event):
        return False
    if event.verb == Verb.EXPIRE and event.from_status == Status.UNCONFIRMED:
        return True
    own = event.actor_id is not None and event.actor_id == event.submission.submitter_id
    return event.role == Role.SUBMITTER or own


# The daily digest


MOST_NAMED = 20
"""Submissions that the letter names; the others it counts."""
LOUD_DAYS = 3
"""The number of days from which on the subject says how long the oldest has waited."""


@task
def send_digests() -> None:
    """Queue the digest of each moderator who wants one, each as a task of its own."""
    for user_pk in recipients():
        mail_digest.enqueue(user_pk)


def recipients() -> list[int]:
    """Return the moderators, by key, who want a digest and can be written to."""
    people = User.objects.filter(is_active=True, mail_digest=True).exclude(email="")
    decide = people.filter(Q(is_superuser=True) | Q(memberships__isnull=False))
    return list(decide.order_by("pk").distinct().values_list("pk", flat=True))


@task
def mail_digest(user_pk: int) -> bool:
    """Write to a moderator what waits, if there is anything that they may decide on."""
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    subscription = Subscription(Topic.DIGEST, user_pk=user_pk)
    if user is None or not subscription.is_on:
        return False
    with translation.override(spoken(user.language)):
        letter = digest_for(user, subscription)
        if letter is None:
            return False
        send(seal(letter, user.email, headers=reply_headers() | subscription.headers))
    return True


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
        closing.insert(0, ngettext("%d more is waiting.", "%d more are waiting.", more) % more)
    if not settings.MODERATORS_EMAIL:
        closing.append(nobody_reads())
    return Letter(
        subject=subject,
        facts=tuple((one_line(row.catalog.title, 80), _in_words(row)) for row in rows),
        button=Button(
            _("Open the queue"),
            settings.SITE_URL + reverse("admin:submissions_submission_changelist"),
        ),
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
