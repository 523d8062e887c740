"""A site that has something of everything that a site can have; all of it made up."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    # Before models are imported: a database of its own, and no secrets of anybody's.
    import django

    FOLDER = tempfile.TemporaryDirectory()
    os.environ |= {
        "ENV_FILE": os.devnull,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "made up for a backup of made-up content",
        "DATABASE_URL": f"sqlite:///{FOLDER.name}/site.sqlite3",
    }
    django.setup()

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts.models import MailRefusal, User
from accounts.tokens import Scope, make_token
from background.models import PeriodicTask, WorkerProcess
from background.queue import clear_sessions
from catalog.editing.tags import add_alias, add_tag, tag_entry, untag_entry
from catalog.exporting import record_export
from catalog.history.revisions import Author
from catalog.models import Catalog, Facet
from catalog.store.document import delete_catalog
from remotes.connections import add_remote
from remotes.models import RemoteCommit, WebhookDelivery
from submissions.choices import Status
from submissions.models import BlockRule, ContributionPolicy, DecisionReason, TrustPin
from tests.submission_factories import (
    edit,
    entry_called,
    make_moderator,
    make_tools,
    reach,
    submit,
)

CHINESE = "\ufeff# 列表\r\n\r\n- [一](https://one.example/?a=1&b=2) - 第一。 😀\r\n- [二](https://two.example)"

EDITORS = """\
# Editors

| name | language |
|------|----------|
| [Ed](https://example.org/ed) | C/Go |
| [Vi](https://example.org/vi) | C |
"""

STATUSES = (
    Status.UNCONFIRMED,
    Status.CHANGES_REQUESTED,
    Status.APPLIED,
    Status.REJECTED,
    Status.WITHDRAWN,
    Status.EXPIRED,
    Status.REVERTED,
)


def make_site() -> None:
    """Two lists with decisions, people, submissions in every state, and work that waits."""
    for app in apps.get_app_configs():
        # Left out when tests empty the database, and there on any site that was migrated.
        create_permissions(app, verbosity=0)
    tools = make_tools()
    make_tools("chinese", CHINESE)
    editors = make_tools("editors", EDITORS)
    record_export(tools, number=tools.revision, sha256="0" * 64)
    facet = Facet.objects.get(catalog=editors, slug="language")
    tag_entry(
        entry=entry_called("Ed"), tag=add_tag(facet=facet, name="Rust", by=Author()), by=Author()
    )
    untag_entry(entry=entry_called("Ed"), tag=facet.tags.get(name="Go"), by=Author())
    add_alias(tag=facet.tags.get(name="C"), spelling="C99", by=Author())
    moderator = make_moderator(tools)
    submit(tools, name="Waiting", url="https://waiting.example/", credit="Grace")
    for status in STATUSES:
        submission = submit(tools, name=str(status), url=f"https://{status}.example/")
        reach(status, submission, moderator)
    edit("Beta", description="Edits even more text.")
    ContributionPolicy.objects.create(catalog=tools, required_columns=["Licence"])
    DecisionReason.objects.create(catalog=tools, code="taste", text="口味不合。", rank=3)
    BlockRule.objects.create(kind=BlockRule.Kind.DOMAIN, value="spam.example")
    _make_people(tools)
    _connect(tools)
    clear_sessions.enqueue()
    PeriodicTask.objects.create(path="background.queue.clear_sessions", due_at=timezone.now())
    WorkerProcess.objects.create(worker_id="w", seen_at=timezone.now())
    # Its keys are given, and never again.
    delete_catalog(make_tools("gone"))


def _connect(tools: Catalog) -> None:
    """The list's repository, with a commit from either side."""
    remote = add_remote(tools, "https://git.example/tools.git", token="made up")
    WebhookDelivery.objects.create(remote=remote, digest="0" * 64)
    for sha, is_ours in (("1" * 40, True), ("2" * 40, False)):
        RemoteCommit.objects.create(remote=remote, sha=sha, revision=1, is_ours=is_ours)


def _make_people(tools: Catalog) -> None:
    root = User.objects.create_superuser("root", "root@people.example", "pass")
    root.groups.add(Group.objects.create(name="Helpers"))
    Authenticator.objects.create(user=root, type=Authenticator.Type.TOTP, data={"secret": "x"})
    later = timezone.now() + timedelta(days=9)
    make_token(user=root, name="mirror", scopes=[Scope.READ], expires_at=later)
    TrustPin.objects.create(catalog=tools, user=root, is_trusted=True, created_by=root)
    MailRefusal.objects.create(email="no@people.example", topic="submissions")
    session = SessionStore()
    session["_auth_user_id"] = str(root.pk)
    session.create()


if __name__ == "__main__":
    # python -m tests.operating.a_site tests/data/site-backups/RELEASE.zip
    from django.core.management import call_command

    from tests.operating.summary import summary

    call_command("migrate", verbosity=0)
    make_site()
    call_command("backup_site", sys.argv[1])
    Path(sys.argv[1]).with_suffix(".json").write_text(summary(), encoding="utf-8")
