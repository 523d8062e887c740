"""Links: what kind of thing they lead to, and whether two lead to the same place.

Addresses are stored as people wrote them; everything here serves comparing, grouping and
reporting only. No function raises on any string.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

# Code hosts: where the path of the repository ends


# First path segments that belong to the host and so to no owner.
_RESERVED = frozenset(
    {
        "-", "about", "account", "api", "apps", "collections", "contact", "customer-stories",
        "dashboard", "enterprise", "events", "explore", "features", "help", "issues", "join",
        "login", "marketplace", "new", "notifications", "organizations", "orgs", "pricing",
        "pulls", "readme", "search", "security", "sessions", "settings", "site", "sponsors",
        "stars", "team", "topics", "trending", "users",
    }
)  # fmt: skip

# `/owner/repo` and what follows it.
_TWO_SEGMENTS = re.compile(r"(/[^/]+/[^/]+)(/.*)?\Z", re.DOTALL)
# GitLab has groups in groups: the repository ends at `/-/`, in old addresses at a known word.
_GITLAB = re.compile(
    r"((?:/(?!-(?:/|\Z))[^/]+){2,}?)(?:(?:/-)?"
    r"(/(?:blob|commits?|issues|merge_requests|raw|releases|snippets|tags|tree|wikis?)(?:/.*)?)"
    r"|(/-(?:/.*)?))?\Z",
    re.DOTALL,
)
# Pages that show the repository itself: a branch without a path, or the README at its root.
_README = r"readme(?:\.(?:md|markdown|rst|adoc|txt))?"
_ITSELF = re.compile(
    rf"/(?:tree(?:/[^/]+)?|(?:blob|raw)/[^/]+/{_README}|src(?:/(?:branch/)?[^/]+)?(?:/{_README})?"
    r"|overview|-)?\Z",
    re.IGNORECASE,
)

_SHAPES = {
    "github.com": _TWO_SEGMENTS,
    "gitlab.com": _GITLAB,
    "codeberg.org": _TWO_SEGMENTS,
    "bitbucket.org": _TWO_SEGMENTS,
    "gitee.com": _TWO_SEGMENTS,
    "git.sr.ht": _TWO_SEGMENTS,
}


def _repository_path(host: str, path: str) -> tuple[str, str] | None:
    """The path of the repository and the rest of the path behind it; None if there is none.

    `host` is lower case without ``www.``, `path` has no slash at its end. The repository's path
    comes in lower case and without ``.git``: code hosts tell neither apart. The rest is '' where
    it shows the repository itself, its branch or its README.
    """
    shape = _SHAPES.get(host)
    if shape is None:
        return None
    match = shape.match(path)
    if not match:
        return None
    repository = match[1].lower()
    if repository[1 : repository.index("/", 1)] in _RESERVED:
        return None
    end = len(repository)
    while repository.endswith(".git", 0, end):
        end -= 4
    repository = repository[:end]
    if repository[-1] == "/":
        return None
    rest = match[match.lastindex or 1] if match.lastindex != 1 else ""
    return repository, "" if _ITSELF.match(rest) else rest


# Well-known sites and what their addresses lead to


# By host: (beginning of the path, kind). The first that fits counts.
_SITES: dict[str, tuple[tuple[str, str], ...]] = {
    "aclanthology.org": (("/", "paper"),),
    "aclweb.org": (("/anthology/", "paper"),),
    "anaconda.org": (("/", "package"),),
    "b23.tv": (("/", "video"),),
    "bilibili.com": (("/video/", "video"),),
    "biorxiv.org": (("/content/", "paper"),),
    "central.sonatype.com": (("/artifact/", "package"),),
    "cocoapods.org": (("/pods/", "package"),),
    "cran.r-project.org": (("/package=", "package"), ("/web/packages/", "package")),
    "crates.io": (("/crates/", "package"),),
    "dl.acm.org": (("/doi/", "paper"), ("/citation.cfm", "paper")),
    "hackage.haskell.org": (("/package/", "package"),),
    "hex.pm": (("/packages/", "package"),),
    "hub.docker.com": (("/r/", "package"), ("/_/", "package")),
    "ieeexplore.ieee.org": (("/document/", "paper"), ("/abstract/document/", "paper")),
    "jmlr.org": (("/papers/", "paper"),),
    "kaggle.com": (("/datasets/", "dataset"), ("/models/", "model")),
    "link.springer.com": (("/article/", "paper"), ("/chapter/", "paper")),
    "luarocks.org": (("/modules/", "package"),),
    "medrxiv.org": (("/content/", "paper"),),
    "metacpan.org": (("/pod/", "package"), ("/release/", "package"), ("/dist/", "package")),
    "modelscope.cn": (("/models/", "model"), ("/datasets/", "dataset"), ("/studios/", "space")),
    "mvnrepository.com": (("/artifact/", "package"),),
    "nature.com": (("/articles/", "paper"),),
    "nuget.org": (("/packages/", "package"),),
    "openaccess.thecvf.com": (("/", "paper"),),
    "openreview.net": (("/forum", "paper"), ("/pdf", "paper")),
    "packagist.org": (("/packages/", "package"),),
    "papers.nips.cc": (("/", "paper"),),
    "papers.ssrn.com": (("/", "paper"),),
    "paperswithcode.com": (("/paper/", "paper"), ("/dataset/", "dataset")),
    "pkg.go.dev": (("/", "package"),),
    "proceedings.mlr.press": (("/", "paper"),),
    "proceedings.neurips.cc": (("/", "paper"),),
    "pub.dev": (("/packages/", "package"),),
    "pubmed.ncbi.nlm.nih.gov": (("/", "paper"),),
    "rubygems.org": (("/gems/", "package"),),
    "sciencedirect.com": (("/science/article/", "paper"),),
    "semanticscholar.org": (("/paper/", "paper"),),
    "v.youku.com": (("/", "video"),),
    "vimeo.com": (("/", "video"),),
    "youtu.be": (("/", "video"),),
    "m.youtube.com": (("/", "video"),),
    "youtube.com": (("/", "video"),),
}

# Indexes that answer under more than one host: by the first part of its name.
_BY_COUNTRY: dict[str, tuple[tuple[str, str], ...]] = {
    "npmjs": (("/package/", "package"),),
    "pypi": (("/project/", "package"), ("/pypi/", "package")),
}


def kind_of_site(host: str, path: str) -> str:
    """The kind of what stands at `path` of `host` (lower case, no ``www.``); else ``site``."""
    known = _SITES.get(host) or _BY_COUNTRY.get(host.partition(".")[0], ())
    for beginning, kind in known:
        if path.startswith(beginning) and len(path) > 1:
            return kind
    return "site"


# Addresses in running text that GitHub turns into links
#
# The rule is section 6.9 of the GitHub Flavored Markdown specification as cmark-gfm applies it:
# what GitHub shows as a link is what a list's readers can follow. Mail addresses are left alone.


_CANDIDATE = re.compile(r"://|www\.")
_TAIL = re.compile(r"[^ \t\n\f\r<]*")
# cmark-gfm reads the domain byte by byte and stops inside the first character that is not ASCII;
# control characters count as letters.
_DOMAIN = re.compile(r"(?:\\?[A-Za-z0-9._\-\x00-\x08\v\x0e-\x1f\x7f])*")
_BRACKET = re.compile(r"\\[!-/:-@\[-`{-~]|[\[\]]")
_BEFORE_WWW = frozenset(" \t\n\f\r*_~(")
_TRAILING = frozenset("?!.,:*_~'\"")
_SCHEMES = ("https", "http", "ftp")
_MANY_LABELS = 10
"""An underscore is allowed in hosts with more dots than this, as in cmark-gfm."""


def find_bare_urls(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield `(start, end, url)` of every extended autolink, in order, without overlap.

    `text` is a run of inline source with no code span, link, image or raw HTML in it. Offsets
    are code points; `url` is the text as written, with ``http://`` put before ``www.``. As on
    GitHub nothing links behind a `[` that is still open. Linear in the length of the text.
    """
    done = 0  # everything before is judged
    depth = 0  # brackets open at `done`
    position = 0
    while candidate := _CANDIDATE.search(text, position):
        position = candidate.end()
        start = _start(text, candidate.start(), done)
        if start < 0:
            continue
        depth = _open_brackets(text, done, start, depth)
        done = start
        if depth:
            continue
        end = _end(text, start, position if text[start] != "w" else start)
        if end < 0:
            continue
        url = text[start:end]
        yield start, end, url if url[0] != "w" else "http://" + url
        position = done = end


def _start(text: str, at: int, floor: int) -> int:
    """Return where the address begins whose ``://`` or ``www.`` stands at `at`, or -1."""
    if text[at] == "w":
        return at if at == 0 or text[at - 1] in _BEFORE_WWW else -1
    word = text[max(floor, at - 6) : at]
    folded = word.lower()
    for scheme in _SCHEMES:
        if folded.endswith(scheme):
            before = word[-len(scheme) - 1 : -len(scheme)]
            return -1 if before.isascii() and before.isalpha() else at - len(scheme)
    return -1


def _open_brackets(text: str, start: int, end: int, depth: int) -> int:
    """Return how many brackets are open at `end` when `depth` were at `start`."""
    if text.find("[", start, end) < 0 and not depth:
        return 0
    for bracket in _BRACKET.finditer(text, start, end):
        if bracket[0] == "[":
            depth += 1
        elif bracket[0] == "]" and depth:
            depth -= 1
    return depth


def _end(text: str, start: int, host: int) -> int:
    """Return where the address ends that begins at `start` with its host at `host`, or -1."""
    if host != start and (host == len(text) or not _is_host_character(text[host])):
        return -1
    # The first character is not looked at again, and the very last one never is.
    last = host + 1
    if text[host].isascii() and (domain := _DOMAIN.match(text, last, max(last, len(text) - 1))):
        last = domain.end()
    dots = text.count(".", host + 1, last)
    if host == start and not dots:
        return -1
    if dots <= _MANY_LABELS:
        label = text.rfind(".", host + 1, last)
        label = text.rfind(".", host + 1, label) if label >= 0 else label
        if text.find("_", max(label, host + 1), last) >= 0:
            return -1
    tail = _TAIL.match(text, last)
    return _without_trailing(text, start, tail.end() if tail else last)


def _is_host_character(character: str) -> bool:
    if character.isascii():
        return _DOMAIN.fullmatch(character) is not None and character not in "-._"
    category = unicodedata.category(character)
    return category != "Zs" and category[0] != "P"


def _without_trailing(text: str, start: int, end: int) -> int:
    """Move `end` before punctuation that ends the sentence, not the address."""
    surplus: int | None = None  # closing parentheses without an opening one
    while end > start:
        character = text[end - 1]
        if character in _TRAILING:
            end -= 1
        elif character == ")":
            if surplus is None:
                surplus = text.count(")", start, end) - text.count("(", start, end)
            if surplus <= 0:
                break
            surplus -= 1
            end -= 1
        elif character == ";":
            name = end - 1
            while name > start and text[name - 1].isascii() and text[name - 1].isalpha():
                name -= 1
            end = name - 1 if name < end - 1 and text[name - 1] == "&" else end - 1
        else:
            break
    return end if end > start else -1


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
    undone where that is safe. `repository` is what `_repository_path` gives.
    """

    scheme: str
    host: str
    port: str
    path: str
    query: str
    fragment: str
    repository: tuple[str, str] | None


# So many, because an import comes back to the links of some thousand entries.
@lru_cache(maxsize=8192)
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
        "ftp" if scheme.lower() == "ftp" else "https",
        host,
        port,
        path,
        query,
        fragment,
        _repository_path(host, path),
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
    scheme, host, port, path, query, fragment, repository = address
    if paper := _arxiv_paper(host, path):
        return f"https://arxiv.org/abs/{paper}"
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
    if "ref" in names and address.repository:
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
    if address is None or address.repository is None:
        return ""
    return address.host + address.repository[0]


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
    if address.repository:
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
