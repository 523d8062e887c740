"""Submissions for tests, made by the verbs themselves, on lists made by a real import."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Membership, User
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Catalog, Entry, Listing
from submissions import workflow
from submissions.choices import Status
from submissions.models import Kind, Submission
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.rules import ANSWER_WITHIN

TEXT = """\
# Tools

## Editors

- [Alpha](https://alpha.example) - Edits text.
- [Beta](https://beta.example) - Edits more text.

## Models

| Name | Size | Licence |
| --- | --- | --- |
| [Gamma](https://gamma.example) | 7B | MIT |
| [Delta](https://delta.example) | 13B | GPL |
"""


def make_tools(slug: str = "tools", text: str = TEXT, **fields: Any) -> Catalog:
    """A catalog with a list and a table, imported as any other."""
    catalog = Catalog(slug=slug, title=slug.capitalize(), **fields)
    return import_text(text, catalog=catalog, by=Author()).catalog


def make_user(username: str = "ada", **fields: Any) -> User:
    """Somebody with an account."""
    email = f"{username}@people.example"
    return User.objects.create(**{"username": username, "email": email, **fields})


def make_moderator(catalog: Catalog, username: str = "mo", **fields: Any) -> Actor:
    """Somebody who decides in a catalog."""
    user = make_user(username, is_staff=True, **fields)
    Membership.objects.create(user=user, catalog=catalog, role=Membership.Role.MODERATOR)
    return Actor(user=user)


def entry_called(name: str, catalog: Catalog | None = None) -> Entry:
    """The newest entry of a name."""
    entries = Entry.objects.select_related("catalog", "block", "listing").filter(name=name)
    if catalog is not None:
        entries = entries.filter(catalog=catalog)
    return entries.latest("pk")


def list_of(catalog: Catalog, kind: Listing.Kind = Listing.Kind.LIST) -> Listing:
    """The catalog's first listing of a kind."""
    return Listing.objects.filter(catalog=catalog, kind=kind).in_reading_order()[0]


def submit(
    catalog: Catalog, actor: Actor | None = None, *, kind: Kind = Kind.ADD, **fields: Any
) -> Submission:
    """A submission of somebody anonymous, unless an actor is given.

    Names of `Proposal`'s fields go there, others to `workflow.submit`.
    """
    arguments = {
        name: fields.pop(name)
        for name in ("listing", "entry", "section", "base", "note", "credit", "consent", "language")
        if name in fields
    }
    if kind == Kind.ADD:
        fields = {"name": "Omega", "url": "https://omega.example", **fields}
        arguments.setdefault("listing", list_of(catalog))
    return workflow.submit(
        catalog=catalog,
        actor=actor or Actor(name="Grace"),
        proposal=Proposal(kind=kind, **fields),
        **arguments,
    )


def edit(called: str, /, actor: Actor | None = None, **fields: Any) -> Submission:
    """An edit of the entry of this name."""
    entry = entry_called(called)
    return submit(entry.catalog, actor, kind=Kind.EDIT, entry=entry, **fields)


def holder_of(submission: Submission) -> Actor:
    """Whoever came by the tracking link."""
    return Actor(token=submission.token)


def reach(status: Status, submission: Submission, moderator: Actor) -> None:
    """Bring a pending submission to a status by the verbs, long enough ago for the clock."""
    holder, long_ago = holder_of(submission), timezone.now() - ANSWER_WITHIN - timedelta(days=1)
    rows = Submission.objects.filter(pk=submission.pk)
    match status:
        case Status.UNCONFIRMED | Status.CONFLICT:
            rows.update(status=status, status_at=long_ago)
        case Status.CHANGES_REQUESTED:
            workflow.request_changes(submission=submission, actor=moderator, note="Why?")
            rows.update(reminded_at=long_ago)
        case Status.APPLIED:
            workflow.approve(submission=submission, actor=moderator)
        case Status.REJECTED:
            workflow.reject(submission=submission, actor=moderator, reason="quality")
        case Status.WITHDRAWN:
            workflow.withdraw(submission=submission, actor=holder)
        case Status.EXPIRED:
            reach(Status.CHANGES_REQUESTED, submission, moderator)
            workflow.expire(submission=submission)
        case Status.REVERTED:
            workflow.approve(submission=submission, actor=moderator)
            workflow.revert(submission=submission, actor=moderator)
    submission.refresh_from_db()
    assert submission.status == status
