"""The commands from outside: what they print, where, and what they refuse."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import connection

from accounts.models import User
from catalog.exporting import export_markdown
from catalog.models import Catalog, Entry, Export, Revision
from tests.catalog.importing.imports import assert_sound, change_here, new_list
from tests.catalog.importing.test_importing import all_rows, text_of

pytestmark = pytest.mark.django_db

OWN_APPS = {"accounts", "background", "catalog", "operating", "submissions"}
OWN = sorted(name for name, app in get_commands().items() if app in OWN_APPS)
TEXT = "# Tools\n\n## X\n\n- [A](https://example.org/a) - Does A.\n- [B](https://example.org/a)\n"


def run(*args: object) -> str:
    """What a command prints."""
    out = io.StringIO()
    call_command(*[str(arg) for arg in args], stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "README.md"
    path.write_bytes(TEXT.encode())
    return path


# import_markdown


def test_import_prints_a_sentence_and_the_findings(file: Path) -> None:
    assert run("import_markdown", file, "--catalog", "tools") == (
        "Imported tools: 2 sections, 2 entries (2 created, 0 updated, 0 moved, "
        "0 moved and edited, 0 returned, 0 merged into another entry, 0 removed, 0 unchanged), "
        "0 suggested, 1 findings; revision 1.\n"
        "  line 6: “B” links to the same page as “A” in line 5; keep both only if intended. "
        "[duplicate-url]\n"
    )
    assert "Nothing to change in tools" in run("import_markdown", file, "--catalog", "tools")


def test_import_prints_json(file: Path) -> None:
    printed = json.loads(run("import_markdown", file, "--catalog", "tools", "--json"))

    assert [warning.pop("message")[:5] for warning in printed["warnings"]] == ["“B” l"]
    assert printed == {
        "catalog": "tools",
        "revision": 1,
        "sections": 2,
        "entries": 2,
        "created": 2,
        "updated": 0,
        "moved": 0,
        "moved_and_edited": 0,
        "returned": 0,
        "joined": 0,
        "removed": 0,
        "unchanged": 0,
        "renamed": 0,
        "suggested": 0,
        "opaque": 0,
        "conflicts": [],
        "warnings": [{"line": 6, "code": "duplicate-url"}],
    }


def test_dry_run_says_what_would_change_and_writes_nothing(file: Path) -> None:
    rows = all_rows()
    assert "Would change tools: 2 sections" in run(
        "import_markdown", file, "--catalog", "tools", "--dry-run"
    )
    assert all_rows() == rows

    new_list(text_of("#t _ a"))
    rows = all_rows()
    printed = json.loads(run("import_markdown", file, "--catalog", "tools", "--dry-run", "--json"))
    assert (printed["revision"], printed["created"], printed["updated"]) == (1, 1, 0)
    assert all_rows() == rows


def test_conflicts_are_listed_and_theirs_takes_the_file(tmp_path: Path) -> None:
    catalog = new_list(text_of("#t _ a b"))
    change_here(catalog, text_of("#t _ a! b"))
    path = tmp_path / "README.md"
    path.write_text(text_of("#t _ a!! b"))
    rows = all_rows()
    out = io.StringIO()

    with pytest.raises(CommandError, match=r"README.md: .*line 3"):
        call_command(
            "import_markdown", str(path), "--catalog", "tools", "--json", "--strict", stdout=out
        )

    assert json.loads(out.getvalue()) == {
        "catalog": "tools",
        "conflicts": [
            {
                "line": 3,
                "base": text_of("a"),
                "ours": text_of("a!"),
                "theirs": text_of("a!!"),
            }
        ],
    }
    assert all_rows() == rows
    dry = run("import_markdown", path, "--catalog", "tools", "--dry-run")
    assert "1 conflicts" in dry
    assert all_rows() == rows

    run("import_markdown", path, "--catalog", "tools", "--theirs")

    assert_sound(catalog, text_of("#t _ a!! b"))


def test_import_names_the_actor(file: Path) -> None:
    User.objects.create_user("ada", first_name="Ada", last_name="Byron")

    run("import_markdown", file, "--catalog", "tools", "--actor", "ada")

    assert Revision.objects.get().actor_name == "Ada Byron"
    with pytest.raises(CommandError, match="no account bob"):
        run("import_markdown", file, "--catalog", "tools", "--actor", "bob")


def test_title_and_source_are_set_on_any_import(file: Path) -> None:
    run("import_markdown", file, "--catalog", "tools")
    options = ["--title", "New", "--source-url", "https://example.org/list"]

    run("import_markdown", file, "--catalog", "tools", *options)
    run("import_markdown", file, "--catalog", "tools", *options)

    catalog = Catalog.objects.get()
    assert (catalog.title, catalog.source_url) == ("New", "https://example.org/list")
    verbs = set(catalog.revisions.filter(number__gt=1).values_list("verb", flat=True))
    assert verbs == {"settings"}
    assert_sound(catalog, TEXT)


def write(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


BAD_TEXTS: dict[str, tuple[bytes, str]] = {
    "not UTF-8": (
        b"# T\n\n- \xe4\n",
        (
            "{}, line 3: byte 7 of the file (0xE4) is not UTF-8; save the file as UTF-8 and import "
            "it again."
        ),
    ),
    "cut off": (b"# T \xe2\x82", "{}, line 1: byte 4 of the file (0xE2) is not UTF-8; "),
    "UTF-16": ("# T\n".encode("utf-16"), "{}, line 1: byte 0 of the file (0xFF) is not UTF-8; "),
    "surrogate": (b"# \xed\xa0\x80", "{}, line 1: byte 2 of the file (0xED) is not UTF-8; "),
    "NUL": (
        "# Ü\n\na\0b\n".encode(),
        (
            "{}, line 3: there is a NUL character (byte 7 of the file), which cannot be stored; "
            "remove it and import the file again."
        ),
    ),
    "too large": (
        b"x" * 1001,
        "{} is larger than the limit of 1000 bytes; raise MAX_IMPORT_BYTES to import it.",
    ),
}


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize(("data", "sentence"), BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_unreadable_file_is_refused(
    data: bytes, sentence: str, is_known: bool, tmp_path: Path, settings: Any
) -> None:
    settings.MAX_IMPORT_BYTES = 1000
    if is_known:
        new_list(TEXT)
    name = write(tmp_path, "README.md", data)
    rows = all_rows()

    with pytest.raises(CommandError) as refusal:
        run("import_markdown", name, "--catalog", "tools")

    assert str(refusal.value).startswith(sentence.format(name))
    assert "\n" not in str(refusal.value)
    assert all_rows() == rows


def test_file_of_exactly_the_limit_is_taken(tmp_path: Path, settings: Any) -> None:
    settings.MAX_IMPORT_BYTES = 1000

    run("import_markdown", write(tmp_path, "README.md", b"x" * 1000), "--catalog", "tools")

    assert Catalog.objects.get().revision == 1


BAD_ARGUMENTS: dict[str, tuple[list[str], str]] = {
    "no file": (
        ["import_markdown", "/nowhere/README.md", "--catalog", "new"],
        "There is no file /nowhere/README.md; check the path.",
    ),
    "directory": (
        ["import_markdown", "/", "--catalog", "new"],
        "/ is a directory; name the markdown file inside it.",
    ),
    "reserved": (
        ["import_markdown", __file__, "--catalog", "admin"],
        "The address admin is reserved; choose another one.",
    ),
    "ill-formed": (
        ["import_markdown", __file__, "--catalog", "My list"],
        (
            "My list cannot be an address: use small letters, digits and single hyphens, "
            "80 characters at most."
        ),
    ),
    "source": (
        ["import_markdown", __file__, "--catalog", "new", "--source-url", "nope"],
        "--title or --source-url cannot be stored: Enter a valid URL.",
    ),
    "title": (
        ["import_markdown", __file__, "--catalog", "tools", "--title", "x" * 201],
        (
            "--title or --source-url cannot be stored: Ensure this value has at most 200 "
            "characters (it has 201)."
        ),
    ),
    "unknown": (["export_markdown", "tool"], "There is no catalog tool: did you mean tools?"),
    "unknown format": (
        ["export_catalog", "other", "--format", "json"],
        "There is no catalog other: there are tools.",
    ),
    "unknown to check": (["check_catalog", "other"], "There is no catalog other: there are tools."),
    "unknown to rebuild": (
        ["rebuild_projection", "tools", "other"],
        "There is no catalog other: there are tools.",
    ),
    "revision": (
        ["export_markdown", "tools", "--revision", "2"],
        "tools has no revision 2; the newest is 1.",
    ),
    "revision 0": (
        ["export_markdown", "tools", "--revision", "0"],
        "tools has no revision 0; the newest is 1.",
    ),
    "unwritable": (
        ["export_markdown", "tools", "--output", "/nowhere/README.md"],
        "/nowhere/README.md cannot be written: No such file or directory.",
    ),
    "unwritable format": (
        ["export_catalog", "tools", "--format", "csv", "--output", "/nowhere/x.csv"],
        "/nowhere/x.csv cannot be written: No such file or directory.",
    ),
    "output is a directory": (
        ["export_markdown", "tools", "--output", "/tmp"],
        "/tmp cannot be written: Is a directory.",
    ),
}


@pytest.mark.parametrize(("args", "sentence"), BAD_ARGUMENTS.values(), ids=BAD_ARGUMENTS)
def test_refusal_is_one_sentence_and_nothing_is_written(args: list[str], sentence: str) -> None:
    new_list(TEXT)
    rows = all_rows()

    with pytest.raises(CommandError) as refusal:
        run(*args)

    assert str(refusal.value) == sentence
    assert all_rows() == rows


def test_export_of_a_site_without_lists_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="import one with import_markdown"):
        run("export_markdown", "tools")


# Exports


def test_export_writes_the_bytes_and_remembers_the_revision(tmp_path: Path) -> None:
    catalog = new_list("\ufeff# T\r\n\r\nÜ")
    change_here(catalog, "\ufeff# T\r\n\r\nÜ!")
    path = tmp_path / "README.md"
    path.write_text("old")
    path.chmod(0o640)

    run("export_markdown", "tools", "--output", path)

    assert path.read_bytes() == "\ufeff# T\r\n\r\nÜ!".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]
    run("export_markdown", "tools", "--output", path, "--revision", 1)
    assert path.read_bytes() == "\ufeff# T\r\n\r\nÜ".encode()
    assert list(Export.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_export_follows_a_link_and_leaves_devices_alone(tmp_path: Path) -> None:
    new_list(TEXT)
    target, link = tmp_path / "target.md", tmp_path / "link.md"
    target.write_text("")
    link.symlink_to(target)

    run("export_markdown", "tools", "--output", link)
    run("export_catalog", "tools", "--format", "json", "--output", os.devnull)

    assert link.is_symlink()
    assert target.read_text() == TEXT
    assert not Path(os.devnull).is_file()


def test_restyled_export_is_not_remembered(tmp_path: Path) -> None:
    new_list(text_of("| |a"))

    run("export_markdown", "tools", "--table-style", "compact", "--output", tmp_path / "x.md")

    assert (tmp_path / "x.md").read_text() == (
        "| name | license |\n| --- | --- |\n| [A](https://example.org/a) | MIT |\n"
    )
    assert not Export.objects.exists()


# check_catalog and rebuild_projection


def test_check_finds_what_differs_and_rebuild_mends_it() -> None:
    new_list(TEXT)
    new_list(TEXT, slug="other")
    assert run("check_catalog") == "tools: all as its text says\nother: all as its text says\n"

    Entry.objects.filter(catalog__slug="tools").update(name="Wrong")
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"tools differs from its text; run rebuild_projection"):
        call_command("check_catalog", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "other": {"ok": True, "problems": []},
        "tools": {"ok": False, "problems": ["2 entries are not what the text says"]},
    }

    assert run("rebuild_projection", "tools") == "tools: 2 rows differed and were written again.\n"
    assert run("check_catalog", "tools") == "tools: all as its text says\n"


def test_sample_is_loaded_once() -> None:
    assert "284 entries" in run("load_sample")
    assert run("load_sample") == ""
    assert "all as its text says" in run("check_catalog")


# As processes


def manage(*args: str, **options: Any) -> Any:
    """Run manage.py on the database of this test."""
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        env=os.environ | {"DATABASE_URL": database_url()},
        cwd=settings.BASE_DIR,
        stderr=subprocess.PIPE,
        check=False,
        **({"stdout": subprocess.PIPE} | options),
    )


def database_url() -> str:
    """The address of the database of this test."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"


@pytest.mark.django_db(transaction=True)
def test_standard_input_and_output_carry_the_bytes() -> None:
    data = "\ufeff# Ü\r\n\r\n- [A](https://example.org/a)".encode()

    taken = manage("import_markdown", "-", "--catalog", "tools", input=data)
    given = manage("export_markdown", "tools")

    assert (taken.returncode, taken.stderr) == (0, b"")
    assert (given.returncode, given.stdout, given.stderr) == (0, data, b"")
    bad = manage("import_markdown", "-", "--catalog", "tools", input=b"\xff")
    assert (bad.returncode, bad.stdout) == (1, b"")
    assert bad.stderr == (
        b"CommandError: standard input, line 1: byte 0 of the file (0xFF) is not UTF-8; save the "
        b"file as UTF-8 and import it again.\n"
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "command",
    [["export_markdown", "tools"], ["export_catalog", "tools", "--format", "json"]],
    ids=["markdown", "json"],
)
def test_reader_that_leaves_is_no_error(command: list[str]) -> None:
    new_list("# T\n\n" + "- [A](https://example.org/a) - Some words.\n" * 5000)
    reader, writer = os.pipe()
    os.close(reader)

    with os.fdopen(writer, "wb") as closed:
        done = manage(*command, stdout=closed)

    assert (done.stderr, done.returncode) == (b"", 141)


# Documentation


def test_every_command_and_option_is_documented() -> None:
    text = (settings.BASE_DIR / "docs" / "commands.md").read_text(encoding="utf-8")
    documented = {
        heading: set(re.findall(r"--[a-z][a-z-]*", section))
        for heading, section in re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    }

    assert documented == {name: options_of(name) for name in OWN}


def options_of(name: str) -> set[str]:
    """The options that are the command's own."""
    command = load_command_class(get_commands()[name], name)
    standard = load_command_class("django.core", "migrate")
    own = {
        option
        for action in command.create_parser("manage.py", name)._actions
        for option in action.option_strings
    }
    django = {
        option
        for action in standard.create_parser("manage.py", "migrate")._actions
        for option in action.option_strings
    }
    return {option for option in own - django if option.startswith("--")}


def test_export_markdown_gives_what_the_function_gives(tmp_path: Path) -> None:
    catalog = new_list(TEXT)

    run("export_catalog", "tools", "--format", "markdown", "--output", tmp_path / "x.md")

    assert (tmp_path / "x.md").read_text() == export_markdown(catalog)
