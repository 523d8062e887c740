"""Undo of one's own last decision, within a minute: stored in the session.

The session says only what to offer; who may take back what is looked at by `workflow.undo`. What
is done after a decision, and cannot be taken back itself, ends its offer: *Undo* is never of
anything but the newest action.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.http import HttpRequest
from django.utils import timezone

from submissions.models import Submission
from submissions.rules import UNDO_WITHIN

_KEY = "moderation_undo"


class Undo(NamedTuple):
    """The last decision, or several that were made at once, and for how long it can be undone."""

    what: str
    decided: list[tuple[int, int]]
    """Keys of the submissions, and the revisions that the decision made of them."""
    seconds: int


def remember(request: HttpRequest, what: str, decided: Sequence[Submission]) -> None:
    """Offer to take this back on the pages that follow."""
    request.session[_KEY] = {
        "what": what,
        "decided": [[one.pk, one.revision] for one in decided],
        "until": (timezone.now() + UNDO_WITHIN).timestamp(),
    }


def undo_offer(request: HttpRequest) -> Undo | None:
    """Return what can still be undone."""
    stored = request.session.get(_KEY)
    if not stored:
        return None
    seconds = int(stored["until"] - timezone.now().timestamp())
    if seconds <= 0:
        return None
    return Undo(stored["what"], [(key, number) for key, number in stored["decided"]], seconds)


def forget(request: HttpRequest) -> None:
    """Offer nothing any more."""
    request.session.pop(_KEY, None)
