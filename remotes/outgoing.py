"""Writing what was changed here as commits: one for each revision, by its contributor.

The revisions are replayed on the file as Git has it, so that a commit's difference is the lines of
its revision. What waits for a decision is left as Git has it. Commits depend on nothing but what is
stored, so that writing them again after a crash gives the same commits, and none twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from catalog.history.revisions import Lines, current_rows
from catalog.importing.ancestry import Rows
from catalog.markdown.parser import BOM
from catalog.models import Catalog, Change, Revision
from remotes.authors import Person, author_of, co_authors_of, has_signed_off, request_of
from remotes.bases import known_rows
from remotes.git import NewCommit, Repository, plain_email, plain_name, site_host
from remotes.incoming import text_of
from remotes.models import Remote, RemoteCommit, RemoteFile
from submissions.choices import Kind
from submissions.models import Submission

_SUMMARY = 72


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Commits that Git lacks, each with its revision, and the state of the list.

    `rows` are the file with them, `revision` up to where the list is in it.
    """

    commits: Sequence[NewCommit]
    revisions: Sequence[int]
    rows: Rows
    revision: int
    has_conflicts: bool


def plan_outgoing(remote: Remote, repository: Repository, file: RemoteFile) -> Outgoing:
    """Plan the commits on top of the last common one; nothing is stored."""
    catalog = Catalog.objects.get(pk=remote.catalog_id)
    data = repository.read(file.commit, file.path) or b""
    text = text_of(data, file.path)
    revision, bom, here = current_rows(catalog)
    mark = BOM if bom else ""
    git = known_rows(catalog, text, file.revision)
    held = _held(catalog)
    target = _without(here, held, git)
    replay = _Replay(git, target, held)
    commits, numbers = [], []
    before = data
    for pending in _pending(catalog, remote, file.revision, revision):
        replay.replay(pending.changes.all())
        after = (mark + replay.text()).encode("utf-8")
        if after != before:
            commits.append(_commit(remote, pending, after))
            numbers.append(pending.number)
            before = after
    target_text = (mark + "".join([source for _uid, source in target])).encode("utf-8")
    if target_text != before:
        newest = catalog.revisions.get(number=revision)
        commits.append(_closing(remote, newest, target_text))
        numbers.append(revision)
    return Outgoing(commits, numbers, target, revision, bool(held))


def _pending(catalog: Catalog, remote: Remote, after: int, until: int) -> Iterable[Revision]:
    """The revisions that Git does not have, those that came from there aside."""
    ours = RemoteCommit.objects.filter(remote=remote, is_ours=False, revision__gt=after)
    rows = Revision.objects.filter(catalog=catalog, number__gt=after, number__lte=until)
    changes = Prefetch("changes", Change.objects.order_by("ordinal"))
    rows = rows.exclude(number__in=ours.values("revision")).select_related("actor")
    return rows.order_by("number").prefetch_related(changes).iterator(chunk_size=200)


def _held(catalog: Catalog) -> dict[int, str]:
    """Return the file's text of the blocks in undecided conflicts, by uid."""
    waiting = Submission.objects.open().filter(catalog=catalog, kind=Kind.LINES)
    proposals = [row.content for row in waiting]
    return {proposal.block: proposal.lines or "" for proposal in proposals}


def _without(here: Rows, held: dict[int, str], git: Rows) -> Rows:
    """The list's blocks, those that are held as Git has them."""
    in_git = dict(git)
    rows = [
        (uid, in_git[uid] if uid in held else source)
        for uid, source in here
        if uid not in held or uid in in_git
    ]
    standing = {uid for uid, _source in rows}
    for place, (uid, source) in enumerate(git):
        if uid in held and uid not in standing:
            before = next((one for one, _s in reversed(git[:place]) if one in standing), 0)
            index = next((i + 1 for i, (one, _s) in enumerate(rows) if one == before), 0)
            rows.insert(index, (uid, source))
            standing.add(uid)
    return rows


class _Replay:
    """The file as Git has it, on which revisions are done once more."""

    def __init__(self, git: Rows, target: Rows, held: dict[int, str]) -> None:
        self.lines = Lines(git)
        self.target = dict(target)
        self.before = {uid: before for (before, _s), (uid, _t) in pairwise(target)}
        self.held = held

    def text(self) -> str:
        """The file as it stands."""
        return "".join([source for _uid, source in self.lines.rows()])

    def replay(self, changes: Iterable[Change]) -> None:
        """Apply the changes of a revision that fit; the others follow at the end."""
        for change in changes:
            if change.uid not in self.held:
                self._do(change)

    def _do(self, change: Change) -> None:
        lines, uid = self.lines, change.uid
        source = lines.source.get(uid)
        match change.op:
            case Change.Op.INSERT:
                if source is None and (place := self._place(uid, change.after_uid)) is not None:
                    lines.insert(uid, change.after, place)
            case Change.Op.REPLACE:
                is_meant = self.target.get(uid) == change.after
                if source is not None and (source == change.before or is_meant):
                    lines.source[uid] = change.after
            case Change.Op.DELETE:
                if source is not None and uid not in self.target:
                    lines.delete(uid)
            case Change.Op.MOVE:
                place = self._place(uid, change.after_uid)
                if source is not None and place is not None and place != uid:
                    lines.delete(uid)
                    lines.insert(uid, source, place)

    def _place(self, uid: int, after: int | None) -> int | None:
        """Behind which block one goes: where it stood, else where the list has it in the end."""
        if (after or 0) in self.lines.source:
            return after or 0
        before = self.before.get(uid)
        while before is not None and before not in self.lines.source:
            before = self.before.get(before)
        return before


def _commit(remote: Remote, revision: Revision, data: bytes) -> NewCommit:
    author = author_of(revision)
    address = urljoin(
        settings.SITE_URL + "/",
        reverse("catalog:change-detail", args=[remote.catalog.slug, revision.number]),
    )
    trailers = [f"Change: {address}"]
    if (request := request_of(revision)) and request.url:
        trailers.append(f"Pull-request: {request.url}")
    if remote.asks_sign_off and has_signed_off(revision):
        trailers.append(_trailer("Signed-off-by", author))
    trailers += [_trailer("Co-authored-by", person) for person in co_authors_of(revision)]
    message = message_of(remote, summary_of(revision), address, trailers)
    return NewCommit(data, author.name, author.email, revision.created_at, message, address)


def _closing(remote: Remote, revision: Revision, data: bytes) -> NewCommit:
    """Return the last commit, for what no revision's commit holds: decided conflicts, places, blank
    lines."""
    address = urljoin(
        settings.SITE_URL + "/", reverse("catalog:catalog-detail", args=[remote.catalog.slug])
    )
    message = message_of(
        remote, "Bring the file in step with the list", address, [f"Change: {address}"]
    )
    email = f"noreply@{site_host()}"
    return NewCommit(data, settings.SITE_NAME, email, revision.created_at, message, address)


_VERBS = {
    Revision.Verb.ADD: "Add",
    Revision.Verb.CHANGE: "Edit",
    Revision.Verb.MOVE: "Move",
    Revision.Verb.REMOVE: "Remove",
    Revision.Verb.ADD_SECTION: "Add section",
    Revision.Verb.RENAME_SECTION: "Rename section",
    Revision.Verb.REMOVE_SECTION: "Remove section",
    Revision.Verb.MOVE_SECTION: "Move section",
    Revision.Verb.SPLIT_SECTION: "Split section",
    Revision.Verb.MERGE_SECTION: "Join sections",
    Revision.Verb.PROSE: "Edit the text",
    Revision.Verb.REVERT: "Take back a change",
    Revision.Verb.RESTORE: "Restore",
    Revision.Verb.IMPORT: "Take in a file",
}


def summary_of(revision: Revision) -> str:
    """A commit's first line, in English as the rest of Git: what was done to which entries."""
    names = [change.entry_name for change in revision.changes.all() if change.entry_name]
    verb = _VERBS.get(Revision.Verb(revision.verb), "Change")
    text = " ".join([verb, ", ".join(dict.fromkeys(names))]).strip()
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= _SUMMARY else f"{text[: _SUMMARY - 1]}…"


def _trailer(name: str, person: Person) -> str:
    return f"{name}: {plain_name(person.name)} <{plain_email(person.email)}>"


def message_of(remote: Remote, summary: str, address: str, trailers: Sequence[str]) -> str:
    """Return the message of a commit: the list's template, and trailers."""
    template = remote.message.strip() or "{summary}"
    title = " ".join(remote.catalog.title.split())
    values = {"{summary}": summary, "{list}": title, "{address}": address}
    for name, value in values.items():
        template = template.replace(name, value)
    return template.replace("\r\n", "\n") + "\n\n" + "\n".join(trailers) + "\n"


def store_written(remote: Remote, outgoing: Outgoing, names: Sequence[str]) -> None:
    """Remember commits before they are pushed: whatever happens then, they are known to be ours."""
    RemoteCommit.objects.filter(remote=remote, is_ours=True, seen_at=None).delete()
    RemoteCommit.objects.bulk_create(
        [
            RemoteCommit(remote=remote, sha=name, revision=number, is_ours=True)
            for name, number in zip(names, outgoing.revisions, strict=True)
        ],
        ignore_conflicts=True,
    )


def mark_seen(remote: Remote, names: Iterable[str]) -> None:
    """Remember that commits of ours are in the repository."""
    rows = RemoteCommit.objects.filter(remote=remote, is_ours=True, seen_at=None, sha__in=[*names])
    rows.update(seen_at=timezone.now())
