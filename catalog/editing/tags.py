"""Maintainers' decisions on tags: names, spellings, merges, columns, and tags by hand.

Each function is one transaction and one revision of the catalog, whose details say what was and
what is now; None when there is nothing to change. `expected_revision` is the catalog's revision
that a decision was based on, by default the one it stands at; `RevisionConflict` is raised when it
stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from catalog.checking import rebuild_projection
from catalog.column_roles import OF_TABLE, WITH_TAGS
from catalog.errors import AddressTaken, EditRefused, InvalidField
from catalog.finding.indexing import index_catalog
from catalog.history.revisions import Author, commit_revision
from catalog.models import (
    Catalog,
    Column,
    DismissedTag,
    Entry,
    EntryTag,
    Facet,
    Revision,
    Tag,
    TagAlias,
)
from catalog.querysets import EntryQuerySet
from catalog.slugs import slugify, unique_segment
from catalog.tagging import tagger
from catalog.tagging.tagger import MAX_NAME_LENGTH, derive_few, rederive
from catalog.tagging.values import spelling_key, suggest, value_key

# The common start of every decision on tags: load the catalog, then commit on it


def standing(catalog: int, expected_revision: int | None = None) -> Catalog:
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


def add_alias(*, tag: Tag, spelling: str, by: Author) -> Revision | None:
    """Make a spelling in cells an alias of the tag. Tags given by hand stay as they are.

    Raises `InvalidField` when the spelling is empty or already means another tag by an alias.
    """
    spelling = " ".join(spelling.split())
    key = spelling_key(spelling)
    if not key or len(spelling) > MAX_NAME_LENGTH:
        raise InvalidField("spelling", _("A spelling has 1 to 200 characters."))
    with transaction.atomic():
        catalog = standing(tag.facet.catalog_id)
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


def remove_alias(*, alias: TagAlias, by: Author) -> Revision | None:
    """Remove an alias; entries get the tag of that spelling back.

    An offered alias that nobody has confirmed goes without a revision.
    """
    if not alias.is_confirmed:
        alias.delete()
        return None
    tag = alias.tag
    with transaction.atomic():
        catalog = standing(tag.facet.catalog_id)
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
        catalog = standing(catalog.pk)
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


Role = Column.Role


def add_facet(*, catalog: Catalog, name: str, by: Author) -> Facet:
    """Create a facet that no column has yet, for tags by hand; it comes behind the others.

    Raises `InvalidField` when its address would be none or that of another facet.
    """
    name = " ".join(name.split())
    slug = slugify(name)
    if not slug or len(name) > MAX_NAME_LENGTH:
        raise InvalidField("name", _("A name has letters or digits, and at most 200 characters."))
    with transaction.atomic():
        row = standing(catalog.pk)
        if Facet.objects.filter(catalog=row, slug=slug).exists():
            raise InvalidField(
                "name", _("Another facet already has the address “%(slug)s”.") % {"slug": slug}
            )
        commit(row, by, "add-facet", facet=slug, after=name)
        last = Facet.objects.filter(catalog=row).aggregate(last=Max("rank"))["last"] or 0
        return Facet.objects.create(catalog=row, slug=slug, name=name, rank=last + 1)


def add_tag(*, facet: Facet, name: str, by: Author) -> Tag:
    """Create a tag that no cell has yet, to give it to entries by hand.

    Raises `InvalidField` when the name is empty or means a tag that there is.
    """
    name = " ".join(name.split())
    with transaction.atomic():
        catalog = standing(facet.catalog_id)
        _refuse_name(facet, name)
        commit(catalog, by, "add-tag", facet=facet.slug, after=name)
        tag: Tag = Tag.objects.create(facet=facet, name=name, slug=free_slug(facet, name))
    return tag


def rename_tag(
    *, tag: Tag, name: str, by: Author, slug: str = "", expected_revision: int | None = None
) -> Revision | None:
    """Call a tag by another name, and give it another address if `slug` says so.

    Its old name becomes an alias, so that cells which have it still mean this tag. Raises
    `InvalidField` when the name is empty or means another tag, `AddressTaken`.
    """
    name, slug = " ".join(name.split()), slug or tag.slug
    before, after = {"name": tag.name, "slug": tag.slug}, {"name": name, "slug": slug}
    if before == after:
        return None
    with transaction.atomic():
        catalog = standing(tag.facet.catalog_id, expected_revision)
        _refuse_name(tag.facet, name, unless=tag)
        _refuse_slug(tag, slug)
        revision = commit(
            catalog, by, "rename-tag", facet=tag.facet.slug, before=before, after=after
        )
        old, key = spelling_key(tag.name), spelling_key(name)
        if old != key and not alias_of(tag.facet, old):
            write_alias(tag, tag.name)
        tag.aliases.filter(key=key).delete()
        tag.name, tag.slug = name, slug
        tag.save(update_fields=["name", "slug"])
        index_catalog(catalog)
    return revision


def merge_tags(*, into: Tag, others: Iterable[Tag], by: Author) -> Revision | None:
    """Make several tags of a facet one. Their entries, aliases and tombstones go to `into`.

    Their names become aliases, so that a re-import keeps what was merged. Raises `InvalidField`
    for a tag of another facet.
    """
    merged = [tag for tag in others if tag.pk != into.pk]
    if not merged:
        return None
    if any(tag.facet_id != into.facet_id for tag in merged):
        raise InvalidField("others", _("Only tags of the same facet can be merged."))
    names = [tag.name for tag in merged]
    with transaction.atomic():
        catalog = standing(into.facet.catalog_id)
        revision = commit(
            catalog, by, "merge-tags", facet=into.facet.slug, before=names, after=into.name
        )
        for tag in merged:
            _move_taggings(tag, into)
            carry_dismissals(tag, into)
            tag.aliases.update(tag=into)
            if not alias_of(into.facet, spelling_key(tag.name)):
                write_alias(into, tag.name)
            tag.delete()
        into.aliases.filter(key=spelling_key(into.name)).delete()
        tagger.refresh_counts(catalog)
        into.refresh_from_db(fields=["entry_count"])
    return revision


def _move_taggings(tag: Tag, into: Tag) -> None:
    """Move the entries of one tag to another. By hand stays by hand, off stays off."""
    rows, both = EntryTag.objects.filter(tag=tag), EntryTag.objects.filter(tag=into)
    by_hand = rows.filter(origin=EntryTag.Origin.HAND)
    both.filter(content_object__in=by_hand.values("content_object")).update(
        origin=EntryTag.Origin.HAND
    )
    off = DismissedTag.objects.filter(tag=into).values("entry")
    rows.filter(content_object__in=both.values("content_object")).delete()
    rows.exclude(origin=EntryTag.Origin.HAND).filter(content_object__in=off).delete()
    rows.update(tag=into)


def set_column_role(
    *,
    column: Column,
    by: Author,
    role: str = "",
    facet: str = "",
    separators: str = "",
    expected_revision: int | None = None,
) -> Revision | None:
    """Decide what the columns under a header mean; '' leaves a part to the guess.

    `facet` is the address of the facet the values go to, and `separators` the characters that
    end a value. Tags follow, and names and descriptions where they stand in such columns. Raises
    `InvalidField`.
    """
    facet = _decided_facet(column, role, facet)
    if len(separators) > 50 or "\x00" in separators:
        raise InvalidField("separators", _("At most 50 characters can separate values."))
    before = {"role": column.role, "facet": column.facet, "separators": column.separators}
    after = {"role": role, "facet": facet, "separators": separators}
    if before == after:
        return None
    with transaction.atomic():
        catalog = standing(column.catalog_id, expected_revision)
        revision = commit(
            catalog, by, "set-column-role", column=column.header, before=before, after=after
        )
        was = column.effective_role
        column.role, column.facet, column.separators = role, facet, separators
        column.save(update_fields=["role", "facet", "separators"])
        if was != column.effective_role and {was, column.effective_role} & OF_TABLE:
            rebuild_projection(catalog)
        rederive(catalog)
    return revision


def _decided_facet(column: Column, role: str, facet: str) -> str:
    """The facet to store for a decision; a column that becomes a facet needs one."""
    if role and role not in Role.values:
        raise InvalidField("role", _("There is no such role."))
    if facet != slugify(facet):
        raise InvalidField(
            "facet", _("An address can contain only lower-case letters, digits and -.")
        )
    if (role or column.guessed_role) not in WITH_TAGS or facet or column.guessed_facet:
        return facet
    if not slugify(column.header):
        raise InvalidField("facet", _("Choose a facet for the values of this column."))
    return slugify(column.header)


def tag_entry(*, entry: Entry, tag: Tag, by: Author) -> Revision | None:
    """Add a tag to an entry by hand, or restore one that was removed.

    Raises `InvalidField` for a tag of another catalog, `EditRefused` for a removed entry.
    """
    if tag.facet.catalog_id != entry.catalog_id:
        raise InvalidField("tag", _("That tag belongs to another list."))
    if entry.state == Entry.State.REMOVED:
        raise EditRefused(_("A removed entry cannot be tagged."))
    row = EntryTag.objects.filter(content_object=entry, tag=tag)
    with transaction.atomic():
        catalog = standing(entry.catalog_id)
        if row.exists():
            return None
        revision = _commit_entry(catalog, by, "tag-entry", entry, tag)
        DismissedTag.objects.filter(entry=entry, tag=tag).delete()
        with tagger.counting([entry.pk], catalog):
            # Back from its cell if it stands there; by hand only if not.
            derive_few(catalog, [entry.pk])
            EntryTag.objects.get_or_create(content_object=entry, tag=tag)
    return revision


def untag_entry(*, entry: Entry, tag: Tag, by: Author) -> Revision | None:
    """Remove a tag from an entry. One that is derived stays off, whatever is imported later."""
    rows = EntryTag.objects.filter(content_object=entry, tag=tag)
    with transaction.atomic():
        catalog = standing(entry.catalog_id)
        row = rows.first()
        if row is None:
            return None
        revision = _commit_entry(catalog, by, "untag-entry", entry, tag)
        with tagger.counting([entry.pk], catalog):
            rows.delete()
            if row.origin == EntryTag.Origin.HAND:
                derive_few(catalog, [entry.pk])
            if row.origin != EntryTag.Origin.HAND or rows.exists():
                DismissedTag.objects.get_or_create(entry=entry, tag=tag)
                rows.delete()
    return revision


def _commit_entry(catalog: Catalog, by: Author, operation: str, entry: Entry, tag: Tag) -> Revision:
    """Commit a change of one entry, whose time and revision follow."""
    revision = commit(
        catalog, by, operation, entry=entry.pk, name=entry.name, facet=tag.facet.slug, tag=tag.name
    )
    entry.updated_revision, entry.updated_at = revision.number, revision.created_at
    entry.save(update_fields=["updated_revision", "updated_at"])
    return revision


def _refuse_name(facet: Facet, name: str, *, unless: Tag | None = None) -> None:
    key = spelling_key(name)
    if not key or len(name) > MAX_NAME_LENGTH:
        raise InvalidField("name", _("A name has 1 to 200 characters."))
    alias = alias_of(facet, key)
    meant = [*tags_named(facet, key), *([alias.tag] if alias else [])]
    for tag in meant:
        if tag != unless:
            raise InvalidField(
                "name",
                _("“%(name)s” already means “%(tag)s”; merge the two instead.")
                % {"name": name, "tag": tag.name},
            )


def _refuse_slug(tag: Tag, slug: str) -> None:
    if slug != slugify(slug):
        raise AddressTaken(_("An address can contain only lower-case letters, digits and -."))
    if Tag.objects.filter(facet=tag.facet_id, slug=slug).exclude(pk=tag.pk).exists():
        raise AddressTaken(_("“%(slug)s” is the address of another tag.") % {"slug": slug})


# Presentation of facets and tags: names, descriptions, order; not their meaning


MAX_DESCRIPTION_LENGTH = 1000
MAX_RANK = 10_000


def describe_facet(
    *,
    facet: Facet,
    name: str,
    description: str,
    rank: int,
    is_public: bool,
    by: Author,
    expected_revision: int | None = None,
) -> Revision | None:
    """Set the name, description, rank and visibility of a facet.

    Its address and tags stay. None when nothing differs. Raises `InvalidField`,
    `RevisionConflict`.
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME_LENGTH:
        raise InvalidField("name", _("A name has 1 to 200 characters."))
    if not 0 <= rank <= MAX_RANK:
        raise InvalidField("rank", _("A rank is a number from 0 to %(most)d.") % {"most": MAX_RANK})
    values = {
        "name": name,
        "description": _checked_description(description),
        "rank": rank,
        "is_public": is_public,
    }
    return _describe(
        facet, facet, values, "describe-facet", by=by, expected_revision=expected_revision
    )


def describe_tag(
    *, tag: Tag, description: str, by: Author, expected_revision: int | None = None
) -> Revision | None:
    """Set a tag's description, plain text for its page; return None when nothing differs.

    Raises `InvalidField`, `RevisionConflict`.
    """
    values = {"description": _checked_description(description)}
    return _describe(
        tag,
        tag.facet,
        values,
        "describe-tag",
        by=by,
        expected_revision=expected_revision,
        tag=tag.name,
    )


def _checked_description(description: str) -> str:
    description = description.strip()
    if len(description) > MAX_DESCRIPTION_LENGTH or "\x00" in description:
        raise InvalidField(
            "description",
            _("A description has at most %(most)d characters.") % {"most": MAX_DESCRIPTION_LENGTH},
        )
    return description


def _describe(
    row: Facet | Tag,
    facet: Facet,
    values: dict[str, Any],
    operation: str,
    *,
    by: Author,
    expected_revision: int | None,
    **details: str,
) -> Revision | None:
    """Set the fields that differ."""
    after = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not after:
        return None
    before = {name: getattr(row, name) for name in after}
    with transaction.atomic():
        catalog = standing(facet.catalog_id, expected_revision)
        revision = commit(
            catalog, by, operation, facet=facet.slug, **details, before=before, after=after
        )
        for name, value in after.items():
            setattr(row, name, value)
        row.save(update_fields=list(after))
    return revision
