"""Edits here, commits there, and everything that can go wrong between, beside a plain model.

The model is a dict of lines for each side and for what both had in common: what one side changed
counts, and where both did, each keeps its own until somebody decides. Pull requests are opened,
changed, merged and closed there, and decided here. A hundred stories each time;
LISTWRIGHT_TESTS_LONG=1 tells ten thousand.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.utils import timezone

from catalog.checking import check_catalog
from catalog.errors import CatalogError
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.importing.applying import apply
from catalog.importing.planning import plan_text
from catalog.models import Catalog, Revision
from catalog.store.snapshots import take_snapshot
from remotes import syncing
from remotes.connections import add_remote, make_webhook_secret
from remotes.git import Repository, read_address
from remotes.hosts import GitHub
from remotes.models import Mode, PullRequestEntry, Remote
from remotes.syncing import decide_rewritten, sync
from submissions import workflow
from submissions.choices import Kind
from submissions.models import Submission, SubmissionQuerySet
from submissions.people import Actor
from submissions.publishing.planning import standing, version_of
from tests.effort import IS_LONG
from tests.git.hosts import REPOSITORY, HostStandIn
from tests.git.servers import TOKEN, Origin, git, make_origin
from tests.git.test_webhooks import send
from tests.mailbox import work_off
from tests.submission_factories import make_moderator, make_tools

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Who is killed closes no cursor, and here the process lives on.
    pytest.mark.filterwarnings("ignore:Exception ignored in.*ServerCursorMixin"),
]

type Lines = dict[str, str]
"""What stands in each line, by the name of its entry, in order."""
SHARDS = 20 if IS_LONG else 10
STORIES = 500 if IS_LONG else 1
"""Of one test; other ones on each database."""


class Killed(BaseException):
    """The process is gone."""


def text_of(lines: Lines) -> str:
    rows = [
        f"- [{key}](https://example.org/{key}) - Says {value}.\n" for key, value in lines.items()
    ]
    return "# Tools\n\n## One\n\n" + "".join(rows)


def lines_of(text: str) -> Lines:
    rows = [row for row in text.splitlines() if row.startswith("- [")]
    lines = {row[3 : row.index("]")]: row.partition("Says ")[2].rstrip(".") for row in rows}
    assert len(lines) == len(rows), f"a line stands twice:\n{text}"
    return lines


@dataclass
class Story:
    """A list and its repository, and what the model says of both."""

    chance: random.Random
    catalog: Catalog
    origin: Origin
    remote: Remote
    moderator: Actor
    here: Lines
    there: Lines
    common: Lines
    number: int = 0
    path: str = "README.md"
    ours: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=lambda: ["begin"])
    secret: str = ""
    is_late_seen: bool = False
    host: HostStandIn = field(init=False)
    bases: dict[int, tuple[str, Lines, str]] = field(default_factory=dict)
    """What open requests began from: a commit, its lines, and the file's path."""

    def __post_init__(self) -> None:
        self.host = HostStandIn(self.origin)

    def new(self, side: str) -> str:
        self.number += 1
        return f"{side}{self.number}"

    # What happens

    def edit(self, lines: Lines, side: str) -> str:
        """Change, add, remove or move a line; returns who did."""
        name = self.new(side)
        what = self.chance.choice(["change", "change", "change", "add", "remove", "move"])
        keys = list(lines)
        key = self.chance.choice(keys) if keys else ""
        if what == "add" or not key:
            place = self.chance.randrange(len(keys) + 1)
            items = list(lines.items())
            items.insert(place, (f"k{self.number}", name))
            lines.clear()
            lines.update(items)
        elif what == "change":
            lines[key] = name
        elif what == "remove" and len(keys) > 2:
            del lines[key]
        else:
            value = lines.pop(key)
            items = list(lines.items())
            items.insert(self.chance.randrange(len(keys)), (key, value))
            lines.clear()
            lines.update(items)
        self.log.append(f"{name}: {what} {key}")
        return name

    def edit_here(self) -> None:
        name = self.edit(self.here, "s")
        before = export_markdown(self.catalog)
        if text_of(self.here) == before:
            return
        plan = plan_text(text_of(self.here), take_snapshot(self.catalog))
        apply(plan, by=Author(credit=name), verb=Revision.Verb.CHANGE)
        self.ours.append(name)

    def edit_there(self) -> None:
        before = text_of(self.there)
        name = self.edit(self.there, "u")
        if text_of(self.there) != before:
            self.origin.commit(text_of(self.there), path=self.path, author=name)
            self.theirs.append(name)

    def rename_there(self) -> None:
        path = f"docs/{self.new('f')}.md"
        self.origin.commit(text_of(self.there), path=path, instead_of=self.path, author="Re Namer")
        self.path = path
        self.log.append("rename")

    def rewrite_there(self) -> None:
        """Force the same text, or another one, in place of the history."""
        if self.chance.random() < 0.5:
            self.edit(self.there, "f")
        self.origin.commit(
            text_of(self.there), path=self.path, parents=[], is_forced=True, author="For Cer"
        )
        self.log.append("rewrite")

    # Pull requests

    def propose(self) -> None:
        """Somebody opens a request of one change, or changes one of theirs."""
        known = self.chance.choice([0, *self.bases])
        commit, lines, path = self.bases.get(
            known, (self.origin.head(), dict(self.there), self.path)
        )
        lines = dict(lines)
        self.number += 1
        match self.chance.choice(["add", "change", "remove"]):
            case "add":
                lines[f"p{self.number}"] = f"p{self.number}"
            case "change":
                lines[self.chance.choice(list(lines))] = f"p{self.number}"
            case _ if len(lines) > 2:
                del lines[self.chance.choice(list(lines))]
        if known:
            self.host.push(known, text_of(lines), base=commit, path=path)
        else:
            known = self.host.propose(text_of(lines), base=commit, path=path)
            self.bases[known] = (commit, self.there.copy(), path)
        self.log.append(f"request {known}: {list(lines.items())}")

    def close_request(self) -> None:
        """Their author closes one."""
        if self.bases:
            number = self.chance.choice(list(self.bases))
            self.host.requests[number].state = "closed"
            del self.bases[number]
            self.log.append(f"close {number}")

    def merge_request(self) -> None:
        """Somebody merges one there, if Git can do so without a question."""
        for number, (commit, _lines, path) in list(self.bases.items()):
            if commit == self.origin.head() and path == self.path:
                head = self.host.requests[number].head
                git(self.origin.folder, "update-ref", "refs/heads/main", head)
                self.host.requests[number].state = "closed"
                del self.bases[number]
                self.there = lines_of(self.text_there())
                self.log.append(f"merge {number}")
                return

    def decide_request(self) -> None:
        """A moderator approves or rejects what a request proposes."""
        rows = Submission.objects.open().filter(catalog=self.catalog)
        row = rows.exclude(kind=Kind.LINES).order_by("pk").first()
        if row is None:
            return
        how = "reject"
        if self.chance.random() < 0.7:
            try:
                workflow.approve(submission=row, actor=self.moderator)
                how = "approve"
            except CatalogError as error:
                # Changed meanwhile, or gone.
                self.log.append(type(error).__name__)
        if how == "reject":
            row.refresh_from_db()
            workflow.reject(submission=row, actor=self.moderator, reason="quality")
        self.here = lines_of(export_markdown(self.catalog))
        self.log.append(f"{how} {row.kind} {row.name}")

    def check_requests(self) -> None:
        """One comment at most for each, and one submission for what it proposes."""
        assert self.host.problems == []
        comments = {number: len(rows) for number, rows in self.host.comments.items()}
        assert comments == dict.fromkeys(comments, 1)
        of_requests = Submission.objects.open().filter(catalog=self.catalog)
        of_requests = of_requests.exclude(kind=Kind.LINES)
        of_entries = PullRequestEntry.objects.filter(submission__in=of_requests)
        numbers = sorted(of_entries.values_list("request__number", flat=True))
        assert len(numbers) == of_requests.count()
        # Each proposes one change, by its newest commit.
        assert numbers == sorted(set(numbers))
        assert set(numbers) <= {n for n, one in self.host.requests.items() if one.state == "open"}

    # Conflicts

    def conflicts(self) -> SubmissionQuerySet:
        """Those that wait."""
        return Submission.objects.open().filter(catalog=self.catalog, kind=Kind.LINES)

    def decide(self) -> None:
        """Settle one of the conflicts that wait."""
        row = self.conflicts().order_by("?").first()
        if row is None:
            return
        now = standing(row.draft)
        text = self.chance.choice([now.source, row.content.lines or ""])
        workflow.approve(
            submission=row,
            actor=self.moderator,
            resolution={"lines": text},
            seen=version_of(now),
        )
        self.here = lines_of(export_markdown(self.catalog))
        self.log.append(f"decide {text!r}")

    def sync(self, before: Callable[[], Any] = lambda: None) -> None:
        """Bring both in step, after something that may go wrong, and compare with the model."""
        expected_here, expected_there = self.merged()
        before()
        result = sync(self.remote)
        assert result is not None
        if result.problem is not None and result.problem.problem == "forced":
            side = self.chance.choice(["theirs", "ours"])
            decide_rewritten(self.remote, side, Author())
            self.log.append(f"forced: {side}")
            if side == "theirs":
                self.here = lines_of(self.text_there())
            self.common = lines_of(self.text_there())
            for row in self.conflicts():
                workflow.reject(submission=row, actor=self.moderator, reason="quality")
            self.here = lines_of(export_markdown(self.catalog))
            expected_here, expected_there = self.merged()
            result = sync(self.remote)
            assert result is not None
        assert result.problem is None, result.problem
        here = lines_of(export_markdown(self.catalog))
        there = lines_of(self.text_there())
        assert (here, there) == (expected_here | here, expected_there | there)
        assert here.keys() == expected_here.keys()
        assert there.keys() == expected_there.keys()
        assert result.in_step == (not self.conflicts())
        self.check_requests()
        if result.in_step:
            assert export_markdown(self.catalog) == self.text_there()
        self.here, self.there, self.common = here, there, dict(there)
        self.log.append("sync")

    def merged(self) -> tuple[Lines, Lines]:
        """What both sides are to hold: the merge, each its own where they contradict."""
        held = self.held()
        here: Lines = {}
        there: Lines = {}
        for key in {**self.here, **self.there, **self.common}:
            base, ours, theirs = (side.get(key) for side in (self.common, self.here, self.there))
            if key not in held:
                if ours == base:
                    ours = theirs
                elif theirs == base:
                    theirs = ours
            elif ours == theirs:
                pass
            if ours is not None:
                here[key] = ours
            if theirs is not None:
                there[key] = theirs
        return here, there

    def held(self) -> set[str]:
        """The lines about which a conflict waits."""
        keys = set()
        for row in self.conflicts():
            keys |= set(lines_of(row.content.lines or "")) | set(
                lines_of(standing(row.draft).source)
            )
            keys |= set(lines_of(row.based_on.source))
        return keys

    def text_there(self) -> str:
        return self.origin.text(path=self.path)

    # What goes wrong

    def webhooks(self) -> None:
        """Be told of a push, once more, late, and by a forger; a worker sees to it."""
        headers = {"X-Gitlab-Token": self.secret, "X-Gitlab-Event-UUID": self.new("w")}
        late = {**headers, "X-Gitlab-Event-UUID": self.log[0]}
        sent = [headers, headers, {"X-Gitlab-Token": "forged"}, late]
        self.chance.shuffle(sent)
        statuses = Counter(send(self.remote, one) for one in sent)
        assert statuses == (
            {202: 2, 200: 1, 401: 1} if not self.is_late_seen else {202: 1, 200: 2, 401: 1}
        )
        self.is_late_seen = True
        self.log.append("webhooks")
        self.sync(work_off)

    def killed(self) -> None:
        """Synchronise, and die somewhere; who comes next finds what was left."""
        self.sync(self._killed)

    def zombie(self) -> None:
        """Synchronise, and be overtaken by another one while about to push."""
        self.sync(self._zombie)

    def _killed(self) -> None:
        at = self.chance.randrange(1, 60)
        try:
            with dying(at):
                sync(self.remote)
        except Killed:
            self.log.append(f"killed at {at}")
        long_ago = timezone.now() - timedelta(hours=1)
        Remote.objects.update(lease_by="dead", lease_until=long_ago)

    def _zombie(self) -> None:
        push = Repository.push

        def late(repository: Repository, *arguments: Any) -> None:
            Repository.push = push  # type: ignore[method-assign]
            Remote.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
            sync(self.remote)
            push(repository, *arguments)

        Repository.push = late  # type: ignore[assignment,method-assign]
        try:
            sync(self.remote)
        finally:
            Repository.push = push  # type: ignore[method-assign]
        self.log.append("overtaken")


@contextmanager
def dying(at: int) -> Iterator[None]:
    """Die at a statement or before a talk with the server, whichever comes at that number."""
    seen = 0

    def count() -> None:
        nonlocal seen
        seen += 1
        if seen == at:
            raise Killed

    def statement(execute: Callable[..., Any], *arguments: Any) -> Any:
        count()
        return execute(*arguments)

    talk, call = Repository._talk, Direct._call

    def talking(repository: Repository, *arguments: Any) -> None:
        count()
        talk(repository, *arguments)
        # Here too: it is done there, and not known here.
        count()

    def calling(host: Direct, *arguments: Any, **named: Any) -> Any:
        count()
        answer = call(host, *arguments, **named)
        count()
        return answer

    Repository._talk = talking  # type: ignore[assignment,method-assign]
    Direct._call = calling  # type: ignore[assignment,method-assign]
    try:
        with connection.execute_wrapper(statement):
            yield
    finally:
        Repository._talk = talk  # type: ignore[method-assign]
        Direct._call = call  # type: ignore[method-assign]


class Direct(GitHub):
    """GitHub's interface, without a network between."""

    def __init__(self, story: Story) -> None:
        super().__init__(read_address(f"https://host.example/{REPOSITORY}.git"), TOKEN)
        self.stand_in = story.host

    def _call(self, method: str, path: str, query: Any = None, data: Any = None) -> Any:
        target = f"{path}?{urlencode(query)}" if query else path
        body = json.dumps(data).encode() if data else b""
        reply = self.stand_in.handle(method, target, {"Authorization": f"Bearer {TOKEN}"}, body)
        assert reply.status < 400, (method, target, data, reply)
        return reply.body


def begin(chance: random.Random, folder: Path, number: int) -> Story:
    lines = {f"k{letter}": "0" for letter in "abcdef"}
    catalog = make_tools(f"list{number}", text_of(lines))
    origin = make_origin(folder, f"list{number}.git")
    origin.commit(text_of(lines), author="Be Ginner")
    remote = add_remote(catalog, str(origin.folder), mode=Mode.PUSH, may_be_local=True)
    moderator = make_moderator(catalog, f"mo{number}")
    story = Story(chance, catalog, origin, remote, moderator, lines, dict(lines), dict(lines))
    story.secret = make_webhook_secret(remote)
    return story


@pytest.mark.parametrize("shard", range(SHARDS))
def test_nothing_is_lost_or_doubled_whatever_happens(
    shard: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories: dict[int, Story] = {}
    monkeypatch.setattr(syncing, "_host_of", lambda remote, _cache: Direct(stories[remote.pk]))
    for number in range(STORIES):
        seed = f"{connection.vendor} {shard * STORIES + number}"
        chance = random.Random(seed)
        story = begin(chance, tmp_path, number)
        stories[story.remote.pk] = story
        sync(story.remote)
        try:
            play(story)
        except BaseException as error:
            error.add_note(f"story {seed}: " + "; ".join(story.log))
            raise


def play(story: Story) -> None:
    for _step in range(story.chance.randrange(3, 9)):
        happens = story.chance.choices(
            [
                story.edit_here,
                story.edit_there,
                story.sync,
                story.decide,
                story.killed,
                story.zombie,
                story.webhooks,
                story.rename_there,
                story.rewrite_there,
                story.propose,
                story.decide_request,
                story.merge_request,
                story.close_request,
            ],
            [8, 6, 4, 3, 2, 1, 1, 1, 0.5, 8, 4, 0.5, 0.5],
        )[0]
        happens()
    story.sync()
    while Submission.objects.open().filter(catalog=story.catalog).exists():
        story.decide()
        story.decide_request()
        story.sync()
    assert export_markdown(story.catalog) == story.text_there()
    assert check_catalog(story.catalog) == []
    git(story.origin.folder, "fsck", "--strict")
    authors = Counter(story.origin.log("main", "%an"))
    assert [name for name in story.ours if authors[name] > 1] == []
    credited = Counter(story.catalog.revisions.values_list("credit", flat=True))
    assert [name for name in story.theirs if credited[name] > 1] == []
