"""Fields for the values of single parameters. A parameter that is there is never taken as if it
were not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

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
