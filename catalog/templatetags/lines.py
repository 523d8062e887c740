"""Showing lines of a README as they are, and still so that they can be read."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_PADDING = re.compile(" {4,}")
"""Spaces that align a table's columns in the file; nobody puts so many between words."""


@register.filter
def narrow(text: str) -> SafeString:
    """The text with its padding in elements that are shown narrow; what is copied is exact."""
    html = _PADDING.sub(lambda run: f'<span class="pad">{run[0]}</span>', escape(text))
    return mark_safe(html)  # noqa: S308 - escaped, and spaces are the same in HTML
