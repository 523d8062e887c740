"""What is shown of the entries that were found, with what found them marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import orjson
from django.db import connection
from django.utils.safestring import SafeString

from catalog.finding.marking import marked, plain
from catalog.finding.text import Term
from catalog.sql.keys import among

DESCRIPTION_LENGTH = 280
SUGGESTION_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Result:
    """An entry that was found, with what found it marked."""

    pk: int
    title: str
    slug: str
    catalog: int
    catalog_slug: str
    catalog_title: str
    section_path: str
    """'' where it stands in no section; so the title."""
    section_title: str
    name: SafeString
    description: SafeString

    @property
    def path(self) -> str:
        """The address below that of the site."""
        return f"{self.catalog_slug}/entries/{self.pk}-{quote(self.slug)}/"


type _Row = tuple[int, str, str, int, str, str, str, str, str, str, str]
"""What a result begins with, then the texts that describe it."""

# Written out: to put it together takes the ORM longer than the database to answer. The section is
# looked up for each entry: joined, PostgreSQL reads all sections of all lists.
_SELECT = """
    SELECT entry.id, entry.name, entry.slug, catalog.id, catalog.slug, catalog.title,
        COALESCE((
            SELECT section.path FROM catalog_section section
            WHERE section.id = entry.section_id AND NOT section.is_title
        ), ''),
        COALESCE((
            SELECT section.title FROM catalog_section section
            WHERE section.id = entry.section_id AND NOT section.is_title
        ), ''), {texts}
    FROM catalog_entry entry
    JOIN catalog_catalog catalog ON catalog.id = entry.catalog_id
    WHERE entry.id {chosen}
"""
_TEXTS = """entry.description_html,
    CASE WHEN entry.description_html = '' THEN entry.html ELSE '' END,
    CASE WHEN entry.description_html = '' THEN CAST(entry.cells AS text) ELSE '[]' END"""


def results_of(pks: Sequence[int], terms: Sequence[Term]) -> list[Result]:
    """The entries in this order, with one query; those that are gone are left out."""
    rows = _rows(pks, _TEXTS)
    return [
        Result(
            *row[:8],
            marked(row[1], terms, length=DESCRIPTION_LENGTH),
            marked(description_of(row[1], *row[8:]), terms, length=DESCRIPTION_LENGTH),
        )
        for row in rows
    ]


def suggestions_of(pks: Sequence[int], terms: Sequence[Term] = ()) -> list[Result]:
    """The same without descriptions."""
    return [
        Result(*row[:8], marked(row[1], terms, length=SUGGESTION_LENGTH), SafeString())
        for row in _rows(pks, "'', '', '[]'")
    ]


def description_of(name: str, description_html: str, html: str, cells: str) -> str:
    """What is shown of an entry below its name, as plain text; `cells` are JSON."""
    if description_html:
        return plain(description_html)
    others = [plain(cell["html"]).strip() for cell in orjson.loads(cells)]
    if others:
        return " · ".join([text for text in others if text and text != name])
    text = plain(html).strip()
    return "" if text == name else text


def _rows(pks: Sequence[int], texts: str) -> list[_Row]:
    if not pks:
        return []
    chosen, keys = among(pks)
    with connection.cursor() as cursor:
        cursor.execute(_SELECT.format(texts=texts, chosen=chosen), [keys])
        found = {row[0]: row for row in cursor.fetchall()}
    return [found[pk] for pk in pks if pk in found]
