"""What tests of moderation share: addresses, and what a browser sends of a page."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from catalog.models import Catalog
from submissions.models import Submission
from submissions.people import Actor
from tests.submission_factories import make_user


def url(name: str, *args: Any) -> str:
    """An address of moderation."""
    return reverse(f"admin:submissions_{name}", args=args)


def page_of(submission: Submission) -> str:
    """The page of a submission."""
    return url("submission_change", submission.pk)


def member(catalog: Catalog, username: str, role: str = "moderator") -> User:
    """Somebody of the staff with a role in one catalog."""
    name = username.capitalize()
    user = make_user(username, is_staff=True, display_name=name, language="en")
    Membership.objects.create(user=user, catalog=catalog, role=role)
    return user


def signed_in(user: User) -> Client:
    """A browser of that person."""
    client = Client()
    client.force_login(user)
    return client


def contributor(username: str = "grace", **fields: Any) -> Actor:
    """Somebody with an account."""
    return Actor(user=make_user(username, display_name=username.capitalize(), **fields))


def decide(client: Client, submission: Submission, do: str, **typed: Any) -> Any:
    """Make a decision as the form sends it, from the page as it was opened; follows redirects."""
    data = {"do": do, "revision": submission.revision, "seen": "", **typed}
    return client.post(url("submission_decide", submission.pk), data, follow=True)


def opened(client: Client, submission: Submission, do: str) -> dict[str, str]:
    """What a browser would send of the form of a decision that was not touched."""
    response = client.get(page_of(submission))
    form = next(panel for panel in response.context["panels"] if panel.button.name == do)
    return {bound.html_name: "" if bound.value() is None else str(bound.value()) for bound in form}


def listed(client: Client, **query: Any) -> list[str]:
    """Names in the queue, in its order."""
    response = client.get(url("submission_changelist"), query)
    assert response.status_code == 200
    return [row.name for row in response.context["rows"]]


def answers(response: Any) -> list[str]:
    """What the page says at the top: messages, and what can be undone."""
    undo = response.context["undo"]
    return [*([undo.what] if undo else []), *map(str, response.context["messages"])]


def refusals(response: Any) -> list[str]:
    """Why nothing was decided, and what is wrong at the fields."""
    results = list(response.context["refusals"])
    for panel in response.context["panels"]:
        results += [error for name in panel.fields for error in panel.errors.get(name, [])]
    return results


def events_of(submission: Submission) -> list[tuple[str, str, str]]:
    """Verb, who, and the note of what happened."""
    return list(submission.events.oldest_first().values_list("verb", "actor_name", "note"))
