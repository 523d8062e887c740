"""Writing the sections and listings of a document, and the addresses of sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog import markdown
from catalog.models import Block, Catalog, Column, Listing, Section, SectionPath
from catalog.slugs import RESERVED_SEGMENTS, unique_segment
from catalog.sql.bulk import BATCH, insert_rows, update_rows
from catalog.store.blocks import DocumentWrite
from catalog.store.projection import table_columns

_SECTION_FIELDS = ("title", "level", "anchor", "path", "position", "is_title", "parent_id")
_WORDED = ("title", "is_title", "parent_id")
"""Columns of a section on which its entries' index words depend."""
_LISTING_FIELDS = (
    "section_id",
    "kind",
    "ordinal",
    "position",
    "columns",
    "name_column",
    "description_column",
    "is_toc",
)


def title_section(document: markdown.Document) -> int | None:
    """The section whose heading is the list's own title: the first one, if of level 1."""
    return 0 if document.sections and document.sections[0].level == 1 else None


def plan_sections(written: DocumentWrite) -> list[Section]:
    """The rows that the document's sections are to have, in its order; nothing is written.

    A section keeps its row and its address as long as its title and what it stands under stay.
    """
    catalog, document = written.catalog, written.document
    stored = {section.pk: section for section in Section.objects.filter(catalog=catalog)}
    title = title_section(document)
    rows: list[Section] = []
    paths = _paths(written, stored, title)
    for index, section in enumerate(document.sections):
        row = stored.get(written.sections.get(index, 0)) or Section(catalog=catalog)
        rows.append(row)
        row.catalog = catalog
        _keep(
            row,
            title=section.title[:500],
            level=section.level,
            anchor=section.anchor[:500],
            path=paths[index],
            position=written.positions[section.block],
            is_title=index == title,
        )
    return rows


def _keep(row: Section | Listing, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _paths(written: DocumentWrite, stored: Mapping[int, Section], title: int | None) -> list[str]:
    """The path of each section; one that keeps its title keeps its segment."""
    retained: dict[int, str] = {}
    for index, section in enumerate(written.document.sections):
        row = stored.get(written.sections.get(index, 0))
        if row is not None and row.title == section.title[:500]:
            retained[index] = row.slug
    return section_paths(written.document.sections, title, retained)


def section_paths(
    sections: Sequence[markdown.Section],
    title: int | None,
    retained: Mapping[int, str] | None = None,
) -> list[str]:
    """The path of each section: the parents' segments and its own, unique, never reserved.

    `title` is the section of the list's own title, by index, and `kept` are segments that
    sections have already.
    """
    # Sections below the list's own title share their addresses with those below nothing.
    homes = [None if section.parent == title else section.parent for section in sections]
    taken: dict[int | None, set[str]] = {}
    segments: dict[int, str] = {}
    # First those that keep their segment, so that no newcomer takes it from them.
    for index, segment in (retained or {}).items():
        siblings = taken.setdefault(homes[index], set())
        if segment not in siblings and segment not in _reserved(homes[index]):
            siblings.add(segment)
            segments[index] = segment
    paths: list[str] = []
    for index, section in enumerate(sections):
        home = homes[index]
        segment = segments.get(index) or unique_segment(
            section.title,
            taken.setdefault(home, set()),
            fallback=f"section-{index + 1}",
            reserved=_reserved(home),
        )
        paths.append(segment if home is None else f"{paths[home]}/{segment}")
    return paths


def _reserved(home: int | None) -> frozenset[str]:
    """Return the slugs that no section there may have: pages of the list have these addresses."""
    return RESERVED_SEGMENTS if home is None else frozenset()


def store_sections(written: DocumentWrite, rows: Sequence[Section]) -> set[int]:
    """Make the stored sections those that were planned.

    An address that a section had leads to the new one, that of a section that is gone to nothing.
    Returns the indexes of those sections whose titles, with those above, are others than before.
    """
    catalog = written.catalog
    parents = [
        rows[section.parent] if section.parent is not None else None
        for section in written.document.sections
    ]
    before = {
        row["pk"]: row
        for row in Section.objects.filter(catalog=catalog).values("pk", *_SECTION_FIELDS)
    }
    living = {row.pk for row in rows if row.pk}
    gone = [pk for pk in before if pk not in living]
    old_paths: list[tuple[str, Section | None]] = [(before[pk]["path"], None) for pk in gone]
    for start in range(0, len(gone), BATCH):
        Section.objects.filter(pk__in=gone[start : start + BATCH]).delete()
    readdressed = [row for row in rows if row.pk and before[row.pk]["path"] != row.path]
    # Two sections may swap their paths, which have to be unique at any time.
    update_rows(Section, ["path"], [(row.pk, f"~{row.pk}") for row in readdressed])
    old_paths += [(before[row.pk]["path"], row) for row in readdressed]
    taken = [row.path for row in rows if not row.pk]
    taken += [row.path for row in readdressed]
    _create_sections(
        [(row, parent) for row, parent in zip(rows, parents, strict=True) if not row.pk]
    )
    changed = []
    reworded: set[int] = set()
    for index, (row, parent) in enumerate(zip(rows, parents, strict=True)):
        # A parent that is new has had no key until now.
        row.parent_id = parent.pk if parent else None
        values = tuple(getattr(row, name) for name in _SECTION_FIELDS)
        known = before.get(row.pk)
        if known and tuple(known[name] for name in _SECTION_FIELDS) != values:
            changed.append((row.pk, *values))
        if (
            known is None
            or any(known[name] != getattr(row, name) for name in _WORDED)
            or written.document.sections[index].parent in reworded
        ):
            reworded.add(index)
    update_rows(Section, _SECTION_FIELDS, changed)
    if catalog.revision > 1:
        _remember_paths(catalog, old_paths, taken)
    return reworded


def _create_sections(rows: Sequence[tuple[Section, Section | None]]) -> None:
    """Create sections level by level, since each names its parent, given with it, by the key."""
    waiting = list(rows)
    while waiting:
        ready = [(row, parent) for row, parent in waiting if parent is None or parent.pk]
        for row, parent in ready:
            row.parent_id = parent.pk if parent else None
        _create(Section, _SECTION_FIELDS, [row for row, _parent in ready])
        waiting = [(row, parent) for row, parent in waiting if not row.pk]


def _create[Row: (Section, Listing)](
    model: type[Row], fields: Sequence[str], rows: Sequence[Row]
) -> None:
    """Insert new rows of the list, and note their keys."""
    names = ("catalog_id", "entry_count", *fields)
    values = [[getattr(row, name) for name in names] for row in rows]
    if values:
        for row, key in zip(rows, insert_rows(model, names, values), strict=True):
            row.pk, row._state.adding = key, False


def _remember_paths(
    catalog: Catalog, old_paths: Sequence[tuple[str, Section | None]], taken: Sequence[str]
) -> None:
    """Keep old addresses as redirects to their sections, except those that others have taken."""
    if old_paths:
        SectionPath.objects.bulk_create(
            [SectionPath(catalog=catalog, path=path, section=row) for path, row in old_paths],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["catalog", "path"],
            update_fields=["section"],
        )
    for start in range(0, len(taken), BATCH):
        SectionPath.objects.filter(catalog=catalog, path__in=taken[start : start + BATCH]).delete()


def write_listings(
    written: DocumentWrite, sections: Sequence[Section], columns: Mapping[int, Sequence[Column]]
) -> list[Listing]:
    """Make the stored listings those of the document; returns their rows in its order."""
    stored = {listing.pk: listing for listing in Listing.objects.filter(catalog=written.catalog)}
    before = {
        pk: tuple(getattr(listing, name) for name in _LISTING_FIELDS)
        for pk, listing in stored.items()
    }
    rows = _listing_rows(written, stored, sections, columns)
    living = {row.pk for row in rows if row.pk}
    gone = [pk for pk in stored if pk not in living]
    _create(Listing, _LISTING_FIELDS, [row for row in rows if not row.pk])
    for start in range(0, len(gone), BATCH):
        _hand_over(written, gone[start : start + BATCH], rows)
        Listing.objects.filter(pk__in=gone[start : start + BATCH]).delete()
    update_rows(
        Listing,
        _LISTING_FIELDS,
        [
            (row.pk, *values)
            for row in rows
            if (values := tuple(getattr(row, name) for name in _LISTING_FIELDS))
            != before.get(row.pk, values)
        ],
    )
    return rows


def _hand_over(written: DocumentWrite, gone: Sequence[int], rows: Sequence[Listing]) -> None:
    """Let what other applications store about listings that go refer to where their lines are."""
    blocks = Block.objects.filter(catalog=written.catalog, listing__in=gone)
    listing_of = dict(blocks.values_list("pk", "listing"))
    heirs: dict[int, Listing] = {}
    for row, listing in zip(rows, written.document.listings, strict=True):
        for block in listing.blocks:
            if (old := listing_of.get(written.keys[block])) is not None:
                heirs.setdefault(old, row)
    for relation in Listing._meta.related_objects:
        model, name = relation.related_model, relation.field.name
        if model._meta.app_label != Listing._meta.app_label:
            for old, row in heirs.items():
                model._base_manager.filter(**{name: old}).update(**{name: row})


def _listing_rows(
    written: DocumentWrite,
    stored: Mapping[int, Listing],
    sections: Sequence[Section],
    columns: Mapping[int, Sequence[Column]],
) -> list[Listing]:
    """The rows that the document's listings are to have, in its order."""
    catalog, document = written.catalog, written.document
    # A list whose items all begin with another list has no block to be recognised by.
    bare = {(row.kind, row.position): row for row in stored.values()}
    for pk in written.listings.values():
        bare.pop((stored[pk].kind, stored[pk].position), None)
    rows: list[Listing] = []
    ordinals: dict[int | None, int] = {}
    for index, listing in enumerate(document.listings):
        row = stored.get(written.listings.get(index, 0))
        if row is None and not listing.blocks:
            row = bare.pop((listing.kind.value, 0), None)
        row = row or Listing(catalog=catalog)
        rows.append(row)
        ordinal = ordinals[listing.section] = ordinals.get(listing.section, 0) + 1
        first = listing.header_block
        if first is None and listing.blocks:
            first = listing.blocks[0]
        name, description = table_columns(listing, columns.get(index, ()))
        _keep(
            row,
            section_id=sections[listing.section].pk if listing.section is not None else None,
            kind=listing.kind.value,
            ordinal=ordinal,
            position=written.positions[first] if first is not None else 0,
            columns=[column.key for column in columns.get(index, ())],
            name_column=name,
            description_column=description,
            is_toc=listing.is_toc,
        )
    return rows
