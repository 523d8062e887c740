"""The corrections of a list as the reader takes them, and how they follow its sections."""

from __future__ import annotations

from collections.abc import Sequence

from catalog import markdown
from catalog.markdown.corrections import Correction, Corrections, Titles, titles_of
from catalog.models import Catalog, Section
from catalog.models import Correction as Row


def corrections_of(catalog: Catalog) -> Corrections:
    """Return the corrections of how the list is read; no query where there are none."""
    if not catalog.is_corrected:
        return {}
    return {titles: correction for _section, titles, correction in read_corrections(catalog)}


def read_corrections(catalog: Catalog) -> list[tuple[int | None, Titles, Correction]]:
    """The section, the titles that it is known by, and what was decided, of each correction."""
    if not catalog.is_corrected:
        return []
    return [
        (row.section_id, tuple(row.titles), correction_from(row))
        for row in Row.objects.filter(catalog=catalog).order_by("pk")
    ]


def correction_from(row: Row) -> Correction:
    """Return the correction in a row."""
    return Correction(row.children, row.entries, row.name, row.description)


def follow_sections(
    catalog: Catalog, document: markdown.Document, sections: Sequence[Section]
) -> None:
    """Update the titles by which corrections know their sections."""
    if not catalog.is_corrected:
        return
    titles = titles_of(document.sections)
    titles_by_key = {row.pk: titles[index] for index, row in enumerate(sections)}
    key_by_titles = {titles[index]: row.pk for index, row in reversed(list(enumerate(sections)))}
    for row in Row.objects.filter(catalog=catalog):
        known = tuple(row.titles)
        now = titles_by_key.get(row.section_id or 0, known)
        key = row.section_id if row.section_id in titles_by_key else key_by_titles.get(known)
        if (key, now) != (row.section_id, known):
            row.section_id, row.titles = key, list(now)
            row.save(update_fields=["section", "titles"])
