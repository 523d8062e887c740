"""Stand-ins for the interfaces of GitHub, GitLab and Forgejo: pull requests, comments, statuses.

GitHub's is held against its published description (`github_description.py`, `prism.py`). The other
two name the documented endpoints: docs.gitlab.com/api/merge_requests, /api/notes, /api/commits
(statuses), and Forgejo's /api/swagger, repository and issue.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import jwt

from tests.git import github_description
from tests.git.prism import Prism
from tests.git.servers import TOKEN, Origin, git

REPOSITORY = "owner/list"


@dataclass
class Request:
    """A pull request as it is there."""

    number: int
    title: str = "Add a thing"
    body: str = ""
    login: str = "pat"
    account: int = 4711
    head: str = ""
    branch: str = "patch-1"
    base: str = "main"
    is_local: bool = False
    state: str = "open"
    draft: bool = False


@dataclass(frozen=True)
class Reply:
    """An answer that something goes wrong with: `cut` ends it early, `lost` is none at all."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    cut: bool = False
    lost: bool = False
    seconds: float = 0


@dataclass
class HostStandIn:
    """A host of one repository. `breaking` may give another answer to a call."""

    origin: Origin
    kind: str = "github"
    requests: dict[int, Request] = field(default_factory=dict)
    comments: dict[int, dict[int, str]] = field(default_factory=dict)
    statuses: list[tuple[str, str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    breaking: Callable[[str], Reply | None] = field(default=lambda call: None)
    problems: list[str] = field(default_factory=list)
    prism: Prism | None = None
    app_key: Any = None
    """The public key of a GitHub App, number 12345, that is installed there."""

    # What people do there

    def propose(self, text: str, *, base: str = "", title: str = "Add a thing", **more: Any) -> int:
        """Somebody opens a pull request with this as the list's file; returns its number."""
        number = max(self.requests, default=0) + 1
        self.requests[number] = Request(number, title=title)
        self.push(number, text, base=base, **more)
        return number

    def push(self, number: int, text: str, *, base: str = "", **more: Any) -> str:
        """Its branch becomes one commit with this as the file; returns the commit."""
        more = {"author": "Pat Proposer", "message": "A change"} | more
        branch = f"of-request-{number}"
        start = base or self.origin.head()
        git(self.origin.folder, "update-ref", f"refs/heads/{branch}", start)
        sha = self.origin.commit(text, branch=branch, **more)
        git(self.origin.folder, "update-ref", "-d", f"refs/heads/{branch}")
        for form in ("refs/pull/{}/head", "refs/merge-requests/{}/head"):
            git(self.origin.folder, "update-ref", form.format(number), sha)
        self.requests[number].head = sha
        return sha

    def comment(self, number: int) -> str:
        """The only comment of a request."""
        (text,) = self.comments[number].values()
        return text

    # What programs do

    def handle(self, method: str, target: str, headers: Any, data: bytes) -> Reply:
        """Answer a call."""
        path = target.partition("?")[0]
        self.calls.append(f"{method} {path}")
        broken = self.breaking(f"{method} {path}")
        if broken is not None and not broken.lost:
            return broken
        if self.prism is not None and self.kind == "github":
            reply = self._by_prism(method, target, headers, data)
        else:
            reply = self._answer(method, target, headers, data)
        return Reply(lost=True) if broken is not None else reply

    def _by_prism(self, method: str, target: str, headers: Any, data: bytes) -> Reply:
        """The answer, with what the proxy has to say of it."""
        assert self.prism is not None

        def answering(*call: Any) -> tuple[int, Any]:
            reply = self._answer(*call)
            return reply.status, reply.body

        self.prism.answering = answering
        called = target.removeprefix("/api/v3")
        (status, body), problem = self.prism.ask(method, called, headers, data)
        self.problems += [problem] if problem else []
        return Reply(status, body=body)

    def _answer(self, method: str, target: str, headers: Any, data: bytes) -> Reply:
        path, _mark, query = target.partition("?")
        body = json.loads(data) if data else None
        given = headers.get("Authorization", "") + headers.get("Private-Token", "")
        if not (given.endswith(TOKEN) or self._is_of_app(given)):
            return Reply(401, body={"message": "Bad credentials"})
        try:
            reply: Reply = getattr(self, f"_{self.kind}")(method, path, query, body)
        except AssertionError as error:
            # The caller hears of it, and the test.
            self.problems.append(str(error))
            return Reply(422, body={"message": f"Validation Failed: {error}"})
        return reply

    def _is_of_app(self, given: str) -> bool:
        if self.app_key is None:
            return False
        claims = jwt.decode(given.removeprefix("Bearer "), self.app_key, algorithms=["RS256"])
        return bool(claims["iss"] == "12345" and claims["exp"] - claims["iat"] <= 600)

    def _github(self, method: str, path: str, query: str, body: Any) -> Reply:
        path = path.removeprefix("/api/v3")
        github_description.check_request(method, path, query, body)
        if path == f"/repos/{REPOSITORY}/installation":
            return Reply(body=github_description.answer_to(method, path, id=77))
        if path == "/app/installations/77/access_tokens":
            assert body == {"repositories": ["list"]}
            return Reply(201, body=github_description.answer_to(method, path, token=TOKEN))
        return self._alike(method, path, query, body, github_description.answer_to)

    def _forgejo(self, method: str, path: str, query: str, body: Any) -> Reply:
        path = path.removeprefix("/api/v1")
        assert set(re.findall(r"(\w+)=", query)) <= {"state", "base", "limit", "page"}

        def answer(method: str, path: str, **fields: Any) -> Any:
            return fields

        return self._alike(method, path, query, body, answer)

    def _alike(self, method: str, path: str, query: str, body: Any, answer: Any) -> Reply:
        """GitHub, and Forgejo whose paths are the same."""
        at = path.removeprefix(f"/repos/{REPOSITORY}/").split("/")
        values = dict(part.split("=") for part in unquote(query).split("&")) if query else {}
        match method, *at:
            case "GET", "pulls":
                rows = self._chosen(values.get("state", "open"), values.get("base", ""))
                rows = self._page(rows, values)
                return Reply(body=[self._as_github(answer, method, path, one) for one in rows])
            case "POST", "pulls":
                made = self._open(body["head"], body["base"], body["title"], body["body"])
                return Reply(201, body=self._as_github(answer, method, path, made))
            case "PATCH", "pulls", number:
                one = self.requests[int(number)]
                for name, value in body.items():
                    setattr(one, name, value)
                return Reply(body=self._as_github(answer, method, path, one))
            case "GET", "issues", number, "comments":
                comments = self.comments.get(int(number), {}).items()
                return Reply(
                    body=[answer(method, path, id=key, body=text) for key, text in comments]
                )
            case "POST", "issues", number, "comments":
                key = self._commented(int(number), body["body"])
                return Reply(201, body=answer(method, path, id=key, body=body["body"]))
            case "PATCH", "issues", "comments", key:
                if not self._reword(int(key), body["body"]):
                    return Reply(404, body={"message": "Not Found"})
                return Reply(body=answer(method, path, id=int(key), body=body["body"]))
            case "POST", "statuses", sha:
                assert body["state"] in {"error", "failure", "pending", "success"}
                self.statuses.append((sha, body["state"], body["description"]))
                return Reply(201, body=answer(method, path, state=body["state"]))
        return Reply(404, body={"message": "Not Found"})

    def _as_github(self, answer: Any, method: str, path: str, one: Request) -> Any:
        name = REPOSITORY if one.is_local else f"{one.login}/list"
        state = "closed" if one.state == "merged" else one.state
        merged = "2026-01-01T00:00:00Z" if one.state == "merged" else None
        return answer(
            method,
            path,
            number=one.number,
            html_url=f"https://host.example/{REPOSITORY}/pull/{one.number}",
            title=one.title,
            state=state,
            merged_at=merged,
            draft=one.draft,
            user={"login": one.login, "id": one.account},
            head={"sha": self._head(one), "ref": one.branch, "repo": {"full_name": name}},
            base={"ref": one.base},
        )

    def _gitlab(self, method: str, path: str, query: str, body: Any) -> Reply:
        at = path.removeprefix("/api/v4/projects/owner%2Flist/").split("/")
        values = dict(part.split("=") for part in unquote(query).split("&")) if query else {}
        match method, *at:
            case "GET", "merge_requests":
                state = {"opened": "open"}.get(values["state"], values["state"])
                rows = self._chosen(state, values.get("target_branch", ""))
                return Reply(body=[self._as_gitlab(one) for one in self._page(rows, values)])
            case "POST", "merge_requests":
                made = self._open(
                    body["source_branch"], body["target_branch"], body["title"], body["description"]
                )
                return Reply(201, body=self._as_gitlab(made))
            case "PUT", "merge_requests", number:
                one = self.requests[int(number)]
                one.title = body.get("title", one.title)
                one.body = body.get("description", one.body)
                assert body.get("state_event", "close") == "close"
                one.state = "closed" if "state_event" in body else one.state
                return Reply(body=self._as_gitlab(one))
            case "GET", "merge_requests", number, "notes":
                comments = self.comments.get(int(number), {}).items()
                return Reply(body=[{"id": key, "body": text} for key, text in comments])
            case "POST", "merge_requests", number, "notes":
                return Reply(201, body={"id": self._commented(int(number), body["body"])})
            case "PUT", "merge_requests", _number, "notes", key:
                is_there = self._reword(int(key), body["body"])
                return Reply(200 if is_there else 404, body={"id": int(key)})
            case "POST", "statuses", sha:
                assert body["state"] in {"pending", "running", "success", "failed", "canceled"}
                state = {"failed": "failure"}.get(body["state"], body["state"])
                self.statuses.append((sha, state, body["description"]))
                return Reply(201, body={})
        return Reply(404, body={"message": "404 Not Found"})

    def _as_gitlab(self, one: Request) -> Any:
        return {
            "iid": one.number,
            "web_url": f"https://host.example/{REPOSITORY}/-/merge_requests/{one.number}",
            "title": one.title,
            "draft": one.draft,
            "author": {"name": one.login, "id": one.account},
            "sha": self._head(one),
            "source_branch": one.branch,
            "target_branch": one.base,
            "source_project_id": 1 if one.is_local else 2,
            "target_project_id": 1,
            "state": {"open": "opened"}.get(one.state, one.state),
        }

    # What is stored

    def _chosen(self, state: str, base: str) -> list[Request]:
        rows = sorted(self.requests.values(), key=lambda one: -one.number)
        rows = [one for one in rows if one.state == state]
        return [one for one in rows if not base or one.base == base]

    def _page(self, rows: list[Request], values: dict[str, str]) -> list[Request]:
        size = int(values.get("per_page", values.get("limit", 30)))
        start = (int(values.get("page", 1)) - 1) * size
        return rows[start : start + size]

    def _open(self, branch: str, base: str, title: str, body: str) -> Request:
        same = [
            one
            for one in self.requests.values()
            if one.state == "open" and one.is_local and one.branch == branch
        ]
        assert not same, f"A pull request already exists for owner:{branch}."
        number = max(self.requests, default=0) + 1
        made = Request(number, title, body, branch=branch, base=base, is_local=True)
        self.requests[number] = made
        return made

    def _head(self, one: Request) -> str:
        return self.origin.head(one.branch) if one.is_local else one.head

    def _commented(self, number: int, text: str) -> int:
        key = 1000 + sum(map(len, self.comments.values()))
        self.comments.setdefault(number, {})[key] = text
        return key

    def _reword(self, key: int, text: str) -> bool:
        for rows in self.comments.values():
            if key in rows:
                rows[key] = text
                return True
        return False
