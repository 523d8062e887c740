"""Snapshots: a catalog at one revision, which an import is planned against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from catalog.errors import NotFound
from catalog.markdown.corrections import Correction, Corrections, Titles
from catalog.markdown.parser import BOM
from catalog.models import Block, Catalog, Change, Entry, Export, Revision
from catalog.store.corrections import read_corrections
from catalog.store.returning import RemovedEntry
from catalog.store.upstreams import IN_GIT, UpstreamText, imports, read_upstream

BASE = "base"
"""Key in an import's details: the newest change made here that its text was known to hold.

Absent where nothing of what was changed here was left: then the import's own text is what Git has.
Read where the import recorded no `Upstream`.
"""


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
    settled = upstream.base if upstream else _settled(catalog)
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


def _settled(catalog: Catalog) -> int:
    """The newest revision up to which Git has what was changed here, by what imports noted.

    For lists that were last imported by a release that did not record what Git had.
    """
    settled = 0
    known = Revision.objects.filter(imports(catalog.pk)).order_by("-number")
    for number, verb, details in known.values_list("number", "verb", "details"):
        if number <= settled:
            break
        if IN_GIT in details:
            settled = number
        elif verb == Revision.Verb.IMPORT:
            settled = max(settled, details.get(BASE, number))
    return settled


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
