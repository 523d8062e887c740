"""What an operator gets: the wheel in an environment of its own, and the files that run it."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from django.conf import settings

from tests.config.test_metrics import ask
from tests.postgresql import free_port

ROOT = settings.BASE_DIR
BIN = Path(sys.executable).parent
UNITS = sorted((ROOT / "deploy").glob("*.service"))
COMPOSE_FILES = ("compose.yaml", "compose.scale.yaml")


def run(*command: object, **options: Any) -> str:
    ended = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return str(ended.stdout)


def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def allowed_into_the_image() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line[1:] for line in lines if line.startswith("!")]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder bin/ of an environment with the wheel, as the Dockerfile makes both.

    The wheel is built from what the image gets and from nothing else.
    """
    folder = tmp_path_factory.mktemp("package")
    source, environment = folder / "source", folder / "environment"
    for name in allowed_into_the_image():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, source / name)
    run(BIN / "python", "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=source)
    [wheel] = folder.glob("*.whl")
    run(BIN / "uv", "venv", "--quiet", "--python", sys.executable, environment)
    install = (BIN / "uv", "pip", "install", "--quiet", "--python", environment / "bin/python")
    run(*install, "--require-hashes", "-r", ROOT / "requirements/extras.txt")
    run(*install, "--no-deps", wheel)
    return environment / "bin"


def variables(home: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LISTWRIGHT_HOME": str(home),
        "SECRET_KEY": "kT3vX9wQ2mZ8bN5cR7yU1pL4sD6fG0hJkT3vX9wQ2mZ8bN5cR7yU1pL4",
        "ALLOWED_HOSTS": "127.0.0.1",
        "HTTPS": "0",
        "EMAIL_URL": "console://",
    } | more


def test_home_is_the_working_directory_unless_it_is_named(installed: Path, tmp_path: Path) -> None:
    code = "from django.conf import settings; print(settings.VAR_DIR)"
    ask_where = (installed / "listwright", "shell", "--no-imports", "--command", code)
    unnamed = {k: v for k, v in variables(tmp_path).items() if k != "LISTWRIGHT_HOME"}

    assert run(*ask_where, env=unnamed, cwd=tmp_path) == f"{tmp_path}/var\n"
    assert run(*ask_where, env=variables(tmp_path), cwd="/") == f"{tmp_path}/var\n"


@pytest.fixture(scope="module")
def home(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site that `upgrade` made, from elsewhere, in nothing."""
    folder = tmp_path_factory.mktemp("home") / "site"
    run(installed / "listwright", "upgrade", env=variables(folder), cwd="/")
    return folder


def test_wheel_serves_from_an_empty_environment(installed: Path, home: Path) -> None:
    listwright, port = installed / "listwright", free_port()
    options = ["--upgrade", "--with-worker", "--bind", f"127.0.0.1:{port}"]
    before = set(installed.parent.rglob("*.sqlite3"))
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [listwright, "run", *options],
            cwd="/",
            env=variables(home),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        pages = wait_for(port, server, home / "log")
    finally:
        server.terminate()
        server.wait(30)

    status, page = pages["/"]
    [style] = re.findall(r'href="(/static/site\.[0-9a-f]+\.css)"', page)
    assert (status, pages["/readyz"][0]) == (200, 200)
    assert style
    assert "精选列表" in pages["zh"][1] or 'lang="zh-hans"' in pages["zh"][1]
    assert pages["static"] == 200
    # What the site writes is in its home, never where the program is.
    assert {path.name for path in (home / "var").iterdir()} >= {"listwright.sqlite3", "static"}
    assert set(installed.parent.rglob("*.sqlite3")) == before


class Collector(BaseHTTPRequestHandler):
    """Takes what the libraries of Sentry and OpenTelemetry send."""

    received: ClassVar[list[tuple[str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        self.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words: Any) -> None:
        """Nothing."""


def test_errors_and_traces_are_sent_without_who_met_them(
    installed: Path, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "var").mkdir()
    with (
        closing(sqlite3.connect(home / "var/listwright.sqlite3")) as whole,
        closing(sqlite3.connect(tmp_path / "var/listwright.sqlite3")) as broken,
    ):
        whole.backup(broken)
        broken.execute("ALTER TABLE catalog_catalog RENAME TO elsewhere")
    collector, port = ThreadingHTTPServer(("127.0.0.1", 0), Collector), free_port()
    threading.Thread(target=collector.serve_forever).start()
    telemetry = {
        "SENTRY_DSN": f"http://key@127.0.0.1:{collector.server_port}/1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [installed / "listwright", "run", "--bind", f"127.0.0.1:{port}"],
            cwd="/",
            env=variables(tmp_path, STATIC_ROOT=str(home / "var/static"), **telemetry),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(port, server, tmp_path / "log")
        status, _page = ask(port, "/no-such-list/", Cookie="sessionid=secret-session")
        deadline = time.monotonic() + 60
        needed = {("/api/1/envelope/", b"no such table"), ("/v1/traces", b"<slug:slug>/")}
        while not all(
            any(path == to and word in body for to, body in Collector.received)
            for path, word in needed
        ):
            assert time.monotonic() < deadline, Collector.received
            time.sleep(0.1)
    finally:
        server.terminate()
        server.wait(30)
        collector.shutdown()
        collector.server_close()

    assert status == 500
    assert {path for path, _body in Collector.received} == {path for path, _word in needed}
    assert not [path for path, body in Collector.received if b"secret-session" in body]


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> Any:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            ready = ask(port, "/readyz")
            break
        except OSError:
            time.sleep(0.2)
    front = ask(port, "/")
    style = re.findall(r'href="(/static/site\.[^"]+\.css)"', front[1])
    return {
        "/readyz": ready,
        "/": front,
        "zh": ask(port, "/", **{"Accept-Language": "zh-hans"}),
        "static": ask(port, style[0])[0] if style else 0,
    }


def test_command_runs_every_other_one(installed: Path, home: Path) -> None:
    listwright = installed / "listwright"

    assert run(listwright, "version", env=variables(home)) == "0.1.0\n"
    printed = run(listwright, "ensure_moderator", env=variables(home), cwd="/")
    assert printed.startswith("Moderator account: user name moderator, password ")
    run(listwright, "worker", "--once", env=variables(home), cwd="/")


# The files that run it


def test_dockerfile_is_linted() -> None:
    run(BIN / "hadolint", ROOT / "Dockerfile")


def test_image_gets_what_the_wheel_is_made_of() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    not_run = {"bench", "quality", "tests"}

    missing = packages - not_run - set(allowed_into_the_image())

    assert missing == set()
    copied = re.findall(r"^COPY (?!--from)(\S+) ", dockerfile(), re.M)
    assert copied == ["requirements/extras.txt", "."]
    assert all((ROOT / name).exists() for name in allowed_into_the_image())


@pytest.mark.parametrize("name", COMPOSE_FILES)
def test_compose_file_names_what_there_is(name: str) -> None:
    compose = yaml.safe_load((ROOT / name).read_text())
    services: dict[str, Any] = compose["services"]
    example = (ROOT / ".env.example").read_text()
    # gunicorn's own.
    known = {*re.findall(r"^#(\w+)=", example, re.M), "FORWARDED_ALLOW_IPS"}

    for service in services.values():
        assert set(service.get("depends_on", [])) <= set(services)
        named = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        files = {volume for volume in named if volume.startswith(".")}
        assert named - files <= set(compose["volumes"])
        assert all((ROOT / file).exists() for file in files)
        if service.get("image") == "listwright":
            assert set(service["environment"]) <= known
            assert service["read_only"] is True
            assert service.get("command", ["run"])[0] in {"run", "worker", "upgrade"}


def test_every_node_is_behind_the_web_server() -> None:
    services = yaml.safe_load((ROOT / "compose.scale.yaml").read_text())["services"]
    nodes = re.findall(r"server (\w+):8000", (ROOT / "deploy/nginx.conf").read_text())

    assert nodes == [name for name in services if name.startswith("web")]


class Node(BaseHTTPRequestHandler):
    """Has the static files of one release, as nodes have while they are replaced."""

    release = "old"

    def do_GET(self) -> None:
        self.send_response(200 if self.release in self.path else 404)
        self.end_headers()

    def log_message(self, *words: Any) -> None:
        """Nothing."""


class NewNode(Node):
    release = "new"


@pytest.mark.skipif(shutil.which("nginx") is None, reason="there is no nginx here")
def test_static_file_comes_from_the_node_that_has_it(tmp_path: Path) -> None:
    nodes = [ThreadingHTTPServer(("127.0.0.1", 0), node) for node in (Node, NewNode)]
    port, text = free_port(), (ROOT / "deploy/nginx.conf").read_text()
    for number, node in enumerate(nodes, 1):
        threading.Thread(target=node.serve_forever).start()
        text = text.replace(f"web{number}:8000", f"127.0.0.1:{node.server_port}")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    begin = f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/errors; events {{}}"
    (tmp_path / "nginx.conf").write_text(f"{begin} http {{ access_log off; {places} {text} }}")
    command = ["nginx", "-e", str(tmp_path / "errors"), "-c", str(tmp_path / "nginx.conf")]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _attempt in range(600):
            with suppress(OSError):
                ask(port, "/metrics")
                break
            time.sleep(0.05)
        paths = ("/static/old.css", "/static/new.css", "/static/none.css")
        seen = {path: {ask(port, path)[0] for _number in range(6)} for path in paths}
    finally:
        server.terminate()
        server.wait(20)
        for node in nodes:
            node.shutdown()
            node.server_close()

    assert seen == dict(zip(paths, [{200}, {200}, {404}], strict=True))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_unit_is_one(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text().replace("/opt/listwright/bin/listwright", "/bin/true")
    (tmp_path / unit.name).write_text(text)

    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit.name],
        capture_output=True,
        text=True,
        check=False,
    )

    assert [line for line in ended.stderr.splitlines() if unit.name in line] == []
