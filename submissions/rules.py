"""Conditions besides status and role: who is admitted, until when, and how often.

Nothing here writes. Emails name the same periods, and carry the link that confirms an address.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.errors import InvalidField
from catalog.models import Entry, Listing
from submissions.choices import Kind, Report, Role, Status, Verb, WhoMaySubmit
from submissions.errors import InvalidTransition, NotAllowed
from submissions.models import ContributionPolicy, Submission
from submissions.people import Actor
from submissions.proposal import Proposal

UNDO_WITHIN = timedelta(minutes=1)
UNDOABLE = frozenset({Verb.APPROVE, Verb.AMEND, Verb.REJECT, Verb.REQUEST_CHANGES})
CONFIRM_WITHIN = timedelta(days=7)
ANSWER_WITHIN = timedelta(days=30)
"""Counted from the reminder."""
REMIND_AFTER = timedelta(days=14)
"""Silence after a question before a reminder."""
_SALT = "submissions.confirm"


# Who may submit, and how an address is confirmed


def refuse_unadmitted(actor: Actor, policy: ContributionPolicy) -> None:
    """Raise `NotAllowed` for whom the catalog does not admit."""
    if actor.user is not None and not actor.user.is_active:
        raise NotAllowed(_("This account may not contribute."))
    if policy.who_may_submit == WhoMaySubmit.CLOSED:
        raise NotAllowed(_("This list is not accepting submissions at the moment."))
    is_known = actor.user is not None or actor.is_vouched
    if not is_known and policy.who_may_submit == WhoMaySubmit.SIGNED_IN:
        raise NotAllowed(_("Please sign in to contribute to this list."))


def status_for(actor: Actor, policy: ContributionPolicy) -> Status:
    """The status that somebody's submission begins with. Raises `NotAllowed`, `InvalidField`."""
    refuse_unadmitted(actor, policy)
    is_known = actor.user is not None or actor.is_vouched
    if is_known or policy.who_may_submit != WhoMaySubmit.CONFIRMED_EMAIL:
        return Status.PENDING
    if not actor.email:
        raise InvalidField("email", _("This list asks for an e-mail address to confirm."))
    return Status.UNCONFIRMED


def check_address(actor: Actor) -> None:
    """Raise `InvalidField` for an e-mail address that is none."""
    if not actor.address:
        return
    try:
        validate_email(actor.address)
    except ValidationError as error:
        raise InvalidField("email", _("This is not an e-mail address.")) from error


def confirmation_for(submission: Submission) -> str:
    """The secret of the link that is mailed to confirm an address; lapses after a week."""
    return signing.dumps([submission.token, submission.email], salt=_SALT)


def check_confirmation(submission: Submission, confirmation: str) -> None:
    """Raise `InvalidTransition` for a link that is not this submission's, or has lapsed."""
    try:
        named = signing.loads(confirmation, salt=_SALT, max_age=CONFIRM_WITHIN)
    except signing.BadSignature as error:
        raise InvalidTransition(_("This link is no longer valid."), submission) from error
    if named != [submission.token, submission.email]:
        raise InvalidTransition(_("This link is no longer valid."), submission)


# When a transition of the table is possible. A sentence says why it is not; '' if it is.


def may_appeal(submission: Submission, actor: Actor, role: Role) -> str:
    """A submitter appeals once against a rejection; what never was confirmed is sent anew."""
    if role == Role.MODERATOR:
        return ""
    if submission.is_spam:
        return _("Only a moderator can reopen this.")
    events = submission.events
    appeals = events.filter(verb=Verb.REOPEN, role=role, from_status=Status.REJECTED)
    if submission.status == Status.REJECTED and appeals.exists():
        return _("A rejection can be appealed once.")
    if is_unconfirmed(submission):
        return _("The address was never confirmed; correct it to get another link.")
    return ""


def is_unconfirmed(submission: Submission) -> bool:
    """Whether it waits for its address to be confirmed, or lapsed while it did."""
    if submission.status != Status.EXPIRED:
        return submission.status == Status.UNCONFIRMED
    lapsed = submission.events.filter(verb=Verb.EXPIRE).last()
    return lapsed is not None and lapsed.from_status == Status.UNCONFIRMED


def _nothing_left(submission: Submission) -> str:
    if submission.kind != Kind.ADD and submission.entry_id is None:
        return _("There is nothing left to correct: the entry no longer exists.")
    return ""


def waits_for_address(submission: Submission, actor: Actor, role: Role) -> str:
    """A correction before the address is confirmed leaves that to be done."""
    if not is_unconfirmed(submission):
        return _("The address was confirmed already.")
    return _nothing_left(submission)


def is_correctable(submission: Submission, actor: Actor, role: Role) -> str:
    """Return why it cannot be corrected: it is published, or was rejected as spam, which can only
    be reopened."""
    if submission.is_spam:
        return _("Only a moderator can reopen this.")
    if is_unconfirmed(submission):
        return _("The address was never confirmed; correct it to get another link.")
    return _nothing_left(submission)


def is_amendable(submission: Submission, actor: Actor, role: Role) -> str:
    """Return why it cannot be amended: only additions, edits and moves can."""
    if submission.kind in {Kind.ADD, Kind.EDIT, Kind.MOVE}:
        return ""
    return _("Additions, edits and moves can be amended; approve or reject this.")


def may_undo(submission: Submission, actor: Actor, role: Role) -> str:
    """Return why this decision or question cannot be undone: within a minute, by whoever made
    it."""
    by, at = submission.decided_by_id, submission.decided_at
    if submission.status == Status.CHANGES_REQUESTED:
        question = submission.events.filter(verb=Verb.REQUEST_CHANGES).last()
        by, at = (question.actor_id, question.created_at) if question else (None, None)
    if actor.user is None or by != actor.user.pk:
        return _("Only the person who decided can undo the decision.")
    if at is None or timezone.now() - at > UNDO_WITHIN:
        return _("A decision can be undone within a minute.")
    return ""


def may_expire(submission: Submission, actor: Actor, role: Role) -> str:
    """An address is confirmed within a week, a question answered within a month of the reminder."""
    now = timezone.now()
    if submission.status == Status.UNCONFIRMED:
        is_over = now - submission.status_at > CONFIRM_WITHIN
    else:
        reminded = submission.reminded_at
        is_over = reminded is not None and now - reminded > ANSWER_WITHIN
    return "" if is_over else _("It has not expired yet.")


# Required fields of contributors, beyond what moderators need to decide


SAMPLED = 40
"""Entries of a listing that show how its entries are written."""


def missing_from(proposal: Proposal, *, lists_links: bool) -> dict[str, str]:
    """Return the missing fields, each with its sentence."""
    if proposal.kind == Kind.ADD and lists_links and not _names_address(proposal):
        return {"url": _("Please enter the link.")}
    needs_words = {Report.OTHER, Report.WRONG}
    if proposal.report in needs_words and not proposal.evidence.strip():
        return {"evidence": _("Please describe it.")}
    return {}


def is_raw(entry: Entry) -> bool:
    """Whether it can be changed as lines alone, which is for the maintainers of the list."""
    return entry.is_opaque or entry.listing_id is None


def lists_links(listing: Listing | None) -> bool:
    """Whether the entries of a listing are links; one query."""
    if listing is None:
        return True
    entries = Entry.objects.published().filter(listing=listing).in_reading_order()
    return mostly_links(list(entries.values_list("url", flat=True)[:SAMPLED]))


def mostly_links(addresses: Sequence[str]) -> bool:
    """Whether half of some entries have an address; also of none."""
    return sum(1 for address in addresses if address) * 2 >= len(addresses)


def _names_address(proposal: Proposal) -> bool:
    return bool((proposal.url or "").strip()) or any(
        "](" in text for text in proposal.cells.values()
    )
