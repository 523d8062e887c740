"""The operations on submissions: each verb with its fields, in one table.

Forms and buttons of moderators, the bodies of programs, their addresses and the schema are made
from it; `workflow.TRANSITIONS` says when a verb is possible. A new field is a row here and a
parameter of the verb.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Model, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.errors import InvalidField
from catalog.models import Entry
from submissions import workflow
from submissions.choices import Action, Effect, Role, Verb
from submissions.models import Submission
from submissions.people import Actor
from submissions.proposal import MAX_TEXT

type Text = str | Promise

_MISSING = {
    Entry: _("There is no such entry in this list."),
    Submission: _("There is no such submission in this list."),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of verbs: `help` is what programs are told, `label` what forms call it.

    `type` is the class of its values: a text, a number, a date, texts by field (`dict`), the
    choices of a word, or the model of a row in the same list, which is named by its id.
    """

    name: str
    type: type[Any]
    help: Text = ""
    label: Text = ""
    is_required: bool = False
    max_length: int = MAX_TEXT

    def value(self, given: Any, submission: Submission) -> Any:
        """Return the verb's argument for a given value. Raises `InvalidField`."""
        if issubclass(self.type, TextChoices):
            return self.type(given) if given else None
        if not issubclass(self.type, Model) or not given:
            return given
        row = self.type._default_manager.filter(catalog=submission.catalog_id, pk=given).first()
        if row is None:
            raise InvalidField(self.name, str(_MISSING[self.type]))
        return row


@dataclass(frozen=True, slots=True)
class Operation:
    """A verb: who uses it, what it takes, and how the API describes it.

    `name` is the last part of its address, `body` what the schema calls its fields. With
    `has_version` the fields of a proposal come besides, as `proposal`, `listing` and `seen`.
    """

    name: str
    verb: Verb | None
    call: Callable[..., Submission]
    who: Role
    body: str
    fields: tuple[Field, ...]
    summary: str
    description: str
    has_version: bool = False

    @property
    def id(self) -> str:
        """Return the operation's id in the schema."""
        return {"request-changes": "requestChangesOf"}.get(self.name, self.name) + "Submission"

    def act(self, submission: Submission, actor: Actor, given: Mapping[str, Any]) -> Submission:
        """Perform the operation with the given values, by the names of fields. Raises what the verb
        raises."""
        version = {"proposal", "listing", "seen"} if self.has_version else set()
        values = {name: given[name] for name in version & given.keys()}
        for field in self.fields:
            if field.name in given:
                values[field.name] = field.value(given[field.name], submission)
        return self.call(submission=submission, actor=actor, **values)


class Button(NamedTuple):
    """A moderator's button: `name` is what forms send, `key` what opens it.

    `message` is what is said afterwards, `omits` are fields that its form leaves out, and `effect`
    is that of the reasons which it offers.
    """

    name: str
    operation: Operation
    key: str
    label: Text
    message: Text
    omits: tuple[Field, ...] = ()
    effect: Effect = Effect.NONE


# fmt: off
F, B, V, W = Field, Button, Verb, workflow
MODERATOR, SUBMITTER = Role.MODERATOR, Role.SUBMITTER

REVISION = F("expected_revision", int,
             _("The `revision` that you read: if it has another one, 409."), is_required=True)
READ = replace(REVISION, is_required=False)
NOTE = F("note", str, _("To the submitter."), _("note to the submitter"))
INTERNAL = F("internal_note", str, _("For moderators only."), _("internal note"))
QUESTION = F("note", str, _("The question to the submitter."), _("question to the submitter"),
             is_required=True)
RESOLUTION = F("resolution", dict, _("The final texts of the fields in conflict, by field."))
SEEN = F("seen", str, _("The version that the conflict named."), max_length=64)
ACTION = F("action", Action, "", _("what to do about it"))
NEW_URL = F("replacement_url", str, "", _("new address"))
REASON = F("reason", str, _("The code of one of its `reasons`."), _("reason"),
           is_required=True, max_length=40)
COME_BACK = F("come_back_after", date, "", _("welcome again after"))
DUPLICATE = F("duplicate_of", Submission, _("The id of a submission."), _("duplicate of"))
ORIGINAL = F("duplicate_entry", Entry, _("The id of an entry."))
TAKE_OVER = F("take_over", bool, _("Take over from someone else."))
CONFIRMATION = F("confirmation", str, is_required=True, max_length=1000)
ANSWER = F("note", str, _("To the moderator."))
DECISION = (REVISION, NOTE, INTERNAL)
SETTLED = (*DECISION, RESOLUTION, SEEN)

APPROVE = Operation(
    "approve", V.APPROVE, W.approve, MODERATOR, "Approval", (*SETTLED, ACTION, NEW_URL),
    "Publish it", """Publish it; of a report do what `action` says.

Where the entry was changed underneath it is refused (409) with the `conflicts`; send it again
with `resolution`, the texts that these fields shall have, and `seen`.""",
)
AMEND = Operation(
    "amend", V.AMEND, W.amend, MODERATOR, "Amendment", SETTLED, "Publish another version",
    """Publish another version: what is sent takes the place of what was proposed.

Both versions are kept, and both people credited. With `seen` it is taken as written on that
version of the entry: a field that was in conflict then has to be sent otherwise, or stand in
`resolution`.""", has_version=True,
)
REJECT = Operation(
    "reject", V.REJECT, W.reject, MODERATOR, "Rejection",
    (REVISION, REASON, DUPLICATE, ORIGINAL, NOTE, COME_BACK, INTERNAL),
    "Turn it down", "For one of the list's reasons.",
)
ASK = Operation(
    "request-changes", V.REQUEST_CHANGES, W.request_changes, MODERATOR, "Question",
    (REVISION, QUESTION, INTERNAL), "Ask for changes",
    "Ask the submitter something before it is decided.",
)
REOPEN = Operation(
    "reopen", V.REOPEN, W.reopen, MODERATOR, "Reopening", (REVISION, NOTE),
    "Let it wait again", "What was rejected, withdrawn, or lapsed.",
)
REVERT = Operation(
    "revert", V.REVERT, W.revert, MODERATOR, "Settled", SETTLED, "Take back what it did",
    """Undo on the list what was published, computed against what stands now.

Conflicts are settled as those of an approval.""",
)
UNDO = Operation(
    "undo", V.UNDO, W.undo, MODERATOR, "Undoing", (READ,), "Take back your decision",
    "Within a minute, one's own.",
)
CLAIM = Operation(
    "claim", None, W.claim, MODERATOR, "Claim", (TAKE_OVER,), "Say that you look at it",
    "For half an hour; a hint to others, never a lock.",
)
RELEASE = Operation(
    "release", None, W.release, MODERATOR, "Nothing", (), "Say that you do not look at it",
    "Nothing happens if somebody else does.",
)
WITHDRAW = Operation(
    "withdraw", V.WITHDRAW, W.withdraw, SUBMITTER, "Answer", (ANSWER, READ), "Withdraw",
    "Before it is decided.",
)
APPEAL = Operation(
    "appeal", V.REOPEN, W.reopen, SUBMITTER, "Answer", (ANSWER, READ), "Ask to look at it again",
    "Of a rejection, once; of what was withdrawn or lapsed, at any time.",
)
CONFIRM = Operation(
    "confirm", V.CONFIRM, W.confirm, SUBMITTER, "Confirmation", (CONFIRMATION, READ),
    "Confirm the address", "With the secret that was mailed to it.",
)
RESUBMIT = Operation(
    "resubmit", V.RESUBMIT, W.resubmit, SUBMITTER, "Resubmission", (ANSWER, READ),
    "Correct it, or answer a question",
    """What is sent takes the place of what was proposed, in every state that is not published.

What is open goes on waiting with the new version; what was rejected, withdrawn, taken back or
lapsed waits for a moderator again. All versions are kept.""", has_version=True,
)
OPERATIONS = (APPROVE, AMEND, REJECT, ASK, REOPEN, REVERT, UNDO, CLAIM, RELEASE,
              WITHDRAW, APPEAL, CONFIRM, RESUBMIT)

# By the name that forms send, in their order. Nothing is said to a spammer but the reason.
BUTTONS = {button.name: button for button in (
    B("approve", APPROVE, "a", _("Approve"), _("“%(name)s” was published.")),
    B("amend", AMEND, "e", _("Amend and approve"),
      _("“%(name)s” was amended and published.")),
    B("ask", ASK, "c", _("Ask for changes"),
      _("The submitter of “%(name)s” was asked for changes.")),
    B("reject", REJECT, "r", _("Reject"), _("“%(name)s” was rejected."),
      (DUPLICATE, ORIGINAL)),
    B("duplicate", REJECT, "d", _("Duplicate"), _("“%(name)s” was rejected as a duplicate."),
      (COME_BACK, ORIGINAL), Effect.DUPLICATE),
    B("spam", REJECT, "s", _("Spam"), _("“%(name)s” was rejected as spam."),
      (NOTE, COME_BACK, DUPLICATE, ORIGINAL), Effect.SPAM),
    B("reopen", REOPEN, "o", _("Reopen"), _("“%(name)s” is waiting again.")),
)}
REVERTING = B("revert", REVERT, "v", _("Revert"), _("“%(name)s” was reverted."))
# fmt: on
