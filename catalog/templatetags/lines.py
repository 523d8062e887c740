"""Showing lines of a README as they are, and still so that they can be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_PADDING = re.compile(" {4,}")
"""Spaces that align a table's columns in the file; nobody puts so many between words."""


@register.filter
def marked(fragment: Sequence[str]) -> SafeString:
    """A side of a change (`catalog.history.diffs`) with marks; none where all of it differs."""
    has_same = any(part.strip() for part in fragment[::2])
    return format_html_join(
        "",
        "{}{}",
        (
            (
                narrow(same),
                format_html("<mark>{}</mark>" if has_same else "{}", narrow(changed))
                if changed
                else "",
            )
            for same, changed in zip_longest(fragment[::2], fragment[1::2], fillvalue="")
        ),
    )


@register.filter
def narrow(text: str) -> SafeString:
    """The text with its padding in elements that are shown narrow; what is copied is exact."""
    html = _PADDING.sub(lambda run: f'<span class="pad">{run[0]}</span>', escape(text))
    return mark_safe(html)  # noqa: S308 - escaped, and spaces are the same in HTML
