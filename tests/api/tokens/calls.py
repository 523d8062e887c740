"""How the tests call an address as a program does."""

from __future__ import annotations

from typing import Any

from django.test import Client


def call(
    path: str,
    authorization: str = "",
    method: str = "get",
    *,
    headers: dict[str, str] | None = None,
    **environment: Any,
) -> Any:
    """Send a request to this address below /api/, with this as its Authorization, if any."""
    sent = dict(headers or {})
    if authorization:
        sent["Authorization"] = authorization
    return Client().generic(
        method.upper(),
        f"/api/{path}/",
        content_type="application/json",
        headers=sent,
        **environment,
    )
