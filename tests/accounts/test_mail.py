"""Letters: what they are made of, what a failing mail server does to them, who refuses them."""

from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.test import Client
from django_tasks_db.models import DBTaskResult

from accounts.mail import Button, Letter, Subscription, Topic, one_line, post, render
from accounts.models import MailRefusal, User
from tests.accounts.flaky import Server
from tests.mailbox import letters, work_off

pytestmark = pytest.mark.django_db

type Outbox = list[EmailMessage]
LETTER = Letter(
    subject="Hello",
    paragraphs=("First.", "Second."),
    quote="Is it\n[free](https://evil.example)?",
    facts=(("Name", "<Omega>"),),
    button=Button("Answer", "http://localhost/a?b=1&c=2"),
    closing=("Bye.",),
    unsubscribe=Button("No more", "http://localhost/u"),
)
TEXT = """\
First.

Second.

Name: <Omega>

> Is it
> [free](https://evil.example)?

Answer:
http://localhost/a?b=1&c=2

Bye.

--\x20
Listwright · http://localhost
No more:
http://localhost/u
"""


@pytest.fixture
def mail_server(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> type[Server]:
    settings.MAILERS = {"default": {"BACKEND": "tests.accounts.flaky.Server"}}
    monkeypatch.setattr(Server, "errors", [])
    return Server


def test_letter_is_plain_text_first() -> None:
    text, html = render(LETTER)

    assert text == TEXT
    assert 'href="http://localhost/a?b=1&amp;c=2"' in html
    assert "&lt;Omega&gt;" in html


def test_what_people_write_becomes_no_link_of_ours() -> None:
    _, html = render(LETTER)

    assert "evil.example" not in html.replace("[free](https://evil.example)", "")


def test_letter_without_parts_has_no_gaps() -> None:
    text, _ = render(Letter("Hello", ("Only this.",)))

    assert text == "Only this.\n\n-- \nListwright · http://localhost\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nBcc: b@c.example", "a Bcc: b@c.example"),
        ("a\u2028b\x85c\x00d", "a b c d"),
        ("\u202egnp", "gnp"),
        ("x" * 300, "x" * 199 + "…"),
        ("  a   b ", "a b"),
        ("李雷", "李雷"),
    ],
)
def test_one_line_is_safe_in_a_header(text: str, line: str) -> None:
    assert one_line(text) == line


def test_failing_mail_server_loses_nothing_and_sends_once(
    mail_server: type[Server], mailoutbox: Outbox
) -> None:
    mail_server.errors[:] = [SMTPServerDisconnected(), ConnectionRefusedError(), TimeoutError()]
    post(LETTER, "ada@people.example")

    tries = [work_off(wait=True) for _ in range(5)]

    assert tries == [1, 1, 1, 1, 0]
    assert letters(mailoutbox) == [("ada@people.example", "Hello")]


def test_failing_mail_server_does_not_hold_up_other_letters(
    mail_server: type[Server], mailoutbox: Outbox
) -> None:
    mail_server.errors[:] = [SMTPServerDisconnected()]
    post(LETTER, "ada@people.example")
    post(LETTER, "grace@people.example")

    work_off()

    assert letters(mailoutbox) == [("grace@people.example", "Hello")]


@pytest.mark.parametrize(("code", "status"), [(550, "FAILED"), (451, "READY")])
def test_address_that_does_not_exist_is_given_up(
    mail_server: type[Server], code: int, status: str
) -> None:
    mail_server.errors[:] = [SMTPRecipientsRefused({"ada@people.example": (code, b"no")})]
    post(LETTER, "ada@people.example")

    work_off()

    assert DBTaskResult.objects.get().status == status


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("lists@example.org", "Listwright <lists@example.org>"),
        ("Lists <lists@example.org>", "Lists <lists@example.org>"),
    ],
)
def test_letter_comes_from_the_site(
    settings: LazySettings, mailoutbox: Outbox, address: str, sender: str
) -> None:
    settings.DEFAULT_FROM_EMAIL = address
    post(LETTER, "ada@people.example")
    work_off()

    assert mailoutbox[0].from_email == sender


def test_letter_that_is_sent_twice_has_one_id(
    mail_server: type[Server], mailoutbox: Outbox
) -> None:
    post(LETTER, "ada@people.example")
    envelope = DBTaskResult.objects.get().args_kwargs
    work_off()
    DBTaskResult.objects.update(status="READY", args_kwargs=envelope)
    work_off()

    assert len({message.message()["Message-ID"] for message in mailoutbox}) == 1


# Refusals


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", "ada@people.example")


def path_of(subscription: Subscription) -> str:
    return subscription.address.removeprefix("http://localhost")


@pytest.mark.parametrize("topic", list(Topic))
def test_one_click_stops_mail_without_account_or_cookie(topic: Topic) -> None:
    subscription = Subscription(topic, email="Grace@People.example")
    client = Client(enforce_csrf_checks=True)

    answer = client.post(path_of(subscription), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert not subscription.is_on
    assert list(MailRefusal.objects.values_list("email", "topic")) == [
        ("grace@people.example", topic)
    ]


def test_link_alone_stops_nothing_and_answers_can_be_taken_back(ada: User, client: Client) -> None:
    subscription = Subscription(Topic.SUBMISSIONS, user_pk=ada.pk)
    path = path_of(subscription)

    shown = []
    for data in (None, {}, {}, {"again": "1"}):
        client.get(path) if data is None else client.post(path, data)
        shown.append(subscription.is_on)

    assert shown == [True, False, False, True]


def test_refusal_is_about_one_topic(ada: User) -> None:
    Subscription(Topic.DIGEST, user_pk=ada.pk).change(is_on=False)

    ada.refresh_from_db()
    assert (ada.mail_digest, ada.mail_submissions) == (False, True)


@pytest.mark.parametrize("token", ["x", "x:y:z", "é"])
def test_forged_link_is_not_found(client: Client, token: str) -> None:
    assert client.post(f"/accounts/unsubscribe/{token}/").status_code == 404


def test_changed_link_is_not_found(ada: User, client: Client) -> None:
    token = Subscription(Topic.DIGEST, user_pk=ada.pk).token
    other = Subscription(Topic.SUBMISSIONS, user_pk=ada.pk).token
    forged = f"{other.rsplit(':', 1)[0]}:{token.rsplit(':', 1)[1]}"

    assert client.post(f"/accounts/unsubscribe/{forged}/").status_code == 404


def test_deleted_account_gets_no_mail(ada: User) -> None:
    subscription = Subscription(Topic.SUBMISSIONS, user_pk=ada.pk)
    ada.delete()

    assert not subscription.is_on
