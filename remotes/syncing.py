"""One list and its repository, brought in step: fetch, merge, write commits, push.

Whoever does it holds the remote's lease, so that it is done by one at a time, on any node; whoever
dies leaves a lease that runs out, and nothing half done: rows are written in transactions, a push
takes place as a whole or not, and commits are remembered as ours before it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from catalog.errors import InvalidField
from catalog.history.revisions import Author, current_rows
from catalog.importing.ancestry import Base
from catalog.importing.applying import apply
from catalog.importing.planning import plan_text
from catalog.markdown.parser import BOM
from catalog.models import Catalog
from catalog.store.snapshots import UpstreamText, read_upstream, save_upstream, take_snapshot
from remotes.answers import answer_requests, offer
from remotes.commits import (
    Outgoing,
    known_rows,
    mark_seen,
    plan_outgoing,
    read_file,
    store_written,
    take_in,
    text_of,
)
from remotes.connections import (
    hold,
    leased,
    log,
    note_failure,
    note_success,
    notify_maintainers,
    repository_of,
    show_anew,
)
from remotes.git import LeaseLost, RemoteProblem, Repository
from remotes.hosts import HOSTS, GitHub
from remotes.models import Remote, RemoteCommit, RemoteEvent, RemoteFile
from remotes.pull_requests import take_requests
from submissions.choices import Kind
from submissions.models import Submission
from submissions.publishing.planning import standing

_ATTEMPTS = 5
"""Attempts at a push that others are faster than."""
_RETRY_SECONDS = 0.2


@dataclass(slots=True)
class SyncResult:
    """The result of a synchronisation: commits applied and pushed, the branch's commit, whether
    both are equal."""

    catalog: str
    fetched: int = 0
    pushed: int = 0
    head: str = ""
    in_step: bool = False
    has_more: bool = False
    """Pull requests wait to be read."""
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    problem: RemoteProblem | None = None

    def summary(self) -> dict[str, Any]:
        """Return the result as the command prints it."""
        data = {
            name: getattr(self, name)
            for name in ("catalog", "fetched", "pushed", "head", "in_step", "conflicts")
        }
        return data | ({"error": self.problem.message} if self.problem else {})


def sync(remote: Remote, *, wait: float = 0) -> SyncResult | None:
    """Synchronise both, as far as nobody has to decide; None if another process is at it.

    `wait` is how many seconds to wait for them. What goes wrong is stored, told to the list's
    maintainers once, and given back.
    """
    until = time.monotonic() + wait
    while True:
        with leased(remote) as is_ours:
            if is_ours:
                return _sync(remote)
        if time.monotonic() >= until:
            return None
        time.sleep(_RETRY_SECONDS)


def _sync(remote: Remote) -> SyncResult:
    remote.refresh_from_db()
    result = SyncResult(remote.catalog.slug)
    try:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                this = _Round(remote, result)
                this.run()
                break
            except RemoteProblem as problem:
                if problem.problem != "moved" or attempt == _ATTEMPTS:
                    raise
        this.exchange()
    except RemoteProblem as problem:
        result.problem = problem
        if note_failure(remote, problem):
            notify_maintainers(remote)
    except LeaseLost:
        return result
    else:
        note_success(remote)
    result.head = remote.head
    result.conflicts = waiting_conflicts(remote.catalog)
    return result


def waiting_conflicts(catalog: Catalog) -> list[dict[str, Any]]:
    """Return the open conflicts between the list and its file."""
    rows = Submission.objects.open().filter(catalog=catalog, kind=Kind.LINES).order_by("pk")
    return [
        {
            "submission": row.pk,
            "base": row.based_on.source,
            "ours": standing(row.draft).source,
            "theirs": row.content.lines or "",
        }
        for row in rows.select_related("catalog")
    ]


class _Round:
    """One time of fetching, merging and pushing."""

    def __init__(self, remote: Remote, result: SyncResult) -> None:
        self.remote, self.result = remote, result
        self.repository = repository_of(remote)
        self.file = RemoteFile.objects.get(remote=remote)
        self.outgoing: Outgoing | None = None

    def run(self) -> None:
        """Run the synchronisation. Raises `RemoteProblem`, `LeaseLost`."""
        remote, repository = self.remote, self.repository
        hold(remote)
        head = repository.fetch(remote.branch)
        fields = {"head": head, "fetched_at": timezone.now()}
        if repository.seen_host_key and repository.seen_host_key != remote.host_key:
            fields["host_key"] = repository.seen_host_key
        hold(remote, **fields)
        if not self.file.commit:
            self._begin(head)
        elif head != self.file.commit:
            self._follow(head)
        self.outgoing = outgoing = plan_outgoing(remote, repository, self.file)
        if outgoing.commits and remote.writes:
            self._push(outgoing)
        elif not outgoing.commits:
            self._settle(self.file.commit, outgoing)
            self.result.in_step = not outgoing.has_conflicts
        if self.result.in_step != (remote.in_step_at is not None):
            since = timezone.now() if self.result.in_step else None
            hold(remote, in_step_at=since)
            show_anew(remote)

    def exchange(self) -> None:
        """Open and read pull requests, where the host has them. Raises `RemoteProblem`."""
        remote, host = self.remote, _host_of(self.remote, self.repository)
        if host is None:
            return
        requests = host.open_requests(remote.branch)
        offered = self.outgoing.commits if self.outgoing and remote.has_own_branch else []
        offer(remote, host, requests, offered)
        if not remote.takes_requests:
            return
        others = [
            one
            for one in requests
            if not one.is_draft and not (one.is_local and one.branch == remote.own_branch)
        ]
        self.result.has_more = take_requests(remote, self.repository, host, others)
        answer_requests(remote, host)

    # In

    def _begin(self, head: str) -> None:
        """The first time: what the file is based on, it has to tell itself."""
        self._take_in([self.repository.commit(head)])
        upstream = read_upstream(self.remote.catalog)
        revision = upstream.base if upstream else 0
        self.file.update(revision=revision)

    def _follow(self, head: str) -> None:
        repository, file = self.repository, self.file
        self._find_own(head)
        if head == file.commit:
            return
        if not (repository.has(file.commit) and repository.is_ancestor(file.commit, head)):
            self._rewritten(head)
            return
        self._take_in(repository.steps(file.commit, head, file.path))

    def _take_in(self, commits: list[Any]) -> None:
        taken = take_in(self.remote, self.repository, self.file, commits)
        self.result.fetched += taken
        if taken:
            log(self.remote, RemoteEvent.Kind.TAKEN_IN, taken)

    def _find_own(self, head: str) -> None:
        """Notice commits of ours whose push came through, and was not seen to."""
        repository, rows = self.repository, RemoteCommit.objects.unseen(self.remote)
        for row in reversed(rows.order_by("pk")):
            if not (repository.has(row.sha) and repository.is_ancestor(row.sha, head)):
                continue
            if repository.is_ancestor(self.file.commit, row.sha):
                known = [one.sha for one in rows if one.pk <= row.pk]
                self.result.pushed += len(known)
                mark_seen(self.remote, known)
                rows.delete()
                self.file.update(commit=row.sha, revision=row.revision)
                log(self.remote, RemoteEvent.Kind.PUSHED, len(known))
            return

    def _rewritten(self, head: str) -> None:
        """A branch without the commit that both had in common: harmless if the file is the same."""
        repository, file = self.repository, self.file
        data = read_file(repository, file, head)
        _revision, bom, rows = current_rows(self.remote.catalog)
        here = ((BOM if bom else "") + "".join([source for _uid, source in rows])).encode()
        known = repository.read(file.commit, file.path) if repository.has(file.commit) else None
        if data not in {known, here}:
            raise RemoteProblem("forced", head)
        file.update(commit=head)

    # Out

    def _push(self, outgoing: Outgoing) -> None:
        remote, repository, file = self.remote, self.repository, self.file
        names = repository.write(file.commit, file.path, outgoing.commits)
        hold(remote)
        store_written(remote, outgoing, names)
        if not remote.has_own_branch:
            try:
                repository.push(remote.branch, names[-1], file.commit)
            except RemoteProblem as problem:
                if problem.problem != "protected":
                    raise
                hold(remote, is_protected=True)
        if remote.has_own_branch:
            self._push_own(names)
            return
        self._settle(names[-1], outgoing)
        self._note_pushed(names)
        self.result.in_step = not outgoing.has_conflicts
        hold(remote, head=names[-1])

    def _push_own(self, names: list[str]) -> None:
        """Offer what was changed here on the site's own branch, never over others' commits."""
        remote, repository = self.remote, self.repository
        there = repository.fetch_own(remote.own_branch)
        if there == names[-1]:
            return
        ours = RemoteCommit.objects.filter(remote=remote, is_ours=True, sha=there)
        if there and there != remote.own_head and not ours.exists():
            raise RemoteProblem("foreign", remote.own_branch)
        repository.push(remote.own_branch, names[-1], there)
        hold(remote, own_head=names[-1])
        self._note_pushed(names)

    def _note_pushed(self, names: list[str]) -> None:
        mark_seen(self.remote, names)
        show_anew(self.remote)
        self.result.pushed += len(names)
        hold(self.remote, pushed_at=timezone.now())
        log(self.remote, RemoteEvent.Kind.PUSHED, len(names))

    def _settle(self, commit: str, outgoing: Outgoing) -> None:
        """Store that a commit holds the list, what nobody has decided aside."""
        file, catalog = self.file, self.remote.catalog
        if (file.commit, file.revision) != (commit, outgoing.revision):
            file.update(commit=commit, revision=outgoing.revision)
        if not outgoing.has_conflicts:
            upstream = UpstreamText(outgoing.revision, outgoing.revision)
        else:
            known = read_upstream(catalog)
            base = known.base if known else outgoing.revision
            upstream = UpstreamText(outgoing.revision, base, outgoing.rows)
        if read_upstream(catalog) != upstream:
            save_upstream(catalog, upstream)


def _host_of(remote: Remote, repository: Repository) -> GitHub | None:
    """Return the host of the repository's pull requests, if there is one and it matters."""
    access = repository.access
    if not (remote.host and access.token and remote.writes):
        return None
    return HOSTS[remote.host](access.address, access.token)


# Decisions and looks


def decide_rewritten(remote: Remote, side: str, by: Author) -> None:
    """After a branch was rewritten: take the file as it is there, or offer the list as it is here.

    `side` is "theirs" or "ours". Raises `RemoteProblem`, `InvalidField`.
    """
    if side not in {"theirs", "ours"}:
        raise InvalidField("side", "theirs, ours")
    with leased(remote) as is_ours:
        if not is_ours:
            raise RemoteProblem("moved")
        remote.refresh_from_db()
        repository = repository_of(remote)
        file = RemoteFile.objects.get(remote=remote)
        head = repository.fetch(remote.branch)
        text = text_of(read_file(repository, file, head), file.path)
        catalog = Catalog.objects.get(pk=remote.catalog_id)
        if side == "theirs":
            snapshot = take_snapshot(catalog)
            plan = plan_text(text, snapshot)
            plan.base = Base(snapshot.revision, None)
            revision = apply(plan, by=by).revision
            RemoteCommit.objects.note_taken(remote, head, revision)
        else:
            revision = catalog.revision
            rows = known_rows(catalog, text, revision)
            save_upstream(catalog, UpstreamText(revision, revision, rows))
        RemoteCommit.objects.unseen(remote).delete()
        file.update(commit=head, revision=revision)
        hold(remote, head=head)
        log(remote, RemoteEvent.Kind.DECIDED, detail=f"{side} {head[:10]}")


def look(remote: Remote) -> None:
    """Try the connection; raises `RemoteProblem` with what does not work. Nothing is changed."""
    repository = repository_of(remote)
    head = repository.fetch(remote.branch)
    data = repository.read(head, remote.file.path)
    if data is None:
        raise RemoteProblem("file", remote.file.path)
    text_of(data, remote.file.path)
    if remote.writes:
        branch = remote.own_branch if remote.has_own_branch else remote.branch
        repository.try_push(branch, head)
    if host := _host_of(remote, repository):
        host.open_requests(remote.branch)
