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
from submissions.protection.abuse import Admission, Form, admit, is_flooded

LIFETIME = 3600
"""Seconds for which a challenge can be solved and sent."""
LEAST_TRIES, MORE_TRIES = 100_000, 200_000
"""A browser tries some 300,000 to 1,000,000 in a second, an old phone a tenth of that."""
LONGEST = 4000
"""Characters of an answer; what is longer is none."""


def is_needed(actor: Actor, *, catalog: Catalog, policy: ContributionPolicy) -> bool:
    """Whether this person has to solve a challenge to submit; a query during quiet times."""
    if actor.user is not None or policy.challenge == Challenge.OFF:
        return False
    return policy.challenge == Challenge.ALWAYS or is_flooded(catalog)


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
) -> Admission:
    """Ask whether it may be submitted; raises what `abuse.admit` does, and `ChallengeNeeded`."""
    if is_needed(actor, catalog=catalog, policy=policy):
        check_solution(solution, catalog=catalog)
    return admit(
        actor,
        proposal,
        catalog=catalog,
        address=address,
        listing=listing,
        entry=entry,
        form=form,
    )


def new_challenge(catalog: Catalog) -> str:
    """A challenge as JSON, for the form; see templates/submissions/challenge.html."""
    challenge = altcha.create_challenge(
        algorithm="SHA-256",
        cost=1,
        counter=LEAST_TRIES + secrets.randbelow(MORE_TRIES),
        expires_at=int(timezone.now().timestamp()) + LIFETIME,
        data={"catalog": catalog.pk},
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("key"),
    )
    return json.dumps(challenge.to_dict())


def check_solution(solution: str, *, catalog: Catalog) -> None:
    """Raise `ChallengeNeeded` unless it solves a challenge of this list, for the first time."""
    if not solution:
        raise _needed(
            catalog, _("So much comes in that your browser has to do a small computation.")
        )
    challenge = _solved(solution)
    if challenge is None or (challenge.parameters.data or {}).get("catalog") != catalog.pk:
        raise _needed(
            catalog, _("The computation of your browser is not valid; send it once more.")
        )
    try:
        # All processes know the same counter, and it runs out when the challenge does.
        allow("challenge", challenge.signature, Rate(1, LIFETIME))
    except TooMany:
        raise _needed(
            catalog, _("This computation of your browser was used already; send it once more.")
        ) from None


def _needed(catalog: Catalog, message: str) -> ChallengeNeeded:
    return ChallengeNeeded(message, json.loads(new_challenge(catalog)))


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
