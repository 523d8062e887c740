"""The parameters that filter entries: their form and their description; see `choosing.py`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import django_filters
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError

from api import fields
from catalog.api.entries.wanted import CHOICES, LANGUAGES, RELEVANCE, Filters, Wanted
from catalog.markdown.links import canonical_url
from catalog.models import Catalog, Entry

_COMPLETE = re.compile(r"[a-z][a-z0-9+.-]*:|[/#?.]", re.IGNORECASE)
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
    """Filters and orders of entries; all of them combine."""

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
            message=gettext_lazy("This cannot be a list: slugs contain only a-z, 0-9, - and _."),
        )
    )
    section = extend_schema_field(
        {
            "type": "string",
            "description": "Path of a section; its subsections are included. "
            "Slashes at either end are left out.",
        }
    )(_TextFilter())
    tag = extend_schema_field(
        {**_TAGS, "description": "`facet:value`; repeated: entries that have all of them."}
    )(_TagsFilter())
    q = extend_schema_field(
        {
            "type": "string",
            "description": "As in the search of the site: words in any form, phrases in quotation "
            "marks, `-word`, `OR`, `license:MIT`, `in:section`, an address. The last word may be "
            "the beginning of one. Where no entry has all words, the spelling is corrected, then "
            "words are left out; neither happens to what is in quotation marks.",
        }
    )(_TextFilter())
    url = extend_schema_field(
        {"type": "string", "description": "An address an entry links to, in any spelling."}
    )(_TextFilter())
    updated_since = extend_schema_field(
        {**_MOMENT, "description": "Changed at this moment or later. Without a zone it is UTC."}
    )(_MomentFilter("updated_at"))
    created_since = extend_schema_field(
        {**_MOMENT, "description": "Added at this moment or later. Without a zone it is UTC."}
    )(_MomentFilter("created_at"))
    text_language = extend_schema_field(
        {
            "type": "string",
            "enum": list(LANGUAGES),
            "description": "Language of name and description, as far as the script tells; "
            "`und` where it does not.",
        }
    )(_ChoiceFilter(choices={tag: tag for tag in LANGUAGES}))
    has_findings = extend_schema_field(
        {
            "type": "boolean",
            "description": "Whether the look over the list finds something on the entry's lines.",
        }
    )(_ChoiceFilter(choices={"true": True, "false": False}))
    ordering = extend_schema_field(
        {
            "type": "string",
            "enum": list(CHOICES),
            "description": "`position` is the order of the lists; with `q` the default is "
            "`relevance`, which without it is `position`. A minus turns an order round.",
        }
    )(_ChoiceFilter(choices={name: name for name in CHOICES}))


def canonical_urls(url: str) -> tuple[str, ...]:
    """Return the canonical forms that a typed address may have; () for nothing."""
    # People leave out what every browser adds; what is written so in a list leads into its files.
    spellings = [url] if _COMPLETE.match(url) else [url, f"https://{url}"]
    found = dict.fromkeys(map(canonical_url, spellings))
    return tuple(each for each in found if each and "\0" not in each)


def wanted_of(parameters: QueryDict) -> Wanted:
    """Return the query that the parameters of a request ask for.

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
        updated_since=_written(found["updated_since"]),
        created_since=_written(found["created_since"]),
        text_language=found["text_language"] or "",
        has_findings=found["has_findings"],
    )
    return Wanted(found["catalog"], filters, _ordering(found["ordering"], filters))


def _written(moment: datetime | None) -> datetime | None:
    """A moment between those that every database knows."""
    return moment and min(max(moment, _EARLIEST), _LATEST)


def _ordering(chosen: Any, filters: Filters) -> str:
    if chosen is None:
        return RELEVANCE if filters.q else "position"
    return "position" if chosen == RELEVANCE and not filters.q else str(chosen)


PARAMETERS = frozenset(EntryFilter.base_filters)
"""The names of all of them."""
