"""Caps on a person's open submissions, and what raises them.

People without an account are told apart by their browser, which the form gives a signed cookie, and
by an e-mail address; programs, which have no form, by their network. What came in one paste counts
once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.core import signing
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.limits import TooMany
from catalog.models import Catalog
from submissions.models import Submission
from submissions.people import Actor
from submissions.protection.networks import network_hashes
from submissions.protection.trust import is_trusted
from submissions.querysets import SubmissionQuerySet

ANONYMOUS_CAP, ADDRESS_CAP, NEW_CAP, TRUSTED_CAP = 1, 3, 3, 20
"""Open submissions at a time: of a browser alone, with an address, of an account, when trusted."""
NETWORK_CAP = 5
"""Open submissions of programs without an account that share a network and give addresses."""
MOST_AT_ONCE = 20
"""Entries of one paste."""
_SALT = "submissions.protection.caps"
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
        count = _count(opened.filter(submitter=actor.user))
        if count < NEW_CAP:
            return Room(count, NEW_CAP, 0)
        if actor.moderates(catalog):
            return Room(count, count + 1, 0)
        cap = TRUSTED_CAP if is_trusted(actor.user, catalog) else NEW_CAP
        return Room(count, cap, 0)
    nobody = opened.filter(submitter=None)
    of_address = _count(nobody.filter(email__iexact=actor.email)) if actor.email else 0
    cap = ADDRESS_CAP if actor.email else ANONYMOUS_CAP
    if actor.browser_hash:
        of_browser = _count(nobody.filter(browser_hash=actor.browser_hash))
        return Room(max(of_browser, of_address), cap, ADDRESS_CAP)
    programs = nobody.filter(network_hash__in=network_hashes(address), browser_hash="")
    if not address:
        return Room(of_address, cap, ADDRESS_CAP)
    if not actor.email:
        return Room(_count(programs.filter(email="")), cap, ADDRESS_CAP)
    if (of_network := _count(programs)) >= NETWORK_CAP:
        return Room(of_network, NETWORK_CAP, NETWORK_CAP)
    return Room(of_address, cap, ADDRESS_CAP)


def signed_batch(batch: str) -> str:
    """The name of a paste as its form carries it: what was mended in it is sent as part of it."""
    return signing.dumps(batch, salt=_SALT)


def open_batch(text: str) -> str:
    """The paste that a form names, if there is room in it; else a new one."""
    try:
        batch = str(signing.loads(text, salt=_SALT, max_age=_BATCH_LASTS))
    except signing.BadSignature:
        return secrets.token_urlsafe(16)
    is_full = Submission.objects.filter(batch=batch).count() >= MOST_AT_ONCE
    return secrets.token_urlsafe(16) if is_full else batch


def open_in_network(address: str) -> int:
    """Count open submissions from a network without account; one query."""
    rows = Submission.objects.open().filter(
        submitter=None, network_hash__in=network_hashes(address)
    )
    return _count(rows)


def _count(rows: SubmissionQuerySet) -> int:
    """Count submissions, those of one paste as one."""
    counts = rows.aggregate(
        alone=Count("pk", filter=Q(batch="")),
        batches=Count("batch", filter=~Q(batch=""), distinct=True),
    )
    return int(counts["alone"]) + int(counts["batches"])
