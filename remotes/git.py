"""Git: what keeps a repository from being used, addresses, and the `git` program.

The program works on a bare repository of this node, a cache that can be thrown away. Everything
from outside (addresses, branches, paths, what servers answer) comes as an argument that cannot be
taken for an option, or as input; nothing goes through a shell. Secrets go by the environment of the
child alone, or a file that lives as long as it; what Git says is searched for them before anybody
reads it.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.errors import CatalogError, InvalidField
from submissions.checks.links import is_public_ip

# Problems that keep a list from being in step with its repository, a sentence each.

PROBLEMS = {
    "access": gettext_lazy(
        "The repository refuses access: check the token or the deploy key, and its permissions."
    ),
    "missing": gettext_lazy(
        "There is no such repository, or access is missing: check the address and the token."
    ),
    "branch": gettext_lazy("The repository has no branch of this name: check the branch."),
    "file": gettext_lazy("The file is not in the branch: check the path."),
    "text": gettext_lazy("The file in the repository cannot be read as a list."),
    "protected": gettext_lazy(
        "The branch is protected and refuses pushes; changes made here go to a "
        "separate branch for a pull request."
    ),
    "push": gettext_lazy(
        "The repository can be read but refuses pushes: give the token write access."
    ),
    "forced": gettext_lazy(
        "The branch was rewritten and no longer contains the common commits: "
        "choose which version to keep."
    ),
    "moved": gettext_lazy("Other pushes keep coming in; this will be retried later."),
    "unreachable": gettext_lazy("The server does not respond; this will be retried later."),
    "foreign": gettext_lazy(
        "Others have committed to the branch that the site writes to: merge it, or delete it."
    ),
    "host": gettext_lazy(
        "The server's SSH host key has changed: check that it is the right server."
    ),
    "private": gettext_lazy(
        "The address leads into a private network, where remotes are not allowed."
    ),
    "secret": gettext_lazy(
        "The stored credentials cannot be decrypted: enter them again, or restore the key."
    ),
    "program": gettext_lazy("The git program is not installed on this server; install git."),
    "host-access": gettext_lazy(
        "The list is in step, but the host refuses to show or change pull requests: give the token "
        "the permissions for pull requests and commit statuses."
    ),
    "host-missing": gettext_lazy(
        "The list is in step, but the host shows no pull requests of this repository: check the "
        "kind of host, and the token's permissions."
    ),
    "host-refused": gettext_lazy(
        "The list is in step, but the host refused something about a pull request."
    ),
    "limited": gettext_lazy("The host asks for a pause; this will be retried later."),
    "git": gettext_lazy("Git refused for the reason below."),
}
"""The problems by code. What Git said stands beside them, see `RemoteProblem.detail`."""

REACHED = frozenset(
    {"branch", "file", "text", "protected", "forced", "moved", "foreign", "host-refused", "limited"}
)
"""Problems of repositories that answer: somebody has to decide, or to look at what is there."""

REFUSALS = frozenset({"host-access", "host-missing", "host-refused"})
"""Refusals of one call, which the next one may not meet."""

OF_HOST = REFUSALS | {"limited"}
"""Problems of pull requests alone: everything in Git is exchanged all the same."""

PASSING = frozenset({"unreachable", "moved", "limited"})
"""Problems that usually pass; maintainers are notified when they last."""


class RemoteProblem(CatalogError):
    """The repository cannot be used as it is; `problem` is the code, `detail` what Git said.

    `wait` is how many seconds a host asks to be left alone.
    """

    def __init__(self, problem: str, detail: str = "", *, wait: int = 0) -> None:
        self.wait = wait
        self.problem = problem
        self.detail = detail
        super().__init__(sentence_of(problem, detail))


_EXPLAINED = frozenset({"git", "text", "push", "unreachable", "file", "host-refused"})


class LeaseLost(Exception):
    """The lease has passed to another process."""


def sentence_of(problem: str, detail: str = "") -> str:
    """Return the problem and what to do, with Git's output where that helps."""
    if not problem:
        return ""
    sentence = str(PROBLEMS.get(problem, PROBLEMS["git"]))
    if detail and problem in _EXPLAINED:
        return _("%(sentence)s (%(detail)s)") % {"sentence": sentence, "detail": detail}
    return sentence


# Addresses

SECONDS = 120
"""Longest time for one exchange with a server."""
SLOW_SECONDS = 30
"""Time after which a server that sends next to nothing is given up."""
_HEAD = "refs/listwright/head"
_OWN = "refs/listwright/own"
_REQUESTS = "refs/listwright/requests/"
_LONGEST_DETAIL = 500
"""Characters of what Git said that are stored."""

_SCP = re.compile(r"(?:([A-Za-z0-9_][\w.-]*)@)?([A-Za-z0-9][A-Za-z0-9.-]*):(?!/)(\S+)\Z")
_HOST = re.compile(r"\[[0-9A-Fa-f:.]+\]\Z|[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?\Z")
_PORTS = {"https": 443, "http": 80, "ssh": 22}
_BRANCH = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\-][^\x00-\x20\x7f~^:?*\[\\]*\Z")


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a repository. `user` and `password` are those that stood in the address."""

    scheme: str
    host: str
    port: int
    path: str
    user: str = ""
    password: str = ""

    @property
    def url(self) -> str:
        """Return the address for git: without a password, with the user where SSH needs one."""
        if self.scheme == "file":
            return self.path
        user = f"{quote(self.user)}@" if self.scheme == "ssh" and self.user else ""
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{user}{self.host}{port}{self.path}"

    @property
    def web_url(self) -> str:
        """Return the address for browsers, by the rule that all hosts follow; '' if there is
        none."""
        if self.scheme == "file":
            return ""
        path = self.path.removesuffix("/").removesuffix(".git")
        scheme, port = self.scheme, self.port
        if scheme == "ssh":
            scheme, port = "https", 443
        return f"{scheme}://{self.host}{'' if port == _PORTS[scheme] else f':{port}'}{path}"


def read_address(text: str, *, may_be_local: bool = False) -> Address:
    """The address that somebody gave. Raises `InvalidField`.

    A folder of this server is one only for who has a shell here (`may_be_local`), and only where
    private remotes are allowed.
    """
    text = text.strip()
    if may_be_local and settings.ALLOW_PRIVATE_REMOTES and text.startswith(("/", "file:///")):
        return Address("file", "", 0, unquote(text.removeprefix("file://")))
    if match := _SCP.match(text):
        user, host, path = match.groups()
        return Address("ssh", host.lower(), 22, f"/{path}", user or "git")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise InvalidField("url", _("This is not an address of a repository.")) from None
    allowed = ("https", "ssh", "http") if settings.ALLOW_PRIVATE_REMOTES else ("https", "ssh")
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    if parts.scheme not in allowed or not _HOST.match(host) or len(parts.path) < 2:
        raise InvalidField(
            "url",
            _("Give the address of a repository: https://host/owner/name.git or git@host:name.git"),
        )
    if re.search(r"[\x00-\x20\x7f]", text) or parts.query or parts.fragment:
        raise InvalidField("url", _("This is not an address of a repository."))
    user = unquote(parts.username or "") or ("git" if parts.scheme == "ssh" else "")
    if user.startswith("-"):
        raise InvalidField("url", _("This is not an address of a repository."))
    path, password = parts.path, unquote(parts.password or "")
    return Address(parts.scheme, host, port or _PORTS[parts.scheme], path, user, password)


def resolve(address: Address) -> str:
    """The IP address that the host has now. Raises `RemoteProblem` for a private one.

    Every connection is made to the address that was looked at, whatever the name means later.
    """
    try:
        answers = socket.getaddrinfo(
            address.host.strip("[]"), address.port, proto=socket.IPPROTO_TCP
        )
    except OSError as error:
        raise RemoteProblem("unreachable", error.strerror or "") from None
    addresses = [str(item[4][0]) for item in answers]
    if not settings.ALLOW_PRIVATE_REMOTES and not all(map(is_public_ip, addresses)):
        raise RemoteProblem("private")
    # Servers of one name are the same; of both kinds IPv4 is the one that every network has.
    return min(addresses, key=lambda ip: ":" in ip)


def check_branch(branch: str) -> str:
    """The branch's name, if Git can have it. Raises `InvalidField`."""
    parts = branch.split("/")
    is_name = _BRANCH.match(branch) and not branch.endswith((".", "/")) and len(branch) <= 200
    if not is_name or ".." in branch or "@{" in branch or branch == "@":
        raise InvalidField("branch", _("This is not a valid branch name."))
    if any(not part or part.startswith(".") or part.endswith(".lock") for part in parts):
        raise InvalidField("branch", _("This is not a valid branch name."))
    return branch


def check_path(path: str) -> str:
    """The file's path inside the repository, as Git writes it. Raises `InvalidField`."""
    parts = path.split("/")
    is_bad = any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts)
    if is_bad or len(path) > 400 or re.search(r"[\x00-\x1f\x7f\\]", path):
        raise InvalidField("path", _("Give the path inside the repository, such as README.md."))
    return path


# The program

# By what Git says in English; the first that matches counts.
_MEANINGS = {
    "host": "host key verification failed|remote host identification has changed",
    "protected": "protected branch|pre-receive hook declined|GH006|GH013|not allowed to push|"
    "repository rule violations|push to protected",
    "moved": "non-fast-forward|fetch first|stale info|cannot lock ref|failed to update ref|"
    r"incorrect old value|\[rejected\]|reference already exists",
    "access": "authentication failed|permission denied|could not read username|"
    r"could not read password|error: 40[13]\b|access denied|invalid username|deploy key|"
    "terminal prompts disabled|write access to repository not granted",
    "missing": "repository .* not found|error: 404|does not appear to be a git repository|"
    "repository not found|project .* not found|no such repository",
    "branch": "couldn't find remote ref|no such ref",
    "unreachable": "could not resolve|failed to connect|couldn't connect|connection refused|"
    "connection reset|connection timed out|connection closed|operation timed out|"
    r"error: 5\d\d|error: 429|early eof|the remote end hung up|empty reply|ssl|tls|"
    "no route to host|network is unreachable|recv failure|rpc failed|transfer closed|"
    "operation too slow|kex_exchange|unexpected disconnect",
}


class Commit(NamedTuple):
    """A commit of the branch, as far as it is read."""

    sha: str
    parents: tuple[str, ...]
    author: str
    subject: str


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit to be written: the file's new bytes, and what stands in its header.

    `url` is where the site shows the change.
    """

    data: bytes
    author: str
    author_email: str
    at: datetime
    message: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Credentials: a user and a token for HTTPS, a private key for SSH, and the known host."""

    address: Address
    username: str = ""
    token: str = ""
    private_key: str = ""
    host_key: str = ""


@dataclass(slots=True)
class Repository:
    """A bare repository at a folder of this node. All methods raise `RemoteProblem`."""

    folder: Path
    access: Access
    seen_host_key: str = field(default="", init=False)
    """The key that the SSH server showed at the last connection."""

    # What talks to the server

    def fetch(self, branch: str) -> str:
        """Fetch the branch; return its newest commit."""
        return self._fetch_branch(branch, _HEAD)

    def fetch_own(self, branch: str) -> str:
        """The newest commit of the site's own branch; '' where there is no such branch."""
        try:
            return self._fetch_branch(branch, _OWN)
        except RemoteProblem as problem:
            if problem.problem == "branch":
                return ""
            raise

    def fetch_requests(self, references: dict[int, str]) -> dict[int, str]:
        """The newest commits of pull requests, by number; without those that cannot be had.

        One that is gone, or has objects that Git refuses, does not keep the others.
        """
        specs = [f"+{ref}:{_REQUESTS}{n}" for n, ref in references.items()]
        try:
            self._fetch(*specs)
        except RemoteProblem as problem:
            if problem.problem not in {"branch", "git"}:
                raise
            if len(references) == 1:
                return {}
            singly = [self.fetch_requests({n: ref}) for n, ref in references.items()]
            return {number: sha for one in singly for number, sha in one.items()}
        return {number: self._resolve(f"{_REQUESTS}{number}") for number in references}

    def push(self, branch: str, sha: str, expected: str) -> None:
        """Set the branch to `sha`, if it still is `expected` ('' for one that does not exist)."""
        lease = f"--force-with-lease=refs/heads/{branch}:{expected}"
        self._talk("push", ("--no-verify", lease), f"{sha}:refs/heads/{branch}")

    def try_push(self, branch: str, sha: str) -> None:
        """Test whether `sha`, which is on the server, may be pushed; nothing is changed."""
        self._talk("push", ("--dry-run",), f"{sha}:refs/heads/{branch}")

    def _fetch_branch(self, branch: str, reference: str) -> str:
        self._fetch(f"+refs/heads/{branch}:{reference}")
        return self._resolve(reference)

    def _fetch(self, *specs: str) -> None:
        self._talk("fetch", _QUIETLY, *specs)

    # What looks at commits

    def has(self, sha: str) -> bool:
        """Whether a commit is here."""
        return self._succeeds("cat-file", "-e", f"{sha}^{{commit}}")

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether one commit is another, or one of its ancestors."""
        return self._succeeds("merge-base", "--is-ancestor", older, newer)

    def _succeeds(self, *arguments: str) -> bool:
        return self._run(*arguments, may_fail=True).returncode == 0

    def merge_base(self, one: str, other: str) -> str:
        """The commit from which two went apart; '' where they have none in common."""
        done = self._run("merge-base", one, other, may_fail=True)
        return "" if done.returncode else done.stdout.decode().split()[0]

    def changed_paths(self, older: str, newer: str) -> list[str]:
        """The files in which two commits differ."""
        out = self._text("diff-tree", "-r", "-z", "--no-renames", "--name-only", older, newer)
        return out.rstrip("\0").split("\0") if out else []

    def author(self, older: str, newer: str, path: str) -> tuple[str, str]:
        """Name and address of who wrote a file's last version between two commits."""
        form = ("--no-merges", "--format=%an%x00%ae", "-1", f"{older}..{newer}")
        name, _nul, email = self._text("log", *form, "--", path).partition("\0")
        return name.strip(), email.strip()

    def read(self, sha: str, path: str) -> bytes | None:
        """The bytes of a file at a commit; None where it is not there, or no plain file."""
        entry = re.match(r"100(?:644|755) blob ([0-9a-f]+) +(\d+)\t", self._entry(sha, path))
        if entry is None:
            return None
        if int(entry[2]) > settings.MAX_IMPORT_BYTES:
            raise RemoteProblem("text", f"{entry[2]} B")
        return self._run("cat-file", "blob", entry[1]).stdout

    def renamed(self, older: str, newer: str, path: str) -> str:
        """Return a file's name at a later commit that has it under another; '' if unclear."""
        form = ("-r", "-z", "-M", "--diff-filter=R", "--name-status")
        parts = self._text("diff-tree", *form, older, newer).split("\0")
        names = {parts[i + 1]: parts[i + 2] for i in range(0, len(parts) - 2, 3)}
        return names.get(path, "")

    def steps(self, older: str, newer: str, path: str) -> list[Commit]:
        """The commits that lead from one to another, oldest first, that have the older one.

        A merge of others' work is one step; its author is everybody whose work it brings.
        """
        line = self._list("--first-parent", "--reverse", f"{older}..{newer}")
        having = set(self._list("--ancestry-path", f"{older}..{newer}"))
        steps = []
        before = older
        for sha in line:
            if sha in having:
                step = self.commit(sha)
                if step.parents != (before,):
                    people = self._authors(f"{before}..{sha}", path)
                    step = step._replace(author=", ".join(people) or step.author)
                steps.append(step)
                before = sha
        return steps

    def commit(self, sha: str) -> Commit:
        """Read a commit's header."""
        line = self._text("show", "-s", "--format=%P%x00%an%x00%s", "--end-of-options", sha)
        parents, author, subject = line.rstrip("\n").split("\0")[:3]
        return Commit(sha, tuple(parents.split()), author, subject)

    def _list(self, *arguments: str) -> list[str]:
        return self._text("rev-list", *arguments, "--").split()

    def _authors(self, span: str, path: str) -> list[str]:
        out = self._text("log", "--no-merges", "--reverse", "--format=%an", span, "--", path)
        return list(dict.fromkeys(filter(None, out.splitlines())))

    def _entry(self, sha: str, path: str) -> str:
        """A file's line in the tree of a commit, with its size; '' for none."""
        return self._text("ls-tree", "-z", "-l", "--full-tree", sha, "--", path)

    # What writes commits

    def write(self, parent: str, path: str, commits: Sequence[NewCommit]) -> list[str]:
        """Write commits, each on the one before; returns their names.

        They depend on nothing but their content, so that whoever writes them again gets the same.
        """
        mode = "100755" if self._entry(parent, path).startswith("100755 ") else "100644"
        stream = b"".join(_stream(parent, mode, path, commits))
        out = self._run(
            "fast-import", "--quiet", "--force", "--done", "--date-format=raw", stdin=stream
        ).stdout.decode()
        names = out.split()
        if len(names) != len(commits):
            raise RemoteProblem("git", "fast-import")
        return names

    # How it is run

    def _resolve(self, reference: str) -> str:
        return self._text("rev-parse", "--verify", "--end-of-options", reference).strip()

    def _talk(self, command: str, options: Sequence[str], *specs: str) -> None:
        """Fetch or push references."""
        line = [command, *options, "--", self.access.address.url, *specs]
        with tempfile.TemporaryDirectory(prefix="listwright-") as place:
            done = _execute(self._folder(), line, self._environment(Path(place)))
            known = Path(place) / _KNOWN_HOSTS
            self.seen_host_key = known.read_text() if known.exists() else ""
        if done.returncode:
            raise self._problem(done.stderr + done.stdout, is_push=command == "push")

    def _run(
        self, *arguments: str, stdin: bytes = b"", may_fail: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        done = _execute(self._folder(), list(arguments), _BARE, stdin)
        if done.returncode and not may_fail:
            raise RemoteProblem("git", self._scrub(_sentence(done.stderr)))
        return done

    def _text(self, *arguments: str) -> str:
        return self._run(*arguments).stdout.decode("utf-8", "replace")

    def _folder(self) -> Path:
        if not (self.folder / "HEAD").exists():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            # Made apart: another process may do the same.
            made = Path(tempfile.mkdtemp(dir=self.folder.parent, prefix="new-"))
            _execute(made, ["init", "--quiet", "--bare"], _BARE)
            try:
                made.rename(self.folder)
            except OSError:
                shutil.rmtree(made, ignore_errors=True)
        return self.folder

    def _environment(self, folder: Path) -> dict[str, str]:
        """The environment of git for one exchange; `folder` holds what SSH needs meanwhile."""
        address = self.access.address
        ip = resolve(address) if address.host else ""
        options = _OPTIONS | {f"protocol.{address.scheme}.allow": "always"}
        environment = dict(_BARE)
        if address.scheme in {"http", "https"}:
            options |= self._http_options(ip)
        elif address.scheme == "ssh":
            environment |= {"GIT_SSH_VARIANT": "ssh", "GIT_SSH_COMMAND": self._ssh(folder, ip)}
        for number, (name, value) in enumerate(options.items()):
            environment[f"GIT_CONFIG_KEY_{number}"] = name
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        return environment | {"GIT_CONFIG_COUNT": str(len(options))}

    def _http_options(self, ip: str) -> dict[str, str]:
        address, access = self.access.address, self.access
        # curl asks no name server: it connects to the address that was looked at.
        host = address.host.strip("[]")
        options = {
            "http.lowSpeedTime": str(SLOW_SECONDS),
            "http.curloptResolve": f"{host}:{address.port}:{ip}",
        }
        if access.token:
            user = access.username or address.user or "x-access-token"
            basic = base64.b64encode(f"{user}:{access.token}".encode()).decode()
            options["http.extraHeader"] = f"Authorization: Basic {basic}"
        return options

    def _ssh(self, folder: Path, ip: str) -> str:
        key, known = folder / "key", folder / _KNOWN_HOSTS
        known.write_text(self.access.host_key)
        key.touch(0o600)
        key.write_text(self.access.private_key)
        own = (
            f"UserKnownHostsFile={known}",
            f"HostName={ip}",
            f"HostKeyAlias={self.access.address.host}",
        )
        options = [f"-o {option}" for option in (*_SSH_OPTIONS, *own)]
        return " ".join(["ssh", "-F", "/dev/null", "-i", str(key), *options])

    def _problem(self, output: bytes, *, is_push: bool) -> RemoteProblem:
        text = output.decode("utf-8", "replace")
        meant = (code for code, words in _MEANINGS.items() if re.search(words, text, re.IGNORECASE))
        code = next(meant, "git")
        if code == "access" and is_push:
            code = "push"
        return RemoteProblem(code, self._scrub(_sentence(output)))

    def _scrub(self, text: str) -> str:
        """Return Git's output without our secrets and what looks like one."""
        token = self.access.token
        secrets = [token, base64.b64encode(token.encode()).decode()] if token else []
        for secret in secrets:
            text = text.replace(secret, "…")
        text = re.sub(r"//[^/@\s]+@", "//", text)
        return re.sub(r"(?i)(authorization|basic|bearer)[: ]+\S+", r"\1 …", text)


_QUIETLY = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance")
_BARE = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
}


_OPTIONS = {
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.proxy": "",
    "credential.helper": "",
    "transfer.fsckObjects": "true",
    "core.compression": "1",
    "protocol.allow": "never",
}
_SSH_OPTIONS = (
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "BatchMode=yes",
    "PasswordAuthentication=no",
    "StrictHostKeyChecking=accept-new",
    "GlobalKnownHostsFile=/dev/null",
    "CheckHostIP=no",
    "ConnectTimeout=20",
    "ServerAliveInterval=15",
    "UpdateHostKeys=no",
)
_KNOWN_HOSTS = "known_hosts"


def _execute(
    folder: Path, arguments: list[str], environment: dict[str, str], stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - no shell, and arguments that are no options
            ["git", "--git-dir=.", *arguments],  # noqa: S607
            cwd=folder,
            env=environment,
            input=stdin,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise RemoteProblem("program") from None
    except subprocess.TimeoutExpired:
        raise RemoteProblem("unreachable", f"{SECONDS} s") from None


def _sentence(output: bytes) -> str:
    """Return the last meaningful line of Git's output."""
    lines = [
        " ".join(line.split())
        for line in output.decode("utf-8", "replace").splitlines()
        if line.strip() and not line.startswith(("hint:", "To "))
    ]
    meaningful = [line for line in lines if re.match(r"(?:fatal|error|remote|ssh|!)", line)]
    return re.sub(r"[\x00-\x1f\x7f]", "", " ".join(meaningful or lines))[:_LONGEST_DETAIL]


def _stream(parent: str, mode: str, path: str, commits: Iterable[NewCommit]) -> Iterator[bytes]:
    """The input of `git fast-import`."""
    reference = "refs/listwright/new"
    committer = f"{plain_name(settings.SITE_NAME)} <noreply@{site_host()}>"
    yield b"feature done\n"
    marks = 0
    for commit in commits:
        marks += 1
        when = f"{int(commit.at.timestamp())} +0000"
        author = f"{plain_name(commit.author)} <{plain_email(commit.author_email)}>"
        message = commit.message.encode("utf-8", "replace")
        yield f"commit {reference}\nmark :{marks}\nauthor {author} {when}\n".encode()
        yield f"committer {committer} {when}\n".encode()
        yield b"data %d\n%s\n" % (len(message), message)
        if marks == 1:
            yield f"from {parent}\n".encode()
        yield f"M {mode} inline {_quoted(path)}\n".encode()
        yield b"data %d\n" % len(commit.data)
        yield commit.data
        yield b"\n"
    for mark in range(1, marks + 1):
        yield f"get-mark :{mark}\n".encode()
    yield f"reset {reference}\nfrom {'0' * len(parent)}\n\ndone\n".encode()


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def site_host() -> str:
    """The name of this site, for addresses that nobody reads."""
    return settings.SITE_URL.partition("://")[2].partition("/")[0].partition(":")[0] or "localhost"


def plain_name(name: str) -> str:
    """A name as a commit's header can hold it: one line, without what means something there."""
    name = re.sub(
        r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069<>\ud800-\udfff]+", " ", name
    )
    return " ".join(name.split()).strip(".,:;\"'\\ ")[:100].strip(".,:;\"'\\ ") or "anonymous"


def plain_email(address: str) -> str:
    """An address as a commit's header can hold it."""
    cleaned = re.sub(r"[^\w.!#$%&'*+/=?^`{|}~@\[\]-]+", "", address, flags=re.ASCII)[:200]
    return cleaned if "@" in cleaned else f"noreply@{site_host()}"
