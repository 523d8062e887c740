"""What an address answers: only public ones are asked, at each redirect anew, within bounds."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from submissions.checks import links
from submissions.checks.links import (
    LinkAnswer,
    State,
    findings_of,
    is_public_host,
    is_public_ip,
    look,
    registrable,
)

HERE = "127.0.0.1"


class Site(BaseHTTPRequestHandler):
    """A local server whose answers the paths ask for."""

    seen: ClassVar[list[tuple[str, str, dict[str, str]]]] = []

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.seen.append((headers["host"].partition(":")[0], self.path, headers))
        match self.path[1:].split("/", 1):
            case ["status", code]:
                self.answer(int(code))
            case ["to", target]:
                self.answer(302, location=target)
            case ["loop"]:
                self.answer(302, location="/loop")
            case ["endless"]:
                self.pour()
            case ["slow"]:
                self.trickle()
            case [_owner, "archived"]:
                self.answer(200, body=b"<p>This repository was archived by the owner on May 1.</p>")
            case _:
                self.answer(200, body=b"Fine.")

    def answer(self, status: int, *, body: bytes = b"", location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Set-Cookie", "a=b")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def pour(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            self.seen.append(("", "stopped", {}))

    def trickle(self) -> None:
        """A header line that never ends, a letter at a time."""
        try:
            self.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.05)
        except OSError:
            pass

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of the local server, which stands for the public web here."""
    Site.seen.clear()
    with ThreadingHTTPServer((HERE, 0), Site) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        number = server.server_port
        monkeypatch.setattr(links, "_PORTS", {80, 443, number})
        monkeypatch.setattr(links, "is_public_ip", lambda ip: ip == HERE or is_public_ip(ip))
        yield number
        server.shutdown()


def named(**hosts: str) -> Callable[[str, int], list[str]]:
    """A resolver that knows these hosts, dots written as `_`, and takes all others for here."""
    known = {host.replace("_", "."): address for host, address in hosts.items()}
    return lambda host, port: [known.get(host, HERE)]


@pytest.mark.parametrize(
    ("path", "state", "status", "rules"),
    [
        ("/", State.FINE, 200, []),
        ("/status/404", State.BROKEN, 404, ["link-broken"]),
        ("/status/410", State.BROKEN, 410, ["link-broken"]),
        ("/status/403", State.UNKNOWN, 403, []),
        ("/status/429", State.UNKNOWN, 429, []),
        ("/status/503", State.UNKNOWN, 503, []),
        ("/loop", State.BROKEN, 0, ["link-broken"]),
        ("/to//elsewhere", State.FINE, 200, []),
    ],
)
def test_answers_are_reported(
    port: int, path: str, state: State, status: int, rules: list[str]
) -> None:
    answer = look(f"http://site.example.org:{port}{path}", resolve=named())

    assert (answer.state, answer.status) == (state, status)
    assert [results.code for results in findings_of(answer)] == rules


def test_only_a_plain_question_is_sent(port: int) -> None:
    look(f"http://me:secret@site.example.org:{port}/to//next/", resolve=named())

    assert [host for host, _path, _headers in Site.seen] == ["site.example.org"] * 2
    for _host, _path, headers in Site.seen:
        assert not {"authorization", "cookie", "referer"} & set(headers)
        assert "Listwright" in headers["user-agent"]


@pytest.mark.parametrize(
    ("target", "rules"),
    [
        ("http://www.example.org:{port}/", []),
        ("http://other.example.org:{port}/", []),
        ("http://example.net:{port}/", ["link-moved"]),
    ],
)
def test_redirects_to_other_sites_are_reported(port: int, target: str, rules: list[str]) -> None:
    target = target.format(port=port)
    answer = look(f"http://example.org:{port}/to/{target}", resolve=named())

    results = findings_of(answer)
    assert (answer.final_url, [each.code for each in results]) == (target, rules)
    assert [each.fix for each in results] == [{"url": target} for _rule in rules]


def test_archived_repositories_are_reported() -> None:
    answer = LinkAnswer("https://github.com/a/b", State.FINE, 200, "https://github.com/a/b", True)

    assert [results.code for results in findings_of(answer)] == ["link-archived"]


def test_archived_is_read_off_the_page_of_a_repository(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "repository_of", lambda url: "archived" in url)
    page, other = (
        look(f"http://github.com:{port}/{path}", resolve=named()) for path in ("a/archived", "a/b")
    )

    assert (page.is_archived, other.is_archived) == (True, False)


# Where it does not go

ELSEWHERE = [
    "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "255.255.255.255", "224.0.0.1", "::1", "::", "fe80::1", "fc00::1",
    "fd00:ec2::254", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::ffff:10.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", ELSEWHERE)
def test_private_addresses_are_refused(address: str) -> None:
    assert not is_public_ip(address)
    resolved = look("http://site.example.org/", resolve=lambda host, port: [address])
    bracketed = f"[{address}]" if ":" in address else address
    named_so = look(f"http://{bracketed}/", resolve=lambda host, port: [address])

    assert (resolved.state, named_so.state) == (State.REFUSED, State.REFUSED)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/", "http://site.localhost/", "http://printer/", "http://nas.local/",
        "http://metadata.google.internal/", "http://2130706433/", "http://0x7f.1/",
        "http://0177.0.0.1/", "http://127.1/", "ftp://example.org/", "file:///etc/passwd",
        "http://example.org:22/", "http://example.org:6379/", "gopher://example.org/", "//x/",
    ],
)  # fmt: skip
def test_addresses_that_are_none_of_the_web_are_refused_unasked(url: str) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError(host)

    assert look(url, resolve=never).state == State.REFUSED


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    answer = look("http://a.example.org/", resolve=lambda host, port: ["192.0.0.9", "10.0.0.1"])

    assert answer.state == State.REFUSED


@pytest.mark.parametrize("target", ["http://inner.example.org/", "http://169.254.169.254/latest/",
                                    "file:///etc/passwd", "http://localhost/"])  # fmt: skip
def test_redirects_into_private_networks_are_refused(port: int, target: str) -> None:
    resolve = named(inner_example_org="10.0.0.1")

    answer = look(f"http://site.example.org:{port}/to/{target}", resolve=resolve)

    assert answer.state == State.REFUSED
    assert len(Site.seen) == 1


def test_a_name_that_changes_its_address_is_no_way_in(port: int) -> None:
    """Each connection goes to the address that was looked at, and each hop looks again."""
    answers = [[HERE], ["10.0.0.1"]]
    requests: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        requests.append(host)
        return answers[len(requests) - 1]

    same = f"http://site.example.org:{port}"
    answer = look(f"{same}/to/{same}/", resolve=rebinding)

    assert (answer.state, requests) == (State.REFUSED, ["site.example.org"] * 2)
    assert len(Site.seen) == 1


# Bounds


def test_an_endless_page_is_left(port: int) -> None:
    answer = look(f"http://site.example.org:{port}/endless", resolve=named())

    assert (answer.state, answer.status) == (State.FINE, 200)


def test_an_answer_a_letter_at_a_time_is_left(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "SECONDS", 0.5)

    answer = look(f"http://site.example.org:{port}/slow", resolve=named())

    assert (answer.state, answer.detail) == (State.BROKEN, "timeout")


def test_nobody_there(port: int) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    assert look("http://gone.example.org/", resolve=unknown).state == State.BROKEN
    assert look(f"https://site.example.org:{port}/", resolve=named()).state == State.BROKEN


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("example.org", True), ("8.8.8.8", True), ("[2606:4700::1111]", True), ("xn--fiq.cn", True),
        ("EXAMPLE.org.", True), ("localhost", False), ("a.b.internal", False), ("[::1]", False),
        ("0", False), ("127.0.0.1.", False), ("1.1", True), ("", False),
    ],
)  # fmt: skip
def test_public_hosts(host: str, public: bool) -> None:
    assert is_public_host(host) is public


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.example.org", "example.org"), ("a.b.example.co.uk", "example.co.uk"),
        ("me.github.io", "me.github.io"), ("x.me.github.io", "me.github.io"),
        ("example.com.cn", "example.com.cn"), ("org", "org"),
    ],
)  # fmt: skip
def test_registrable_domains(host: str, domain: str) -> None:
    assert registrable(host) == domain
