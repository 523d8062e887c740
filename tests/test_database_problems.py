"""A database that is full, can only be read, or is out of reach: for commands and for requests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.tokens import Scope, make_token
from catalog.errors import DatabaseProblem
from catalog.exporting import export_markdown
from catalog.models import Catalog, Revision
from config.command_line import main
from submissions.models import Submission
from tests.api.schema.site import TEXT
from tests.api.submissions.bodies import addition
from tests.catalog.admin.test_admin_lists import confirm, start_import
from tests.catalog.importing.imports import new_list
from tests.catalog.test_commands import database_url
from tests.submission_factories import make_moderator, make_user
from tests.submissions.test_views import send

pytestmark = pytest.mark.django_db(transaction=True)

LONG_LIST = "# Long\n\n" + "".join(
    f"- [Thing {number}](https://{number}.example/) - {'words ' * 40}\n" for number in range(300)
)

NO_SPACE_IN_POSTGRESQL = """
CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_space BEFORE INSERT ON catalog_block EXECUTE FUNCTION no_space();
CREATE TRIGGER no_space BEFORE INSERT ON catalog_revision EXECUTE FUNCTION no_space();
CREATE TRIGGER no_space BEFORE INSERT ON submissions_submission EXECUTE FUNCTION no_space();
"""
SPACE_IN_POSTGRESQL = "DROP FUNCTION no_space CASCADE"
"""To run out of space it needs a file system of its own; here the server says that it has."""


@contextmanager
def options(**changes: Any) -> Iterator[None]:
    """Connections to the database with other settings; the one that is open is closed."""
    database = connection.settings_dict
    before = {name: database[name] for name in changes}
    connection.close()
    database.update(changes)
    try:
        yield
    finally:
        connection.close()
        database.update(before)


@contextmanager
def read_only() -> Iterator[None]:
    """A database that can only be read."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        with options(NAME=f"file:{database['NAME']}?mode=ro"):
            yield
    else:
        setting = "-c default_transaction_read_only=on"
        with options(OPTIONS=database["OPTIONS"] | {"options": setting}):
            yield


@contextmanager
def full() -> Iterator[None]:
    """A database without space for another page."""
    database = connection.settings_dict
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA page_count")
            limit = f";PRAGMA max_page_count={cursor.fetchone()[0]}"
        else:
            cursor.execute(NO_SPACE_IN_POSTGRESQL)
    if connection.vendor == "sqlite":
        answers = database["OPTIONS"]
        with options(OPTIONS=answers | {"init_command": answers["init_command"] + limit}):
            yield
        return
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(SPACE_IN_POSTGRESQL)


@contextmanager
def out_of_reach() -> Iterator[None]:
    """A database that is not where it was."""
    if connection.vendor == "sqlite":
        with options(NAME="/nowhere/lists.sqlite3"):
            yield
    else:
        with options(HOST="/nowhere"):
            yield


STATES = {
    DatabaseProblem.FULL: full,
    DatabaseProblem.READ_ONLY: read_only,
    DatabaseProblem.UNREACHABLE: out_of_reach,
}


def state() -> Any:
    """What must not change."""
    return (
        [(catalog.slug, export_markdown(catalog)) for catalog in Catalog.objects.order_by("pk")],
        Revision.objects.count(),
        Submission.objects.count(),
    )


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Status and standard error of a command, as the process ends with it."""
    status: Any = 0
    try:
        main(["manage.py", *arguments])
    except SystemExit as end:
        status = end.code
    _out, errors = capsys.readouterr()
    if isinstance(status, str):
        # What Python does with a sentence.
        return 1, f"{errors}{status}\n"
    return status or 0, errors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a list in the database, a longer text of it, and its backup under another address."""
    new_list(TEXT)
    (tmp_path / "list.md").write_text(LONG_LIST)
    call_command("backup_catalog", "tools", output=str(tmp_path / "backup"))
    return tmp_path


WRITING = [
    "import_markdown {folder}/list.md --catalog tools",
    "import_markdown {folder}/list.md --catalog other",
    "restore_catalog {folder}/backup --slug other",
    "load_sample",
]
WRITING_LITTLE = [
    "check_catalog",
    "rebuild_projection",
    "ensure_moderator",
    "run_worker --once",
    "clearsessions",
]
READING = [
    "export_markdown tools",
    "export_markdown tools --output {folder}/text",
    "export_catalog tools --format json",
    "export_catalog tools --format csv",
    "import_markdown {folder}/list.md --catalog tools --dry-run",
    "backup_catalog tools --output {folder}/again",
    "list_tasks",
    "check",
    "showmigrations",
    "migrate --check",
]


@pytest.mark.parametrize("problem", STATES)
def test_command_that_writes_says_what_is_wrong(
    problem: DatabaseProblem, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state()
    for command in WRITING:
        with STATES[problem]():
            ended = run(capsys, *command.format(folder=folder).split())
        assert (command, ended) == (command, (1, f"{problem.value}\n"))
        assert state() == before


@pytest.mark.parametrize("command", WRITING_LITTLE)
def test_command_that_writes_little_says_so_or_is_done(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state()
    with read_only():
        status, errors = run(capsys, *command.split())
    refused = (1, f"{DatabaseProblem.READ_ONLY.value}\n")
    assert (status, errors) == refused
    with full():
        status, errors = run(capsys, *command.split())
    assert (status, errors) in {(0, ""), (1, f"{DatabaseProblem.FULL.value}\n")}
    assert state() == before


@pytest.mark.parametrize("problem", [DatabaseProblem.FULL, DatabaseProblem.READ_ONLY])
def test_command_that_reads_works(
    problem: DatabaseProblem, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in READING:
        with STATES[problem]():
            status, errors = run(capsys, *command.format(folder=folder).split())
        assert (command, status, errors.count("Traceback")) == (command, 0, 0)
    assert (folder / "text").read_text() == TEXT


def test_export_from_a_read_only_database_says_that_it_is_not_remembered(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with read_only():
        ended = run(capsys, "export_markdown", "tools", "--output", str(folder / "text"))

    assert ended == (
        0,
        (
            "The text is whole, but the database could not be written, so the history does not "
            "know that revision 1 was exported.\n"
        ),
    )


@pytest.mark.parametrize("command", ["export_catalog tools --format json", "check_catalog"])
def test_output_to_a_full_disk(folder: Path, command: str) -> None:
    with Path("/dev/full").open("wb") as full_disk:
        ended = manage(command, DATABASE_URL=database_url(), stdout=full_disk)

    assert ended == (1, f"{DatabaseProblem.FULL.value}\n")


def test_manage_py_says_it_too(folder: Path) -> None:
    if connection.vendor == "sqlite":
        address = f"{database_url()}?mode=ro"
    else:
        address = f"{database_url()}&options=-c%20default_transaction_read_only%3Don"

    ended = manage("load_sample", DATABASE_URL=address)

    assert ended == (1, f"{DatabaseProblem.READ_ONLY.value}\n")


def test_other_errors_of_a_database_keep_their_traceback(folder: Path) -> None:
    with pytest.raises(Exception, match="nothing_like_that"):
        main(["manage.py", "shell", "--no-imports", "-c", FAULTY])


FAULTY = "from django.db import connection; connection.cursor().execute('SELECT nothing_like_that')"


def manage(command: str, **options: Any) -> tuple[int, str]:
    """Status and standard error of manage.py as a process."""
    ended = subprocess.run(
        [sys.executable, "manage.py", *command.split()],
        env=os.environ | {"DATABASE_URL": options.pop("DATABASE_URL")},
        cwd=settings.BASE_DIR,
        stdout=options.get("stdout", subprocess.DEVNULL),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stderr


# Requests

PAGES = [
    "/",
    "/tools/",
    "/tools/editors/",
    "/tools/README.md",
    "/tools/browse/?q=alpha",
    "/tools/changes/",
    "/tools/feed.atom",
    "/search/?q=alpha",
    "/contribute/tools/new/",
    "/api/v1/catalogs/",
    "/api/v1/entries/?q=alpha",
    "/api/v1/catalogs/tools/export/?format=json",
    "/healthz",
]


def test_pages_can_be_read_from_a_read_only_database() -> None:
    new_list(TEXT)
    moderator = make_moderator(Catalog.objects.get()).user
    assert moderator
    client = Client()
    client.force_login(moderator)
    _token, secret = make_token(user=moderator, name="t", scopes=[Scope.READ])

    with read_only():
        statuses = {address: Client().get(address).status_code for address in PAGES}
        own = {address: client.get(address).status_code for address in PAGES}
        queue = client.get("/admin/submissions/submission/").status_code
        called = client.get("/api/v1/entries/", headers={"Authorization": f"Bearer {secret}"})

    assert {address for address, status in (statuses | own).items() if status != 200} == set()
    assert (queue, called.status_code) == (200, 200)


@pytest.fixture
def proposal() -> dict[str, Any]:
    """A new entry, whose text needs more pages than are free."""
    return addition(new_list(TEXT), description="Words. " * 700)


@pytest.mark.parametrize("problem", STATES)
@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "This is not possible right now"), ("zh-hans", "目前无法完成此操作")],
)
def test_form_is_answered_with_a_plain_page(
    problem: DatabaseProblem, language: str, sentence: str, proposal: dict[str, Any]
) -> None:
    before = state()
    client = Client(raise_request_exception=False, headers={"Accept-Language": language})

    with STATES[problem]():
        response = send(client, f"/contribute/tools/new/?listing={proposal['listing']}", **proposal)

    assert (response.status_code, response["Retry-After"]) == (503, "120")
    assert f"<h1>{sentence}</h1>" in response.content.decode()
    assert state() == before


@pytest.mark.parametrize("problem", [DatabaseProblem.FULL, DatabaseProblem.READ_ONLY])
def test_program_is_answered_in_json(problem: DatabaseProblem, proposal: dict[str, Any]) -> None:
    before = state()
    client = Client(raise_request_exception=False)

    with STATES[problem]():
        response = client.post("/api/v1/submissions/", proposal, content_type="application/json")

    assert (response.status_code, response["Retry-After"]) == (503, "120")
    assert json.loads(response.content) == {
        "code": "unavailable",
        "detail": "The site cannot do this right now, and nothing was saved; please try "
        "again later.",
        "errors": {},
    }
    assert state() == before


@pytest.mark.parametrize("problem", [DatabaseProblem.FULL, DatabaseProblem.READ_ONLY])
def test_maintainer_is_answered_with_a_plain_page(problem: DatabaseProblem) -> None:
    catalog = new_list(TEXT)
    client = Client(raise_request_exception=False)
    client.force_login(make_user(is_staff=True, is_superuser=True))
    preview = start_import(client, catalog, LONG_LIST)
    before = state()

    with STATES[problem]():
        response = confirm(client, preview, catalog)

    assert (response.status_code, response["Retry-After"]) == (503, "120")
    assert "<h1>This is not possible right now</h1>" in response.content.decode()
    assert state() == before
