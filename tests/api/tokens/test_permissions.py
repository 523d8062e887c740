"""Which scope opens what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from tests.api.tokens.calls import call

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.tokens.addresses")]

PATHS = ("anybody", "own", "submitting", "moderating")


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [
        (("read",), (200, 200, 403, 403)),
        (("submit",), (200, 403, 200, 403)),
        (("moderate",), (200, 403, 403, 200)),
        (("read", "submit"), (200, 200, 200, 403)),
        (("read", "submit", "moderate"), (200, 200, 200, 200)),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_token_opens_what_its_scopes_name(
    secret_for: Callable[..., str],
    scopes: tuple[str, ...],
    statuses: tuple[int, ...],
    method: str,
) -> None:
    header = f"Bearer {secret_for(*scopes)}"

    assert tuple(call(path, header, method).status_code for path in PATHS) == statuses


def test_nobody_has_to_sign_in_where_that_is_needed() -> None:
    assert [call(path).status_code for path in PATHS] == [200, 401, 200, 401]
    answer = call("own")
    assert answer.json() == {
        "code": "not_authenticated",
        "detail": "Sign in, or send a token with the scope “read”.",
        "errors": {},
    }
    # No error where nothing was tried (RFC 6750, section 3.1).
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Listwright"'


def test_session_has_all_scopes(ada: User) -> None:
    browser = Client()
    browser.force_login(ada)

    assert [browser.get(f"/api/{path}/").status_code for path in PATHS] == [200] * 4


def test_refusal_names_the_scope(secret_for: Callable[..., str]) -> None:
    answer = call("moderating", f"Bearer {secret_for('read')}")

    assert answer.json() == {
        "code": "insufficient_scope",
        "detail": "This needs a token with the scope “moderate”; your token does not have it.",
        "errors": {},
    }
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="Listwright", error="insufficient_scope", scope="moderate"'
    )


def test_realm_is_ascii_whatever_the_site_is_called(settings: LazySettings) -> None:
    seen = {}
    for name in ("清单", 'The "best" lists 清单'):
        settings.SITE_NAME = name
        seen[name] = call("own").headers["WWW-Authenticate"]

    assert list(seen.values()) == ['Bearer realm="API"', 'Bearer realm="The best lists"']


@pytest.mark.parametrize("is_staff", [True, False])
def test_staff_moderates_with_a_second_factor_only(
    secret_for: Callable[..., str], ada: User, settings: LazySettings, is_staff: bool
) -> None:
    settings.REQUIRE_STAFF_MFA = True
    User.objects.update(is_staff=is_staff)
    header = f"Bearer {secret_for()}"
    browser = Client()
    browser.force_login(ada)

    before = [call(path, header).status_code for path in PATHS]
    by_session = browser.get("/api/moderating/")
    if is_staff:
        assert (before, by_session.status_code) == ([200, 200, 200, 403], 403)
        assert by_session.json()["code"] == "mfa_required"
    else:
        assert (before, by_session.status_code) == ([200] * 4, 200)
    Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={})
    assert call("moderating", header).status_code == 200
