"""`/metrics`, for Prometheus: what requests, the database, caches, the queue and people do.

Imported only where METRICS is on. Every label has few values: names of views, known methods,
statuses, names of parts. Under gunicorn the numbers of all processes are added up, by files in
`PROMETHEUS_MULTIPROC_DIR`, which gunicorn.conf.py makes.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterator
from http import HTTPStatus
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from background import queue
from background.models import WorkerProcess
from catalog.pages.page_cache import PAGE_CACHE
from config.health import states
from config.middleware import view_of
from config.replica import RESULT
from submissions.choices import OPEN
from submissions.models import Submission

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

requests = Counter(
    "listwright_requests", "Requests that were answered.", ["view", "method", "status"]
)
request_seconds = Histogram(
    "listwright_request_seconds", "From a request to its answer.", ["view"], buckets=SECONDS
)
database_seconds = Histogram(
    "listwright_database_seconds", "Statements sent to the database.", buckets=SECONDS
)
page_cache = Counter(
    "listwright_page_cache", "Requests for cached pages: hit, miss or stale.", ["result"]
)
replica_reads = Counter(
    "listwright_replica_reads",
    "Requests that the replica may answer: used, behind or failed.",
    ["result"],
)


class MetricsMiddleware:
    """Count the requests, and answer `/metrics` itself, for every Host as the probes are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/metrics":
            return exposition(request)
        began = perf_counter()
        with connection.execute_wrapper(_timed):
            response = self.get_response(request)
        view = view_of(request) or "none"
        method = request.method if request.method in METHODS else "other"
        requests.labels(view, method, response.status_code).inc()
        request_seconds.labels(view).observe(perf_counter() - began)
        if result := request.META.get(PAGE_CACHE):
            page_cache.labels(result).inc()
        if result := request.META.get(RESULT):
            replica_reads.labels(result).inc()
        return response


def _timed(execute: Callable[..., Any], *statement: Any) -> Any:
    began = perf_counter()
    try:
        return execute(*statement)
    finally:
        database_seconds.observe(perf_counter() - began)


def exposition(request: HttpRequest) -> HttpResponse:
    """Answer with all numbers as text; 401 without METRICS_TOKEN, where one is set."""
    sent = request.META.get("HTTP_AUTHORIZATION", "")
    if settings.METRICS_TOKEN and not hmac.compare_digest(
        sent.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()
    ):
        return HttpResponse(
            "METRICS_TOKEN is wanted as a bearer token.\n",
            "text/plain",
            status=HTTPStatus.UNAUTHORIZED,
            headers={"WWW-Authenticate": "Bearer"},
        )
    text = generate_latest(_registry()) + generate_latest(_of_now)
    return HttpResponse(text, CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _registry() -> CollectorRegistry:
    """The numbers of this process, or of all of them under gunicorn."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


class OfNow(Collector):
    """A collector of numbers that are read from the database and the probes on each scrape."""

    def collect(self) -> Iterator[Metric]:
        parts = states()
        well = GaugeMetricFamily(
            "listwright_part_well", "Whether a part is well, as /readyz has it.", labels=["part"]
        )
        for name, state in parts.items():
            well.add_metric([name], float(state == "ok"))
        yield well
        if parts["database"] != "ok":
            return
        try:
            yield from _numbers()
        except Error:
            # It went away meanwhile; the next look says so.
            connection.close()


def _numbers() -> Iterator[Metric]:
    tasks, age = queue.backlog()
    yield GaugeMetricFamily("listwright_queue_ready", "Tasks that wait for a worker.", tasks)
    yield GaugeMetricFamily(
        "listwright_queue_age_seconds", "How long the oldest has been ready.", age.total_seconds()
    )
    failed = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED).count()
    yield GaugeMetricFamily("listwright_queue_failed", "Tasks that were given up.", failed)
    workers = WorkerProcess.objects.count()
    yield GaugeMetricFamily("listwright_workers", "Workers that gave a sign of life.", workers)
    waiting = GaugeMetricFamily(
        "listwright_submissions", "Submissions that wait, by their status.", labels=["status"]
    )
    rows = Submission.objects.filter(status__in=OPEN).order_by().values_list("status")
    counts = dict(rows.annotate(Count("pk")))
    for status in OPEN:
        waiting.add_metric([status], counts.get(status, 0))
    yield waiting


_of_now = CollectorRegistry()
_of_now.register(OfNow())
