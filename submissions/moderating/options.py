"""The possible actions of a person on a submission, read off the table of `workflow.py`.

For showing what there is; each verb looks again by itself.
"""

from __future__ import annotations

from submissions.choices import Role, Verb
from submissions.errors import NotAllowed
from submissions.models import Submission
from submissions.people import Actor
from submissions.verbs.transitions import refuse_own
from submissions.workflow import TRANSITIONS


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
    possible = (
        row for row in rows if not (row.when and row.when(submission, actor, Role.MODERATOR))
    )
    return {row.verb for row in possible}, ""
