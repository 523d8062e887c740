"""What people can have and take away: their data, and themselves."""

import json

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client

from accounts.mail import Subscription, Topic
from accounts.models import Membership, User
from catalog.models import Revision
from submissions import workflow
from submissions.models import Submission, SubmissionEvent
from submissions.people import Actor
from tests.mailbox import work_off
from tests.submission_factories import make_moderator, make_tools, submit

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def ada() -> User:
    user = User.objects.create_user(
        "ada", "ada@people.example", PASSWORD, display_name="Ada Lovelace"
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def signed_in(ada: User, client: Client) -> Client:
    """Ada's browser, after she showed once more that it is she."""
    client.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.mark.parametrize("path", ["data/", "delete/"])
def test_data_and_deletion_want_the_password_again(ada: User, client: Client, path: str) -> None:
    client.post("/accounts/login/", {"login": "ada", "password": PASSWORD})

    answer = client.get(f"/accounts/{path}")

    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")


def test_data_is_all_that_is_known(signed_in: Client, ada: User) -> None:
    catalog = make_tools()
    Membership.objects.create(user=ada, catalog=catalog, role=Membership.Role.MODERATOR)
    submit(catalog, Actor(user=ada))

    answer = signed_in.get("/accounts/data/")

    data = json.loads(answer.content)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert data["account"]["email"] == "ada@people.example"
    assert data["roles"] == [{"catalog__slug": "tools", "role": "moderator"}]
    assert [row["proposal"]["name"] for row in data["submissions"]] == ["Omega"]
    assert sorted(data) == [
        "account",
        "api_tokens",
        "connected_accounts",
        "email_addresses",
        "mail",
        "roles",
        "second_factors",
        "submissions",
    ]


def published_by(ada: User) -> Submission:
    catalog = make_tools()
    submission = submit(catalog, Actor(user=ada))
    return workflow.approve(submission=submission, actor=make_moderator(catalog))


def shown_names(submission: Submission) -> tuple[str, str, str]:
    """Whom the submission, its first event and the history of the list name."""
    submission.refresh_from_db()
    event = SubmissionEvent.objects.filter(submission=submission)[0]
    assert submission.applied_revision is not None
    revision = Revision.objects.get(number=submission.applied_revision)
    return submission.credit, event.actor_name, revision.credit


@pytest.mark.parametrize(
    ("credit", "name"), [("keep", "Ada Lovelace"), ("forget", "former contributor")]
)
def test_deleted_account_leaves_what_it_contributed(
    signed_in: Client, ada: User, mailoutbox: list[EmailMessage], credit: str, name: str
) -> None:
    submission = published_by(ada)

    answer = signed_in.post("/accounts/delete/", {"credit": credit, "sure": "1"})
    work_off(wait=True)

    assert "Your account is deleted" in answer.text
    assert "_auth_user_id" not in signed_in.session
    assert not User.objects.filter(username="ada").exists()
    assert shown_names(submission) == (name, name, name)
    assert (submission.email, submission.wants_mail) == ("", False)
    assert len(mailoutbox) == 0


@pytest.mark.parametrize(
    "data", [{}, {"credit": "keep"}, {"sure": "1"}, {"credit": "x", "sure": "1"}]
)
def test_account_is_not_deleted_by_half_an_answer(signed_in: Client, data: dict[str, str]) -> None:
    signed_in.post("/accounts/delete/", data)

    assert User.objects.filter(username="ada").exists()


def test_refusal_outlives_the_account(signed_in: Client, ada: User) -> None:
    User.objects.update(mail_submissions=False)

    signed_in.post("/accounts/delete/", {"credit": "keep", "sure": "1"})

    assert not Subscription(Topic.SUBMISSIONS, email="ada@people.example").is_on


def test_public_page_forgets_the_name_at_once(signed_in: Client, ada: User) -> None:
    published_by(ada)
    visitor = Client()
    before = visitor.get("/tools/changes/")
    assert "Ada Lovelace" in before.text

    signed_in.post("/accounts/delete/", {"credit": "forget", "sure": "1"})

    after = visitor.get("/tools/changes/", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "Ada Lovelace" not in after.text
