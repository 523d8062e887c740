"""OpenTelemetry and Sentry, each an extra of the package and turned on by one variable."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def instrument() -> None:
    """Add the middleware that makes traces, where OTEL_EXPORTER_OTLP_ENDPOINT is set.

    Called before the application is made, which reads the middleware once. It starts no thread, so
    that workers may be forked after it. Raises `ImproperlyConfigured` without its extra.
    """
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        _require("opentelemetry", "OTEL_EXPORTER_OTLP_ENDPOINT", "otel")
        from opentelemetry.instrumentation.django import DjangoInstrumentor

        if not DjangoInstrumentor().is_instrumented_by_opentelemetry:
            DjangoInstrumentor().instrument()


def start_telemetry() -> None:
    """Send errors to SENTRY_DSN and traces to OTEL_EXPORTER_OTLP_ENDPOINT, where they are set.

    Called once in each process that serves or works, after it was forked: both start threads.
    Raises `ImproperlyConfigured` where a variable is set and its extra is not installed.
    """
    instrument()
    if settings.SENTRY_DSN:
        _require("sentry_sdk", "SENTRY_DSN", "sentry")
        import sentry_sdk

        # What people send and who they are stays here.
        sentry_sdk.init(settings.SENTRY_DSN, send_default_pii=False, max_request_body_size="never")
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        _start_traces()


def _require(module: str, variable: str, extra: str) -> None:
    if find_spec(module) is None:
        raise ImproperlyConfigured(
            f"{variable} is set, but the package for it is not installed: "
            f"install listwright[{extra}], or unset {variable}."
        )


def _start_traces() -> None:
    # OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER and the like are read by the library itself.
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": "listwright"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
