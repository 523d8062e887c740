"""Whom a commit names: the contributor, by the name and the address that they chose.

An address is in the repository for good, so none is taken that a person did not choose: without a
choice it is one of this site that nobody reads, and that is the same for all of a person's commits.
"""

from __future__ import annotations

from typing import NamedTuple

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.models import User
from catalog.models import Revision
from remotes.git import site_host
from remotes.models import PullRequest, PullRequestEntry
from submissions.choices import Kind, Verb
from submissions.models import Submission, SubmissionEvent


class Person(NamedTuple):
    """A name and an address, as they are to be written."""

    name: str
    email: str


def author_of(revision: Revision) -> Person:
    """Return the author of a revision: who proposed it, else who made it, else the site."""
    submission = _submission(revision)
    request = request_of(revision)
    # Whoever has left since is not named any more.
    if request and submission and submission.credit == request.author:
        return Person(request.author, request.author_email or _alias(f"credit:{request.author}"))
    # What was decided about a conflict with the file is the moderator's.
    if submission is not None and submission.kind != Kind.LINES:
        user = submission.submitter
        if user is not None:
            return Person(submission.credit or user.get_full_name(), address_of(user))
        if submission.credit:
            return Person(submission.credit, _alias(submission.token))
    elif submission is None and revision.credit:
        return Person(revision.credit, _alias(f"credit:{revision.credit}"))
    if revision.actor is not None:
        return Person(revision.actor.get_full_name(), address_of(revision.actor))
    if revision.actor_name:
        return Person(revision.actor_name, _alias(f"name:{revision.actor_name}"))
    return Person(settings.SITE_NAME, f"noreply@{site_host()}")


def co_authors_of(revision: Revision) -> list[Person]:
    """The moderator who published another version than was proposed."""
    submission = _submission(revision)
    if submission is None:
        return []
    events = SubmissionEvent.objects.filter(
        submission=submission, verb=Verb.AMEND, entry_after=revision.number
    )
    return [
        Person(
            event.actor_name, address_of(event.actor) if event.actor else _alias(event.actor_name)
        )
        for event in events.select_related("actor")
        if event.actor_id != submission.submitter_id or event.actor_id is None
    ]


def address_of(user: User) -> str:
    """The address that a person chose for commits."""
    match user.commit_address:
        case User.CommitAddress.VERIFIED:
            known = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True)
            if known.exists():
                return user.email
        case User.CommitAddress.GITHUB:
            account = SocialAccount.objects.filter(user=user, provider="github").first()
            login = account.extra_data.get("login") if account else ""
            if account and login:
                return f"{account.uid}+{login}@users.noreply.github.com"
    return _alias(f"user:{user.pk}")


def let_go(user: User, *, keep_name: bool) -> None:
    """Forget how a person who leaves is called in their pull requests."""
    rows = PullRequest.objects.filter(entries__submission__submitter=user)
    keys = list(rows.values_list("pk", flat=True))
    names = {} if keep_name else {"author": ""}
    PullRequest.objects.filter(pk__in=keys).update(author_email="", **names)


def _alias(key: str) -> str:
    digest = salted_hmac("remotes.authors", key, algorithm="sha256").hexdigest()
    return f"{digest[:12]}@noreply.{site_host()}"


def has_signed_off(revision: Revision) -> bool:
    """Whether its author has certified, by name, that they may contribute it."""
    submission = _submission(revision)
    return submission is not None and bool(submission.signed_off_at and submission.credit)


def request_of(revision: Revision) -> PullRequest | None:
    """The pull request that a change came by; its commits name its author already."""
    if _submission(revision) is None:
        return None
    entries = PullRequestEntry.objects.filter(submission__token=revision.submission_token)
    entry = entries.select_related("request").first()
    return entry.request if entry else None


def _submission(revision: Revision) -> Submission | None:
    """The submission that a change published; taking one back is the work of who does it."""
    if not revision.submission_token or not revision.credit:
        return None
    rows = Submission.objects.select_related("submitter")
    return rows.filter(token=revision.submission_token).first()
