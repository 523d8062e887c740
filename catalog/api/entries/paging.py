"""A page of a list of entries: by its number, or by a cursor, which leads on from what was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param

from api.pagination import LAST_PAGE, PageNumbers, is_count_requested, whole_number
from catalog.api.entries.choosing import order_of
from catalog.api.entries.cursors import PATTERN, Cursor, cursor_text, read_cursor
from catalog.api.entries.places import Cut, first_page, page_from
from catalog.api.entries.wanted import Wanted
from catalog.finding.ordering import Order
from catalog.finding.query import Entries
from catalog.finding.searching import Found

PARAMETERS = frozenset({"page", "page_size", "count", "cursor"})


class EntryPages(PageNumbers):
    """Pages of entries, described by number as all others, or by cursor."""

    def get_paginated_response_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["properties"]["search"] = {
            "type": "object",
            "description": "Only where no entry has all words of `q` as they were typed.",
            "required": ["searched_for", "as_typed", "left_out"],
            "properties": {
                "searched_for": {
                    "type": "string",
                    "example": "packer",
                    "description": "The words in the spelling that entries have; empty where "
                    "it was right.",
                },
                "as_typed": {
                    "type": "string",
                    "example": '"pacekr"',
                    "description": "A `q` that asks for the words as they were typed, or empty.",
                },
                "left_out": {
                    "type": "array",
                    "items": {"type": "string"},
                    "example": [],
                    "description": "Words that the first entries lack.",
                },
            },
        }
        return page

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


def search_of(text: Found | None) -> dict[str, Any]:
    """Return how the words of a request were changed to find entries; {} where they were not."""
    if text is None or not (text.corrected or text.left_out):
        return {}
    return {
        "search": {
            "searched_for": text.corrected,
            "as_typed": text.as_typed,
            "left_out": list(text.left_out),
        }
    }


@dataclass(frozen=True, slots=True)
class Page:
    """The keys of a page's entries, and what is around them."""

    keys: list[int]
    count: int | None
    next: str | None
    previous: str | None


def page_of(request: Request, wanted: Wanted, matches: Entries) -> Page:
    """The page that was asked for.

    Raises `ValidationError` for malformed parameters, `NotFound` behind the last page.
    """
    size = whole_number(request, "page_size", default=PageNumbers.size, most=PageNumbers.most)
    number = whole_number(request, "page", default=1, most=LAST_PAGE)
    count = matches.number if is_count_requested(request) else None
    cursor = request.query_params.get("cursor")
    address = request.build_absolute_uri()
    order = order_of(wanted, matches)
    if cursor is None:
        start, total = (number - 1) * size, matches.number
        if number > 1 and start >= total:
            raise NotFound(_("There is no page %(page)d.") % {"page": number})
        stop = min(start + size, total)
        return Page(
            matches.page(order, start, stop) if order else matches.best(start, stop),
            count,
            _numbered(address, number + 1) if start + size < total else None,
            _numbered(address, number - 1) if number > 1 else None,
        )
    page = _page_from(cursor, wanted, matches, order, size)
    following = preceding = None
    if page.following:
        following = _from(address, wanted, Cursor(True, True, page.following))
    if page.preceding:
        preceding = _from(address, wanted, Cursor(False, not page.keys, page.preceding))
    return Page(page.keys, count, following, preceding)


def _numbered(address: str, number: int) -> str:
    if number == 1:
        return remove_query_param(address, "page")
    return replace_query_param(address, "page", number)


def _page_from(text: str, wanted: Wanted, matches: Entries, order: Order | None, size: int) -> Cut:
    if not text:
        return first_page(matches, order, size)
    is_forwards, behind, mark = read_cursor(text, wanted)
    try:
        return page_from(matches, order, mark, size, is_forwards=is_forwards, behind=behind)
    except LookupError:
        raise NotFound(
            _("The item this cursor pointed to is gone; start with an empty one.")
        ) from None


def _from(address: str, wanted: Wanted, cursor: Cursor) -> str:
    """The address of what follows a place, or of what stands before it."""
    return replace_query_param(
        remove_query_param(address, "page"), "cursor", cursor_text(wanted, cursor)
    )
