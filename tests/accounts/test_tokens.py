"""API tokens: made once, found by their secret alone, and never in the way of a request."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import tokens
from accounts.models import ApiToken, User
from accounts.tokens import (
    MOST_TOKENS,
    Scope,
    TooManyTokens,
    WrongToken,
    find_token,
    make_token,
    note_use,
    revoke_token,
)
from catalog.errors import InvalidField

pytestmark = pytest.mark.django_db

UNKNOWN = "lw_" + "A" * 43


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", "ada@people.example")


def test_secret_is_returned_and_not_stored(ada: User) -> None:
    token, secret = make_token(user=ada, name=" My\nscript ", scopes=["submit", "read"])

    token.refresh_from_db()
    assert (token.user, token.name, token.scopes) == (ada, "My script", "read submit")
    assert token.scope_names == ("read", "submit")
    assert (token.last_used_at, token.expires_at) == (None, None)
    assert (secret[:3], len(secret), token.hint) == ("lw_", 46, secret[-4:])
    assert secret not in str(vars(token))
    assert str(token) == f"My script (…{secret[-4:]})"


def test_no_two_secrets_are_the_same(ada: User) -> None:
    assert len({make_token(user=ada, name="a", scopes=["read"])[1] for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "\u202e\n"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read", "rule"]}, "scopes"),
        ({"expires_at": timezone.now()}, "expires_at"),
    ],
)
def test_what_cannot_be_is_not_made(ada: User, change: dict[str, object], field: str) -> None:
    fields: dict[str, object] = {"name": "a", "scopes": ["read"]}

    with pytest.raises(InvalidField) as error:
        make_token(user=ada, **(fields | change))  # type: ignore[arg-type]

    assert (error.value.field, ApiToken.objects.count()) == (field, 0)


@pytest.mark.parametrize(
    "fields", [{"scopes": ""}, {"expires_at": timezone.now() - timedelta(days=1)}]
)
def test_database_refuses_what_the_verb_does(ada: User, fields: dict[str, object]) -> None:
    row: dict[str, object] = {"user": ada, "name": "a", "digest": "x", "scopes": "read"}

    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.create(**(row | fields))


def test_nobody_has_more_than_enough(ada: User) -> None:
    for number in range(MOST_TOKENS):
        make_token(user=ada, name=str(number), scopes=["read"])

    with pytest.raises(TooManyTokens):
        make_token(user=ada, name="one more", scopes=["read"])

    make_token(user=User.objects.create_user("grace"), name="a", scopes=["read"])
    assert ada.api_tokens.count() == MOST_TOKENS


# Finding


def test_token_is_read_with_its_user_by_one_query(ada: User) -> None:
    for name in "abc":
        token, secret = make_token(user=ada, name=name, scopes=["read"])

    with CaptureQueriesContext(connection) as queries:
        results = find_token(secret)
        assert (results, results.user.username) == (token, "ada")

    assert len(queries) == 1


@pytest.mark.parametrize(
    "secret",
    ["", "lw_", "x" * 46, UNKNOWN[:-1], UNKNOWN + "A", UNKNOWN + "\n", "lw_" + "é" * 43,
     "lw_" + "\u0661" * 43, "\udcff" * 46, "lw_" + "A" * 10_000],
)  # fmt: skip
def test_what_is_no_secret_of_ours_costs_no_query(secret: str) -> None:
    with (
        CaptureQueriesContext(connection) as queries,
        pytest.raises(WrongToken, match=r"^This is not a token of this site"),
    ):
        find_token(secret)

    assert len(queries) == 0


NOT_KNOWN = "This token is unknown or has been revoked."


def test_wrong_tokens_say_why_and_nothing_about_the_account(ada: User) -> None:
    secrets = {}
    for name in ("good", "revoked", "expired"):
        token, secrets[name] = make_token(
            user=ada, name=name, scopes=["read"], expires_at=timezone.now() + timedelta(days=1)
        )
        if name == "revoked":
            revoke_token(token=token)
            revoke_token(token=token)
    now = timezone.now()
    ApiToken.objects.filter(name="expired").update(
        created_at=now - timedelta(days=1), expires_at=now
    )

    assert find_token(secrets["good"]).name == "good"
    assert answers(UNKNOWN) == NOT_KNOWN
    assert answers(secrets["revoked"]) == NOT_KNOWN
    assert answers(secrets["expired"]).startswith("This token has expired")
    User.objects.update(is_active=False)
    assert answers(secrets["good"]) == NOT_KNOWN
    assert answers(secrets["expired"]) == NOT_KNOWN


def answers(secret: str) -> str:
    with pytest.raises(WrongToken) as error:
        find_token(secret)
    return error.value.message


# Last use


@pytest.fixture
def token(ada: User) -> ApiToken:
    return make_token(user=ada, name="a", scopes=list(Scope))[0]


def test_use_is_noted_once_a_minute(token: ApiToken, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    noted = []
    for seconds in (0, 59, 60, 61, 119, 121):
        at = now + timedelta(seconds=seconds)
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        with CaptureQueriesContext(connection) as queries:
            note_use(ApiToken.objects.get())
        noted.append((seconds, any("UPDATE" in query["sql"] for query in queries)))

    assert noted == [(0, True), (59, False), (60, True), (61, False), (119, False), (121, True)]
    assert ApiToken.objects.get().last_used_at == now + timedelta(seconds=121)


def test_use_noted_by_another_process_is_left(token: ApiToken) -> None:
    stale = ApiToken.objects.get()
    earlier = timezone.now() - timedelta(seconds=30)
    ApiToken.objects.update(last_used_at=earlier)

    note_use(stale)

    assert ApiToken.objects.get().last_used_at == earlier


@pytest.fixture
def somebody_who_writes(
    transactional_db: None, ada: User, token: ApiToken
) -> Iterator[threading.Thread]:
    """Another connection that holds the lock: of the row, and of all of SQLite."""
    begun, done = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                ApiToken.objects.update(name="held")
                begun.set()
                done.wait(10)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(60)
    yield writer
    done.set()
    writer.join()


@pytest.mark.django_db(transaction=True)
def test_use_waits_for_nobody_who_writes(
    token: ApiToken, somebody_who_writes: threading.Thread
) -> None:
    note_use(token)

    assert somebody_who_writes.is_alive()
    assert ApiToken.objects.get().last_used_at is None
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout")
            assert cursor.fetchone() == (20_000,)


@pytest.mark.django_db(transaction=True)
def test_tokens_made_at_once_are_counted_one_after_the_other(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MOST_TOKENS - 1):
        make_token(user=ada, name=str(number), scopes=["read"])
    made: list[str] = []
    digest = tokens._digest

    def slowly(secret: str) -> str:
        """Between counting the tokens and writing another one."""
        time.sleep(0.2)
        return digest(secret)

    monkeypatch.setattr(tokens, "_digest", slowly)

    def make() -> None:
        try:
            made.append(make_token(user=ada, name="last", scopes=["read"])[1])
        except TooManyTokens:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(made), ada.api_tokens.count()) == (1, MOST_TOKENS)
