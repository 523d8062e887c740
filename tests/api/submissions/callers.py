"""Programs that call the API, with a token of somebody's or without one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from accounts.models import User
from accounts.tokens import Scope, make_token


@dataclass
class Answer:
    """What came back: the status, the body as data, the headers."""

    status: int
    data: Any
    headers: dict[str, str]

    @property
    def code(self) -> tuple[int, str]:
        """The status and the code of a refusal."""
        return self.status, self.data["code"]


@dataclass
class Caller:
    """A program, by its secret."""

    user: User | None = None
    secret: str = ""
    client: Client = field(default_factory=Client)
    address: str = "192.0.2.1"

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a request to an address below /api/v1/; the names of headers with _ for -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.secret:
            sent["Authorization"] = f"Bearer {self.secret}"
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        response: Any = self.client.generic(
            method,
            path if path.startswith("/") else f"/api/v1/{path}",
            "" if body is None else data,
            content_type="application/json",
            headers=sent,
            REMOTE_ADDR=self.address,
        )
        answers = json.loads(response.content) if response.content else None
        return Answer(response.status_code, answers, dict(response.headers))

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, {} if body is None else body, **headers)


def caller(user: User, *scopes: Scope) -> Caller:
    """A program with a token of this person's; with all scopes unless some are named."""
    _token, secret = make_token(user=user, name="program", scopes=scopes or Scope.values)
    return Caller(user, secret)
