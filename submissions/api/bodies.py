"""Request bodies: one for each kind of proposal, and one for each operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from django.db.models import Model, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from submissions import operations
from submissions.api.fields import (
    Body,
    ByColumn,
    Choice,
    Day,
    Flag,
    Language,
    Only,
    Tags,
    Text,
    WholeNumber,
)
from submissions.choices import Kind, Report
from submissions.proposal import Proposal


def _cells() -> ByColumn:
    proposed = gettext_lazy("Inline markdown by the number of the table's column, from 0.")
    return ByColumn(child=Text(), help_text=proposed)


def _texts() -> dict[str, Text]:
    return {
        name: Text(allow_null=True, help_text=proposed)
        for name, proposed in (
            ("name", gettext_lazy("Plain text; in a list the text of its link.")),
            ("url", gettext_lazy("The link.")),
            ("description", gettext_lazy("Inline markdown; in a list what follows the link.")),
        )
    }


class Contribution(Body):
    """Fields of all proposals."""

    note = Text(help_text=gettext_lazy("To the moderator; not published."))
    credit = Text(
        max_length=150,
        help_text=gettext_lazy("The name in the history; by default that of the account."),
    )
    email = serializers.EmailField(
        required=False,
        max_length=254,
        help_text=gettext_lazy(
            "To be told about the decision; for an account, its own address is used."
        ),
    )
    consent = Flag(
        help_text=gettext_lazy("Agreement to publish under the list's licence, if it has one.")
    )
    sign_off = Flag(
        help_text=gettext_lazy(
            "Certifies the Developer Certificate of Origin, for lists in Git that ask for it."
        )
    )
    language = Language()
    solution = Text(
        max_length=4000,
        help_text=gettext_lazy("The solution of a challenge that `challenge_needed` came with."),
    )
    reason = Text(help_text=gettext_lazy("Why; allows an address that is already listed."))


class Addition(Contribution):
    """A new entry, of a `listing` or as the first of a `new_section`."""

    kind = Only(Kind.ADD.value)
    catalog = Text(required=True, max_length=100, help_text=gettext_lazy("The slug of the list."))
    listing = WholeNumber(
        required=False,
        allow_null=True,
        help_text=gettext_lazy("The id of a list or table, from catalogs/{slug}/sections/."),
    )
    new_section = Text(
        help_text=gettext_lazy(
            "The title of a section that it begins: after that of `listing` and written like it, "
            "without one at the end of the list."
        )
    )
    name = _texts()["name"]
    url = _texts()["url"]
    description = _texts()["description"]
    cells = _cells()
    add_tags = Tags()
    after = WholeNumber(
        required=False, allow_null=True, help_text=gettext_lazy("The entry it comes after.")
    )
    first = Flag(help_text=gettext_lazy("Put it first."))


class OfEntry(Contribution):
    """Fields of proposals about an existing entry."""

    entry = WholeNumber(help_text=gettext_lazy("The entry's id."))
    entry_revision = WholeNumber(
        required=False,
        min_value=0,
        help_text=gettext_lazy("Its `revision` as you read it: if it was changed since, 409."),
    )


class Edit(OfEntry):
    """An edit: new texts or tags; omitted fields stay as they are."""

    kind = Only(Kind.EDIT.value)
    name = _texts()["name"]
    url = _texts()["url"]
    description = _texts()["description"]
    cells = _cells()
    add_tags = Tags()
    remove_tags = Tags()


class Move(OfEntry):
    """A move: to another listing (`target`), behind an entry (`after`), or `first`."""

    kind = Only(Kind.MOVE.value)
    target = WholeNumber(
        required=False, allow_null=True, help_text=gettext_lazy("The id of a list or table.")
    )
    after = WholeNumber(required=False, allow_null=True)
    first = Flag()
    placing = ByColumn(
        child=WholeNumber(min_value=0, max_value=999, allow_null=True),
        help_text=gettext_lazy(
            "Target columns of cells without a column there; null leaves them out."
        ),
    )


class Removal(OfEntry):
    """A removal."""

    kind = Only(Kind.REMOVE.value)
    reason = Text(required=True, help_text=gettext_lazy("Why."))


class ReportBody(OfEntry):
    """A report of something wrong with an entry, for moderators to look after."""

    kind = Only(Kind.REPORT.value)
    report = Choice(choices=Report.values, help_text=gettext_lazy("What is wrong."))
    evidence = Text(
        help_text=gettext_lazy("Evidence; required where the kind does not say enough.")
    )
    replacement_url = Text(help_text=gettext_lazy("The correct address."))


BODIES: dict[str, type[Contribution]] = {
    Kind.ADD.value: Addition,
    Kind.EDIT.value: Edit,
    Kind.MOVE.value: Move,
    Kind.REMOVE.value: Removal,
    Kind.REPORT.value: ReportBody,
}
ANY_KIND = PolymorphicProxySerializer("Proposed", {**BODIES}, "kind")
"""The union of bodies in the schema; `kind` tells them apart."""


class OtherVersion(Body):
    """Fields of the proposal. What is sent takes the place of what was proposed, null takes it
    back, and what is not sent stays.
    """

    listing = WholeNumber(required=False, help_text=gettext_lazy("Of an addition: another place."))
    name = _texts()["name"]
    url = _texts()["url"]
    description = _texts()["description"]
    cells = _cells()
    add_tags = Tags()
    remove_tags = Tags()
    target = WholeNumber(required=False, allow_null=True)
    after = WholeNumber(required=False, allow_null=True)
    first = Flag()
    placing = ByColumn(child=WholeNumber(min_value=0, max_value=999, allow_null=True))
    new_section = Text()
    report = Choice(choices=Report.values, required=False)
    evidence = Text()
    replacement_url = Text()
    reason = Text(help_text=gettext_lazy("Why this is suggested."))


class CorrectedVersion(OtherVersion):
    """Another version by its submitter, who may have seen a newer entry."""

    entry_revision = WholeNumber(
        required=False,
        min_value=0,
        help_text=gettext_lazy(
            "The entry's `revision` as you read it: your version is then written on that. Without "
            "it, what others changed since stays in conflict, for a moderator to decide."
        ),
    )


# What verbs take: made from the table of operations


_BASES: dict[str, type[Body]] = {
    operations.AMEND.body: OtherVersion,
    operations.RESUBMIT.body: CorrectedVersion,
}


def _field(field: operations.Field) -> serializers.Field[Any, Any, Any, Any]:
    own: dict[str, Any] = {"required": field.is_required, "help_text": field.help or None}
    if issubclass(field.type, TextChoices):
        return Choice(choices=field.type.values, **own)
    if issubclass(field.type, Model):
        return WholeNumber(allow_null=True, **own)
    if field.type is int:
        return WholeNumber(max_value=2**31 - 1, **own)
    if field.type is date:
        return Day(allow_null=True, **own)
    if field.type is bool:
        return Flag(**own)
    if field.type is dict:
        return serializers.DictField(child=Text(), **own)
    return Text(max_length=field.max_length, **own)


def _body(operation: operations.Operation) -> type[Body]:
    """The body of an operation; operations that name the same take the same."""
    users = [other.id for other in operations.OPERATIONS if other.body == operation.body]
    described = f"What {' and '.join(users)} take{'s' if len(users) == 1 else ''}."
    own = {field.name: _field(field) for field in operation.fields}
    base = _BASES.get(operation.body, Body)
    return type(operation.body, (base,), {"__doc__": described, "__module__": __name__, **own})


_MADE = {operation.body: _body(operation) for operation in operations.OPERATIONS}


def body_of(operation: operations.Operation) -> type[Body]:
    """Return the body of an operation."""
    return _MADE[operation.body]


def read[T: Body](body: type[T], data: Any) -> dict[str, Any]:
    """Return the checked data of a body. Raises `ValidationError`."""
    read = body(data=data)
    read.is_valid(raise_exception=True)
    valid: dict[str, Any] = read.validated_data
    return valid


def read_contribution(data: Any) -> dict[str, Any]:
    """A proposal of any kind, checked. Raises `ValidationError`."""
    kind = data.get("kind") if isinstance(data, Mapping) else None
    if isinstance(data, Mapping) and (not isinstance(kind, str) or kind not in BODIES):
        proposed = _("Set `kind`: add, edit, move, remove or report.")
        raise serializers.ValidationError({"kind": [proposed]})
    return read(BODIES[kind or Kind.ADD.value], data)


_PROPOSED = frozenset(item.name for item in fields(Proposal))


def proposal_of(data: Mapping[str, Any]) -> Proposal:
    """The proposal of a body. Raises `InvalidField`."""
    proposed = {name: data[name] for name in _PROPOSED & data.keys() if data[name] is not None}
    return Proposal.from_json(proposed).with_action()


def changed(proposal: Proposal, data: Mapping[str, Any]) -> Proposal:
    """Return the proposal with the fields of a body replaced."""
    given = {name: data[name] for name in _PROPOSED & data.keys()}
    proposed = proposal.to_json() | given
    return Proposal.from_json(
        {name: value for name, value in proposed.items() if value is not None}
    )
