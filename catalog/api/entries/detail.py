"""One entry: what it is, or that it is gone, and what was done to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.entries.rows import entry_of, fields_of, headers_of, read_entries, tags_of
from catalog.api.pagination import PARAMETERS, PageNumbers
from catalog.api.published import PublishedView
from catalog.models import Catalog, Change, Entry
from catalog.pages.caching import site_of

_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that is, or was, published."""

    catalog: str
    state: str
    removed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class OneEntry(PublishedView):
    """Base of what is about the entry that the address names."""

    def depends_on(self, request: Request) -> str:
        return self.entry.catalog

    @property
    def pk(self) -> int:
        """The entry's id."""
        pk: int = self.kwargs["pk"]
        return pk

    @cached_property
    def entry(self) -> Known:
        """Raises `NotFound` for an entry that never was published."""
        entries = Entry.objects.exclude(state=Entry.State.SUGGESTED)
        fields = "catalog__slug", "state", "removed_at", "created_at", "updated_at"
        rows = entries.filter(pk=min(self.pk, _LARGEST)).order_by().values_list(*fields)
        for row in rows:
            return Known(*row)
        raise NotFound(_("There is no entry %(pk)d.") % {"pk": self.pk})


class EntryDetail(OneEntry):
    """One published entry; 410 once it was removed."""

    parameters: ClassVar = frozenset({"fields"})

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        fields = fields_of(request)
        rows = read_entries([self.pk]).get(self.pk)
        if self.entry.state == Entry.State.REMOVED or rows is None:
            return self._gone()
        told = entry_of(rows, catalogs[0], headers_of([catalogs[0].pk]), site_of(request._request))
        told |= {
            "tags": tags_of([self.pk]).get(self.pk, []),
            "created_at": self.entry.created_at,
            "updated_at": self.entry.updated_at,
        }
        return Response({name: told[name] for name in fields})

    def _gone(self) -> Response:
        detail = _("The entry %(pk)d was removed from its list.") % {"pk": self.pk}
        body = {"code": "gone", "detail": detail, "errors": {}}
        return Response(body | {"removed_at": self.entry.removed_at}, status=HTTPStatus.GONE)


class EntryHistory(OneEntry):
    """What was done to an entry, the newest first; removed ones keep their history."""

    parameters: ClassVar = PARAMETERS

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        changes = (
            Change.objects.filter(entry_id=self.pk, revision__catalog=catalogs[0])
            .order_by("-revision__number", "-ordinal")
            .values_list(
                "revision__number",
                "revision__verb",
                "op",
                "revision__credit",
                "revision__actor_name",
                "revision__note",
                "revision__created_at",
                "before",
                "after",
            )
        )
        pages = PageNumbers()
        rows = pages.paginate_queryset(changes, request, self)
        return pages.get_paginated_response([_change(*row) for row in rows])


def _change(
    number: int,
    verb: str,
    operation: str,
    credit: str,
    actor: str,
    note: str,
    at: datetime,
    before: str,
    after: str,
) -> dict[str, Any]:
    return {
        "revision": number,
        "verb": verb,
        "operation": operation,
        "by": credit or actor,
        "note": note,
        "created_at": at,
        "before": before,
        "after": after,
    }
