"""A catalog at one revision, which an import is planned against, and the text that Git had."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from catalog import markdown
from catalog.errors import NotFound
from catalog.markdown.corrections import Correction, Corrections, Titles, titles_of
from catalog.markdown.parser import BOM
from catalog.models import Block, Catalog, Change, Entry, Export, Revision, Section, Upstream
from catalog.models import Correction as Row
from catalog.store.returning import RemovedEntry

# The text in Git at the last import is recorded, since it cannot be worked out later: changes made
# here that lost a conflict, or that Git made as well, are no longer pending, whatever it says then.


@dataclass(frozen=True, slots=True)
class UpstreamText:
    """The text that Git had, recorded when the list stood at `revision`.

    `base` is the newest revision up to which Git had everything that was changed here. `rows` are
    the text as `(uid, source)`, with the uids of the blocks stored at `revision`; None where it was
    the list's own text.
    """

    revision: int
    base: int
    rows: Sequence[tuple[int, str]] | None = None


def read_upstream(catalog: Catalog) -> UpstreamText | None:
    """Return the text in Git, None where no import recorded it."""
    row = Upstream.objects.filter(catalog=catalog).first()
    if row is None:
        return None
    rows = None
    if row.blocks:
        rows = [(uid, source) for uid, source in json.loads(zlib.decompress(row.blocks))]
    return UpstreamText(row.revision, row.base, rows)


def save_upstream(catalog: Catalog, upstream: UpstreamText) -> None:
    """Record what Git had, unless something newer is recorded."""
    blocks = b""
    if upstream.rows is not None:
        data = json.dumps(upstream.rows, ensure_ascii=False, separators=(",", ":"))
        blocks = zlib.compress(data.encode("utf-8"), 1)
    values = {"revision": upstream.revision, "base": upstream.base, "blocks": blocks}
    known = Upstream.objects.filter(catalog=catalog, revision__lte=upstream.revision)
    if not known.update(**values):
        Upstream.objects.bulk_create([Upstream(catalog=catalog, **values)], ignore_conflicts=True)


def corrections_of(catalog: Catalog) -> Corrections:
    """Return the corrections of how the list is read; no query where there are none."""
    if not catalog.is_corrected:
        return {}
    return {titles: correction for _section, titles, correction in read_corrections(catalog)}


def read_corrections(catalog: Catalog) -> list[tuple[int | None, Titles, Correction]]:
    """The section, the titles that it is known by, and what was decided, of each correction."""
    if not catalog.is_corrected:
        return []
    return [
        (row.section_id, tuple(row.titles), correction_from(row))
        for row in Row.objects.filter(catalog=catalog).order_by("pk")
    ]


def correction_from(row: Row) -> Correction:
    """Return the correction in a row."""
    return Correction(row.children, row.entries, row.name, row.description)


def follow_sections(
    catalog: Catalog, document: markdown.Document, sections: Sequence[Section]
) -> None:
    """Update the titles by which corrections know their sections."""
    if not catalog.is_corrected:
        return
    titles = titles_of(document.sections)
    titles_by_key = {row.pk: titles[index] for index, row in enumerate(sections)}
    key_by_titles = {titles[index]: row.pk for index, row in reversed(list(enumerate(sections)))}
    for row in Row.objects.filter(catalog=catalog):
        known = tuple(row.titles)
        now = titles_by_key.get(row.section_id or 0, known)
        key = row.section_id if row.section_id in titles_by_key else key_by_titles.get(known)
        if (key, now) != (row.section_id, known):
            row.section_id, row.titles = key, list(now)
            row.save(update_fields=["section", "titles"])


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block's row as a plan needs it, with the id of its entry, if it is one."""

    pk: int
    uid: int
    position: int
    kind: str
    source: str
    section: int | None
    listing: int | None
    entry: int | None


@dataclass(frozen=True, slots=True)
class LocalRevision:
    """A change made here, of which Git may not know yet."""

    number: int
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A catalog as it stands at one revision.

    `decisions` are those of its entries, `states` those of the living ones, by key; `removed` are
    the others, the last one removed last. Git has everything up to
    revision `settled` and every import; `pending` are the changes made here since then, oldest
    first, `exported` the revisions somebody took out. `gone` are blocks that imports have removed
    since then, each with the uid of the one it stood after. `upstream` is the text that Git had,
    where the last import recorded it.
    """

    catalog: Catalog
    revision: int
    bom: bool
    blocks: Sequence[StoredBlock]
    decisions: dict[int, str]
    states: dict[int, str]
    settled: int = 0
    pending: Sequence[LocalRevision] = ()
    exported: frozenset[int] = frozenset()
    gone: Mapping[int, int] = field(default_factory=dict)
    upstream: UpstreamText | None = None
    removed: Sequence[RemovedEntry] = ()
    corrected: Sequence[tuple[int | None, Titles, Correction]] = ()
    """Maintainers' corrections of how it is read, by section and by titles."""

    @property
    def corrections(self) -> Corrections:
        """These as the reader takes them."""
        return {titles: correction for _section, titles, correction in self.corrected}

    @property
    def rows(self) -> list[tuple[int, str]]:
        """`(uid, source)` of the blocks."""
        return [(block.uid, block.source) for block in self.blocks]

    @property
    def text(self) -> str:
        """The text as it stands."""
        return (BOM if self.bom else "") + "".join([block.source for block in self.blocks])


def new_snapshot(catalog: Catalog) -> Snapshot:
    """The snapshot of a catalog that does not exist yet."""
    return Snapshot(catalog, 0, False, (), {}, {})


def take_snapshot(catalog: Catalog) -> Snapshot:
    """Read what a plan needs, without a lock: again, if the catalog changed meanwhile.

    Raises `NotFound` when the catalog has been deleted.
    """
    while True:
        try:
            catalog.refresh_from_db()
        except Catalog.DoesNotExist:
            raise NotFound(_("The list has been deleted.")) from None
        snapshot = _read(catalog)
        if (
            Catalog.objects.filter(pk=catalog.pk).values_list("revision", flat=True).first()
            == snapshot.revision
        ):
            return snapshot


def _read(catalog: Catalog) -> Snapshot:
    upstream = read_upstream(catalog)
    settled = upstream.base if upstream else 0
    pending, gone = _changes_since(catalog, settled)
    blocks = (
        Block.objects.filter(catalog=catalog)
        .in_reading_order()
        .values_list(
            "pk", "uid", "position", "kind", "source", "section_id", "listing_id", "entry__pk"
        )
    )
    entries = list(
        Entry.objects.filter(catalog=catalog).living().values_list("pk", "decision", "state")
    )
    removed = (
        Entry.objects.filter(catalog=catalog, state=Entry.State.REMOVED)
        .order_by("removed_at", "pk")
        .values_list("pk", "canonical_url", "name", "decision", "stood_in")
    )
    exports = Export.objects.filter(catalog=catalog, number__gt=settled)
    return Snapshot(
        catalog=catalog,
        revision=catalog.revision,
        bom=catalog.bom,
        blocks=[StoredBlock(*row) for row in blocks],
        decisions={pk: decision for pk, decision, _state in entries}
        | {row[0]: row[3] for row in removed},
        states={pk: state for pk, _decision, state in entries},
        settled=settled,
        pending=pending,
        exported=frozenset(exports.values_list("number", flat=True)),
        gone=gone,
        upstream=upstream,
        removed=[RemovedEntry(*row) for row in removed],
        corrected=read_corrections(catalog),
    )


def _changes_since(catalog: Catalog, number: int) -> tuple[list[LocalRevision], dict[int, int]]:
    by_revision: dict[int, list[Change]] = {}
    gone: dict[int, int] = {}
    rows = (
        Change.objects.filter(revision__catalog=catalog, revision__number__gt=number)
        .select_related("revision")
        .order_by("revision__number", "ordinal")
    )
    for change in rows:
        if change.revision.verb != Revision.Verb.IMPORT:
            by_revision.setdefault(change.revision.number, []).append(change)
        elif change.op == Change.Op.DELETE:
            gone[change.uid] = change.before_after_uid or 0
    return [LocalRevision(*item) for item in by_revision.items()], gone
