"""Who sends a form, and whether it looks like a person who does."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.limits import client_address
from submissions.forms.contribution import ContributionForm
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.protection import challenges
from submissions.protection.abuse import TRAP, Admission, Form, network_hash
from submissions.views.frame import user_of


def actor_of(request: HttpRequest, form: ContributionForm) -> Actor:
    """Who sends the form; an account's name and address are its own, whatever was typed."""
    return Actor(
        user=user_of(request),
        name=form.text("credit"),
        email=form.text("email"),
        network_hash=network_hash(client_address(request)),
    )


def challenge_for(request: HttpRequest, form: ContributionForm) -> str:
    """The computation that the form has to ask of the browser; '' where none is needed."""
    if form.answers is not None:
        return ""
    actor = Actor(user=user_of(request))
    if not challenges.is_needed(actor, catalog=form.catalog, policy=form.policy):
        return ""
    return challenges.new_challenge(form.catalog)


def let_in(
    request: HttpRequest, form: ContributionForm, actor: Actor, proposal: Proposal
) -> Admission:
    """Ask whether it may be submitted; raises what `challenges.let_in` does."""
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
    )
