"""Pull requests on real lists, on the database of DATABASE_URL: run by `quality_requests.py`.

From one base each list gets requests of one entry each: something is appended to a list or table,
put in, edited, moved, removed. They are read and approved in any order, some before others are
read. Counted is what becomes the right submission, and which lines of the result are wrong. Last
two edit the same line, of which the second has to be a conflict. LISTWRIGHT_REQUESTS is how many
of each kind (30).
"""

import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.core.management import call_command  # noqa: E402

from accounts.models import User  # noqa: E402
from catalog.errors import CatalogError  # noqa: E402
from catalog.exporting import export_markdown  # noqa: E402
from catalog.history.revisions import Author  # noqa: E402
from catalog.importing.applying import import_text  # noqa: E402
from catalog.markdown import Document, Entry, parse  # noqa: E402
from catalog.markdown.nodes import BlockKind  # noqa: E402
from catalog.models import Catalog  # noqa: E402
from remotes.connections import leased  # noqa: E402
from remotes.hosts import HostRequest  # noqa: E402
from remotes.models import PullRequestEntry, Remote, RemoteFile  # noqa: E402
from remotes.pull_requests import _Reading  # noqa: E402
from submissions import workflow  # noqa: E402
from submissions.choices import Status  # noqa: E402
from submissions.errors import EditConflict  # noqa: E402
from submissions.models import Submission  # noqa: E402
from submissions.people import Actor  # noqa: E402

EACH = int(os.environ.get("LISTWRIGHT_REQUESTS") or 30)
LISTS = 40
FEWEST = 150
KINDS = {"append": "add", "insert": "add", "edit": "edit", "move": "move", "remove": "remove"}
SHOWN = 10


class Request(NamedTuple):
    """A request: what it does, the file with it, and the lines that come and go by it."""

    kind: str
    text: str
    comes: str = ""
    goes: str = ""


class Texts:
    """A stand-in repository, as far as reading a request needs it: the base and its one file."""

    access = None

    def __init__(self, base: str, text: str) -> None:
        self.texts = {"base": base, "head": text}

    def merge_base(self, one: str, other: str) -> str:
        return "base"

    def changed_paths(self, older: str, newer: str) -> list[str]:
        return ["README.md"]

    def author(self, older: str, newer: str, path: str) -> tuple[str, str]:
        return "Pat", "pat@people.example"

    def read(self, sha: str, path: str) -> bytes:
        return self.texts[sha].encode()


class Maker:
    """Makes requests about the entries of one line of a list, no entry twice."""

    def __init__(self, text: str, document: Document, chance: random.Random) -> None:
        self.lines, self.document, self.chance = text.splitlines(keepends=True), document, chance
        self.parents = {block.parent for block in document.blocks}
        self.left = [
            entry
            for entry in document.entries
            if not entry.suggested
            and entry.listing is not None
            and entry.first_line == entry.last_line
            and document.blocks[entry.block].kind in {BlockKind.ITEM, BlockKind.TABLE_ROW}
            and entry.block not in self.parents
            and self.lines.count(self.lines[entry.first_line - 1]) == 1
        ]
        chance.shuffle(self.left)

    def make(self, kind: str) -> Request | None:
        """A request of a kind; None where no entry is left that it could be about."""
        for place, entry in enumerate(self.left):
            made: Request | None = getattr(self, f"_{kind}")(entry)
            if made:
                del self.left[place]
                return made
        return None

    def _append(self, entry: Entry) -> Request | None:
        is_last = self._siblings(entry)[-1:] == [entry]
        return self._add("append", entry) if is_last else None

    def _insert(self, entry: Entry) -> Request | None:
        return self._add("insert", entry)

    def _add(self, kind: str, entry: Entry) -> Request | None:
        line = self.lines[entry.first_line - 1]
        if line.count(entry.url) != 1 or not entry.url.startswith("http"):
            return None
        number = self.chance.randrange(10**9)
        new = line.replace(entry.url, f"https://new-{number}.example.org/")
        new = new.replace(entry.name, f"New {number}") if new.count(entry.name) == 1 else new
        return self._changed(kind, entry.first_line, 0, [_ended(new, line)], comes=new)

    def _edit(self, entry: Entry) -> Request | None:
        line = self.lines[entry.first_line - 1]
        words = [word for word in entry.description.split() if word.isalpha()]
        words = [word for word in words if line.count(word) == 1]
        if not words:
            return None
        new = line.replace(self.chance.choice(words), f"word{self.chance.randrange(1000)}")
        return self._changed("edit", entry.first_line - 1, 1, [new], comes=new, goes=line)

    def _move(self, entry: Entry) -> Request | None:
        siblings = self._siblings(entry)
        at = siblings.index(entry) if entry in siblings else -1
        others = [one for one in siblings[at + 2 :] if one.block not in self.parents]
        if at < 0 or not others:
            return None
        behind = self.chance.choice(others)
        line = self.lines[entry.first_line - 1]
        lines = [*self.lines]
        lines[behind.last_line - 1] = _ended(lines[behind.last_line - 1], line)
        lines.insert(behind.last_line, line)
        del lines[entry.first_line - 1]
        return Request("move", "".join(lines))

    def _remove(self, entry: Entry) -> Request | None:
        line = self.lines[entry.first_line - 1]
        return self._changed("remove", entry.first_line - 1, 1, [], goes=line)

    def _siblings(self, entry: Entry) -> list[Entry]:
        blocks = self.document.listings[entry.listing or 0].blocks
        numbers = [self.document.blocks[block].entry for block in blocks]
        return [self.document.entries[number] for number in numbers if number is not None]

    def _changed(
        self, kind: str, at: int, gone: int, new: Sequence[str], comes: str = "", goes: str = ""
    ) -> Request:
        lines = [*self.lines]
        if at and not gone:
            lines[at - 1] = _ended(lines[at - 1], "\n")
        lines[at : at + gone] = new
        return Request(kind, "".join(lines), comes, goes)


def _ended(line: str, like: str) -> str:
    ending = "\r\n" if like.endswith("\r\n") else "\n"
    return line if line.endswith("\n") else line + ending


class Site:
    """One list, with a repository, and what comes of requests."""

    def __init__(self, slug: str, text: str, moderator: Actor) -> None:
        self.text, self.moderator = text, moderator
        self.catalog = import_text(
            text, catalog=Catalog(slug=slug, title=slug), by=Author()
        ).catalog
        self.remote = Remote.objects.create(catalog=self.catalog, url="/nowhere")
        RemoteFile.objects.create(remote=self.remote, commit="base", revision=1)
        self.number = 0

    def read(self, request: Request) -> list[Submission]:
        """The submissions that a request becomes."""
        self.number += 1
        shown: Any = HostRequest(self.number, "", "", "pat", "", "head", "b", False)
        texts: Any = Texts(self.text, request.text)
        with leased(self.remote):
            _Reading(self.remote, texts, shown, "head").run()
        rows = PullRequestEntry.objects.filter(
            request__number=self.number, submission__isnull=False
        )
        rows = rows.filter(request__remote=self.remote).select_related("submission")
        return [row.submission for row in rows if row.submission]

    def why(self, request: Request) -> str:
        """Why the last request became something else, and its lines."""
        row = self.remote.pull_requests.get(number=self.number)
        refusals = row.entries.exclude(refusal="").values_list("refusal", flat=True)
        return " ".join([row.reading, row.detail, *refusals, request.comes or request.goes])

    def approve(self, submission: Submission) -> str:
        """Publish it; returns what stands in the way, '' for nothing."""
        try:
            workflow.approve(submission=submission, actor=self.moderator)
        except CatalogError as error:
            return error.message
        return ""


def measure(site: Site, chance: random.Random, figures: Counter[str]) -> Iterator[str]:
    """Count what becomes of the requests of one list; what went wrong comes out."""
    maker = Maker(site.text, parse(site.text), chance)
    made = [one for kind in KINDS for _ in range(EACH) if (one := maker.make(kind))]
    chance.shuffle(made)
    waiting: list[tuple[Request, Submission]] = []
    expected = Counter(line.strip() for line in site.text.splitlines())
    for request in made:
        figures["requests"] += 1
        figures[request.kind] += 1
        rows = site.read(request)
        if [row.kind for row in rows] != [KINDS[request.kind]]:
            why = site.why(request)
            yield f"{request.kind}: {[row.kind for row in rows]} {why}"
            continue
        figures["right"] += 1
        waiting.append((request, rows[0]))
        if chance.random() < 0.5:
            yield from _approve(site, waiting, expected, chance, figures)
    while waiting:
        yield from _approve(site, waiting, expected, chance, figures)
    stands = Counter(line.strip() for line in export_markdown(site.catalog).splitlines())
    for line in {**expected, **stands}:
        if line and stands[line] != expected[line]:
            figures["wrong lines"] += abs(stands[line] - expected[line])
            yield f"line {stands[line]} times, not {expected[line]}: {line}"


def _approve(
    site: Site,
    waiting: list[tuple[Request, Submission]],
    expected: Counter[str],
    chance: random.Random,
    figures: Counter[str],
) -> Iterator[str]:
    request, row = waiting.pop(chance.randrange(len(waiting)))
    if problem := site.approve(row):
        yield f"{request.kind}: {problem} {request.comes or request.goes}"
        return
    figures["approved"] += 1
    expected[request.comes.strip()] += bool(request.comes)
    expected[request.goes.strip()] -= bool(request.goes)


def contradict(site: Site, chance: random.Random, figures: Counter[str]) -> Iterator[str]:
    """Two requests edit one line: the second has to say so."""
    text = site.text = export_markdown(site.catalog)
    RemoteFile.objects.filter(remote=site.remote).update(revision=site.catalog.revision)
    maker = Maker(text, parse(text), chance)
    entries = [*maker.left]
    for entry in entries:
        one, other = maker._edit(entry), maker._edit(entry)
        if one is None or other is None or one.comes == other.comes:
            continue
        figures["contradictions"] += 1
        (first,), (second,) = site.read(one), site.read(other)
        workflow.approve(submission=first, actor=site.moderator)
        try:
            workflow.approve(submission=second, actor=site.moderator)
        except EditConflict:
            second.refresh_from_db()
            if second.status == Status.PENDING and second.conflicts:
                figures["conflicts"] += 1
                return
        yield f"no conflict: {one.comes} {other.comes}"
        return


def main(folder: Path) -> None:
    """Print the figures, and the first of what went wrong."""
    call_command("migrate", verbosity=0)
    moderator = Actor(user=User.objects.create(username="mo", is_superuser=True, is_staff=True))
    figures: Counter[str] = Counter()
    wrong: list[str] = []
    for path in sorted(folder.glob("*.md")):
        text = path.read_text("utf-8", newline="")
        entries = [entry for entry in parse(text).entries if not entry.suggested]
        if len(entries) < FEWEST or figures["lists"] == LISTS:
            continue
        figures["lists"] += 1
        site = Site(f"list-{figures['lists']}", text, moderator)
        chance = random.Random(path.stem)  # the same each time, no secret
        for work in (measure, contradict):
            wrong += [f"{path.stem}: {one[:300]}" for one in work(site, chance, figures)]
    for name in ("lists", "requests", *KINDS, "right", "approved", "wrong lines",
                 "contradictions", "conflicts"):  # fmt: skip
        print(f"{name:<16} {figures[name]:>6}")
    print("\n".join(wrong[: SHOWN if not os.environ.get("SHOW") else len(wrong)]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
