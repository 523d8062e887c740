from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment

BASE = Path("/srv/listwright")


@pytest.fixture
def set_variable(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_variable(value: str) -> None:
        monkeypatch.setenv("X", value)

    return set_variable


def database(value: str) -> dict[str, Any]:
    return environment.database("X", default=value, base_dir=BASE)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("Yes", True), (" on ", True), ("0", False), ("FALSE", False), ("", True)],
)
def test_flag_reads(set_variable: Any, value: str, expected: bool) -> None:
    set_variable(value)

    assert environment.flag("X", default=True) is expected


def test_flag_refuses_other_words(set_variable: Any) -> None:
    set_variable("maybe")

    with pytest.raises(ImproperlyConfigured, match="X='maybe' is not a yes or no"):
        environment.flag("X", default=False)


@pytest.mark.parametrize(
    ("value", "message"),
    [("1.5", "X='1.5' is not a whole number"), ("0", "X=0 is too small: set it to 1 or more")],
)
def test_integer_refuses(set_variable: Any, value: str, message: str) -> None:
    set_variable(value)

    with pytest.raises(ImproperlyConfigured, match=message):
        environment.integer("X", default=5, minimum=1)


def test_words_drops_space_and_empty_items(set_variable: Any) -> None:
    set_variable(" a.example , b.example,, ")

    assert environment.words("X") == ["a.example", "b.example"]


def test_required_text_says_what_to_do() -> None:
    with pytest.raises(ImproperlyConfigured, match="X is not set: make one up"):
        environment.required_text("X", "make one up")


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("sqlite:///var/list.db", BASE / "var/list.db"),
        ("sqlite:////data/my%20list.db", Path("/data/my list.db")),
    ],
)
def test_sqlite_address(address: str, path: Path) -> None:
    assert database(address)["NAME"] == path


def test_sqlite_address_of_a_file_that_is_only_read() -> None:
    assert database("sqlite:////data/my%20list.db?mode=ro")["NAME"] == (
        "file:///data/my%20list.db?mode=ro"
    )


def test_postgresql_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_POOL_SIZE", "3")
    monkeypatch.setenv("DATABASE_POOLER", "1")

    assert database("postgres://ada:p%40ss@db:6432/lists?sslmode=require") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "lists",
        "USER": "ada",
        "PASSWORD": "p@ss",
        "HOST": "db",
        "PORT": "6432",
        "OPTIONS": {
            "sslmode": "require",
            "connect_timeout": "5",
            "pool": {"min_size": 1, "max_size": 3},
        },
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


def test_postgresql_address_of_a_socket_without_pool() -> None:
    settings = database("postgresql:///lists?host=/run/postgresql")

    assert (settings["HOST"], settings["NAME"]) == ("/run/postgresql", "lists")
    assert settings["OPTIONS"] == {
        "connect_timeout": "5",
        "prepare_threshold": 2,
        "server_side_binding": True,
    }
    assert settings["CONN_MAX_AGE"] == 60


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("mysql://db/lists", "X has the scheme 'mysql', which is unknown"),
        ("lists.db", "X has the scheme '', which is unknown"),
        ("sqlite://lists.db", "X names no SQLite file"),
        ("sqlite:///lists.db?mode=rw", r"X ends in \?mode=rw, which is unknown"),
        ("postgresql://db", "X names no database"),
        ("postgresql://db/lists?colour=red", "X cannot be read as a PostgreSQL address"),
        ("postgresql://ada:pass/word@db/lists", "X is not an address"),
    ],
)
def test_database_address_refused(address: str, message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        database(address)


def caches(address: str, **most: int) -> dict[str, dict[str, Any]]:
    return environment.caches("X", default=address, most=most)


@pytest.mark.parametrize(
    ("address", "backend"),
    [
        ("locmem://", "locmem.LocMemCache"),
        ("dummy://", "dummy.DummyCache"),
        ("file:///var/cache/lists", "filebased.FileBasedCache"),
    ],
)
def test_cache_address(address: str, backend: str) -> None:
    [place] = caches(address, pages=3).values()

    assert place["BACKEND"].endswith(f".{backend}")


def test_caches_at_one_address_have_places_and_bounds_of_their_own() -> None:
    folders = caches("file:///var/cache", pages=3, reads=5)
    names = caches("locmem://", pages=3, reads=5)

    assert [place["LOCATION"] for place in folders.values()] == [
        "/var/cache/pages", "/var/cache/reads"
    ]  # fmt: skip
    assert [place["LOCATION"] for place in names.values()] == ["pages", "reads"]
    for places in (folders, names):
        assert [place["OPTIONS"]["MAX_ENTRIES"] for place in places.values()] == [3, 5]


def test_caches_of_a_redis_server_have_prefixes_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environment, "find_spec", lambda name: True)

    assert caches("redis://host/0", pages=3, reads=5) == {
        alias: {
            "BACKEND": "config.caches.SharedCache",
            "KEY_PREFIX": alias,
            "KEY_FUNCTION": "config.caches.key_of",
            "LOCATION": "redis://host/0",
            "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
        }
        for alias in ("pages", "reads")
    }


@pytest.mark.parametrize("address", ["memcached://host", "file:///", "nonsense"])
def test_cache_address_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^X=.* is not a cache"):
        caches(address, pages=1)


def test_variable_for_an_extra_that_is_not_installed_is_refused(
    set_variable: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    sentence = "X is set, but the package for it is not installed: install listwright"

    assert environment.text_of_extra("X", "sentry", module="sentry_sdk") == ""
    set_variable("redis://host")
    with pytest.raises(ImproperlyConfigured, match=rf"{sentence}\[redis\], or unset X\."):
        caches("locmem://", pages=1)
    set_variable("https://key@sentry.example/1")
    with pytest.raises(ImproperlyConfigured, match=rf"{sentence}\[sentry\], or unset X\."):
        environment.text_of_extra("X", "sentry", module="sentry_sdk")


@pytest.mark.parametrize(
    ("address", "port", "use_tls", "use_ssl"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtp+tls://mail.example.org", 587, True, False),
        ("smtps://mail.example.org", 465, False, True),
        ("smtps://mail.example.org:2465", 2465, False, True),
    ],
)
def test_mail_address(address: str, port: int, use_tls: bool, use_ssl: bool) -> None:
    options = environment.mailer("X", default=address)["OPTIONS"]

    assert (options["host"], options["port"]) == ("mail.example.org", port)
    assert (options["use_tls"], options["use_ssl"]) == (use_tls, use_ssl)


def test_mail_address_decodes_the_password() -> None:
    options = environment.mailer("X", default="smtp://ada%40x.org:p%2Fw@mail.example.org")[
        "OPTIONS"
    ]

    assert (options["username"], options["password"]) == ("ada@x.org", "p/w")


@pytest.mark.parametrize("address", ["imap://host", "smtp://", "smtp://host:mail"])
def test_mail_address_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^X is not an? "):
        environment.mailer("X", default=address)


def test_development_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret_key"

    key = environment.development_secret(path)

    assert len(key) >= 50
    assert environment.development_secret(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret_key"]


@pytest.mark.parametrize(
    ("value", "hosts", "https", "address"),
    [
        ("", ["lists.example.org", "b.example"], True, "https://lists.example.org"),
        ("", [".example.org"], True, "https://example.org"),
        ("", ["*"], False, "http://localhost"),
        ("http://127.0.0.1:8000/", ["x.example"], True, "http://127.0.0.1:8000"),
    ],
)
def test_site_address(
    set_variable: Any, value: str, hosts: list[str], https: bool, address: str
) -> None:
    set_variable(value)

    assert environment.site_url("X", hosts=hosts, https=https) == address


@pytest.mark.parametrize("value", ["lists.example.org", "ftp://a.example", "https://a.example/b"])
def test_site_address_refused(set_variable: Any, value: str) -> None:
    set_variable(value)

    with pytest.raises(ImproperlyConfigured, match="is not the address of a site"):
        environment.site_url("X", hosts=["a.example"], https=True)


def test_github_needs_both_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.github("GITHUB_ID", "GITHUB_SECRET") == {}

    monkeypatch.setenv("GITHUB_ID", "id")
    with pytest.raises(ImproperlyConfigured, match="GITHUB_SECRET is not set"):
        environment.github("GITHUB_ID", "GITHUB_SECRET")
    monkeypatch.setenv("GITHUB_SECRET", "secret")

    assert environment.github("GITHUB_ID", "GITHUB_SECRET") == {
        "github": {"APPS": [{"client_id": "id", "secret": "secret"}], "SCOPE": ["user:email"]}
    }
