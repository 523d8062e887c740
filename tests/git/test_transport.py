"""Servers that refuse, break off or lie, and what is said of it; secrets; hostile names."""

import io
import json
import os
import zipfile
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client

from catalog.errors import InvalidField
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.importing.applying import apply
from catalog.importing.planning import plan_text
from catalog.models import Catalog
from catalog.store.snapshots import take_snapshot
from remotes import connections
from remotes.connections import add_remote
from remotes.git import (
    RemoteProblem,
    check_branch,
    check_path,
    plain_email,
    plain_name,
    read_address,
    resolve,
)
from remotes.models import Mode, Remote, RemoteEvent
from remotes.syncing import look, sync
from submissions import workflow
from tests.git.servers import TOKEN, Origin, find_sshd, git, make_origin, served_by_ssh
from tests.mailbox import work_off
from tests.submission_factories import TEXT, edit, make_moderator, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def problem_of(remote: Remote) -> str:
    """What is wrong after a synchronisation; '' for nothing."""
    result = sync(remote)
    assert result is not None
    remote.refresh_from_db()
    assert remote.problem == (result.problem.problem if result.problem else "")
    return remote.problem


PROBLEMS = {
    "wrong token": ({"token": "wrong"}, "access"),
    "no token": ({"token": ""}, "access"),
    "no such branch": ({"branch": "trunk"}, "branch"),
    "no such file": ({"path": "LIST.md"}, "file"),
    "no such repository": ({"url": "/nothing.git"}, "missing"),
}


@pytest.mark.parametrize(("given", "problem"), PROBLEMS.values(), ids=PROBLEMS)
def test_connection_says_what_does_not_work(
    given: dict[str, str], problem: str, origin: Origin, catalog: Catalog
) -> None:
    values: dict[str, Any] = {"token": TOKEN} | given
    url = values.pop("url", "")
    url = origin.url.replace("/list.git", url) if url else origin.url
    remote = add_remote(catalog, url, mode=Mode.PUSH, **values)

    with pytest.raises(RemoteProblem) as refusal:
        look(remote)

    assert refusal.value.problem == problem
    assert problem_of(remote) == problem
    assert export_markdown(catalog) == TEXT


def test_connection_that_works_says_so(remote: Remote, origin: Origin) -> None:
    head = origin.head()
    look(remote)
    assert origin.head() == head


BROKEN = {"403": "access", "404": "missing", "429": "unreachable", "500": "unreachable"}


@pytest.mark.parametrize("answer", [*BROKEN, "cut", "lost"])
def test_broken_answers_harm_nothing(
    answer: str, remote: Remote, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("remotes.git.SLOW_SECONDS", 2)
    assert problem_of(remote) == ""
    origin.commit(TEXT.replace("13B", "14B"))
    origin.breaking = lambda path: answer

    assert problem_of(remote) == BROKEN.get(answer, "unreachable")
    assert export_markdown(Catalog.objects.get()) == TEXT

    origin.breaking = lambda path: ""
    assert problem_of(remote) == ""
    assert export_markdown(Catalog.objects.get()) == origin.text()


def test_list_is_edited_while_the_server_keeps_everybody_waiting(
    remote: Remote, origin: Origin, catalog: Catalog
) -> None:
    assert problem_of(remote) == ""
    moderator, waits, goes_on = make_moderator(catalog), Event(), Event()

    def breaking(path: str) -> str:
        waits.set()
        assert goes_on.wait(60)
        return "500"

    origin.breaking = breaking

    def synchronise() -> None:
        sync(Remote.objects.get())
        connection.close()

    thread = Thread(target=synchronise)
    thread.start()
    assert waits.wait(60)
    workflow.approve(submission=edit("Alpha", description="Is new."), actor=moderator)
    goes_on.set()
    thread.join()
    origin.breaking = lambda path: ""

    assert problem_of(remote) == ""
    assert origin.text() == export_markdown(catalog) == TEXT.replace("Edits text.", "Is new.")


def test_file_that_is_no_text_is_refused(remote: Remote, origin: Origin) -> None:
    assert problem_of(remote) == ""
    origin.commit(b"\xff\xfe\x00")
    assert problem_of(remote) == "text"
    assert export_markdown(Catalog.objects.get()) == TEXT


def test_maintainers_are_notified_once(remote: Remote, origin: Origin, catalog: Catalog) -> None:
    make_user("root", is_superuser=True)
    assert problem_of(remote) == ""
    origin.breaking = lambda path: "403"
    for _time in range(3):
        problem_of(remote)
    work_off()
    assert [letter.to for letter in mail.outbox] == [["root@people.example"]]
    assert "no longer in step" in mail.outbox[0].subject
    assert remote.failures == 3
    origin.breaking = lambda path: ""
    assert problem_of(remote) == ""
    kinds = list(remote.events.order_by("pk").values_list("kind", flat=True))
    assert kinds == [RemoteEvent.Kind.ADDED, RemoteEvent.Kind.FAILED, RemoteEvent.Kind.RECOVERED]


# Addresses

REFUSED = [
    "",
    "list.git",
    "file:///etc/passwd",
    "/etc",
    "ext::sh -c id",
    "https://",
    "https://host/",
    "https://host/x?y",
    "https://ho st/x",
    "https://host/x\nhost",
    "-oProxyCommand=id:x/y",
    "--upload-pack=id",
    "ssh://-oProxyCommand=id/x",
    "ssh://-x@host/y",
    "git://host/x.git",
    "http://host/x.git",
    "ftp://host/x.git",
]


@pytest.mark.parametrize("url", REFUSED, ids=repr)
def test_address_that_is_none_is_refused(url: str, settings: Any, catalog: Catalog) -> None:
    settings.ALLOW_PRIVATE_REMOTES = False
    with pytest.raises(InvalidField):
        add_remote(catalog, url, may_be_local=True)
    assert not Remote.objects.exists()


PRIVATE = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "localhost"]


@pytest.mark.parametrize("host", PRIVATE)
def test_private_networks_are_out_of_reach(host: str, settings: Any, catalog: Catalog) -> None:
    settings.ALLOW_PRIVATE_REMOTES = False
    remote = add_remote(catalog, f"https://{host}:8443/x.git", token=TOKEN)
    assert problem_of(remote) == "private"
    with pytest.raises(RemoteProblem):
        resolve(read_address(f"ssh://git@{host}/x.git"))


@pytest.mark.parametrize(
    "branch",
    ["", "-x", "--upload-pack=id", "a b", "a..b", "a~1", "x.lock", "/x", "x/", "@{u}", "a\n"],
)
def test_branch_that_git_cannot_have_is_refused(branch: str) -> None:
    with pytest.raises(InvalidField):
        check_branch(branch)


@pytest.mark.parametrize(
    "path", ["", "/x", "../x", "a/../b", ".git/config", "a//b", "a\nb", "x/.GIT/y"]
)
def test_path_that_leads_out_is_refused(path: str) -> None:
    with pytest.raises(InvalidField):
        check_path(path)


# Hostile words

NAMES = {
    "two lines": ("Eve\nauthor X <x@y>", "Eve author X x@y"),
    "brackets": ("<script>alert(1)</script>", "script alert(1) /script"),
    "option": ("--upload-pack=id", "--upload-pack=id"),
    "nothing left": ("<>\n.", "anonymous"),
    "long": ("x" * 10_000, "x" * 100),
    "turned around": ("\u202egnp.exe", "gnp.exe"),
}


@pytest.mark.parametrize(("name", "written"), NAMES.values(), ids=NAMES)
def test_name_in_a_commit_is_a_name(
    name: str, written: str, remote: Remote, origin: Origin, catalog: Catalog
) -> None:
    assert problem_of(remote) == ""
    assert plain_name(name) == written
    plan = plan_text(TEXT.replace("13B", "14B"), take_snapshot(catalog))
    apply(plan, by=Author(credit=name[:200]), verb="change")

    assert problem_of(remote) == ""

    shown = origin.log("main", "%an|%s")
    assert shown == [f"{plain_name(name[:200])}|Edit Delta", "Uma Upstream|Begin"]
    git(origin.folder, "fsck", "--strict")


def test_address_in_a_commit_is_an_address() -> None:
    assert plain_email("a@b>\nevil <x") == "a@bevilx"
    assert plain_email("nobody").startswith("noreply@")


def test_hostile_upstream_author_is_inert(
    remote: Remote, origin: Origin, client: Client, catalog: Catalog
) -> None:
    assert problem_of(remote) == ""
    name = "<img src=x onerror=alert(1)> " + "y" * 5000
    origin.commit(TEXT.replace("13B", "14B"), author=name, message="<b>x</b>\n\n--exec=id")

    assert problem_of(remote) == ""

    newest = catalog.revisions.order_by("-number")[0]
    assert newest.credit.startswith("img src=x onerror=alert(1) y")
    page = client.get("/tools/changes/").text
    assert "<img src=x" not in page
    assert "<b>x</b>" not in page


# Secrets


def test_no_secret_is_readable_anywhere(
    remote: Remote, origin: Origin, catalog: Catalog, client: Client, tmp_path: Path, caplog: Any
) -> None:
    root = make_user("root", is_superuser=True, is_staff=True)
    connections.make_deploy_key(remote)
    private = connections.decrypt(remote.private_key)
    signing = connections.make_webhook_secret(remote)
    secrets = [TOKEN, private.splitlines()[1], f"x-access-token:{TOKEN}", signing]
    assert problem_of(remote) == ""
    origin.breaking = lambda path: "500"
    assert problem_of(remote) == "unreachable"
    origin.breaking = lambda path: "403"
    assert problem_of(remote) == "access"
    client.force_login(root)
    seen = [
        client.get(f"/admin/remotes/remote/{remote.pk}/change/").text,
        client.get("/admin/remotes/remote/").text,
        client.get("/tools/").text,
        caplog.text,
        *[str(event.detail) for event in remote.events.all()],
    ]
    work_off()
    seen += [f"{letter.subject} {letter.body}" for letter in mail.outbox]
    for command in ("remote_status", "sync_remote"):
        out = io.StringIO()
        try:
            call_command(command, "--json", stdout=out)
        except CommandError as error:
            seen.append(str(error))
        seen.append(out.getvalue())
    backup = tmp_path / "backup.zip"
    call_command("backup_catalog", "tools", "--output", str(backup))
    with zipfile.ZipFile(backup) as archive:
        seen += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    folder = Path(str(tmp_path / "cache"))
    seen += [
        file.read_text("utf-8", "replace")
        for file in folder.rglob("*")
        if file.is_file() and "objects" not in file.parts
    ]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            seen.append(repr([[bytes(v) if isinstance(v, memoryview) else v for v in row]
                              for row in cursor.fetchall()]))  # fmt: skip
    assert [secret for secret in secrets for text in seen if secret in text] == []


def test_key_can_be_changed(remote: Remote, settings: Any) -> None:
    settings.CREDENTIAL_KEYS = ["first"]
    Remote.objects.update(token=connections.encrypt(TOKEN))
    remote.refresh_from_db()
    settings.CREDENTIAL_KEYS = ["second", "first"]
    assert problem_of(remote) == ""
    settings.CREDENTIAL_KEYS = ["second"]
    assert problem_of(remote) == ""
    settings.CREDENTIAL_KEYS = ["third"]
    assert problem_of(remote) == "secret"


def test_password_in_the_address_is_taken_for_the_token(origin: Origin, catalog: Catalog) -> None:
    url = origin.url.replace("//", f"//ada:{TOKEN}@")
    remote = add_remote(catalog, url)
    assert (remote.url, remote.username, problem_of(remote)) == (origin.url, "ada", "")


# SSH


def test_ssh_by_a_deploy_key_made_here(tmp_path: Path, catalog: Catalog) -> None:
    if find_sshd() is None:
        reason = "there is no sshd here: install openssh-server, or name it in SSHD"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    made = make_origin(tmp_path / "origin")
    made.commit(TEXT)
    remote = add_remote(catalog, "ssh://git@127.0.0.1:1/x.git", mode=Mode.PUSH)
    out = io.StringIO()
    call_command("deploy_key", "tools", stdout=out)
    with served_by_ssh(made, tmp_path / "ssh", out.getvalue().strip()):
        Remote.objects.update(url=made.url)
        remote.refresh_from_db()
        assert problem_of(remote) == ""
        assert remote.host_key.startswith("127.0.0.1 ssh-ed25519")
        workflow.approve(
            submission=edit("Alpha", description="Edits any text."),
            actor=make_moderator(catalog),
        )
        assert problem_of(remote) == ""
        assert made.text() == export_markdown(catalog)
        # Another server in its place is noticed.
        key = remote.host_key.split()
        Remote.objects.update(host_key=" ".join([*key[:2], key[2][:-6] + "AAAAAA"]) + "\n")
        remote.refresh_from_db()
        assert problem_of(remote) == "host"


# Commands


def test_what_somebody_has_to_decide_is_no_failure(remote: Remote, origin: Origin) -> None:
    assert problem_of(remote) == ""
    origin.commit(TEXT.replace("13B", "14B"), parents=[], is_forced=True)
    out = io.StringIO()
    call_command("sync_remote", "tools", "--json", stdout=out)
    [result] = json.loads(out.getvalue())
    assert (result["in_step"], "rewritten" in result["error"]) == (False, True)
    out = io.StringIO()
    call_command("sync_remote", "tools", stdout=out)
    assert "not in step" in out.getvalue()


def test_commands_go_all_the_way(
    origin: Origin, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIST_TOKEN", TOKEN)

    def run(*arguments: str) -> str:
        out = io.StringIO()
        call_command(*arguments, stdout=out)
        return out.getvalue()

    run("add_remote", "tools", origin.url, "--mode", "push", "--token-env", "LIST_TOKEN")
    head = origin.commit(TEXT.replace("13B", "14B"))
    assert json.loads(run("sync_remote", "tools", "--json")) == [
        {
            "catalog": "tools",
            "fetched": 1,
            "pushed": 0,
            "head": head,
            "in_step": True,
            "conflicts": [],
        }
    ]
    [state] = json.loads(run("remote_status", "--json"))
    assert (state["head"], state["problem"], state["conflicts"]) == (head, "", 0)
    assert run("deploy_key", "tools") == run("deploy_key", "tools")
    run("remove_remote", "tools")
    assert not Remote.objects.exists()
    with pytest.raises(CommandError, match="has no repository"):
        run("sync_remote", "tools")
    with pytest.raises(CommandError, match="LIST_TOKEN2 is empty"):
        run("add_remote", "tools", origin.url, "--token-env", "LIST_TOKEN2")


def test_unreachable_remote_is_exit_1(catalog: Catalog) -> None:
    add_remote(catalog, "http://127.0.0.1:9/x.git")
    with pytest.raises(CommandError, match="does not respond"):
        call_command("sync_remote", stdout=io.StringIO())


def test_worker_pushes_what_was_approved(remote: Remote, origin: Origin, catalog: Catalog) -> None:
    assert problem_of(remote) == ""
    moderator = make_moderator(catalog)
    for name in ("Alpha", "Beta"):
        workflow.approve(submission=edit(name, description="Is new."), actor=moderator)

    work_off()

    assert origin.log("main", "%s") == ["Edit Beta", "Edit Alpha", "Begin"]
    assert origin.text() == export_markdown(catalog)


def test_administration_connects_tests_and_lets_go(
    client: Client, origin: Origin, catalog: Catalog
) -> None:
    client.force_login(make_user("root", is_superuser=True, is_staff=True))
    assert client.get(f"/admin/remotes/remote/of/{catalog.pk}/").status_code == 200
    sent = {"url": origin.url, "branch": "main", "path": "README.md", "mode": "push"}
    client.post(f"/admin/remotes/remote/of/{catalog.pk}/", sent | {"interval": "5", "token": TOKEN})
    remote = Remote.objects.get()

    def do(what: str) -> str:
        return client.post(f"/admin/remotes/remote/{remote.pk}/do/", {"do": what}, follow=True).text

    assert "Connected: the branch and the file can be read. Pushing is allowed" in do("test")
    assert "0 commits were pulled" in do("sync")
    assert "In step since" in client.get(f"/admin/remotes/remote/{remote.pk}/change/").text
    assert "ssh-ed25519 " in do("key")
    client.post(
        f"/admin/remotes/remote/{remote.pk}/change/", sent | {"branch": "trunk", "interval": "5"}
    )
    assert "no branch of this name" in do("sync")
    do("remove")
    assert not Remote.objects.exists()
