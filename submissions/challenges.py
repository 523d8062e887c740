"""A proof of work for people without an account: a few seconds of their browser's time.

ALTCHA's challenge, made and checked here, solved by `static/challenge.js`; no third party is asked.
A list can ask for it always, never, or during a flood. Who is signed in is not asked.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

import altcha
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.limits import Rate, TooMany, allow
from catalog.models import Catalog, Entry, Listing
from submissions.choices import Challenge
from submissions.errors import ChallengeNeeded
from submissions.models import ContributionPolicy
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.protection import Admission, Form, admit, is_flooded, open_in_network

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


def let_in(
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
    """Admit a submission; raises what `abuse.admit` does, and `ChallengeNeeded`."""
    if weight := weight_for(actor, catalog=catalog, policy=policy, address=address):
        check_solution(solution, catalog=catalog, weight=weight)
    return admit(
        actor,
        proposal,
        catalog=catalog,
        address=address,
        listing=listing,
        entry=entry,
        form=form,
        batch=batch,
    )


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
