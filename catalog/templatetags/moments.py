"""Moments as HTML has them."""

from __future__ import annotations

from datetime import datetime

from django import template

register = template.Library()


@register.filter
def instant(moment: datetime) -> str:
    """The value of a `datetime` attribute, to the second: HTML knows no microseconds."""
    return moment.isoformat(timespec="seconds")
