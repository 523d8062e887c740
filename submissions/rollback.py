"""Rollback: revert all that one sender did to a catalog since some time, after a preview.

What counts is what they got published, and what an account changed in the list by itself.
Each is reverted on its own, the newest first, and leaves a revision and an event of its own; what
was changed again since stays, and is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from catalog.editing.lines import revert_revision
from catalog.errors import CatalogError
from catalog.history.diffs import ChangeLines, linked_lines
from catalog.history.revisions import Author
from catalog.models import Catalog, Change, Revision
from submissions.models import Status, Submission
from submissions.people import Actor
from submissions.policies import refuse_unless_maintainer
from submissions.workflow import revert

MOST = 100
"""Most contributions reverted at once; the rest can follow."""
_LINES = 20
_BY_HAND = (
    Revision.Verb.ADD,
    Revision.Verb.CHANGE,
    Revision.Verb.MOVE,
    Revision.Verb.REMOVE,
    Revision.Verb.ADD_SECTION,
    Revision.Verb.RENAME_SECTION,
    Revision.Verb.REMOVE_SECTION,
    Revision.Verb.MOVE_SECTION,
    Revision.Verb.SPLIT_SECTION,
    Revision.Verb.MERGE_SECTION,
    Revision.Verb.PROSE,
)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One thing that the sender did: a submission that was published, or an edit by hand."""

    when: datetime
    number: int
    """The revision of the list."""
    name: str
    submission: Submission | None = None

    @property
    def key(self) -> str:
        """Return the contribution's identity as it was seen: no other version of it is meant."""
        one = self.submission
        return f"submission-{one.pk}-{one.revision}" if one else f"revision-{self.number}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The effect of reverting a contribution, or why it is not possible."""

    contribution: Contribution
    lines: list[ChangeLines] = field(default_factory=list)
    refusal: str = ""


def contributions_of(
    sender: User | Submission, *, catalog: Catalog, since: datetime
) -> list[Contribution]:
    """Return the contributions of an account, or of a submission's sender; newest first."""
    user: User | None
    if isinstance(sender, User):
        user, own = sender, Submission.objects.submitted_by(sender)
    else:
        user, own = sender.submitter, Submission.objects.same_sender(sender)
    published = own.filter(
        catalog=catalog,
        status=Status.APPLIED,
        applied_revision__isnull=False,
        decided_at__gte=since,
    )
    by_hand = Revision.objects.filter(
        Exists(Change.objects.filter(revision=OuterRef("pk"))),
        catalog=catalog,
        actor=user,
        actor__isnull=False,
        submission_token="",
        verb__in=_BY_HAND,
        created_at__gte=since,
        number__gt=1,
    )
    reverted = Revision.objects.filter(
        catalog=catalog, verb=Revision.Verb.REVERT, created_at__gte=since
    )
    taken_back = {details.get("reverted") for details in reverted.values_list("details", flat=True)}
    contributions = [
        Contribution(one.decided_at or one.created_at, one.applied_revision or 0, one.name, one)
        for one in published.order_by("-applied_revision")[:MOST]
    ]
    contributions += [
        Contribution(one.created_at, one.number, one.note or one.get_verb_display())
        for one in by_hand.order_by("-number")[:MOST]
        if one.number not in taken_back
    ]
    return sorted(contributions, key=lambda contribution: -contribution.number)[:MOST]


def preview_rollback(
    contributions: Sequence[Contribution], *, catalog: Catalog, actor: Actor
) -> list[Outcome]:
    """Preview the rollback of these; it is applied and rolled back."""
    refuse_unless_maintainer(actor, catalog)
    with transaction.atomic():
        outcomes = [_tried(contribution, catalog, actor, "") for contribution in contributions]
        transaction.set_rollback(True)
    return outcomes


def roll_back(
    contributions: Sequence[Contribution],
    *,
    catalog: Catalog,
    actor: Actor,
    keys: Iterable[str],
    note: str = "",
) -> list[Outcome]:
    """Revert those that `keys` name, each in a transaction of its own. Raises `NotAllowed`."""
    refuse_unless_maintainer(actor, catalog)
    chosen = set(keys)
    return [
        _tried(contribution, catalog, actor, note)
        for contribution in contributions
        if contribution.key in chosen
    ]


def _tried(contribution: Contribution, catalog: Catalog, actor: Actor, note: str) -> Outcome:
    before = Catalog.objects.values_list("revision", flat=True).get(pk=catalog.pk)
    try:
        # A savepoint where it is only tried: a refusal takes back the half that was done.
        with transaction.atomic():
            _revert(contribution, catalog, actor, note)
    except CatalogError as error:
        return Outcome(contribution, refusal=error.message)
    changes = Change.objects.filter(revision__catalog=catalog, revision__number__gt=before)
    ordered = changes.order_by("revision__number", "ordinal")[:_LINES]
    return Outcome(contribution, linked_lines(catalog, ordered))


def _revert(contribution: Contribution, catalog: Catalog, actor: Actor, note: str) -> None:
    if contribution.submission is not None:
        row = Submission.objects.get(pk=contribution.submission.pk)
        revert(
            submission=row,
            actor=actor,
            note=note,
            expected_revision=contribution.submission.revision,
        )
        return
    current = Catalog.objects.get(pk=catalog.pk)
    revert_revision(
        catalog=current, number=contribution.number, by=Author(actor=actor.user, note=note)
    )
