"""JSON in and out.

orjson refuses what the database could not hold anyway (lone surrogates, NaN, text that is not
UTF-8) and what nests too deeply, and writes a page of entries ten times as fast as `json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

MAX_BODY = 1024 * 1024
"""Bytes of a body that is read; a proposal has a few hundred."""
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class BodyTooLarge(APIException):
    """The body is larger than anything that the API takes (413)."""

    status_code = 413
    default_code = "too_large"
    default_detail = _("The body is too large; the API takes at most 1 MiB.")


class Negotiation(DefaultContentNegotiation):
    """Chooses the format of the answer by `?format=`, else by `Accept`."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Refuse `?format=` without a format, which the library takes for none."""
        if request.query_params.get("format") == "":
            self.filter_renderers(renderers, "")
        chosen: tuple[BaseRenderer, str] = super().select_renderer(
            request, renderers, format_suffix
        )
        return chosen

    def filter_renderers(
        self,
        renderers: Iterable[BaseRenderer],
        format: str,  # noqa: A002 - named so above
    ) -> list[BaseRenderer]:
        """Raises `ValidationError` for a format that the address does not have."""
        renderers = list(renderers)
        matching = [renderer for renderer in renderers if renderer.format == format]
        if not matching:
            message = _("There is no such format here; choose one of %(formats)s.")
            formats = ", ".join(renderer.format for renderer in renderers)
            raise ValidationError({"format": [message % {"formats": formats}]})
        return matching


class JsonRenderer(BaseRenderer):
    """Writes JSON in UTF-8; times in UTC with a Z."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else dump(data)


def dump(data: Any, *, indent: bool = False) -> bytes:
    """The data as JSON; texts that are still to be translated are, in the reader's language."""
    return orjson.dumps(data, _text, _OPTIONS | (orjson.OPT_INDENT_2 if indent else 0))


def _text(value: object) -> str:
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


class JsonParser(BaseParser):
    """Reads JSON of at most `MAX_BODY` bytes. Raises `BodyTooLarge` (413), `ParseError` (400)."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        # One more than is allowed tells that there is more; the rest is not read.
        body = stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise BodyTooLarge
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            message = _("The body is not JSON: line %(line)d, column %(column)d.")
            raise ParseError(message % {"line": error.lineno, "column": error.colno}) from error
