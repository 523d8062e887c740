"""Pages of a list: `{"count", "next", "previous", "results"}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

PARAMETERS = frozenset({"page", "page_size", "count"})
LAST_PAGE = 10_000_000
"""No list is longer; a larger number would overflow the database's."""


def whole_number(request: Request, name: str, *, default: int, most: int, least: int = 1) -> int:
    """A parameter that is a number in these bounds. Raises `ValidationError` for anything else."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdecimal() and len(text) < 20 and least <= int(text) <= most:
        return int(text)
    message = _("This must be a whole number from %(least)d to %(most)d.")
    raise ValidationError({name: [message % {"least": least, "most": most}]})


def is_on(request: Request, name: str, *, default: str) -> bool:
    """Whether a parameter is 1, and not 0. Raises `ValidationError` for anything else."""
    text = request.query_params.get(name, default)
    if text not in {"0", "1"}:
        raise ValidationError({name: [_("This must be 0 or 1.")]})
    return text == "1"


def numbered(address: str, page: int) -> str:
    """The address of another page of a list."""
    if page == 1:
        return remove_query_param(address, "page")
    return replace_query_param(address, "page", page)


class PageNumbers(BasePagination):
    """Numbered pages of a queryset that is totally ordered.

    `page` from 1 on; `page_size` up to `most`; `count=0` leaves the count out, which saves a query.
    """

    size = 50
    most = 100

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of the page that was asked for. Raises `NotFound` behind the last one."""
        size = whole_number(request, "page_size", default=self.size, most=self.most)
        self.page = whole_number(request, "page", default=1, most=LAST_PAGE)
        self.count = queryset.count() if is_on(request, "count", default="1") else None
        start = (self.page - 1) * size
        # One more row tells whether there is a next page.
        rows = list(queryset[start : start + size + 1])
        if not rows and self.page > 1:
            raise NotFound(_("There is no page %(page)d.") % {"page": self.page})
        self.has_next = len(rows) > size
        self.address = request.build_absolute_uri()
        return rows[:size]

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "count": self.count,
                "next": numbered(self.address, self.page + 1) if self.has_next else None,
                "previous": numbered(self.address, self.page - 1) if self.page > 1 else None,
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        # Examples of rows are shown inside examples of pages.
        address = {"type": ["string", "null"], "format": "uri", "example": None}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {
                    "type": ["integer", "null"],
                    "minimum": 0,
                    "example": 1,
                    "description": "How many there are in all; null with `count=0`.",
                },
                "next": {**address, "description": "The address of the next page."},
                "previous": {**address, "description": "The address of the page before."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        def parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
            return {"name": name, "in": "query", "description": description, "schema": schema}

        number = {"type": "integer", "minimum": 1}
        return [
            parameter(
                "page", "Which page, from 1 on.", {**number, "maximum": LAST_PAGE, "default": 1}
            ),
            parameter(
                "page_size",
                "How many on a page.",
                {**number, "maximum": self.most, "default": self.size},
            ),
            parameter(
                "count",
                "0 leaves the count out, which is faster.",
                {"type": "integer", "enum": [0, 1], "default": 1},
            ),
        ]
