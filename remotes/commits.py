"""Commits: those of the repository taken in as revisions, and revisions written as commits.

An incoming commit becomes one revision that credits its author. What merges is published; where
both sides changed the same lines the list stays as it is, and the conflict waits as a submission.

Outgoing, each revision becomes one commit by its contributor: revisions are replayed on the file as
Git has it, so that a commit's difference is the lines of its revision. What waits for a decision is
left as Git has it. Commits depend on nothing but what is stored, so that writing them again after a
crash gives the same commits, and none twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Prefetch, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from catalog import markdown
from catalog.errors import RevisionConflict, UnreadableText
from catalog.history.revisions import Author, Lines, blocks_at, current_rows
from catalog.importing.ancestry import Base, Rows
from catalog.importing.applying import apply, decode_text
from catalog.importing.matching import Matching
from catalog.importing.merging import items_of, row_items
from catalog.importing.planning import plan_import
from catalog.markdown.parser import BOM
from catalog.models import Catalog, Change, Revision
from catalog.store.snapshots import read_upstream, take_snapshot
from remotes.connections import hold, log
from remotes.git import (
    Commit,
    NewCommit,
    RemoteProblem,
    Repository,
    plain_email,
    plain_name,
    read_address,
    site_host,
)
from remotes.models import (
    PullRequest,
    PullRequestEntry,
    Remote,
    RemoteCommit,
    RemoteEvent,
    RemoteFile,
)
from submissions.choices import Kind, Verb
from submissions.models import Submission, SubmissionEvent

_TRIES = 8
_SUMMARY = 72


def known_rows(catalog: Catalog, text: str, revision: int) -> Rows:
    """A text that Git has, as `(uid, source)`, by what the list was when both had it in common.

    What was recorded of it is the best; else the list at `revision`, where it was that text; else
    its blocks are matched with those that stand here, and what only Git has gets uids below 0.
    """
    plain = text.removeprefix(BOM)
    upstream = read_upstream(catalog)
    if upstream is not None and upstream.rows is not None:
        rows = [*upstream.rows]
        if "".join([source for _uid, source in rows]) == plain:
            return rows
    for number in dict.fromkeys([revision, upstream.revision if upstream else 0]):
        if 0 < number <= catalog.revision:
            _bom, rows = blocks_at(catalog, number)
            if "".join([source for _uid, source in rows]) == plain:
                return rows
    _bom, here = blocks_at(catalog, catalog.revision)
    document = markdown.parse(text)
    known = Matching(row_items(here), items_of(document)).run()
    return [
        (here[known[index]][0] if index in known else -index - 1, block.source)
        for index, block in enumerate(document.blocks)
    ]


def list_url(remote: Remote) -> str:
    """The public page of a remote's list."""
    return settings.SITE_URL + reverse("catalog:catalog-detail", args=[remote.catalog.slug])


# In


def take_in(remote: Remote, repository: Repository, file: RemoteFile, commits: list[Commit]) -> int:
    """Apply commits, oldest first; return how many of them changed the list."""
    taken = 0
    known = repository.read(file.commit, file.path) if file.commit else None
    for commit in commits:
        data = read_file(repository, file, commit.sha)
        if data == known:
            file.update(commit=commit.sha)
            continue
        text = text_of(data, file.path)
        before = text_of(known, file.path) if known is not None else None
        taken += _take_one(remote, file, commit, before, text)
        known = data
    return taken


def read_file(repository: Repository, file: RemoteFile, sha: str) -> bytes:
    """The file at a commit; where it has another name there by now, that is followed.

    Raises `RemoteProblem` where it is gone.
    """
    data = repository.read(sha, file.path)
    if data is not None:
        return data
    is_known = bool(file.commit) and repository.has(file.commit)
    path = repository.renamed(file.commit, sha, file.path) if is_known else ""
    data = repository.read(sha, path) if path else None
    if data is None:
        raise RemoteProblem("file", f"{file.path}, {sha[:10]}")
    log(file.remote, RemoteEvent.Kind.FOLLOWED, detail=f"{file.path} → {path}")
    file.update(path=path)
    return data


def text_of(data: bytes, path: str) -> str:
    """The file as a text. Raises `RemoteProblem`."""
    try:
        return decode_text(data, path)
    except UnreadableText as error:
        raise RemoteProblem("text", error.message) from None


def _take_one(
    remote: Remote,
    file: RemoteFile,
    commit: Commit,
    before: str | None,
    text: str,
) -> bool:
    """Merge one version, and remember whose it is; `before` is the one that both have in common.

    Returns whether anything of it is news here.
    """
    names = [plain_name(name) for name in commit.author.split(", ")]
    note = " ".join(commit.subject.split())[:300]
    by = Author(credit=", ".join(dict.fromkeys(names))[:200], note=note)
    for _try in range(_TRIES):
        catalog = Catalog.objects.get(pk=remote.catalog_id)
        snapshot = take_snapshot(catalog)
        base = None
        if before is not None:
            base = Base(file.revision, known_rows(catalog, before, file.revision))
        plan = plan_import(text, snapshot, base=base)
        try:
            with transaction.atomic():
                hold(remote)
                result = apply(plan, by=by, origin=commit_url(remote.url, commit.sha))
                number = result.revision if result.revision != snapshot.revision else 0
                if number:
                    RemoteCommit.objects.note_taken(remote, commit.sha, number)
                file.update(commit=commit.sha)
        except RevisionConflict:
            continue
        return bool(number or plan.waiting)
    raise RemoteProblem("moved")


def links_to_commits(
    *, catalog: Catalog, numbers: set[int], **_signal: Any
) -> dict[int, list[tuple[str, str]]]:
    """Texts and addresses of the commits and pull requests of revisions, by their numbers.

    One query where the list has no commits of these, two otherwise.
    """
    rows = RemoteCommit.objects.filter(
        remote__catalog=catalog, revision__in=numbers, seen_at__isnull=False
    )
    links: dict[int, list[tuple[str, str]]] = {}
    for sha, number, address in rows.values_list("sha", "revision", "remote__url"):
        if (url := commit_url(address, sha)) != sha:
            text = _("Commit %(sha)s") % {"sha": sha[:10]}
            links.setdefault(number, []).append((text, url))
    of_entry = Revision.objects.filter(
        catalog=catalog, submission_token=OuterRef("submission__token"), number__in=links
    )
    entries = PullRequestEntry.objects.filter(submission__catalog=catalog).exclude(request__url="")
    entries = entries.annotate(revision=Subquery(of_entry.values("number")[:1]))
    if links:
        for entry in entries.filter(revision__isnull=False).select_related("request"):
            text = _("Pull request #%(number)d") % {"number": entry.request.number}
            links[entry.revision].append((text, entry.request.url))
    return links


def commit_url(remote_url: str, sha: str) -> str:
    """Return the address that shows a commit in a browser, else its name."""
    address = read_address(remote_url, may_be_local=True)
    return f"{address.web_url}/commit/{sha}" if address.web_url else sha


# Authors: the contributor, by the name and the address that they chose.
#
# An address is in the repository for good, so none is taken that a person did not choose: without
# a choice it is one of this site that nobody reads, the same for all of a person's commits.


class Person(NamedTuple):
    """A name and an address, as they are to be written."""

    name: str
    email: str


def author_of(revision: Revision) -> Person:
    """Return the author of a revision: who proposed it, else who made it, else the site."""
    submission = _submission(revision)
    request = request_of(revision)
    # Whoever has left since is not named any more.
    if request and submission and submission.credit == request.author:
        return Person(request.author, request.author_email or _alias(f"credit:{request.author}"))
    # What was decided about a conflict with the file is the moderator's.
    if submission is not None and submission.kind != Kind.LINES:
        user = submission.submitter
        if user is not None:
            return Person(submission.credit or user.get_full_name(), address_of(user))
        if submission.credit:
            return Person(submission.credit, _alias(submission.token))
    elif submission is None and revision.credit:
        return Person(revision.credit, _alias(f"credit:{revision.credit}"))
    if revision.actor is not None:
        return Person(revision.actor.get_full_name(), address_of(revision.actor))
    if revision.actor_name:
        return Person(revision.actor_name, _alias(f"name:{revision.actor_name}"))
    return Person(settings.SITE_NAME, f"noreply@{site_host()}")


def co_authors_of(revision: Revision) -> list[Person]:
    """The moderator who published another version than was proposed."""
    submission = _submission(revision)
    if submission is None:
        return []
    events = SubmissionEvent.objects.filter(
        submission=submission, verb=Verb.AMEND, entry_after=revision.number
    )
    return [
        Person(
            event.actor_name, address_of(event.actor) if event.actor else _alias(event.actor_name)
        )
        for event in events.select_related("actor")
        if event.actor_id != submission.submitter_id or event.actor_id is None
    ]


def address_of(user: User) -> str:
    """The address that a person chose for commits."""
    match user.commit_address:
        case User.CommitAddress.VERIFIED:
            known = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True)
            if known.exists():
                return user.email
        case User.CommitAddress.GITHUB:
            account = SocialAccount.objects.filter(user=user, provider="github").first()
            login = account.extra_data.get("login") if account else ""
            if account and login:
                return f"{account.uid}+{login}@users.noreply.github.com"
    return _alias(f"user:{user.pk}")


def let_go(*, user: User, keep_name: bool, **_signal: Any) -> None:
    """Forget how a person who leaves is called in their pull requests."""
    rows = PullRequest.objects.filter(entries__submission__submitter=user)
    keys = list(rows.values_list("pk", flat=True))
    names = {} if keep_name else {"author": ""}
    PullRequest.objects.filter(pk__in=keys).update(author_email="", **names)


def _alias(key: str) -> str:
    digest = salted_hmac("remotes.authors", key, algorithm="sha256").hexdigest()
    return f"{digest[:12]}@noreply.{site_host()}"


def has_signed_off(revision: Revision) -> bool:
    """Whether its author has certified, by name, that they may contribute it."""
    submission = _submission(revision)
    return submission is not None and bool(submission.signed_off_at and submission.credit)


def request_of(revision: Revision) -> PullRequest | None:
    """The pull request that a change came by; its commits name its author already."""
    if _submission(revision) is None:
        return None
    entries = PullRequestEntry.objects.filter(submission__token=revision.submission_token)
    entry = entries.select_related("request").first()
    return entry.request if entry else None


def _submission(revision: Revision) -> Submission | None:
    """The submission that a change published; taking one back is the work of who does it."""
    if not revision.submission_token or not revision.credit:
        return None
    rows = Submission.objects.select_related("submitter")
    return rows.filter(token=revision.submission_token).first()


# Out


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
    address = settings.SITE_URL + reverse(
        "catalog:change-detail", args=[remote.catalog.slug, revision.number]
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
    address = list_url(remote)
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
    RemoteCommit.objects.unseen(remote).delete()
    rows = [
        RemoteCommit(remote=remote, sha=name, revision=number, is_ours=True)
        for name, number in zip(names, outgoing.revisions, strict=True)
    ]
    RemoteCommit.objects.bulk_create(rows, ignore_conflicts=True)


def mark_seen(remote: Remote, names: Iterable[str]) -> None:
    """Remember that commits of ours are in the repository."""
    rows = RemoteCommit.objects.unseen(remote).filter(sha__in=[*names])
    rows.update(seen_at=timezone.now())
