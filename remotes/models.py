"""Remotes: a list's repository, its known state, and its log."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

INTERVAL = 5


class Mode(models.TextChoices):
    """The direction of synchronisation: pull only, push, or pull request."""

    PULL = "pull", _("pull only")
    PUSH = "push", _("push to the branch")
    PULL_REQUEST = "pull-request", _("push to a branch of its own, for a pull request")


class Host(models.TextChoices):
    """The host's software, by which its interface for pull requests is known."""

    GIT = "", _("plain Git")
    GITHUB = "github", "GitHub"
    GITLAB = "gitlab", "GitLab"
    FORGEJO = "forgejo", "Forgejo, Gitea"


class Remote(models.Model):
    """The repository of a list.

    `problem` is the code of what keeps it from being in step ('' for nothing), see `git.PROBLEMS`.
    Whoever synchronises holds the lease: `lease_by` is the `lease` of their object of this row,
    until `lease_until`.
    """

    lease = ""

    catalog = models.OneToOneField("catalog.Catalog", models.CASCADE, related_name="remote")
    url = models.CharField(
        _("address"),
        max_length=500,
        help_text=_("Of the repository, as git clone takes it: https://… or git@host:….git"),
    )
    branch = models.CharField(_("branch"), max_length=200, default="main")
    mode = models.CharField(_("mode"), max_length=12, choices=Mode, default=Mode.PULL)
    host = models.CharField(
        _("host"),
        max_length=8,
        choices=Host,
        blank=True,
        db_default="",
        help_text=_("For pull requests, which plain Git does not have."),
    )
    app_id = models.CharField(
        _("GitHub App"),
        max_length=20,
        blank=True,
        db_default="",
        help_text=_("Its App ID, if the token above is a GitHub App's private key."),
    )
    takes_requests = models.BooleanField(
        _("pull requests become submissions"),
        default=True,
        db_default=True,
        help_text=_("Those that change entries of the list; others are left alone."),
    )
    interval = models.PositiveIntegerField(
        _("minutes between checks"),
        default=INTERVAL,
        validators=[MinValueValidator(1)],
        help_text=_("How often the repository is checked for new commits."),
    )
    message = models.TextField(
        _("commit message"),
        blank=True,
        help_text=_(
            "Template of commit messages, with {summary}, {list} and {address}. "
            "Leave empty for the summary alone."
        ),
    )
    asks_sign_off = models.BooleanField(
        _("asks for a sign-off"),
        default=False,
        db_default=False,
        help_text=_(
            "People may certify what the Developer Certificate of Origin says; their commits are "
            "then signed off."
        ),
    )
    username = models.CharField(max_length=200, blank=True, editable=False)
    token = models.BinaryField(blank=True, default=b"", help_text="Encrypted.")
    private_key = models.BinaryField(blank=True, default=b"", help_text="Encrypted.")
    public_key = models.TextField(blank=True, help_text="Of the deploy key.")
    webhook_secret = models.BinaryField(blank=True, default=b"", help_text="Encrypted.")
    host_key = models.TextField(blank=True, help_text="What the SSH server first showed.")

    head = models.CharField(max_length=64, blank=True, help_text="The branch's commit last seen.")
    own_head = models.CharField(
        max_length=64, blank=True, help_text="The newest commit on the branch of its own."
    )
    is_protected = models.BooleanField(
        default=False, help_text="The branch takes no pushes: the branch of its own is used."
    )
    fetched_at = models.DateTimeField(null=True, blank=True)
    pushed_at = models.DateTimeField(null=True, blank=True)
    in_step_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when both are the same; empty where they are not."
    )
    problem = models.CharField(max_length=20, blank=True)
    detail = models.TextField(blank=True, help_text="What Git said, without secrets.")
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    notified_at = models.DateTimeField(
        null=True, blank=True, db_column="told_at", help_text="When maintainers were told."
    )
    next_at = models.DateTimeField(auto_now_add=True, db_index=True)
    is_queued = models.BooleanField(default=False, help_text="A task is about to look at it.")
    lease_by = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("repository")
        verbose_name_plural = _("repositories")

    def __str__(self) -> str:
        return self.url

    @property
    def every(self) -> timedelta:
        """Return the interval between fetches while all is well."""
        return timedelta(minutes=self.interval)

    @property
    def has_own_branch(self) -> bool:
        """Whether what was changed here goes to a branch of its own."""
        return self.mode == Mode.PULL_REQUEST or self.is_protected

    @property
    def writes(self) -> bool:
        """Whether what is changed here becomes commits."""
        return self.mode != Mode.PULL

    @property
    def own_branch(self) -> str:
        """The branch that only the site writes to."""
        return f"listwright/{self.catalog.slug}"


class RemoteFile(models.Model):
    """The list's file in its repository.

    `commit` is the last one that both sides have in common; it holds all that was changed here up
    to `revision`, conflicts that nobody has decided aside.
    """

    remote = models.OneToOneField(Remote, models.CASCADE, related_name="file")
    path = models.CharField(_("path"), max_length=400, default="README.md")
    commit = models.CharField(max_length=64, blank=True)
    revision = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.path

    def update(self, **fields: Any) -> None:
        """Set fields, here and in the row."""
        RemoteFile.objects.filter(pk=self.pk).update(**fields)
        for name, value in fields.items():
            setattr(self, name, value)


class RemoteCommits(models.QuerySet["RemoteCommit"]):
    """Commits of remotes."""

    def unseen(self, remote: Remote) -> RemoteCommits:
        """Those that were written here and not yet seen there."""
        return self.filter(remote=remote, is_ours=True, seen_at=None)

    def note_taken(self, remote: Remote, sha: str, revision: int) -> None:
        """Store that a revision holds what came in from a commit."""
        values = {"revision": revision, "is_ours": False, "seen_at": timezone.now()}
        self.update_or_create(remote=remote, sha=sha, defaults=values)


class RemoteCommit(models.Model):
    """A commit and the revision it belongs to: taken in from it, or written as it.

    One that was written here and not yet seen there has no `seen_at`.
    """

    remote = models.ForeignKey(Remote, models.CASCADE, related_name="commits", db_index=False)
    sha = models.CharField(max_length=64)
    revision = models.PositiveBigIntegerField()
    is_ours = models.BooleanField(help_text="Written by the site.")
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = RemoteCommits.as_manager()

    class Meta:
        ordering: ClassVar = ["remote_id", "pk"]
        constraints: ClassVar = [
            # A commit is taken in once, or written once.
            models.UniqueConstraint(fields=["remote", "sha"], name="remote_commit_unique"),
        ]
        indexes: ClassVar = [
            # The commits of a revision.
            models.Index(fields=["remote", "revision"], name="remote_commit_revision"),
        ]

    def __str__(self) -> str:
        return self.sha[:10]


def new_nonce() -> str:
    """Return a random value that identifies one attempt to write a row."""
    return secrets.token_hex(8)


class PullRequest(models.Model):
    """A pull request: one of the site's own, or somebody's whose changes became submissions.

    `head` is the commit that was looked at last, or offered; `answer_digest` is of the last answer
    at the host, so that nothing is answered twice.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    class Reading(models.TextChoices):
        """The outcome of reading it."""

        ENTRIES = "entries", _("submissions")
        GIT = "git", _("needs Git")
        NOTHING = "nothing", _("changes nothing")

    remote = models.ForeignKey(Remote, models.CASCADE, related_name="pull_requests", db_index=False)
    number = models.PositiveBigIntegerField()
    is_ours = models.BooleanField(default=False, help_text="Opened by the site.")
    url = models.CharField(max_length=500, blank=True)
    title = models.CharField(max_length=300, blank=True)
    author = models.CharField(max_length=150, blank=True)
    author_email = models.CharField(max_length=254, blank=True, help_text="Of its commits.")
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    reading = models.CharField(max_length=8, choices=Reading, blank=True)
    detail = models.TextField(blank=True, help_text="What cannot be read, and why.")
    head = models.CharField(max_length=64, blank=True)
    comment = models.CharField(max_length=40, blank=True, help_text="The host's name of ours.")
    answer_digest = models.CharField(max_length=64, blank=True, db_column="said")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            # One row for each, however often it is looked at.
            models.UniqueConstraint(fields=["remote", "number"], name="pull_request_unique"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class PullRequestEntry(models.Model):
    """A change of one entry in a pull request.

    `key` says which entry it is about, so that a later version of the request is known for one;
    `line` is where it stands there. Without a submission something stood in its way: `refusal`.
    """

    request = models.ForeignKey(PullRequest, models.CASCADE, related_name="entries", db_index=False)
    key = models.CharField(max_length=64)
    line = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=6)
    submission = models.OneToOneField(
        "submissions.Submission",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="pull_request_entry",
    )
    digest = models.CharField(max_length=64, blank=True, help_text="Of what it proposed last.")
    refusal = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["request_id", "line", "pk"]
        constraints: ClassVar = [
            # An entry is changed once by a request.
            models.UniqueConstraint(fields=["request", "key"], name="pull_request_entry_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """A delivery of a webhook, stored so that a repeated one does nothing."""

    remote = models.ForeignKey(Remote, models.CASCADE, related_name="deliveries", db_index=False)
    digest = models.CharField(max_length=64, help_text="Of its name, or of what it says.")
    nonce = models.CharField(max_length=16, default=new_nonce)
    # What is old is forgotten.
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            # Once is enough.
            models.UniqueConstraint(fields=["remote", "digest"], name="webhook_delivery_unique"),
        ]

    def __str__(self) -> str:
        return self.digest[:10]


class RemoteEvent(models.Model):
    """A line of the log: what happened, and what Git said."""

    class Kind(models.TextChoices):
        ADDED = "added", _("connected")
        TAKEN_IN = "taken-in", _("commits pulled")
        PUSHED = "pushed", _("commits pushed")
        FAILED = "failed", _("failed")
        RECOVERED = "recovered", _("working again")
        DECIDED = "decided", _("a rewritten branch was resolved")
        FOLLOWED = "followed", _("the file was renamed there")
        OFFERED = "offered", _("a pull request was opened")
        REQUESTS = "requests", _("pull requests were read")

    remote = models.ForeignKey(Remote, models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=10, choices=Kind)
    count = models.PositiveIntegerField(default=0)
    detail = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.detail}".strip()
