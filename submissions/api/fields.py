"""Fields of bodies that take exactly what the schema says: no "1" for 1, nothing unknown.

Whatever else a client sends by mistake is named, instead of being made to fit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from rest_framework import serializers

from submissions.proposal import MAX_TEXT

if TYPE_CHECKING:
    from drf_spectacular.openapi import AutoSchema

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


class Text(serializers.CharField):
    """A text without NUL; blanks around it are left out. Empty unless `allow_blank=False`."""

    def __init__(self, **kwargs: Any) -> None:
        required = kwargs.setdefault("required", False)
        super().__init__(**{"allow_blank": not required, "max_length": MAX_TEXT, **kwargs})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and data is not None and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)


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


class Only(Choice):
    """One word, by which bodies are told apart."""

    def __init__(self, word: str) -> None:
        super().__init__(choices=[word])


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


class ByColumn(serializers.DictField):
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


class Tags(serializers.ListField):
    """Tags as `facet:value`."""

    def __init__(self, **kwargs: Any) -> None:
        child = Text(required=True, max_length=300)
        super().__init__(**{"required": False, "child": child, "max_length": 100, **kwargs})

    def run_child_validation(self, data: Any) -> list[Any]:
        tags = super().run_child_validation(data)
        if not all(_TAG.match(tag) for tag in tags):
            raise serializers.ValidationError(_("A tag is written facet:value."))
        return tags


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


class _FieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    match_subclasses = True

    def plain(self, auto_schema: AutoSchema, direction: Any) -> Any:
        untyped: Any = auto_schema
        return untyped._map_serializer_field(self.target, direction, bypass_extensions=True)


class TextSchema(_FieldSchema):  # type: ignore[no-untyped-call]
    """No NUL; something else than blanks where it is required."""

    target_class = Text

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Any) -> Any:
        pattern = _TEXT_PATTERN if self.target.allow_blank else _FILLED_PATTERN
        return {**self.plain(auto_schema, direction), "pattern": pattern}


class OnlySchema(_FieldSchema):  # type: ignore[no-untyped-call]
    """The word."""

    target_class = Only

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Any) -> Any:
        [word] = self.target.choices
        return {"type": "string", "const": word}


class ByColumnSchema(_FieldSchema):  # type: ignore[no-untyped-call]
    """The schema of an object by column: its possible keys."""

    target_class = ByColumn

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Any) -> Any:
        return {
            **self.plain(auto_schema, direction),
            "propertyNames": {"pattern": f"^(?:{_COLUMN.pattern})$"},
            "maxProperties": MAX_CELLS,
        }


class TagsSchema(_FieldSchema):  # type: ignore[no-untyped-call]
    """The schema of a tag."""

    target_class = Tags

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Any) -> Any:
        schema = self.plain(auto_schema, direction)
        return {**schema, "items": {**schema["items"], "pattern": TAG_PATTERN}}
