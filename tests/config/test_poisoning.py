"""What one visitor sends changes no page for the next one, whatever the page and the header."""

from __future__ import annotations

import functools
import gc
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client, RequestFactory
from django.urls import clear_script_prefix, set_script_prefix

from catalog.pages import frame
from catalog.pages.page_cache import _key
from tests.api.schema.site import TEXT
from tests.catalog.importing.imports import new_list
from tests.catalog.test_commands import database_url
from tests.crawling import HOST, Crawl
from tests.factories import change_entry, make_tag
from tests.submission_factories import entry_called

HEADERS = """\
Script-Name: /other
X-Script-Name: /other
X-Forwarded-Prefix: /other
X-Forwarded-Path: /other
X-Original-URL: /other/
X-Rewrite-URL: /other/
X-HTTP-Method-Override: POST
X-HTTP-Method: DELETE
X-Method-Override: PUT
Host: LOCALHOST
Host: localhost:81
Host: localhost.
Host: 127.0.0.1
Host: elsewhere.example
X-Forwarded-Host: elsewhere.example
X-Host: elsewhere.example
X-Forwarded-Server: elsewhere.example
X-Forwarded-Proto: https
X-Forwarded-Protocol: ssl
X-Forwarded-Scheme: https
X-Forwarded-Ssl: on
Front-End-Https: on
X-Forwarded-Port: 81
X-Forwarded-For: 203.0.113.9
X-Real-IP: 203.0.113.9
Forwarded: for=203.0.113.9;host=elsewhere.example;proto=https
Via: 1.1 elsewhere.example
Origin: https://elsewhere.example
Referer: https://elsewhere.example/
Accept: application/json
Accept: text/csv, */*;q=0.1
Accept: text/html
Accept: nothing/whatever
Accept-Language: zh-hans
Accept-Language: xx, zh-cn;q=0.1
Accept-Encoding: gzip, br
Accept-Charset: utf-16
Authorization: Bearer nobody
Proxy-Authorization: Basic Og==
Cookie: django_language=zh-hans
Cookie: sessionid=nobody
Cookie: csrftoken=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
Cookie: messages=nothing
Cookie: contributed=nothing
X-CSRFToken: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
HX-Request: true
HX-Boosted: true
HX-Target: results
HX-Current-URL: https://elsewhere.example/
HX-History-Restore-Request: true
X-Requested-With: XMLHttpRequest
Range: bytes=0-9
If-Range: "x"
If-Match: "x"
If-None-Match: *
If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT
If-Unmodified-Since: Thu, 01 Jan 1970 00:00:01 GMT
Cache-Control: no-store
Transfer-Encoding: chunked
Connection: close
Upgrade: h2c
Content-Type: application/x-www-form-urlencoded
Sec-Fetch-Mode: navigate
Save-Data: on
User-Agent: <script>alert(1)</script>
Prefer: return=minimal
X-Request-ID: chosen
""".splitlines()

ADDRESSES = """\
/
/search/?q=alpha
/sitemap.xml
/robots.txt
/tools/
/tools/editors/
/tools/README.md
/tools/feed.atom
/tools/browse/?q=alpha
/tools/search/suggest?q=alp
/tools/changes/
/tools/entries/{alpha}-alpha/
/nothing/
/accounts/login/
/contribute/tools/
/api/v1/
/api/v1/catalogs/tools/
/api/v1/entries/?q=alpha
""".splitlines()
"""One for each way in which a page is made."""

OTHER_ADDRESSES = """\
/?page=1
/healthz
/opensearch.xml
/search/feed.atom?q=alpha
/search/suggest?q=alp
/sitemap-catalogs.xml
/tools/browse/
/tools/browse/feed.atom?q=alpha
/tools/changes/2/
/tools/changes/feed.atom
/tools/editors/feed.atom
/tools/search/?q=alpha
/tools/tags/
/tools/tags/licence/
/tools/tags/licence/mit/
/tools/tags/licence/mit/feed.atom
/accounts/signup/
/contribute/mine/
/contribute/tools/entries/{alpha}/edit/
/contribute/tools/new/
/api/v1/docs/
/api/v1/schema/
/api/v1/catalogs/
/api/v1/catalogs/tools/changes/
/api/v1/catalogs/tools/export/?format=json
/api/v1/catalogs/tools/sections/
/api/v1/catalogs/tools/tags/
/api/v1/entries/{alpha}/
/api/v1/entries/{alpha}/history/
""".splitlines()
"""The other kinds of public address, for the long run."""

OF_ONE_ANSWER = re.compile(
    r"""(?<=nonce-)[\w-]+|(?<=nonce=")[^"]+|(?<=name="csrfmiddlewaretoken"\ value=")[^"]+
    |(?<=name="stamp"\ value=")[^"]+|(?<=name="opened"\ value=")[^"]+""",
    re.VERBOSE,
)
HEADERS_OF_ONE_ANSWER = frozenset({"Date", "Expires", "X-Request-ID"})

PACKAGES = frozenset(path.parent.name for path in settings.BASE_DIR.glob("*/__init__.py"))
COSTLY = frozenset({"_digest", "_document"})
"""Remembered whatever is asked: the release, the description of the API."""


def make_list() -> dict[str, int]:
    """A list with a tag and a change; what addresses need to know of it."""
    catalog = new_list(TEXT)
    alpha = entry_called("Alpha")
    make_tag(catalog, "licence", "MIT", [alpha])
    change_entry(alpha, "- [Alpha](https://alpha.example) - Edits any text.\n")
    return {"alpha": alpha.pk}


def as_variables(header: str) -> dict[str, str]:
    """A header as the variable that a server makes of it."""
    name, value = header.split(": ", 1)
    name = name.upper().replace("-", "_")
    return {name if name.startswith("CONTENT_") else f"HTTP_{name}": value}


def poisons(address: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Requests that could spoil the page at the address: what is asked for, and with what."""
    for header in HEADERS:
        yield address, as_variables(header)
    # As from a server that believes a header of this name.
    yield address, {"SCRIPT_NAME": "/other"}
    first, slash, rest = address[1:].partition("/")
    if slash:
        yield f"/{rest}", {"SCRIPT_NAME": f"/{first}"}


def answer_to(address: str, **variables: Any) -> tuple[int, dict[str, str], str]:
    """Status, headers and text, without what is made anew for each answer."""
    # As servers do, which the client does not.
    set_script_prefix(variables.get("SCRIPT_NAME") or "/")
    client = Client(SERVER_NAME="testserver", raise_request_exception=False)
    response: Any = client.get(address, **variables)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = {
        name: OF_ONE_ANSWER.sub("", value)
        for name, value in response.items()
        if name not in HEADERS_OF_ONE_ANSWER
    }
    headers["Set-Cookie"] = ", ".join(response.cookies)
    return (
        response.status_code,
        headers,
        OF_ONE_ANSWER.sub("", body.decode(errors="backslashreplace")),
    )


class Memory:
    """What this process and the cache that it shares remember of earlier requests."""

    def __init__(self) -> None:
        self._functions: list[Any] = [
            function
            for function in gc.get_objects()
            # By its type: to ask a lazy object for its class makes it do its work.
            if type(function) is functools._lru_cache_wrapper
            and str(function.__module__).partition(".")[0] in PACKAGES
            and function.__name__ not in COSTLY
        ]

    def forget(self) -> None:
        """Be a server that has just been started."""
        for alias in settings.CACHES:
            caches[alias].clear()
        for function in self._functions:
            function.cache_clear()
        frame._frames.clear()


@pytest.fixture(autouse=True)
def no_prefix_is_left() -> Iterator[None]:
    """Take back the prefix that a handler set for its thread, so that no later test has it."""
    yield
    clear_script_prefix()


@pytest.fixture(scope="module")
def memory() -> Memory:
    """Looked for once: there are many objects to look through."""
    return Memory()


def spoiled(memory: Memory, addresses: Iterable[str]) -> list[str]:
    """A line for each request after which a plain one for the address is answered otherwise."""
    results = []
    for address in addresses:
        memory.forget()
        cold = answer_to(address)
        for path, variables in poisons(address):
            memory.forget()
            answer_to(path, **variables)
            if answer_to(address) != cold:
                results.append(f"{address} after {path} with {variables}")
    return results


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_header_changes_the_page_of_the_next_visitor(memory: Memory, address: str) -> None:
    assert spoiled(memory, [address.format(**make_list())]) == []


@pytest.mark.django_db
@pytest.mark.long
def test_no_header_changes_any_page(memory: Memory) -> None:
    ids = make_list()
    known = [address.format(**ids) for address in (*ADDRESSES, *OTHER_ADDRESSES)]
    linked = [address.removeprefix(HOST) for address in Crawl("/").statuses]

    assert spoiled(memory, sorted({*known, *linked})) == []


@pytest.mark.parametrize("address", ["/", "/api/v1/entries/"])
def test_site_is_not_mounted_by_a_request(address: str) -> None:
    status, headers, body = answer_to(address, SCRIPT_NAME="/other")

    assert status == 400
    assert "/other" not in str(headers) + body


def test_inputs_of_a_page_are_not_taken_for_each_other(rf: RequestFactory) -> None:
    """A question mark in a path is none before a query."""
    with_query = rf.get("/tools/README.md", QUERY_STRING="/feed.atom?")
    with_path = rf.get("/tools/README.md%3F/feed.atom")

    assert _key(with_query, "en") != _key(with_path, "en")


POISONS_OVER_HTTP = [
    ("/other/", "SCRIPT_NAME: /other"),
    ("/tools/", "SCRIPT_NAME: /tools"),
    ("/tools/editors/", "SCRIPT_NAME: /tools"),
    ("/tools/editors/", "SCRIPT_NAME: /to"),
    ("/search/", "SCRIPT_NAME: /search"),
    ("/", "PATH_INFO: /robots.txt"),
    ("/", "REMOTE_USER: moderator"),
    ("/", "HTTP_HOST: elsewhere.example"),
    ("/", "X_Forwarded_Host: elsewhere.example"),
    ("/", "X-Forwarded-Host: elsewhere.example"),
    ("/", "X-Forwarded-Ssl: on"),
    ("/", "Transfer-Encoding: chunked"),
]


@pytest.mark.django_db(transaction=True)
def test_no_header_gets_past_gunicorn(memory: Memory, tmp_path: Path) -> None:
    make_list()
    with gunicorn(tmp_path) as port:
        for address, header in POISONS_OVER_HTTP:
            over_http(port, address, header)
        warm = {address: over_http(port, address) for address, _header in POISONS_OVER_HTTP}
    memory.forget()

    assert warm == {address: cold(port, address) for address in warm}


type Plain = tuple[int, str, str]
"""Status, ETag and text."""


def cold(port: int, address: str) -> Plain:
    """What a server that has been started anew would answer on this port."""
    status, headers, text = answer_to(address, HTTP_HOST=f"127.0.0.1:{port}")
    return status, headers.get("ETag", ""), text


def over_http(port: int, address: str, header: str = "") -> Plain:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest("GET", address)
    if header:
        connection.putheader(*header.split(": ", 1))
    chunked = header == "Transfer-Encoding: chunked"
    connection.endheaders(b"7\r\nq=alpha\r\n0\r\n\r\n" if chunked else None)
    response = connection.getresponse()
    text = OF_ONE_ANSWER.sub("", response.read().decode())
    connection.close()
    return response.status, response.headers.get("ETag", ""), text


@contextmanager
def gunicorn(folder: Path) -> Iterator[int]:
    """The site as it is served, with the project's own gunicorn.conf.py; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    environment = os.environ | {
        "DEBUG": "0",
        "HTTPS": "0",
        "DATABASE_URL": database_url(),
        "CACHE_URL": f"file://{folder / 'cache'}",
    }
    arguments = f"--bind 127.0.0.1:{port} --threads 2 --no-control-socket".split()
    log = folder / "log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "tests.config.served", *arguments],
            cwd=settings.BASE_DIR,
            env=environment,
            stderr=file,
        ) as process,
    ):
        try:
            for _attempt in range(600):
                with socket.socket() as trial:
                    if trial.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
