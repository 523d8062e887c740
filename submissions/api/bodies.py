"""Request bodies: one for each kind of proposal, and one for each operation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Model, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from submissions import operations
from submissions.choices import Kind, Report
from submissions.proposal import MAX_TEXT, Proposal

if TYPE_CHECKING:
    from drf_spectacular.openapi import AutoSchema

# Fields of bodies that take exactly what the schema says: no "1" for 1, nothing unknown.
#
# Whatever else a client sends by mistake is named, instead of being made to fit.


MAX_KEY = 2**63 - 1
"""The largest key of the database."""
MAX_CELLS = 100
_MOST_NAMED = 10
"""Unknown fields that are named at once."""
_COLUMN = re.compile(r"0|[1-9][0-9]{0,2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# The schema says of a text that may be empty that it is either empty or like this.
_TEXT_PATTERN = r"^[^\u0000]+$"
# Separators that Python counts as blanks are named, because other dialects of patterns do not.
_BLANK = r"\s\u001c-\u001f\u0085"
_FILLED_PATTERN = rf"^[^\u0000]*[^{_BLANK}\u0000][^\u0000]*$"
TAG_PATTERN = rf"^[^:\u0000]*[^:{_BLANK}\u0000][^:\u0000]*:[^\u0000]*[^{_BLANK}\u0000][^\u0000]*$"
_TAG = re.compile(TAG_PATTERN)


class Described(serializers.Field[Any, Any, Any, Any]):
    """A field whose class says more to the schema than its type does."""

    def described(self, plain: dict[str, Any]) -> dict[str, Any]:
        """The schema of the field, made of the `plain` one of its type."""
        raise NotImplementedError


class Text(serializers.CharField, Described):
    """A text without NUL; blanks around it are left out. Empty unless `allow_blank=False`."""

    def __init__(self, **kwargs: Any) -> None:
        required = kwargs.setdefault("required", False)
        super().__init__(**{"allow_blank": not required, "max_length": MAX_TEXT, **kwargs})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)

    def described(self, plain: dict[str, Any]) -> dict[str, Any]:
        """No NUL; something else than blanks where it is required."""
        return {**plain, "pattern": _TEXT_PATTERN if self.allow_blank else _FILLED_PATTERN}


class WholeNumber(serializers.IntegerField):
    """A JSON number without a fraction; a key of the database unless it is told otherwise."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": MAX_KEY, **kwargs})

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float) and data.is_integer():
            # JSON knows one kind of numbers; beyond 64 bits our parser makes them floats.
            return int(data)
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(data)


class Flag(serializers.BooleanField):
    """true or false."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=type(data).__name__)
        return bool(data)


class Choice(serializers.ChoiceField):
    """One of some words; the sentence lists them."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            message = _("Choose one of %(values)s.") % {"values": ", ".join(self.choices)}
            raise serializers.ValidationError(message)
        return data


class Only(Choice, Described):
    """One word, by which bodies are told apart."""

    def __init__(self, word: str) -> None:
        super().__init__(choices=[word])

    def described(self, plain: dict[str, Any]) -> dict[str, Any]:
        """The word."""
        [word] = self.choices
        return {"type": "string", "const": word}


class Language(Choice):
    """The language of emails; by default the request's."""

    def __init__(self) -> None:
        codes = [code for code, _name in settings.LANGUAGES]
        super().__init__(choices=codes, required=False)


class Day(serializers.DateField):
    """A date as YYYY-MM-DD."""

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class ByColumn(serializers.DictField, Described):
    """An object whose keys are numbers of columns, from 0: `{"0": …}`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> dict[Any, Any]:
        if isinstance(data, Mapping):
            if len(data) > MAX_CELLS:
                message = _("At most %(limit)d columns are allowed.") % {"limit": MAX_CELLS}
                raise serializers.ValidationError(message)
            if not all(_COLUMN.fullmatch(key) for key in data):
                raise serializers.ValidationError(_("Columns are numbered from 0."))
        values: dict[Any, Any] = super().to_internal_value(data)
        return values

    def described(self, plain: dict[str, Any]) -> dict[str, Any]:
        """The possible keys, too."""
        keys = {"pattern": f"^(?:{_COLUMN.pattern})$"}
        return {**plain, "propertyNames": keys, "maxProperties": MAX_CELLS}


class Tags(serializers.ListField, Described):
    """Tags as `facet:value`."""

    def __init__(self, **kwargs: Any) -> None:
        child = Text(required=True, max_length=300)
        super().__init__(**{"required": False, "child": child, "max_length": 100, **kwargs})

    def run_child_validation(self, data: Any) -> list[Any]:
        tags = super().run_child_validation(data)
        if not all(_TAG.match(tag) for tag in tags):
            raise serializers.ValidationError(_("A tag is written facet:value."))
        return tags

    def described(self, plain: dict[str, Any]) -> dict[str, Any]:
        """What a tag is like, too."""
        return {**plain, "items": {**plain["items"], "pattern": TAG_PATTERN}}


class Body(serializers.Serializer[Any]):
    """Base of all bodies: an object; fields that it does not know are refused by their names."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [str(name)[:100] for name in data if name not in self.fields]
            if unknown:
                message = _("There is no such field here; the fields are %(known)s.") % {
                    "known": ", ".join(self.fields)
                }
                raise serializers.ValidationError(
                    {name: [message] for name in unknown[:_MOST_NAMED]}
                )
        return super().to_internal_value(data)


# How the schema tells it


class BodySchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """The schema of a body, reduced to its fields."""

    target_class = Body
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> Any:
        untyped: Any = auto_schema
        schema = untyped._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


class FieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """The schema of a field of bodies: what its class says besides what all fields have."""

    target_class = Described
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Any) -> Any:
        untyped: Any = auto_schema
        plain = untyped._map_serializer_field(self.target, direction, bypass_extensions=True)
        return self.target.described(plain)


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
            "Used to tell you about the decision; an account's own address is used instead."
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
        help_text=gettext_lazy("The solution to the challenge sent with `challenge_needed`."),
    )
    reason = Text(
        help_text=gettext_lazy(
            "The reason; with one, an address that is already listed is accepted."
        )
    )


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

    listing = WholeNumber(
        required=False, help_text=gettext_lazy("For an addition: a different place.")
    )
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
