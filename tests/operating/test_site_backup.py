"""A whole site as one file, and back: on either database, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from accounts.models import User
from catalog.models import Catalog, Entry
from operating.backup import BackupError, back_up_site
from operating.restoring import restore_site
from submissions.models import Submission
from tests import migrated
from tests.catalog.test_commands import database_url
from tests.effort import IS_LONG
from tests.operating.a_site import make_site
from tests.submission_factories import make_tools

WELL = "".join(f"{slug}: all as its text says\n" for slug in ("chinese", "editors", "tools"))

FILLED = {
    "account.emailaddress",
    "accounts.apitoken",
    "accounts.membership",
    "accounts.user",
    "catalog.change",
    "catalog.dismissedtag",
    "catalog.entry",
    "catalog.entrytag",
    "catalog.export",
    "catalog.tagalias",
    "django_tasks_database.dbtaskresult",
    "mfa.authenticator",
    "sessions.session",
    "submissions.blockrule",
    "submissions.contributionpolicy",
    "submissions.decisionreason",
    "submissions.submission",
    "submissions.submissionevent",
    "submissions.trustpin",
}
"""Tables that the site of these tests has rows in; others come along as well."""

OF_ITS_MAKING = ("created_at", "database", "release")
"""What two backups of the same differ in."""


def manage(*arguments: str, address: str, **variables: str) -> tuple[int, str, str]:
    """Status, standard output and standard error of a command on the database at the address."""
    ended = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=os.environ | {"DATABASE_URL": address} | variables,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


def manifest_of(file: Path) -> dict[str, Any]:
    with zipfile.ZipFile(file) as archive:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return {name: value for name, value in manifest.items() if name not in OF_ITS_MAKING}


@pytest.fixture
def new_sites(tmp_path: Path) -> Iterator[list[dict[str, str]]]:
    """Settings of sites without rows, one for each kind of database that can be had here.

    In the long run they have no tables either, and the one with SQLite is an empty directory.
    """
    sites = [{"address": "", "LISTWRIGHT_HOME": str(tmp_path / "new")}]
    (tmp_path / "new/var").mkdir(parents=True)
    if not IS_LONG:
        migrated.fill_file(tmp_path / "new/var/listwright.sqlite3")
    if connection.vendor == "sqlite":
        yield sites
        return
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    if not IS_LONG:
        migrated.fill_another(connection, name)
    try:
        yield [*sites, {"address": database_url().replace(connection.settings_dict["NAME"], name)}]
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.django_db(transaction=True)
def test_everything_comes_back_on_either_database(
    tmp_path: Path, new_sites: list[dict[str, str]]
) -> None:
    make_site()
    call_command("backup_site", str(tmp_path / "first.zip"), stderr=io.StringIO())
    manifest = manifest_of(tmp_path / "first.zip")
    empty = {name for name, table in manifest["tables"].items() if not table["rows"]}

    for number, site in enumerate(new_sites):
        again = tmp_path / f"{number}.zip"
        # In one process: each start takes seconds. Keys go on after those that were given, of lists
        # that are gone too.
        code = (
            "import io; from django.core.management import call_command;"
            f"call_command('restore_site', {str(tmp_path / 'first.zip')!r});"
            f"call_command('backup_site', {str(again)!r}, stderr=io.StringIO());"
            "call_command('check_catalog');"
            "from tests.operating.test_site_backup import make_following; print(make_following())"
        )
        status, printed, problems = manage("shell", "--no-imports", "--command", code, **site)
        restored, others = printed.split("\n", 1)
        assert (status, problems) == (0, "")
        assert restored.endswith("; the digest of every table is the one it had.")
        assert others == f"{WELL}{make_following()}\n"
        assert manifest_of(again) == manifest

    assert (tmp_path / "new/var/listwright.sqlite3").exists()
    assert empty.isdisjoint(FILLED)


def make_following() -> list[str]:
    """The keys that the next list and its last entry get where the backup was made."""
    catalog = Catalog.objects.filter(slug="next").first() or make_tools("next")
    return [str(catalog.pk), str(Entry.objects.earliest("-pk").pk)]


@pytest.mark.django_db(transaction=True)
def test_backup_is_for_its_owner_alone_and_one_snapshot(tmp_path: Path) -> None:
    make_tools()
    file = tmp_path / "site.zip"

    call_command("backup_site", str(file), stderr=io.StringIO())

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    make_tools("later")
    assert manifest_of(file)["tables"]["catalog.catalog"]["rows"] == 1


@pytest.mark.django_db(transaction=True)
def test_backup_keeps_nobody_from_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    from operating import backup

    make_tools()
    written = io.BytesIO()
    seen: list[int] = []
    original = backup._write_table

    def write_between(member: Any, model: Any) -> dict[str, Any]:
        if not seen:
            code = "from tests.submission_factories import make_tools; make_tools('meanwhile')"
            seen.append(
                manage("shell", "--no-imports", "--command", code, address=database_url())[0]
            )
        return original(member, model)

    monkeypatch.setattr(backup, "_write_table", write_between)

    counts = backup.write_site(written.write)

    assert (seen, counts["catalog.catalog"], Catalog.objects.count()) == ([0], 1, 2)


# What is refused


@pytest.fixture
def site(db: None) -> bytes:
    """A backup, of a site that is gone now."""
    make_tools()
    User.objects.create_superuser("root", "root@people.example", "pass")
    file = io.BytesIO()
    from operating.backup import write_site

    write_site(file.write)
    empty()
    return file.getvalue()


def empty() -> None:
    from catalog.store.document import delete_catalog

    for catalog in Catalog.objects.all():
        delete_catalog(catalog)
    User.objects.all().delete()


def counts() -> list[int]:
    return [model._default_manager.count() for model in (Catalog, Entry, User, Submission)]


def test_restored_in_place(site: bytes) -> None:
    restore_site(io.BytesIO(site))

    assert counts() == [1, 4, 1, 0]
    assert User.objects.get().check_password("pass")


def changed(site: bytes, change: Callable[[dict[str, bytes]], object]) -> io.BytesIO:
    """The archive with other members, and digests that are right again."""
    with zipfile.ZipFile(io.BytesIO(site)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    file.seek(0)
    return file


def in_manifest(members: dict[str, bytes], **values: Any) -> None:
    manifest = json.loads(members["manifest.json"]) | values
    members["manifest.json"] = json.dumps(manifest).encode()


def in_table(members: dict[str, bytes], name: str, replace: Callable[[bytes], bytes]) -> None:
    """Another text of a table, whose digest and count the manifest has right."""
    member = f"tables/{name}.jsonl"
    members[member] = replace(members[member])
    manifest = json.loads(members["manifest.json"])
    manifest["tables"][name]["sha256"] = hashlib.sha256(members[member]).hexdigest()
    manifest["tables"][name]["rows"] = members[member].count(b"\n")
    members["manifest.json"] = json.dumps(manifest).encode()


def in_row(members: dict[str, bytes], name: str, **values: Any) -> None:
    manifest = json.loads(members["manifest.json"])
    fields = manifest["tables"][name]["fields"]

    def replace(text: bytes) -> bytes:
        first, *others = text.splitlines(keepends=True)
        row = dict(zip(fields, json.loads(first), strict=True)) | values
        return b"".join([json.dumps([*row.values()]).encode() + b"\n", *others])

    in_table(members, name, replace)


NOT_WRITTEN = "The backup cannot be restored, and nothing was written: "

REFUSED: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "without manifest": (
        lambda m: m.pop("manifest.json"),
        "The file is not a backup: it has no manifest.json.",
    ),
    "backup of a list": (
        lambda m: in_manifest(m, format="listwright-catalog"),
        "restore_catalog reads backups of a list, restore_site those of a site.",
    ),
    "other version": (
        lambda m: in_manifest(m, version=2),
        "The backup has version 2 of the format, and this program reads 1.",
    ),
    "later release": (
        lambda m: in_manifest(m, migrations=[["catalog", "9999_later"]]),
        (
            "The backup is of a later release: this one has no migration catalog.9999_later. "
            "Restore it with that release or a newer one."
        ),
    ),
    "other release than the tables": (
        lambda m: in_manifest(m, migrations=[["contenttypes", "0001_initial"]]),
        "The backup is of another release than the tables of this database.",
    ),
    "migrations of another shape": (
        lambda m: in_manifest(m, migrations=7),
        f"{NOT_WRITTEN}'int' object is not iterable.",
    ),
    "file beside the tables": (
        lambda m: m.update({"../../etc/cron.d/x": b"x"}),
        f"{NOT_WRITTEN}its files are not those that its manifest names.",
    ),
    "table that is missing": (
        lambda m: m.pop("tables/catalog.entry.jsonl"),
        f"{NOT_WRITTEN}its files are not those that its manifest names.",
    ),
    "damaged table": (
        lambda m: m.update({"tables/catalog.link.jsonl": b"[]\n"}),
        f"{NOT_WRITTEN}a row of catalog.link has not as many values as the table has fields.",
    ),
    "table that was cut": (
        lambda m: m.update(
            {"tables/catalog.link.jsonl": m["tables/catalog.link.jsonl"].partition(b"\n")[0]}
        ),
        f"{NOT_WRITTEN}a line is too long, or cut off.",
    ),
    "rows that are missing": (
        lambda m: m.update({"tables/catalog.link.jsonl": b""}),
        f"{NOT_WRITTEN}catalog.link is damaged: its digest is not the one it had.",
    ),
    "text in a number": (
        lambda m: in_row(m, "catalog.catalog", revision="one; DROP TABLE"),
        f"{NOT_WRITTEN}“one; DROP TABLE” value must be an integer.",
    ),
    "number in a text": (
        lambda m: in_row(m, "accounts.user", username=7),
        f"{NOT_WRITTEN}a text is none.",
    ),
    "text that is too long": (
        lambda m: in_row(m, "accounts.user", username="x" * 151),
        f"{NOT_WRITTEN}a text has more than 150 characters.",
    ),
    "row without a value": (
        lambda m: in_row(m, "accounts.user", username=None),
        f"{NOT_WRITTEN}a row of accounts.user lacks a value.",
    ),
    "time without a zone": (
        lambda m: in_row(m, "accounts.user", date_joined="2026-01-01"),
        f"{NOT_WRITTEN}a time has no zone.",
    ),
    "row that refers to none": (
        lambda m: in_table(m, "catalog.catalog", lambda text: b""),
        NOT_WRITTEN,
    ),
    "value that the table forbids": (
        lambda m: in_row(m, "catalog.catalog", slug="admin"),
        NOT_WRITTEN,
    ),
    "deep JSON": (
        lambda m: in_table(m, "accounts.user", lambda text: b"[" * 100_000 + b"\n"),
        NOT_WRITTEN,
    ),
    "fields of another table": (
        lambda m: in_manifest(
            m,
            tables={
                **json.loads(m["manifest.json"])["tables"],
                "accounts.user": {"fields": ["id"], "rows": 0, "sha256": ""},
            },
        ),
        f"{NOT_WRITTEN}accounts.user has other fields.",
    ),
    "keys that would be used up": (
        lambda m: in_manifest(
            m,
            tables={
                name: table | {"last_key": 2**63 - 1}
                for name, table in json.loads(m["manifest.json"])["tables"].items()
            },
        ),
        f"{NOT_WRITTEN}account.emailaddress says of its last key what cannot be.",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_hostile_file_is_refused_in_a_sentence(site: bytes, kind: str) -> None:
    change, sentence = REFUSED[kind]

    with pytest.raises(BackupError) as refusal:
        restore_site(changed(site, change))

    assert str(refusal.value).startswith(sentence)
    assert "\n" not in str(refusal.value)
    assert counts() == [0, 0, 0, 0]


def test_flipped_byte_restores_what_was_there_or_nothing(site: bytes) -> None:
    @effort(max_examples=15)
    @given(st.integers(0, len(site) - 1), st.integers(1, 255))
    def check(position: int, bits: int) -> None:
        data = bytearray(site)
        data[position] ^= bits
        try:
            restore_site(io.BytesIO(bytes(data)))
        except BackupError:
            assert counts() == [0, 0, 0, 0]
        else:
            assert counts() == [1, 4, 1, 0]
            empty()

    check()


@pytest.mark.django_db
def test_database_that_holds_something_is_left_alone(site: bytes) -> None:
    make_tools("mine")

    with pytest.raises(BackupError) as refusal:
        restore_site(io.BytesIO(site))

    assert str(refusal.value) == (
        "The database is not empty (catalog_catalog has rows): point DATABASE_URL at an empty one. "
        "Nothing is ever overwritten."
    )
    assert [catalog.slug for catalog in Catalog.objects.all()] == ["mine"]


@pytest.mark.django_db
def test_backup_of_a_database_behind_the_release_is_refused(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0006_stored_value'")

    with pytest.raises(CommandError) as refusal:
        call_command("backup_site", str(tmp_path / "site.zip"))

    assert str(refusal.value) == (
        "The database is not up to date with this release (accounts.0006_stored_value missing): "
        "run the command migrate first."
    )
    assert list(tmp_path.iterdir()) == []


# The timetable


@pytest.mark.django_db
def test_nightly_backups_stay_as_many_as_are_set(tmp_path: Path, settings: Any) -> None:
    make_tools()
    settings.BACKUP_FOLDER = str(tmp_path / "backups")
    settings.BACKUP_COUNT = 2
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "notes.txt").write_text("mine")
    for days in (3, 2, 1):
        name = f"site-{timezone.now() - timedelta(days=days):%Y%m%d-%H%M%S}.listwright.zip"
        (tmp_path / "backups" / name).write_bytes(b"old")
        newest_before = name

    back_up_site.call()

    names = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert (len(names), names[0], names[1]) == (3, "notes.txt", newest_before)
    assert manifest_of(tmp_path / "backups" / names[2])["tables"]["catalog.catalog"]["rows"] == 1


@pytest.mark.django_db
def test_nightly_backup_without_a_folder_is_none(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_FOLDER = ""
    settings.VAR_DIR = tmp_path

    back_up_site.call()

    assert list(tmp_path.iterdir()) == []


# Earlier releases

RELEASES = Path(__file__).parents[1] / "data" / "site-backups"


def test_a_backup_of_this_format_is_there() -> None:
    assert [path.name for path in RELEASES.glob("*.zip")] != []


@pytest.mark.parametrize("file", sorted(RELEASES.glob("*.zip")), ids=lambda path: path.stem)
def test_backups_of_earlier_releases_come_back(tmp_path: Path, file: Path) -> None:
    """Each was made by `python -m tests.operating.a_site FILE` on its release; into nothing."""
    site = {"address": "", "LISTWRIGHT_HOME": str(tmp_path / "new")}
    expected = json.loads(file.with_suffix(".json").read_text())

    restored, _printed, _problems = manage("restore_site", str(file), **site)
    code = (
        "from django.core.management import call_command; call_command('check_catalog');"
        "from tests.operating.summary import summary; print(summary())"
    )
    status, printed, problems = manage("shell", "--no-imports", "--command", code, **site)

    assert (restored, status, problems) == (0, 0, "")
    result = json.loads(printed[printed.index("\n{") :])
    # A release that derives more of the same text has a revision for that.
    revisions = result.pop("revisions")
    assert all(revisions[slug] >= number for slug, number in expected.pop("revisions").items())
    assert result == expected
    assert WELL in printed
