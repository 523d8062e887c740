"""Who is mailed what about a submission, and that nobody else can be mailed anything."""

import re
from datetime import timedelta
from email import policy
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from django_tasks_db.models import DBTaskResult
from pytest_django import DjangoAssertNumQueries

from accounts.mail import Subscription, Topic, render
from accounts.models import User
from catalog.models import Catalog
from submissions import workflow
from submissions.choices import Role, Verb, WhoMaySubmit
from submissions.mail import WRITERS, MailParams, queue_email, send_digests
from submissions.models import ContributionPolicy, DecisionReason, Kind, Submission, SubmissionEvent
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.rules import confirmation_for
from tests.mailbox import html_of, letters, work_off
from tests.submission_factories import (
    entry_called,
    holder_of,
    make_moderator,
    make_tools,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db

type Outbox = list[EmailMessage]
GRACE = "grace@people.example"


@pytest.fixture
def catalog() -> Catalog:
    return make_tools()


@pytest.fixture
def moderator(catalog: Catalog) -> Actor:
    return make_moderator(catalog)


def proposed(catalog: Catalog, actor: Actor | None = None, **fields: Any) -> Submission:
    """A submission by somebody who gave an address, after the receipt was sent."""
    submission = submit(catalog, actor or Actor(name="Grace", email=GRACE), **fields)
    work_off()
    return submission


def test_receipt_names_the_tracking_link_and_nothing_a_stranger_typed(
    catalog: Catalog, mailoutbox: Outbox
) -> None:
    submission = proposed(catalog, name="Buy pills", url="https://pills.example")

    (message,) = mailoutbox
    assert letters(mailoutbox) == [(GRACE, "Your entry has been received")]
    assert f"http://localhost/contribute/s/{submission.token}/" in message.body
    assert "pills" not in str(message.body) + html_of(message)


def test_receipt_names_the_submission_to_somebody_who_is_signed_in(
    catalog: Catalog, mailoutbox: Outbox
) -> None:
    proposed(catalog, Actor(user=make_user()))

    assert letters(mailoutbox) == [("ada@people.example", "Your entry “Omega” has been received")]


def test_unconfirmed_address_gets_the_link_that_confirms_it(
    catalog: Catalog, mailoutbox: Outbox
) -> None:
    ContributionPolicy.objects.create(catalog=catalog, who_may_submit=WhoMaySubmit.CONFIRMED_EMAIL)
    submission = proposed(catalog)
    confirmation = mailoutbox[0].body.split("/confirm/")[1].split("/")[0]

    workflow.confirm(submission=submission, actor=holder_of(submission), confirmation=confirmation)
    work_off()

    assert letters(mailoutbox) == [
        (GRACE, "Confirm your address for Tools"),
        (GRACE, "Your entry “Omega” has been received"),
    ]


def test_link_that_confirms_is_not_the_tracking_link(catalog: Catalog, mailoutbox: Outbox) -> None:
    ContributionPolicy.objects.create(catalog=catalog, who_may_submit=WhoMaySubmit.CONFIRMED_EMAIL)
    submission = proposed(catalog)

    assert confirmation_for(submission).split(":")[0] in mailoutbox[0].body
    assert mailoutbox[0].body.count(submission.token) == 1


def test_question_is_reported_in_the_words_of_the_moderator(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox
) -> None:
    submission = proposed(catalog)

    workflow.request_changes(submission=submission, actor=moderator, note="Is it\n<free>?")
    work_off(wait=True)

    message = mailoutbox[1]
    assert message.subject == "Your entry “Omega”: a moderator has a question"
    assert "> Is it\n> <free>?\n" in message.body
    assert "Is it\n&lt;free&gt;?" in html_of(message)


def test_decision_waits_until_it_cannot_be_undone(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox
) -> None:
    submission = proposed(catalog)
    workflow.approve(submission=submission, actor=moderator)
    assert work_off() == 0
    submission.refresh_from_db()
    assert submission.entry is not None

    work_off(wait=True)

    assert letters(mailoutbox)[1:] == [(GRACE, "Your entry “Omega” is published")]
    assert f"http://localhost{submission.entry.get_absolute_url()}" in mailoutbox[1].body


def test_undone_decision_or_question_is_not_mailed(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox
) -> None:
    submission = proposed(catalog)
    workflow.approve(submission=submission, actor=moderator)
    workflow.undo(submission=submission, actor=moderator)
    workflow.request_changes(submission=submission, actor=moderator, note="Why?")
    assert work_off() == 0
    workflow.undo(submission=submission, actor=moderator)

    work_off(wait=True)

    assert letters(mailoutbox) == [(GRACE, "Your entry has been received")]


def test_rejection_gives_the_reason_and_how_to_appeal(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox
) -> None:
    submission = proposed(catalog)

    workflow.reject(submission=submission, actor=moderator, reason="quality", note="Too young.")
    work_off(wait=True)

    message = mailoutbox[1]
    assert message.subject == "Your entry was not accepted"
    assert "It is not mature or good enough for this list yet." in message.body
    assert "> Too young." in message.body
    assert "appeal" in message.body


def test_spam_gets_no_answer(catalog: Catalog, moderator: Actor, mailoutbox: Outbox) -> None:
    submission = proposed(catalog)
    assert DecisionReason.objects.filter(catalog=catalog, code="spam").exists()

    workflow.reject(submission=submission, actor=moderator, reason="spam")
    work_off(wait=True)

    assert len(mailoutbox) == 1


def test_silence_is_reminded_of_once_then_lapses(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox
) -> None:
    submission = proposed(catalog)
    workflow.request_changes(submission=submission, actor=moderator, note="Is it free?")
    work_off(wait=True)
    long_ago = timezone.now() - timedelta(days=15)
    Submission.objects.update(status_at=long_ago)

    assert [workflow.remind_silent.call(), workflow.remind_silent.call()] == [1, 0]
    work_off()
    assert workflow.expire_silent.call() == 0
    Submission.objects.update(reminded_at=timezone.now() - timedelta(days=31))
    assert workflow.expire_silent.call() == 1
    work_off()

    assert [subject for _, subject in letters(mailoutbox)[2:]] == [
        "Your entry “Omega”: a question is still open",
        "Your entry “Omega” has expired",
    ]
    assert "> Is it free?" in mailoutbox[2].body


def test_address_that_was_never_confirmed_lapses_in_silence(
    catalog: Catalog, mailoutbox: Outbox
) -> None:
    ContributionPolicy.objects.create(catalog=catalog, who_may_submit=WhoMaySubmit.CONFIRMED_EMAIL)
    proposed(catalog)
    Submission.objects.update(status_at=timezone.now() - timedelta(days=8))

    assert workflow.expire_silent.call() == 1
    work_off()

    assert len(mailoutbox) == 1


def test_what_is_done_by_oneself_is_not_mailed(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox
) -> None:
    ContributionPolicy.objects.create(catalog=catalog, may_decide_own=True)
    own = proposed(catalog, moderator)
    workflow.approve(submission=own, actor=moderator)
    withdrawn = proposed(catalog, name="Psi", url="https://psi.example")
    workflow.withdraw(submission=withdrawn, actor=holder_of(withdrawn))
    work_off(wait=True)

    assert letters(mailoutbox) == [
        ("mo@people.example", "Your entry “Omega” has been received"),
        (GRACE, "Your entry has been received"),
    ]


@pytest.mark.parametrize("how", ["no address", "no wish", "account", "address"])
def test_nothing_is_sent_to_who_unsubscribed(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox, how: str
) -> None:
    actor = Actor(name="Grace", email=GRACE)
    if how == "account":
        actor = Actor(user=make_user(mail_submissions=False))
    elif how == "address":
        Subscription(Topic.SUBMISSIONS, email="Grace@people.example").change(is_on=False)
    elif how == "no address":
        actor = Actor(name="Grace")
    submission = submit(catalog, actor)
    if how == "no wish":
        Submission.objects.update(wants_mail=False)
        submission.refresh_from_db()
        workflow.request_changes(submission=submission, actor=moderator, note="Why?")

    work_off()

    assert len(mailoutbox) == 0


def test_letter_speaks_the_language_of_the_pages_it_came_from(
    catalog: Catalog, mailoutbox: Outbox
) -> None:
    workflow.submit(
        catalog=catalog,
        actor=Actor(name="Grace", email=GRACE),
        proposal=Proposal(kind=Kind.ADD, name="Omega", url="https://omega.example"),
        listing=catalog.listings.first(),
        language="zh-hans",
    )
    work_off()

    assert '<html lang="zh-hans">' in html_of(mailoutbox[0])


def test_letters_about_one_submission_form_a_thread(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox, settings: LazySettings
) -> None:
    settings.MODERATORS_EMAIL = "moderators@lists.example"
    submission = proposed(catalog)
    workflow.request_changes(submission=submission, actor=moderator, note="Why?")
    work_off(wait=True)

    first, second = (message.message() for message in mailoutbox)
    assert first["References"] == second["References"] == second["In-Reply-To"]
    assert first["Message-ID"] != second["Message-ID"]
    assert submission.token not in str(first["Message-ID"])
    assert second["Reply-To"] == "moderators@lists.example"
    assert second["Auto-Submitted"] == "auto-generated"
    assert second["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(second["List-Unsubscribe"]).startswith("<http://localhost/accounts/unsubscribe/")


def test_names_cannot_add_headers(catalog: Catalog, moderator: Actor, mailoutbox: Outbox) -> None:
    submission = proposed(catalog)
    Submission.objects.update(name="Omega\r\nBcc: all@people.example\u2028x\u202e")
    submission.refresh_from_db()
    workflow.request_changes(submission=submission, actor=moderator, note="Why?")
    work_off(wait=True)

    assert mailoutbox[1].subject == (
        "Your entry “Omega Bcc: all@people.example x”: a moderator has a question"
    )
    assert mailoutbox[1].recipients() == [GRACE]


def test_rolled_back_verb_sends_nothing(catalog: Catalog) -> None:
    with transaction.atomic():
        submit(catalog, Actor(name="Grace", email=GRACE))
        transaction.set_rollback(True)

    assert DBTaskResult.objects.count() == 0


def test_notifying_costs_one_query(
    catalog: Catalog, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    proposed(catalog)
    event = SubmissionEvent.objects.select_related("submission").get(verb=Verb.SUBMIT)

    with django_assert_num_queries(1):
        queue_email(event)


# The digest


def test_digest_shows_moderators_what_waits_in_their_lists_only(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox
) -> None:
    others = make_tools("secrets")
    make_moderator(others, "eve")
    for name in ("One", "Two"):
        submit(catalog, Actor(name="Grace"), name=name, url=f"https://{name.lower()}.example")
    Submission.objects.filter(name="One").update(created_at=timezone.now() - timedelta(days=5))
    make_user("ada")

    send_digests.enqueue()
    work_off()

    subject = "2 submissions are waiting for you, oldest: 5 days"
    assert letters(mailoutbox) == [("mo@people.example", subject)]
    named = [line for line in str(mailoutbox[0].body).splitlines() if line.startswith("Tools: ")]
    assert [" ".join(line.split()) for line in named] == [
        "Tools: “One” (new entry) by Grace, 5 days ago",
        "Tools: “Two” (new entry) by Grace, 0 minutes ago",
    ]
    assert "Secrets" not in mailoutbox[0].body
    assert "/admin/submissions/submission/" in mailoutbox[0].body


def test_digest_is_in_the_language_of_who_reads_it(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox
) -> None:
    assert moderator.user
    submit(catalog, Actor(name="Grace"))
    browser = Client(headers={"accept-language": "zh-hans"})
    browser.force_login(moderator.user)
    browser.get("/admin/submissions/submission/")

    send_digests.enqueue()
    work_off()

    assert User.objects.get(pk=moderator.user.pk).language == "zh-hans"
    assert letters(mailoutbox) == [("mo@people.example", "有 1 条投稿等待你处理")]
    assert "“Omega”（新条目），Grace 投稿，0 分钟前" in str(mailoutbox[0].body)


def test_digest_names_twenty_and_counts_the_others(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox
) -> None:
    for number in range(23):
        submit(
            catalog, Actor(name=f"G{number}"), name=f"N{number}", url=f"https://n{number}.example"
        )

    send_digests.enqueue()
    work_off()

    body = str(mailoutbox[0].body)
    assert (body.count("Tools: “N"), "3 more are waiting." in body) == (20, True)


# Headers as mail programs read them


def raw_headers(message: EmailMessage) -> dict[str, str]:
    """The header fields of a message as they are sent, each in one line (RFC 5322, 2.2.3)."""
    head = message.message(policy=policy.SMTP).as_bytes().partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 998
    lines = head.decode("ascii").replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n")
    return dict(line.split(": ", 1) for line in lines)


ADDRESS = r"<https?://[a-z0-9.:-]+/[A-Za-z0-9:/._~-]+>"
ID = r"<[A-Za-z0-9.]+@[a-z0-9.-]+>"


@pytest.mark.parametrize("site", ["http://localhost", f"https://{'very-long-name.' * 8}example"])
def test_headers_are_what_their_standards_say(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox, settings: LazySettings, site: str
) -> None:
    settings.SITE_URL = site
    proposed(catalog, Actor(name="Grace", email=f"{'g' * 60}@people.example"))
    send_digests.enqueue()
    work_off()
    receipt, digest = map(raw_headers, mailoutbox)

    for headers in (receipt, digest):
        assert re.fullmatch(ADDRESS, headers["List-Unsubscribe"]), headers["List-Unsubscribe"]
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert re.fullmatch(ID, headers["Message-ID"])
        assert headers["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(ID, receipt["References"])
    address = receipt["List-Unsubscribe"].strip("<>").removeprefix(site)
    assert Client().post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscription(Topic.SUBMISSIONS, email=f"{'g' * 60}@people.example").is_on


@pytest.mark.parametrize(
    ("of_list", "of_site", "expected"),
    [
        ("tools@lists.example", "site@lists.example", "tools@lists.example"),
        ("", "site@lists.example", "site@lists.example"),
        ("", "", None),
    ],
)
def test_replies_go_to_the_list_or_the_site_or_are_not_read(
    catalog: Catalog,
    mailoutbox: Outbox,
    settings: LazySettings,
    of_list: str,
    of_site: str,
    expected: str | None,
) -> None:
    settings.MODERATORS_EMAIL = of_site
    ContributionPolicy.objects.create(catalog=catalog, contact_email=of_list)
    proposed(catalog)

    [message] = mailoutbox
    assert raw_headers(message).get("Reply-To") == expected
    has_notice = "Replies to this e-mail are not read" in str(message.body)
    assert has_notice == (expected is None)


@pytest.mark.parametrize(
    ("kind", "fields", "subject", "opening"),
    [
        (Kind.ADD, {"name": "New", "url": "https://n.example"}, "Your entry “New” is published",
         "Your suggestion is now in Tools."),
        (Kind.EDIT, {"description": "Other."}, "Your edit of “Alpha” is published",
         "Your edit to Tools is published."),
        (Kind.MOVE, {"first": True}, "Your move of “Beta” was carried out",
         "The entry was moved in Tools as you suggested."),
        (Kind.REMOVE, {"reason": "Gone."}, "Your removal of “Alpha” was carried out",
         "The entry was removed from Tools as you suggested."),
        (Kind.REPORT, {"report": "spam"}, "Your report on “Alpha” was confirmed",
         "Your report about an entry in Tools was confirmed."),
    ],
)  # fmt: skip
def test_letter_of_an_approval_says_what_came_of_it(
    catalog: Catalog,
    moderator: Actor,
    mailoutbox: Outbox,
    kind: Kind,
    fields: dict[str, Any],
    subject: str,
    opening: str,
) -> None:
    about = {"entry": entry_called("Beta" if kind == Kind.MOVE else "Alpha")}
    submission = proposed(
        catalog, Actor(user=make_user()), kind=kind, **fields, **({} if kind == Kind.ADD else about)
    )
    workflow.approve(submission=submission, actor=moderator)
    work_off(wait=True)

    assert (letters(mailoutbox)[1][1], opening in str(mailoutbox[1].body)) == (subject, True)
    has_entry = f"http://localhost{entry_called('Alpha').get_absolute_url()}" in (
        str(mailoutbox[1].body)
    )
    assert has_entry == (kind in {Kind.EDIT, Kind.REPORT})


SUBJECTS = {
    "en": """
        Confirm your address for Tools
        Your edit of “Alpha” has been received
        Your edit of “Alpha”: a moderator has a question
        Your edit of “Alpha”: a question is still open
        Your edit of “Alpha” is published
        Your edit of “Alpha” was not accepted
        Your edit of “Alpha” has expired
        Your edit of “Alpha” was reverted
        Your edit of “Alpha” is being reviewed again
    """,
    "zh-hans": """
        请为“Tools”确认你的邮箱地址
        你对“Alpha”的修改已收到
        你对“Alpha”的修改：审核员有一个问题
        你对“Alpha”的修改：还有问题待你回复
        你对“Alpha”的修改已发布
        你对“Alpha”的修改未被采纳
        你对“Alpha”的修改已过期
        你对“Alpha”的修改已还原
        你对“Alpha”的修改正在重新审核
    """,
}
PROPOSED: dict[Kind, dict[str, Any]] = {
    Kind.ADD: {},
    Kind.EDIT: {"description": "Other."},
    Kind.MOVE: {"first": True},
    Kind.REMOVE: {"reason": "Gone."},
    Kind.REPORT: {"report": "spam"},
}
WHOLE = re.compile(r"[A-Z“\u4e00-\u9fff].*[.?!:。？！：]", re.DOTALL)
"""A sentence, or one that a quotation goes on: nothing begins in the middle of one."""


@pytest.mark.parametrize("language", SUBJECTS)
def test_each_letter_of_each_kind_is_made_of_whole_sentences(
    catalog: Catalog, language: str
) -> None:
    entry, subjects, broken = entry_called("Beta"), [], []
    for kind, fields in PROPOSED.items():
        if kind != Kind.ADD:
            fields = {**fields, "entry": entry}
        submission = submit(catalog, kind=kind, **fields)
        for (verb, status), write in WRITERS.items():
            event = SubmissionEvent(
                submission=submission, verb=verb, to_status=status, created_at=timezone.now(),
                role=Role.MODERATOR, note="Why?",
            )  # fmt: skip
            for name in ("Alpha", ""):
                with override(language):
                    letter = write(MailParams(event, submission, name))
                    assert letter is not None
                    text = render(letter)[0]
                parts = [f"{letter.subject}.", *letter.paragraphs, *letter.closing]
                broken += [part for part in parts if not WHOLE.fullmatch(part)]
                broken += re.findall(r"[\u4e00-\u9fff”]:", text)
                if name and kind == Kind.EDIT:
                    subjects.append(letter.subject)

    assert broken == []
    assert list(dict.fromkeys(subjects)) == [
        line.strip() for line in SUBJECTS[language].strip().splitlines()
    ]


def test_digest_can_be_refused(catalog: Catalog, moderator: Actor, mailoutbox: Outbox) -> None:
    submit(catalog, Actor(name="Grace"))
    User.objects.update(mail_digest=False)

    send_digests.enqueue()
    work_off()

    assert len(mailoutbox) == 0


def test_digest_counts_nothing_that_is_ones_own(
    catalog: Catalog, moderator: Actor, mailoutbox: Outbox
) -> None:
    submit(catalog, moderator)
    work_off()
    mailoutbox.clear()

    send_digests.enqueue()
    work_off()

    assert len(mailoutbox) == 0
