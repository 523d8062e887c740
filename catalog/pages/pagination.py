"""Links to the other pages of something long, as HTML."""

from __future__ import annotations

from html import escape
from typing import Any

from django.core.paginator import Page
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


def pages_html(page: Page[Any], query: str) -> SafeString:
    """The links, '' for a single page. `query` is the part of the address behind the path."""
    if not page.has_other_pages():
        return SafeString()
    start = escape(f"{query}&" if query else "?")
    steps = []
    for number in page.paginator.get_elided_page_range(page.number):
        if not isinstance(number, int):
            steps.append(f"<li><span>{number}</span></li>")
            continue
        current = ' aria-current="page"' if number == page.number else ""
        steps.append(f'<li><a{current} href="{start}page={number}">{number}</a></li>')
    previous = following = "<span></span>"
    if page.has_previous():
        address = f"{start}page={page.number - 1}"
        previous = f'<a rel="prev" href="{address}">← {escape(_("Previous page"))}</a>'
    if page.has_next():
        address = f"{start}page={page.number + 1}"
        following = f'<a rel="next" href="{address}">{escape(_("Next page"))} →</a>'
    # The query is escaped, and the rest is made here.
    return mark_safe(  # noqa: S308
        f'<nav class="pages" aria-label="{escape(_("Pages"))}">{previous}'
        f"<ol>{''.join(steps)}</ol>{following}</nav>"
    )
