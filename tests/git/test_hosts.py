"""Pull requests: the site's own, and those of others that become submissions."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.test import Client
from django.utils import timezone

from accounts.personal_data import delete_account
from catalog.exporting import export_markdown
from catalog.models import Catalog, Entry
from remotes import hosts, pull_requests
from remotes.connections import add_remote, change_remote, encrypt
from remotes.models import Mode, PullRequest, Remote
from remotes.syncing import SyncResult, sync
from remotes.tasks import bring_in_step
from submissions import workflow
from submissions.choices import Kind, Status, WhoMaySubmit
from submissions.errors import EditConflict
from submissions.models import ContributionPolicy, Submission
from submissions.people import Actor
from tests.git.hosts import REPOSITORY, HostStandIn, Reply
from tests.git.prism import Prism
from tests.git.servers import TOKEN, Origin, git, make_origin, served
from tests.mailbox import letters, work_off
from tests.submission_factories import TEXT, entry_called, make_moderator, make_user, submit

pytestmark = pytest.mark.django_db(transaction=True)

KINDS = ("github", "gitlab", "forgejo")
ALPHA = "- [Alpha](https://alpha.example) - Edits text.\n"
BETA = "- [Beta](https://beta.example) - Edits more text.\n"
NEW = "- [Nova](https://nova.example) -  Edits   nothing, `yet`\n"


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Origin]:
    made = make_origin(tmp_path / "hosted", f"{REPOSITORY}.git")
    made.commit(TEXT, message="Begin")
    with served(made):
        yield made


@pytest.fixture(params=["github"])
def host(request: Any, origin: Origin, prism: Prism | None) -> Iterator[HostStandIn]:
    """The host of the repository; GitHub unless a test asks for others."""
    made = HostStandIn(origin, request.param, prism=prism)
    origin.host = made
    yield made
    assert made.problems == []


@pytest.fixture
def remote(origin: Origin, host: HostStandIn, catalog: Catalog) -> Remote:
    made = add_remote(catalog, origin.url, mode=Mode.PUSH, token=TOKEN, host=host.kind)
    synced(made)
    return made


on_all_hosts = pytest.mark.parametrize("host", KINDS, indirect=True)


def synced(remote: Remote) -> SyncResult:
    """Bring both in step; nothing may go wrong."""
    result = sync(remote)
    assert result is not None
    if result.problem:
        raise result.problem
    remote.refresh_from_db()
    return result


def added(text: str = NEW, behind: str = ALPHA) -> str:
    return TEXT.replace(behind, behind + text)


VERSIONS: dict[str, tuple[str, list[tuple[str, str, Status]]]] = {
    "an addition": (added(), [("add", "Nova", Status.PENDING)]),
    "a row": (
        TEXT + "| [Eta](https://eta.example) |  3B | MIT |\n",
        [("add", "Eta", Status.PENDING)],
    ),
    "an edit": (TEXT.replace("more text", "less"), [("edit", "Beta", Status.PENDING)]),
    "an edit of a cell": (TEXT.replace("13B", "14B"), [("edit", "Delta", Status.PENDING)]),
    "a mark": (TEXT.replace("[Beta]", "**[Beta]").replace("beta.example)", "beta.example)**"),
               [("edit", "Beta", Status.PENDING)]),
    "a move": (TEXT.replace(ALPHA, "").replace(BETA, BETA + ALPHA),
               [("move", "Beta", Status.PENDING)]),
    "a removal": (TEXT.replace(BETA, ""), [("remove", "Beta", Status.PENDING)]),
    "two": (
        added().replace("13B", "14B"),
        [("add", "Nova", Status.PENDING), ("edit", "Delta", Status.PENDING)],
    ),
    # In the queue from below, so that both stand in order once they are published in its order.
    "neighbours": (
        added(NEW + "- [Other](https://other.example) - Comes second.\n"),
        [("add", "Other", Status.PENDING), ("add", "Nova", Status.PENDING)],
    ),
    "the last line, unended": (TEXT.rstrip("\n"), []),
    "running text": (TEXT.replace("# Tools", "# Tools!"), []),
    "text and an entry": (added().replace("# Tools", "# Tools!"), []),
    "a section": (TEXT + "\n## More\n\n" + NEW, []),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), VERSIONS.values(), ids=VERSIONS)
def test_request_becomes_a_submission_for_each_entry(
    remote: Remote, host: HostStandIn, text: str, expected: list[Any]
) -> None:
    host.propose(text)

    synced(remote)

    rows = Submission.objects.order_by("kind", "pk")
    assert [(row.kind, row.name, row.status) for row in rows] == expected
    assert {row.credit for row in rows} <= {"Pat Proposer"}


@pytest.mark.parametrize(
    "text",
    [text for text, rows in VERSIONS.values() if rows],
    ids=[n for n in VERSIONS if VERSIONS[n][1]],
)
def test_approved_request_is_its_authors_commit_and_closed(
    remote: Remote, host: HostStandIn, origin: Origin, text: str
) -> None:
    number = host.propose(text)
    synced(remote)
    moderator = make_moderator(remote.catalog)

    for row in Submission.objects.order_by("pk"):
        workflow.approve(submission=row, actor=moderator)
    synced(remote)

    assert (export_markdown(remote.catalog), origin.text()) == (text, text)
    authors = origin.log(form="%an <%ae>")[:-1]
    assert set(authors) == {"Pat Proposer <uma@upstream.example>"}
    assert host.requests[number].state == "closed"
    assert [state for _sha, state, _text in host.statuses] == ["pending", "success"]
    before = len(host.calls)
    synced(remote)
    assert [call.partition("?")[0] for call in host.calls[before:]] == [host.calls[before]]


@on_all_hosts
def test_request_goes_all_the_way_on_each_host(
    remote: Remote, host: HostStandIn, origin: Origin
) -> None:
    first, second = host.propose(added()), host.propose(TEXT.replace(BETA, ""))
    synced(remote)
    synced(remote)
    moderator = make_moderator(remote.catalog)
    assert host.comment(first).splitlines()[3:] == [r"- Line 6: New: **Nova**. Waits for review."]

    new, removal = Submission.objects.order_by("pk")
    workflow.approve(submission=new, actor=moderator)
    workflow.reject(submission=removal, actor=moderator, reason="quality", note="It is fine.")
    synced(remote)

    assert [host.requests[number].state for number in (first, second)] == ["closed", "open"]
    assert "Published." in host.comment(first)
    declined = host.comment(second)
    assert "Line 6: Removal: **Beta**. Declined" in declined.replace("\\", "")
    assert r"It is fine\." in declined
    assert [state for _sha, state, _text in host.statuses] == [
        "pending",
        "pending",
        "success",
        "failure",
    ]
    assert {sha for sha, _state, _text in host.statuses} == {
        one.head for one in host.requests.values()
    }


def test_prism_sees_calls_and_answers_that_are_not_as_described(prism: Prism | None) -> None:
    if prism is None:
        pytest.skip("PRISM names no program: npm install @stoplight/prism-cli")
    prism.answering = lambda *_call: (200, [{"number": 1}])
    pulls = f"/repos/{REPOSITORY}/pulls"
    calls = [("GET", f"{pulls}?state=odd", b""), ("POST", pulls, b"{}"), ("GET", pulls, b"")]
    problems = [
        prism.ask(method, target, {"Content-Type": "application/json"}, body)[1]
        for method, target, body in calls
    ]
    assert [json.loads(one.partition(": ")[2])["status"] for one in problems] == [422, 422, 500]


def test_request_on_an_older_base_merges_with_what_the_list_is_now(
    remote: Remote, host: HostStandIn, origin: Origin
) -> None:
    base = origin.head()
    moderator = make_moderator(remote.catalog)
    workflow.approve(submission=submit(remote.catalog), actor=moderator)
    synced(remote)
    host.propose(added(), base=base)
    synced(remote)

    workflow.approve(submission=Submission.objects.get(name="Nova"), actor=moderator)
    synced(remote)

    lines = origin.text().splitlines(keepends=True)
    assert [line for line in lines if line.startswith("- ")] == [
        ALPHA, NEW, BETA, "- [Omega](https://omega.example)\n"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("behind", "removed", "left"),
    [
        (ALPHA, ("Alpha",), [NEW, BETA]),
        (BETA, ("Beta",), [ALPHA, NEW]),
    ],
    ids=["the first", "the one before"],
)
def test_addition_finds_its_place_without_neighbours_that_are_gone(
    remote: Remote, host: HostStandIn, origin: Origin, behind: str, removed: Any, left: list[str]
) -> None:
    host.propose(added(behind=behind))
    moderator = make_moderator(remote.catalog)
    for name in removed:
        row = submit(remote.catalog, kind=Kind.REMOVE, entry=entry_called(name), reason="Is gone.")
        workflow.approve(submission=row, actor=moderator)
    synced(remote)

    workflow.approve(submission=Submission.objects.get(name="Nova"), actor=moderator)
    synced(remote)

    assert [line for line in origin.text().splitlines(True) if line.startswith("- ")] == left


def test_move_behind_what_is_gone_leaves_the_entry_where_it_is(
    remote: Remote, host: HostStandIn, origin: Origin
) -> None:
    one, two, three, four = (f"- [{n}](https://{n}.example)\n" for n in ("D", "A", "C", "B"))
    origin.commit(f"# Tools\n\n{one}{two}{three}{four}")
    synced(remote)
    host.propose(f"# Tools\n\n{one}{three}{four}{two}")
    synced(remote)
    moderator = make_moderator(remote.catalog)
    move = Submission.objects.get()
    for name in ("C", "B"):
        row = submit(remote.catalog, kind=Kind.REMOVE, entry=entry_called(name), reason="Gone.")
        workflow.approve(submission=row, actor=moderator)

    workflow.approve(submission=move, actor=moderator)

    assert synced(remote).in_step
    assert origin.text() == f"# Tools\n\n{one}{two}"


def test_second_request_about_a_line_is_a_conflict_that_says_so(
    remote: Remote, host: HostStandIn
) -> None:
    host.propose(TEXT.replace("more text", "less"))
    second = host.propose(TEXT.replace("more text", "nothing"))
    synced(remote)
    moderator = make_moderator(remote.catalog)
    one, other = Submission.objects.order_by("pk")
    workflow.approve(submission=one, actor=moderator)
    synced(remote)

    with pytest.raises(EditConflict, match=r"Beta.*has since been changed"):
        workflow.approve(submission=other, actor=moderator)
    assert "the two versions conflict" in host.comment(second)


def test_new_commits_correct_what_waits(remote: Remote, host: HostStandIn) -> None:
    number = host.propose(added())
    synced(remote)
    host.push(number, TEXT.replace(BETA, ""))
    synced(remote)

    rows = Submission.objects.order_by("pk")
    assert [(row.kind, row.status) for row in rows] == [
        ("add", Status.WITHDRAWN), ("remove", Status.PENDING)
    ]  # fmt: skip
    host.push(number, TEXT.replace("more text", "less"))
    synced(remote)
    host.push(number, TEXT.replace("more text", "nothing"))
    synced(remote)
    edit = Submission.objects.get(kind=Kind.EDIT)
    assert (edit.status, edit.content.description) == (Status.PENDING, "Edits nothing.")
    assert len(host.comments[number]) == 1


def merge(host: HostStandIn, number: int) -> None:
    git(host.origin.folder, "update-ref", "refs/heads/main", host.requests[number].head)
    host.requests[number].state = "merged"


def squash(host: HostStandIn, number: int) -> None:
    host.origin.commit(added(), author="Pat Proposer", message="Add a thing (#1)")
    host.requests[number].state = "merged"


def set_there(**values: Any) -> Any:
    """What lets the request have other values."""
    return lambda host, number: vars(host.requests[number]).update(values)


HAPPENS: dict[str, tuple[Any, list[str]]] = {
    "merged": (merge, ["withdrawn"]),
    "squashed": (squash, ["withdrawn"]),
    "closed": (set_there(state="closed"), ["withdrawn"]),
    "made a draft": (set_there(draft=True), ["withdrawn"]),
    "onto another branch": (set_there(base="next"), ["withdrawn"]),
    "branch renamed": (set_there(branch="better"), ["pending"]),
    "title": (set_there(title="Add Nova"), ["pending"]),
    "forced push of the same": (lambda host, n: host.push(n, added(), message="x"), ["pending"]),
    "forced push of another": (
        lambda host, n: host.push(n, TEXT.replace(BETA, "")), ["withdrawn", "pending"]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("happens", "statuses"), HAPPENS.values(), ids=HAPPENS)
def test_what_people_do_with_a_request_there_is_followed(
    remote: Remote, host: HostStandIn, origin: Origin, happens: Any, statuses: list[str]
) -> None:
    number = host.propose(added())
    synced(remote)
    host.comments[number][1] = "Thank you!"

    happens(host, number)

    assert synced(remote).in_step
    assert list(Submission.objects.order_by("pk").values_list("status", flat=True)) == statuses
    assert [text for key, text in host.comments[number].items() if key == 1] == ["Thank you!"]
    assert len(host.comments[number]) == 2
    is_merged = host.requests[number].state == "merged"
    assert export_markdown(remote.catalog) == (added() if is_merged else TEXT)
    credited = remote.catalog.revisions.exclude(credit="").values_list("credit", flat=True)
    assert list(credited) == ["Pat Proposer"] * is_merged


@on_all_hosts
@pytest.mark.parametrize("name", ["state", "draft", "base"])
def test_request_that_is_back_waits_again(remote: Remote, host: HostStandIn, name: str) -> None:
    number = host.propose(added())
    synced(remote)
    before = getattr(host.requests[number], name)
    setattr(host.requests[number], name, {"state": "closed", "draft": True, "base": "next"}[name])
    synced(remote)
    note = Submission.objects.get().events.order_by("pk").last()
    assert note is not None
    assert note.note == "Pull request #1 was closed or merged."

    setattr(host.requests[number], name, before)
    synced(remote)

    rows = Submission.objects.order_by("pk")
    assert [(row.name, row.status) for row in rows] == [("Nova", "withdrawn"), ("Nova", "pending")]
    assert len(host.comments[number]) == 1


def test_renamed_branch_has_the_same_requests(
    remote: Remote, host: HostStandIn, origin: Origin
) -> None:
    number = host.propose(added())
    synced(remote)
    git(origin.folder, "branch", "-m", "main", "trunk")
    host.requests[number].base = "trunk"
    result = sync(remote)
    assert result is not None
    assert result.problem is not None
    assert result.problem.problem == "branch"

    change_remote(remote, branch="trunk")
    synced(remote)

    assert [row.status for row in Submission.objects.all()] == [Status.PENDING]
    assert len(host.comments[number]) == 1
    workflow.approve(submission=Submission.objects.get(), actor=make_moderator(remote.catalog))
    synced(remote)
    assert (origin.text("trunk"), host.requests[number].state) == (added(), "closed")


def test_request_for_git_is_left_alone(remote: Remote, host: HostStandIn) -> None:
    number = host.propose(TEXT, path="code.py")
    synced(remote)
    row = PullRequest.objects.get()
    assert (row.reading, row.detail) == ("git", "It changes other files: code.py")
    assert (host.comments, host.statuses, host.requests[number].state) == ({}, [], "open")


def test_request_of_more_entries_than_anybody_reads_is_left_alone(
    remote: Remote, host: HostStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_requests, "MOST_ENTRIES", 3)
    host.propose(added("".join(f"- [N{n}](https://n{n}.example) - New.\n" for n in range(4))))
    synced(remote)
    assert PullRequest.objects.get().detail == "It changes 4 entries."
    assert not Submission.objects.exists()


def test_blocking_finding_is_reported_with_its_line(remote: Remote, host: HostStandIn) -> None:
    number = host.propose(added("- [Again](https://beta.example) - Twice.\n"))
    synced(remote)
    assert not Submission.objects.exists()
    assert "Line 6: New: **Again**" in host.comment(number)
    ((_sha, state, text),) = host.statuses
    assert (state, text[:8]) == ("failure", "Line 6: ")


HOSTILE = (
    "\n\n# Owned <script>alert(1)</script> @everyone #1 !2 ![x](https://evil.example/x.png) "
    "https://evil.example www.evil.example `--upload-pack=x` \x1b[31m </details> <!-- listwright"
)


def test_endless_text_is_refused_in_a_short_comment(remote: Remote, host: HostStandIn) -> None:
    number = host.propose(added(f"- [Nova](https://nova.example) - {'x ' * 5000}\n"))
    synced(remote)
    assert not Submission.objects.exists()
    assert len(host.comment(number)) < 1000


def test_hostile_words_are_inert(remote: Remote, host: HostStandIn, origin: Origin) -> None:
    name = " ".join(HOSTILE.replace("[", "").replace("]", "").split()).replace("\x1b", "")
    line = f"- [{name.replace('(', '').replace(')', '')}](https://nova.example) - {'x' * 900}\n"
    number = host.propose(
        added(line), title=HOSTILE, author="Eve <x@y> --upload-pack=touch", message=HOSTILE
    )
    host.requests[number].branch = "--upload-pack=touch x"
    host.requests[number].login = HOSTILE
    synced(remote)

    comment = host.comment(number)
    row = Submission.objects.first()
    assert row is not None, comment
    shown = comment.replace("<!-- listwright tools -->", "")
    for dangerous in ("<script", "@everyone", "#1", "!2", "](https://evil", "://evil", "www.evil",
                      "\n# ", "`--", "<!--"):  # fmt: skip
        assert dangerous not in shown, dangerous
    workflow.approve(submission=row, actor=make_moderator(remote.catalog))
    synced(remote)
    (author,) = set(origin.log("main", "%an|%ae")[:1])
    assert author == "Eve x@y --upload-pack=touch|uma@upstream.example"


def test_account_that_is_shown_to_be_the_same_is_the_submitter(
    remote: Remote, host: HostStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user("pat")
    SocialAccount.objects.create(user=user, provider="github", uid="4711")
    host.propose(added())
    synced(remote)
    # Another server may call anybody by any number.
    assert Submission.objects.get().submitter is None

    monkeypatch.setattr(pull_requests, "_is_github", lambda remote: True)
    host.propose(TEXT.replace(BETA, ""))
    synced(remote)
    assert Submission.objects.get(kind=Kind.REMOVE).submitter == user


def test_lists_for_people_who_are_signed_in_take_requests(
    remote: Remote, host: HostStandIn
) -> None:
    policy = ContributionPolicy.of(remote.catalog)
    for who, count in ((WhoMaySubmit.SIGNED_IN, 1), (WhoMaySubmit.CLOSED, 1)):
        policy.who_may_submit = who
        policy.save()
        host.propose(added(f"- [Nova {who}](https://{who}.example)\n"))
        synced(remote)
        assert Submission.objects.count() == count
    assert "not accepting submissions" in host.comment(2).replace("\\", "")


def test_pages_link_commit_and_request(
    remote: Remote, host: HostStandIn, origin: Origin, client: Client
) -> None:
    Catalog.objects.update(source_url="https://git.example/tools")
    host.propose(added())
    synced(remote)
    workflow.approve(submission=Submission.objects.get(), actor=make_moderator(remote.catalog))
    synced(remote)
    nova = Entry.objects.get(name="Nova")
    for address in ("/tools/changes/", "/tools/changes/2/", nova.get_absolute_url()):
        page = client.get(address).text
        assert f'/list/commit/{origin.head()}" rel="noopener">Commit' in page, address
        assert '/owner/list/pull/1" rel="noopener">Pull request #1</a>' in page, address
    assert "Pull-request: https://host.example/owner/list/pull/1" in origin.log("main", "%b")


def test_taking_a_request_back_is_not_its_authors_work(
    remote: Remote, host: HostStandIn, origin: Origin
) -> None:
    host.propose(added())
    synced(remote)
    moderator = make_moderator(remote.catalog)
    row = workflow.approve(submission=Submission.objects.get(), actor=moderator)
    workflow.revert(submission=row, actor=moderator)
    synced(remote)
    assert origin.log("main", "%an") == ["mo", "Pat Proposer", "Uma Upstream"]


def test_amended_request_names_both(remote: Remote, host: HostStandIn, origin: Origin) -> None:
    host.propose(added())
    synced(remote)
    row, moderator = Submission.objects.get(), make_moderator(remote.catalog)
    better = replace(row.content, description="Edits nothing")
    workflow.amend(submission=row, actor=moderator, proposal=better)
    synced(remote)
    assert origin.text() == added("- [Nova](https://nova.example) - Edits nothing.\n")
    assert origin.log("main", "%an")[0] == "Pat Proposer"
    assert any(line.startswith("Co-authored-by: mo <") for line in origin.log("main", "%b"))


def test_author_who_leaves_is_not_named_any_more(
    remote: Remote, host: HostStandIn, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_requests, "_is_github", lambda remote: True)
    user = make_user("pat")
    SocialAccount.objects.create(user=user, provider="github", uid="4711")
    host.propose(added())
    synced(remote)
    delete_account(user=user, keep_name=False)
    workflow.approve(submission=Submission.objects.get(), actor=make_moderator(remote.catalog))
    synced(remote)
    row = PullRequest.objects.get()
    assert (row.author, row.author_email) == ("", "")
    assert origin.log("main", "%an")[0] == "former contributor"


# The site's own


@pytest.fixture
def offering(remote: Remote) -> Remote:
    """The list with a branch of its own."""
    Remote.objects.update(mode=Mode.PULL_REQUEST)
    remote.refresh_from_db()
    return remote


def add(remote: Remote, name: str) -> None:
    """Publish an entry on the site."""
    moderator = Actor(user=make_user(f"mo-{name.lower()}", is_superuser=True))
    row = submit(remote.catalog, name=name, url=f"https://{name.lower()}.example")
    workflow.approve(submission=row, actor=moderator)


@on_all_hosts
def test_changes_are_offered_in_one_request(
    offering: Remote, host: HostStandIn, origin: Origin
) -> None:
    add(offering, "Omega")
    synced(offering)
    synced(offering)
    add(offering, "Psi")
    synced(offering)

    (own,) = host.requests.values()
    assert (own.branch, own.base, own.state) == ("listwright/tools", "main", "open")
    assert own.title == "Changes from Tools"
    assert [line for line in own.body.splitlines() if line.startswith("- ")] == [
        r"- [Add Omega](https://lists.example/tools/changes/2/) (Grace)",
        r"- [Add Psi](https://lists.example/tools/changes/3/) (Grace)",
    ]
    assert origin.text() == TEXT
    assert not Submission.objects.filter(kind=Kind.REMOVE).exists()


def test_closed_offer_is_made_again_when_the_list_changes(
    offering: Remote, host: HostStandIn
) -> None:
    add(offering, "Omega")
    synced(offering)
    host.requests[1].state = "closed"
    synced(offering)
    synced(offering)
    assert list(host.requests) == [1]

    add(offering, "Psi")
    synced(offering)
    assert {number: one.state for number, one in host.requests.items()} == {1: "closed", 2: "open"}


def test_offer_whose_answer_was_lost_is_not_made_twice(offering: Remote, host: HostStandIn) -> None:
    add(offering, "Omega")
    host.breaking = lambda call: Reply(lost=True) if call.startswith("POST") else None
    result = sync(offering)
    assert result is not None
    assert result.problem is not None
    assert result.problem.problem == "unreachable"
    host.breaking = lambda call: None
    synced(offering)
    assert list(host.requests) == [1]
    assert PullRequest.objects.get().number == 1


def test_merged_offer_brings_both_in_step(
    offering: Remote, host: HostStandIn, origin: Origin
) -> None:
    add(offering, "Omega")
    synced(offering)
    git(origin.folder, "update-ref", "refs/heads/main", origin.head("listwright/tools"))
    host.requests[1].state = "merged"
    assert synced(offering).in_step
    add(offering, "Psi")
    synced(offering)
    assert {number: one.state for number, one in host.requests.items()} == {1: "merged", 2: "open"}


def test_app_gets_a_token_for_the_repository_alone(
    origin: Origin, host: HostStandIn, catalog: Catalog
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    host.app_key = key.public_key()
    # A form of one line takes the line breaks.
    token = pem.replace("\n", "")
    remote = add_remote(
        catalog, origin.url, mode=Mode.PUSH, token=token, host=host.kind, app_id="12345"
    )
    synced(remote)
    add(remote, "Omega")
    synced(remote)
    assert "Omega" in origin.text()

    Remote.objects.update(token=encrypt("-----BEGIN PRIVATE KEY-----x-----END PRIVATE KEY-----"))
    result = sync(Remote.objects.get())
    assert result is not None
    assert result.problem is not None
    assert result.problem.problem == "access"


# What goes wrong

NEXT: dict[str, tuple[Reply, str]] = {
    "401": (Reply(401, body={"message": "Bad credentials"}), "host-access"),
    "403": (Reply(403, body={"message": "Resource not accessible"}), "host-access"),
    "404": (Reply(404, body={"message": "Not Found"}), "host-missing"),
    "409": (Reply(409, body={"message": "Conflict"}), "host-refused"),
    "422": (Reply(422, body={"message": f"Validation Failed {TOKEN}"}), "host-refused"),
    "429": (Reply(429, {"Retry-After": "77"}), "limited"),
    "rate limit": (Reply(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}), "limited"),
    "secondary limit": (Reply(403, {"Retry-After": "60"}), "limited"),
    "502": (Reply(502), "unreachable"),
    "redirect": (Reply(301, {"Location": "https://evil.example/"}), "unreachable"),
    "cut off": (Reply(body=[{"number": 1}] * 50, cut=True), "unreachable"),
    "lost": (Reply(lost=True), "unreachable"),
    "no JSON": (Reply(body="x"), "unreachable"),
    "wrong shape": (Reply(body=[{"base": {"ref": "main"}, "number": "../../x"}]), "unreachable"),
}


@pytest.mark.parametrize(("reply", "problem"), NEXT.values(), ids=NEXT)
def test_failing_host_keeps_nothing_from_crossing(
    remote: Remote, host: HostStandIn, origin: Origin, reply: Reply, problem: str
) -> None:
    add(remote, "Omega")
    host.breaking = lambda call: reply
    result = sync(remote)

    assert result is not None
    assert result.problem is not None
    assert (result.problem.problem, result.in_step) == (problem, True)
    assert "Omega" in origin.text()
    remote.refresh_from_db()
    assert remote.in_step_at is not None
    assert TOKEN not in f"{remote.detail} {result.problem}"
    # Commits are looked for as often as before.
    assert remote.next_at - timezone.now() <= timedelta(minutes=5)
    host.breaking = lambda call: None
    host.propose(origin.text().replace(BETA, ""))
    synced(remote)
    assert Submission.objects.filter(kind=Kind.REMOVE).count() == 1


def test_letter_about_a_host_says_what_does_not_work(
    remote: Remote, host: HostStandIn, mailoutbox: Any
) -> None:
    make_user("root", is_superuser=True, email="root@site.example")
    host.breaking = lambda call: Reply(403)
    for _time in range(2):
        sync(remote)
    work_off()
    subject = "Pull requests of “Tools” do not get through"
    assert letters(mailoutbox) == [("root@site.example", subject)]


def test_pause_that_a_host_requires_is_made(remote: Remote, host: HostStandIn) -> None:
    host.breaking = lambda call: Reply(429, {"Retry-After": "1800"})
    sync(remote)
    remote.refresh_from_db()
    assert 1700 < (remote.next_at - timezone.now()).total_seconds() <= 1800


@pytest.mark.parametrize(
    "call", ["POST /api/v3/repos/owner/list/issues", "POST /api/v3/repos/owner/list/statuses"]
)
@pytest.mark.parametrize("reply", [Reply(502), Reply(lost=True)], ids=["refused", "lost"])
def test_one_comment_whatever_gets_lost(
    remote: Remote, host: HostStandIn, call: str, reply: Reply
) -> None:
    number = host.propose(added())
    host.breaking = lambda made: reply if made.startswith(call) else None
    sync(remote)
    host.breaking = lambda made: None
    synced(remote)
    assert len(host.comments[number]) == 1
    assert Submission.objects.count() == 1
    assert host.statuses[-1][1] == "pending"


def test_comment_that_was_deleted_is_written_anew(remote: Remote, host: HostStandIn) -> None:
    number = host.propose(added())
    synced(remote)
    host.comments[number].clear()
    workflow.reject(
        submission=Submission.objects.get(), actor=make_moderator(remote.catalog), reason="quality"
    )
    synced(remote)
    assert "Declined" in host.comment(number)


def test_slow_answer_is_given_up(
    remote: Remote, host: HostStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "SECONDS", 0.2)
    host.breaking = lambda call: Reply(body=[], seconds=1)
    result = sync(remote)
    assert result is not None
    assert result.problem is not None
    assert result.problem.problem == "unreachable"


def test_protected_branch_becomes_an_offer(
    remote: Remote, host: HostStandIn, origin: Origin
) -> None:
    hook = origin.folder / "hooks" / "update"
    hook.write_text(
        '#!/bin/sh\ncase $1 in refs/heads/main) echo "GH006: Protected branch"; exit 1;; esac\n'
    )
    hook.chmod(0o755)
    add(remote, "Omega")
    synced(remote)
    (own,) = host.requests.values()
    assert (own.branch, own.state) == ("listwright/tools", "open")


def test_many_requests_are_read_in_portions(
    remote: Remote, host: HostStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_requests, "MOST_AT_ONCE", 2)
    for number in range(3):
        host.propose(added(f"- [N{number}](https://n{number}.example) - New.\n"))
    work_off()
    bring_in_step.enqueue(remote.pk)
    work_off()
    assert Submission.objects.count() == 2
    # More is left, and seen to in a moment.
    work_off(wait=True)
    assert Submission.objects.count() == 3


def test_refused_comment_keeps_no_other(remote: Remote, host: HostStandIn) -> None:
    locked, other = host.propose(added()), host.propose(TEXT.replace(BETA, ""))
    call = f"POST /api/v3/repos/owner/list/issues/{locked}/comments"
    host.breaking = lambda made: Reply(403) if made == call else None
    result = sync(remote)
    assert result is not None
    assert result.problem is not None
    assert result.problem.problem == "host-access"
    assert list(host.comments) == [other]


def test_request_that_git_refuses_keeps_no_other(
    remote: Remote, host: HostStandIn, origin: Origin
) -> None:
    bad = host.propose(added())
    host.propose(TEXT.replace(BETA, ""))
    tree = git(origin.folder, "rev-parse", f"{host.requests[bad].head}^{{tree}}").decode().strip()
    commit = f"tree {tree}\nauthor Eve <e@x> 01 +0000\ncommitter Eve <e@x> 01 +0000\n\nx\n"
    forced = ("hash-object", "-t", "commit", "-w", "--literally", "--stdin")
    sha = git(origin.folder, *forced, data=commit.encode()).decode().strip()
    git(origin.folder, "update-ref", f"refs/pull/{bad}/head", sha)
    host.requests[bad].head = sha
    synced(remote)
    assert [row.kind for row in Submission.objects.all()] == ["remove"]
    row = PullRequest.objects.get(number=bad)
    assert (row.reading, row.detail) == ("git", "Git cannot fetch it.")


def test_request_that_is_gone_does_not_keep_others(
    remote: Remote, host: HostStandIn, origin: Origin
) -> None:
    host.propose(added())
    gone = host.propose(TEXT.replace(BETA, ""))
    git(origin.folder, "update-ref", "-d", f"refs/pull/{gone}/head")
    synced(remote)
    assert [row.kind for row in Submission.objects.all()] == ["add"]


def test_pull_only_reads_no_requests(remote: Remote, host: HostStandIn) -> None:
    Remote.objects.update(mode=Mode.PULL)
    host.propose(added())
    before = len(host.calls)
    synced(remote)
    assert (len(host.calls), Submission.objects.exists()) == (before, False)
