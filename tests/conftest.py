"""Which database the tests run on, and the fixtures that every test can use.

``pytest`` runs on SQLite and ``pytest --database=postgresql`` on PostgreSQL, where what no database
changes, and most cases of a test with many, are left out but for the long run; ``--database=both``,
as in ``make test``, is both in one run. ``--database=pooled`` sends the API and the exports through
pgbouncer, one test in twelve but for the long run. What the machine lacks is skipped with a reason,
and fails when CI=true.
"""

import gc
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import hypothesis
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from xdist.remote import Producer

from tests import postgresql, scheduling
from tests.effort import IS_LONG

if TYPE_CHECKING:
    from django.http import HttpResponseBase
    from pytest_django.live_server_helper import LiveServer

FIXTURES_OF_THE_DATABASE = {"db", "transactional_db", "live_server", "django_db_setup"}
SQLITE_IS_ENOUGH = (
    "tests/accounts/test_user.py::test_passwords_are_hashed_as_django_does",
    "tests/api/browsable",
    "tests/api/schema",
    "tests/api/submissions/test_described.py",
    "tests/api/submissions/test_leaks.py",
    "tests/background/test_worker.py::test_worker_ends_when_its_parent_does",
    "tests/browser",
    "tests/catalog/pages/test_links.py::test_links_of_the_sample_list_lead_somewhere",
    "tests/catalog/rendering",
    "tests/catalog/test_commands.py::test_standard_input_and_output_carry_the_bytes",
    "tests/config",
    "tests/git/test_hosts.py",
    "tests/git/test_transport.py",
    "tests/submissions/admin/test_deciding.py",
)
"""What no database changes: how things are shown and linked, what describes the API and who learns
what of it, what is said over the network and between processes; a browser, too. Decisions on pages
are those of the API and of the queue, which either database is asked for."""

POOLED = (
    "tests/api/entries",
    "tests/api/feeds",
    "tests/api/submissions",
    "tests/api/test_errors.py",
    "tests/api/tokens",
    "tests/catalog/test_export_parts.py",
    "tests/catalog/test_exporting.py",
)
"""What is tried through a pooler, which lends a connection for one transaction."""
POOLED_SAMPLE = 12
FORGETFUL = "server_reset_query = DISCARD ALL\nserver_reset_query_always = 1"

SAMPLE = 6
"""On PostgreSQL the first case of a test with parameters is tried, and each sixth after it."""
EVERY_CASE = (
    "tests/api/entries/test_agreement.py",
    "tests/api/entries/test_filters.py",
    "tests/background",
    "tests/catalog/finding",
    "tests/catalog/searching",
    "tests/test_database_problems.py",
    "tests/test_pooler.py",
    "tests/test_replica.py",
)
"""Where each case asks the database something else; elsewhere they differ in what is said."""

FIRST = (
    "tests/browser",
    "tests/api/schema/test_schemathesis.py",
    "tests/test_package.py",
    "tests/config/test_prepare.py",
    "tests/operating/test_site_backup.py",
    "tests/catalog/importing/test_interruptions.py",
    "tests/catalog/importing/test_waiting.py",
    "tests/git",
    "tests/submissions/test_interruptions.py",
    "tests/test_pooler.py",
    "tests/test_replica.py",
    "tests/test_rolling_upgrade.py",
)
"""What begins first, in this order: what waits for a browser, while the other database's workers
need the processors, and what takes long, so that no worker is left alone with it at the end."""

# In the environment, because that reaches the workers of pytest-xdist: they share one cluster.
POSTGRESQL_URL = "LISTWRIGHT_TESTS_POSTGRESQL_URL"
SKIP_REASON = "LISTWRIGHT_TESTS_SKIP_REASON"
IN_CI = os.environ.get("CI") == "true"

# Debian's chromium, as root and without a network of its own to talk to.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)

# A deadline measures how busy the machine is.
hypothesis.settings.register_profile("listwright", deadline=None, print_blob=True)
hypothesis.settings.load_profile("listwright")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql", "both", "pooled"],
        default="sqlite",
        help="what to run on: an SQLite file, the PostgreSQL of DATABASE_URL or a new cluster, "
        "both side by side, each with --numprocesses workers, or the latter through pgbouncer",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        prepare_environment(config)
    elif config.option.database == "both":
        config.option.database = os.environ[scheduling.DATABASE]
    is_postgresql = config.option.database in {"postgresql", "pooled"}
    os.environ["DATABASE_POOLER"] = "1" if config.option.database == "pooled" else ""
    os.environ["DATABASE_URL"] = os.environ[POSTGRESQL_URL] if is_postgresql else ""
    # Only now, and not by pytest-django's own option, which reads the settings before this file.
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    from django.conf import settings
    from django.db import connection

    if os.environ["DATABASE_URL"] and connection.vendor != "postgresql":
        raise pytest.UsageError("The settings were read before the tests' database was chosen.")
    if config.option.database == "both":
        # The workers choose their own database before they read the settings: see above.
        del os.environ["DJANGO_SETTINGS_MODULE"]

    # Hashing a password well takes a third of a second. tests/accounts/test_user.py does.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_report_header(config: pytest.Config) -> str:
    if IS_LONG:
        return "effort: long (LISTWRIGHT_TESTS_LONG=1): everything, on either database"
    left_out = " but for what no database changes" if config.option.database != "sqlite" else ""
    return f"effort: every commit{left_out}; LISTWRIGHT_TESTS_LONG=1 tries everything"


def prepare_environment(config: pytest.Config) -> None:
    """Give Django the settings of the tests, whatever the developer's environment and .env say."""
    os.environ |= {
        "ENV_FILE": os.devnull,
        "DEBUG": "1",
        "SECRET_KEY": secrets.token_urlsafe(),
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "CACHE_URL": "",
        "EMAIL_URL": "",
    }
    os.environ.pop(SKIP_REASON, None)
    os.environ.pop(POSTGRESQL_URL, None)
    if config.option.database != "sqlite":
        if os.environ.get("DATABASE_URL", "").startswith("postgres"):
            os.environ[POSTGRESQL_URL] = os.environ["DATABASE_URL"]
        else:
            use_throwaway_cluster(config)
    if config.option.database == "pooled" and (reason := postgresql.lacks_pooler()):
        if IN_CI:
            raise pytest.UsageError(f"CI=true, so a pooler must be tested, but {reason}.")
        os.environ[SKIP_REASON] = f"not tested through a pooler: {reason}"
    if config.option.database == "both":
        if not config.option.tx:
            raise pytest.UsageError("--database both needs workers: add --numprocesses auto.")
        scheduling.start_on_each(config)


def use_throwaway_cluster(config: pytest.Config) -> None:
    """Make a new cluster; without one, fail in CI and skip elsewhere."""
    cluster = ExitStack()
    try:
        os.environ[POSTGRESQL_URL] = cluster.enter_context(postgresql.throwaway_cluster())
    except postgresql.Unavailable as error:
        if IN_CI:
            raise pytest.UsageError(
                f"CI=true, so PostgreSQL must be tested, but {error}."
            ) from None
        os.environ |= {POSTGRESQL_URL: "", SKIP_REASON: f"not tested on PostgreSQL: {error}"}
    config.add_cleanup(cluster.close)


def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Producer
) -> scheduling.ByDatabase | scheduling.ByFile:
    is_both = config.option.database == "both"
    return scheduling.ByDatabase(config, log) if is_both else scheduling.ByFile(config, log)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    # To read what will be left out takes seconds in each worker.
    root = config.rootpath
    if config.option.database == "postgresql" and not IS_LONG:
        return collection_path in {root / place for place in SQLITE_IS_ENOUGH} or None
    if config.option.database == "pooled":
        pooled = [root / place for place in POOLED]
        parents = {parent for path in pooled for parent in path.parents}
        is_pooled = any(collection_path.is_relative_to(path) for path in pooled)
        return None if is_pooled or collection_path in parents else True
    return None


def pytest_itemcollected(item: pytest.Item) -> None:
    # Before `-m "not browser"` selects by it.
    if "browser" in _fixtures(item):
        item.add_marker("browser")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.nodeid))
    if not IS_LONG:
        _keep(config, items, [item for item in items if not item.get_closest_marker("long")])
    if config.option.database == "postgresql" and not IS_LONG:
        _keep(config, items, _sampled(item for item in items if _depends_on_the_database(item)))
    if config.option.database == "pooled":
        chosen = [item for item in items if _depends_on_the_database(item)]
        _keep(config, items, chosen if IS_LONG else chosen[::POOLED_SAMPLE])
        for item in items:
            # One transaction around the whole test would keep one connection for it.
            item.add_marker(pytest.mark.django_db(transaction=True), append=False)


def pytest_collection_finish(session: pytest.Session) -> None:
    # What is imported and collected stays to the end: going through it again and again for garbage
    # took a twentieth of the run.
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def _turn(nodeid: str) -> int:
    """When a test is to begin: the place of its folder or file in `FIRST`, or behind all."""
    turns = (turn for turn, place in enumerate(FIRST) if nodeid.startswith(place))
    return next(turns, len(FIRST))


def _keep(config: pytest.Config, items: list[pytest.Item], chosen: list[pytest.Item]) -> None:
    those = set(chosen)
    config.hook.pytest_deselected(items=[item for item in items if item not in those])
    items[:] = chosen


def _sampled(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Some cases of each test that varies what is said, and all of the others."""
    cases: Counter[str] = Counter()
    chosen = []
    for item in items:
        test = item.nodeid.partition("[")[0]
        if cases[test] % SAMPLE == 0 or item.nodeid.startswith(EVERY_CASE):
            chosen.append(item)
        cases[test] += 1
    return chosen


def _depends_on_the_database(item: pytest.Item) -> bool:
    """Whether a test reads or writes, and what another database could answer differently."""
    asks = item.get_closest_marker("django_db") or FIXTURES_OF_THE_DATABASE & _fixtures(item)
    is_spared = "browser" in _fixtures(item) or item.nodeid.startswith(SQLITE_IS_ENOUGH)
    return bool(asks) and not is_spared


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    # Here and not by a marker on each test, so that the summary gives the reason once.
    reason = os.environ.get(SKIP_REASON)
    if reason and item.config.option.database in {"postgresql", "pooled"}:
        pytest.skip(reason)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # What a report says of itself, in the process that prints it.
    if node := getattr(report, "node", None):
        report.nodeid += scheduling.place_of(node)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Test SQLite on a file, as in production: in memory, threads share one connection."""
    from django.db import connection

    from tests.migrated import migrate_once

    if connection.vendor == "sqlite":
        folder = tmp_path_factory.mktemp("database")
        connection.settings_dict["TEST"]["NAME"] = str(folder / "test.sqlite3")
    migrate_once(connection)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """Reach the tests' database through pgbouncer where that was asked for.

    It forgets all of a session after each transaction: what one leaves there for the next would
    else be found there by chance, as long as nobody else asks.
    """
    from django.contrib.contenttypes.management import create_contenttypes
    from django.db import connection
    from django.db.models.signals import post_migrate

    # Nobody is given Django's permissions, and types of content stay when a test that commits has
    # ended; to make them anew took longer than to empty the database.
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)
    # Of the class: a thread that drives the browser has another connection than before.
    introspection: Any = type(connection.introspection)
    tables = introspection.django_table_names
    introspection.django_table_names = lambda *options, **more: [
        name for name in tables(*options, **more) if name != "django_content_type"
    ]
    if request.config.option.database != "pooled":
        yield
        return

    direct = dict(connection.settings_dict)
    with postgresql.throwaway_pooler(direct, more=FORGETFUL) as port:
        connection.close()
        connection.settings_dict.update(HOST="127.0.0.1", PORT=str(port))
        yield
        connection.close()
        connection.settings_dict.update(direct)


@pytest.fixture(autouse=True)
def fresh_process() -> None:
    """Forget what the process remembers of other tests, as the database does."""
    from accounts import limits
    from tests.caching import clear_bounded_caches

    limits.forget_refusals()
    clear_bounded_caches()


@pytest.fixture(scope="session", autouse=True)
def _streams() -> Iterator[list["HttpResponseBase"]]:
    """Hold the streamed responses of the test client, which a test may drop half read.

    The garbage collector would close their cursors on the server when it pleases; while psycopg
    holds the lock of the connection, that waits for ever.
    """
    from django.test.client import Client

    streams: list[HttpResponseBase] = []

    def request(client: Client, **environ: Any) -> Any:
        response = answer(client, **environ)
        if response.streaming:
            streams.append(response)
        return response

    answer = Client.request
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", request)
        yield streams


@pytest.fixture(autouse=True)
def ended_streams(_streams: list["HttpResponseBase"]) -> Iterator[None]:
    """End the streams of a test when it ends."""
    yield
    while _streams:
        _streams.pop().close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give the system's chromium, without window."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        reason = "no browser is installed (on Debian: apt-get install chromium)"
        if IN_CI:
            pytest.fail(f"CI=true, so the browser must be tested, but {reason}.")
        pytest.skip(reason)
    # Playwright keeps an event loop running in this thread, which Django takes for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=[*CHROMIUM_FLAGS])


@pytest.fixture
def browser_errors() -> list[str]:
    """Give the list of what went wrong in the page; a test that wants an error empties it."""
    return []


@pytest.fixture
def browser_page(
    browser: Browser, live_server: "LiveServer", browser_errors: list[str]
) -> Iterator[Page]:
    """Give a page at the live server; errors of scripts and refusals of the CSP fail the test."""

    def note_console_error(message: ConsoleMessage) -> None:
        # The browser asks for the icon by itself, also where the page names none (the admin).
        if message.type == "error" and not message.location["url"].endswith("/favicon.ico"):
            browser_errors.append(f"{message.text} ({message.location['url']})")

    with browser.new_context(base_url=live_server.url, locale="en") as context:
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: browser_errors.append(str(error)))
        page.on("console", note_console_error)
        yield page
    assert browser_errors == []
