"""What docs/mirroring.md gives people to copy, run as it stands there."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from django.conf import settings

from catalog.exporting import export_markdown
from catalog.models import Catalog, Change, Revision
from tests.catalog.importing.imports import change_here, new_list
from tests.catalog.importing.test_importing import text_of

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENT = (Path(settings.BASE_DIR) / "docs" / "mirroring.md").read_text(encoding="utf-8")
CODE = {language: code for language, code in FENCE.findall(DOCUMENT) if language != "json"}


def run(
    *command: str, cwd: Path, home: Path, programs: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """A program with nothing of this machine's settings, but where programs are."""
    results = os.environ["PATH"]
    return subprocess.run(
        command,
        cwd=cwd,
        env={
            "PATH": f"{programs}{os.pathsep}{results}" if programs else results,
            "HOME": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


# The mirror


@pytest.fixture
def tools() -> Catalog:
    return new_list("\ufeff" + text_of("#t _ ##x _ a b c"))


def mirrored(live_server: "LiveServer", folder: Path) -> tuple[str, str]:
    """What the mirror wrote and said, run once."""
    (folder / "mirror.py").write_text(CODE["python"], encoding="utf-8")
    address = f"{live_server.url}/api/v1/catalogs/tools/"
    done = run(sys.executable, "mirror.py", address, "README.md", cwd=folder, home=folder)
    assert done.returncode == 0, done.stderr
    return (folder / "README.md").read_bytes().decode(), done.stdout


def test_mirror_keeps_a_file_as_the_list_is(
    live_server: "LiveServer", tools: Catalog, tmp_path: Path
) -> None:
    text, shown = mirrored(live_server, tmp_path)
    assert text == export_markdown(tools)
    assert shown.startswith("Starting from an export")

    for words in ("#t _ ##x _ c a b!", "#t _ ##x _ c a k"):
        change_here(tools, text_of(words))
    text, shown = mirrored(live_server, tmp_path)
    assert text == text_of("#t _ ##x _ c a k")
    assert shown == "README.md is revision 3\n"


def test_mirror_notices_another_history(
    live_server: "LiveServer", tools: Catalog, tmp_path: Path
) -> None:
    change_here(tools, text_of("#t _ a"))
    mirrored(live_server, tmp_path)

    # As if the site was restored from a backup of revision 1, and went another way.
    Change.objects.all().delete()
    Revision.objects.filter(number=2).delete()
    Catalog.objects.update(revision=1)
    _text, shown = mirrored(live_server, tmp_path)
    assert shown == (
        "Starting from an export: the site has another history\nREADME.md is revision 1\n"
    )
    (tmp_path / "README.md").write_text("edited by hand\n")
    change_here(Catalog.objects.get(), text_of("#t _ b"))
    text, shown = mirrored(live_server, tmp_path)
    assert shown.startswith("Starting from an export: revision 2 does not fit")
    assert text == text_of("#t _ b")


# The script

GH = """#!/bin/sh
echo "$@" >>"$HOME/gh.log"
case "$1 $2" in
"pr list") cat "$HOME/open" 2>/dev/null || : ;;
"pr create") echo 1 >"$HOME/open" ;;
esac
test ! -e "$HOME/gh-is-down"
"""


@dataclass
class Clone:
    """A clone with a bare repository as its origin, and a command that stands for GitHub's."""

    folder: Path
    address: str
    tree: Path = field(init=False)

    def __post_init__(self) -> None:
        self.tree = self.folder / "clone"
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "gh").write_text(GH)
        (programs / "gh").chmod(0o755)
        self.git("init", "-q", "--bare", "-b", "main", "origin.git", cwd=self.folder)
        self.git("clone", "-q", "origin.git", "clone", cwd=self.folder)
        self.git("config", "--global", "user.name", "Somebody")
        self.git("config", "--global", "user.email", "somebody@example.org")
        (self.tree / "README.md").write_text("old\n")
        (self.tree / "update-readme.sh").write_text(CODE["sh"], encoding="utf-8")
        self.git("switch", "-q", "-C", "main")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "First")
        self.git("push", "-q", "origin", "main")

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        done = run("git", *arguments, cwd=cwd or self.tree, home=self.folder)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def update(self) -> subprocess.CompletedProcess[str]:
        """Run the script once, as cron or the job would."""
        return run(
            "sh",
            "update-readme.sh",
            self.address,
            cwd=self.tree,
            home=self.folder,
            programs=self.folder / "bin",
        )

    def pushed(self, branch: str) -> str:
        """The README on a branch of the origin."""
        return self.git("-C", str(self.folder / "origin.git"), "show", f"{branch}:README.md")

    @property
    def pull_requests(self) -> int:
        """How many were opened."""
        log = self.folder / "gh.log"
        return log.read_text().count("pr create") if log.exists() else 0

    @property
    def etag(self) -> str:
        """What is remembered."""
        path = self.tree / ".git" / "readme-etag"
        return path.read_text().strip() if path.exists() else ""


@pytest.fixture
def clone(tmp_path: Path, live_server: "LiveServer") -> Clone:
    return Clone(tmp_path, f"{live_server.url}/tools/README.md")


BRANCH = "readme-from-site"


def test_changed_readme_becomes_a_pull_request(clone: Clone) -> None:
    catalog = new_list(text_of("#t _ a"))

    first = clone.update()
    assert (first.returncode, first.stderr) == (0, "")
    assert clone.pushed(BRANCH) == text_of("#t _ a")
    assert clone.pushed("main") == "old\n"
    assert clone.pull_requests == 1
    assert clone.etag

    again = clone.update()
    assert (again.returncode, again.stdout) == (0, "Nothing new.\n")

    change_here(catalog, text_of("#t _ b"))
    later = clone.update()
    assert later.returncode == 0, later.stderr
    assert clone.pushed(BRANCH) == text_of("#t _ b")
    assert clone.pull_requests == 1, "the open one has the new text"


def test_what_the_base_has_already_is_no_pull_request(clone: Clone) -> None:
    new_list("old\n")

    done = clone.update()

    assert (done.returncode, done.stdout) == (0, "The base has it already.\n")
    assert clone.pull_requests == 0
    assert clone.update().stdout == "Nothing new.\n"


def test_site_that_fails_changes_nothing(clone: Clone) -> None:
    missing = clone.update()
    clone.address = "http://127.0.0.1:9/README.md"
    away = clone.update()

    assert (missing.returncode, missing.stderr) == (
        1,
        "The site answered 404; nothing was changed.\n",
    )
    assert away.returncode != 0
    assert (clone.etag, clone.pull_requests) == ("", 0)
    assert (clone.tree / "README.md").read_text() == "old\n"


def test_run_that_fails_is_made_up_for(clone: Clone) -> None:
    new_list(text_of("#t _ a"))
    (clone.folder / "gh-is-down").touch()
    failed = clone.update()
    assert failed.returncode != 0
    assert clone.etag == ""
    (clone.folder / "open").unlink(missing_ok=True)
    (clone.folder / "gh-is-down").unlink()

    done = clone.update()

    assert done.returncode == 0, done.stderr
    assert clone.pushed(BRANCH) == text_of("#t _ a")
    assert clone.etag


def test_job_runs_the_script_and_may_do_what_it_needs() -> None:
    job = yaml.safe_load(CODE["yaml"])

    steps = job["jobs"]["update"]["steps"]
    assert job["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert [step["run"].split()[:2] for step in steps if "env" in step] == [
        ["sh", ".github/update-readme.sh"]
    ]
    assert steps[1]["with"]["path"] == ".git/readme-etag"
