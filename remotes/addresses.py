"""Addresses of repositories: which may be used, and where they lead."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.errors import InvalidField
from remotes.problems import RemoteProblem
from submissions.checks.hosts import is_public_ip

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
