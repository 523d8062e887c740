"""Signing up, in and out, and what the pages of an account give away to nobody."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.test import Client

from accounts.models import User
from tests.accounts.codes import code_for
from tests.mailbox import letters, work_off

pytestmark = pytest.mark.django_db

type Outbox = list[EmailMessage]
PASSWORD = "correct horse battery"
NEW = {"email": "ada@people.example", "display_name": "Ada", "password1": PASSWORD}


def make_ada(**fields: object) -> User:
    """Somebody whose address is confirmed."""
    user = User.objects.create_user("ada", "ada@people.example", PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client: Client, login: str = "ada", password: str = PASSWORD) -> int:
    path = "/accounts/login/"
    return client.post(path, {"login": login, "password": password}).status_code


def link_in(message: EmailMessage, part: str) -> str:
    """The path of the link in a letter."""
    line = next(line for line in message.body.splitlines() if part in line)
    return line.removeprefix("http://testserver")


def test_sign_up_is_confirmed_by_mail_then_signs_in(client: Client, mailoutbox: Outbox) -> None:
    answer = client.post("/accounts/signup/", NEW)
    assert answer.headers["Location"] == "/accounts/confirm-email/"
    assert "_auth_user_id" not in client.session
    work_off()
    assert letters(mailoutbox) == [("ada@people.example", "Confirm your e-mail address")]

    client.post(link_in(mailoutbox[0], "/confirm-email/"))

    user = User.objects.get()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.display_name, user.get_full_name()) == ("Ada", "Ada")


def test_looking_at_the_link_confirms_nothing(client: Client, mailoutbox: Outbox) -> None:
    client.post("/accounts/signup/", NEW)
    work_off()

    client.get(link_in(mailoutbox[0], "/confirm-email/"))

    assert not EmailAddress.objects.get().verified


@pytest.mark.parametrize(("name", "username"), [("Ada", "ada"), ("", "contributor")])
def test_user_name_is_not_made_of_the_address(client: Client, name: str, username: str) -> None:
    client.post("/accounts/signup/", NEW | {"email": "secret@x.example", "display_name": name})

    assert User.objects.get().username == username


def test_name_is_one_line_without_control_characters(client: Client) -> None:
    client.post("/accounts/signup/", NEW | {"display_name": "A\r\nd\u202ea"})

    assert User.objects.get().display_name == "A d a"


def test_nobody_learns_who_has_an_account(client: Client, mailoutbox: Outbox) -> None:
    make_ada()
    reset = "/accounts/password/reset/"

    answers = [
        client.post("/accounts/signup/", NEW | {"email": email}).headers["Location"]
        for email in ("ada@people.example", "grace@people.example")
    ] + [
        client.post(reset, {"email": email}).headers["Location"]
        for email in ("ada@people.example", "nobody@people.example")
    ]
    work_off()

    assert answers == ["/accounts/confirm-email/"] * 2 + ["/accounts/password/reset/done/"] * 2
    assert letters(mailoutbox) == [
        ("ada@people.example", "You already have an account"),
        ("grace@people.example", "Confirm your e-mail address"),
        ("ada@people.example", "Choose a new password"),
        ("nobody@people.example", "No account uses this address"),
    ]


def test_wrong_passwords_are_limited(client: Client) -> None:
    make_ada()

    for _ in range(5):
        sign_in(client, password="wrong")

    assert sign_in(client) == 200
    assert "_auth_user_id" not in client.session


def test_password_reset_by_mail(client: Client, mailoutbox: Outbox) -> None:
    user = make_ada()
    client.post("/accounts/password/reset/", {"email": user.email})
    work_off()
    page = client.get(link_in(mailoutbox[0], "/password/reset/key/"), follow=True)

    new = {"password1": "another long one", "password2": "another long one"}
    client.post(page.request["PATH_INFO"], new)

    assert sign_in(client, password="another long one") == 302


def test_sign_in_by_address_or_name_and_out(client: Client) -> None:
    make_ada()

    for login in ("ada", "ada@people.example", "Ada@People.example"):
        assert sign_in(client, login) == 302
        assert "_auth_user_id" in client.session
        client.get("/accounts/logout/")
        assert "_auth_user_id" in client.session
        client.post("/accounts/logout/")
        assert "_auth_user_id" not in client.session


def test_account_without_address_can_sign_in(client: Client) -> None:
    User.objects.create_superuser("moderator", password=PASSWORD)

    sign_in(client, "moderator")

    assert "_auth_user_id" in client.session


def test_account_with_unconfirmed_address_cannot(client: Client, mailoutbox: Outbox) -> None:
    User.objects.create_user("ada", "ada@people.example", PASSWORD)

    sign_in(client)
    work_off()

    assert "_auth_user_id" not in client.session
    assert letters(mailoutbox) == [("ada@people.example", "Confirm your e-mail address")]


def test_signing_in_leads_to_no_other_site(client: Client) -> None:
    make_ada()
    data = {"login": "ada", "password": PASSWORD, "next": "https://evil.example/"}

    assert client.post("/accounts/login/", data).headers["Location"] == "/"


def test_email_reports_a_change_of_the_password(client: Client, mailoutbox: Outbox) -> None:
    make_ada()
    sign_in(client)
    new = "another long one"

    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    work_off()

    assert letters(mailoutbox) == [("ada@people.example", "Your password was changed")]
    assert "From: 127.0.0.1" in mailoutbox[0].body


# Pages for everybody, and pages of one's own


def test_shared_pages_hold_nobodys_name(client: Client) -> None:
    make_ada(display_name="Ada Lovelace")
    anonymous = Client().get("/").text
    sign_in(client)

    own = client.get("/")

    assert "Ada Lovelace" in own.text
    assert own.headers["Cache-Control"] == "private, no-store"
    assert Client().get("/").text == anonymous
    assert "Ada" not in anonymous
    assert 'href="/accounts/login/?next=/"' in anonymous


def test_message_is_not_shown_on_a_shared_page(client: Client) -> None:
    client.post("/accounts/signup/", NEW)

    assert 'class="notices"' not in client.get("/").text


@pytest.mark.parametrize("path", ["", "data/", "delete/", "email/", "2fa/", "password/change/"])
def test_pages_of_an_account_want_somebody_signed_in(client: Client, path: str) -> None:
    answer = client.get(f"/accounts/{path}")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_profile_keeps_name_and_wishes(client: Client) -> None:
    user = make_ada()
    client.force_login(user)

    client.post("/accounts/", {"display_name": "  Ada   L.", "is_staff": "1"})

    user.refresh_from_db()
    assert (user.display_name, user.mail_submissions, user.is_staff) == ("Ada L.", False, False)
    assert user.mail_digest


def test_github_is_offered_only_when_configured(client: Client) -> None:
    assert "GitHub" not in client.get("/accounts/login/").text
    assert client.get("/accounts/github/login/").status_code == 404


# The second factor


def code_of(user: User) -> str:
    """Set up an authenticator app; returns what it shows now."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return code_for(secret)


def test_second_factor_is_required(client: Client) -> None:
    code = code_of(make_ada())

    sign_in(client)
    assert "_auth_user_id" not in client.session
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "_auth_user_id" not in client.session
    client.post("/accounts/2fa/authenticate/", {"code": code})

    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/", "/admin/jsi18n/"])
def test_staff_without_second_factor_is_led_to_its_set_up(
    client: Client, settings: LazySettings, path: str
) -> None:
    settings.REQUIRE_STAFF_MFA = True
    user = make_ada(is_staff=True, is_superuser=True)
    client.force_login(user)

    before = client.get(path, follow=True)
    code_of(user)
    after = client.get(path)

    assert before.redirect_chain == [("/accounts/2fa/", 302)]
    assert "to open the administration" in before.text
    assert after.status_code == 200


def test_nobody_else_has_to_set_it_up(client: Client, settings: LazySettings) -> None:
    settings.REQUIRE_STAFF_MFA = True
    client.force_login(make_ada())

    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
    assert client.get("/accounts/").status_code == 200


def test_admin_has_no_other_way_in(client: Client) -> None:
    answer = client.get("/admin/", follow=True)

    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"


def test_admin_takes_a_second_factor_off_without_showing_it(client: Client) -> None:
    user = make_ada()
    code_of(user)
    factor = Authenticator.objects.get(user=user)
    client.force_login(User.objects.create_superuser("root"))
    path = f"/admin/mfa/authenticator/{factor.pk}"

    shown = client.get(f"{path}/change/").text
    client.post(f"{path}/delete/", {"post": "yes"})

    assert factor.data["secret"] not in shown
    assert not Authenticator.objects.exists()
