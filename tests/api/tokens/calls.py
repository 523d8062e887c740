"""How the tests call an address as a program does."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client


def call(
    path: str,
    authorization: str = "",
    method: str = "get",
    *,
    headers: dict[str, str] | None = None,
    **environment: Any,
) -> HttpResponse:
    """Send a request to this address below /api/, with this as its Authorization, if any."""
    sent = dict(headers or {})
    if authorization:
        sent["Authorization"] = authorization
    answer: HttpResponse = Client().generic(
        method.upper(),
        f"/api/{path}/",
        content_type="application/json",
        headers=sent,
        **environment,
    )
    return answer
