"""Probes for load balancers, orchestrators and monitors, answered before everything else.

`/livez`: the process answers. `/readyz`: pages can be made, as JSON with a reason for each part.
`/healthz`: the same as plain text. They are answered for every Host, over plain HTTP and without a
session, so that a probe needs nothing but the port.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import caches
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.http import JsonResponse as Json

from background import clock, queue
from background.models import WorkerProcess
from catalog.errors import problem_of
from config import replica
from operating.backup import missing_migrations

logger = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(minutes=15)
"""A task that is ready for longer marks the workers as too slow."""

type Check = Callable[[], str]
"""Returns '' when its part is well, else a sentence that says what is wrong and what to do."""


class ProbeMiddleware:
    """Answer the probes; it stands first, because what comes later may refuse or fail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.probes = {"/livez": livez, "/readyz": readyz, "/healthz": healthz}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = self.probes.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = probe()
        response.headers["Cache-Control"] = "no-store"
        # The reasons are in the log; Django's line for a 5xx would say less.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response


def livez() -> HttpResponse:
    """Answer 200: the process lives; nothing else is looked at."""
    return HttpResponse("ok\n", "text/plain")


def readyz() -> HttpResponse:
    """Answer 200 when pages can be made and 503 when not, with the state of every part."""
    parts = states()
    if any(parts[name] != "ok" for name in NEEDED):
        body = {"status": "unavailable", "parts": parts}
        return Json(body, status=HTTPStatus.SERVICE_UNAVAILABLE)
    is_well = all(state == "ok" for state in parts.values())
    return Json({"status": "ok" if is_well else "degraded", "parts": parts})


def states() -> dict[str, str]:
    """Each part as "ok", as a sentence that says what is wrong, or as "unknown"."""
    needed = _problems(NEEDED)
    is_away = "database" in needed
    reasons = needed if is_away else needed | _problems(USEFUL)
    otherwise = "unknown" if is_away else "ok"
    return {name: reasons.get(name, otherwise) for name in NEEDED | USEFUL}


def healthz() -> HttpResponse:
    """Answer 200 when pages can be made and 503 when not, a reason a line."""
    needed = _problems(NEEDED)
    if needed:
        lines = "".join(f"{name}: {reason}\n" for name, reason in needed.items())
        return HttpResponse(lines, "text/plain", status=HTTPStatus.SERVICE_UNAVAILABLE)
    return HttpResponse("ok\n", "text/plain")


def _problems(checks: dict[str, Check]) -> dict[str, str]:
    """The reasons of the parts that are not well; nothing is asked of a database that is away.

    The log has a line for each without which no page can be made.
    """
    reasons = {}
    for name, check in checks.items():
        cause: object = None
        try:
            reason = check()
        except (DatabaseError, InterfaceError) as error:
            cause = error
            connection.close()
            problem = problem_of(error)
            kind = type(error).__name__
            reason = problem.value if problem else f"The database does not answer ({kind})."
        if reason:
            reasons[name] = reason
        if cause or (reason and name in NEEDED):
            logger.warning("Probe %s: %s", name, cause or reason)
        if name == "database" and reason:
            break
    return reasons


def _database() -> str:
    replica.ask(DEFAULT_DB_ALIAS, "SELECT 1")
    return ""


def _migrations() -> str:
    # Others, of a later release, do not disturb this one.
    missing = missing_migrations()
    return f"Migrations are missing ({missing}): run the command migrate." if missing else ""


def _static_files() -> str:
    try:
        staticfiles_storage.url("site.css")
    except ValueError:
        return "Static files are missing: run the command collectstatic and start again."
    return ""


def _worker() -> str:
    seen_at = WorkerProcess.objects.aggregate(at=Max("seen_at"))["at"]
    if seen_at is None:
        return "No worker runs: mail and other background work waits; start run_worker."
    silence = clock.shared_time() - seen_at
    if silence > queue.SILENCE:
        return f"No worker has given a sign of life for {int(silence.total_seconds())} seconds."
    return ""


def _queue() -> str:
    tasks, age = queue.backlog()
    if age <= LONGEST_WAIT:
        return ""
    seconds = int(age.total_seconds())
    return f"{tasks} tasks wait for a worker, the oldest for {seconds} seconds."


def _cache() -> str:
    try:
        # Only one that processes share can be away.
        problem = getattr(caches["pages"], "problem", None)
        return str(problem()) if problem else ""
    except Exception as error:
        # Whatever the cache's client raises; pages are made without it.
        logger.warning("Probe cache: %s", error)
        return f"The cache does not answer ({type(error).__name__}); pages are slower without it."


def _replica() -> str:
    problem = replica.state.problem()
    return f"{problem} Everything is read from the primary." if problem else ""


NEEDED: dict[str, Check] = {
    "database": _database,
    "migrations": _migrations,
    "static files": _static_files,
}
"""Without these no page can be made."""
USEFUL: dict[str, Check] = {"worker": _worker, "queue": _queue, "cache": _cache}
"""Without these pages are still made, so a load balancer must not take the node out."""
if replica.ALIAS in settings.DATABASES:
    USEFUL["replica"] = _replica
