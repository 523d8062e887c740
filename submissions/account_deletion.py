"""Anonymisation of submissions when an account is deleted: they stay, without the person.

Events and revisions are append-only, and these functions are the one exception: they replace a
name, and nothing else.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Replace
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from catalog.models import Catalog, Revision
from submissions.models import Submission, SubmissionEvent

FORMER_CONTRIBUTOR = gettext_noop("former contributor")
"""Stored as it is, and translated where it is shown."""


def anonymise(user: User) -> None:
    """Replace a person's name by *former contributor* in events, submissions and the history.

    The events stay: what was done, when, and in which role.
    """
    submissions = Submission.objects.submitted_by(user)
    tokens = list(submissions.values_list("token", flat=True))
    touched = Revision.objects.filter(Q(actor=user) | Q(submission_token__in=tokens))
    catalogs = set(touched.values_list("catalog", flat=True))
    for name in {user.get_full_name(), *submissions.values_list("credit", flat=True)} - {""}:
        credited = Revision.objects.filter(submission_token__in=tokens, credit__contains=name)
        credited.update(credit=Replace(F("credit"), Value(name), Value(FORMER_CONTRIBUTOR)))
    submissions.exclude(credit="").update(credit=FORMER_CONTRIBUTOR, signed_off_at=None)
    for rows in (SubmissionEvent.objects.filter(actor=user), Revision.objects.filter(actor=user)):
        _rename(rows)
    # Browsers and caches hold pages of these lists for as long as the lists stay as they are.
    Catalog.objects.filter(pk__in=catalogs).update(updated_at=timezone.now())


def _rename(rows: QuerySet[Any]) -> None:
    # Past the guard of append-only rows, on purpose.
    QuerySet.update(rows.exclude(actor_name=""), actor_name=FORMER_CONTRIBUTOR)


def let_go(user: User, *, keep_name: bool) -> None:
    """Forget how a person who leaves could be reached, and their name unless it may stay."""
    if not keep_name:
        anonymise(user)
    Submission.objects.filter(Q(submitter=user)).update(
        email="", network_hash="", browser_hash="", wants_mail=False
    )


def known_of(user: User) -> tuple[str, list[dict[str, Any]]]:
    """Return a person's stored submissions with their threads, and their decisions."""
    rows = Submission.objects.submitted_by(user).order_by("pk")
    return "submissions", [
        {
            "catalog": row.catalog.slug,
            "kind": row.kind,
            "status": row.status,
            "credit": row.credit,
            "email": row.email,
            "note": row.note,
            "proposal": row.proposal,
            "created_at": row.created_at,
            "events": list(
                row.events.order_by("pk").values(
                    "verb", "role", "actor_name", "reason", "note", "created_at"
                )
            ),
        }
        for row in rows.select_related("catalog").prefetch_related("events")
    ]
