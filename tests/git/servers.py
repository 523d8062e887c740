"""Git servers over HTTP and SSH, and what a maintainer does in a clone of theirs."""

from __future__ import annotations

import base64
import json
import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "s3cret-token-0123456789"
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C",
}


def git(
    folder: Path, *arguments: str, data: bytes = b"", given: dict[str, str] | None = None
) -> bytes:
    """Run git in a folder, with more in its environment if given; returns what it prints."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        input=data,
        env=ENVIRONMENT | (given or {}),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@dataclass
class Origin:
    """A bare repository and its server. `answers` may break an answer; see `_Handler`."""

    folder: Path
    root: Path
    url: str = ""
    breaking: Callable[[str], str] = field(default=lambda path: "")
    requests: list[str] = field(default_factory=list)
    host: Any = None
    """What answers calls below /api/; see `hosts.py`."""

    def commit(
        self,
        text: str | bytes,
        *,
        path: str = "README.md",
        author: str = "Uma Upstream",
        message: str = "Edit by hand",
        parents: list[str] | None = None,
        instead_of: str = "",
        branch: str = "main",
        is_forced: bool = False,
    ) -> str:
        """Let the file be this, by a commit of somebody else; returns its name."""
        data = text.encode() if isinstance(text, str) else text
        blob = git(self.folder, "hash-object", "-w", "--stdin", data=data).decode().strip()
        old = self.head(branch)
        place = {"GIT_INDEX_FILE": str(self.folder / "index-of-test")}
        if old:
            git(self.folder, "read-tree", old, given=place)
        else:
            git(self.folder, "read-tree", "--empty", given=place)
        if instead_of:
            gone = f"0 {'0' * 40}\t{instead_of}\n".encode()
            git(self.folder, "update-index", "--index-info", data=gone, given=place)
        entry = f"100644,{blob},{path}"
        git(self.folder, "update-index", "--add", "--cacheinfo", entry, given=place)
        tree = git(self.folder, "write-tree", given=place).decode().strip()
        known = parents if parents is not None else [old] if old else []
        people = {
            "GIT_AUTHOR_NAME": author,
            "GIT_AUTHOR_EMAIL": "uma@upstream.example",
            "GIT_COMMITTER_NAME": author,
            "GIT_COMMITTER_EMAIL": "uma@upstream.example",
        }
        arguments = [part for parent in known for part in ("-p", parent)]
        sha = git(
            self.folder, "commit-tree", tree, *arguments, "-m", message, given=people
        ).decode().strip()  # fmt: skip
        expected = [] if is_forced or not old else [old]
        git(self.folder, "update-ref", f"refs/heads/{branch}", sha, *expected)
        return sha

    def head(self, branch: str = "main") -> str:
        """The branch's newest commit; '' for none."""
        return git(
            self.folder, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}"
        ).decode().strip()  # fmt: skip

    def text(self, branch: str = "main", path: str = "README.md") -> str:
        """The file on a branch."""
        return git(self.folder, "show", f"{branch}:{path}").decode()

    def log(self, span: str = "main", form: str = "%an <%ae> %s") -> list[str]:
        """A line for each commit, the newest first."""
        return git(self.folder, "log", f"--format={form}", span).decode().splitlines()


class _Handler(BaseHTTPRequestHandler):
    """CGI for `git http-backend`, for whoever shows the token."""

    origin: Origin
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_PATCH(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    do_PUT = do_PATCH

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(body)

    def _answer(self, body: bytes) -> None:
        if self.origin.host is not None and self.path.startswith("/api/"):
            self._answer_as_host(body)
            return
        self.origin.requests.append(self.path)
        basic = base64.b64decode(self.headers.get("Authorization", "").partition(" ")[2]).decode()
        if basic.partition(":")[2] != TOKEN:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        how = self.origin.breaking(self.path)
        if how.isdigit():
            self.send_error(int(how))
            return
        path, _mark, query = self.path.partition("?")
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            capture_output=True,
            check=False,
            env=ENVIRONMENT
            | {
                "GIT_PROJECT_ROOT": str(self.origin.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REMOTE_USER": "site",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "safe.directory",
                "GIT_CONFIG_VALUE_0": "*",
            },
        )
        head, _gap, content = done.stdout.partition(b"\r\n\r\n")
        status = 200
        headers = []
        for line in head.decode().splitlines():
            name, _colon, value = line.partition(":")
            if name == "Status":
                status = int(value.split()[0])
            else:
                headers.append((name, value.strip()))
        if how == "lost":
            # The server has done it, and nobody hears of it.
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if how != "cut" else content[: len(content) // 2])

    def _answer_as_host(self, body: bytes) -> None:
        reply = self.origin.host.handle(self.command, self.path, self.headers, body)
        if reply.lost:
            self.close_connection = True
            self.connection.close()
            return
        content = json.dumps(reply.body).encode() if reply.body is not None else b""
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        time.sleep(reply.seconds)
        self.wfile.write(content[: len(content) // 2] if reply.cut else content)
        self.close_connection = reply.cut


def make_origin(folder: Path, name: str = "list.git") -> Origin:
    """An empty bare repository that takes pushes."""
    place = folder / name
    place.mkdir(parents=True)
    git(place, "init", "--quiet", "--bare", "--initial-branch=main", ".")
    git(place, "config", "http.receivepack", "true")
    return Origin(place, folder)


@contextmanager
def served(origin: Origin) -> Iterator[Origin]:
    """A server of it on a port of this machine."""
    handler = type("Handler", (_Handler,), {"origin": origin})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    path = origin.folder.relative_to(origin.root)
    origin.url = f"http://127.0.0.1:{server.server_address[1]}/{path}"
    try:
        yield origin
    finally:
        server.shutdown()
        server.server_close()


def find_sshd() -> tuple[str, dict[str, str]] | None:
    """The SSH server of this machine, and what it needs in its environment; SSHD names another."""
    program = os.environ.get("SSHD") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin")
    return (program, dict(os.environ)) if program else None


@contextmanager
def served_by_ssh(origin: Origin, folder: Path, public_key: str) -> Iterator[Origin]:
    """An SSH server on a port of this machine, for whoever has the private half of a key."""
    sshd = find_sshd()
    assert sshd is not None
    program, environment = sshd
    if os.geteuid() == 0:
        # The folder that it parts its privileges in; Debian's service makes it when it starts.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    folder.mkdir(mode=0o700)
    host_key = folder / "host_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(host_key)], check=True)
    authorized = folder / "authorized_keys"
    authorized.write_text(public_key + "\n")
    authorized.chmod(0o600)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": host_key,
        "AuthorizedKeysFile": authorized,
        "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no",
        "UsePAM": "no",
        "StrictModes": "no",
        "PidFile": "none",
    }
    config = folder / "sshd_config"
    config.write_text("".join(f"{name} {value}\n" for name, value in options.items()))
    server = subprocess.Popen(
        [program, "-D", "-e", "-f", str(config)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _try in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert server.poll() is None, "sshd does not start; run it with -D -e -f sshd_config"
        time.sleep(0.05)
    user = pwd.getpwuid(os.getuid()).pw_name
    origin.url = f"ssh://{user}@127.0.0.1:{port}{origin.folder}"
    try:
        yield origin
    finally:
        server.terminate()
        server.wait()
