"""The parts of the schema that all operations share: errors, as they are answered."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from config.api.problems import CODES, PROBLEMS

type Schema = dict[str, Any]


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_ERROR: dict[str, Schema] = {
    "code": _reference("ErrorCode"),
    "detail": {"type": "string", "description": "One sentence for people."},
    "errors": {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
        "description": "Sentences by the field or parameter that they are about.",
    },
}
_TEXT: Schema = {"type": "string"}

SCHEMAS: dict[str, Schema] = {
    "ErrorCode": {
        "type": "string",
        "enum": CODES,
        "description": "What went wrong. New ones may come; treat unknown ones by the status.",
    },
    "Error": {
        "type": "object",
        "description": "Why a request was refused.",
        "required": ["code", "detail", "errors"],
        "properties": {
            **_ERROR,
            "removed_at": {
                "type": "string",
                "format": "date-time",
                "description": "With `gone`: since when.",
            },
            "part_of": {
                "type": ["integer", "null"],
                "description": "With `gone`: the id of the entry that it is a part of now.",
            },
            "challenge": {
                "type": "object",
                "additionalProperties": {},
                "description": "With `challenge_needed`: what to solve; see the documentation.",
            },
        },
    },
    "Conflict": {
        "type": "object",
        "description": "Why the list or the submission, as they stand, do not take this.",
        "required": ["code", "detail", "errors"],
        "properties": {
            **_ERROR,
            "status": {**_TEXT, "description": "The status of the submission now."},
            "revision": {
                "type": "integer",
                "description": "The revision of the submission now, for `expected_revision`.",
            },
            "conflicts": {"type": "array", "items": _reference("ConflictPart")},
            "seen": {**_TEXT, "description": "Sent back with the resolution of the conflicts."},
            "findings": {"type": "array", "items": _reference("NoticedFinding")},
            "entry": {
                "type": "object",
                "additionalProperties": {},
                "description": "The entry as it is now, where it was changed since it was read.",
            },
        },
    },
}
"""The shared schemas, by name under `components/schemas`."""

_HEADERS: dict[HTTPStatus, dict[str, Schema]] = {
    HTTPStatus.UNAUTHORIZED: {
        "WWW-Authenticate": {
            "description": "How to sign in (RFC 6750).",
            "required": True,
            "schema": _TEXT,
        }
    },
    HTTPStatus.METHOD_NOT_ALLOWED: {
        "Allow": {"description": "The methods there are.", "required": True, "schema": _TEXT}
    },
    HTTPStatus.TOO_MANY_REQUESTS: {
        "Retry-After": {
            "description": "After how many seconds to try again; none where waiting does not help.",
            "schema": {"type": "integer", "minimum": 1},
        }
    },
}


def problem_name(status: int) -> str:
    """Return the name of a status's answers under `components/responses`: `NotFound`."""
    return HTTPStatus(status).phrase.title().replace(" ", "")


def problem_responses() -> dict[str, Schema]:
    """The answers to what is refused, by their names; each with its codes, explained and shown."""
    return {
        problem_name(status): _response(status)
        for status in PROBLEMS
        if status < HTTPStatus.INTERNAL_SERVER_ERROR
    }


def _response(status: HTTPStatus) -> Schema:
    codes = PROBLEMS[status]
    lines = [f"- `{code}`: {sentence}" for code, sentence in codes.items()]
    schema = "Conflict" if status == HTTPStatus.CONFLICT else "Error"
    content = {"schema": _reference(schema), "examples": _examples(codes)}
    response = {
        "description": "\n".join([f"{status.phrase}.", "", *lines]),
        "content": {"application/json": content},
    }
    return {**response, "headers": _HEADERS[status]} if status in _HEADERS else response


def _examples(codes: dict[str, str]) -> Schema:
    return {
        code: {"value": {"code": code, "detail": sentence, "errors": {}}}
        for code, sentence in codes.items()
    }
