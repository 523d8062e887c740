"""The note above results that are not for exactly what was typed."""

from __future__ import annotations

from collections.abc import Callable

from django.template.loader import render_to_string

from catalog.finding.searching import Found


def search_note(found: Found, address: Callable[[str], str]) -> str:
    """Return the note on a corrected query and on omitted words; '' where there are none.

    `address` gives the address of the same page for another query.
    """
    if not found.corrected and not found.left_out:
        return ""
    context = {
        "corrected": found.corrected,
        "as_typed": found.as_typed,
        "address": address(found.as_typed),
        "left_out": found.left_out,
    }
    return render_to_string("catalog/search_note.html", context)
