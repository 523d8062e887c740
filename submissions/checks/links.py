"""Findings about where links lead: by the address itself, and by what it answers to a request.

Nobody can make this program request what is not on the public web.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit, urlunsplit

from django.conf import settings
from django.tasks import task

from catalog.markdown.links import (
    canonical_url,
    host_of,
    link_kind,
    repository_of,
    tracking_parameters,
)
from catalog.markdown.linting import Finding
from submissions.checks.subject import HTTPS_HOSTS, Subject
from submissions.choices import Kind, Status, Verb
from submissions.findings import finding, judged, stored_finding
from submissions.models import ContributionPolicy, Submission, SubmissionEvent

# httpx is imported where it is used: importing it is much of what starting any process costs, and
# few follow a link.
if TYPE_CHECKING:
    import httpx

# Hosts on the public web, and addresses that nobody outside may be sent to


_LOCAL_NAMES = (
    "localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "onion",
    "test", "invalid", "localdomain",
)  # fmt: skip
# What address parsers take for an IPv4 address: 2130706433, 0x7f.1, 0177.0.0.1.
_NUMERIC = re.compile(
    r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}\.?\Z", re.IGNORECASE
)
# IPv6 with an IPv4 address inside: translation (RFC 6052, RFC 8215) and 6to4.
_TRANSLATED = (
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("2001::/32"),
)

# Names under which anybody can register, where they have two or three labels. Not the whole public
# suffix list: a suffix that is missing here makes two sites of one registry look like one.
_REGISTRIES = """
ac.cn ac.id ac.il ac.in ac.jp ac.kr ac.nz ac.th ac.uk ac.za co.id co.il co.in co.jp co.kr co.nz
co.th co.uk co.za com.ar com.au com.br com.cn com.co com.hk com.mx com.my com.pl com.sg com.tr
com.tw com.ua com.vn edu.au edu.br edu.cn edu.hk edu.sg edu.tw go.jp gov.au gov.br gov.cn gov.in
gov.uk gr.jp me.uk ne.jp net.au net.br net.cn net.in net.nz or.jp or.kr org.au org.br org.cn
org.hk org.il org.in org.nz org.tw org.uk org.za
appspot.com azurewebsites.net blogspot.com cloudfront.net deno.dev firebaseapp.com fly.dev
git.io github.io gitlab.io glitch.me hatenablog.com herokuapp.com hf.space netlify.app ngrok.io
notion.site now.sh onrender.com pages.dev readthedocs.io repl.co s3.amazonaws.com
sourceforge.io streamlit.app surge.sh tumblr.com vercel.app web.app webflow.io wixsite.com
wordpress.com workers.dev
"""
_SUFFIXES = frozenset(_REGISTRIES.split())


def is_public_ip(address: str) -> bool:
    """Whether an IP address is one of the public internet, also the one wrapped in it."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public_ip(str(ip.ipv4_mapped))
        if any(ip in network for network in _TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def is_public_host(host: str) -> bool:
    """Whether a host, as an address names it, may be one of the public web; asks no name server."""
    host = host.lower().rstrip(".")
    if host.startswith("["):
        return is_public_ip(host)
    if _NUMERIC.match(host):
        try:
            return is_public_ip(socket.inet_ntoa(socket.inet_aton(host)))
        except OSError:
            return False
    labels = host.split(".")
    return len(labels) > 1 and not any(
        host == name or host.endswith(f".{name}") for name in _LOCAL_NAMES
    )


def registrable(host: str) -> str:
    """The part of a host that somebody registered: `example.org`, `example.co.uk`."""
    labels = host.lower().rstrip(".").split(".")
    for size in (3, 2):
        if ".".join(labels[-size:]) in _SUFFIXES:
            return ".".join(labels[-size - 1 :])
    return ".".join(labels[-2:])


_WEB = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)
_BAD = re.compile(r"[\s<>\\`\"{}|^]")
_FILE = re.compile(r"\.(?:adoc|html?|md|markdown|pdf|png|rst|txt)(?:[?#]|\Z)", re.IGNORECASE)
_SCHEMELESS = re.compile(r"(?:www\.|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:[/?#]|\Z))", re.IGNORECASE)


def address_findings(subject: Subject) -> Iterator[Finding]:
    """Yield the problems of a new address."""
    if subject.has_new_url:
        yield from _form(subject, subject.url_field, subject.url)
    urls = {(subject.url_field, subject.url)} if subject.has_new_url else set()
    urls |= {(field, link.url) for field, link in subject.links}
    for field, url in sorted(urls):
        yield from _blemishes(subject, field, url)
        if field != subject.url_field and link_kind(url) not in {"internal", "relative", "mail"}:
            yield from _reach(field, url)


def _form(subject: Subject, field: str, url: str) -> Iterator[Finding]:
    if not _WEB.match(url) or _BAD.search(url):
        if _is_usual(subject, url):
            return
        fix = None
        if _SCHEMELESS.match(url) and not _BAD.search(url) and not _FILE.search(url):
            fix = _replaced(subject, field, url, f"https://{url}")
        yield finding("url-invalid", field, fix=fix)
        return
    yield from _reach(field, url)


def _is_usual(subject: Subject, url: str) -> bool:
    """Whether it leads to a file beside the README, as most of the neighbours' addresses do."""
    if link_kind(url) != "relative" or _BAD.search(url):
        return False
    relative = sum(link_kind(one.url) == "relative" for one in subject.neighbours)
    return relative > 0 and 2 * relative >= len(subject.neighbours)


def _reach(field: str, url: str) -> Iterator[Finding]:
    """Yield a finding where an address is not on the public web."""
    parts = _parts(url)
    if parts is None:
        yield finding("url-invalid", field, variant="unreadable")
        return
    if parts.username is not None or parts.password is not None:
        yield finding("url-credentials", field)
    host = parts.netloc.rpartition("@")[2]
    if host and not is_public_host(host if host.startswith("[") else parts.hostname or ""):
        yield finding("url-private", field, host=host)


def _parts(url: str) -> SplitResult | None:
    """The parts of an address; None where host or port cannot be read."""
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None


def _blemishes(subject: Subject, field: str, url: str) -> Iterator[Finding]:
    tracking = tracking_parameters(url)
    if tracking:
        fix = _replaced(subject, field, url, without_parameters(url, tracking))
        yield finding("tracking", field, fix=fix, names=", ".join(tracking[:3]))
    host = host_of(url)
    if url[:7].lower() == "http://" and (host in HTTPS_HOSTS or host in subject.https_hosts):
        fix = _replaced(subject, field, url, f"https://{url[7:]}")
        yield finding("http", field, fix=fix, host=host)


def _replaced(subject: Subject, field: str, url: str, better: str) -> dict[str, str] | None:
    """The field with another address in place of this one."""
    text = subject.changed.get(field, "")
    return {field: text.replace(url, better)} if url in text else None


def without_parameters(url: str, names: list[str]) -> str:
    """The address without these parameters of its query."""
    parts = urlsplit(url)
    remaining = [part for part in parts.query.split("&") if part.partition("=")[0] not in names]
    return urlunsplit(parts._replace(query="&".join(remaining)))


# What a submitted address answers. Asked in the background, never in a request. Whoever submits an
# address chooses where this program goes, so it only goes where any reader could: the name is
# resolved here, every address it stands for has to be public, and the connection is made to the
# address that was looked at, at each redirect anew. Nothing but a GET without cookies is sent, and
# time, size and redirects are bounded.


SECONDS = 20
"""Seconds for everything, redirects included."""
SECONDS_EACH = 10
"""Seconds for a connection, and for each wait for an answer."""
MOST_BYTES = 512 * 1024
"""Read of a page; the rest is left where it is."""
MOST_REDIRECTS = 5
_PORTS = frozenset({80, 443, 8080, 8443})
_ARCHIVED = b"This repository was archived by the owner"
# They say something about who asks, or when, and nothing about the page.
_NOT_BROKEN = frozenset({401, 403, 405, 406, 408, 418, 425, 429, 451, 999})

type Resolve = Callable[[str, int], Sequence[str]]
"""The IP addresses that a host stands for. Raises `OSError` for none."""


class State(StrEnum):
    """The outcome of the request."""

    FINE = "fine"
    BROKEN = "broken"
    """It answers that there is nothing, or nobody answers."""
    UNKNOWN = "unknown"
    """It answers, but not to a program, or not now."""
    REFUSED = "refused"
    """It leads, at once or by a redirect, to where this program does not go."""


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """The answer of an address. `status` is the last one, 0 for none; `final_url` where it led.

    `detail` is why it is broken or refused: a variant of the finding `link-broken`.
    """

    url: str
    state: State
    status: int = 0
    final_url: str = ""
    is_archived: bool = False
    detail: str = ""


class _Refused(Exception):
    """The address is not for us to follow."""


def resolve(host: str, port: int) -> Sequence[str]:
    """Resolve by the system's resolver."""
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in addresses))


def look(url: str, *, resolve: Resolve = resolve) -> LinkAnswer:
    """Request an address and return its answer. Never raises for anything that it answers or does
    not.

    Takes up to `SECONDS`; must not be called inside a transaction.
    """
    # In a thread of its own: the caller's may be running an event loop already.
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, _look(url, resolve)).result()


def findings_of(answer: LinkAnswer, field: str = "url") -> list[Finding]:
    """Return the findings about an answer, with the usual severities; see `findings.judged()`."""
    if answer.state in {State.BROKEN, State.REFUSED}:
        return [finding("link-broken", field, variant=answer.detail, status=answer.status)]
    findings = []
    if answer.final_url and _is_elsewhere(answer.url, answer.final_url):
        fix = {field: answer.final_url}
        host = host_of(answer.final_url)
        findings.append(finding("link-moved", field, fix=fix, host=host))
    if answer.is_archived:
        findings.append(finding("link-archived", field))
    return findings


def _is_elsewhere(url: str, final: str) -> bool:
    if canonical_url(url) == canonical_url(final):
        return False
    return registrable(host_of(url)) != registrable(host_of(final))


async def _look(url: str, resolve: Resolve) -> LinkAnswer:
    try:
        async with asyncio.timeout(SECONDS):
            return await _follow(url, resolve)
    except TimeoutError:
        return LinkAnswer(url, State.BROKEN, detail="timeout")


async def _follow(url: str, resolve: Resolve) -> LinkAnswer:
    import httpx

    current = url
    # No proxy or credentials of the environment: they would go around all that is looked at here.
    async with httpx.AsyncClient(
        follow_redirects=False,
        timeout=SECONDS_EACH,
        trust_env=False,
        headers={
            "user-agent": _user_agent(),
            "accept": "text/html, */*;q=0.5",
            "accept-encoding": "identity",
        },
    ) as client:
        for _hop in range(MOST_REDIRECTS + 1):
            try:
                response, body = await _get(client, current, resolve)
                target = response.headers.get("location", "") if response.is_redirect else ""
                following = str(httpx.URL(current).join(target))
            except _Refused as error:
                return LinkAnswer(url, State.REFUSED, 0, current, detail=str(error))
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                return LinkAnswer(url, State.BROKEN, 0, current, detail=_reason(error))
            if not target:
                return _answer(url, current, response.status_code, body)
            # Cookies of one host are none of the next one's business.
            client.cookies.clear()
            current = following
    return LinkAnswer(url, State.BROKEN, 0, current, detail="loop")


async def _get(
    client: httpx.AsyncClient, url: str, resolve: Resolve
) -> tuple[httpx.Response, bytes]:
    """The answer of one address and the beginning of its body, from an IP address we looked at."""
    import httpx

    host, port = _checked(url)
    address = await asyncio.to_thread(_public_address, host, port, resolve)
    literal = f"[{address}]" if ":" in address else address
    request = client.build_request(
        "GET",
        httpx.URL(url).copy_with(host=literal, username=None, password=None),
        headers={"host": _host_header(host, port)},
        # The certificate has to be that of the name, not of the address.
        extensions={"sni_hostname": host},
    )
    response = await client.send(request, stream=True)
    body = b""
    try:
        # As it comes over the line: what unpacks to gigabytes is not unpacked.
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) >= MOST_BYTES:
                break
    finally:
        await response.aclose()
    return response, body


def _host_header(host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port in {80, 443} else f"{name}:{port}"


def _checked(url: str) -> tuple[str, int]:
    """Host and port of an address that may be followed. Raises `_Refused`."""
    parts = urlsplit(url)
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise _Refused("scheme")
    port = parts.port or (443 if parts.scheme.lower() == "https" else 80)
    if port not in _PORTS:
        raise _Refused("port")
    bracketed = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if not is_public_host(bracketed):
        raise _Refused("private")
    host = parts.hostname
    return host if host.isascii() else host.encode("idna").decode(), port


def _public_address(host: str, port: int, resolve: Resolve) -> str:
    """One IP address of a host, all of which are public. Raises `_Refused`, `OSError`."""
    addresses = resolve(host, port)
    if not addresses:
        raise socket.gaierror(f"{host} stands for no address")
    if not all(is_public_ip(address) for address in addresses):
        raise _Refused("private")
    return addresses[0]


def _answer(url: str, final: str, status: int, body: bytes) -> LinkAnswer:
    if status < 400:
        state = State.FINE
    elif status in _NOT_BROKEN or status in {500, 502, 503, 504}:
        state = State.UNKNOWN
    else:
        state = State.BROKEN
    is_archived = bool(repository_of(final)) and _ARCHIVED in body
    return LinkAnswer(url, state, status, final, is_archived, "status")


def _reason(error: Exception) -> str:
    import httpx

    if isinstance(error, socket.gaierror):
        return "host"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "certificate"
        cause = cause.__cause__ or cause.__context__
    return "timeout" if isinstance(error, httpx.TimeoutException) else ""


def _user_agent() -> str:
    return f"{settings.SITE_NAME} link check (Listwright; +{settings.SITE_URL})"


# A task asks after the submission was sent, and adds the answer to its findings if the submission
# still says the same.


PROPOSED = frozenset({Verb.SUBMIT, Verb.CONFIRM, Verb.RESUBMIT})
"""Verbs that bring content which nobody has looked at."""
RULES = frozenset({"link-broken", "link-moved", "link-archived"})


def queue_question(event: SubmissionEvent) -> None:
    """Queue the check of the link if the event brings one that waits for a decision.

    Called by every verb inside its transaction; at most one row, and no other query.
    """
    if settings.ASK_LINKS and event.verb in PROPOSED and event.to_status == Status.PENDING:
        submission = event.submission
        if link_of(submission)[1]:
            check_link.enqueue(submission.pk, submission.revision)


def link_of(submission: Submission) -> tuple[str, str]:
    """The field and the address that the decision depends on; the address is '' for none.

    That of an addition, a changed or a replacing one, and of a report the one it is about.
    """
    proposal = submission.content
    if proposal.replacement_url:
        field, url = "replacement_url", proposal.replacement_url
    elif submission.kind == Kind.REPORT:
        field, url = "url", submission.url
    elif proposal.url and canonical_url(proposal.url) != canonical_url(submission.based_on.url):
        field, url = "url", proposal.url
    else:
        return "url", ""
    url = url.strip()
    return field, url if url.lower().startswith(("http://", "https://")) else ""


@task(priority=-10)
def check_link(submission_pk: int, revision: int) -> int:
    """Check a proposed link, after the emails; return the number of findings."""
    return len(write_answer(submission_pk, revision))


def write_answer(submission_pk: int, revision: int) -> list[Finding]:
    """Check the link and replace the earlier findings; return the new ones.

    Nothing is written once the submission was changed or decided.
    """
    rows = Submission.objects.filter(pk=submission_pk, revision=revision, status=Status.PENDING)
    row = rows.select_related("catalog").first()
    if row is None:
        return []
    field, url = link_of(row)
    findings = findings_of(look(url), field) if url else []
    # A link cannot be refused for an answer that came after it was taken in.
    findings = judged(findings, ContributionPolicy.of(row.catalog).profile, ())
    rows.update(
        findings=[
            *[old for old in row.findings if old["rule"] not in RULES],
            *[stored_finding(finding) for finding in findings],
        ]
    )
    return findings
