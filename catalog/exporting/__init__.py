"""Giving the list back: as its own markdown, byte for byte, and in other formats.

Every format is a stream of pieces that does not grow with the list, read by statements that need
no transaction: with SQLite's IMMEDIATE mode a slow download would hold the write lock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from django.db import DatabaseError
from django.utils.translation import gettext as _

from catalog.errors import DatabaseProblem, NotFound, problem_of
from catalog.exporting.formats import FORMATS, README, Format
from catalog.exporting.markdown import export_markdown, markdown_chunks
from catalog.exporting.scopes import Chunks, Keys, Scope, past_blocks, past_span, span_of
from catalog.history.revisions import check_revision
from catalog.models import Catalog, Export

__all__ = [
    "FORMATS",
    "README",
    "Chunks",
    "Format",
    "Keys",
    "Scope",
    "check_scope",
    "digest",
    "export_chunks",
    "export_markdown",
    "markdown_chunks",
    "record_export",
]


def export_chunks(catalog: Catalog, format_name: str, scope: Scope | None = None) -> Chunks:
    """The catalog in one of `FORMATS`, in parts.

    Raises `NotFound` for another format, and for a revision or section that does not exist.
    """
    if format_name not in FORMATS:
        raise NotFound(
            _("There is no format %(name)s; choose one of %(formats)s.")
            % {"name": format_name, "formats": ", ".join(FORMATS)}
        )
    return FORMATS[format_name].chunks(catalog, scope or Scope())


def check_scope(catalog: Catalog, scope: Scope) -> None:
    """Raise `NotFound` where `export_chunks` would, without reading what would be exported."""
    if scope.is_past(catalog):
        check_revision(catalog, scope.revision or 0)
        if scope.section:
            past_span(past_blocks(catalog, scope.revision or 0).document, scope.section)
    elif scope.section:
        span_of(catalog, scope.section)


def record_export(catalog: Catalog, *, number: int, sha256: str) -> bool:
    """Remember that somebody took this revision out, so that a re-import may descend from it.

    Returns whether the database could be written. Without the record a merge is more cautious, so
    a text that is out already is no failure.
    """
    try:
        Export.objects.get_or_create(catalog=catalog, number=number, defaults={"sha256": sha256})
    except DatabaseError as error:
        if problem_of(error) not in {DatabaseProblem.FULL, DatabaseProblem.READ_ONLY}:
            raise
        return False
    return True


def digest(chunks: Iterable[str]) -> Iterator[tuple[bytes, str]]:
    """The pieces in UTF-8, each with the hexadecimal SHA-256 of everything so far."""
    total = hashlib.sha256()
    for chunk in chunks:
        data = chunk.encode("utf-8")
        total.update(data)
        yield data, total.hexdigest()
