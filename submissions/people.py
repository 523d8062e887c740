"""People who act on submissions, and their record."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from accounts.models import Membership, User

if TYPE_CHECKING:
    from catalog.models import Catalog
    from submissions.models import Submission


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
    - `retry`: what the request is known by if it is sent again; see `verbs/retries.py`.
    """

    user: User | None = None
    name: str = ""
    email: str = ""
    network_hash: str = ""
    browser_hash: str = ""
    token: str = ""
    is_clock: bool = False
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


CLOCK = Actor(is_clock=True)
"""The actor of what happens by itself, such as expiry."""
