"""What the codec refuses to write, named once."""

from __future__ import annotations


class CodecError(ValueError):
    """A value or a change that cannot be written exactly.

    `code` is stable; `field` is what it is about (``name``, ``url``, ``description``, ``cell 2``
    counted from 1, ``source``); the message is one sentence for people.
    """

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field


def raw_source_only(field: str, reason: str) -> CodecError:
    """The refusal for what only a change of the raw source can do."""
    return CodecError("raw-source-only", field, f"{reason}; edit the raw source instead.")


def label(field: str) -> str:
    """What a sentence calls a field."""
    return "URL" if field == "url" else field
