"""Names of submissions and their submitters, for moderators."""

from __future__ import annotations

from django.utils.translation import gettext as _

from submissions.account_deletion import FORMER_CONTRIBUTOR
from submissions.models import Submission


def shown_name(submission: Submission) -> str:
    """Return a submission's name in a list."""
    return submission.name or submission.url or f"#{submission.pk}"


def submitter_name(submission: Submission) -> str:
    """Return the submitter's name for moderators; never an address."""
    if submission.submitter is not None:
        return submission.submitter.get_full_name()
    return as_shown(submission.credit) or _("anonymous")


def as_shown(name: str) -> str:
    """A stored name; that of somebody who left in the reader's language."""
    return _(name) if name == FORMER_CONTRIBUTOR else name
