"""A list's repository as rows: connected, changed, removed; its secrets, its lease, its log.

Secrets are encrypted where they are stored, and nowhere else written. Each key of `CREDENTIAL_KEYS`
can decrypt, the first one encrypts; so a key is changed by putting the new one first, and taking
the old one away once every remote was synchronised, which encrypts its secrets anew. Without that
setting the site's secret key is used.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.mail import Button, Letter, one_line, post
from accounts.models import Membership, User
from catalog.errors import AddressTaken
from catalog.models import Catalog
from remotes.git import (
    OF_HOST,
    PASSING,
    SECONDS,
    Access,
    LeaseLost,
    RemoteProblem,
    Repository,
    check_branch,
    check_path,
    read_address,
    sentence_of,
)
from remotes.hosts import guess_host, installation_token
from remotes.models import PullRequest, Remote, RemoteCommit, RemoteEvent, RemoteFile

LEASE = timedelta(seconds=3 * SECONDS)
"""Longer than one talk with a server may take; renewed before each."""
LONGEST_WAIT = timedelta(hours=6)
_STATE = ("problem", "detail", "failing_since", "notified_at", "failures", "next_at")
_SETTINGS = {
    "mode", "host", "app_id", "takes_requests", "interval", "message", "asks_sign_off"
}  # fmt: skip
LASTING = timedelta(hours=1)
"""The time after which maintainers are notified of a passing problem."""


# Secrets


def encrypt(secret: str) -> bytes:
    """The secret as it may be stored; b'' for none."""
    return _cipher().encrypt(secret.encode()) if secret else b""


def decrypt(stored: bytes | memoryview) -> str:
    """The secret that was stored. Raises `RemoteProblem` where no key is the right one."""
    if not stored:
        return ""
    try:
        return _cipher().decrypt(bytes(stored)).decode()
    except InvalidToken:
        raise RemoteProblem("secret") from None


def reencrypt(remote: Remote) -> None:
    """Encrypt a remote's secrets by the newest key. Raises `RemoteProblem`."""
    newest = Fernet(_keys()[0])
    values = {}
    for name in ("token", "private_key", "webhook_secret"):
        stored = bytes(getattr(remote, name))
        if not stored:
            continue
        try:
            newest.decrypt(stored)
        except InvalidToken:
            values[name] = encrypt(decrypt(stored))
    if values:
        Remote.objects.filter(pk=remote.pk).update(**values)
        for name, value in values.items():
            setattr(remote, name, value)


def make_deploy_key(remote: Remote) -> str:
    """Make a pair of keys for SSH, and store it; returns the public half."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    remote.private_key = encrypt(private.decode())
    remote.public_key = f"{public.decode()} listwright-{remote.catalog.slug}"
    remote.save(update_fields=["private_key", "public_key"])
    return remote.public_key


def make_webhook_secret(remote: Remote) -> str:
    """Make the secret that a host signs by, and store it; it is told this once."""
    secret = secrets.token_urlsafe(32)
    remote.webhook_secret = encrypt(secret)
    remote.save(update_fields=["webhook_secret"])
    return secret


def _keys() -> list[bytes]:
    words: list[str] = list(settings.CREDENTIAL_KEYS)
    if not words:
        words = [str(word) for word in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return [_key_of(word) for word in words]


def _key_of(secret: str) -> bytes:
    derived = hashlib.sha256(b"listwright.remotes.credentials:" + secret.encode()).digest()
    return base64.urlsafe_b64encode(derived)


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in _keys()])


# The lease, and what is known


@contextmanager
def leased(remote: Remote) -> Iterator[bool]:
    """Whether this object of the remote may synchronise; not while somebody else does."""
    remote.lease, now = secrets.token_hex(8), timezone.now()
    free = Q(lease_by="") | Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * LEASE)
    taken = Remote.objects.filter(free, pk=remote.pk).update(
        lease_by=remote.lease, lease_until=now + LEASE, is_queued=False
    )
    try:
        yield bool(taken)
    finally:
        held = Remote.objects.filter(pk=remote.pk, lease_by=remote.lease)
        held.update(lease_by="", lease_until=None)


def hold(remote: Remote, **fields: Any) -> None:
    """Renew the lease, and store fields with it. Raises `LeaseLost`."""
    rows = Remote.objects.filter(pk=remote.pk, lease_by=remote.lease)
    if not rows.update(lease_until=timezone.now() + LEASE, **fields):
        raise LeaseLost
    for name, value in fields.items():
        setattr(remote, name, value)


def repository_of(remote: Remote) -> Repository:
    """The remote's cache on this node, with what lets it in. Raises `RemoteProblem`."""
    reencrypt(remote)
    address, token = read_address(remote.url, may_be_local=True), decrypt(remote.token)
    if remote.app_id and token:
        token = installation_token(address, remote.app_id, token)
    private_key = decrypt(remote.private_key)
    access = Access(address, remote.username, token, private_key, remote.host_key)
    return Repository(Path(settings.REMOTES_FOLDER) / f"{remote.pk}.git", access)


def log(remote: Remote, kind: RemoteEvent.Kind, count: int = 0, detail: str = "") -> None:
    """Write a line of the log."""
    RemoteEvent.objects.create(remote=remote, kind=kind, count=count, detail=detail)


@transaction.atomic
def note_failure(remote: Remote, problem: RemoteProblem) -> bool:
    """Store what went wrong; returns whether maintainers are to be told now, once for each."""
    row = Remote.objects.select_for_update().get(pk=remote.pk)
    now = timezone.now()
    if row.problem != problem.problem:
        row.failing_since, row.notified_at = now, None
        log(row, RemoteEvent.Kind.FAILED, detail=problem.message)
    row.failing_since = row.failing_since or now
    row.failures += 1
    row.problem, row.detail = problem.problem, problem.detail
    wait = row.every * 2 ** min(row.failures - 1, 10)
    row.next_at = now + min(wait, max(LONGEST_WAIT, row.every))
    if problem.problem in OF_HOST:
        # Commits are looked for as ever, unless the host wants a pause.
        row.next_at = now + max(row.every, timedelta(seconds=problem.wait))
    lasts = problem.problem not in PASSING or now - row.failing_since >= LASTING
    notifies = lasts and row.notified_at is None
    if notifies:
        row.notified_at = now
        if problem.problem not in OF_HOST:
            row.in_step_at = None
    row.save(update_fields=[*_STATE, "in_step_at"])
    remote.refresh_from_db()
    return notifies


@transaction.atomic
def note_success(remote: Remote) -> None:
    """Store that it works."""
    row = Remote.objects.select_for_update().get(pk=remote.pk)
    if row.problem:
        log(row, RemoteEvent.Kind.RECOVERED)
    _forget_problem(row)
    row.next_at = timezone.now() + row.every
    row.save(update_fields=_STATE)
    remote.refresh_from_db()


def show_anew(remote: Remote) -> None:
    """Invalidate the pages that show the state of the list's repository.

    They are kept for as long as the list stays as it is, by when it was changed: that moves by as
    little as nobody sees.
    """
    moved = F("updated_at") + timedelta(microseconds=1)
    Catalog.objects.filter(pk=remote.catalog_id).update(updated_at=moved)


def _forget_problem(row: Remote) -> None:
    row.problem, row.detail, row.failures = "", "", 0
    row.failing_since = row.notified_at = None


# Connecting


def add_remote(
    catalog: Catalog,
    url: str,
    *,
    branch: str = "main",
    path: str = "README.md",
    token: str = "",
    host: str = "",
    may_be_local: bool = False,
    **values: Any,
) -> Remote:
    """Connect a list with a repository; nothing is fetched yet. Raises `InvalidField`.

    A password that stands in the address is taken for the token, and the host guessed from it.
    """
    address = read_address(url, may_be_local=may_be_local)
    try:
        with transaction.atomic():
            remote = Remote.objects.create(
                catalog=catalog,
                url=address.url,
                branch=check_branch(branch),
                host=host or guess_host(address),
                username=address.user if address.scheme != "ssh" else "",
                token=encrypt(token or address.password),
                **values,
            )
            RemoteFile.objects.create(remote=remote, path=check_path(path))
            log(remote, RemoteEvent.Kind.ADDED, detail=address.url)
    except IntegrityError:
        raise AddressTaken(
            _("%(list)s already has a repository; remove it first.") % {"list": catalog.slug}
        ) from None
    return remote


@transaction.atomic
def change_remote(remote: Remote, **values: Any) -> None:
    """Change where it is or how it is used. Raises `InvalidField`.

    Another address, branch or path is looked at from the beginning. An empty token is none given.
    """
    row = Remote.objects.select_for_update().get(pk=remote.pk)
    file = RemoteFile.objects.select_for_update().get(remote=row)
    before = (row.url, row.branch, file.path)
    if url := values.get("url"):
        address = read_address(url, may_be_local=url == row.url)
        row.url = address.url
        row.username = address.user if address.scheme != "ssh" else ""
        if address.password:
            row.token = encrypt(address.password)
    row.branch = check_branch(values.get("branch", row.branch))
    file.path = check_path(values.get("path", file.path))
    for name in _SETTINGS & values.keys():
        setattr(row, name, values[name])
    if token := values.get("token"):
        row.token = encrypt(token)
    if before[:2] != (row.url, row.branch):
        row.head = row.own_head = row.host_key = ""
        row.is_protected = False
    if before != (row.url, row.branch, file.path):
        file.commit, file.revision = "", 0
        RemoteCommit.objects.filter(remote=row, seen_at=None).delete()
        # A branch or a repository that was renamed has the same requests: they are read anew.
        PullRequest.objects.filter(remote=row, is_ours=True).delete()
        PullRequest.objects.filter(remote=row).update(head="", comment="", answer_digest="")
    _forget_problem(row)
    row.save()
    file.save()
    show_anew(row)
    remote.refresh_from_db()


def remove_remote(remote: Remote) -> None:
    """Disconnect a repository: it stays as it is, and so does the list."""
    folder = Path(settings.REMOTES_FOLDER) / f"{remote.pk}.git"
    show_anew(remote)
    remote.delete()
    shutil.rmtree(folder, ignore_errors=True)


# The letter to maintainers, once


def notify_maintainers(remote: Remote) -> None:
    """Write to the maintainers; to superusers where a list has none."""
    active = User.objects.filter(is_active=True).exclude(email="")
    role = Membership.Role.MAINTAINER
    people = active.filter(memberships__catalog=remote.catalog_id, memberships__role=role)
    for user in (people.distinct() or active.filter(Q(is_superuser=True))).order_by("pk"):
        with override(settings.LANGUAGE_CODE):
            post(_letter(remote), user.email)


def _letter(remote: Remote) -> Letter:
    title = one_line(remote.catalog.title, 80)
    subject = _("“%(list)s” is no longer in step with its repository")
    if remote.problem in OF_HOST:
        subject = _("Pull requests of “%(list)s” do not get through")
    return Letter(
        subject=subject % {"list": title},
        paragraphs=(
            sentence_of(remote.problem, one_line(remote.detail)),
            _("The list keeps working. This e-mail is sent once until the problem is solved."),
        ),
        button=Button(
            _("View the repository settings"),
            settings.SITE_URL + reverse("admin:remotes_remote_change", args=[remote.pk]),
        ),
    )
