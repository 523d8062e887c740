"""The words that submissions are told in; stored, sent by clients, and never renamed."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """The kind of a proposal."""

    ADD = "add", _("new entry")
    EDIT = "edit", _("edit")
    MOVE = "move", _("move")
    REMOVE = "remove", _("removal")
    REPORT = "report", _("report")
    # Proposed by nobody but the list's file, where it differs from what was changed here.
    LINES = "lines", _("lines of the file")


TEXTS = (Kind.ADD, Kind.EDIT)
"""Kinds that bring words of their author into the list, which is what people agree to publish."""


class Status(TextChoices):
    """The status of a submission."""

    UNCONFIRMED = "unconfirmed", _("waiting for confirmation")
    PENDING = "pending", _("waiting for a moderator")
    CONFLICT = "conflict", _("in conflict with the file")
    CHANGES_REQUESTED = "changes-requested", _("changes requested")
    APPLIED = "applied", _("published")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")
    REVERTED = "reverted", _("reverted")


WAITING = (Status.PENDING, Status.CONFLICT)
"""Statuses in which a moderator has to decide."""
OPEN = (Status.UNCONFIRMED, *WAITING, Status.CHANGES_REQUESTED)
"""Statuses in which a submission may still be published as it is."""
DECIDED = (Status.APPLIED, Status.REJECTED, Status.REVERTED)
"""Statuses that a moderator gave; `decided_at` is known exactly for these."""


class Verb(TextChoices):
    """A verb: an action on a submission."""

    SUBMIT = "submit", _("submitted")
    CONFIRM = "confirm", _("confirmed the address")
    REQUEST_CHANGES = "request-changes", _("requested changes")
    RESUBMIT = "resubmit", _("resubmitted")
    WITHDRAW = "withdraw", _("withdrew")
    APPROVE = "approve", _("approved")
    AMEND = "amend", _("amended and approved")
    REJECT = "reject", _("rejected")
    EXPIRE = "expire", _("let it expire")
    REOPEN = "reopen", _("reopened")
    REVERT = "revert", _("reverted")
    UNDO = "undo", _("undid the decision")
    # No transitions: events in the history alone.
    REMIND = "remind", _("reminded")
    FOLLOW = "follow", _("followed what it is about into another entry")


class Role(TextChoices):
    """The role in which somebody acts on a submission."""

    SUBMITTER = "submitter", _("submitter")
    MODERATOR = "moderator", _("moderator")
    SYSTEM = "clock", _("the system")
    FILE = "file", _("the list's file")


class Report(TextChoices):
    """The problem of an entry that a report states."""

    DEAD_LINK = "dead-link", _("the link is dead")
    HIJACKED = "hijacked", _("the link now leads to something else")
    DUPLICATE = "duplicate", _("listed twice")
    WRONG = "wrong", _("something is wrong")
    SPAM = "spam", _("spam")
    OTHER = "other", _("something else")


class Action(TextChoices):
    """The effect on the entry when a report is confirmed."""

    NONE = "none", _("nothing")
    REPLACE_URL = "replace-url", _("replace the address")
    MARK_DEAD = "mark-dead", _("mark as dead")
    REMOVE = "remove", _("remove the entry")


class Effect(TextChoices):
    """A further effect of a reason for a rejection."""

    NONE = "none", _("nothing")
    DUPLICATE = "duplicate", _("credits the submitter and links to the original")
    SPAM = "spam", _("hides it and holds the submitter's other submissions")


class WhoMaySubmit(TextChoices):
    """Whom a catalog admits."""

    OPEN = "open", _("everyone")
    CONFIRMED_EMAIL = "confirmed-email", _("everyone with a confirmed e-mail address")
    SIGNED_IN = "signed-in", _("people who are signed in")
    CLOSED = "closed", _("nobody")


class Challenge(TextChoices):
    """The condition on which a proof of work is required."""

    OFF = "off", _("never")
    AUTO = "auto", _("during mass submissions")
    ALWAYS = "always", _("always")
