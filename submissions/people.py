"""People who act on submissions: identity, names, and what stays when they leave."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Replace
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Membership, User
from catalog.models import Catalog, Revision
from submissions.models import Submission, SubmissionEvent


class Retry(NamedTuple):
    """The identity of a repeatable request: keyed hash of sender, target and key, and a hash of its
    content.
    """

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, or the system, who acts. Made by the edges (site, admin, API, commands), never
    from a form.

    - `user`: who is signed in.
    - `token`: the secret of a tracking link, for those who came by one.
    - `name`, `email`: what an anonymous submitter gave; an account's own come from the account.
    - `network_hash`: a salted hash of where the request came from.
    - `browser_hash`: one of the cookie that a form gave the browser.
    - `is_vouched`: a host whose word counts knows them, though they have no account here.
    - `retry`: what the request is known by if it is sent again; see `verbs/transitions.py`.
    """

    user: User | None = None
    name: str = ""
    email: str = ""
    network_hash: str = ""
    browser_hash: str = ""
    token: str = ""
    is_system: bool = False
    is_vouched: bool = False
    retry: Retry | None = None

    @property
    def shown_name(self) -> str:
        """Return the person's name in events."""
        return self.user.get_full_name() if self.user else self.name

    @property
    def address(self) -> str:
        """The e-mail address, '' when none is known."""
        return self.user.email if self.user else self.email

    def is_submitter_of(self, submission: Submission) -> bool:
        """Whether it is their own: by the account, or by holding its secret."""
        if self.user is not None and submission.submitter_id == self.user.pk:
            return True
        return bool(self.token) and secrets.compare_digest(
            self.token.encode(), submission.token.encode()
        )

    def wrote(self, submission: Submission) -> bool:
        """Whether it is their own, or one that came with their address before they signed in."""
        mine = self.address.casefold()
        return self.is_submitter_of(submission) or bool(
            mine and mine == submission.email.casefold()
        )

    def moderates(self, catalog: Catalog | int) -> bool:
        """Whether they decide in this catalog: its moderators and maintainers, and superusers."""
        user = self.user
        if user is None or not user.is_active:
            return False
        key = catalog if isinstance(catalog, int) else catalog.pk
        return user.is_superuser or Membership.objects.filter(user=user, catalog=key).exists()

    @property
    def moderates_any(self) -> bool:
        """Whether there is a catalog in which they decide."""
        user = self.user
        if user is None or not user.is_active:
            return False
        return user.is_superuser or Membership.objects.filter(user=user).exists()


SYSTEM = Actor(is_system=True)
"""The actor of what happens by itself, such as expiry."""


# An account is deleted: its submissions stay, without the person. Events and revisions are
# append-only, and these functions are the one exception: they replace a name, and nothing else.


FORMER_CONTRIBUTOR = gettext_noop("former contributor")
"""Stored as it is, and translated where it is shown."""


def anonymise(user: User) -> None:
    """Replace a person's name by *former contributor* in events, submissions and the history.

    The events stay: what was done, when, and in which role.
    """
    submissions = Submission.objects.submitted_by(user)
    tokens = list(submissions.values_list("token", flat=True))
    touched = Revision.objects.filter(Q(actor=user) | Q(submission_token__in=tokens))
    catalogs = set(touched.values_list("catalog", flat=True))
    for name in {user.get_full_name(), *submissions.values_list("credit", flat=True)} - {""}:
        credited = Revision.objects.filter(submission_token__in=tokens, credit__contains=name)
        credited.update(credit=Replace(F("credit"), Value(name), Value(FORMER_CONTRIBUTOR)))
    submissions.exclude(credit="").update(credit=FORMER_CONTRIBUTOR, signed_off_at=None)
    for rows in (SubmissionEvent.objects.filter(actor=user), Revision.objects.filter(actor=user)):
        _rename(rows)
    # Browsers and caches hold pages of these lists for as long as the lists stay as they are.
    Catalog.objects.filter(pk__in=catalogs).update(updated_at=timezone.now())


def _rename(rows: QuerySet[Any]) -> None:
    # Past the guard of append-only rows, on purpose.
    QuerySet.update(rows.exclude(actor_name=""), actor_name=FORMER_CONTRIBUTOR)


def let_go(user: User, *, keep_name: bool, **_signal: Any) -> None:
    """Forget how a person who leaves could be reached, and their name unless it may stay."""
    if not keep_name:
        anonymise(user)
    Submission.objects.filter(Q(submitter=user)).update(
        email="", network_hash="", browser_hash="", wants_mail=False
    )


def known_of(user: User, **_signal: Any) -> tuple[str, list[dict[str, Any]]]:
    """Return a person's stored submissions with their threads, and their decisions."""
    rows = Submission.objects.submitted_by(user).order_by("pk")
    return "submissions", [
        {
            "catalog": row.catalog.slug,
            "kind": row.kind,
            "status": row.status,
            "credit": row.credit,
            "email": row.email,
            "note": row.note,
            "proposal": row.proposal,
            "created_at": row.created_at,
            "events": list(
                row.events.order_by("pk").values(
                    "verb", "role", "actor_name", "reason", "note", "created_at"
                )
            ),
        }
        for row in rows.select_related("catalog").prefetch_related("events")
    ]


# Names, for moderators


def shown_name(submission: Submission) -> str:
    """Return a submission's name in a list."""
    return submission.name or submission.url or f"#{submission.pk}"


def submitter_name(submission: Submission) -> str:
    """Return the submitter's name for moderators; never an address."""
    if submission.submitter is not None:
        return submission.submitter.get_full_name()
    return as_shown(submission.credit) or _("anonymous")


def as_shown(name: str) -> str:
    """A stored name; that of somebody who left in the reader's language."""
    return _(name) if name == FORMER_CONTRIBUTOR else name
