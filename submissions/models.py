"""Submissions, their append-only history, and what a catalog's people decided about them.

A submission's status and content are written by `workflow.py` alone.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from catalog.sql.prepared import Prepared
from submissions.choices import (
    DECIDED,
    OPEN,
    WAITING,
    Challenge,
    Effect,
    Kind,
    Role,
    Status,
    Verb,
    WhoMaySubmit,
)
from submissions.proposal import Base, Proposal, SubmissionDraft

if TYPE_CHECKING:
    from catalog.models import Catalog

# Read rules: methods of managers, which chain and read like a sentence


QUEUE_ORDER = ("is_held", "-priority", "created_at", "pk")
"""The order of the queue, a total one: what is held comes last, priority first."""


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Submissions."""

    def waiting(self) -> Self:
        """Select what moderators have to decide. A report that joined another waits with that
        one."""
        return self.filter(status__in=WAITING, joined_to=None)

    def open(self) -> Self:
        """Select what may still be published as it is."""
        return self.filter(status__in=OPEN)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Submissions of the catalogs that the person moderates; superusers see all."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(catalog__in=Membership.objects.filter(user=user).values("catalog"))

    def submitted_by(self, user: User) -> Self:
        """A person's own."""
        return self.filter(submitter=user)

    def same_sender(self, row: Submission) -> Self:
        """Select the submissions of a submission's sender, on any sign of who that is."""
        same = Q(pk=row.pk)
        if row.submitter_id:
            same |= Q(submitter=row.submitter_id)
        if row.email:
            same |= Q(email__iexact=row.email)
        if row.browser_hash:
            same |= Q(browser_hash=row.browser_hash)
        elif row.network_hash:
            same |= Q(network_hash=row.network_hash)
        return self.filter(same)

    def for_review(self) -> Self:
        """Read the rows that the page of a submission refers to along with it."""
        return self.select_related(
            "entry__block",
            "entry__listing",
            "listing",
            "duplicate_of",
            "duplicate_entry",
            "decided_by",
            "joined_to",
        )

    def by_token(self, token: str) -> Submission | None:
        """The submission with this secret, with all that its own page shows."""
        rows = self.select_related(
            "catalog",
            "listing__section",
            "section",
            "entry__block",
            "entry__listing",
            "entry__section",
        )
        return rows.filter(token=token, catalog__revision__gt=0).first()

    def oldest_first(self) -> Self:
        """The order of the queue."""
        return self.order_by(*QUEUE_ORDER)

    def behind(self, row: Submission) -> Self:
        """Select what comes after a submission in the order of the queue."""
        return self._beside(row, "gt", "lt")

    def ahead_of(self, row: Submission) -> Self:
        """Select what comes before a submission in the order of the queue."""
        return self._beside(row, "lt", "gt")

    def _beside(self, row: Submission, rising: str, falling: str) -> Self:
        where, same = Q(pk__in=[]), dict[str, Any]()
        for column in QUEUE_ORDER:
            name, lookup = column.removeprefix("-"), falling if column[0] == "-" else rising
            where |= Q(**same, **{f"{name}__{lookup}": getattr(row, name)})
            same[name] = getattr(row, name)
        return self.filter(where)

    def public(self) -> Self:
        """Select what the public may read about: no spam, nothing unconfirmed."""
        return self.filter(is_spam=False).exclude(status=Status.UNCONFIRMED)

    def naming(self, catalog: Catalog | int, canonical_url: str) -> Self:
        """Open additions of the same thing; none for ''."""
        if not canonical_url:
            return self.none()
        return self.open().filter(catalog=catalog, kind="add", canonical_url=canonical_url)

    def to_expire(self, *, unconfirmed_since: datetime, reminded_since: datetime) -> Self:
        """Select what expires: unconfirmed from before a time, and silent since a reminder before
        one."""
        return self.filter(
            Q(status=Status.UNCONFIRMED, status_at__lt=unconfirmed_since)
            | Q(status=Status.CHANGES_REQUESTED, reminded_at__lt=reminded_since)
        )

    def to_remind(self, *, silent_since: datetime) -> Self:
        """Questions that nobody answered, and nobody was reminded of."""
        return self.filter(
            status=Status.CHANGES_REQUESTED, status_at__lt=silent_since, reminded_at=None
        )


class AppendOnlyQuerySet(models.QuerySet["SubmissionEvent"]):
    """Events. They are read and written once."""

    def oldest_first(self) -> Self:
        """Order by time, oldest first."""
        return self.order_by("pk")

    def update(self, **kwargs: object) -> NoReturn:
        raise TypeError("events are append-only")

    def delete(self) -> NoReturn:
        raise TypeError("events are append-only")


__all__ = [
    "BlockRule",
    "ContributionPolicy",
    "DecisionReason",
    "Kind",
    "RetryKey",
    "Status",
    "Submission",
    "SubmissionEvent",
    "TrustPin",
]


def new_token() -> str:
    """An unguessable name of a submission: who has it is taken for its submitter."""
    return secrets.token_urlsafe(24)


class Submission(models.Model):
    """One proposal, from the form to the line in the README.

    `revision` goes up with every change of status or content: it is the compare-and-swap of every
    verb. `name`, `url` and `canonical_url` are those of the proposal, or of the entry where it
    proposes none, for the queue and for finding the same thing pending.
    """

    catalog = models.ForeignKey(
        "catalog.Catalog", models.CASCADE, related_name="submissions", db_index=False
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    status = models.CharField(_("status"), max_length=17, choices=Status)
    status_at = models.DateTimeField(help_text="When it got this status.")
    revision = models.PositiveIntegerField(default=1, editable=False)

    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="submissions",
        verbose_name=_("submitter"),
        db_index=False,
    )
    credit = models.CharField(
        _("credit"),
        max_length=150,
        blank=True,
        help_text=_("The name as the person wants it shown."),
    )
    email = models.EmailField(_("e-mail"), blank=True)
    wants_mail = models.BooleanField(_("wants e-mail"), default=True)
    network_hash = models.CharField(max_length=64, blank=True, editable=False)
    browser_hash = models.CharField(max_length=64, blank=True, editable=False)
    batch = models.CharField(
        max_length=32, blank=True, editable=False, help_text="Of what came in one paste."
    )
    language = models.CharField(max_length=20, blank=True, help_text="Of the pages it came from.")

    listing = models.ForeignKey(
        "catalog.Listing", models.SET_NULL, null=True, blank=True, related_name="submissions"
    )
    entry = models.ForeignKey(
        "catalog.Entry",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="submissions",
        help_text="What it is about; of an addition the entry it became.",
        db_index=False,
    )
    section = models.ForeignKey(
        "catalog.Section", models.SET_NULL, null=True, blank=True, related_name="submissions"
    )
    name = models.TextField(_("name"), blank=True)
    url = models.TextField(_("address"), blank=True)
    canonical_url = models.CharField(max_length=255, blank=True)
    proposal = models.JSONField(help_text="See proposal.Proposal.")
    base = models.JSONField(help_text="See proposal.Base.")
    note = models.TextField(_("note"), blank=True, help_text=_("To the moderator."))
    licence = models.CharField(
        max_length=100, blank=True, help_text="The catalog's, when it was consented to."
    )
    consented_at = models.DateTimeField(null=True, blank=True)
    signed_off_at = models.DateTimeField(
        null=True, blank=True, help_text="When the Developer Certificate of Origin was certified."
    )

    findings = models.JSONField(default=list, help_text="See findings.stored_finding.")
    checked_at = models.DateTimeField(null=True, blank=True)
    conflicts = models.JSONField(
        default=list, help_text="Fields that were changed underneath; see merging.Conflict."
    )
    priority = models.SmallIntegerField(default=0, help_text="Larger is decided earlier.")
    is_held = models.BooleanField(
        _("held"), default=False, help_text=_("Looks like spam; at the end of the queue.")
    )
    is_spam = models.BooleanField(_("spam"), default=False)
    joined_to = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="joined",
        help_text="The first open report on the same entry; decided with it.",
    )

    reason = models.CharField(_("reason"), max_length=40, blank=True, help_text="A DecisionReason.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    come_back_after = models.DateField(_("come back after"), null=True, blank=True)
    applied_revision = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The catalog's last revision that publishing it made."
    )
    published = models.JSONField(
        null=True,
        blank=True,
        help_text="`before` and `after`: the entry around the last publishing, as proposal.Base.",
    )
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="duplicates"
    )
    duplicate_entry = models.ForeignKey(
        "catalog.Entry", models.SET_NULL, null=True, blank=True, related_name="duplicates"
    )

    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="claims"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("submitted at"))
    updated_at = models.DateTimeField(auto_now=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    is_repeat = False
    """Set on the row that a verb gives when it found done what it was asked for; not stored."""

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints: ClassVar = [
            # Revisions are counted from 1; 0 would be taken for "not read".
            models.CheckConstraint(condition=Q(revision__gte=1), name="submission_revision_counts"),
            # When it was decided is known exactly for the decided.
            models.CheckConstraint(
                condition=Q(status__in=DECIDED, decided_at__isnull=False)
                | (~Q(status__in=DECIDED) & Q(decided_at=None)),
                name="submission_decided_at_when_decided",
            ),
            # Only a rejection says that something is spam.
            models.CheckConstraint(
                condition=Q(is_spam=False) | Q(status=Status.REJECTED),
                name="submission_spam_is_rejected",
            ),
            # Only what was published has made a revision.
            models.CheckConstraint(
                condition=Q(applied_revision=None)
                | Q(status__in=[Status.APPLIED, Status.REVERTED]),
                name="submission_revision_when_applied",
            ),
            # Reports join reports.
            models.CheckConstraint(
                condition=Q(joined_to=None) | Q(kind=Kind.REPORT),
                name="submission_joined_is_report",
            ),
        ]
        indexes: ClassVar = [
            # A catalog's queue in its order, and its counts by status.
            models.Index(
                F("catalog"), F("status"), F("is_held"), F("priority").desc(), F("created_at"),
                name="submission_queue",
            ),
            # The queue over all catalogs, and what the system looks for.
            models.Index(fields=["status", "created_at"], name="submission_by_status"),
            # Whether the same thing is pending.
            models.Index(
                fields=["catalog", "canonical_url"],
                name="submission_same_url",
                condition=Q(status__in=OPEN),
            ),
            # Open submissions on an entry, which a published change makes look again.
            models.Index(fields=["entry", "status"], name="submission_on_entry"),
            # A person's own, newest first, and their record.
            models.Index(fields=["submitter", "-created_at"], name="submission_of_person"),
            # What came from one network, for caps and for spam.
            models.Index(fields=["network_hash", "-created_at"], name="submission_of_network"),
            # What is open from one browser.
            models.Index(
                fields=["browser_hash"],
                name="submission_of_browser",
                condition=Q(status__in=OPEN),
            ),
            # What came with one address.
            models.Index(fields=["email", "-created_at"], name="submission_of_address"),
            # Decisions of a catalog over time.
            models.Index(fields=["catalog", "decided_at"], name="submission_decisions"),
        ]  # fmt: skip

    def __str__(self) -> str:
        name = self.name or self.url or self.pk
        return _("%(kind)s: %(name)s") % {"kind": self.get_kind_display(), "name": name}

    def get_absolute_url(self) -> str:
        return reverse("contribute:submission-detail", args=[self.token])

    @property
    def content(self) -> Proposal:
        """The proposal as an object."""
        return Proposal.from_json(self.proposal)

    @property
    def based_on(self) -> Base:
        """Return the version it was based on."""
        return Base.from_json(self.base)

    @property
    def decision_reason(self) -> DecisionReason | None:
        """The reason of a rejection as its list words it; None where the list has it no more."""
        return DecisionReason.objects.filter(catalog=self.catalog_id, code=self.reason).first()

    @property
    def draft(self) -> SubmissionDraft:
        """Return the draft: the proposal and its target."""
        return SubmissionDraft(self.catalog, self.content, self.listing, self.entry, self.based_on)


class SubmissionEvent(models.Model):
    """One thing that happened to a submission. Append-only; `people.anonymise` may change names.

    `entry_before` and `entry_after` are the catalog's revisions around what was published, equal
    where nothing was. `snapshot` is the proposal as it was then.
    """

    submission = models.ForeignKey(Submission, models.RESTRICT, related_name="events")
    catalog = models.ForeignKey(
        "catalog.Catalog", models.CASCADE, related_name="submission_events", db_index=False
    )
    verb = models.CharField(max_length=15, choices=Verb)
    from_status = models.CharField(max_length=17, choices=Status, blank=True)
    to_status = models.CharField(max_length=17, choices=Status)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="submission_events",
    )
    actor_name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=9, choices=Role)
    reason = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True, help_text="Shown to the submitter.")
    internal_note = models.TextField(blank=True, help_text="Shown to moderators only.")
    created_at = models.DateTimeField()
    submission_revision = models.PositiveIntegerField()
    entry_before = models.PositiveBigIntegerField(null=True, blank=True)
    entry_after = models.PositiveBigIntegerField(null=True, blank=True)
    snapshot = models.JSONField(default=dict)
    listing_key = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Of the listing that an addition was to go to then."
    )

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes: ClassVar = [
            # What happened in a catalog, and statistics over time.
            models.Index(fields=["catalog", "created_at"], name="event_of_catalog"),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.verb}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write it once."""
        if not self._state.adding:
            raise TypeError("events are append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: events outlive what they tell of."""
        raise TypeError("events are append-only")


class RetryKey(models.Model):
    """A request that was carried out, and may be sent again; see `verbs/transitions.py`."""

    key = models.CharField(max_length=64, unique=True)
    fingerprint = models.CharField(max_length=64)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="retry_keys")
    # What is old is forgotten.
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("key of a request")
        verbose_name_plural = _("keys of requests")

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.key[:8]}"


class ContributionPolicy(models.Model):
    """The contribution settings of a catalog; one without a row has the defaults."""

    catalog = models.OneToOneField(
        "catalog.Catalog", models.CASCADE, related_name="contribution_policy"
    )
    who_may_submit = models.CharField(
        _("who may submit"), max_length=15, choices=WhoMaySubmit, default=WhoMaySubmit.OPEN
    )
    may_decide_own = models.BooleanField(
        _("moderators may decide on their own submissions"), default=False
    )
    required_columns = models.JSONField(
        _("required columns"), default=list, blank=True, help_text=_("Keys of columns.")
    )
    profile = models.JSONField(
        _("rules"),
        default=dict,
        blank=True,
        help_text=_("off, warn or block by rule name; other rules keep their default."),
    )
    contact_email = models.EmailField(
        _("contact address"),
        blank=True,
        help_text=_("Replies to letters about submissions go there, never to a person's own."),
    )
    challenge = models.CharField(
        _("proof of work"), max_length=6, choices=Challenge, default=Challenge.AUTO
    )

    class Meta:
        verbose_name = _("contribution policy")
        verbose_name_plural = _("contribution policies")

    def __str__(self) -> str:
        return str(self.catalog)

    @classmethod
    def of(cls, catalog: Any) -> ContributionPolicy:
        """The catalog's policy; one with the defaults that is not stored where it has none."""
        return _POLICY.first(catalog.pk) or cls(catalog=catalog)


_POLICY = Prepared(lambda catalog: ContributionPolicy.objects.filter(catalog=catalog).order_by())


class DecisionReason(models.Model):
    """A reason that a catalog's moderators give for a rejection."""

    STANDARD: ClassVar = {
        "out-of-scope": (_("It does not fit the scope of this list."), Effect.NONE),
        "quality": (_("It is not mature or good enough for this list yet."), Effect.NONE),
        "unclear": (_("The submission does not give enough information."), Effect.NONE),
        "broken": (_("The link does not work."), Effect.NONE),
        "duplicate": (
            _("It is already listed or suggested; you are credited."),
            Effect.DUPLICATE,
        ),
        "promotion": (_("It reads like an advertisement."), Effect.NONE),
        "spam": (_("It is spam."), Effect.SPAM),
        "other": (_("Other; see the note."), Effect.NONE),
    }
    """The reasons that a catalog starts with: texts and effects by code."""

    catalog = models.ForeignKey(
        "catalog.Catalog", models.CASCADE, related_name="decision_reasons", db_index=False
    )
    code = models.SlugField(_("code"), max_length=40)
    text = models.TextField(
        _("text"), blank=True, help_text=_("Shown publicly. Leave empty to use the default text.")
    )
    effect = models.CharField(_("effect"), max_length=9, choices=Effect, default=Effect.NONE)
    rank = models.PositiveIntegerField(_("rank"), default=0, help_text=_("Smaller comes first."))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering: ClassVar = ["catalog_id", "rank", "code"]
        verbose_name = _("reason for rejections")
        verbose_name_plural = _("reasons for rejections")
        constraints: ClassVar = [
            # A code means one thing in a catalog.
            models.UniqueConstraint(fields=["catalog", "code"], name="decision_reason_code_unique"),
        ]

    def __str__(self) -> str:
        return self.shown_text

    @property
    def shown_text(self) -> str:
        """The catalog's own text, else the usual one in the reader's language, else the code."""
        standard = self.STANDARD.get(self.code)
        return self.text or (str(standard[0]) if standard else self.code)


class BlockRule(models.Model):
    """A rule that refuses some proposals; without a catalog, on the whole site."""

    class Kind(models.TextChoices):
        DOMAIN = "domain", _("domain")
        OWNER = "owner", _("owner on a code host")
        PHRASE = "phrase", _("phrase")
        PERSON = "person", _("person")
        MAIL_DOMAIN = "mail-domain", _("domain of an e-mail address")

    catalog = models.ForeignKey(
        "catalog.Catalog",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="block_rules",
        help_text=_("Leave empty for the whole site."),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    value = models.CharField(_("value"), max_length=300)
    reason = models.TextField(_("reason"), blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    hits = models.PositiveIntegerField(_("hits"), default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["kind", "value"]
        verbose_name = _("block rule")
        verbose_name_plural = _("block rules")
        constraints: ClassVar = [
            # Once is enough in a catalog,
            models.UniqueConstraint(fields=["catalog", "kind", "value"], name="block_rule_unique"),
            # and for the site.
            models.UniqueConstraint(
                fields=["kind", "value"],
                name="block_rule_of_site_unique",
                condition=Q(catalog=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value}"


class TrustPin(models.Model):
    """A maintainer's word on whether somebody is trusted, in place of the computation."""

    catalog = models.ForeignKey(
        "catalog.Catalog", models.CASCADE, related_name="trust_pins", db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="trust_pins")
    is_trusted = models.BooleanField(_("trusted"))
    reason = models.TextField(_("reason"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("pinned trust")
        verbose_name_plural = _("pinned trust")
        constraints: ClassVar = [
            # One word for a person in a catalog.
            models.UniqueConstraint(fields=["catalog", "user"], name="trust_pin_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.is_trusted}"
