"""Filters of lists that the database answers; those of entries are in `entries/`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import django_filters
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.drainage import get_override
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from api.fields import AnyText, Moment, OneOf


class TextFilter(django_filters.Filter):  # type: ignore[misc]
    """Any text."""

    field_class = AnyText


class MomentFilter(django_filters.Filter):  # type: ignore[misc]
    """A moment in ISO 8601."""

    field_class = Moment


class ChoiceFilter(django_filters.Filter):  # type: ignore[misc]
    """One of some words."""

    field_class = OneOf


def filtered[M: Model](
    filters: type[django_filters.FilterSet], request: Request, rows: QuerySet[M]
) -> QuerySet[M]:
    """The rows that a request asks for. Raises `ValidationError` for malformed parameters."""
    twice = [name for name, values in request.query_params.lists() if len(values) > 1]
    if twice:
        raise ValidationError({name: [_("This was given more than once.")] for name in twice})
    filterset = filters(request.query_params, rows)
    if not filterset.form.is_valid():
        errors: dict[str, Any] = filterset.form.errors
        raise ValidationError({name: [*map(str, messages)] for name, messages in errors.items()})
    selected: QuerySet[M] = filterset.qs
    return selected


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
