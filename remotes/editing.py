"""Connecting a list with a repository, changing how, and letting go."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from catalog.errors import AddressTaken, InvalidField
from catalog.models import Catalog
from remotes.addresses import check_branch, check_path, read_address
from remotes.credentials import encrypt
from remotes.hosts import guess_host
from remotes.models import Mode, PullRequest, Remote, RemoteCommit, RemoteEvent, RemoteFile
from remotes.store import log


def add_remote(
    catalog: Catalog,
    url: str,
    *,
    branch: str = "main",
    path: str = "README.md",
    mode: str = Mode.PULL,
    token: str = "",
    host: str | None = None,
    app_id: str = "",
    may_be_local: bool = False,
) -> Remote:
    """Connect a list with a repository; nothing is fetched yet. Raises `InvalidField`.

    A password that stands in the address is taken for the token; `host` None is guessed from it.
    """
    address = read_address(url, may_be_local=may_be_local)
    if mode not in Mode.values:
        raise InvalidField(
            "mode", _("Choose one of %(values)s.") % {"values": ", ".join(Mode.values)}
        )
    try:
        with transaction.atomic():
            remote = Remote.objects.create(
                catalog=catalog,
                url=address.url,
                branch=check_branch(branch),
                mode=mode,
                host=guess_host(address) if host is None else host,
                app_id=app_id,
                username=address.user if address.scheme != "ssh" else "",
                token=encrypt(token or address.password),
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
    for name in (
        "mode",
        "interval",
        "message",
        "host",
        "app_id",
        "takes_requests",
        "asks_sign_off",
    ):
        setattr(row, name, values.get(name, getattr(row, name)))
    if token := values.get("token"):
        row.token = encrypt(token)
    if before[:2] != (row.url, row.branch):
        row.head = row.own_head = row.host_key = ""
        row.is_protected = False
    if before != (row.url, row.branch, file.path):
        file.commit, file.revision = "", 0
        RemoteCommit.objects.filter(remote=row, seen_at=None).delete()
        PullRequest.objects.filter(remote=row).delete()
    row.problem = row.detail = ""
    row.failing_since = row.notified_at = None
    row.failures = 0
    row.save()
    file.save()
    remote.refresh_from_db()


def remove_remote(remote: Remote) -> None:
    """Disconnect a repository: it stays as it is, and so does the list."""
    folder = Path(settings.REMOTES_FOLDER) / f"{remote.pk}.git"
    remote.delete()
    shutil.rmtree(folder, ignore_errors=True)
