"""The pages of one's own account that allauth has none for."""

from __future__ import annotations

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.providers.github.views import oauth2_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import team
from accounts.forms import LeavingForm, ProfileForm, TokenForm
from accounts.mail import Subscription
from accounts.models import ApiToken, User, signed_in
from accounts.personal_data import delete_account, personal_data
from accounts.sign_in import SECOND_FACTORS
from accounts.tokens import revoke_token
from catalog.errors import CatalogError

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@never_cache
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show the account page: who is signed in, with links to everything else about the account."""
    user = cast("User", request.user)
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    context = {
        "form": form,
        "has_mfa": is_mfa_enabled(user, SECOND_FACTORS),
        "tokens": user.api_tokens.count(),
        "has_providers": bool(settings.SOCIALACCOUNT_PROVIDERS),
    }
    return render(request, "account/profile.html", context)


@require_safe
@never_cache
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def data(request: HttpRequest) -> HttpResponse:
    """Send people their stored data as a file."""
    response = JsonResponse(
        personal_data(cast("User", request.user)),
        json_dumps_params={"indent": 2, "ensure_ascii": False},
    )
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@get_or_post
@never_cache
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def leave(request: HttpRequest) -> HttpResponse:
    """Delete one's account, after saying what happens to one's name."""
    user = User.objects.get(pk=cast("User", request.user).pk)
    form = LeavingForm(team.maintained_alone(user), request.POST or None)
    if form.is_valid():
        logout(request)
        keep_name = form.cleaned_data["credit"] == LeavingForm.Credit.KEEP
        delete_account(user=user, keep_name=keep_name)
        return render(request, "account/left.html")
    return render(request, "account/leave.html", {"form": form})


@get_or_post
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept a role in a list: with one's account, or by way of making one.

    The link in a letter shows that the address is theirs who followed it, so that it need not be
    confirmed by another letter.
    """
    invited, is_mailed = team.invitation_of(token)
    user = signed_in(request.user)
    refused = "" if invited else _("This invitation is no longer valid.")
    if invited and user and request.method == "POST":
        try:
            team.accept(invitation=invited, user=user)
        except CatalogError as error:
            refused = error.message
        else:
            return redirect("admin:catalog_catalog_change", invited.catalog_id)
    if invited and not user and is_mailed:
        get_adapter(request).stash_verified_email(request, invited.email)
    context = {"invitation": invited, "refused": refused, "next": request.path}
    status = 410 if refused else 200
    return render(request, "account/invitation.html", context, status=status)


@csrf_exempt
@get_or_post
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop mail about one topic: at once by a mail program's POST, after a question by a GET.

    The signed link is the permission, so that it works for people without an account and from
    programs that hold no cookie; all that anybody can do with it is to stop or start that mail.
    """
    subscription = Subscription.from_token(token)
    if subscription is None:
        raise Http404
    if request.method == "POST":
        subscription.change(is_on="again" in request.POST)
    context = {"topic": subscription.topic.label, "is_wanted": subscription.is_on}
    return render(request, "account/unsubscribe.html", context)


@get_or_post
def github_login(request: HttpRequest) -> HttpResponse:
    """Lead to GitHub by a page of ours.

    A form may lead to this site only (the policy's `form-action`), redirects included; so what
    allauth answers as a redirect becomes a page that goes on by itself.
    """
    if not settings.SOCIALACCOUNT_PROVIDERS:
        raise Http404
    response: HttpResponse = oauth2_login(request)
    target = response.headers.get("Location", "")
    if not target.startswith("https://"):
        return response
    return render(request, "socialaccount/going_on.html", {"target": target})


# API tokens


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
