"""Keeping the queue usable for people: limits, caps, traps, block rules.

`admit()` is what the site and the API ask before they submit; it decides nothing about content.
What only looks like spam is held, which puts it at the end of the queue; nobody is refused by that.
The proof of work is in `challenges.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core import signing
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.limits import Rate, TooMany, allow, is_used_up, network_of
from catalog.markdown.linting import Finding
from catalog.models import Catalog, Entry, Listing
from submissions.checks.blocked import matching_rules, rules_in_force
from submissions.checks.profile import finding, holds
from submissions.checks.subject import Subject
from submissions.choices import OPEN
from submissions.errors import NotAllowed
from submissions.models import BlockRule, ContributionPolicy, Submission
from submissions.people import Actor
from submissions.proposal import Base, Proposal
from submissions.protection.caps import check_cap

BY_ACCOUNT = Rate(30, 3600)
BY_ADDRESS = Rate(10, 3600)
BY_NETWORK = Rate(60, 3600)
"""Submissions, let through or not, of an account, an e-mail address, a network."""
BY_SUBMISSION = Rate(20, 3600)
"""Corrections of one submission."""
FLOOD = Rate(60, 600)
"""Submissions to one list from which on it is flooded; those refused before do not count."""
LEAST_SECONDS = 3
"""Seconds from opening a form to sending it; no person is faster."""
TRAP = "website"
"""The field that no person sees."""
_SALT = "submissions.protection.abuse"


@dataclass(frozen=True, slots=True)
class Form:
    """The technical fields of a form: the trap that no person sees, and when it was made."""

    trap: str = ""
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Admission:
    """A submission that may be made; what looks like spam is to be held."""

    findings: list[Finding] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        """Return whether it is held; for `workflow.submit(is_held=…)`."""
        return holds(self.findings)


def admit(
    actor: Actor,
    proposal: Proposal,
    *,
    catalog: Catalog,
    address: str,
    listing: Listing | None = None,
    entry: Entry | None = None,
    form: Form | None = None,
    batch: str = "",
) -> Admission:
    """Admit or refuse a submission; called before the transaction.

    `address` is where the request comes from (`accounts.limits.client_address`), `form` None where
    there was none; `batch` names what came in one paste. Raises `TooMany` with seconds to wait, or
    without for the cap on what is open, and `NotAllowed` for somebody whom a block rule names.
    """
    _count(actor, address)
    refuse_blocked(actor, catalog)
    check_cap(actor, catalog=catalog, address=address, batch=batch)
    _note(catalog)
    count_hits_of_content(proposal, catalog, listing, entry)
    return Admission(list(signs(form)) if form is not None else [])


def admit_correction(submission: Submission, *, address: str) -> None:
    """Admit or refuse a correction; called before the transaction.

    One that is over waits anew, and so is counted among what is open. Raises `TooMany` and
    `NotAllowed`.
    """
    allow("correct", submission.pk, BY_SUBMISSION)
    author = Actor(
        user=submission.submitter,
        email=submission.email,
        network_hash=submission.network_hash,
        browser_hash=submission.browser_hash,
    )
    refuse_blocked(author, submission.catalog)
    if submission.status not in OPEN:
        check_cap(author, catalog=submission.catalog, address=address, batch=submission.batch)


def _count(actor: Actor, address: str) -> None:
    """Count the attempt by everything that it can be known by."""
    if network := network_of(address):
        allow("submit-network", network, BY_NETWORK)
    if actor.user is not None:
        allow("submit-account", actor.user.pk, BY_ACCOUNT)
    elif actor.email:
        allow("submit-address", actor.email.casefold(), BY_ADDRESS)


# Floods


def _note(catalog: Catalog) -> None:
    try:
        allow("submit-list", catalog.pk, FLOOD)
    except TooMany:
        return  # It is flooded, which is for `is_flooded()` to say; this one may still go in.


def is_flooded(catalog: Catalog) -> bool:
    """Whether so much comes in that a proof of work is asked for; one query."""
    return is_used_up("submit-list", catalog.pk, FLOOD)


# Hidden field and fill time


def new_stamp() -> str:
    """Return the signed time of a form; a hidden field, kept when the form comes back."""
    return signing.TimestampSigner(salt=_SALT).sign("form")


def signs(form: Form) -> Iterable[Finding]:
    """Yield signs that no person filled in the form."""
    if form.trap.strip():
        yield finding("trap", "")
    try:
        signing.TimestampSigner(salt=_SALT).unsign(form.stamp, max_age=LEAST_SECONDS)
    except signing.SignatureExpired:
        return  # Older than that: a person had time to type.
    except signing.BadSignature:
        yield finding("too-fast", "", variant="unopened")
    else:
        yield finding("too-fast", "")


# Block rules


def refuse_blocked(actor: Actor, catalog: Catalog) -> None:
    """Raise `NotAllowed` for a person or mail domain that a block rule names, and count the hit."""
    kinds = (BlockRule.Kind.PERSON, BlockRule.Kind.MAIL_DOMAIN)
    hit = [rule for rule in rules_in_force(catalog, kinds) if _names(rule, actor)]
    if hit:
        count_hits(hit)
        raise NotAllowed(hit[0].reason or _("You cannot contribute to this list."))


def _names(rule: BlockRule, actor: Actor) -> bool:
    value, address = rule.value.casefold().strip(), actor.address.casefold()
    if rule.kind == BlockRule.Kind.MAIL_DOMAIN:
        host, blocked = address.rpartition("@")[2], value.lstrip("@.")
        return bool(host and blocked) and (host == blocked or host.endswith(f".{blocked}"))
    known = {address, actor.network_hash}
    if actor.user is not None:
        known |= {actor.user.get_username().casefold(), f"#{actor.user.pk}"}
    return value in known - {""}


def count_hits(rules: Iterable[BlockRule]) -> None:
    """Count that the rules have named something that was really sent in."""
    BlockRule.objects.filter(pk__in=[rule.pk for rule in rules]).update(hits=F("hits") + 1)


def count_hits_of_content(
    proposal: Proposal, catalog: Catalog, listing: Listing | None, entry: Entry | None
) -> None:
    """Count that block rules have named something in what is proposed."""
    policy = ContributionPolicy(catalog=catalog)
    base = Base(name=entry.name, url=entry.url, description=entry.description) if entry else Base()
    subject = Subject(proposal, catalog, listing, entry, base, policy)
    if hit := [rule for rule, _field in matching_rules(subject)]:
        count_hits(hit)
