"""The append-only history: one `Revision` for each committed change, and past texts from it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction
from django.dispatch import Signal
from django.tasks import task
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.errors import NotFound, RevisionConflict
from catalog.models import Block, Catalog, Change, Checkpoint, Revision
from catalog.sql.bulk import add_rows, insert_instance, update_where

if TYPE_CHECKING:
    from accounts.models import User

revision_committed = Signal()
"""Sent with `revision` in the transaction that makes one, before the rows it is about are written.

For applications above this one, which it must not import; what they do with it they do on commit.
"""

revision_links = Signal()
"""Sent with a `catalog` and `numbers` of revisions to whoever knows where these are besides.

Answered with lists of `(text, address)` by number.
"""

_CHANGE = (
    "op", "uid", "after_uid", "before_after_uid", "before", "after", "entry_id", "entry_name",
)  # fmt: skip
CHECKPOINT_EVERY = 200
"""Revisions after which a worker keeps a whole copy, so that little has to be replayed."""


@dataclass(frozen=True, slots=True)
class Author:
    """The author of a change, and the name that the public history credits."""

    actor: User | None = None
    credit: str = ""
    note: str = ""
    submission_token: str = ""


def commit_revision(
    *,
    catalog: Catalog,
    verb: str,
    by: Author,
    expected_revision: int | None = None,
    changes: Iterable[Change] = (),
    details: dict[str, Any] | None = None,
    sha256: str = "",
    catalog_fields: Mapping[str, Any] | None = None,
) -> Revision:
    """Advance the catalog by one revision and write its row and line operations.

    Has to run inside a transaction. It is the compare-and-swap of every write: the catalog has
    to stand at `expected_revision` (default: the one `catalog` was loaded with), and
    `catalog_fields` are set by the same statement. Raises `RevisionConflict` otherwise.
    `changes` come unsaved, in their order, here or to `write_changes` in the same transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("commit_revision() needs a transaction around the whole change")
    base = catalog.revision if expected_revision is None else expected_revision
    now = timezone.now()
    _advance(catalog, base, {"revision": base + 1, "updated_at": now, **(catalog_fields or {})})
    revision = Revision(
        catalog=catalog,
        number=base + 1,
        verb=verb,
        actor=by.actor,
        actor_name=by.actor.get_full_name() if by.actor else "",
        credit=by.credit,
        note=by.note,
        submission_token=by.submission_token,
        created_at=now,
        sha256=sha256,
        details=details or {},
    )
    insert_instance(revision)
    write_changes(revision, changes)
    if revision.number % CHECKPOINT_EVERY == 0:
        save_checkpoint.enqueue(catalog.pk, revision.number)
    revision_committed.send(Revision, revision=revision)
    return revision


def write_changes(revision: Revision, changes: Iterable[Change]) -> None:
    """Write the line operations of a revision."""
    add_rows(
        Change,
        ("revision_id", "ordinal", *_CHANGE),
        (
            (revision.pk, ordinal, str(change.op), *[getattr(change, name) for name in _CHANGE[1:]])
            for ordinal, change in enumerate(changes)
        ),
    )


def links_of(catalog: Catalog, numbers: Iterable[int]) -> dict[int, list[tuple[str, str]]]:
    """Public links of revisions, such as to their commits: lists of `(text, address)` by number.

    Nothing for a list that does not say where its source is.
    """
    links: dict[int, list[tuple[str, str]]] = {}
    if not catalog.source_url:
        return links
    known: Any
    for _receiver, known in revision_links.send(Revision, catalog=catalog, numbers={*numbers}):
        for number, own in known.items():
            links.setdefault(number, []).extend(own)
    return links


def _advance(catalog: Catalog, base: int, fields: dict[str, Any]) -> None:
    """Set fields of a catalog that stands at `base`. Raises `RevisionConflict`."""
    # The index goes on following, where it did.
    indexed = "indexed_revision = CASE indexed_revision WHEN %s THEN %s ELSE indexed_revision END"
    standing = {"id": catalog.pk, "revision": base}
    if not update_where(Catalog, fields, standing, (indexed, [base, base + 1])):
        raise RevisionConflict(
            _("Someone else has changed the list; check the current version and try again.")
        )
    for name, value in fields.items():
        setattr(catalog, name, value)


def leave_out_of_news(catalog: Catalog, made: Sequence[Revision], undone: Sequence[int]) -> None:
    """Mark revisions, and the numbers of those that took them back at once, as no news.

    The history keeps them; public pages and feeds name neither. Where somebody else changed the
    same lines in between, both stay news, since what that revision says is read between them.
    """
    if not made or not undone:
        return
    touched = Change.objects.filter(revision__in=[revision.pk for revision in made])
    between = Change.objects.filter(
        revision__catalog=catalog,
        revision__number__gt=max(revision.number for revision in made),
        revision__number__lt=min(undone),
        uid__in=touched.values("uid"),
    )
    if between.exists():
        return
    taken_back = Revision.objects.filter(catalog=catalog, number__in=undone)
    for revision in [*made, *taken_back]:
        revision.details = {**revision.details, "taken_back": True}
        revision.save(update_fields=["details"])


@task(priority=-10)
def save_checkpoint(catalog_pk: int, due: int) -> None:
    """Keep the whole document as it stands, unless it was kept at revision `due` or later.

    To pack a long list takes longer than writers should wait, so a worker does it.
    """
    later = Checkpoint.objects.filter(revision__catalog=catalog_pk, revision__number__gte=due)
    catalog = Catalog.objects.filter(pk=catalog_pk, revision__gte=due).first()
    if catalog is None or later.exists():
        return
    # Whoever deletes the list meanwhile does not wait.
    with suppress(Catalog.DoesNotExist):
        number, bom, rows = _as_it_stands(catalog, "uid", "kind", "source")
        blocks = packed(bom, rows)
        with transaction.atomic():
            Catalog.objects.select_for_update(no_key=True).get(pk=catalog_pk)
            revision = Revision.objects.get(catalog=catalog_pk, number=number)
            copy = Checkpoint(revision=revision, blocks=blocks)
            Checkpoint.objects.bulk_create([copy], ignore_conflicts=True)


def packed(bom: bool, rows: Iterable[tuple[int, str, str]]) -> bytes:
    """The byte order mark and `(uid, kind, source)` of all blocks in few bytes."""
    # Some at a time: all of them as JSON are as long as the list itself.
    stream = zlib.compressobj(1)
    parts, before = [stream.compress(b"[%s,[" % orjson.dumps(bom))], b""
    for some in batched(rows, _AT_ONCE, strict=False):
        parts.append(stream.compress(before + orjson.dumps(some)[1:-1]))
        before = b","
    return b"".join([*parts, stream.compress(b"]]"), stream.flush()])


_AT_ONCE = 1000


def checkpoint_rows(checkpoint: Checkpoint) -> tuple[bool, list[tuple[int, str]]]:
    """The byte order mark and the `(uid, source)` rows that a checkpoint keeps."""
    bom, stored = orjson.loads(zlib.decompress(checkpoint.blocks))
    return bom, [(uid, source) for uid, _kind, source in stored]


class Lines:
    """A doubly linked list of `(uid, source)`, so that every replayed operation is O(1)."""

    def __init__(self, rows: Iterable[tuple[int, str]]) -> None:
        self.source: dict[int, str] = {0: ""}
        self.following: dict[int, int] = {}
        self.preceding: dict[int, int] = {}
        last = 0
        for uid, source in rows:
            self.source[uid] = source
            self.following[last] = uid
            self.preceding[uid] = last
            last = uid
        self.following[last] = 0
        self.preceding[0] = last

    def insert(self, uid: int, source: str, after: int) -> None:
        before = self.following[after]
        self.source[uid] = source
        self.following[after], self.preceding[uid] = uid, after
        self.following[uid], self.preceding[before] = before, uid

    def delete(self, uid: int) -> None:
        after, before = self.preceding.pop(uid), self.following.pop(uid)
        self.following[after], self.preceding[before] = before, after
        del self.source[uid]

    def replay(self, change: Change) -> None:
        """Apply a change. Raises `KeyError` where it does not fit."""
        match change.op:
            case Change.Op.INSERT:
                self.insert(change.uid, change.after, change.after_uid or 0)
            case Change.Op.DELETE:
                self.delete(change.uid)
            case Change.Op.REPLACE:
                if change.uid not in self.source:
                    raise KeyError(change.uid)
                self.source[change.uid] = change.after
            case Change.Op.MOVE:
                self.delete(change.uid)
                self.insert(change.uid, change.after, change.after_uid or 0)

    def undo(self, change: Change) -> None:
        """Apply the inverse of a change."""
        match change.op:
            case Change.Op.INSERT:
                self.delete(change.uid)
            case Change.Op.DELETE:
                self.insert(change.uid, change.before, change.before_after_uid or 0)
            case Change.Op.REPLACE:
                self.source[change.uid] = change.before
            case Change.Op.MOVE:
                self.delete(change.uid)
                self.insert(change.uid, change.before, change.before_after_uid or 0)

    def rows(self) -> list[tuple[int, str]]:
        rows = []
        uid = self.following[0]
        while uid:
            rows.append((uid, self.source[uid]))
            uid = self.following[uid]
        return rows


def current_rows(catalog: Catalog) -> tuple[int, bool, list[tuple[int, str]]]:
    """Revision, byte order mark and `(uid, source)` rows of the text as it stands."""
    return _as_it_stands(catalog, "uid", "source")


def _as_it_stands(catalog: Catalog, *columns: str) -> tuple[int, bool, list[Any]]:
    """Revision, byte order mark and columns of all blocks in order.

    Without a lock; read again if the catalog changes meanwhile, so that the three agree.
    """
    known = Catalog.objects.filter(pk=catalog.pk).values_list("revision", "bom")
    while True:
        revision, bom = known.get()
        blocks = Block.objects.filter(catalog=catalog).in_reading_order()
        rows = list(blocks.values_list(*columns))
        if known.get() == (revision, bom):
            return revision, bom, rows


def check_revision(catalog: Catalog, number: int) -> None:
    """Raise `NotFound` unless the catalog has a revision of this number."""
    if not 1 <= number <= catalog.revision:
        raise NotFound(
            _("%(catalog)s has no revision %(number)d; the newest is %(newest)d.")
            % {"catalog": catalog.slug, "number": number, "newest": catalog.revision}
        )


def blocks_at(catalog: Catalog, number: int) -> tuple[bool, list[tuple[int, str]]]:
    """The byte order mark and the `(uid, source)` rows of the text at revision `number`.

    Starts at the next later checkpoint, or at the live blocks, and undoes what came since.
    Raises `NotFound` for a revision that does not exist.
    """
    check_revision(catalog, number)
    checkpoint = (
        Checkpoint.objects.filter(revision__catalog=catalog, revision__number__gte=number)
        .select_related("revision")
        .order_by("revision__number")
        .first()
    )
    if checkpoint:
        newest = checkpoint.revision.number
        bom, rows = checkpoint_rows(checkpoint)
    else:
        newest, bom, rows = current_rows(catalog)
    if newest == number:
        return bom, rows
    lines = Lines(rows)
    undone = Change.objects.filter(
        revision__catalog=catalog, revision__number__gt=number, revision__number__lte=newest
    ).order_by("-revision__number", "-ordinal")
    for change in undone.iterator(chunk_size=2000):
        lines.undo(change)
    return _bom_at(catalog, number, default=bom), lines.rows()


def _bom_at(catalog: Catalog, number: int, *, default: bool) -> bool:
    """Only imports change the mark; each says in its details what it found."""
    checkpoint = (
        catalog.revisions.filter(number__lte=number, details__has_key="bom")
        .order_by("-number")
        .values_list("details", flat=True)
        .first()
    )
    return bool(checkpoint["bom"]) if checkpoint else default


def text_at(catalog: Catalog, number: int) -> str:
    """The whole text as it was at revision `number`."""
    bom, rows = blocks_at(catalog, number)
    return ("\ufeff" if bom else "") + "".join([source for _uid, source in rows])
