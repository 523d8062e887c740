"""One file that holds everything about a catalog; see docs/backup.md for its format.

A zip archive: `manifest.json`, then a member for each table with a JSON value a line, the first
one naming the fields. Written and read as streams; `restoring.py` reads it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone

from accounts.models import Membership
from catalog.errors import RevisionConflict
from catalog.exporting import markdown_chunks
from catalog.models import (
    Block,
    Catalog,
    Change,
    Checkpoint,
    Column,
    Correction,
    DismissedTag,
    Entry,
    EntryTag,
    Export,
    Facet,
    Link,
    Listing,
    Revision,
    Section,
    SectionPath,
    Successor,
    Tag,
    TagAlias,
    Upstream,
)

FORMAT = "listwright-catalog"
VERSION = 1
MANIFEST = "manifest.json"
_CHUNK = 2000
"""Rows read at a time."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a backup: its member, its model, and how its rows name their catalog.

    `order` has what rows of the same table refer to come first.
    """

    name: str
    model: type[models.Model]
    owner: str
    order: tuple[str, ...] = ("pk",)
    is_in_all: bool = True
    """Whether every backup of this version has it; the first ones lack what came later."""

    @property
    def fields(self) -> list[models.Field[Any, Any]]:
        """Return the stored fields of a row: all but the catalog, which is the archive's one."""
        return [field for field in self.model._meta.concrete_fields if field.name != "catalog"]


TABLES = (
    Table("facets", Facet, "catalog"),
    Table("tags", Tag, "facet__catalog"),
    Table("tag_aliases", TagAlias, "facet__catalog"),
    Table("columns", Column, "catalog"),
    Table("sections", Section, "catalog", ("position", "pk")),
    Table("section_paths", SectionPath, "catalog"),
    Table("listings", Listing, "catalog"),
    Table("corrections", Correction, "catalog", is_in_all=False),
    Table("blocks", Block, "catalog", ("position",)),
    Table("entries", Entry, "catalog"),
    Table("successors", Successor, "entry__catalog", is_in_all=False),
    Table("links", Link, "catalog"),
    Table("entry_tags", EntryTag, "content_object__catalog"),
    Table("dismissed_tags", DismissedTag, "entry__catalog"),
    Table("revisions", Revision, "catalog", ("number",)),
    Table("changes", Change, "revision__catalog"),
    Table("checkpoints", Checkpoint, "revision__catalog"),
    Table("exports", Export, "catalog"),
    Table("upstreams", Upstream, "catalog", is_in_all=False),
    Table("memberships", Membership, "catalog"),
)
"""All tables in the order of restoring: rows that are referred to come first."""
CATALOG_FIELDS = [
    field.attname
    for field in Catalog._meta.concrete_fields
    if not field.primary_key and field.attname not in {"indexed_revision", "is_unfinished"}
]


def write_backup(catalog: Catalog, file: IO[bytes]) -> None:
    """Write a backup of the catalog as it stands to a file that can be written.

    No lock is held: raises `RevisionConflict` when the catalog was changed meanwhile.
    """
    catalog.refresh_from_db()
    usernames = _usernames(catalog)
    digest = hashlib.sha256()
    for chunk in markdown_chunks(catalog):
        digest.update(chunk.encode("utf-8"))
    counts: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for table in TABLES:
            with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as member:
                counts[table.name] = _write_table(member, table, catalog, usernames)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "created_at": timezone.now().isoformat(),
            "sha256": digest.hexdigest(),
            "catalog": {name: encoded(getattr(catalog, name)) for name in CATALOG_FIELDS},
            "rows": counts,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2))
    now = Catalog.objects.filter(pk=catalog.pk).values_list("revision", flat=True).first()
    if now != catalog.revision:
        raise RevisionConflict(
            f"The list {catalog.slug} was changed while it was backed up; back it up again."
        )


def backup_name(catalog: Catalog) -> str:
    """Return the file name of a backup."""
    return f"{catalog.slug}-{catalog.revision}.listwright.zip"


def _usernames(catalog: Catalog) -> dict[int, str]:
    """Names of the people whom rows refer to: they may have other keys elsewhere."""
    actors = (
        catalog.revisions.exclude(actor=None).order_by().values_list("actor_id", "actor__username")
    )
    members = Membership.objects.filter(catalog=catalog).values_list("user_id", "user__username")
    return {**dict(actors.distinct()), **dict(members)}


def _write_table(
    member: IO[bytes], table: Table, catalog: Catalog, usernames: dict[int, str]
) -> int:
    fields = table.fields
    people = [number for number, field in enumerate(fields) if refers_to_person(field)]
    rows = (
        table.model._default_manager.filter(**{table.owner: catalog})
        .order_by(*table.order)
        .values_list(*[field.attname for field in fields])
    )
    text = io.TextIOWrapper(member, encoding="utf-8", newline="\n")
    text.write(_line([field.attname for field in fields]))
    count = 0
    for row in rows.iterator(chunk_size=_CHUNK):
        values = [encoded(value) for value in row]
        for number in people:
            values[number] = usernames.get(values[number])
        text.write(_line(values))
        count += 1
    text.detach()
    return count


def refers_to_person(field: models.Field[Any, Any]) -> bool:
    """Whether the field holds a user, who is named and not numbered in a backup."""
    return field.related_model is get_user_model()


def encoded(value: Any) -> Any:
    """A field's value as JSON."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    return value


def _line(values: Iterable[Any]) -> str:
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":")) + "\n"


def read_rows(archive: zipfile.ZipFile, table: Table) -> Iterator[list[Any]]:
    """The lines of a table's member: the names of its fields first, then the rows."""
    with archive.open(f"{table.name}.jsonl") as member:
        for line in io.TextIOWrapper(member, encoding="utf-8", newline="\n"):
            yield json.loads(line)
