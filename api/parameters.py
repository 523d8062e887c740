"""The parameters behind the question mark: none is ignored without a word."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

EVERYWHERE = frozenset({"format"})
"""Parameters that every address understands: the format of the answer."""


class UnknownParameter(ParseError):
    """A parameter that the address does not know (400); to leave it out would answer too much."""

    default_code = "unknown_parameter"


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Raise `UnknownParameter` for the first parameter that is none of the known ones."""
    known = EVERYWHERE.union(known)
    for name in request.query_params:
        if name not in known:
            raise UnknownParameter(_refusal(name[:100], known))


def _refusal(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, 1)
    if near:
        message = _("There is no parameter “%(name)s” here; did you mean “%(near)s”?")
        return message % {"name": name, "near": near[0]}
    message = _("There is no parameter “%(name)s” here; the parameters are %(known)s.")
    return message % {"name": name, "known": ", ".join(sorted(known))}
