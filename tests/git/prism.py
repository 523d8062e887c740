"""Prism, the proxy that holds each call to GitHub and each answer against its description.

PRISM names the program of the package `@stoplight/prism-cli`; `.ci/run` sets it where npm can get
that. Without it `github_description.py` alone checks the same.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.git.github_description import FILE

type Answer = tuple[int, Any]
"""A status, and what the JSON says."""
SECONDS = 60
"""Longest time that it takes to start."""


class _Upstream(BaseHTTPRequestHandler):
    """What Prism hands on to, once a call is right: whoever answers at the moment."""

    prism: Prism

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, answer = self.prism.answering(self.command, self.path, self.headers, body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PATCH = do_GET


class Prism:
    """The proxy on a port of this machine. `answering` gives the answers behind it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answering: Callable[[str, str, Any, bytes], Answer] = lambda *_call: (404, None)

    def ask(self, method: str, target: str, headers: Any, body: bytes) -> tuple[Answer, str]:
        """The answer to a call, and how it or the call is not as described ('' for nothing)."""
        names = ("Authorization", "Accept", "Content-Type", "X-GitHub-Api-Version")
        sent = {name: headers[name] for name in names if headers.get(name)}
        try:
            response, text = self._talk(method, target, body, sent)
        except ConnectionError:
            # Prism has been seen to reset a connection, once in some hundred calls.
            response, text = self._talk(method, target, body, sent)
        answer = json.loads(text) if text else None
        is_wrong = "problem+json" in response.headers.get("Content-Type", "")
        problem = f"{method} {target}: {text.decode()}" if is_wrong else ""
        return (response.status, answer), problem

    def _talk(
        self, method: str, target: str, body: bytes, headers: dict[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request(method, target, body or None, headers)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return response, text


@contextmanager
def running() -> Iterator[Prism | None]:
    """The proxy; None where PRISM names no program."""
    program = os.environ.get("PRISM", "")
    if not program:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        prism = Prism(free.getsockname()[1])
    handler = type("Handler", (_Upstream,), {"prism": prism})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    upstream = f"http://127.0.0.1:{server.server_address[1]}"
    options = ["--errors", "--cors=false", "--verboseLevel=silent", "--port", str(prism.port)]
    process = subprocess.Popen([program, "proxy", *options, str(FILE), upstream])
    try:
        _wait_for(process, prism.port)
        yield prism
    finally:
        process.terminate()
        process.wait()
        server.shutdown()
        server.server_close()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("Prism does not start; run PRISM with `proxy --errors`.")
