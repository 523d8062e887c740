"""A list as one file, back again, and gone."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import IO, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.team import follow_roles
from catalog.checking import rebuild_projection
from catalog.errors import CatalogError, RevisionConflict, UnreadableText, problem_of
from catalog.exporting import markdown_chunks
from catalog.finding.indexing import index_catalog
from catalog.importing.applying import bring_up_to_date, check_slug, store_new
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
    Renaming,
    Revision,
    Section,
    SectionPath,
    Successor,
    Tag,
    TagAlias,
    Upstream,
)
from catalog.sql.bulk import BATCH, insert_rows, update_rows

FORMAT = "listwright-catalog"
VERSION = 1
MANIFEST = "manifest.json"


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
    Table("renamings", Renaming, "entry__catalog", is_in_all=False),
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
    for row in rows.iterator(chunk_size=BATCH):
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


MAX_MANIFEST_BYTES = 10_000_000
MAX_RESTORED_ID = 2**53
"""Entry ids above this are not kept: no database gives them, and they would use its numbers up."""


BROKEN_ARCHIVE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    DatabaseError,
    ValidationError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    # Encryption; methods of compression that nobody knows; JSON that is too deep.
    RuntimeError,
    TypeError,
    ValueError,
)
"""Errors by which a damaged backup file shows."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A catalog that came back. `renumbered` entries have new ids, their old ones being taken."""

    catalog: Catalog
    renumbered: int


def restore_backup(file: IO[bytes], *, slug: str = "") -> Restored:
    """Restore a catalog with its history in one transaction, at its own address or another.

    The exported text is checked against what was backed up. Raises `AddressTaken`, and
    `UnreadableText` for a file that is no backup, is damaged, or has another version.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _Restoring(archive, read_manifest(archive, FORMAT, VERSION), slug).run()
    except CatalogError:
        raise
    except BROKEN_ARCHIVE as error:
        if problem_of(error):
            raise
        raise UnreadableText(
            _("The backup cannot be restored, and nothing was written: %(reason)s.")
            % {"reason": str(error).strip(". \n") or type(error).__name__}
        ) from error


def read_manifest(archive: zipfile.ZipFile, kind: str, version: int) -> dict[str, Any]:
    """The manifest of a backup of a kind (`FORMAT`). Raises `UnreadableText` for any other file."""
    if MANIFEST not in archive.namelist():
        raise UnreadableText(_("The file is not a backup: it has no manifest.json."))
    if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
        raise UnreadableText(_("The file is not a backup: its manifest is too large."))
    manifest = json.loads(archive.read(MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("format") != kind:
        raise UnreadableText(
            _("restore_catalog reads backups of a list, restore_site those of a site.")
        )
    if manifest.get("version") != version:
        raise UnreadableText(
            _("The backup has version %(found)s of the format, and this program reads %(known)s.")
            % {"found": manifest.get("version"), "known": version}
        )
    return manifest


@dataclass(slots=True)
class _Restoring:
    archive: zipfile.ZipFile
    manifest: Mapping[str, Any]
    slug: str
    keys: dict[Any, dict[int, int]] = field(default_factory=dict)
    """New primary keys by old ones, for each model."""
    renumbered: int = 0

    def run(self) -> Restored:
        catalog = self._catalog()
        with transaction.atomic():
            times = {"created_at": catalog.created_at, "updated_at": catalog.updated_at}
            store_new(catalog)
            # Saving sets both to now.
            Catalog.objects.filter(pk=catalog.pk).update(**times)
            for table in TABLES:
                self._restore(table, catalog)
            follow_roles(Q(pk__in=catalog.memberships.values("user")))
            index_catalog(catalog)
            self._correct_details(catalog)
            self._check(catalog)
            if catalog.slug != self.manifest["catalog"]["slug"]:
                # The links inside the stored HTML lead to the old address.
                rebuild_projection(catalog)
            bring_up_to_date(catalog)
        catalog.refresh_from_db()
        return Restored(catalog, self.renumbered)

    def _catalog(self) -> Catalog:
        values = self.manifest["catalog"]
        fields = {field.attname: field for field in Catalog._meta.concrete_fields}
        # The first backups do not say which release has read the list: none of the later ones.
        values = {"reading": 0, "is_corrected": False, "decided_on": None, **values}
        catalog = Catalog(**{name: fields[name].to_python(values[name]) for name in CATALOG_FIELDS})
        catalog.slug = self.slug or catalog.slug
        check_slug(catalog.slug)
        return catalog

    def _restore(self, table: Table, catalog: Catalog) -> None:
        if not table.is_in_all and table.name not in self.manifest["rows"]:
            return
        fields = table.fields
        rows = _with_all_fields(read_rows(self.archive, table), table)
        readers = [self._reader(table, field) for field in fields]
        own = next((n for n, f in enumerate(fields) if f.related_model is table.model), None)
        parents: list[tuple[int, int]] = []
        count = 0
        for batch in batched(rows, BATCH, strict=False):
            count += len(batch)
            values = [
                [read(value) for read, value in zip(readers, row, strict=True)] for row in batch
            ]
            if own is not None:
                parents += [(row[0], row[own]) for row in batch if row[own] is not None]
                for row in values:
                    row[own] = None
            self._insert(table, catalog, [row[0] for row in batch], values)
        if count != self.manifest["rows"][table.name]:
            raise ValueError(f"{table.name}.jsonl is not complete")
        if own is not None:
            known = self.keys[table.model]
            links = [(known[child], known[parent]) for child, parent in parents]
            update_rows(table.model, [fields[own].attname], links)

    def _reader(self, table: Table, field: models.Field[Any, Any]) -> Any:
        """Return the function that turns a value of the file into one of the database."""
        if refers_to_person(field):
            return _People().key
        target = field.related_model
        if target is not None and target is not table.model:
            known = self.keys[target]
            return lambda key: None if key is None else known[key]
        if isinstance(field, models.BinaryField):
            return lambda text: base64.b64decode(text, validate=True)
        if isinstance(field, models.DateTimeField):
            return lambda text: None if text is None else _moment(text)
        if isinstance(field, models.JSONField):
            return lambda value: value
        if table.model is Change and field.name == "entry_id":
            entries = self.keys[Entry]
            return lambda key: None if key is None else entries.get(key, key)
        return lambda value: None if value is None else field.to_python(value)

    def _insert(
        self, table: Table, catalog: Catalog, old: Sequence[int], rows: list[list[Any]]
    ) -> None:
        """Insert rows whose first value is the old key; what keys they get is remembered."""
        names = [field.attname for field in table.fields[1:]]
        known = self.keys.setdefault(table.model, {})
        has_catalog = len(table.model._meta.concrete_fields) > len(table.fields)
        owner = [catalog.pk] if has_catalog else []
        names = ["catalog_id", *names] if has_catalog else names
        if table.model is Membership:
            # Who has no account here cannot be a member; nothing refers to a membership.
            user = [field.attname for field in table.fields].index("user_id")
            rows = [row for row in rows if row[user] is not None]
            old = range(len(rows))
        reusable = _free_entries(old) if table.model is Entry else set()
        same = [(key, row) for key, row in zip(old, rows, strict=True) if key in reusable]
        other = [(key, row) for key, row in zip(old, rows, strict=True) if key not in reusable]
        if same:
            insert_rows(Entry, ["id", *names], [[key, *owner, *row[1:]] for key, row in same])
            known |= {key: key for key, _row in same}
            _number_on_after(max(reusable))
        new = insert_rows(table.model, names, [[*owner, *row[1:]] for _key, row in other])
        known |= dict(zip([key for key, _row in other], new, strict=True))
        self.renumbered += len(other) if table.model is Entry else 0

    def _correct_details(self, catalog: Catalog) -> None:
        """Replace old ids of entries in the details of the history by their new ones."""
        if not self.renumbered:
            return
        entries = self.keys[Entry]
        rows = []
        for pk, details in Revision.objects.filter(catalog=catalog).values_list("pk", "details"):
            changed = dict(details)
            if isinstance(changed.get("entry"), int):
                changed["entry"] = entries.get(changed["entry"], changed["entry"])
            if isinstance(changed.get("entries"), list):
                changed["entries"] = [entries.get(key, key) for key in changed["entries"]]
            if changed != details:
                rows.append((pk, changed))
        update_rows(Revision, ["details"], rows)

    def _check(self, catalog: Catalog) -> None:
        digest = hashlib.sha256()
        for chunk in markdown_chunks(catalog):
            digest.update(chunk.encode("utf-8"))
        if digest.hexdigest() != self.manifest["sha256"]:
            raise ValueError("its lines do not give the text that was backed up")


def _with_all_fields(rows: Iterator[list[Any]], table: Table) -> Iterator[list[Any]]:
    """Yield rows with the fields that came after the backup was made, which may be empty."""
    given = next(rows, [])
    newer = {
        field.attname: field.get_default()
        for field in table.fields
        if field.attname not in given and (field.null or field.has_default())
    }
    names = [field.attname for field in table.fields]
    if sorted([*given, *newer]) != sorted(names):
        raise ValueError(f"{table.name}.jsonl has other fields")
    for row in rows:
        values = newer | dict(zip(given, row, strict=True))
        yield [values[name] for name in names]


class _People:
    """Accounts by name; each name is looked up once."""

    def __init__(self) -> None:
        self.known: dict[str, int | None] = {}

    def key(self, name: str | None) -> int | None:
        if name is None:
            return None
        if name not in self.known:
            people = get_user_model()._default_manager.filter(username=name)
            self.known[name] = people.values_list("pk", flat=True).first()
        return self.known[name]


def _free_entries(keys: Sequence[int]) -> set[int]:
    """Return those of these ids that no entry has."""
    possible = [key for key in keys if type(key) is int and 0 < key < MAX_RESTORED_ID]
    taken = Entry.objects.filter(pk__in=possible).values_list("pk", flat=True)
    return set(possible) - set(taken)


def _number_on_after(key: int) -> None:
    """Advance PostgreSQL's sequence above an id that was written; SQLite does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Never back: what is being written elsewhere has its numbers already.
            cursor.execute(
                "SELECT setval(ids, %s)"
                " FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS ids) AS entry"
                " WHERE coalesce(pg_sequence_last_value(ids), 0) < %s",
                [key, Entry._meta.db_table, key],
            )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time has no zone")
    return moment
