"""The parameters that filter entries: their form, their description, and what they mean.

Lists are answered from memory (`choosing.py`). The same is said to the database here, for sites
with more than a process remembers (`database.py`); tests compare both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError

from api import fields
from catalog.api.entries.findings import findings_of
from catalog.api.entries.sets import canonical_urls, languages_of
from catalog.api.entries.wanted import CHOICES, LANGUAGES, RELEVANCE, Filters, Wanted
from catalog.finding.searching import Found
from catalog.finding.text import read_query
from catalog.models import Catalog, Entry, EntryTag, Link, Section
from catalog.querysets import EntryQuerySet
from catalog.sql.keys import among

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
"""Between these everything was written, and every database knows what is between them."""
_MOMENT = {"type": "string", "format": "date-time"}
_TAGS = {
    "type": "array",
    "maxItems": fields.MOST_TAGS,
    "items": {"type": "string", "pattern": fields.TAG},
    "example": ["language:zh"],
}


class _TextFilter(django_filters.Filter):
    field_class = fields.AnyText


class _SlugFilter(django_filters.Filter):
    field_class = fields.Matching


class _ChoiceFilter(django_filters.Filter):
    field_class = fields.OneOf


class _TagsFilter(django_filters.Filter):
    field_class = fields.Tags


class _MomentFilter(django_filters.Filter):
    field_class = fields.Moment


class EntryFilter(django_filters.FilterSet):
    """What entries can be filtered and ordered by; all of it combines."""

    catalog = extend_schema_field(
        {
            "type": "string",
            "pattern": "^[a-z0-9]+([-_][a-z0-9]+)*$",
            "maxLength": 80,
            "description": "Slug of a list; without it the entries of all lists.",
        }
    )(
        _SlugFilter(
            "catalog__slug",
            pattern=Catalog.SLUG,
            message=gettext_lazy("This cannot be a list: its slug has a-z, 0-9, - and _ alone."),
        )
    )
    section = extend_schema_field(
        {
            "type": "string",
            "description": "Path of a section; its subsections are included. "
            "Slashes at either end are left out.",
        }
    )(_TextFilter(method="in_section"))
    tag = extend_schema_field(
        {**_TAGS, "description": "`facet:value`; repeated: entries that have all of them."}
    )(_TagsFilter(method="tagged"))
    q = extend_schema_field(
        {
            "type": "string",
            "description": "Words, all of which an entry has, and phrases in quotation marks. "
            "The last word may be the beginning of one.",
        }
    )(_TextFilter(method="having"))
    url = extend_schema_field(
        {"type": "string", "description": "An address an entry links to, in any spelling."}
    )(_TextFilter(method="linking_to"))
    updated_since = extend_schema_field(
        {**_MOMENT, "description": "Changed at this moment or later. Without a zone it is UTC."}
    )(_MomentFilter("updated_at", method="since"))
    created_since = extend_schema_field(
        {**_MOMENT, "description": "Added at this moment or later. Without a zone it is UTC."}
    )(_MomentFilter("created_at", method="since"))
    text_language = extend_schema_field(
        {
            "type": "string",
            "enum": list(LANGUAGES),
            "description": "Language of name and description, as far as the script tells; "
            "`und` where it does not.",
        }
    )(_ChoiceFilter(method="in_language", choices={tag: tag for tag in LANGUAGES}))
    has_findings = extend_schema_field(
        {
            "type": "boolean",
            "description": "Whether the look over the list finds something on the entry's lines.",
        }
    )(_ChoiceFilter(method="with_findings", choices={"true": True, "false": False}))
    ordering = extend_schema_field(
        {
            "type": "string",
            "enum": list(CHOICES),
            "description": "`position` is the order of the lists; with `q` the default is "
            "`relevance`, which without it is `position`. A minus turns an order round.",
        }
    )(_ChoiceFilter(method="ordered", choices={name: name for name in CHOICES}))

    queryset: EntryQuerySet

    def in_section(self, entries: EntryQuerySet, _name: str, path: str) -> EntryQuerySet:
        """Entries of the section and of those below it."""
        path = path.strip("/")
        if not path:
            return entries
        if "\0" in path:
            return entries.none()
        having = Section.objects.filter(path=path, catalog=OuterRef("catalog"))
        inside = Q(section__path=path) | Q(section__path__startswith=f"{path}/")
        return entries.filter(Exists(having), inside)

    def tagged(
        self, entries: EntryQuerySet, _name: str, tags: Iterable[tuple[str, str]]
    ) -> EntryQuerySet:
        """Entries with each of the public tags."""
        for facet, value in tags:
            if "\0" in facet + value:
                return entries.none()
            of_entry = EntryTag.objects.filter(
                content_object=OuterRef("pk"),
                tag__slug=value,
                tag__facet__slug=facet,
                tag__facet__is_public=True,
            )
            entries = entries.filter(Exists(of_entry))
        return entries

    def having(self, entries: EntryQuerySet, _name: str, text: str) -> EntryQuerySet:
        """Entries with the words."""
        if not text.strip():
            return entries
        return _among(entries, Found(read_query(text), None).entries)

    def linking_to(self, entries: EntryQuerySet, _name: str, url: str) -> EntryQuerySet:
        """Entries with a link to the address."""
        if not url.strip():
            return entries
        links = Link.objects.filter(
            entry=OuterRef("pk"), canonical_url__in=canonical_urls(url.strip())
        )
        return entries.filter(Exists(links))

    def since(self, entries: EntryQuerySet, name: str, moment: datetime) -> EntryQuerySet:
        """Entries that came or changed then or later."""
        return entries.filter(**{f"{name}__gte": min(max(moment, _EARLIEST), _LATEST)})

    def in_language(self, entries: EntryQuerySet, _name: str, language: str) -> EntryQuerySet:
        """Entries whose text is in the language."""
        by_list = languages_of([catalog.pk for catalog in self._catalogs(entries)])
        return _among(entries, [pk for own in by_list.values() for pk in own.get(language, ())])

    def with_findings(self, entries: EntryQuerySet, _name: str, wanted: bool) -> EntryQuerySet:
        """Entries with a finding, or without one."""
        found = [pk for catalog in self._catalogs(entries) for pk in findings_of(catalog)]
        return _among(entries, found) if wanted else entries.exclude(pk__in=_keys(found))

    def ordered(self, entries: EntryQuerySet, _name: str, _ordering: str) -> EntryQuerySet:
        """As they are; in which order a page is read is up to who reads it."""
        return entries

    def _catalogs(self, entries: EntryQuerySet) -> Iterable[Catalog]:
        return Catalog.objects.filter(pk__in=entries.order_by().values("catalog"))


def _among(entries: EntryQuerySet, pks: Iterable[int]) -> EntryQuerySet:
    return entries.filter(pk__in=_keys(pks))


def _keys(pks: Iterable[int]) -> RawSQL:
    chosen, keys = among(list(pks))
    # Inside one more query, so that both databases take it behind IN.
    return RawSQL(f"SELECT id FROM {Entry._meta.db_table} WHERE id {chosen}", [keys])  # noqa: S608, S611


def wanted_of(parameters: QueryDict) -> Wanted:
    """What the parameters of a request ask for.

    Raises `ValidationError` for each one that is malformed.
    """
    twice = [name for name, values in parameters.lists() if name != "tag" and len(values) > 1]
    if twice:
        raise ValidationError({name: [_("This was given more than once.")] for name in twice})
    own = PARAMETERS.intersection(parameters)
    return _wanted_of(tuple((name, tuple(parameters.getlist(name))) for name in sorted(own)))


@lru_cache(maxsize=1000)
def _wanted_of(parameters: tuple[tuple[str, tuple[str, ...]], ...]) -> Wanted:
    # To make a form takes longer than to answer.
    data = MultiValueDict({name: list(values) for name, values in parameters})
    form = EntryFilter(data, Entry.objects.none()).form
    if not form.is_valid():
        raise ValidationError(
            {name: [str(told) for told in errors] for name, errors in form.errors.items()}
        )
    found = form.cleaned_data
    url = found["url"].strip()
    filters = Filters(
        section=found["section"].strip("/"),
        tags=found["tag"],
        q=found["q"] if found["q"].strip() else "",
        urls=canonical_urls(url) if url else None,
        updated_since=found["updated_since"],
        created_since=found["created_since"],
        text_language=found["text_language"] or "",
        has_findings=found["has_findings"],
    )
    return Wanted(found["catalog"], filters, _ordering(found["ordering"], filters))


def _ordering(chosen: Any, filters: Filters) -> str:
    if chosen is None:
        return RELEVANCE if filters.q else "position"
    return "position" if chosen == RELEVANCE and not filters.q else str(chosen)


PARAMETERS = frozenset(EntryFilter.base_filters)
"""The names of all of them."""
