"""The parameters behind the question mark: none is ignored without a word."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any

import django_filters
from django import forms
from django.db.models import Model, QuerySet
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.drainage import get_override
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request

EVERYWHERE = frozenset({"format"})
"""Parameters that every address understands: the format of the answer."""


class UnknownParameter(ParseError):
    """A parameter that the address does not know (400); to leave it out would answer too much."""

    default_code = "unknown_parameter"


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Raise `UnknownParameter` for the first parameter that is none of the known ones."""
    known = EVERYWHERE.union(known)
    for name in request.query_params:
        if name not in known:
            raise UnknownParameter(_refusal(name[:100], known))


def _refusal(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, 1)
    if near:
        message = _("There is no parameter “%(name)s” here; did you mean “%(near)s”?")
        return message % {"name": name, "near": near[0]}
    message = _("There is no parameter “%(name)s” here; the parameters are %(known)s.")
    return message % {"name": name, "known": ", ".join(sorted(known))}


# Fields: a parameter that is there is never taken as if it were not


TAG = r"^[^:]+:[\s\S]+$"
MOST_TAGS = 20

_TAG = re.compile(TAG)
_LEAP_SECOND = re.compile(r"(?<=T\d\d:\d\d:)60")
_UNESCAPED_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)\Z")


class AnyText(forms.Field):
    """A text of which nothing is an error: what nobody can have written finds nothing."""

    def clean(self, value: str | None) -> str:
        return value or ""


class Matching(forms.Field):
    """A text of a form."""

    def __init__(self, *, pattern: re.Pattern[str], message: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pattern = pattern
        self.message = message

    def clean(self, value: str | None) -> str:
        if value is not None and not self.pattern.match(value):
            raise forms.ValidationError(self.message)
        return value or ""


class OneOf(forms.Field):
    """One of some words, each of which means something."""

    widget = forms.Select

    def __init__(self, *, choices: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.meanings = choices
        self.widget.choices = [("", "---------"), *((word, word) for word in choices)]

    def clean(self, value: str | None) -> Any:
        if value is None:
            return None
        if value not in self.meanings:
            message = _("This must be one of %(words)s.")
            raise forms.ValidationError(message % {"words": ", ".join(self.meanings)})
        return self.meanings[value]


class Tags(forms.Field):
    """Tags as addresses call them, any number of times: `language:zh`."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Sequence[str] | None) -> tuple[tuple[str, str], ...]:
        tags = sorted(set(value or ()))
        wrong = [tag for tag in tags if not _TAG.match(tag)]
        if wrong:
            message = _("“%(tag)s” is not a tag: write facet:value, as in language:zh.")
            raise forms.ValidationError(message % {"tag": wrong[0][:100]})
        if len(value or ()) > MOST_TAGS:
            message = _("At most %(most)d tags can be used at once.")
            raise forms.ValidationError(message % {"most": MOST_TAGS})
        pairs = (tag.partition(":") for tag in tags)
        return tuple((facet, slug) for facet, _colon, slug in pairs)


class Moment(forms.Field):
    """A moment in ISO 8601; UTC where it has no zone, midnight where it has no time."""

    def clean(self, value: str | None) -> datetime | None:
        if value is None:
            return None
        # A leap second is no second of its own here; a plus that nobody escaped came as a space.
        text = _LEAP_SECOND.sub("59", value.strip().upper())
        text = _UNESCAPED_PLUS.sub(r"\1+\2", text)
        try:
            moment = parse_datetime(text) or datetime.combine(date.fromisoformat(text), time())
        except ValueError:
            raise forms.ValidationError(
                _("This is not a time in ISO 8601, such as 2026-01-31T12:00:00Z.")
            ) from None
        return in_utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC: PostgreSQL knows no zone that is sixteen hours away or more."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # Hours before the year 1, or behind 9999: the edge itself is near enough.
        return moment.replace(tzinfo=UTC)


# Filters of lists that the database answers


class TextFilter(django_filters.Filter):  # type: ignore[misc]
    """Any text; one that cannot be stored finds nothing."""

    field_class = AnyText

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        matches: QuerySet[Any] = qs.none() if "\0" in value else super().filter(qs, value)
        return matches


class MatchingFilter(django_filters.Filter):  # type: ignore[misc]
    """A text of a form."""

    field_class = Matching


class MomentFilter(django_filters.Filter):  # type: ignore[misc]
    """A moment in ISO 8601."""

    field_class = Moment


class ChoiceFilter(django_filters.Filter):  # type: ignore[misc]
    """One of some words."""

    field_class = OneOf


def refuse_repeated(parameters: MultiValueDict[str, str], several: Collection[str] = ()) -> None:
    """Raise `ValidationError` for parameters given more than once, but for those of `several`."""
    twice = [n for n, values in parameters.lists() if len(values) > 1 and n not in several]
    if twice:
        raise ValidationError({name: [_("This was given more than once.")] for name in twice})


def filtered[M: Model](
    filters: type[django_filters.FilterSet], request: Request, rows: QuerySet[M]
) -> QuerySet[M]:
    """The rows that a request asks for. Raises `ValidationError` for malformed parameters."""
    selected: QuerySet[M] = checked(filters, request.query_params, rows).qs
    return selected


def checked[M: Model](
    filters: type[django_filters.FilterSet],
    parameters: MultiValueDict[str, str],
    rows: QuerySet[M],
    several: Collection[str] = (),
) -> django_filters.FilterSet:
    """The filters with valid parameters. Raises `ValidationError` for malformed ones."""
    refuse_repeated(parameters, several)
    filterset = filters(parameters, rows)
    if not filterset.form.is_valid():
        errors: dict[str, Any] = filterset.form.errors
        raise ValidationError({name: [*map(str, messages)] for name, messages in errors.items()})
    return filterset


def parameters_of(
    filters: type[django_filters.FilterSet], *, without: Collection[str] = ()
) -> list[OpenApiParameter]:
    """The parameters that a filter takes, as each of them is annotated for the schema."""
    parameters = []
    for name, row in filters.base_filters.items():
        if name not in without:
            schema = dict(get_override(row, "field"))
            about = schema.pop("description", "")
            parameters.append(OpenApiParameter(name, schema, description=about))
    return parameters
