"""Paths of code hosts: where the repository ends and the place in it begins."""

from __future__ import annotations

import re

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


def repository_path(host: str, path: str) -> tuple[str, str] | None:
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
