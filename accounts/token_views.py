"""The pages of one's own API tokens."""

from __future__ import annotations

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.forms import TokenForm
from accounts.models import ApiToken, User
from accounts.tokens import revoke_token
from accounts.views import get_or_post


@get_or_post
@never_cache
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens one has, and a form for another.

    The secret stands in the answer to that form and nowhere else: a redirect to a page of its own
    would have to keep it in the session or in a cookie on the way.
    """
    user = cast("User", request.user)
    form = TokenForm(request.POST or None, user=user)
    if form.is_valid() and (made := form.make()) is not None:
        token, secret = made
        _report(request, token)
        context = {"token": token, "secret": secret, "site": request.build_absolute_uri("/")}
        return render(request, "account/token_made.html", context)
    context = {"form": form, "tokens": user.api_tokens.order_by("-created_at", "-pk")}
    return render(request, "account/tokens.html", context)


@get_or_post
@never_cache
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own tokens, after a question."""
    token = get_object_or_404(cast("User", request.user).api_tokens, pk=pk)
    if request.method == "POST":
        revoke_token(token=token)
        messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
        return redirect("accounts:tokens")
    return render(request, "account/token_revoke.html", {"token": token})


def _report(request: HttpRequest, token: ApiToken) -> None:
    """Write to the owner, as after each change that lets somebody in."""
    get_adapter(request).send_notification_mail(
        "account/email/token_made", token.user, {"token": token, "scopes": token.scopes}
    )
