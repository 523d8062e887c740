"""Links: what kind of thing they lead to, and whether two lead to the same place.

Addresses are stored as people wrote them; everything here serves comparing, grouping and
reporting only. No function raises on any string.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from catalog.markdown.bare_urls import find_bare_urls
from catalog.markdown.repositories import repository_path
from catalog.markdown.sites import kind_of_site

__all__ = [
    "canonical_url",
    "find_bare_urls",
    "host_of",
    "link_kind",
    "repository_of",
    "tracking_parameters",
]

MAX_CANONICAL = 255
"""Characters of a canonical URL: what its database column holds."""

_BLANK = " \t\n\r\f\v"
_EDGE = "." + _BLANK
_PATH_END = "/" + _BLANK
_INDEXES = ("/index.html", "/index.htm")
_WWW = re.compile(r"(?:www\.)+(?=[^.\s]+\.)")
_LONGEST_START = MAX_CANONICAL - 65
_SHORTENED = re.compile(r"(?:https|ftp)://.{10,}#[0-9a-f]{64}\Z", re.DOTALL)
_WEB = re.compile(
    r"(?:(https?|ftp):)?//(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^/?#:\\]*)([^/?#]*)"
    r"([^?#]*)(?:\?([^#]*))?(?:#(.*))?",
    re.IGNORECASE | re.DOTALL,
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_DEFAULT_PORTS = frozenset({"", ":", ":80", ":443"})
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+|%")
# A fragment that is an address of its own: the page behind it is drawn by a script.
_ROUTE = re.compile(r"!?/?[^!/]")
# RFC 3986, section 2.3, besides letters and digits.
_UNRESERVED = frozenset("-._~")

_TRACKING = frozenset(
    {
        "_ga", "_gl", "_hsenc", "_hsmi", "dclid", "fbclid", "gbraid", "gclid", "gclsrc",
        "hsctatracking", "igsh", "igshid", "mc_cid", "mc_eid", "mkt_tok", "msclkid", "ref",
        "ref_src", "ref_url", "spm", "ttclid", "twclid", "vd_source", "vero_id", "wbraid",
        "yclid",
    }
)  # fmt: skip

_ARXIV_HOSTS = frozenset(
    {"arxiv.org", "export.arxiv.org", "cn.arxiv.org", "ar5iv.org", "ar5iv.labs.arxiv.org"}
)
# https://info.arxiv.org/help/arxiv_identifier.html: the present scheme and the one before 2007.
_ARXIV_ID = r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?"
_ARXIV_PATH = re.compile(
    rf"/(?:abs|pdf|html|format|ps|e-print)/{_ARXIV_ID}(?:\.pdf)?\Z", re.IGNORECASE
)
_ARXIV_DOI = re.compile(rf"/10\.48550/arxiv\.{_ARXIV_ID}\Z")
_DOI_HOSTS = frozenset({"doi.org", "dx.doi.org"})
_HUGGING_FACE = frozenset({"huggingface.co", "hf.co"})
_HUGGING_FACE_REPOSITORY = re.compile(
    r"/(?!(?:blog|chat|collections|docs|join|learn|login|models|new|organizations|papers|posts"
    r"|pricing|settings|tasks)(?:/|\Z))((?:(?:datasets|spaces)/)?[^/]+/[^/]+)(?:/tree/[^/]+)?\Z",
    re.IGNORECASE,
)


class _Address(NamedTuple):
    """The parts of a web address. Scheme and host are lower case, the host without ``www.``.

    `port` is '' or starts with ':', `path` is '' or has no slash at its end, percent-encoding
    undone where that is safe.
    """

    scheme: str
    host: str
    port: str
    path: str
    query: str
    fragment: str


@lru_cache(maxsize=1024)
def _split(url: str) -> _Address | None:
    """The parts of a web address (``http``, ``https``, ``ftp`` or without scheme), else None."""
    match = _WEB.match(url.strip(_BLANK))
    if not match:
        return None
    scheme, host, port, path, query, fragment = match.groups(default="")
    host = host.lower().strip(_EDGE)
    if host[:4] == "www.":
        host = _WWW.sub("", host, count=1)
    if not host:
        return None
    port = port.strip(_BLANK)
    if port in _DEFAULT_PORTS:
        port = ""
    if "%" in path:
        path = _ESCAPES.sub(_unescape, path)
    path = path.rstrip(_PATH_END)
    if path.endswith(_INDEXES):
        path = _without_indexes(path)
    return _Address(
        "ftp" if scheme.lower() == "ftp" else "https", host, port, path, query, fragment
    )


def _without_indexes(path: str) -> str:
    """The path without any ``/index.html`` at its end."""
    end = len(path)
    while path.endswith(_INDEXES, 0, end):
        end = path.rindex("/", 0, end)
        while end and path[end - 1] in _PATH_END:
            end -= 1
    return path[:end]


def _unescape(match: re.Match[str]) -> str:
    """Undo the percent-encoding of what may as well stand for itself (RFC 3986, 6.2.2.2)."""
    escapes = match[0]
    if escapes == "%":
        return "%25"
    try:
        text = bytes.fromhex(escapes.replace("%", "")).decode()
    except UnicodeDecodeError:
        return escapes.upper()
    return "".join(
        character
        if (character.isalnum() if character.isascii() else character.isprintable())
        or character in _UNRESERVED
        else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in text
    )


def canonical_url(url: str) -> str:
    """One spelling for all addresses that lead to the same thing; '' if it is no web address.

    - Scheme and host in lower case, ``http`` as ``https``; user, ``www.``, default port, trailing
      slash, ``index.html``, fragment and tracking parameters are dropped, percent-encoding is
      undone. A fragment stays where it is a script's route (``#/tools``, ``#!tools``).
    - A repository on a code host in any case, with ``.git``, ``/tree/<branch>``, its README's
      page or a query is one. A path inside it is another thing, since one repository may hold
      several projects: `repository_of` tells that they belong together.
    - Hugging Face models, datasets and spaces are three kinds, each in any case.
    - arXiv ``abs``, ``pdf``, ``html`` and versions are one, and so is their DOI; DOIs are one in
      any case and on both resolvers.

    Idempotent. At most `MAX_CANONICAL` characters: of a longer one the beginning stays and the
    SHA-256 of the whole follows.
    """
    if len(url) == MAX_CANONICAL and _SHORTENED.match(url):
        return url
    address = _split(url)
    if address is None:
        return ""
    scheme, host, port, path, query, fragment = address
    if paper := _arxiv_paper(host, path):
        return f"https://arxiv.org/abs/{paper}"
    repository = repository_path(host, path)
    host, path, is_whole = _thing(host, path, repository)
    if is_whole:
        query = fragment = ""
    result = f"{scheme}://{host}{port}{path}"
    if query:
        result += _without_tracking(query, keep_ref=repository is not None)
    if fragment and fragment[0] in "/!" and _ROUTE.match(fragment):
        result += "#" + fragment.rstrip(_PATH_END)
    return result if len(result) <= MAX_CANONICAL else _digested(result)


def _thing(host: str, path: str, repository: tuple[str, str] | None) -> tuple[str, str, bool]:
    """One host and path for a DOI, model or repository; whether query and fragment add nothing."""
    if host in _DOI_HOSTS and path[:4] == "/10.":
        return "doi.org", path.lower(), True
    if host in _HUGGING_FACE:
        model = _HUGGING_FACE_REPOSITORY.match(path)
        return "huggingface.co", f"/{model[1].lower()}" if model else path, bool(model)
    if repository:
        return host, "".join(repository), not repository[1]
    return host, path, False


def _arxiv_paper(host: str, path: str) -> str:
    """The number of the arXiv paper that an address or a DOI stands for; '' for none."""
    if host in _ARXIV_HOSTS and (paper := _ARXIV_PATH.match(path)):
        return paper[1].lower()
    if host in _DOI_HOSTS and (paper := _ARXIV_DOI.match(path.lower())):
        return paper[1]
    return ""


def _digested(url: str) -> str:
    """A long address as its beginning and the SHA-256 of the whole."""
    digest = sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{url[:_LONGEST_START]}#{digest}"


def _without_tracking(query: str, *, keep_ref: bool) -> str:
    """The query with its '?' and without tracking parameters, '' when nothing is left."""
    remaining = [
        part
        for part in query.split("&")
        if part.strip(_BLANK) and (not _tracks(part) or (keep_ref and part.startswith("ref=")))
    ]
    return "?" + "&".join(remaining).rstrip(_BLANK) if remaining else ""


def _tracks(part: str) -> bool:
    key = part.partition("=")[0].strip(_BLANK).lower()
    return key.startswith("utm_") or key in _TRACKING


def tracking_parameters(url: str) -> list[str]:
    """The names of the parameters that only tell who sent the reader, as written, in order.

    Known by name: ``utm_…``, the click numbers of advertisers, of mailing services and of
    sharing buttons, and ``ref``, which on code hosts means a branch and is left alone.
    """
    if "?" not in url:
        return []
    address = _split(url)
    if address is None or not address.query:
        return []
    names = [part.partition("=")[0] for part in address.query.split("&") if _tracks(part)]
    if "ref" in names and repository_path(address.host, address.path):
        names.remove("ref")
    return names


def host_of(url: str) -> str:
    """The host in lower case without ``www.`` and port, cut at 255; '' if no web address."""
    address = _split(url)
    return address.host[:255] if address else ""


def repository_of(url: str) -> str:
    """``github.com/owner/repo`` in lower case for an address at or inside a repository, else ''.

    Knows GitHub, GitLab (with subgroups), Codeberg, Bitbucket, Gitee and SourceHut.
    """
    address = _split(url)
    if address is None:
        return ""
    repository = repository_path(address.host, address.path)
    return address.host + repository[0] if repository else ""


def link_kind(url: str) -> str:
    """Return the kind of an address by its looks: a value of `catalog.models.Link.Kind`."""
    if not url or url[0] == "#":
        return "internal"
    address = _split(url)
    if address is None:
        scheme = _SCHEME.match(url)
        if not scheme:
            return "relative"
        return "mail" if scheme[0].lower() == "mailto:" else "site"
    host, path = address.host, address.path
    if repository_path(host, path):
        return "repository"
    if host in _ARXIV_HOSTS:
        return "paper" if _ARXIV_PATH.match(path) else "site"
    if host in _DOI_HOSTS:
        return "paper" if path else "site"
    if host in _HUGGING_FACE:
        return _kind_on_hugging_face(path)
    return kind_of_site(host, path)


def _kind_on_hugging_face(path: str) -> str:
    first, _, rest = path[1:].partition("/")
    if first == "datasets" and rest:
        return "dataset"
    if first == "spaces" and rest:
        return "space"
    if first == "papers" and rest:
        return "paper"
    # A file of a model is the model's, as a file of a repository is the repository's.
    return "model" if _HUGGING_FACE_REPOSITORY.match("/".join(path.split("/")[:3])) else "site"
