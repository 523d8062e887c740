"""The secrets by which programs act for a person: making, finding and taking them back.

A secret is 256 random bits that were never chosen by anybody, so a plain SHA-256 keeps it as well
as a slow hash would: there is nothing to guess, and each request can afford it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import DatabaseError, connection, transaction
from django.db.models import Q, TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.mail import one_line
from accounts.models import ApiToken, User
from catalog.errors import CatalogError, InvalidField

PREFIX = "lw_"
"""Prefix of every token, by which people and secret scanners recognise one."""
HINT_LENGTH = 4
LONGEST_NAME = 60
MOST_TOKENS = 20
"""Tokens of one person."""
USE_IS_NOTED_EVERY = timedelta(minutes=1)
_SECRET = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}", re.ASCII)


class Scope(TextChoices):
    """A permission of a token; none contains another."""

    READ = "read", gettext_lazy("Read: the lists, and what you submitted")
    SUBMIT = "submit", gettext_lazy("Submit: suggest, answer and withdraw in your name")
    MODERATE = "moderate", gettext_lazy("Moderate: decide in the lists you look after")


class WrongToken(CatalogError):
    """No token, or one that is not good any more (401)."""

    code = "invalid_token"


class TooManyTokens(CatalogError):
    """The person has as many tokens as anybody can (400)."""

    code = "too_many_tokens"


def make_token(
    *, user: User, name: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token, and return it with its secret, which nobody can find out again.

    Raises `InvalidField` for a name, scopes or a time that cannot be, and `TooManyTokens`.
    """
    name = one_line(name, LONGEST_NAME)
    chosen = _in_order(scopes)
    if not name:
        raise InvalidField("name", _("Give the token a name that you will recognise."))
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidField("expires_at", _("The expiry date must be in the future."))
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        # Two forms sent at once count one after the other.
        User.objects.select_for_update().get(pk=user.pk)
        if user.api_tokens.count() >= MOST_TOKENS:
            raise TooManyTokens(
                _("You have %(n)d tokens, the maximum. Revoke one first.") % {"n": MOST_TOKENS}
            )
        token = ApiToken.objects.create(
            user=user,
            name=name,
            digest=_digest(secret),
            hint=secret[-HINT_LENGTH:],
            scopes=" ".join(chosen),
            expires_at=expires_at,
        )
    return token, secret


def revoke_token(*, token: ApiToken) -> None:
    """End a token, from the next request on; one that is gone already is no error."""
    ApiToken.objects.filter(pk=token.pk).delete()


def find_token(secret: str) -> ApiToken:
    """Return the token with its user, by one query; none for what cannot be a secret of ours.

    Raises `WrongToken` for one that is unknown, revoked, expired or of a closed account.
    """
    if not _SECRET.fullmatch(secret):
        raise WrongToken(_("This is not a token of this site: tokens begin with “lw_”."))
    match = ApiToken.objects.select_related("user").filter(digest=_digest(secret))
    # Not first(), which would have the one row sorted, in each request.
    token = next(iter(match), None)
    # What is the matter with an account is told to nobody who only holds a secret.
    if token is None or not token.user.is_active:
        raise WrongToken(_("This token is unknown or has been revoked."))
    if token.is_expired:
        raise WrongToken(_("This token has expired. Create a new one on your tokens page."))
    return token


def note_use(token: ApiToken) -> None:
    """Write down that the token was used now, once a minute at most.

    It waits for nobody: while others write, or the database can only be read, the time is noted
    with one of the next requests.
    """
    now = timezone.now()
    due = now - USE_IS_NOTED_EVERY
    if token.last_used_at is not None and token.last_used_at > due:
        return
    rows = ApiToken.objects.filter(Q(last_used_at=None) | Q(last_used_at__lte=due), pk=token.pk)
    try:
        with _without_waiting(), transaction.atomic():
            rows.filter(pk__in=rows.select_for_update(skip_locked=True)).update(last_used_at=now)
    except DatabaseError:
        return


@contextmanager
def _without_waiting() -> Iterator[None]:
    """Make SQLite refuse at once when its write lock is held, instead of after 20 seconds."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        usual = int(cursor.fetchone()[0])
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


def _in_order(scopes: Iterable[str]) -> list[Scope]:
    requested = set(scopes)
    if unknown := sorted(requested - set(Scope.values)):
        raise InvalidField("scopes", _("There is no scope “%(name)s”.") % {"name": unknown[0]})
    if not requested:
        raise InvalidField("scopes", _("Choose what the token may do."))
    return [scope for scope in Scope if scope in requested]


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
