"""Decoding: a file's bytes to a text that a catalog can hold, and back."""

from __future__ import annotations

import codecs

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.errors import UnreadableText


def decode_text(data: bytes, name: str) -> str:
    """Decode a README; line endings, byte order mark and all else stay as they are.

    `name` is what the messages call the file. Raises `UnreadableText`: over the size limit, not
    UTF-8 (with the offset of the first bad byte), or holding a NUL, which no database keeps.
    """
    limit = settings.MAX_IMPORT_BYTES
    if len(data) > limit:
        raise UnreadableText(
            _(
                "%(name)s is larger than the limit of %(limit)d bytes; raise "
                "MAX_IMPORT_BYTES to import it."
            )
            % {"name": name, "limit": limit}
        )
    try:
        text = codecs.decode(data, "utf-8", "strict")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableText(
            _(
                "%(name)s, line %(line)d: byte %(byte)d of the file (0x%(value)02X) is not UTF-8; "
                "save the file as UTF-8 and import it again."
            )
            % {
                "name": name,
                "line": line,
                "byte": error.start,
                "value": data[error.start],
            }
        ) from None
    nul = text.find("\0")
    if nul >= 0:
        raise UnreadableText(
            _(
                "%(name)s, line %(line)d: there is a NUL character (byte %(byte)d of the file), "
                "which cannot be stored; remove it and import the file again."
            )
            % {
                "name": name,
                "line": text.count("\n", 0, nul) + 1,
                "byte": len(text[:nul].encode("utf-8")),
            }
        )
    return text
