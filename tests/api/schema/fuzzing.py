"""Runs schemathesis in this process, as its command does from outside: every check, every phase."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from django.core.handlers.wsgi import WSGIHandler
from django.db import DEFAULT_DB_ALIAS, connections
from schemathesis import engine, openapi
from schemathesis.config import SchemathesisConfig
from schemathesis.core.errors import NoLinksFound
from schemathesis.engine import Status, events
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.transport.wsgi import WSGI_TRANSPORT, WSGITransport

from api.formats import dump
from config.views import document
from tests.effort import IS_LONG


@dataclass
class Outcome:
    """What a run found."""

    failures: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    """How many answers of each status each operation gave: `listEntries 200`."""

    @property
    def cases(self) -> int:
        """How many requests were answered."""
        return self.answers.total()


def fuzz(
    *,
    operations: Sequence[str],
    cases: int,
    seed: int,
    headers: dict[str, str],
    is_brief: bool = False,
) -> Outcome:
    """Call each of the operations, named by id, as often as its bounds ask for.

    And by chance, up to `cases` times, alone, and in a long run one after the other by their
    links. A brief run sends only what the document allows, and nothing alone by chance.
    """
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "headers": headers,
            "generation": {
                "mode": "positive" if is_brief else "all",
                "max-examples": cases,
                "database": "none",
                "no-shrink": True,
            },
            "phases": {"fuzzing": {"enabled": not is_brief}, "stateful": {"enabled": IS_LONG}},
        }
    )
    whole = openapi.from_dict(json.loads(dump(document())), config=config)
    schema = whole.include(operation_id=list(operations))
    outcome = Outcome()
    # For each request it looks whether Flask is installed; to be told so took a fifth of the time.
    without_flask = patch.dict(sys.modules, {"flask": None})
    with application() as schema.app, patch(_TRANSPORT, _in_process()), without_flask:
        for event in engine.from_schema(schema).execute():
            match event:
                case events.ScenarioFinished(recorder=recorder):
                    _note(outcome, recorder)
                case events.NonFatalError(value=NoLinksFound()):
                    pass  # A few operations need not lead to each other.
                case events.NonFatalError(value=error, label=label):
                    outcome.failures.add(f"{label}: {error!r}")
                case events.FatalError(exception=error):
                    raise error
    return outcome


@contextmanager
def application() -> Iterator[Callable[..., Iterable[bytes]]]:
    """The site, to be called in threads; closes their connections, which would outlive them."""
    handler, opened = WSGIHandler(), set()

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        opened.add(connections[DEFAULT_DB_ALIAS])
        # What calls it does not unpack gzip.
        environ.pop("HTTP_ACCEPT_ENCODING", None)
        return handler(environ, start_response)

    yield app
    for each in opened:
        each.inc_thread_sharing()
        each.close()


_TRANSPORT = "schemathesis.transport.wsgi.WSGI_TRANSPORT"


class _InProcess(WSGITransport):
    def send(self, case: Any, **kwargs: Any) -> Any:
        # Requests that probe for ignored credentials bring what only sockets have.
        for name in ("cert", "max_redirects", "proxies", "verify"):
            kwargs.pop(name, None)
        return super().send(case, **kwargs)


def _in_process() -> _InProcess:
    transport = _InProcess()
    transport._copy_serializers_from(WSGI_TRANSPORT)
    return transport


def _note(outcome: Outcome, recorder: ScenarioRecorder) -> None:
    for key, node in recorder.cases.items():
        name = str(node.value.operation.definition.raw["operationId"])
        sent = recorder.interactions.get(key)
        if sent is not None and sent.response is not None:
            outcome.answers[f"{name} {sent.response.status_code}"] += 1
        for check in recorder.checks.get(key, []):
            if check.status == Status.FAILURE and check.failure_info is not None:
                failure = check.failure_info.failure
                body = sent.response.content[:500] if sent and sent.response else b""
                answers = f"{name}: {failure.title}: {failure.message}\nAnswered: {body!r}"
                outcome.failures.add(f"{answers}\n{check.failure_info.code_sample}")
