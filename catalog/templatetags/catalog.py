"""What templates say of lists: languages, counts, changed lines, moments, findings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from catalog.markdown.linting import Finding
from catalog.models import Catalog
from catalog.rendering import lang_attribute
from catalog.sentences import SEVERITIES, finding_sentence

register = template.Library()


@register.filter
def lang(text: object) -> SafeString:
    """The `lang` attribute for an element around the text: `<a{{ name|lang }}>{{ name }}</a>`."""
    return lang_attribute(str(text))


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


@register.simple_tag(takes_context=True)
def edit_address(context: Context, catalog: Catalog) -> str:
    """Return where the page's entry, or else its list, is edited; '' for whoever may not.

    Asks one query for staff, and none for others.
    """
    user: Any = context.get("user")
    if user is None or not user.is_staff or not user.maintains(catalog.pk):
        return ""
    match = context["request"].resolver_match
    if match and match.view_name in {"catalog:entry-detail", "catalog:entry-by-id"}:
        return reverse("admin:catalog_entry_change", args=[match.kwargs["pk"]])
    return reverse("admin:catalog_catalog_change", args=[catalog.pk])


@register.filter
def instant(moment: datetime) -> str:
    """The value of a `datetime` attribute, to the second: HTML knows no microseconds."""
    return moment.isoformat(timespec="seconds")


@register.filter
def sentence(finding: Finding) -> str:
    """A finding as one sentence."""
    return finding_sentence(finding)


@register.filter
def severity_label(finding: Finding) -> str:
    """Return the label of the finding's severity."""
    return str(SEVERITIES[finding.severity])
