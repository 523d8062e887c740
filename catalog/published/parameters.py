"""Query parameters of public pages: a view says which ones it reads, and is given no others.

So a page does not differ by a parameter that nobody reads, and is stored and shown as one page
whatever campaigns and junk add to its address.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import Resolver404, resolve

type View = Callable[..., HttpResponseBase]

_READS = "reads_parameters"


def reads[V: View](*names: str) -> Callable[[V], V]:
    """Mark a view as one whose answer depends on these parameters alone."""

    def mark(view: V) -> V:
        vars(view)[_READS] = frozenset(names)
        return view

    return mark


def parameters_of(view: Any) -> frozenset[str] | None:
    """Return what the view is marked to read; None where it may read any."""
    return getattr(view, _READS, None)


def drop_unknown(request: HttpRequest) -> None:
    """Remove those parameters from the request that its view does not read."""
    if not request.META["QUERY_STRING"]:
        return
    try:
        known = parameters_of(resolve(request.path_info).func)
    except Resolver404:
        return
    if known is None or known.issuperset(request.GET):
        return
    query = request.GET.copy()
    for name in request.GET.keys() - known:
        del query[name]
    request.META["QUERY_STRING"] = query.urlencode()
    # What was read before would stay as it was.
    request.GET = QueryDict(request.META["QUERY_STRING"])
