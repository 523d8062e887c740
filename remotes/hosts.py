"""The hosts of repositories, for what Git itself does not know: pull requests, and talk about them.

GitHub, GitLab and Forgejo (Gitea alike) behind five calls, which all raise `RemoteProblem`. What
comes back is read field by field, and nothing of it believed to be harmless. Connections are made
to the address that was looked at, as those of Git.
"""

from __future__ import annotations

import functools
import json
import re
import ssl
import textwrap
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.conf import settings

from remotes.git import Address, RemoteProblem, resolve

# httpx and jwt are imported where they are used: they are a tenth of what starting any process
# costs, and few ask another host.
if TYPE_CHECKING:
    import httpx

SECONDS = 30
"""Longest time for one answer, from the first byte to the last."""
MOST_BYTES = 8 * 1024 * 1024
_MOST_PAGES = 100
_LONGEST_STATUS = 140


@dataclass(frozen=True, slots=True)
class HostRequest:
    """An open pull request (merge request) as its host shows it.

    `branch` is where it comes from, in this repository if `is_local`; `account` is what the host
    calls the account of its author, by number. A draft is not meant to be looked at yet.
    """

    number: int
    url: str
    title: str
    author: str
    account: str
    head: str
    branch: str
    is_local: bool
    is_draft: bool = False


class GitHub:
    """docs.github.com/rest: pulls, issue comments and commit statuses."""

    kind = "github"
    api = "api/v3"
    page_size = 100
    page_parameter = "per_page"
    request_ref = "refs/pull/{}/head"
    changing = "PATCH"

    def __init__(self, address: Address, token: str) -> None:
        self.address = address
        self.token = token
        self.path = address.path.strip("/").removesuffix(".git")

    # The five calls

    def open_requests(self, branch: str) -> list[HostRequest]:
        """All open ones onto a branch."""
        query = {"state": "open", "base": branch}
        rows = self._pages(f"{self._repository}/pulls", query)
        return [self._read(row) for row in rows if _text(row, "base", "ref") == branch]

    def open_request(self, own_branch: str, branch: str, title: str, body: str) -> HostRequest:
        """Offer the site's own branch to the other."""
        data = {"head": own_branch, "base": branch, "title": title, "body": body}
        return self._read(self._call("POST", f"{self._repository}/pulls", data=data))

    def change_request(self, number: int, **values: str) -> None:
        """Change the `title` or `body` of a request, or close it by `state="closed"`."""
        self._call(self.changing, f"{self._repository}/pulls/{number}", data=values)

    def comment(self, number: int, text: str, mark: str, known: str) -> str:
        """Write a comment, or write it anew where there is one with the mark; returns its name."""
        try:
            known = known or self._comment_with(number, mark)
            if known:
                self._call(self.changing, self._comment(number, known), data={"body": text})
                return known
        except RemoteProblem as problem:
            # Deleted there, or somebody else's.
            if problem.problem not in {"host-missing", "host-access"}:
                raise
        return _text(self._call("POST", self._comments(number), data={"body": text}), "id")

    def report(self, sha: str, state: str, name: str, text: str, url: str) -> None:
        """Set a commit's status: `pending`, `success` or `failure`."""
        data = {"state": state, "context": name, "target_url": url}
        data["description"] = text[:_LONGEST_STATUS]
        self._call("POST", f"{self._repository}/statuses/{sha}", data=data)

    # How this host says it

    @property
    def _repository(self) -> str:
        return f"/repos/{quote(self.path)}"

    @property
    def base(self) -> str:
        """Return the base address of the interface."""
        if self.address.host == "github.com":
            return "https://api.github.com"
        path = self.address.path.removesuffix("/").removesuffix(".git")
        return f"{self.address.web_url.removesuffix(path)}/{self.api}"

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of every request."""
        return {
            "authorization": f"Bearer {self.token}",
            "accept": "application/vnd.github+json",
            "x-github-api-version": "2022-11-28",
        }

    def _comments(self, number: int) -> str:
        return f"{self._repository}/issues/{number}/comments"

    def _comment(self, number: int, known: str) -> str:
        return f"{self._repository}/issues/comments/{quote(known, safe='')}"

    def _comment_with(self, number: int, mark: str) -> str:
        rows = self._pages(self._comments(number), {})
        return next((_text(row, "id") for row in rows if mark in _text(row, "body")), "")

    def _read(self, row: Any) -> HostRequest:
        return HostRequest(
            number=_number(row, "number"),
            url=_address(_text(row, "html_url")),
            title=_text(row, "title"),
            author=_text(row, "user", "login"),
            account=_text(row, "user", "id"),
            head=_sha(_text(row, "head", "sha")),
            branch=_text(row, "head", "ref"),
            is_local=_text(row, "head", "repo", "full_name").lower() == self.path.lower(),
            is_draft=_text(row, "draft") == "True",
        )

    # How it is asked

    def _pages(self, path: str, query: Mapping[str, str]) -> Iterator[Any]:
        size = {self.page_parameter: str(self.page_size)}
        for page in range(1, _MOST_PAGES + 1):
            rows = _rows(self._call("GET", path, {**query, **size, "page": str(page)}))
            yield from rows
            if len(rows) < self.page_size:
                return

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> Any:
        """One request; returns what the answer's JSON says."""
        import httpx

        target = httpx.URL(self.base + path, params=query or None)
        try:
            status, headers, body = _ask(self.address, method, target, self.headers, data)
        except (httpx.HTTPError, OSError) as error:
            raise RemoteProblem("unreachable", type(error).__name__) from None
        if not 200 <= status < 300:
            raise _problem(status, headers, body, self.token)
        try:
            return json.loads(body) if body else None
        except ValueError:
            raise RemoteProblem("unreachable", "JSON") from None


class Forgejo(GitHub):
    """forgejo.org/docs, /api/swagger: the same paths as GitHub's; Gitea has them too."""

    kind = "forgejo"
    api = "api/v1"
    page_size = 50
    page_parameter = "limit"

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"token {self.token}", "accept": "application/json"}


class GitLab(GitHub):
    """docs.gitlab.com/api: merge_requests, notes and commit statuses."""

    kind = "gitlab"
    api = "api/v4"
    request_ref = "refs/merge-requests/{}/head"
    changing = "PUT"

    @property
    def headers(self) -> dict[str, str]:
        return {"private-token": self.token, "accept": "application/json"}

    @property
    def _repository(self) -> str:
        return f"/projects/{quote(self.path, safe='')}"

    def open_requests(self, branch: str) -> list[HostRequest]:
        query = {"state": "opened", "target_branch": branch}
        rows = self._pages(f"{self._repository}/merge_requests", query)
        return [self._read(row) for row in rows if _text(row, "target_branch") == branch]

    def open_request(self, own_branch: str, branch: str, title: str, body: str) -> HostRequest:
        data = {"source_branch": own_branch, "target_branch": branch}
        data |= {"title": title, "description": body}
        return self._read(self._call("POST", f"{self._repository}/merge_requests", data=data))

    def change_request(self, number: int, **values: str) -> None:
        if "body" in values:
            values["description"] = values.pop("body")
        if values.pop("state", ""):
            values["state_event"] = "close"
        self._call(self.changing, f"{self._repository}/merge_requests/{number}", data=values)

    def report(self, sha: str, state: str, name: str, text: str, url: str) -> None:
        data = {"state": "failed" if state == "failure" else state, "name": name}
        data |= {"target_url": url, "description": text[:_LONGEST_STATUS]}
        self._call("POST", f"{self._repository}/statuses/{sha}", data=data)

    def _comments(self, number: int) -> str:
        return f"{self._repository}/merge_requests/{number}/notes"

    def _comment(self, number: int, known: str) -> str:
        return f"{self._comments(number)}/{quote(known, safe='')}"

    def _read(self, row: Any) -> HostRequest:
        return HostRequest(
            number=_number(row, "iid"),
            url=_address(_text(row, "web_url")),
            title=_text(row, "title"),
            author=_text(row, "author", "name"),
            account=_text(row, "author", "id"),
            head=_sha(_text(row, "sha")),
            branch=_text(row, "source_branch"),
            is_local=_text(row, "source_project_id") == _text(row, "target_project_id"),
            is_draft=_text(row, "draft") == "True",
        )


def installation_token(address: Address, app_id: str, key: str) -> str:
    """A token of an hour for one repository, for the GitHub App whose private key this is.

    Raises `RemoteProblem`.
    """
    import jwt

    now = int(time.time())
    try:
        claims = {"iat": now - 60, "exp": now + 540, "iss": app_id}
        app = GitHub(address, jwt.encode(claims, _pem(key), algorithm="RS256"))
        row = app._call("GET", f"{app._repository}/installation")
        path = f"/app/installations/{_number(row, 'id')}/access_tokens"
        name = app.path.rpartition("/")[2]
        return _text(app._call("POST", path, data={"repositories": [name]}), "token")
    except (jwt.PyJWTError, ValueError, TypeError):
        raise RemoteProblem("access", "PEM") from None
    except RemoteProblem as problem:
        is_refused = problem.problem.startswith("host-")
        raise (RemoteProblem("access", problem.detail) if is_refused else problem) from None


def _pem(key: str) -> str:
    """A private key with the line breaks that a form may have taken from it."""
    match = re.fullmatch(
        r"\s*(-----BEGIN [A-Z ]+-----)(.*)(-----END [A-Z ]+-----)\s*", key, re.DOTALL
    )
    return (
        "\n".join([match[1], *textwrap.wrap("".join(match[2].split()), 64), match[3], ""])
        if match
        else key
    )


HOSTS = {host.kind: host for host in (GitHub, GitLab, Forgejo)}
_KNOWN = {"github.com": "github", "gitlab.com": "gitlab", "codeberg.org": "forgejo"}


def guess_host(address: Address) -> str:
    """The kind of host that an address is known to be of, or is called like; '' for none."""
    first = address.host.partition(".")[0]
    alike = {"github": "github", "gitlab": "gitlab", "gitea": "forgejo", "forgejo": "forgejo"}
    return _KNOWN.get(address.host, alike.get(first, ""))


# Asking


def _ask(
    address: Address,
    method: str,
    target: httpx.URL,
    headers: Mapping[str, str],
    data: Mapping[str, Any] | None,
) -> tuple[int, httpx.Headers, bytes]:
    """The status, headers and body of an answer, from an IP address that was looked at."""
    import httpx

    scheme, host = target.scheme, target.host
    port = target.port or (443 if scheme == "https" else 80)
    literal = f"[{host}]" if ":" in host else host
    ip = resolve(replace(address, scheme=scheme, host=literal, port=port))
    until = time.monotonic() + SECONDS
    pinned = target.copy_with(host=f"[{ip}]" if ":" in ip else ip)
    own = {
        "host": target.netloc.decode(),
        "user-agent": f"Listwright (+{settings.SITE_URL})",
        **headers,
    }
    with (
        # No proxy or credentials of the environment: they would lead elsewhere.
        httpx.Client(
            verify=_certificates(), trust_env=False, follow_redirects=False, timeout=SECONDS
        ) as client,
        client.stream(
            method, pinned, headers=own, json=data, extensions={"sni_hostname": host}
        ) as response,
    ):
        body = b""
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MOST_BYTES or time.monotonic() > until:
                raise httpx.ReadTimeout("")
        return response.status_code, response.headers, body


@functools.cache
def _certificates() -> ssl.SSLContext:
    """The authorities that are trusted: reading them takes longer than a call."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def _problem(status: int, headers: httpx.Headers, body: bytes, token: str) -> RemoteProblem:
    """Return the problem that a refusal means."""
    is_limited = status == 429 or (
        status == 403 and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0")
    )
    if is_limited:
        return RemoteProblem("limited", wait=_wait(headers))
    if status in {500, 502, 503, 504} or 300 <= status < 400:
        return RemoteProblem("unreachable", str(status))
    if status in {401, 403}:
        return RemoteProblem("host-access", str(status))
    if status == 404:
        return RemoteProblem("host-missing")
    return RemoteProblem("host-refused", f"{status} {_reason(body, token)}".strip())


def _wait(headers: httpx.Headers) -> int:
    """Return the seconds for which a host asks to be left alone, at most an hour."""
    if headers.get("retry-after", "").isdecimal():
        seconds = int(headers["retry-after"])
    elif headers.get("x-ratelimit-reset", "").isdecimal():
        seconds = int(headers["x-ratelimit-reset"]) - int(time.time())
    else:
        seconds = 60
    return min(max(seconds, 1), 3600)


def _reason(body: bytes, token: str) -> str:
    """Return the host's reason, on one line and without our secret."""
    try:
        data = json.loads(body)
        words = [data.get("message"), *(data.get("errors") or [])]
    except (ValueError, AttributeError, TypeError):
        return ""
    texts = [str(word.get("message", "") if isinstance(word, dict) else word) for word in words]
    text = " ".join(" ".join(texts).split()).replace(token or "\0", "…")
    return re.sub(r"[\x00-\x1f\x7f]", "", text)[:200]


# Reading, whatever comes


def _rows(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise RemoteProblem("unreachable", "JSON")
    return data


def _text(row: Any, *names: str) -> str:
    for name in names:
        row = row.get(name) if isinstance(row, dict) else None
    return row if isinstance(row, str) else "" if row is None else str(row)


def _number(row: Any, name: str) -> int:
    number = _text(row, name)
    if not number.isdecimal() or len(number) > 15:
        raise RemoteProblem("unreachable", "JSON")
    return int(number)


def _sha(text: str) -> str:
    return text if re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", text) else ""


def _address(text: str) -> str:
    return text[:500] if re.match(r"https?://[^\s<>\"']+\Z", text) else ""
