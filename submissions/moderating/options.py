"""What this person can do with this submission now, read off the table of `workflow.py`.

For showing what there is; each verb looks again by itself.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from submissions.choices import Kind, Role, Verb
from submissions.errors import InvalidTransition, NotAllowed
from submissions.models import Submission
from submissions.people import Actor
from submissions.verbs.transitions import refuse_own
from submissions.workflow import TRANSITIONS

AMENDABLE = {Kind.ADD, Kind.EDIT, Kind.MOVE}
"""What another version can be written of."""


def verbs_for(submission: Submission, actor: Actor) -> tuple[set[Verb], str]:
    """The verbs that a moderator has here, and why there is none if that is worth saying."""
    if submission.joined_to_id:
        return set(), ""
    rows = [
        row for row in TRANSITIONS if submission.status in row.sources and Role.MODERATOR in row.who
    ]
    try:
        refuse_own(submission, actor)
    except NotAllowed as error:
        return set(), error.message
    return {
        row.verb
        for row in rows
        if not (row.when and row.when(submission, actor, Role.MODERATOR))
        and (row.verb != Verb.AMEND or submission.kind in AMENDABLE)
    }, ""


def refuse_unamendable(submission: Submission) -> None:
    """Raise `InvalidTransition` where there is nothing to write otherwise."""
    if submission.kind not in AMENDABLE:
        raise InvalidTransition(
            _("Additions, edits and moves can be amended; approve or reject this."), submission
        )
