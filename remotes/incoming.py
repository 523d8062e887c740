"""Incoming commits: each becomes one revision that credits its author.

What merges is published. Where both sides changed the same lines the list stays as it is, and the
conflict waits as a submission; everything else goes in.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from catalog.errors import RevisionConflict, UnreadableText
from catalog.history.revisions import Author
from catalog.importing.ancestry import Base
from catalog.importing.applying import apply
from catalog.importing.planning import plan_import
from catalog.importing.texts import decode_text
from catalog.models import Catalog
from catalog.store.snapshots import take_snapshot
from remotes.addresses import read_address
from remotes.bases import known_rows
from remotes.git import Commit, Repository, plain_name
from remotes.models import Remote, RemoteCommit, RemoteEvent, RemoteFile
from remotes.problems import RemoteProblem
from remotes.store import hold, log

_TRIES = 8


def take_in(
    remote: Remote, lease: str, repository: Repository, file: RemoteFile, commits: list[Commit]
) -> int:
    """Apply commits, oldest first; return how many of them changed the list."""
    taken = 0
    known = repository.read(file.commit, file.path) if file.commit else None
    for commit in commits:
        data = read_file(repository, file, commit.sha)
        if data == known:
            RemoteFile.objects.filter(pk=file.pk).update(commit=commit.sha)
            file.commit = commit.sha
            continue
        text = text_of(data, file.path)
        before = text_of(known, file.path) if known is not None else None
        taken += _take_one(remote, lease, file, commit, before, text)
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
    RemoteFile.objects.filter(pk=file.pk).update(path=path)
    log(file.remote, RemoteEvent.Kind.FOLLOWED, detail=f"{file.path} → {path}")
    file.path = path
    return data


def text_of(data: bytes, path: str) -> str:
    """The file as a text. Raises `RemoteProblem`."""
    try:
        return decode_text(data, path)
    except UnreadableText as error:
        raise RemoteProblem("text", error.message) from None


def _take_one(
    remote: Remote,
    lease: str,
    file: RemoteFile,
    commit: Commit,
    before: str | None,
    text: str,
) -> bool:
    """Merge one version, and remember whose it is; `before` is the one that both have in common.

    Returns whether anything of it is news here.
    """
    names = [plain_name(name) for name in commit.author.split(", ")]
    by = Author(credit=", ".join(dict.fromkeys(names))[:200], note=_note(commit))
    for _try in range(_TRIES):
        catalog = Catalog.objects.get(pk=remote.catalog_id)
        snapshot = take_snapshot(catalog)
        base = None
        if before is not None:
            base = Base(file.revision, known_rows(catalog, before, file.revision))
        plan = plan_import(text, snapshot, base=base)
        try:
            with transaction.atomic():
                hold(remote, lease)
                result = apply(plan, by=by, origin=commit_url(remote, commit.sha))
                number = result.revision if result.revision != snapshot.revision else 0
                if number:
                    RemoteCommit.objects.update_or_create(
                        remote=remote,
                        sha=commit.sha,
                        defaults={
                            "revision": number, "is_ours": False, "seen_at": timezone.now()
                        },
                    )  # fmt: skip
                RemoteFile.objects.filter(pk=file.pk).update(commit=commit.sha)
        except RevisionConflict:
            continue
        file.commit = commit.sha
        return bool(number or plan.waiting)
    raise RemoteProblem("moved")


def _note(commit: Commit) -> str:
    return " ".join(commit.subject.split())[:300]


def commit_url(remote: Remote, sha: str) -> str:
    """Return the address that shows a commit in a browser, else its name."""
    address = read_address(remote.url, may_be_local=True)
    return f"{address.web_url}/commit/{sha}" if address.web_url else sha
