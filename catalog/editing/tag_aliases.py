"""Maintainers' decisions on spellings: aliases added, taken, removed, offered and shipped.

Each function is one transaction and one revision, as in `editing.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.errors import InvalidField
from catalog.history.revisions import Author, commit_revision
from catalog.models import Catalog, DismissedTag, Entry, EntryTag, Facet, Revision, Tag, TagAlias
from catalog.querysets import EntryQuerySet
from catalog.slugs import unique_segment
from catalog.tagging.tagger import MAX_NAME_LENGTH, rederive
from catalog.tagging.values import spelling_key, suggest, value_key

# The common start of every decision on tags: load the catalog, then commit on it


def standing(catalog: int, expected_revision: int | None) -> Catalog:
    """The catalog as it stands, to be read before what is decided; see `commit`."""
    row = Catalog.objects.get(pk=catalog)
    if expected_revision is not None:
        row.revision = expected_revision
    return row


def commit(catalog: Catalog, by: Author, operation: str, **details: Any) -> Revision:
    """Commit a revision; the catalog must not have moved since `standing`."""
    return commit_revision(
        catalog=catalog,
        verb=Revision.Verb.TAGS,
        by=by,
        details={"operation": operation, **details},
    )


def free_slug(facet: Facet, name: str) -> str:
    """An address for a new tag of the facet."""
    taken = set(facet.tags.values_list("slug", flat=True))
    return unique_segment(name, taken, fallback="value", reserved=frozenset())


def add_alias(
    *, tag: Tag, spelling: str, by: Author, expected_revision: int | None = None
) -> Revision | None:
    """Make a spelling in cells an alias of the tag. Tags given by hand stay as they are.

    Raises `InvalidField` when the spelling is empty or already means another tag by an alias.
    """
    spelling = " ".join(spelling.split())
    key = spelling_key(spelling)
    if not key or len(spelling) > MAX_NAME_LENGTH:
        raise InvalidField("spelling", _("A spelling has 1 to 200 characters."))
    with transaction.atomic():
        catalog = standing(tag.facet.catalog_id, expected_revision)
        present = alias_of(tag.facet, key)
        if key == spelling_key(tag.name) or (present and present.tag_id == tag.pk):
            return None
        if present:
            raise InvalidField(
                "spelling",
                _("“%(spelling)s” already means “%(tag)s”; remove that alias first.")
                % {"spelling": spelling, "tag": present.tag.name},
            )
        revision = commit(
            catalog, by, "add-alias", facet=tag.facet.slug, tag=tag.name, after=spelling
        )
        write_alias(tag, spelling)
        replaced = tags_named(tag.facet, key)
        for other in replaced:
            if spelling_key(other.name) == key:
                carry_dismissals(other, tag)
        rederive(catalog, _entries_of(replaced))
    return revision


def confirm_alias(
    *, alias: TagAlias, by: Author, expected_revision: int | None = None
) -> Revision | None:
    """Accept a suggested alias. Does what `add_alias` does."""
    return add_alias(
        tag=alias.tag, spelling=alias.spelling, by=by, expected_revision=expected_revision
    )


def remove_alias(
    *, alias: TagAlias, by: Author, expected_revision: int | None = None
) -> Revision | None:
    """Remove an alias; entries get the tag of that spelling back.

    An offered alias that nobody has confirmed goes without a revision.
    """
    if not alias.is_confirmed:
        alias.delete()
        return None
    tag = alias.tag
    with transaction.atomic():
        catalog = standing(tag.facet.catalog_id, expected_revision)
        revision = commit(
            catalog, by, "remove-alias", facet=tag.facet.slug, tag=tag.name, before=alias.spelling
        )
        alias.delete()
        rederive(catalog, _entries_of([tag]))
    return revision


def decline_alias(*, alias: TagAlias) -> None:
    """Refuse an offered alias, so that it is not offered again: the spelling means itself.

    Nothing that is published changes, so there is no revision.
    """
    own = [tag for tag in alias.facet.tags.all() if spelling_key(tag.name) == alias.key]
    if own and not alias.is_confirmed:
        alias.tag, alias.is_confirmed = own[0], True
        alias.save(update_fields=["tag", "is_confirmed"])


def suggest_aliases(*, facet: Facet) -> list[TagAlias]:
    """Offer aliases for tags of a facet whose names are alike; nothing changes before one is taken.

    Returns all that are on offer, those from before first. What was declined is not.
    """
    tags = list(Tag.objects.filter(facet=facet).used().most_used_first())
    offers = [
        TagAlias(
            facet=facet,
            spelling=tags[alias].name,
            key=spelling_key(tags[alias].name),
            tag=tags[tag],
            is_confirmed=False,
        )
        for alias, tag in suggest([tag.name for tag in tags])
    ]
    with transaction.atomic():
        facet.aliases.filter(is_confirmed=False).exclude(key__in=[o.key for o in offers]).delete()
        TagAlias.objects.bulk_create(offers, ignore_conflicts=True)
    return list(facet.aliases.filter(is_confirmed=False).select_related("tag").order_by("pk"))


def load_aliases(
    *, catalog: Catalog, mapping: Mapping[str, Mapping[str, str]], by: Author
) -> Revision | None:
    """Add the aliases that come with a list: by the facet's slug, tag names by spelling.

    Facets and tags that are missing are created; tags get the name as it is written here. What a
    maintainer has decided stays. Before the first import nothing is published yet, and so there
    is no revision.
    """
    with transaction.atomic():
        catalog = standing(catalog.pk, None)
        loaded = {slug: _load_facet(catalog, slug, names) for slug, names in mapping.items()}
        loaded = {slug: spellings for slug, spellings in loaded.items() if spellings}
        if not loaded or not catalog.revision:
            return None
        revision = commit(catalog, by, "load-aliases", after=loaded)
        rederive(catalog)
    return revision


def _load_facet(catalog: Catalog, slug: str, names: Mapping[str, str]) -> dict[str, str]:
    """Write a facet's aliases; returns those that change something."""
    facet, _created = Facet.objects.get_or_create(
        catalog=catalog,
        slug=slug,
        defaults={
            "name": slug.replace("-", " ").capitalize(),
            "rank": catalog.facets.count() + 1,
        },
    )
    tags = {spelling_key(tag.name): tag for tag in facet.tags.order_by("-pk")}
    decided = {
        alias.key: alias.tag
        for alias in facet.aliases.filter(is_confirmed=True).select_related("tag")
    }
    tags |= decided
    loaded = {}
    for spelling, name in names.items():
        key, tag_key = spelling_key(spelling), spelling_key(name)
        if not key or not tag_key or key in decided:
            continue
        tag = tags.get(tag_key)
        if tag is None:
            tag = tags[tag_key] = Tag.objects.create(
                facet=facet, name=name, slug=free_slug(facet, name)
            )
        elif tag.name != name and tag_key not in decided:
            tag.name = name
            tag.save(update_fields=["name"])
        elif key == tag_key:
            continue
        if key != tag_key:
            if key in tags:
                carry_dismissals(tags[key], tag)
            write_alias(tag, spelling)
            decided[key] = tag
        loaded[spelling] = name
    return loaded


def carry_dismissals(tag: Tag, into: Tag) -> None:
    """Whoever took a tag off wants the one it now means off as well, unless the entry has that."""
    has = EntryTag.objects.filter(tag=into).values("content_object")
    off = DismissedTag.objects.filter(tag=tag).exclude(entry__in=has)
    DismissedTag.objects.bulk_create(
        [DismissedTag(entry_id=entry, tag=into) for entry in off.values_list("entry", flat=True)],
        ignore_conflicts=True,
    )


def alias_of(facet: Facet, key: str) -> TagAlias | None:
    """The confirmed alias of a spelling."""
    aliases = TagAlias.objects.filter(facet=facet, key=key, is_confirmed=True)
    return aliases.select_related("tag").first()


def write_alias(tag: Tag, spelling: str) -> None:
    """Store a spelling as an alias of the tag, replacing any suggestion."""
    TagAlias.objects.update_or_create(
        facet_id=tag.facet_id,
        key=spelling_key(spelling),
        defaults={"spelling": spelling, "tag": tag, "is_confirmed": True},
    )


def tags_named(facet: Facet, key: str) -> list[Tag]:
    """Tags of the facet that a cell with this `spelling_key` may mean by their name."""
    value = value_key(facet.slug, key)
    return [tag for tag in facet.tags.all() if value_key(facet.slug, tag.name) == value]


def _entries_of(tags: Iterable[Tag]) -> EntryQuerySet:
    """Entries that have one of the tags, or had it and somebody took it off."""
    keys = [tag.pk for tag in tags]
    return Entry.objects.filter(
        Q(pk__in=EntryTag.objects.filter(tag__in=keys).values("content_object"))
        | Q(pk__in=DismissedTag.objects.filter(tag__in=keys).values("entry"))
    )
