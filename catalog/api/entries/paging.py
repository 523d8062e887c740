"""A page of a list of entries: by its number, or by a cursor, which leads on from what was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param

from api.pagination import LAST_PAGE, PageNumbers, is_count_requested, whole_number
from catalog.api.entries.cursors import PATTERN, Cursor, cursor_text, read_cursor
from catalog.api.entries.sequences import Chosen
from catalog.api.entries.wanted import Wanted

PARAMETERS = frozenset({"page", "page_size", "count", "cursor"})


class EntryPages(PageNumbers):
    """How pages of entries are described: by number as all others, or by cursor."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        cursor = {
            "name": "cursor",
            "in": "query",
            "description": "Where to go on, from `next` or `previous`; an empty one starts. Pages "
            "by cursor leave nothing out and tell nothing twice while the lists are edited. "
            "`page` has no meaning beside it.",
            "schema": {"type": "string", "pattern": PATTERN},
        }
        return [*super().get_schema_operation_parameters(view), cursor]


@dataclass(frozen=True, slots=True)
class Page:
    """The keys of a page's entries, and what is around them."""

    keys: list[int]
    count: int | None
    next: str | None
    previous: str | None


def page_of(request: Request, wanted: Wanted, chosen: Chosen) -> Page:
    """The page that was asked for.

    Raises `ValidationError` for malformed parameters, `NotFound` behind the last page.
    """
    size = whole_number(request, "page_size", default=PageNumbers.size, most=PageNumbers.most)
    number = whole_number(request, "page", default=1, most=LAST_PAGE)
    total = len(chosen)
    count = total if is_count_requested(request) else None
    cursor = request.query_params.get("cursor")
    address = request.build_absolute_uri()
    if cursor is None:
        start = (number - 1) * size
        if number > 1 and start >= total:
            raise NotFound(_("There is no page %(page)d.") % {"page": number})
        return Page(
            chosen.some(start, start + size),
            count,
            _numbered(address, number + 1) if start + size < total else None,
            _numbered(address, number - 1) if number > 1 else None,
        )
    start, stop = _span(cursor, wanted, chosen, size)
    return Page(
        chosen.some(start, stop),
        count,
        _from(address, wanted, chosen, stop, is_forwards=True) if stop < total else None,
        _from(address, wanted, chosen, start, is_forwards=False) if start else None,
    )


def _numbered(address: str, number: int) -> str:
    if number == 1:
        return remove_query_param(address, "page")
    return replace_query_param(address, "page", number)


def _span(text: str, wanted: Wanted, chosen: Chosen, size: int) -> tuple[int, int]:
    """Where the page begins and ends that a cursor leads to."""
    if not text:
        return 0, min(size, len(chosen))
    cursor = read_cursor(text, wanted)
    try:
        at = chosen.place(cursor.mark, behind=cursor.behind)
    except LookupError:
        raise NotFound(_("What this cursor pointed to is gone; start with an empty one.")) from None
    if cursor.is_forwards:
        return at, min(at + size, len(chosen))
    return max(at - size, 0), at


def _from(address: str, wanted: Wanted, chosen: Chosen, at: int, *, is_forwards: bool) -> str:
    """The address of what follows a place, or of what stands before it."""
    # What was on the page itself names the place; on an empty page there is only what is before.
    behind = is_forwards or at == len(chosen)
    cursor = Cursor(is_forwards, behind, chosen.mark(at, behind=behind))
    return replace_query_param(
        remove_query_param(address, "page"), "cursor", cursor_text(wanted, cursor)
    )
