"""Who may submit: whom a catalog admits, and how an address is confirmed."""

from __future__ import annotations

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from catalog.errors import InvalidField
from submissions.choices import Status, WhoMaySubmit
from submissions.errors import InvalidTransition, NotAllowed
from submissions.models import ContributionPolicy, Submission
from submissions.people import Actor
from submissions.verbs.rules import CONFIRM_WITHIN

_SALT = "submissions.confirm"


def refuse_unadmitted(actor: Actor, policy: ContributionPolicy) -> None:
    """Raise `NotAllowed` for whom the catalog does not admit."""
    if actor.user is not None and not actor.user.is_active:
        raise NotAllowed(_("This account may not contribute."))
    if policy.who_may_submit == WhoMaySubmit.CLOSED:
        raise NotAllowed(_("This list does not take submissions at present."))
    if actor.user is None and policy.who_may_submit == WhoMaySubmit.SIGNED_IN:
        raise NotAllowed(_("Please sign in to contribute to this list."))


def status_for(actor: Actor, policy: ContributionPolicy) -> Status:
    """The status that somebody's submission begins with. Raises `NotAllowed`, `InvalidField`."""
    refuse_unadmitted(actor, policy)
    if actor.user is not None or policy.who_may_submit != WhoMaySubmit.CONFIRMED_EMAIL:
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
        raise InvalidTransition(_("This link is not valid any more."), submission) from error
    if named != [submission.token, submission.email]:
        raise InvalidTransition(_("This link is not valid any more."), submission)
