"""Names of facets in the reader's language, where their meaning is known.

A list names its facets in its own words ("Lang", "许可证"). Where such a name is only another word
for a known meaning, each reader gets the word of their language; a name that somebody chose stays.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.column_roles import MEANINGS, ColumnRole

FACET_NAMES: Mapping[str, Promise] = {
    "added-in": _("Added in"),
    "architecture": _("Architecture"),
    "auth": _("Authentication"),
    "author": _("Author"),
    "base-model": _("Base model"),
    "category": _("Category"),
    "company": _("Company"),
    "contributor": _("Contributor"),
    "cors": _("CORS"),
    "country": _("Country"),
    "creator": _("Creator"),
    "developer": _("Developer"),
    "domain": _("Field"),
    "driven-by": _("Based on"),
    "format": _("Format"),
    "framework": _("Framework"),
    "genre": _("Genre"),
    "https": _("HTTPS"),
    "language": _("Language"),
    "level": _("Level"),
    "license": _("Licence"),
    "link-kind": _("Kind of link"),
    "location": _("Location"),
    "maintainer": _("Maintainer"),
    "marks": _("Marks"),
    "modality": _("Modality"),
    "organization": _("Organisation"),
    "os": _("Operating system"),
    "platform": _("Platform"),
    "price": _("Price"),
    "publisher": _("Publisher"),
    "rating": _("Rating"),
    "region": _("Region"),
    "status": _("Status"),
    "tags": _("Tags"),
    "task": _("Task"),
    "team": _("Team"),
    "text-language": _("Language of the text"),
    "topic": _("Topic"),
    "type": _("Type"),
    "used-in": _("Used in"),
    "year": _("Year"),
}
"""The names by the facet's slug."""


def facet_name(slug: str, name: str) -> str:
    """The name of a facet for the reader; `name` is the list's own."""
    known = FACET_NAMES.get(slug)
    if known is None:
        return name
    word = name.casefold()
    is_another_word = (
        word == slug.replace("-", " ")
        or MEANINGS.get(word) == (ColumnRole.FACET, slug)
        or not any(map(str.isalnum, word))
    )
    return str(known) if is_another_word else name
