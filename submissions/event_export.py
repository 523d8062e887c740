"""The history of a catalog's submissions as a file: one line for each event, sent as it is read."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from catalog.models import Catalog
from submissions.models import SubmissionEvent

COLUMNS = (
    "id",
    "created_at",
    "submission",
    "kind",
    "name",
    "verb",
    "from_status",
    "to_status",
    "actor",
    "role",
    "reason",
    "note",
    "internal_note",
    "submission_revision",
    "entry_before",
    "entry_after",
)
_CHUNK = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Characters at which spreadsheet programs begin a formula."""


def events_as_csv(catalog: Catalog) -> Iterator[str]:
    """Comma-separated, with a header. Texts that a table would compute begin with an apostrophe."""
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for row in _rows(catalog):
        yield writer.writerow([harmless(row[name]) for name in COLUMNS])


def events_as_json_lines(catalog: Catalog) -> Iterator[str]:
    """An object a line, with what was proposed then as `snapshot`."""
    for row in _rows(catalog):
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z).decode()


FORMATS: dict[str, tuple[Callable[[Catalog], Iterator[str]], str, str]] = {
    "csv": (events_as_csv, "text/csv; charset=utf-8", "csv"),
    "jsonl": (events_as_json_lines, "application/x-ndjson", "jsonl"),
}
"""The formats: writer, media type, and file ending."""


def harmless(value: Any) -> Any:
    """A cell that is shown as it is, whatever somebody typed."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _rows(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """No secret, no e-mail address, no network: what happened, and what people were called."""
    events = SubmissionEvent.objects.filter(catalog=catalog).oldest_first()
    for event in events.select_related("submission").iterator(chunk_size=_CHUNK):
        yield {
            "id": event.pk,
            "created_at": event.created_at.isoformat(),
            "submission": event.submission_id,
            "kind": event.submission.kind,
            "name": event.submission.name,
            "verb": event.verb,
            "from_status": event.from_status,
            "to_status": event.to_status,
            "actor": event.actor_name,
            "role": event.role,
            "reason": event.reason,
            "note": event.note,
            "internal_note": event.internal_note,
            "submission_revision": event.submission_revision,
            "entry_before": event.entry_before,
            "entry_after": event.entry_after,
            "snapshot": event.snapshot,
        }


class _Echo:
    """A file for `csv` that hands each line back."""

    def write(self, line: str) -> str:
        return line
