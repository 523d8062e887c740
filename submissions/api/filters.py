"""Filters of lists of submissions. What is not well-formed is refused."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from submissions.api.fields import MAX_KEY
from submissions.choices import Kind, Status
from submissions.models import Submission

ALL = "all"
_FLAGS = [("true", "true"), ("false", "false")]


class _Key(django_filters.Filter):  # type: ignore[misc]
    """The key of a row."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"min_value": 1, "max_value": MAX_KEY, **kwargs})


class OwnFilters(django_filters.FilterSet):  # type: ignore[misc]
    """One's own submissions."""

    status = django_filters.ChoiceFilter(choices=Status.choices)
    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    catalog = django_filters.CharFilter(field_name="catalog__slug")

    class Meta:
        model = Submission
        fields: ClassVar = ["status", "kind", "catalog"]


class QueueFilters(OwnFilters):
    """The queue of a moderator; without a status, what waits."""

    status = django_filters.ChoiceFilter(
        choices=[*Status.choices, (ALL, ALL)], method="filter_status"
    )
    submitter = _Key()
    has_conflicts = django_filters.ChoiceFilter(choices=_FLAGS, method="filter_conflicts")
    is_held = django_filters.ChoiceFilter(choices=_FLAGS, method="filter_flag")

    class Meta(OwnFilters.Meta):
        fields: ClassVar = [*OwnFilters.Meta.fields, "submitter", "has_conflicts", "is_held"]

    def filter_status(
        self, rows: QuerySet[Submission], name: str, value: str
    ) -> QuerySet[Submission]:
        """A status, or all of them."""
        return rows if value == ALL else rows.filter(status=value)

    def filter_conflicts(
        self, rows: QuerySet[Submission], name: str, value: str
    ) -> QuerySet[Submission]:
        """Whether the entry was changed underneath."""
        return rows.exclude(conflicts=[]) if value == "true" else rows.filter(conflicts=[])

    def filter_flag(
        self, rows: QuerySet[Submission], name: str, value: str
    ) -> QuerySet[Submission]:
        """Whether it is held."""
        return rows.filter(**{name: value == "true"})


def filtered(
    filters: type[OwnFilters], request: Request, rows: QuerySet[Submission]
) -> QuerySet[Submission]:
    """The rows that a request asks for. Raises `ValidationError`."""
    # Forms take an empty value for none; only a slug is a text that may be empty.
    empty = [name for name in filters.base_filters if request.query_params.get(name) == ""]
    if wrong := {name: [_("This has no value.")] for name in empty if name != "catalog"}:
        raise ValidationError(wrong)
    filterset = filters(request.query_params, rows, request=request)
    if not filterset.is_valid():
        raise ValidationError({name: list(messages) for name, messages in filterset.errors.items()})
    filtered: QuerySet[Submission] = filterset.qs
    return filtered
