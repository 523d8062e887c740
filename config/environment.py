"""Typed readers for environment variables; each names the variable and the remedy when it fails.

Plain functions over ``os.environ``: the only library is python-dotenv, which reads ``.env`` and
never overrides what the environment already says. PostgreSQL addresses are parsed by libpq's own
parser (through psycopg), so whatever libpq understands works here.
"""

import os
import secrets
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})

SQLITE_PRAGMAS = (
    # Readers go on while one writes.
    "PRAGMA journal_mode=WAL",
    # Safe against a crash of the program under WAL, and one fsync fewer for each commit.
    "PRAGMA synchronous=NORMAL",
)

POSTGRESQL = "django.db.backends.postgresql"
REDIS = "config.caches.SharedCache"
SIZED = "config.caches.SizedCache"

READ_ONLY = "mode=ro"
"""The suffix of an SQLite address whose file is read and never written."""

CONNECTION_SECONDS = 60
"""Seconds for which a thread keeps its connection to the database."""
PREPARED_FROM = 2
"""Times that PostgreSQL reads a statement anew on a connection before it keeps the plan."""


def text(name: str, default: str = "") -> str:
    """Return the variable without surrounding space; unset and empty both give the default."""
    return os.environ.get(name, "").strip() or default


def required_text(name: str, remedy: str) -> str:
    """Return the variable, or refuse to start with a sentence that says what to do."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {remedy}")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no variable; a word that is neither is refused, never taken as false."""
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is not a yes or no: set it to 1 or 0.")


def integer(name: str, *, default: int, minimum: int = 0) -> int:
    """Return a whole number that is at least ``minimum``."""
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a whole number: set it to one, such as {default}."
        ) from None
    if number < minimum:
        raise ImproperlyConfigured(f"{name}={number} is too small: set it to {minimum} or more.")
    return number


def choice(name: str, values: list[str]) -> str:
    """Return one of the values, of which the first is the default."""
    value = text(name, values[0])
    if value not in values:
        raise ImproperlyConfigured(f"{name}={value!r} is unknown: use {' or '.join(values)}.")
    return value


def text_of_extra(name: str, extra: str, *, module: str) -> str:
    """Return the variable, which only an extra of the package can do something with."""
    value = text(name)
    if value and find_spec(module) is None:
        raise ImproperlyConfigured(
            f"{name} is set, but the package for it is not installed: "
            f"install listwright[{extra}], or unset {name}."
        )
    return value


def words(name: str) -> list[str]:
    """Return the comma-separated items of a variable, without empty ones."""
    return [item for item in (part.strip() for part in text(name).split(",")) if item]


def database(name: str, *, default: str, base_dir: Path) -> dict[str, Any]:
    """Return Django's settings for an ``sqlite:///`` or ``postgresql://`` address."""
    value = text(name, default)
    parts = _address(name, value)
    if parts.scheme == "sqlite":
        return _sqlite(name, parts, base_dir)
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgresql(name, value)
    raise ImproperlyConfigured(
        f"{name} has the scheme {parts.scheme!r}, which is unknown: "
        "use sqlite:///file or postgresql://user:password@host/name."
    )


def replica(name: str, *, primary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the settings of a PostgreSQL that follows the primary; {} without the variable."""
    if not text(name):
        return {}
    follower = database(name, default="", base_dir=Path())
    if not primary["ENGINE"] == follower["ENGINE"] == POSTGRESQL:
        raise ImproperlyConfigured(
            f"{name} is for PostgreSQL alone: unset it, or have it and DATABASE_URL begin with "
            "postgresql://."
        )
    # One that is cut off in the middle of a statement is given up: the primary answers instead.
    follower["OPTIONS"].setdefault("tcp_user_timeout", "3000")
    return {"replica": follower | {"TEST": {"MIRROR": "default"}}}


def _sqlite(name: str, parts: SplitResult, base_dir: Path) -> dict[str, Any]:
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or not path:
        raise ImproperlyConfigured(
            f"{name} names no SQLite file: use sqlite:///relative/file or sqlite:////absolute/file."
        )
    if parts.query not in {"", READ_ONLY}:
        raise ImproperlyConfigured(
            f"{name} ends in ?{parts.query}, which is unknown: leave it out, or use ?{READ_ONLY}."
        )
    file = base_dir / path
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{file.resolve().as_uri()}?{READ_ONLY}" if parts.query else file,
        # To open the file for each request would cost more than most pages; a file that is put in
        # its place is seen within the minute.
        "CONN_MAX_AGE": CONNECTION_SECONDS,
        "OPTIONS": {
            # Take the write lock at BEGIN, where SQLite waits for it; a read that becomes a
            # write in mid-transaction fails at once with "database is locked" instead.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": ";".join(SQLITE_PRAGMAS),
        },
    }


def _postgresql(name: str, value: str) -> dict[str, Any]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        options: dict[str, Any] = dict(conninfo_to_dict(value))
    except ProgrammingError as error:
        # The address may hold a password, and libpq's message may quote it.
        raise ImproperlyConfigured(
            f"{name} cannot be read as a PostgreSQL address: "
            "use postgresql://user:password@host:5432/name, with special characters as %XX."
        ) from error.with_traceback(None)
    if "dbname" not in options:
        raise ImproperlyConfigured(f"{name} names no database: end the address with /name.")
    settings = {
        "ENGINE": POSTGRESQL,
        "NAME": options.pop("dbname"),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": options.pop("port", ""),
        "OPTIONS": options,
        # A pooler that lends a connection for one transaction (pgbouncer) lets nothing outlive it,
        # so cursors are read whole.
        "DISABLE_SERVER_SIDE_CURSORS": flag("DATABASE_POOLER", default=False),
    }
    if not settings["DISABLE_SERVER_SIDE_CURSORS"]:
        # The server reads and plans a statement once for a connection, not each time.
        options |= {"server_side_binding": True, "prepare_threshold": PREPARED_FROM}
    # A server that is cut off must not hold every thread for the minutes that TCP would wait.
    options.setdefault("connect_timeout", "5")
    # 0: each thread keeps its connection; to take one from a pool costs each request more.
    if pool_size := integer("DATABASE_POOL_SIZE", default=0):
        options["pool"] = {"min_size": 1, "max_size": pool_size}
    else:
        settings["CONN_MAX_AGE"] = CONNECTION_SECONDS
    return settings


def caches(
    name: str, *, default: str, most: Mapping[str, int], most_bytes: Mapping[str, int] = {}
) -> dict[str, dict[str, Any]]:
    """Return Django's settings for caches at a ``locmem:``, ``file:`` or ``redis:`` address.

    `most` names them, and how many values each holds; those of `most_bytes` are bounded by bytes
    where they are in memory. What Redis holds is bounded by its server.
    """
    value = text(name, default)
    parts = _address(name, value)
    backend = {
        "locmem": "locmem.LocMemCache",
        "dummy": "dummy.DummyCache",
        "file": "filebased.FileBasedCache",
        "redis": REDIS,
        "rediss": REDIS,
    }.get(parts.scheme)
    if backend is None or (parts.scheme == "file" and not parts.path.strip("/")):
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a cache: "
            "use locmem://, file:///folder, redis://host or dummy://."
        )
    if backend == REDIS:
        text_of_extra(name, "redis", module="redis")
        shared = {
            "BACKEND": REDIS,
            "KEY_FUNCTION": "config.caches.key_of",
            "LOCATION": value,
            # A cache that is slower than making the page is none.
            "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
        }
        return {alias: shared | {"KEY_PREFIX": alias} for alias in most}
    folder = Path(unquote(parts.path) if parts.scheme == "file" else "")
    places: dict[str, dict[str, Any]] = {}
    for alias, entries in most.items():
        places[alias] = {"KEY_PREFIX": alias, "LOCATION": str(folder / alias)}
        if parts.scheme == "locmem" and alias in most_bytes:
            places[alias] |= {"BACKEND": SIZED, "OPTIONS": {"MAX_BYTES": most_bytes[alias]}}
        else:
            options = {"MAX_ENTRIES": entries}
            places[alias] |= {
                "BACKEND": f"django.core.cache.backends.{backend}",
                "OPTIONS": options,
            }
    return places


def mailer(name: str, *, default: str) -> dict[str, Any]:
    """Return a Django mailer; ``smtp+tls`` upgrades with STARTTLS, ``smtps`` starts with TLS."""
    parts = _address(name, text(name, default))
    if parts.scheme == "console":
        return {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise ImproperlyConfigured(
            f"{name} is not a mail server: use console:// or "
            "smtp://, smtp+tls:// or smtps:// with user:password@host:port."
        )
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or ports[parts.scheme],
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_tls": parts.scheme == "smtp+tls",
            "use_ssl": parts.scheme == "smtps",
            # A mail server that hangs must not hold a worker for ever.
            "timeout": float(dict(parse_qsl(parts.query)).get("timeout", "10")),
        },
    }


def contact(name: str) -> str:
    """Return a mailto: or https: address; a plain mail address gets its mailto:."""
    value = text(name)
    if not value or value.startswith(("mailto:", "https://")):
        return value
    if "@" in value and ":" not in value and "/" not in value:
        return f"mailto:{value}"
    raise ImproperlyConfigured(
        f"{name}={value!r} is nowhere to write to: use security@example.org or https://…"
    )


def site_url(name: str, *, hosts: list[str], https: bool) -> str:
    """Return where people reach the site, without a last slash; from its first host by default."""
    scheme = "https" if https else "http"
    host = hosts[0].lstrip(".") if hosts and hosts[0] != "*" else "localhost"
    value = text(name, f"{scheme}://{host}").rstrip("/")
    parts = _address(name, value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not the address of a site: use https://lists.example.org."
        )
    return value


def github(id_name: str, secret_name: str) -> dict[str, dict[str, Any]]:
    """Return allauth's settings to sign in with GitHub; none without the two variables."""
    client_id, secret = text(id_name), text(secret_name)
    if bool(client_id) != bool(secret):
        missing = secret_name if client_id else id_name
        raise ImproperlyConfigured(
            f"{missing} is not set: signing in with GitHub needs {id_name} and {secret_name}."
        )
    if not client_id:
        return {}
    app = {"client_id": client_id, "secret": secret}
    return {"github": {"APPS": [app], "SCOPE": ["user:email"]}}


def development_secret(path: Path) -> str:
    """Return the key in the file, which is made on first use and readable by its owner only."""
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_urlsafe(48)
    # Written apart and linked into place: of two processes that start together, both get
    # the key of the one that came first, and never half of one.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key)
    try:
        os.link(draft, path)
    except FileExistsError:
        key = path.read_text(encoding="ascii")
    finally:
        draft.unlink()
    return key


def _address(name: str, value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port  # Parsed, and refused, only when it is looked at.
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} is not an address: check its host and port, "
            "and write special characters of a password as %XX."
        ) from None
    return parts
