"""The letters to submitters: who gets one, and what each event's says.

What a stranger typed is not mailed to an address that nobody has shown to be theirs, or the form
would be a way to write to anybody: `Told.name` is empty then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2s
from typing import Any

from django.conf import settings
from django.db.models import F
from django.tasks import task
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.mail import Button, Letter, Subscription, Topic, mail_domain, one_line, seal, send
from catalog.models import Catalog, Entry
from submissions.choices import Action, Kind, Role, Status, Verb
from submissions.models import ContributionPolicy, DecisionReason, Submission, SubmissionEvent
from submissions.rules import ANSWER_WITHIN, confirmation_for

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
def mail_about(event_pk: int) -> None:
    """Write to the submitter about an event, if it still says how far the submission is."""
    send_letter_about(event_pk)


def send_letter_about(event_pk: int) -> bool:
    """Send the letter of an event, unless nobody wants it or something newer happened."""
    events = SubmissionEvent.objects.select_related("submission__catalog", "submission__submitter")
    event = events.filter(pk=event_pk).first()
    if event is None or is_overtaken(event):
        return False
    submission = event.submission
    subscription, address = subscription_of(submission)
    needs_answer = event.to_status == Status.UNCONFIRMED
    if not address or not (needs_answer or subscription.is_on):
        return False
    with translation.override(language_of(submission)):
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


def language_of(submission: Submission) -> str:
    """The language of the pages it came from, if the site still speaks it."""
    known = dict(settings.LANGUAGES)
    return submission.language if submission.language in known else settings.LANGUAGE_CODE


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
    reasons = DecisionReason.objects.filter(catalog=submission.catalog, code=submission.reason)
    reason = reasons.first()
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
