"""The cookie by which forms know a browser again whose person has no account.

It is set by a form alone, below /contribute/, and says nothing but that it is the same browser.
What is stored with a submission is a keyed hash of it.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from submissions.protection.networks import HASH_DAYS, browser_hash

COOKIE = "contributor"
_SALT = "submissions.browser"
_LASTS = HASH_DAYS * 86400


def browser_of(request: HttpRequest) -> str:
    """The hash of the browser that a form was given to; '' for one that no form knows."""
    try:
        key = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=2 * _LASTS)
    except signing.BadSignature:
        return ""
    return browser_hash(str(key))


def know_again(request: HttpRequest, response: HttpResponse) -> None:
    """Set the browser's cookie along with a form, unless it has one or somebody is signed in."""
    if request.user.is_authenticated or browser_of(request):
        return
    response.set_cookie(
        COOKIE,
        signing.dumps(secrets.token_urlsafe(16), salt=_SALT),
        max_age=_LASTS,
        path="/contribute/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def unknown() -> str:
    """Return the sentence above a form from a browser without the form's cookie."""
    return _(
        "Not sent: your browser blocks this site's cookie. Your text is still "
        "here; allow cookies for this site or sign in, and send it again."
    )
