"""JSON in and out, and as pages for people.

orjson refuses what the database could not hold anyway (lone surrogates, NaN, text that is not
UTF-8) and what nests too deeply, and writes a page of entries ten times as fast as `json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import orjson
from django.template import loader
from django.urls import Resolver404, resolve
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

if TYPE_CHECKING:
    from rest_framework.response import Response
    from rest_framework.views import APIView


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


# The API as pages for people: what a program would get, and how it asked for it


_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*')
_WEB = ("http://", "https://")


class Crumb(NamedTuple):
    """A part of the address; without a link where nothing answers."""

    name: str
    link: str = ""


class BrowsableRenderer(BrowsableAPIRenderer):
    """Shows an answer as a page of the site, for those who ask with a browser.

    REST framework's own asks a view for forms, filters and names that ours do not have; of it only
    the name is used, by which others know that this is no format of its own.
    """

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        assert renderer_context is not None  # noqa: S101 - REST framework always gives it
        response: Response = renderer_context["response"]
        context = self.get_context(data, accepted_media_type, renderer_context)
        # It says who is signed in.
        patch_cache_control(response, private=True, no_store=True)
        if response.status_code == HTTPStatus.NO_CONTENT:
            # A page has content.
            response.status_code = HTTPStatus.OK
        request = renderer_context["request"]._request
        return loader.get_template(self.template).render(context, request)

    def get_context(
        self, data: Any, accepted_media_type: str | None, renderer_context: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the context of the page; `data` is what JSON would hold."""
        view: APIView = renderer_context["view"]
        request: Request = renderer_context["request"]
        response: Response = renderer_context["response"]
        formats = [renderer.format for renderer in view.renderer_classes]
        by_session = request.user.is_authenticated and request.auth is None
        return {
            "request_line": f"{request.method} {request.get_full_path()}",
            "status": f"{response.status_code} {response.reason_phrase}",
            "is_refused": response.status_code >= HTTPStatus.BAD_REQUEST,
            "headers": sorted(_headers(response, has_body=data is not None)),
            "content": linked(data),
            "pages": _pages(data),
            "crumbs": list(_crumbs(request.path)),
            "formats": [
                (name, replace_query_param(request.get_full_path(), "format", name))
                for name in formats
                if name != self.format and request.method in SAFE_METHODS
            ],
            "verbs": [verb for verb in view.allowed_methods if verb not in SAFE_METHODS],
            "by_session": by_session,
        }


def linked(data: Any) -> SafeString:
    """Data as indented JSON in HTML, in which addresses are links."""
    if data is None:
        return SafeString()
    if isinstance(data, str | bytes):
        text = data if isinstance(data, str) else data.decode(errors="replace")
        return mark_safe(escape(text))  # noqa: S308 - escaped here
    # Read again, because rows that were written before are not indented.
    text = dump(orjson.loads(dump(data)), indent=True).decode()
    parts: list[str] = []
    end = 0
    for match in _TOKEN.finditer(text):
        parts += (escape(text[end : match.start()], quote=False), _marked(match))
        end = match.end()
    parts.append(escape(text[end:], quote=False))
    return mark_safe("".join(parts))  # noqa: S308 - each part is escaped


def _marked(match: re.Match[str]) -> str:
    string, colon = match.groups()
    shown = escape(string or match[0], quote=False)
    if string is None:
        return f"<i>{shown}</i>"
    if colon is not None:
        return f"<b>{shown}</b>{colon}"
    value: str = orjson.loads(string)
    if value.startswith(_WEB) and not any(character.isspace() for character in value):
        return f'<a href="{escape(value)}" rel="nofollow">{shown}</a>'
    return shown


def _headers(response: Response, *, has_body: bool) -> Iterator[tuple[str, str]]:
    """Yield the headers that a program would get, as far as the view decides them."""
    for name, value in response.items():
        if name != "Content-Type":
            yield name, value
        elif has_body:
            yield name, "application/json"


def _pages(data: Any) -> dict[str, str]:
    """The addresses of the pages before and after, where there are any."""
    if not isinstance(data, Mapping) or "results" not in data:
        return {}
    return {name: data[name] for name in ("previous", "next") if data.get(name)}


def _crumbs(path: str) -> Iterator[Crumb]:
    parts = [part for part in path.split("/") if part]
    for number, name in enumerate(parts, 1):
        above = f"/{'/'.join(parts[:number])}/"
        is_here = number == len(parts)
        yield Crumb(name, above if not is_here and _answers(above) else "")


def _answers(path: str) -> bool:
    """Whether something that the schema knows can be read there."""
    try:
        view = resolve(urlsplit(path).path).func
    except Resolver404:
        return False
    cls = getattr(view, "cls", None)
    return getattr(cls, "schema", None) is not None and hasattr(cls, "get")
