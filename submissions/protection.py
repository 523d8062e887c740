"""Protection of the queue against floods and spam: who may send how much.

`admit()` is what the site and the API ask before they submit; it decides nothing about content.
What only looks like spam is held, which puts it at the end of the queue; nobody is refused by that.
A flood is met by a proof of work.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import altcha
from django.core import signing
from django.db.models import Count, F, Min, Q
from django.tasks import task
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.limits import Rate, TooMany, allow, is_used_up, network_of
from accounts.models import User
from catalog.markdown.linting import Finding
from catalog.models import Catalog, Entry, Listing
from submissions.checks.spam import matching_rules, rules_in_force
from submissions.checks.subject import Subject
from submissions.choices import OPEN, Challenge, Status
from submissions.errors import ChallengeNeeded, NotAllowed
from submissions.findings import finding, holds
from submissions.models import (
    BlockRule,
    ContributionPolicy,
    Submission,
    SubmissionQuerySet,
    TrustPin,
)
from submissions.people import Actor
from submissions.proposal import Base, Proposal

# Keyed hashes of networks and browsers, which are deleted after two months


HASH_DAYS = 30
"""Days for which one network has one hash; after twice that the hashes are deleted."""
_SALT = "submissions.protection.abuse"


def network_hash(address: str, now: datetime | None = None) -> str:
    """Return the keyed hash of a request's network, which changes each month."""
    return _hash(address, _period(now or timezone.now()))


def network_hashes(address: str, now: datetime | None = None) -> list[str]:
    """The hashes that the network has, and had last month."""
    period = _period(now or timezone.now())
    return [digest for each in (period, period - 1) if (digest := _hash(address, each))]


@task
def forget_networks() -> int:
    """Empty the hashes of networks and browsers that nothing is compared with any more."""
    before = timezone.now() - timedelta(days=2 * HASH_DAYS)
    known = ~Q(network_hash="") | ~Q(browser_hash="")
    old = Submission.objects.filter(known, created_at__lt=before)
    return old.update(network_hash="", browser_hash="")


def _period(now: datetime) -> int:
    return int(now.timestamp()) // (HASH_DAYS * 86400)


def _hash(address: str, period: int) -> str:
    network = network_of(address)
    if not network:
        return ""
    return salted_hmac(f"{_SALT}.{period}", network, algorithm="sha256").hexdigest()


def browser_hash(key: str) -> str:
    """Return the hash of the random key that the form gave a browser."""
    return salted_hmac(f"{_SALT}.browser", key, algorithm="sha256").hexdigest()


# Trust: earned by past submissions unless it is pinned. It raises how much may be open at a time,
# and never publishes anything by itself.


LEAST_APPLIED = 10
LEAST_AGE = timedelta(days=14)
"""Since the first submission."""
MOST_REJECTED = 0.2
"""Largest share of rejected among decided submissions."""
MOST_REVERTED = 1
"""Two are too many."""


def is_trusted(user: User | None, catalog: Catalog) -> bool:
    """Whether somebody is trusted in a catalog; two queries, none for who is not signed in."""
    if user is None:
        return False
    pin = TrustPin.objects.filter(catalog=catalog, user=user).first()
    return pin.is_trusted if pin else _has_earned_it(user)


def _has_earned_it(user: User) -> bool:
    of_status = {
        status: Count("pk", filter=Q(status=status))
        for status in (Status.APPLIED, Status.REJECTED, Status.REVERTED)
    }
    record = Submission.objects.submitted_by(user).aggregate(
        spam=Count("pk", filter=Q(is_spam=True)),
        first=Min("created_at"),
        **{status.value: count for status, count in of_status.items()},
    )
    applied, rejected, reverted = (record[status.value] for status in of_status)
    decided = applied + rejected + reverted
    return bool(
        applied >= LEAST_APPLIED
        and timezone.now() - record["first"] >= LEAST_AGE
        and not record["spam"]
        and reverted <= MOST_REVERTED
        and rejected <= MOST_REJECTED * decided
    )


# Caps on a person's open submissions. People without an account are distinguished by their browser,
# which has a signed cookie from the form, and by e-mail address; programs, which have no form, by
# their network. What came in one paste counts once.


ANONYMOUS_CAP, ADDRESS_CAP, NEW_CAP, TRUSTED_CAP = 1, 3, 3, 20
"""Open submissions at a time: of a browser alone, with an address, of an account, when trusted."""
NETWORK_CAP = 5
"""Open submissions of programs without an account that share a network and give addresses."""
MOST_AT_ONCE = 20
"""Entries of one paste."""
_BATCH_SALT = "submissions.protection.caps"
_BATCH_LASTS = 86400


@dataclass(frozen=True, slots=True)
class Room:
    """Open submissions and the cap; with a confirmed address it would be `with_address`."""

    opened: int
    cap: int
    with_address: int

    @property
    def is_left(self) -> bool:
        """Whether one more may be sent as it is."""
        return self.opened < self.cap

    @property
    def needs_address(self) -> bool:
        """Whether an e-mail address is all that is missing for one more."""
        return not self.is_left and self.opened < self.with_address

    @property
    def is_used_up(self) -> bool:
        """Whether nothing more can be sent, with an address or without."""
        return not self.is_left and not self.needs_address

    @property
    def sentence(self) -> str:
        """Return why nothing more can be sent, and what helps."""
        opened = ngettext(
            "%(n)d submission of yours is still open.",
            "%(n)d submissions of yours are still open.",
            self.opened,
        ) % {"n": self.opened}
        if self.needs_address:
            text = _("%(opened)s To send another one now, give your e-mail address or sign in.")
        elif self.with_address:
            text = _("%(opened)s To send another one now, sign in; or wait for a decision.")
        else:
            text = _("%(opened)s You can send more once some are decided or withdrawn.")
        return text % {"opened": opened}


def check_cap(actor: Actor, *, catalog: Catalog, address: str, batch: str = "") -> None:
    """Raise `TooMany` when as many submissions are open as this person may have at a time.

    What was sent in the same `batch` does not count. Counted, not locked: two requests at the same
    moment may pass the cap by one.
    """
    room = room_for(actor, catalog=catalog, address=address, batch=batch)
    if not room.is_left:
        raise TooMany(room.sentence)


def room_for(actor: Actor, *, catalog: Catalog, address: str = "", batch: str = "") -> Room:
    """Return this person's open submissions and cap; two queries, more at the cap."""
    opened = Submission.objects.open()
    if batch:
        opened = opened.exclude(batch=batch)
    if actor.user is not None:
        count = _count_batches_once(opened.filter(submitter=actor.user))
        if count < NEW_CAP:
            return Room(count, NEW_CAP, 0)
        if actor.moderates(catalog):
            return Room(count, count + 1, 0)
        cap = TRUSTED_CAP if is_trusted(actor.user, catalog) else NEW_CAP
        return Room(count, cap, 0)
    nobody = opened.filter(submitter=None)
    of_address = _count_batches_once(nobody.filter(email__iexact=actor.email)) if actor.email else 0
    cap = ADDRESS_CAP if actor.email else ANONYMOUS_CAP
    if actor.browser_hash:
        of_browser = _count_batches_once(nobody.filter(browser_hash=actor.browser_hash))
        return Room(max(of_browser, of_address), cap, ADDRESS_CAP)
    programs = nobody.filter(network_hash__in=network_hashes(address), browser_hash="")
    if not address:
        return Room(of_address, cap, ADDRESS_CAP)
    if not actor.email:
        return Room(_count_batches_once(programs.filter(email="")), cap, ADDRESS_CAP)
    if (of_network := _count_batches_once(programs)) >= NETWORK_CAP:
        return Room(of_network, NETWORK_CAP, NETWORK_CAP)
    return Room(of_address, cap, ADDRESS_CAP)


def signed_batch(batch: str) -> str:
    """The name of a paste as its form carries it: what was mended in it is sent as part of it."""
    return signing.dumps(batch, salt=_BATCH_SALT)


def open_batch(text: str) -> str:
    """The paste that a form names, if there is room in it; else a new one."""
    try:
        batch = str(signing.loads(text, salt=_BATCH_SALT, max_age=_BATCH_LASTS))
    except signing.BadSignature:
        return secrets.token_urlsafe(16)
    is_full = Submission.objects.filter(batch=batch).count() >= MOST_AT_ONCE
    return secrets.token_urlsafe(16) if is_full else batch


def open_in_network(address: str) -> int:
    """Count open submissions from a network without account; one query."""
    rows = Submission.objects.open().filter(
        submitter=None, network_hash__in=network_hashes(address)
    )
    return _count_batches_once(rows)


def _count_batches_once(rows: SubmissionQuerySet) -> int:
    """Count submissions, those of one paste as one."""
    counts = rows.aggregate(
        alone=Count("pk", filter=Q(batch="")),
        batches=Count("batch", filter=~Q(batch=""), distinct=True),
    )
    return int(counts["alone"]) + int(counts["batches"])


# Limits


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
    policy: ContributionPolicy,
    address: str,
    solution: str = "",
    listing: Listing | None = None,
    entry: Entry | None = None,
    form: Form | None = None,
    batch: str = "",
) -> Admission:
    """Admit or refuse a submission; called before the transaction.

    `address` is where the request comes from (`accounts.limits.client_address`), `form` None where
    there was none; `batch` names what came in one paste. Raises `ChallengeNeeded` without a
    `solution` where one is asked for, `TooMany` with seconds to wait, or without for the cap on
    what is open, and `NotAllowed` for somebody whom a block rule names.
    """
    if weight := weight_for(actor, catalog=catalog, policy=policy, address=address):
        check_solution(solution, catalog=catalog, weight=weight)
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


# A proof of work for people without an account: a few seconds of their browser's time. ALTCHA's
# challenge, made and checked here, solved by `static/challenge.js`; no third party is asked.


LIFETIME = 3600
"""Seconds for which a challenge can be solved and sent."""
FREE = 5
"""Open submissions of a network up to which nobody in it is asked for a challenge."""
TRIES = 10_000
"""Tries for each open submission of the network. A browser makes some 300,000 to 1,000,000 in a
second, a phone 60,000 and more: the thirtieth person waits five seconds there at most."""
LEAST, MOST = 20, 60
"""So many count at least where a list asks everybody, or is flooded; and at most."""
LONGEST = 4000
"""Characters of an answer; what is longer is none."""


def weight_for(actor: Actor, *, catalog: Catalog, policy: ContributionPolicy, address: str) -> int:
    """Return how hard a challenge this person has to solve to submit; 0 for none. Two queries at
    most.

    It grows with what people without an account have open in the network of the `address`.
    """
    if actor.user is not None or policy.challenge == Challenge.OFF:
        return 0
    opened = min(open_in_network(address), MOST)
    if policy.challenge == Challenge.ALWAYS or is_flooded(catalog):
        return max(opened, LEAST)
    return opened if opened >= FREE else 0


def new_challenge(catalog: Catalog, weight: int = LEAST) -> str:
    """A challenge as JSON, for the form; see templates/submissions/challenge.html."""
    tries = weight * TRIES
    challenge = altcha.create_challenge(
        algorithm="SHA-256",
        cost=1,
        counter=tries // 2 + secrets.randbelow(tries // 2),
        expires_at=int(timezone.now().timestamp()) + LIFETIME,
        data={"catalog": catalog.pk, "weight": weight},
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("key"),
    )
    return json.dumps(challenge.to_dict())


def check_solution(solution: str, *, catalog: Catalog, weight: int = 0) -> None:
    """Raise `ChallengeNeeded` unless it solves a challenge of this list, for the first time.

    One that was asked for when half as much was open is hard enough: people type for a while.
    """
    if not solution:
        raise _needed(
            catalog,
            weight,
            _("Because of many submissions right now, your browser has to run a short check."),
        )
    challenge = _solved(solution)
    data = challenge.parameters.data or {} if challenge else {}
    if (
        challenge is None
        or data.get("catalog") != catalog.pk
        or 2 * int(data.get("weight", 0)) < weight
    ):
        raise _needed(catalog, weight, _("The browser check was not valid; please send again."))
    try:
        # All processes know the same counter, and it runs out when the challenge does.
        allow("challenge", challenge.signature, Rate(1, LIFETIME))
    except TooMany:
        raise _needed(
            catalog,
            weight,
            _("This browser check was already used; please send again."),
        ) from None


def _needed(catalog: Catalog, weight: int, message: str) -> ChallengeNeeded:
    return ChallengeNeeded(message, json.loads(new_challenge(catalog, weight or LEAST)))


def _solved(solution: str) -> altcha.Challenge | None:
    """The challenge that is solved; None for anything else, however it is broken."""
    if len(solution) > LONGEST:
        return None
    try:
        payload = altcha.Payload.from_base64(solution)
        result = altcha.verify_solution(
            payload, _secret("challenge"), hmac_key_secret=_secret("key")
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not result.verified or not isinstance(payload.challenge.parameters.data, dict):
        return None
    return payload.challenge


def _secret(purpose: str) -> str:
    key: Any = salted_hmac("submissions.protection.challenges", purpose, algorithm="sha256")
    return str(key.hexdigest())
