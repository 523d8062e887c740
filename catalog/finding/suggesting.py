"""What is offered while somebody types: the first results, then lists, sections and tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from catalog.finding.results import Result, suggestions_of
from catalog.finding.searching import Found
from catalog.finding.text import Term, read_query
from catalog.finding.words import fold
from catalog.models import Catalog, Section, Tag

MOST_ENTRIES, MOST_OTHERS = 8, 2
LEAST_LETTERS = 2
"""Of what was typed, before anything but entries is offered."""
AROUND = 50
"""Of all lists only sections and tags of so many first results are offered."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Entries as a search would show them first, and what else is called so."""

    entries: list[Result]
    lists: list[Catalog]
    sections: list[Section]
    tags: list[Tag]
    terms: Sequence[Term]
    """What may be marked in names and titles."""


def suggest(typed: str, catalog: Catalog | None, catalogs: Sequence[Catalog]) -> Suggestions:
    """What is offered in one list, or in all of these."""
    matches = Found(read_query(typed), catalog)
    keys = matches.best(None, 0, MOST_ENTRIES if catalog else AROUND)
    entries = suggestions_of(keys[:MOST_ENTRIES], matches.terms)
    words = typed.split()
    if not keys or len(typed.strip()) < LEAST_LETTERS:
        return Suggestions(entries, [], [], [], matches.terms)
    sections = Section.objects.filter(_has(words, "title"), is_title=False, entry_count__gt=0)
    tags = Tag.objects.filter(_has(words, "name"), facet__is_public=True, entry_count__gt=0)
    if catalog:
        sections = sections.filter(catalog=catalog)
        tags = tags.filter(facet__catalog=catalog)
    else:
        sections = sections.filter(entries__in=keys)
        tags = tags.filter(entry_tags__content_object__in=keys)
    offered = list(_first(sections.select_related("catalog")))
    titles = {section.title for section in offered}
    return Suggestions(
        entries,
        [] if catalog else _called_so(words, catalogs),
        offered,
        # Sections are tags of their entries, too.
        [tag for tag in _first(tags.select_related("facet__catalog")) if tag.name not in titles],
        matches.terms,
    )


def _has(words: Sequence[str], field: str) -> Q:
    return Q(*[Q(**{f"{field}__icontains": word}) for word in words])


def _first[Row: (Section, Tag)](rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows.order_by("-entry_count", "pk").distinct()[:MOST_OTHERS]


def _called_so(words: Sequence[str], catalogs: Sequence[Catalog]) -> list[Catalog]:
    folded = [fold(word) for word in words]
    named = [each for each in catalogs if all(word in fold(each.title) for word in folded)]
    return named[:MOST_OTHERS]
