"""Cursors: a place in a list of entries and the direction to go on from it, signed.

What a cursor was made for is in it, so that it is not taken for a place in another list.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError

from catalog.api.entries.places import Mark
from catalog.api.entries.wanted import Wanted

PATTERN = r"^([A-Za-z0-9_.-]+:[A-Za-z0-9_-]+)?$"
"""The form of a cursor; an empty one starts."""
_FORM = re.compile(PATTERN)
_SALT = "catalog.api.entries.cursors"


class Cursor(NamedTuple):
    """A position in a list of entries, and the direction to go on."""

    is_forwards: bool
    behind: bool
    mark: Mark


def cursor_text(wanted: Wanted, cursor: Cursor) -> str:
    """The cursor as addresses have it."""
    text: str = _signer().sign_object([_digest(wanted), *cursor])
    return text


def read_cursor(text: str, wanted: Wanted) -> Cursor:
    """The opposite of `cursor_text`.

    Raises `ValidationError` for what is no cursor, or one of another list, and `NotFound` for one
    that was not made here.
    """
    if not _FORM.match(text) or text.endswith("\n"):
        raise _invalid(_("This is not a cursor; use one from “next” or “previous”."))
    try:
        digest, *values = _signer().unsign_object(text)
    except (BadSignature, ValueError):
        # Also what looks like one and cannot be decoded.
        raise NotFound(_("This position does not exist; start with an empty cursor.")) from None
    if digest != _digest(wanted):
        raise _invalid(
            _("This cursor belongs to another list, filter or order; start with an empty one.")
        )
    return Cursor(*values)


def _invalid(sentence: str) -> ValidationError:
    return ValidationError({"cursor": [sentence]})


def _signer() -> Signer:
    return Signer(salt=_SALT)


@lru_cache(maxsize=500)
def _digest(wanted: Wanted) -> str:
    return hashlib.blake2s(repr(wanted).encode(), digest_size=8).hexdigest()
