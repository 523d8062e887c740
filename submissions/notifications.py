"""What is told to whom when something happens to a submission."""

from __future__ import annotations

from submissions.models import SubmissionEvent


def notify(event: SubmissionEvent) -> None:
    """Put the mails that an event calls for into the queue.

    Called by every verb inside its transaction, so that a mail is queued exactly when the event
    is committed. Must not send anything itself.
    """
