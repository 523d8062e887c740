"""Maintainers' decisions on tags: names, merges, columns, and tags by hand.

Each function is one transaction and one revision of the catalog, whose details say what was and
what is now. `expected_revision` is the catalog's revision that the decision was based on; by
default the one it stands at. All raise `RevisionConflict` when it stands elsewhere, and return
None when there is nothing to change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from catalog.checking import rebuild_projection
from catalog.column_roles import OF_TABLE, WITH_TAGS
from catalog.editing.tag_aliases import (
    alias_of,
    carry_dismissals,
    commit,
    free_slug,
    standing,
    tags_named,
    write_alias,
)
from catalog.errors import AddressTaken, EditRefused, InvalidField
from catalog.finding.indexing import index_catalog
from catalog.history.revisions import Author
from catalog.models import Catalog, Column, DismissedTag, Entry, EntryTag, Facet, Revision, Tag
from catalog.slugs import slugify
from catalog.tagging import entry_tags
from catalog.tagging.tagger import MAX_NAME_LENGTH, derive_few, rederive
from catalog.tagging.values import spelling_key

Role = Column.Role


def add_facet(
    *, catalog: Catalog, name: str, by: Author, expected_revision: int | None = None
) -> Facet:
    """Create a facet that no column has yet, for tags by hand; it comes behind the others.

    Raises `InvalidField` when its address would be none or that of another facet.
    """
    name = " ".join(name.split())
    slug = slugify(name)
    if not slug or len(name) > MAX_NAME_LENGTH:
        raise InvalidField("name", _("A name has letters or digits, and at most 200 characters."))
    with transaction.atomic():
        row = standing(catalog.pk, expected_revision)
        if Facet.objects.filter(catalog=row, slug=slug).exists():
            raise InvalidField(
                "name", _("Another facet already has the address “%(slug)s”.") % {"slug": slug}
            )
        commit(row, by, "add-facet", facet=slug, after=name)
        last = Facet.objects.filter(catalog=row).aggregate(last=Max("rank"))["last"] or 0
        return Facet.objects.create(catalog=row, slug=slug, name=name, rank=last + 1)


def add_tag(*, facet: Facet, name: str, by: Author, expected_revision: int | None = None) -> Tag:
    """Create a tag that no cell has yet, to give it to entries by hand.

    Raises `InvalidField` when the name is empty or means a tag that there is.
    """
    name = " ".join(name.split())
    with transaction.atomic():
        catalog = standing(facet.catalog_id, expected_revision)
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


def merge_tags(
    *, into: Tag, others: Iterable[Tag], by: Author, expected_revision: int | None = None
) -> Revision | None:
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
        catalog = standing(into.facet.catalog_id, expected_revision)
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
        entry_tags.refresh_counts(catalog)
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


def tag_entry(
    *, entry: Entry, tag: Tag, by: Author, expected_revision: int | None = None
) -> Revision | None:
    """Add a tag to an entry by hand, or restore one that was removed.

    Raises `InvalidField` for a tag of another catalog, `EditRefused` for a removed entry.
    """
    if tag.facet.catalog_id != entry.catalog_id:
        raise InvalidField("tag", _("That tag belongs to another list."))
    if entry.state == Entry.State.REMOVED:
        raise EditRefused(_("A removed entry cannot be tagged."))
    row = EntryTag.objects.filter(content_object=entry, tag=tag)
    with transaction.atomic():
        catalog = standing(entry.catalog_id, expected_revision)
        if row.exists():
            return None
        revision = _commit_entry(catalog, by, "tag-entry", entry, tag)
        DismissedTag.objects.filter(entry=entry, tag=tag).delete()
        with entry_tags.counting([entry.pk], catalog):
            # Back from its cell if it stands there; by hand only if not.
            derive_few(catalog, [entry.pk])
            EntryTag.objects.get_or_create(content_object=entry, tag=tag)
    return revision


def untag_entry(
    *, entry: Entry, tag: Tag, by: Author, expected_revision: int | None = None
) -> Revision | None:
    """Remove a tag from an entry. One that is derived stays off, whatever is imported later."""
    rows = EntryTag.objects.filter(content_object=entry, tag=tag)
    with transaction.atomic():
        catalog = standing(entry.catalog_id, expected_revision)
        row = rows.first()
        if row is None:
            return None
        revision = _commit_entry(catalog, by, "untag-entry", entry, tag)
        with entry_tags.counting([entry.pk], catalog):
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
