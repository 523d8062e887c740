"""A site of several processes on the tests' database, and somebody who guesses their way in."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from typing import Self

import httpx
from django.conf import settings

from tests.catalog.test_commands import database_url

_SERVER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from django.conf import settings
# With it no page would be stored.
settings.DEBUG = False
settings.PASSWORD_HASHERS = sys.argv[2:]
sys.argv = ["gunicorn", "config.wsgi", "--bind", "fd://" + sys.argv[1], "--workers", "2",
            "--threads", "2", "--log-level", "error"]
from gunicorn.app.wsgiapp import run
run()
"""


@contextmanager
def two_processes() -> Iterator[str]:
    """Run gunicorn with two of them, and give their address; what they share is the database."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.fileno()
        server = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(number), *settings.PASSWORD_HASHERS],
            env=os.environ
            | {"DATABASE_URL": database_url(), "DATABASE_POOL_SIZE": "0", "TRUSTED_PROXIES": "1"},
            cwd=settings.BASE_DIR,
            pass_fds=[number],
        )
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.terminate()
            server.wait()


class Guesser:
    """Comes from another network with each request, and reads pages between."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.client = httpx.Client(base_url=f"http://{host}", timeout=60)
        self.reader = HTTPConnection(host, timeout=60)
        self.networks = count()
        self.junk = count()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()
        self.reader.close()

    def read(self, requests: int) -> None:
        """Get so many addresses that nobody got before; one in eight makes a page of its own."""
        for number in (next(self.junk) for _ in range(requests)):
            path = f"/search/suggest?q={number}" if number % 8 == 0 else f"/?g={number}"
            self.reader.request("GET", path)
            answer = self.reader.getresponse()
            answer.read()
            assert answer.status == 200

    def post(self, path: str, **data: str) -> httpx.Response:
        if "csrftoken" not in self.client.cookies:
            self.client.get("/accounts/login/", headers=self._from_elsewhere())
        headers = self._from_elsewhere() | {"X-CSRFToken": self.client.cookies["csrftoken"]}
        return self.client.post(path, data=data, headers=headers)

    def _from_elsewhere(self) -> dict[str, str]:
        number = next(self.networks)
        return {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250}"}

    def password(self, login: str, password: str) -> str:
        return _judgement(self.post("/accounts/login/", login=login, password=password))

    def code(self, code: str) -> str:
        return _judgement(self.post("/accounts/2fa/authenticate/", code=code))

    def reset(self, email: str) -> str:
        return _judgement(self.post("/accounts/password/reset/", email=email))


def _judgement(answer: httpx.Response) -> str:
    text = answer.text
    if answer.status_code == 302:
        return "accepted"
    if answer.status_code == 429 or "Too many failed login attempts" in text:
        return "refused"
    assert "are not correct" in text or "Incorrect code" in text, text
    return "wrong"
