"""Pages of a list of entries, by number or by cursor; a cursor is a place in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param

from api.pagination import LAST_PAGE, PageNumbers, is_on, numbered, whole_number
from catalog.api.entry_filters import EntryRequest, order_of
from catalog.finding.ordering import POSITION, Order
from catalog.finding.query import Entries
from catalog.finding.searching import TextSearch
from catalog.models import Catalog

AROUND = 4
"""Entries on either side that name a place."""
MOVED = 250
"""Places by which what fits words best may have moved meanwhile."""

type Mark = list[Any]
"""What names a place between two entries; plain data."""


class Cut(NamedTuple):
    """A page: its entries, and marks of where it ends and begins where something goes on there."""

    keys: list[int]
    following: Mark | None
    preceding: Mark | None


def page_from(
    matches: Entries,
    order: Order | None,
    mark: Mark,
    size: int,
    *,
    is_forwards: bool,
    behind: bool,
) -> Cut:
    """The page that goes on from a place, one way or the other.

    The place is behind the entry that the mark is of, or before it. Raises `LookupError` when
    nothing tells where it is.
    """
    if order is None:
        at = _place_of(matches, mark, behind=behind)
        if is_forwards:
            return _best(matches, at, size)
        start = max(at - size, 0)
        return _best(matches, start, at - start)
    sent: Sequence[int] = ()
    if order.name == POSITION:
        mark, behind, sent = _anchor(order, mark, behind=behind)
    ahead = order.onward(
        matches.keys,
        mark,
        size + AROUND + len(sent),
        is_forwards=is_forwards,
        with_mark=behind != is_forwards,
    )
    back = order.onward(
        matches.keys,
        mark,
        AROUND,
        is_forwards=not is_forwards,
        with_mark=behind == is_forwards,
    )
    while is_forwards and ahead and ahead[0] in sent:
        # It was sent already, and stands behind the place now.
        back = [ahead.pop(0), *back]
    return _cut(order, ahead, back, size, is_forwards=is_forwards)


def _cut(
    order: Order, ahead: Sequence[int], back: Sequence[int], size: int, *, is_forwards: bool
) -> Cut:
    """A page of what is ahead of a place; the nearest are first in both."""
    page, beyond = list(ahead[:size]), list(ahead[size : size + AROUND])
    if is_forwards:
        before, after = list(back[:AROUND])[::-1], beyond
    else:
        page, before, after = page[::-1], beyond[::-1], list(back[:AROUND])
    following = preceding = None
    if after and page:
        following = _mark(order, [*before, *page][-AROUND:], after, behind=True)
    if before:
        following_keys = [*page, *after][:AROUND]
        preceding = _mark(order, before, following_keys, behind=not page)
    return Cut(page, following, preceding)


def _mark(order: Order, before: Sequence[int], after: Sequence[int], *, behind: bool) -> Mark:
    nearest = before[-1] if behind else after[0]
    mark = order.marks([nearest])[nearest]
    return [[*before], [*after], mark] if order.name == POSITION else mark


def _anchor(order: Order, mark: Mark, *, behind: bool) -> tuple[Mark, bool, Sequence[int]]:
    """Return the nearest entry to a place by now, its side, and what was sent before it."""
    before, after, nearest = mark
    marks = order.marks([*before, *after])
    earlier, later = _steady(before, after, order.sort(marks))
    if earlier and (behind or not later):
        return marks[earlier[-1]], True, before if behind else ()
    if later:
        return marks[later[0]], False, ()
    if not Catalog.objects.filter(pk=nearest[0]).exists():
        raise LookupError(nearest)
    return nearest, behind, ()


def _steady(
    before: Sequence[int], after: Sequence[int], ordered: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Return those of the entries before and after a place that still follow each other."""
    place = {pk: number for number, pk in enumerate(ordered)}
    around = [pk for pk in (*before, *after) if pk in place]
    steady = [around[number] for number in longest_rise([place[pk] for pk in around])]
    return [pk for pk in steady if pk in before], [pk for pk in steady if pk in after]


def longest_rise(places: Sequence[int]) -> list[int]:
    """Numbers of as many places as possible that rise; of several choices the latest ones."""
    runs: list[list[int]] = []
    for number in range(len(places) - 1, -1, -1):
        behind = [run for run in runs if places[run[0]] > places[number]]
        runs.append([number, *max(behind, key=len, default=[])])
    return max(runs, key=len, default=[])


# By how well they fit words


def _best(matches: Entries, start: int, size: int) -> Cut:
    first = max(start - AROUND, 0)
    keys = matches.best(first, start + size + AROUND)
    before, page = keys[: start - first], keys[start - first : start - first + size]
    after = keys[start - first + size :]
    following = preceding = None
    if after:
        following = [[*before, *page][-AROUND:], after, start + len(page)]
    if before:
        preceding = [before, [*page, *after][:AROUND], start]
    return Cut(page, following, preceding)


def _place_of(matches: Entries, mark: Mark, *, behind: bool) -> int:
    """Return the present position of a marked place among the best."""
    before, after, at = mark[0], mark[1], int(mark[2])
    start = max(at - MOVED, 0)
    near = matches.best(start, at + MOVED)
    earlier, later = _steady(before, after, near)
    if earlier and (behind or not later):
        return int(start + near.index(earlier[-1]) + 1)
    if later:
        return int(start + near.index(later[0]))
    return min(at, matches.number)


# Cursors: a place and a direction, signed together with what they were made for


PATTERN = r"^([A-Za-z0-9_.-]+:[A-Za-z0-9_-]+)?$"
"""The form of a cursor; an empty one starts."""
_FORM = re.compile(PATTERN)
_SALT = "catalog.api.entries.cursors"


class Cursor(NamedTuple):
    """A position in a list of entries, and the direction to go on."""

    is_forwards: bool
    behind: bool
    mark: Mark


def cursor_text(requested: EntryRequest, cursor: Cursor) -> str:
    """The cursor as addresses have it."""
    text: str = Signer(salt=_SALT).sign_object([_digest(requested), *cursor])
    return text


def read_cursor(text: str, requested: EntryRequest) -> Cursor:
    """The opposite of `cursor_text`.

    Raises `ValidationError` for what is no cursor, or one of another list, and `NotFound` for one
    that was not made here.
    """
    if not _FORM.match(text) or text.endswith("\n"):
        message = _("This is not a cursor; use one from “next” or “previous”.")
        raise ValidationError({"cursor": [message]})
    try:
        digest, *values = Signer(salt=_SALT).unsign_object(text)
    except (BadSignature, ValueError):
        # Also what looks like one and cannot be decoded.
        raise NotFound(_("This position does not exist; start with an empty cursor.")) from None
    if digest != _digest(requested):
        message = _(
            "This cursor belongs to another list, filter or order; start with an empty one."
        )
        raise ValidationError({"cursor": [message]})
    return Cursor(*values)


@lru_cache(maxsize=500)
def _digest(requested: EntryRequest) -> str:
    return hashlib.blake2s(orjson.dumps(requested), digest_size=8).hexdigest()


# A page, by its number or by a cursor


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
        page["properties"]["removed"] = {
            "type": "array",
            "example": [],
            "description": "Only where `q` matches fewer than five entries: removed ones that are "
            "called so. `entries/{id}/history/` is what was done to each.",
            "items": {
                "type": "object",
                "required": ["id", "name", "catalog", "removed_at"],
                "properties": {
                    "id": {"type": "integer"},
                    "name": {"type": "string"},
                    "catalog": {"type": "string", "description": "Slug of its list."},
                    "removed_at": {"type": "string", "format": "date-time"},
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


def search_of(text: TextSearch | None) -> dict[str, Any]:
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


def page_of(request: Request, requested: EntryRequest, matches: Entries) -> Page:
    """The page that was asked for.

    Raises `ValidationError` for malformed parameters, `NotFound` behind the last page.
    """
    size = whole_number(request, "page_size", default=PageNumbers.size, most=PageNumbers.most)
    number = whole_number(request, "page", default=1, most=LAST_PAGE)
    count = matches.number if is_on(request, "count", default="1") else None
    cursor = request.query_params.get("cursor")
    address = request.build_absolute_uri()
    order = order_of(requested, matches)
    if cursor is None:
        start, total = (number - 1) * size, matches.number
        if number > 1 and start >= total:
            raise NotFound(_("There is no page %(page)d.") % {"page": number})
        stop = min(start + size, total)
        return Page(
            matches.page(order, start, stop) if order else matches.best(start, stop),
            count,
            numbered(address, number + 1) if start + size < total else None,
            numbered(address, number - 1) if number > 1 else None,
        )
    page = _page_from(cursor, requested, matches, order, size)
    following = preceding = None
    if page.following:
        following = _from(address, requested, Cursor(True, True, page.following))
    if page.preceding:
        preceding = _from(address, requested, Cursor(False, not page.keys, page.preceding))
    return Page(page.keys, count, following, preceding)


def _page_from(
    text: str, requested: EntryRequest, matches: Entries, order: Order | None, size: int
) -> Cut:
    if not text:
        if order is None:
            return _best(matches, 0, size)
        return _cut(order, matches.page(order, 0, size + AROUND), [], size, is_forwards=True)
    is_forwards, behind, mark = read_cursor(text, requested)
    try:
        return page_from(matches, order, mark, size, is_forwards=is_forwards, behind=behind)
    except LookupError:
        raise NotFound(
            _("The item this cursor pointed to is gone; start with an empty one.")
        ) from None


def _from(address: str, requested: EntryRequest, cursor: Cursor) -> str:
    """The address of what follows a place, or of what stands before it."""
    return replace_query_param(
        remove_query_param(address, "page"), "cursor", cursor_text(requested, cursor)
    )
