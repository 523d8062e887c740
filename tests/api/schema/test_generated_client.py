"""A client that was generated from the schema goes all the way: find, propose, decide, export."""

import difflib
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from accounts.tokens import Scope
from api.formats import dump
from catalog.exporting import export_markdown
from config.views import document
from tests.api.schema.site import Site, make_site, secret_for
from tests.submission_factories import make_user

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

PACKAGE = "generated_listwright"


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The package of the client, generated once; nothing of the schema was left out."""
    folder = tmp_path_factory.mktemp("client")
    schema = folder / "schema.json"
    schema.write_bytes(dump(document()))
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        schema,
        "utf-8",
        False,
        folder / PACKAGE,
    )
    assert list(generate(config=config)) == []
    sys.path.insert(0, str(folder))
    yield import_module(PACKAGE)
    sys.path.remove(str(folder))


@pytest.fixture
def site(live_server: "LiveServer") -> Site:
    """The made site, behind a live server."""
    return make_site()


class Caller:
    """Calls operations by their names: `caller("lists.export_catalog", "tools")`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __call__(self, name: str, *args: Any, status: int = 200, **kwargs: Any) -> Any:
        """What was answered, as the client reads it; bytes where the schema says no more."""
        operation = import_module(f"{PACKAGE}.api.{name}")
        response = operation.sync_detailed(*args, client=self._client, **kwargs)
        assert response.status_code == status, response.content
        return response.parsed if response.parsed is not None else response.content


@pytest.fixture
def caller(generated: Any, live_server: "LiveServer") -> Iterator[Callable[[str], Caller]]:
    """Makes callers with a token, or with none for ''; closes their connections."""
    with ExitStack() as opened:

        def made(token: str) -> Caller:
            kind = generated.AuthenticatedClient if token else generated.Client
            about = {"token": token} if token else {}
            return Caller(opened.enter_context(kind(base_url=live_server.url, **about)))

        yield made


def model(name: str) -> Any:
    """A class of the client."""
    return getattr(import_module(f"{PACKAGE}.models"), name)


@pytest.mark.django_db(transaction=True)
def test_journey(site: Site, caller: Callable[[str], Caller]) -> None:
    before = export_markdown(site.catalog)
    anybody, mo = caller(""), caller(site.tokens["moderator"])
    linus = caller(secret_for(make_user("linus"), Scope.READ, Scope.SUBMIT))

    # Search, and read what was found.
    [results] = anybody("entries.list_entries", catalog="tools", q="gamma").results
    entry = anybody("entries.get_entry", results.id)
    assert (entry.name, entry.url) == ("Gamma", "https://gamma.example")

    # Try an edit, then send it; add something besides.
    better = model("EditRequest")(
        kind="edit",
        entry=entry.id,
        entry_revision=entry.revision,
        name="Gamma 2",
        consent=True,
    )
    tried = linus("contributing.submit", body=better, dry_run=model("SubmitDryRun").VALUE_1)
    assert (tried.is_blocked, tried.diff.added, tried.diff.removed) == (False, 1, 1)
    edit = linus("contributing.submit", body=better, idempotency_key="edit-1", status=201)
    again = linus("contributing.submit", body=better, idempotency_key="edit-1")
    assert again.token == edit.token
    new = model("AdditionRequest")(
        kind="add",
        catalog="tools",
        listing=entry.listing,
        name="Epsilon",
        url="https://epsilon.example",
        consent=True,
    )
    addition = linus("contributing.submit", body=new, status=201)
    assert [edit.status, addition.status] == ["pending", "pending"]

    # Decide on both.
    waiting = {row.id: row for row in mo("moderating.list_queue").results}
    for sent in (edit, addition):
        shown = model("ApprovalRequest")(expected_revision=waiting[sent.id].revision)
        assert mo("moderating.approve_submission", sent.id, body=shown).status == "applied"
    followed = linus("contributing.get_submission", edit.token)
    assert followed.status == "applied"

    # Export: those lines, and no others.
    after = anybody("lists.export_catalog", "tools")
    changed = [
        line
        for line in difflib.ndiff(before.splitlines(), after.splitlines())
        if line.startswith(("+", "-"))
    ]
    assert changed == [
        "- | [Gamma](https://gamma.example) | 7B | MIT |",
        "+ | [Gamma 2](https://gamma.example) | 7B | MIT |",
        "+ | [Epsilon](https://epsilon.example) |  |  |",
    ]


@pytest.mark.django_db(transaction=True)
def test_refusals_have_their_types(site: Site, caller: Callable[[str], Caller]) -> None:
    anybody, linus = caller(""), caller(site.tokens["contributor"])

    missing = anybody("entries.get_entry", 0, status=404)
    assert (type(missing).__name__, missing.code) == ("Error", "not_found")
    assert anybody("moderating.list_queue", status=401).code == "not_authenticated"
    assert linus("moderating.list_queue", status=403).code == "insufficient_scope"
    [alpha] = anybody("entries.list_entries", catalog="tools", q="alpha").results
    blocked = model("EditRequest")(kind="edit", entry=alpha.id, url="localhost", consent=True)
    conflict = linus("contributing.submit", body=blocked, status=409)
    assert (conflict.code, [finding.rule for finding in conflict.findings]) == (
        "findings_block",
        ["url-invalid"],
    )


def test_every_operation_was_generated(generated: Any) -> None:
    folder = Path(generated.__file__).parent / "api"
    expected = {
        re.sub("([A-Z])", r"_\1", operation["operationId"]).lower()
        for methods in document()["paths"].values()
        for operation in methods.values()
    }

    assert {path.stem for path in folder.glob("*/*.py")} - {"__init__"} == expected
