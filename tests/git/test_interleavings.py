"""Edits here, commits there, and everything that can go wrong between, beside a plain model.

The model is a dict of lines for each side and for what both had in common: what one side changed
counts, and where both did, each keeps its own until somebody decides. A hundred stories each time;
LISTWRIGHT_TESTS_LONG=1 tells ten thousand.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from catalog.checking import check_catalog
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.importing.applying import apply
from catalog.importing.planning import plan_text
from catalog.models import Catalog, Revision
from catalog.store.snapshots import take_snapshot
from remotes.connections import add_remote, make_webhook_secret
from remotes.git import Repository
from remotes.models import Mode, Remote
from remotes.syncing import decide_rewritten, sync
from submissions import workflow
from submissions.models import Submission
from submissions.people import Actor
from submissions.publishing.planning import standing, version_of
from tests.effort import IS_LONG
from tests.git.servers import Origin, git, make_origin
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
SHARDS = 20
STORIES = 500 if IS_LONG else 3
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

    def decide(self) -> None:
        """Settle one of the conflicts that wait."""
        row = Submission.objects.open().filter(catalog=self.catalog).order_by("?").first()
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
            for row in Submission.objects.open().filter(catalog=self.catalog):
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
        waiting = {row.content.block for row in Submission.objects.open()}
        assert result.in_step == (not waiting)
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
        for row in Submission.objects.open().filter(catalog=self.catalog):
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

    talk = Repository._talk

    def talking(repository: Repository, *arguments: Any) -> None:
        count()
        talk(repository, *arguments)
        # Here too: it is done there, and not known here.
        count()

    Repository._talk = talking  # type: ignore[assignment,method-assign]
    try:
        with connection.execute_wrapper(statement):
            yield
    finally:
        Repository._talk = talk  # type: ignore[method-assign]


def begin(chance: random.Random, folder: Path, number: int) -> Story:
    lines = {f"k{letter}": "0" for letter in "abcdef"}
    catalog = make_tools(f"list{number}", text_of(lines))
    origin = make_origin(folder, f"list{number}.git")
    origin.commit(text_of(lines), author="Be Ginner")
    remote = add_remote(catalog, str(origin.folder), mode=Mode.PUSH, may_be_local=True)
    moderator = make_moderator(catalog, f"mo{number}")
    sync(remote)
    story = Story(chance, catalog, origin, remote, moderator, lines, dict(lines), dict(lines))
    story.secret = make_webhook_secret(remote)
    return story


@pytest.mark.parametrize("shard", range(SHARDS))
def test_nothing_is_lost_or_doubled_whatever_happens(shard: int, tmp_path: Path) -> None:
    for number in range(STORIES):
        seed = f"{connection.vendor} {shard * STORIES + number}"
        chance = random.Random(seed)
        story = begin(chance, tmp_path, number)
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
            ],
            [8, 6, 4, 3, 2, 1, 1, 1, 0.5],
        )[0]
        happens()
    story.sync()
    while Submission.objects.open().filter(catalog=story.catalog).exists():
        story.decide()
        story.sync()
    assert export_markdown(story.catalog) == story.text_there()
    assert check_catalog(story.catalog) == []
    git(story.origin.folder, "fsck", "--strict")
    authors = Counter(story.origin.log("main", "%an"))
    assert [name for name in story.ours if authors[name] > 1] == []
    credited = Counter(story.catalog.revisions.values_list("credit", flat=True))
    assert [name for name in story.theirs if credited[name] > 1] == []
