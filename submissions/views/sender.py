"""The sender of a form, and signs of a person."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.limits import client_address
from catalog.models import Catalog
from submissions.errors import NotAllowed
from submissions.forms.contribution import ContributionForm
from submissions.models import ContributionPolicy
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.protection import challenges
from submissions.protection.abuse import TRAP, Admission, Form
from submissions.protection.caps import Room, room_for
from submissions.protection.networks import network_hash
from submissions.rules import refuse_unadmitted
from submissions.views.browser import browser_of, unknown
from submissions.views.frame import user_of


def visitor(request: HttpRequest) -> Actor:
    """Return the actor who opens a form, before anything is typed into it."""
    user = user_of(request)
    return Actor(user=user, browser_hash="" if user else browser_of(request))


def actor_of(request: HttpRequest, form: ContributionForm) -> Actor:
    """Return the actor who sends the form; an account's name and address win over what was
    typed."""
    user = user_of(request)
    return Actor(
        user=user,
        name=form.text("credit"),
        email=form.text("email"),
        network_hash=network_hash(client_address(request)),
        browser_hash="" if user else browser_of(request),
    )


def room(request: HttpRequest, catalog: Catalog, batch: str = "") -> Room:
    """Return this person's open submissions and cap; one query for most."""
    return room_for(visitor(request), catalog=catalog, batch=batch)


def challenge_for(request: HttpRequest, form: ContributionForm) -> str:
    """The computation that the form has to ask of the browser; '' where none is needed."""
    if form.answers is not None:
        return ""
    weight = _weight(request, form.catalog, form.policy)
    return challenges.new_challenge(form.catalog, weight) if weight else ""


def _weight(request: HttpRequest, catalog: Catalog, policy: ContributionPolicy) -> int:
    return challenges.weight_for(
        Actor(user=user_of(request)),
        catalog=catalog,
        policy=policy,
        address=client_address(request),
    )


def let_in(
    request: HttpRequest,
    form: ContributionForm,
    actor: Actor,
    proposal: Proposal,
    batch: str = "",
) -> Admission:
    """Admit a submission; raises what `challenges.let_in` does.

    Without an account it has to come from a browser that a form was given to.
    """
    refuse_unadmitted(actor, form.policy)
    if actor.user is None and not actor.browser_hash:
        raise NotAllowed(unknown())
    return challenges.let_in(
        actor,
        proposal,
        catalog=form.catalog,
        policy=form.policy,
        address=client_address(request),
        solution=str(form.data.get("solution", "")),
        listing=form.listing,
        entry=form.entry,
        form=Form(str(form.data.get(TRAP, "")), str(form.data.get("stamp", ""))),
        batch=batch,
    )
