"""What operators see: log lines with the id of their request; traces, and errors elsewhere."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The number of the request that is being answered; '' outside of one."""


class RecordFilter(logging.Filter):
    """A filter that adds the request id to every record, and drops tracebacks of bad requests.

    Strangers can bring those about as often as they like.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get() or "-"
        if record.name.startswith("django.security"):
            record.exc_info = None
        return True


class JsonFormatter(logging.Formatter):
    """A JSON object a line: `time`, `level`, `logger`, `message`, `request_id`, fields, `error`."""

    def format(self, record: logging.LogRecord) -> str:
        values: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        number = getattr(record, "request_id", "-")
        if number != "-":
            values["request_id"] = number
        values |= getattr(record, "fields", {})
        if record.exc_info:
            values["error"] = self.formatException(record.exc_info)
        return json.dumps(values, ensure_ascii=False, default=str)


def logging_of(*, form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, as `plain` or `json` lines."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"record": {"()": RecordFilter}},
        "formatters": {
            "plain": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
            "json": {"()": JsonFormatter},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["record"],
            },
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's default is silent about errors outside DEBUG unless ADMINS get mail.
            "django": {"handlers": [], "level": level, "propagate": True},
            # The access log has the line for each 4xx; failures keep their traceback.
            "django.request": {"level": "ERROR"},
            # It has the line for a Host that is not ours, too.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            # A line for every link that is followed.
            "httpx": {"level": "WARNING"},
        },
    }


# OpenTelemetry and Sentry, each an extra of the package and turned on by one variable


def instrument() -> None:
    """Add the middleware that makes traces, where OTEL_EXPORTER_OTLP_ENDPOINT is set.

    Called before the application is made, which reads the middleware once. It starts no thread, so
    that workers may be forked after it.
    """
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        from opentelemetry.instrumentation.django import DjangoInstrumentor

        if not DjangoInstrumentor().is_instrumented_by_opentelemetry:
            DjangoInstrumentor().instrument()


def start_telemetry() -> None:
    """Send errors to SENTRY_DSN and traces to OTEL_EXPORTER_OTLP_ENDPOINT, where they are set.

    Called once in each process that serves or works, after it was forked: both start threads.
    """
    instrument()
    if settings.SENTRY_DSN:
        import sentry_sdk

        # What people send and who they are stays here.
        sentry_sdk.init(settings.SENTRY_DSN, send_default_pii=False, max_request_body_size="never")
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        # OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER and the like are read by the library itself.
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider = TracerProvider(resource=Resource.create({"service.name": "listwright"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)
