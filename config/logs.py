"""Log lines: text or JSON, with the id of their request."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

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
