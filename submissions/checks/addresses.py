"""Findings about where links lead, as far as the address itself tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit, urlunsplit

from catalog.markdown.links import host_of, link_kind, tracking_parameters
from catalog.markdown.linting import Finding
from submissions.checks.hosts import HTTPS_HOSTS, is_public_host
from submissions.checks.subject import Subject
from submissions.findings import finding

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
