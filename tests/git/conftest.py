"""A list whose README is in a repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.git.prism import Prism, running
from tests.git.servers import TOKEN, Origin, make_origin, served

if TYPE_CHECKING:
    # Django is not set up yet when this is read.
    from catalog.models import Catalog
    from remotes.models import Remote


@pytest.fixture(autouse=True)
def _here(settings: Any, tmp_path: Path) -> None:
    settings.ALLOW_PRIVATE_REMOTES = True
    settings.REMOTES_FOLDER = str(tmp_path / "cache")
    settings.SITE_URL = "https://lists.example"


@pytest.fixture(scope="session")
def prism() -> Iterator[Prism | None]:
    """The proxy that validates what is said to GitHub, where it is installed."""
    with running() as proxy:
        yield proxy


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Origin]:
    """A repository with the list's text, served over HTTP."""
    from tests.submission_factories import TEXT

    made = make_origin(tmp_path / "origin")
    made.commit(TEXT, message="Begin")
    with served(made):
        yield made


@pytest.fixture
def catalog() -> Catalog:
    from tests.submission_factories import make_tools

    return make_tools()


@pytest.fixture
def remote(origin: Origin, catalog: Catalog) -> Remote:
    """The list, connected: what is changed here is pushed to the branch."""
    from remotes.connections import add_remote
    from remotes.models import Mode

    return add_remote(catalog, origin.url, mode=Mode.PUSH, token=TOKEN)
