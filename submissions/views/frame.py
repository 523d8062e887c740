"""Common parts of the contributors' pages: the caller, the list's header, caching.

The form pages are nobody else's: they carry a token against forged forms and what was typed, so no
proxy keeps them, but the browser may, for its Back button.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from accounts.limits import client_address
from accounts.models import signed_in
from catalog.models import Catalog, Entry
from catalog.pages.frame import web_link
from catalog.pages.reading import guidelines_html
from catalog.sql.pages import LARGEST_KEY
from catalog.sql.prepared import Prepared
from submissions import protection
from submissions.choices import OPEN, WhoMaySubmit
from submissions.errors import NotAllowed
from submissions.forms.contribution import ContributionForm
from submissions.models import ContributionPolicy, Submission
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.protection import (
    HASH_DAYS,
    TRAP,
    Admission,
    Form,
    Room,
    browser_hash,
    network_hash,
    room_for,
)
from submissions.rules import refuse_unadmitted

SENT_COOKIE = "contributed"
REMEMBERED = 12
"""Submissions whose pages a browser without an account is told again."""
_SENT_SALT = "submissions.sent"


def catalog_or_404(slug: str) -> Catalog:
    """The published list of an address."""
    match = _CATALOG.first(slug)
    if match is None:
        raise Http404
    return match


_CATALOG = Prepared(lambda slug: Catalog.objects.published().filter(slug=slug).order_by())
_ENTRY = Prepared(
    lambda catalog, pk: (
        Entry.objects.select_related("block", "listing", "section")
        .filter(catalog=catalog, pk=pk)
        .exclude(state=Entry.State.SUGGESTED)
        .order_by()
    )
)


def entry_or_404(catalog: Catalog, pk: int) -> Entry:
    """An entry of the list, published or removed; suggestions are not public."""
    match = _ENTRY.first(catalog.pk, pk) if pk <= LARGEST_KEY else None
    if match is None:
        raise Http404
    match.catalog = catalog
    return match


def actor_by_link(request: HttpRequest, submission: Submission) -> Actor:
    """Return the actor who holds the secret of a submission, and so counts as its submitter."""
    return Actor(user=signed_in(request.user), name=submission.credit, token=submission.token)


def is_admitted(request: HttpRequest, policy: ContributionPolicy) -> bool:
    """Whether the list takes something from whoever asks; an address may be confirmed later."""
    try:
        refuse_unadmitted(Actor(user=signed_in(request.user)), policy)
    except NotAllowed:
        return False
    return True


def show(
    request: HttpRequest,
    template: str,
    catalog: Catalog | None,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A contributor's page, which only the own browser keeps."""
    if catalog is not None:
        context |= {
            "catalog": catalog,
            "source": web_link(catalog.source_url),
            "licence": web_link(catalog.license_url),
            "guidelines": guidelines_html(catalog.guidelines, catalog.source_url)
            if catalog.guidelines
            else "",
        }
    response = render(request, f"submissions/{template}", context, status=status)
    patch_cache_control(response, private=True, no_cache=True)
    return response


def not_open(request: HttpRequest, catalog: Catalog, policy: ContributionPolicy) -> HttpResponse:
    """Show what is needed before one can contribute."""
    is_closed = policy.who_may_submit == WhoMaySubmit.CLOSED
    context = {"is_closed": is_closed, **_doors(request)}
    return show(request, "not_open.html", catalog, status=403, **context)


def _doors(request: HttpRequest) -> dict[str, Any]:
    """The addresses at which one signs in or up, and comes back to this page."""
    back = urlencode({"next": request.get_full_path()})
    doors = {"sign_in": "account_login", "sign_up": "account_signup"}
    return {name: f"{reverse(door)}?{back}" for name, door in doors.items()}


def door_page(
    request: HttpRequest, catalog: Catalog, policy: ContributionPolicy, left: Room
) -> HttpResponse | None:
    """The page for whoever cannot send anything; None where a form opens, or one was sent."""
    if request.method == "POST" or hasattr(request, "unproven"):
        return None
    if not is_admitted(request, policy):
        return not_open(request, catalog, policy)
    return full(request, catalog, left) if left.is_used_up else None


def full(request: HttpRequest, catalog: Catalog, room: Room) -> HttpResponse:
    """Show that the cap is reached, before a form is filled in for nothing, and what helps."""
    user = signed_in(request.user)
    return show(
        request,
        "full.html",
        catalog,
        room=room,
        open_rows=Submission.objects.open().submitted_by(user).order_by("-pk")[:20]
        if user
        else [row for row in submissions_sent(request) if row.status in OPEN],
        is_signed_in=user is not None,
        **_doors(request),
    )


# What this browser has sent


def sent_before(request: HttpRequest) -> list[str]:
    """The tokens of what was sent from this browser since it was opened, the newest first."""
    try:
        tokens = signing.loads(request.COOKIES.get(SENT_COOKIE, ""), salt=_SENT_SALT)
    except signing.BadSignature:
        return []
    return [str(token) for token in tokens]


def submissions_sent(request: HttpRequest, catalog: Catalog | None = None) -> list[Submission]:
    """Return the submissions of this browser, newest first; one query if there are any."""
    tokens = sent_before(request)
    if not tokens:
        return []
    rows = Submission.objects.filter(token__in=tokens).select_related("catalog")
    match = {row.token: row for row in (rows.filter(catalog=catalog) if catalog else rows)}
    return [match[token] for token in tokens if token in match]


def remember_sent(request: HttpRequest, response: HttpResponse, tokens: list[str]) -> None:
    """Set the cookie of what the browser sent; only below /contribute/, so that no page of the
    public site depends on it.
    """
    remembered = list(dict.fromkeys([*tokens, *sent_before(request)]))[:REMEMBERED]
    _set_cookie(response, SENT_COOKIE, signing.dumps(remembered, salt=_SENT_SALT, compress=True))


def _set_cookie(response: HttpResponse, name: str, value: str, lasts: int | None = None) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(
        name, value, lasts, path="/contribute/", secure=secure, httponly=True, samesite="Lax"
    )


# The cookie by which forms recognise a browser whose person has no account. A form alone sets it,
# below /contribute/, and it says only that this is the same browser; a keyed hash of it is stored
# with a submission.


COOKIE = "contributor"
_BROWSER_SALT = "submissions.browser"
_LASTS = HASH_DAYS * 86400


def browser_of(request: HttpRequest) -> str:
    """The hash of the browser that a form was given to; '' for one that no form knows."""
    try:
        key = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_BROWSER_SALT, max_age=2 * _LASTS)
    except signing.BadSignature:
        return ""
    return browser_hash(str(key))


def know_again(request: HttpRequest, response: HttpResponse) -> None:
    """Set the browser's cookie along with a form, unless it has one or somebody is signed in."""
    if request.user.is_authenticated or browser_of(request):
        return
    key = signing.dumps(secrets.token_urlsafe(16), salt=_BROWSER_SALT)
    _set_cookie(response, COOKIE, key, _LASTS)


def unknown() -> str:
    """Return the sentence above a form from a browser without the form's cookie."""
    return _(
        "Not sent: your browser blocks this site's cookie. Your text is still "
        "here; allow cookies for this site or sign in, and send it again."
    )


# The sender of a form, and signs of a person


def visitor(request: HttpRequest) -> Actor:
    """Return the actor who opens a form, before anything is typed into it."""
    user = signed_in(request.user)
    return Actor(user=user, browser_hash="" if user else browser_of(request))


def actor_of(request: HttpRequest, form: ContributionForm) -> Actor:
    """Return the actor who sends the form; an account's name and address win over what was
    typed."""
    user = signed_in(request.user)
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
    return protection.new_challenge(form.catalog, weight) if weight else ""


def _weight(request: HttpRequest, catalog: Catalog, policy: ContributionPolicy) -> int:
    return protection.weight_for(
        Actor(user=signed_in(request.user)),
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
    """Admit a submission; raises what `protection.admit` does.

    Without an account it has to come from a browser that a form was given to.
    """
    refuse_unadmitted(actor, form.policy)
    if actor.user is None and not actor.browser_hash:
        raise NotAllowed(unknown())
    return protection.admit(
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
