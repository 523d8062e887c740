"""Refusals of the codec, as codes; their sentences are in `catalog/sentences.py`."""

from __future__ import annotations


class CodecError(ValueError):
    """A value or a change that cannot be written exactly.

    `code` is stable and names the sentence (`catalog/sentences.py`); `values` are what the
    sentence mentions. `field` is what it is about: ``name``, ``url``, ``description``, ``title``,
    ``cell 2`` (counted from 1), or ``source`` for the lines as a whole.
    """

    def __init__(self, code: str, field: str, **values: str | int) -> None:
        super().__init__(code, field, values)
        self.code = code
        self.field = field
        self.values = values
