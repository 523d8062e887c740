"""requirements/install.sh chooses a Python, or says in one sentence that there is none."""

import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a copy of what the script reads, and a PATH with nothing but the tools it calls."""
    shutil.copytree(settings.BASE_DIR / "requirements", tmp_path / "requirements")
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in ("cat", "cksum", "rm", "sh"):
        (programs / tool).symlink_to(shutil.which(tool) or tool)
    return tmp_path


def install(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [project / "bin" / "sh", "requirements/install.sh"],
        cwd=project,
        env={"PATH": str(project / "bin"), "PYENV_ROOT": str(project / "pyenv")},
        capture_output=True,
        text=True,
        check=False,
    )


def write_program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_install_refuses_in_one_sentence_without_python(project: Path) -> None:
    result = install(project)

    assert result.returncode == 1
    assert result.stderr.startswith("Listwright needs Python 3.12 or newer")
    assert len(result.stderr.splitlines()) == 1


def test_install_passes_over_a_python_that_does_not_run(project: Path) -> None:
    write_program(project / "bin" / "python3.13", "echo 'pyenv: no version chosen' >&2; exit 127")
    write_program(project / "pyenv/versions/3.13.0/bin/python", '[ "$1" = -c ] || echo "ran: $*"')

    result = install(project)

    # The stand-in makes no environment, so this is how far it comes.
    assert "Making .venv/ with ran: --version" in result.stdout
    assert "ran: -m venv .venv" in result.stdout
