"""Signing in with GitHub, without asking GitHub."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.github.provider import GitHubProvider
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from django.conf import LazySettings
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/github/login/"
PERSON = {
    "id": 42,
    "login": "ada-l",
    "name": "Ada Lovelace",
    "email": None,
    "emails": [{"email": "ada@people.example", "primary": True, "verified": True}],
}


@pytest.fixture(autouse=True)
def github(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configured site, and GitHub's answers."""
    app = {"client_id": "our-id", "secret": "our-secret"}
    settings.SOCIALACCOUNT_PROVIDERS = {"github": {"APPS": [app], "SCOPE": ["user:email"]}}
    settings.ROOT_URLCONF = "tests.accounts.github_urls"
    registry.get_class_list()
    monkeypatch.setitem(registry.provider_map, "github", GitHubProvider)

    def complete(self: Any, request: Any, app: Any, token: Any, **kwargs: Any) -> Any:
        return self.get_provider().sociallogin_from_response(request, dict(PERSON))

    monkeypatch.setattr(GitHubOAuth2Adapter, "complete_login", complete)
    monkeypatch.setattr(OAuth2Client, "get_access_token", lambda *a, **k: {"access_token": "x"})


def come_back(client: Client) -> Any:
    """Go to GitHub and come back from there."""
    page = client.post(LOGIN)
    state = parse_qs(urlsplit(page.context["target"]).query)["state"][0]
    return client.get(f"{LOGIN}callback/", {"code": "c", "state": state})


def test_button_leads_to_github_by_a_page_that_the_policy_allows(client: Client) -> None:
    assert "Continue with GitHub" in client.get("/accounts/login/").text

    page = client.post(LOGIN)

    target = urlsplit(page.context["target"])
    assert page.status_code == 200
    assert (target.hostname, target.path) == ("github.com", "/login/oauth/authorize")
    assert parse_qs(target.query)["client_id"] == ["our-id"]
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_link_from_elsewhere_signs_nobody_in(client: Client) -> None:
    page = client.get(LOGIN)

    assert "Sign in with GitHub?" in page.text
    assert "target" not in page.context


def test_account_takes_name_and_confirmed_address_from_github(client: Client) -> None:
    come_back(client)

    user = User.objects.get()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.username, user.display_name, user.first_name) == ("ada-l", "Ada Lovelace", "")
    assert list(EmailAddress.objects.values_list("email", "verified")) == [
        ("ada@people.example", True)
    ]


def test_address_of_another_account_does_not_open_it(client: Client) -> None:
    user = User.objects.create_user("ada", "ada@people.example", "correct horse battery")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

    come_back(client)

    assert "_auth_user_id" not in client.session
    assert not SocialAccount.objects.exists()
