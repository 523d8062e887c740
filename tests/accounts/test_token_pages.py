"""Making and revoking a token on the pages of one's account."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, Membership, User
from accounts.tokens import MOST_TOKENS, find_token, make_token
from tests.factories import make_catalog
from tests.mailbox import letters, work_off

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
NEW = {"name": "laptop", "scopes": ["read", "submit"], "days": "90"}


@pytest.fixture
def ada() -> User:
    user = User.objects.create_user("ada", "ada@people.example", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def signed_in(ada: User, client: Client) -> Client:
    """Ada's browser, after she showed once more that it is she."""
    client.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def secrets_in(text: str) -> set[str]:
    return set(re.findall(r"lw_[\w-]{43}", text))


def test_secret_is_shown_once(signed_in: Client, ada: User) -> None:
    answer = signed_in.post("/accounts/tokens/", NEW)

    [secret] = secrets_in(answer.text)
    token = find_token(secret)
    assert (token.user, token.name, token.scopes) == (ada, "laptop", "read submit")
    assert token.expires_at is not None
    assert token.expires_at - token.created_at - timedelta(days=90) < timedelta(seconds=5)
    assert f"curl -H &quot;Authorization: Bearer {secret}" in answer.text.replace('"A', "&quot;A")
    assert "http://testserver/api/v1/" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret not in str(dict(signed_in.session)) + str(signed_in.cookies)
    for path in ("", "tokens/", f"tokens/{token.pk}/revoke/"):
        assert secret not in signed_in.get(f"/accounts/{path}").text


def test_token_may_be_good_for_ever(signed_in: Client) -> None:
    signed_in.post("/accounts/tokens/", NEW | {"days": "0"})

    assert ApiToken.objects.get().expires_at is None


@pytest.mark.parametrize(
    "change",
    [{"name": " "}, {"name": "x" * 61}, {"name": "\u202e"}, {"scopes": []},
     {"scopes": ["rule"]}, {"scopes": ["moderate"]}, {"days": "31"}, {"days": ""}, {"days": "-1"}],
)  # fmt: skip
def test_half_a_form_makes_nothing(signed_in: Client, change: dict[str, object]) -> None:
    answer = signed_in.post("/accounts/tokens/", NEW | change)

    assert (answer.status_code, secrets_in(answer.text)) == (200, set())
    assert 'class="errors"' in answer.text
    assert not ApiToken.objects.exists()


def test_one_too_many_is_refused_in_a_sentence(signed_in: Client, ada: User) -> None:
    for number in range(MOST_TOKENS):
        make_token(user=ada, name=str(number), scopes=["read"])

    answer = signed_in.post("/accounts/tokens/", NEW)

    assert "You have 20 tokens, the maximum" in answer.text
    assert ApiToken.objects.count() == MOST_TOKENS


@pytest.mark.parametrize("power", ["none", "membership", "superuser"])
def test_moderating_is_offered_to_those_who_moderate(
    signed_in: Client, ada: User, power: str
) -> None:
    if power == "membership":
        role = Membership.Role.MODERATOR
        Membership.objects.create(user=ada, catalog=make_catalog(), role=role)
    elif power == "superuser":
        User.objects.update(is_superuser=True)

    offered = re.findall(r'name="scopes" value="(\w+)"', signed_in.get("/accounts/tokens/").text)
    signed_in.post("/accounts/tokens/", NEW | {"scopes": ["moderate"]})

    more = [] if power == "none" else ["moderate"]
    assert offered == ["read", "submit", *more]
    assert [token.scopes for token in ApiToken.objects.all()] == more


def test_owner_is_notified(signed_in: Client, mailoutbox: list[EmailMessage]) -> None:
    answer = signed_in.post("/accounts/tokens/", NEW)
    work_off()

    assert letters(mailoutbox) == [("ada@people.example", "An API token was created")]
    body = str(mailoutbox[0].body)
    hint = ApiToken.objects.get().hint
    assert f"Token: laptop (…{hint})\nMay: read submit\n" in body
    assert "From: 127.0.0.1" in body
    assert not secrets_in(body) & secrets_in(answer.text)


def test_list_says_what_each_is(signed_in: Client, ada: User) -> None:
    used, _ = make_token(user=ada, name="<b>用</b>", scopes=["read"])
    ApiToken.objects.update(last_used_at=timezone.now())
    make_token(user=ada, name="old", scopes=["submit"])
    past = timezone.now() - timedelta(days=1)
    ApiToken.objects.filter(name="old").update(created_at=past, expires_at=timezone.now())
    make_token(user=User.objects.create_user("grace"), name="hers", scopes=["read"])

    text = signed_in.get("/accounts/tokens/").text

    rows = [
        " ".join(re.sub(r"<[^>]+>", "", row).split())
        for row in re.findall(r"<section>(.*?)</section>", text, re.DOTALL)[:2]
    ]
    assert rows[0].startswith(f"&lt;b&gt;用&lt;/b&gt; read · ends with {used.hint} Made ")
    assert "last used" in rows[0]
    assert "does not expire" in rows[0]
    assert "never used · expired" in rows[1]
    assert "hers" not in text


def test_token_is_revoked_after_a_question(signed_in: Client, ada: User) -> None:
    token, _ = make_token(user=ada, name="laptop", scopes=["read"])
    path = f"/accounts/tokens/{token.pk}/revoke/"

    assert "Revoke “laptop”?" in signed_in.get(path).text
    assert ApiToken.objects.exists()
    answer = signed_in.post(path, follow=True)

    assert "The token “laptop” is revoked." in answer.text
    assert not ApiToken.objects.exists()
    assert signed_in.post(path).status_code == 404


def test_nobody_elses_token_can_be_revoked(signed_in: Client) -> None:
    token, _ = make_token(user=User.objects.create_user("grace"), name="hers", scopes=["read"])

    assert signed_in.post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 404
    assert ApiToken.objects.exists()


@pytest.mark.parametrize("path", ["tokens/", "tokens/1/revoke/"])
def test_pages_want_the_password_again(client: Client, ada: User, path: str) -> None:
    assert client.get(f"/accounts/{path}").headers["Location"].startswith("/accounts/login/")
    client.force_login(ada)

    for answer in (client.get(f"/accounts/{path}"), client.post(f"/accounts/{path}", NEW)):
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not ApiToken.objects.exists()


def test_form_is_not_lost_when_the_password_is_required(client: Client, ada: User) -> None:
    client.force_login(ada)
    answer = client.post("/accounts/tokens/", NEW)

    answer = client.post(
        answer.headers["Location"], {"password": PASSWORD, "next": "/accounts/tokens/"}
    )

    [secret] = secrets_in(answer.text)
    assert find_token(secret).name == "laptop"
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret not in str(dict(client.session)) + str(client.cookies)


def test_profile_counts_them(signed_in: Client, ada: User) -> None:
    make_token(user=ada, name="laptop", scopes=["read"])

    assert "1 token<" in signed_in.get("/accounts/").text


def test_tokens_outlive_the_password_and_not_the_account(signed_in: Client, ada: User) -> None:
    _token, secret = make_token(user=ada, name="laptop", scopes=["read"])
    new = "another long one"

    signed_in.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert find_token(secret).user.check_password(new)
    signed_in.post("/accounts/delete/", {"credit": "keep", "sure": "1"})

    assert not ApiToken.objects.exists()


def test_own_data_lists_them(signed_in: Client, ada: User) -> None:
    token, _secret = make_token(user=ada, name="laptop", scopes=["read"])

    data = signed_in.get("/accounts/data/").json()["api_tokens"]

    assert [(row["name"], row["hint"], row["scopes"]) for row in data] == [
        ("laptop", token.hint, "read")
    ]
    assert sorted(data[0]) == [
        "created_at", "expires_at", "hint", "last_used_at", "name", "scopes",
    ]  # fmt: skip


def test_admin_sees_and_revokes_but_reads_no_secret(client: Client, ada: User) -> None:
    token, secret = make_token(user=ada, name="laptop", scopes=["read"])
    client.force_login(User.objects.create_superuser("root"))
    path = "/admin/accounts/apitoken/"

    pages = client.get(path).text + client.get(f"{path}{token.pk}/change/").text
    assert "laptop" in pages
    assert secret not in pages
    assert token.digest not in pages
    assert client.get(f"{path}add/").status_code == 403
    client.post(f"{path}{token.pk}/delete/", {"post": "yes"})

    assert not ApiToken.objects.exists()


def test_admin_shows_staff_without_the_right_nothing(client: Client, ada: User) -> None:
    client.force_login(User.objects.create_user("staff", is_staff=True))

    assert client.get("/admin/accounts/apitoken/").status_code == 403
