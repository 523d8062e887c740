"""A list and its repository in step, whatever is changed on either side."""

import resource
from dataclasses import replace

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from accounts.personal_data import delete_account
from catalog.checking import check_catalog
from catalog.editing.entries import change_entry
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry
from remotes.commits import address_of
from remotes.connections import add_remote, remove_remote
from remotes.models import Mode, Remote, RemoteCommit
from remotes.syncing import SyncResult, decide_rewritten, sync
from submissions import workflow
from submissions.choices import Kind
from submissions.models import Submission
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.publishing.planning import standing, version_of
from tests.effort import IS_LONG
from tests.git.servers import TOKEN, Origin, git
from tests.submission_factories import (
    TEXT,
    edit,
    entry_called,
    list_of,
    make_moderator,
    make_tools,
    make_user,
    submit,
)
from tests.submissions.test_views import send

pytestmark = pytest.mark.django_db(transaction=True)

ALPHA = "- [Alpha](https://alpha.example) - Edits text.\n"
BETA = "- [Beta](https://beta.example) - Edits more text.\n"


def synced(remote: Remote) -> SyncResult:
    """Bring both in step; nothing may go wrong."""
    result = sync(remote)
    assert result is not None
    if result.problem:
        raise result.problem
    remote.refresh_from_db()
    return result


def assert_in_step(remote: Remote, origin: Origin) -> None:
    catalog = Catalog.objects.get(pk=remote.catalog_id)
    assert export_markdown(catalog) == origin.text()
    assert check_catalog(catalog) == []
    git(origin.folder, "fsck", "--strict")


def test_first_time_with_the_same_text_changes_nothing(remote: Remote, origin: Origin) -> None:
    head = origin.head()

    result = synced(remote)

    assert result.summary() == {
        "catalog": "tools",
        "fetched": 0,
        "pushed": 0,
        "head": head,
        "in_step": True,
        "conflicts": [],
    }
    assert remote.catalog.revisions.count() == 1
    assert_in_step(remote, origin)


def test_upstream_commits_become_revisions_by_their_authors(remote: Remote, origin: Origin) -> None:
    synced(remote)
    first = origin.commit(TEXT.replace("Edits text", "Edits texts"), author="Uma", message="Reword")
    new = (
        TEXT.replace("Edits text", "Edits texts")
        + "| [Omega](https://omega.example) | 1B | MIT |\n"
    )
    second = origin.commit(new, author="Olaf", message="Add Omega")

    result = synced(remote)

    assert (result.fetched, result.pushed, result.in_step) == (2, 0, True)
    rows = remote.catalog.revisions.order_by("number").values_list("verb", "credit", "note")
    assert list(rows)[1:] == [("import", "Uma", "Reword"), ("import", "Olaf", "Add Omega")]
    assert list(RemoteCommit.objects.values_list("sha", "revision")) == [(first, 2), (second, 3)]
    assert_in_step(remote, origin)


def approved(catalog: Catalog, moderator: Actor, *submissions: Submission) -> None:
    for submission in submissions:
        workflow.approve(submission=submission, actor=moderator)


def test_each_revision_becomes_a_commit_by_its_contributor(
    remote: Remote, origin: Origin, catalog: Catalog
) -> None:
    synced(remote)
    moderator = make_moderator(catalog, display_name="Mo")
    assert moderator.user is not None
    mo = address_of(moderator.user)
    ada = make_user("ada", display_name="Ada Byron")
    approved(catalog, moderator, submit(catalog, Actor(user=ada), name="Omega", credit=None))
    approved(catalog, moderator, edit("Alpha", description="Edits any text.", credit="Grace"))
    amended = edit("Beta", description="Is good.", credit="Edsger")
    other = replace(amended.content, description="Edits much text.")
    workflow.amend(submission=amended, actor=moderator, proposal=other)

    result = synced(remote)

    assert (result.fetched, result.pushed, result.in_step) == (0, 3, True)
    assert [
        commit.split("|")
        for commit in origin.log("main~3..main", "%an|%cn|%s|%(trailers:separator=%x3B)")
    ] == [
        [
            "Edsger",
            "Listwright",
            "Edit Beta",
            f"Change: https://lists.example/tools/changes/4/;Co-authored-by: Mo <{mo}>",
        ],
        ["Grace", "Listwright", "Edit Alpha", "Change: https://lists.example/tools/changes/3/"],
        ["Ada Byron", "Listwright", "Add Omega", "Change: https://lists.example/tools/changes/2/"],
    ]
    assert origin.log("main~1..main", "%ae %ce")[0].endswith(
        "@noreply.lists.example noreply@lists.example"
    )
    # The lines of each are those of its revision.
    for back in (0, 1, 2):
        shown = git(origin.folder, "show", "--format=", "--numstat", f"main~{back}").decode()
        assert shown in {"1\t1\tREADME.md\n", "1\t0\tREADME.md\n"}
    assert_in_step(remote, origin)
    # They come back and change nothing.
    again = synced(remote)
    assert (again.fetched, again.pushed, catalog.revisions.count()) == (0, 0, 4)


def test_both_sides_at_once(remote: Remote, origin: Origin, catalog: Catalog) -> None:
    synced(remote)
    moderator = make_moderator(catalog)
    approved(catalog, moderator, edit("Alpha", description="Edits any text."))
    origin.commit(TEXT.replace(BETA, BETA + "- [Nu](https://nu.example) - Is new.\n"))

    result = synced(remote)

    assert (result.fetched, result.pushed, result.in_step) == (1, 1, True)
    assert origin.log("main", "%an %s") == [
        "Grace Edit Alpha",
        "Uma Upstream Edit by hand",
        "Uma Upstream Begin",
    ]
    assert origin.text() == TEXT.replace("Edits text.", "Edits any text.").replace(
        BETA, BETA + "- [Nu](https://nu.example) - Is new.\n"
    )
    assert_in_step(remote, origin)


@pytest.mark.parametrize("choice", ["ours", "theirs", "own"])
def test_conflict_waits_and_everything_else_crosses(
    choice: str, remote: Remote, origin: Origin, catalog: Catalog
) -> None:
    synced(remote)
    moderator = make_moderator(catalog)
    here, there = "Edits any text.", "Edits texts."
    approved(catalog, moderator, edit("Alpha", description=here))
    origin.commit(TEXT.replace("Edits text.", there).replace("13B", "14B"))
    approved(catalog, moderator, edit("Beta", description="Edits much text."))

    result = synced(remote)

    assert (result.fetched, result.pushed, result.in_step) == (1, 1, False)
    [conflict] = result.conflicts
    assert (conflict["base"], conflict["ours"], conflict["theirs"]) == (
        ALPHA,
        ALPHA.replace("Edits text.", here),
        ALPHA.replace("Edits text.", there),
    )
    crossed = TEXT.replace("13B", "14B").replace("Edits more text.", "Edits much text.")
    assert export_markdown(catalog) == crossed.replace("Edits text.", here)
    assert origin.text() == crossed.replace("Edits text.", there)
    again = synced(remote)
    assert (again.fetched, again.pushed) == (0, 0)

    row = Submission.objects.get(kind=Kind.LINES)
    lines = {
        "ours": conflict["ours"],
        "theirs": conflict["theirs"],
        "own": ALPHA.replace("Edits text.", "Edits what you like."),
    }[choice]
    workflow.approve(
        submission=row,
        actor=moderator,
        resolution={"lines": lines},
        seen=version_of(standing(row.draft)),
    )
    settled = synced(remote)

    assert (settled.pushed, settled.in_step, settled.conflicts) == (
        int(choice != "theirs"),
        True,
        [],
    )
    assert origin.text() == crossed.replace(ALPHA, lines)
    assert_in_step(remote, origin)


def test_pull_only_writes_nothing_there(remote: Remote, origin: Origin, catalog: Catalog) -> None:
    Remote.objects.update(mode=Mode.PULL)
    synced(remote)
    approved(catalog, make_moderator(catalog), edit("Alpha", description="Edits any text."))
    head = origin.commit(TEXT.replace("13B", "14B"))

    result = synced(remote)

    assert (result.fetched, result.pushed, result.in_step, origin.head()) == (1, 0, False, head)
    assert export_markdown(catalog) == TEXT.replace("13B", "14B").replace(
        "Edits text.", "Edits any text."
    )


def test_own_branch_holds_what_was_changed_until_it_is_merged(
    remote: Remote, origin: Origin, catalog: Catalog
) -> None:
    Remote.objects.update(mode=Mode.PULL_REQUEST)
    synced(remote)
    moderator = make_moderator(catalog)
    approved(catalog, moderator, edit("Alpha", description="Edits any text."))
    first = origin.head()
    assert (synced(remote).pushed, origin.head()) == (1, first)
    assert origin.log("main..listwright/tools", "%an %s") == ["Grace Edit Alpha"]
    assert synced(remote).pushed == 0

    # The branch follows the other side, and what comes on top of it.
    origin.commit(TEXT.replace("13B", "14B"))
    approved(catalog, moderator, edit("Beta", description="Edits much text."))
    synced(remote)
    assert origin.log("main..listwright/tools", "%an %s") == ["Grace Edit Beta", "Grace Edit Alpha"]
    assert origin.text("listwright/tools") == export_markdown(catalog)

    # Squashed, as hosts do it.
    origin.commit(origin.text("listwright/tools"), message="Merge what the site offers (#7)")
    result = synced(remote)
    assert (result.pushed, result.in_step) == (0, True)
    assert_in_step(remote, origin)


def test_commits_of_others_on_the_own_branch_are_never_lost(
    remote: Remote, origin: Origin, catalog: Catalog
) -> None:
    Remote.objects.update(mode=Mode.PULL_REQUEST)
    synced(remote)
    moderator = make_moderator(catalog)
    approved(catalog, moderator, edit("Alpha", description="Edits any text."))
    synced(remote)
    theirs = origin.commit(TEXT + "more\n", branch="listwright/tools")
    approved(catalog, moderator, edit("Beta", description="Edits much text."))

    result = sync(remote)

    assert result is not None
    assert result.problem is not None
    assert (result.problem.problem, origin.head("listwright/tools")) == ("foreign", theirs)


def test_protected_branch_leads_to_the_own_one(
    remote: Remote, origin: Origin, catalog: Catalog
) -> None:
    synced(remote)
    hook = origin.folder / "hooks" / "update"
    hook.write_text(
        '#!/bin/sh\n[ "$1" != refs/heads/main ] || { echo GH006: Protected branch; exit 1; }\n'
    )
    hook.chmod(0o755)
    approved(catalog, make_moderator(catalog), edit("Alpha", description="Edits any text."))

    result = synced(remote)

    assert (result.pushed, remote.is_protected) == (1, True)
    assert origin.log("main..listwright/tools", "%an %s") == ["Grace Edit Alpha"]


def test_renamed_file_is_followed(remote: Remote, origin: Origin, catalog: Catalog) -> None:
    synced(remote)
    approved(catalog, make_moderator(catalog), edit("Alpha", description="Edits any text."))
    origin.commit(TEXT.replace("13B", "14B"), path="docs/LIST.md", instead_of="README.md")

    result = synced(remote)

    remote.file.refresh_from_db()
    assert (result.fetched, result.pushed, remote.file.path) == (1, 1, "docs/LIST.md")
    assert origin.text(path="docs/LIST.md") == export_markdown(catalog)
    assert origin.log("main~1..main", "%an %s") == ["Grace Edit Alpha"]


def test_removed_file_is_a_problem_and_nothing_else(remote: Remote, origin: Origin) -> None:
    synced(remote)
    origin.commit("Something else.\n", path="OTHER.md", instead_of="README.md")

    result = sync(remote)

    assert result is not None
    assert result.problem is not None
    assert result.problem.problem == "file"
    assert export_markdown(Catalog.objects.get()) == TEXT


@pytest.mark.parametrize("side", ["theirs", "ours"])
def test_rewritten_branch_waits_for_a_decision(
    side: str, remote: Remote, origin: Origin, catalog: Catalog
) -> None:
    synced(remote)
    approved(catalog, make_moderator(catalog), edit("Alpha", description="Edits any text."))
    synced(remote)
    rewritten = TEXT.replace("13B", "14B")
    head = origin.commit(rewritten, parents=[], is_forced=True)
    before = export_markdown(catalog)

    for _time in range(2):
        result = sync(remote)
        assert result is not None
        assert result.problem is not None
        assert (result.problem.problem, origin.head()) == ("forced", head)
        assert export_markdown(catalog) == before
    decide_rewritten(remote, side, Author())
    settled = synced(remote)

    assert (settled.in_step, origin.text()) == (True, rewritten if side == "theirs" else before)
    assert_in_step(remote, origin)
    assert remote.problem == ""


def test_rewritten_history_of_the_same_file_is_no_question(
    remote: Remote, origin: Origin, catalog: Catalog
) -> None:
    synced(remote)
    origin.commit(TEXT, parents=[], is_forced=True, message="Squash everything")
    approved(catalog, make_moderator(catalog), edit("Alpha", description="Edits any text."))

    result = synced(remote)

    assert (result.pushed, result.in_step) == (1, True)
    assert_in_step(remote, origin)


def test_merge_made_elsewhere_loses_nothing(
    remote: Remote, origin: Origin, catalog: Catalog
) -> None:
    """A maintainer commits on an old clone and pulls: the first parent lacks what we pushed."""
    synced(remote)
    old = origin.head()
    approved(catalog, make_moderator(catalog), edit("Alpha", description="Edits any text."))
    synced(remote)
    ours = origin.head()
    theirs = TEXT.replace("13B", "14B")
    local = origin.commit(theirs, parents=[old], branch="local", author="Lena")
    merged = theirs.replace("Edits text.", "Edits any text.")
    git(origin.folder, "branch", "-f", "local", local)
    origin.commit(merged, parents=[local, ours], author="Max", message="Merge branch main")

    result = synced(remote)

    assert (result.fetched, result.pushed, result.in_step) == (1, 0, True)
    newest = catalog.revisions.order_by("-number")[0]
    assert (newest.credit, export_markdown(catalog)) == ("Lena", merged)


BYTES = {
    "mark and windows": "\ufeff" + TEXT.replace("\n", "\r\n"),
    "windows": TEXT.replace("\n", "\r\n"),
    "no last newline": TEXT.rstrip("\n"),
}


@pytest.mark.parametrize("text", BYTES.values(), ids=BYTES)
def test_bytes_stay_as_they_are(text: str, origin: Origin) -> None:
    catalog = make_tools("bytes", text)
    origin.commit(text)
    remote = add_remote(catalog, origin.url, mode=Mode.PUSH, token=TOKEN)
    synced(remote)
    assert entry_called("Alpha").catalog == catalog
    approved(catalog, make_moderator(catalog), edit("Alpha", description="Edits any text."))

    assert (synced(remote).pushed, synced(remote).in_step) == (1, True)

    assert (
        git(origin.folder, "show", "main:README.md")
        == text.replace("Edits text.", "Edits any text.").encode()
    )


def test_push_that_came_through_unheard_is_not_made_again(
    remote: Remote, origin: Origin, catalog: Catalog
) -> None:
    synced(remote)
    approved(catalog, make_moderator(catalog), edit("Alpha", description="Edits any text."))
    origin.breaking = lambda path: "lost" if path.endswith("/git-receive-pack") else ""

    result = sync(remote)

    assert result is not None
    assert result.problem is not None
    assert result.problem.problem == "unreachable"
    assert origin.log("main", "%an %s")[0] == "Grace Edit Alpha"
    origin.breaking = lambda path: ""
    again = synced(remote)
    assert (again.pushed, again.in_step) == (1, True)
    assert origin.log("main", "%an %s") == ["Grace Edit Alpha", "Uma Upstream Begin"]
    assert_in_step(remote, origin)


def test_somebody_faster_is_merged_and_it_is_tried_again(
    remote: Remote, origin: Origin, catalog: Catalog
) -> None:
    synced(remote)
    approved(catalog, make_moderator(catalog), edit("Alpha", description="Edits any text."))
    texts = [TEXT.replace("13B", f"{number}B") for number in (14, 15)]

    def faster(path: str) -> str:
        if path.endswith("service=git-receive-pack") and texts:
            origin.commit(texts.pop(0), author="Flash")
        return ""

    origin.breaking = faster
    result = synced(remote)

    assert (result.fetched, result.pushed, result.in_step) == (2, 1, True)
    assert origin.log("main", "%an") == ["Grace", "Flash", "Flash", "Uma Upstream"]
    assert_in_step(remote, origin)


# What people see


def test_pages_say_since_when_and_link_commits(
    remote: Remote, origin: Origin, catalog: Catalog, client: Client
) -> None:
    Catalog.objects.update(source_url="https://git.example/tools")
    assert "in step since" not in client.get("/tools/").text
    synced(remote)
    assert "in step since" in client.get("/tools/").text
    approved(catalog, make_moderator(catalog), edit("Alpha", description="Edits any text."))
    assert "Commit " not in client.get("/tools/changes/2/").text
    synced(remote)
    page = client.get("/tools/changes/2/").text
    assert f"/list/commit/{origin.head()}" in page
    assert f"Commit {origin.head()[:10]}" in page


def test_page_of_an_entry_is_another_one_once_its_commit_is_there(
    remote: Remote, origin: Origin, catalog: Catalog, client: Client
) -> None:
    Catalog.objects.update(source_url="https://git.example/tools")
    synced(remote)
    approved(catalog, make_moderator(catalog), edit("Alpha", description="Edits any text."))
    pages = [entry.get_absolute_url() for entry in Entry.objects.filter(name__in=["Alpha", "Beta"])]
    etags = [client.get(page).headers["ETag"] for page in pages]

    def again() -> list[tuple[int, bool]]:
        return [
            (answer.status_code, f"/list/commit/{origin.head()}" in answer.text)
            for page, etag in zip(pages, etags, strict=True)
            for answer in [client.get(page, headers={"If-None-Match": etag})]
        ]

    assert again() == [(304, False), (304, False)]
    synced(remote)
    assert again() == [(200, True), (304, False)]
    remove_remote(remote)
    assert again() == [(304, False), (304, False)]


def test_people_learn_that_commits_stay(remote: Remote, client: Client, catalog: Catalog) -> None:
    form = "/contribute/tools/new/?listing=" + str(list_of(catalog).pk)
    assert "Commits cannot be erased" in client.get(form).text
    Remote.objects.update(mode=Mode.PULL)
    assert "Commits cannot be erased" not in client.get(form).text


def test_person_chooses_the_address_and_leaves(
    remote: Remote, origin: Origin, catalog: Catalog, client: Client
) -> None:
    synced(remote)
    moderator = make_moderator(catalog)
    ada = make_user("ada", display_name="Ada")
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    client.force_login(ada)
    assert "my GitHub address" not in client.get(reverse("accounts:profile")).text
    SocialAccount.objects.create(user=ada, provider="github", uid="7", extra_data={"login": "adab"})
    written = []
    for choice in ("site", "verified", "github"):
        client.post(reverse("accounts:profile"), {"display_name": "Ada", "commit_address": choice})
        one = submit(catalog, Actor(user=ada), name=choice, url=f"https://{choice}.example")
        approved(catalog, moderator, one)
        synced(remote)
        written += origin.log("main~1..main", "%an <%ae>")
    last = submit(catalog, Actor(user=ada), name="Last", url="https://last.example")
    delete_account(user=ada, keep_name=False)
    approved(catalog, moderator, last)
    synced(remote)
    written += origin.log("main~1..main", "%an <%ae>")

    alias = written[0].partition("<")[2]
    assert alias.endswith("@noreply.lists.example>")
    assert written[1:3] == ["Ada <ada@people.example>", "Ada <7+adab@users.noreply.github.com>"]
    assert written[3].startswith("former contributor <")
    assert written[3].endswith("@noreply.lists.example>")
    assert alias not in written[3]


def test_many_revisions_of_a_long_list_go_in_one_push(origin: Origin) -> None:
    """A thousand of 5,000 lines cost ten seconds of processor, with LISTWRIGHT_TESTS_LONG=1."""
    count = 1000 if IS_LONG else 20
    rows = [
        f"- [Thing {n}](https://thing.example/{n}) - Number {n}.\n"
        for n in range(max(500, 5 * count))
    ]
    text = "# Things\n\n## All\n\n" + "".join(rows)
    origin.commit(text)
    catalog = make_tools("things", text)
    remote = add_remote(catalog, origin.url, mode=Mode.PUSH, token=TOKEN)
    synced(remote)
    entries = catalog.entries.order_by("position")[:count]
    for entry in entries:
        change_entry(entry=entry, description="Other words.", by=Author(credit=f"By {entry.name}"))
    before, pushes = processor_seconds(), len(origin.requests)

    synced(remote)

    assert processor_seconds() - before <= 10 * max(count / 1000, 0.2)
    beginnings = [path for path in origin.requests[pushes:] if "service=git-receive-pack" in path]
    assert len(beginnings) == 1
    assert_in_step(remote, origin)
    subjects = [f"By Thing {n}: Edit Thing {n}" for n in reversed(range(count))]
    assert origin.log(form="%an: %s")[:count] == subjects


def processor_seconds() -> float:
    """Of this process and the programs that it ran."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def test_commit_is_signed_off_where_the_list_asks_and_the_person_did(
    remote: Remote, origin: Origin, catalog: Catalog, client: Client
) -> None:
    synced(remote)
    moderator = make_moderator(catalog)
    form = "/contribute/tools/new/?listing=" + str(list_of(catalog).pk)
    assert "Developer Certificate" not in client.get(form).text
    Remote.objects.update(asks_sign_off=True)
    assert "Developer Certificate" in client.get(form).text
    for name, signs, credit in (("A", True, "Ada"), ("B", False, "Bea"), ("C", True, "")):
        proposal = Proposal(Kind.ADD, name=name, url=f"https://{name.lower()}.example")
        one = workflow.submit(
            catalog=catalog,
            actor=Actor(),
            proposal=proposal,
            listing=list_of(catalog),
            credit=credit,
            sign_off=signs,
        )
        approved(catalog, moderator, one)
    synced(remote)
    lines = [line for line in origin.log(form="%b") if line.startswith("Signed-off-by")]
    (address,) = origin.log("main", "%an <%ae>")[2:3]
    assert lines == [f"Signed-off-by: {address}"]
    assert address.startswith("Ada <")


def test_form_carries_the_sign_off(remote: Remote, client: Client, catalog: Catalog) -> None:
    Remote.objects.update(asks_sign_off=True)
    form = "/contribute/tools/new/?listing=" + str(list_of(catalog).pk)
    send(client, form, name="Omega", url="https://omega.example", sign_off="on")
    assert Submission.objects.get().signed_off_at is not None
