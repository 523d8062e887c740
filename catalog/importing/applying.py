"""Applying an import: plan, merge, write.

`planning.plan_import()` is pure: it is the dry run, the preview and the merge. `apply()` is one
short transaction that writes only the differences, provided that the catalog still stands where
the plan was made; it checks that the export is the planned text, and rolls back otherwise. A long
list that is new is written in many, see `_write_first`.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _

from catalog import markdown
from catalog.errors import AddressTaken, MergeConflict, NotFound, RevisionConflict, UnreadableText
from catalog.history.revisions import Author
from catalog.importing.about import fill_in
from catalog.importing.ancestry import Base
from catalog.importing.merging import Conflict, theirs_wins, undecided
from catalog.importing.planning import (
    ImportPlan,
    collector_paused,
    plan_import,
    plan_text,
    written_as,
)
from catalog.markdown.nodes import begun_by
from catalog.models import READING, Block, Catalog, Revision
from catalog.slugs import RESERVED_SLUGS
from catalog.sql.bulk import BATCH
from catalog.sql.prepared import Prepared
from catalog.store.document import DocumentWriter, delete_in_slices, overtaken
from catalog.store.entries import fields_of, note_renamed
from catalog.store.snapshots import (
    new_snapshot,
    save_upstream,
    take_snapshot,
)

# The first import of a long list is written in slices, and public when it is complete. Until then
# its row says that it is unfinished. What a killed process leaves behind is set aside by the next
# import to that address, and cleared away in slices; an import that is set aside while it runs
# notices that at its end, and undoes itself.

AT_ONCE = 2000
"""Blocks of a list that are written in one transaction: well below a second."""
_ASIDE = "~"
"""Begins the address of what was set aside; no list has such an address."""


def is_long(blocks: int) -> bool:
    """Whether a new list of so many blocks is to be written in slices.

    Never inside of another transaction, which has a lock to its own end anyhow.
    """
    return blocks > AT_ONCE and not connection.in_atomic_block


def store_new(catalog: Catalog, *, is_unfinished: bool = False) -> None:
    """Store the row of a new catalog. Raises `AddressTaken`."""
    catalog.is_unfinished = is_unfinished
    set_aside(catalog.slug)
    try:
        with transaction.atomic():
            catalog.save(force_insert=True)
    except IntegrityError:
        raise AddressTaken(
            _("Another list uses the address %(slug)s; choose a different one.")
            % {"slug": catalog.slug}
        ) from None


def set_aside(slug: str) -> None:
    """Free the address of an import that was not finished."""
    for pk in Catalog.objects.filter(slug=slug, is_unfinished=True).values_list("pk", flat=True):
        Catalog.objects.filter(pk=pk, slug=slug).update(slug=f"{_ASIDE}{pk}")


def clear_away() -> None:
    """Delete what was set aside."""
    for catalog in Catalog.objects.filter(is_unfinished=True, slug__startswith=_ASIDE):
        delete_in_slices(catalog)


def discard(catalog: Catalog) -> None:
    """Delete what this import has written; the instance is as new as it was."""
    written = Catalog.objects.filter(pk=catalog.pk, is_unfinished=True)
    for row in written:
        delete_in_slices(row)
    start_again(catalog)


def start_again(catalog: Catalog) -> None:
    """Reset the instance of a list that was not stored to a new one."""
    values: dict[str, Any] = {"pk": None, "revision": 0, "next_uid": 1, "is_unfinished": False}
    for name, value in values.items():
        setattr(catalog, name, value)
    catalog._state.adding = True


# A release that reads the same text otherwise cuts it otherwise: lines that were entries are parts
# of one, headings are none. Ids, addresses and decisions stay with what they were about, see
# `identity.py`; no line changes.


def read_again(
    catalog: Catalog,
    *,
    keeps_guesses: bool = False,
    by: Author | None = None,
    details: Mapping[str, Any] | None = None,
) -> Revision:
    """Derive everything about the list from its text again, inside the caller's transaction.

    That is a revision. Where blocks are cut otherwise it has line operations, but no text differs.
    """
    snapshot = take_snapshot(catalog)
    document = markdown.parse(snapshot.text, corrections=snapshot.corrections)
    stored = [(index, block.source) for index, block in enumerate(snapshot.blocks)]
    known = begun_by(document, stored)
    plan = plan_text(snapshot.text, snapshot, document=document, known=known)
    written = written_as(plan, catalog, snapshot, is_rebuild=True, keeps_guesses=keeps_guesses)
    return DocumentWriter(written).write(
        by=by or Author(),
        verb=Revision.Verb.SETTINGS,
        sha256="",
        details={"rebuilt": True, **plan.figures_written(), **(details or {})},
    )


def bring_up_to_date(catalog: Catalog) -> bool:
    """Read a list again that an older release has read; returns whether it was one.

    One transaction. Whoever writes to such a list does this first; `upgrade_lists` does it for all.
    """
    if catalog.reading >= READING:
        return False
    with transaction.atomic():
        # Waits on PostgreSQL for whoever does the same; on SQLite there is one lock.
        row = Catalog.objects.select_for_update().filter(pk=catalog.pk).first()
        if row is None:
            raise NotFound(f"The list {catalog.slug} has been deleted in the meantime.")
        is_behind = row.reading < READING
        if is_behind and row.revision:
            read_again(row)
        elif is_behind:
            Catalog.objects.filter(pk=row.pk).update(reading=READING)
    catalog.refresh_from_db()
    return is_behind


_HELD = Prepared(lambda pk: Catalog.objects.select_for_update().filter(pk=pk).order_by())


@contextmanager
def transaction_on(catalog: int, expected_revision: int | None = None) -> Iterator[Catalog]:
    """One transaction on the catalog as it stands, which nobody else changes until its end.

    A list that an older release has read is read again first.

    Raises `RevisionConflict` when it does not stand at `expected_revision`; None: at any.
    """
    with transaction.atomic():
        # Waits on PostgreSQL; on SQLite the transaction has the only lock already.
        row = _HELD.first(catalog)
        if row is None:
            raise NotFound(_("The list has been deleted."))
        if expected_revision is not None and row.revision != expected_revision:
            raise RevisionConflict(
                _("Someone else has changed the list; check the current version and try again.")
            )
        bring_up_to_date(row)
        yield row


file_merged = Signal()
"""Sent in the transaction of an import with `plan`, `upstream`, `by`, `origin`, once it is written.

For applications above this one, which it must not import: they take care of the conflicts that
nobody has decided (`plan.waiting`). `upstream` is what Git has, `origin` the address of the version
that came in, if any.
"""

_HOPES = 3
"""Attempts to plan without a lock before one plans under it."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of an import. `revision` is where the catalog stands now."""

    catalog: Catalog
    plan: ImportPlan
    revision: int
    is_new: bool

    def summary(self) -> dict[str, Any]:
        """The plan's figures with the catalog and its revision before them."""
        return {
            "catalog": self.catalog.slug,
            "revision": self.revision,
            **self.plan.summary(),
        }


def check_slug(slug: str) -> None:
    """Raise `AddressTaken` unless a new catalog may have this address."""
    if slug in RESERVED_SLUGS:
        raise AddressTaken(
            _("The address %(slug)s is reserved; choose another one.") % {"slug": slug}
        )
    if not Catalog.SLUG.fullmatch(slug):
        raise AddressTaken(
            _(
                "%(slug)s cannot be an address: use small letters, digits and single hyphens, "
                "80 characters at most."
            )
            % {"slug": slug}
        )


def import_text(
    text: str,
    *,
    catalog: Catalog,
    by: Author,
    theirs: bool = False,
    strict: bool = False,
    verb: str = Revision.Verb.IMPORT,
    base: Base | None = None,
    origin: str = "",
) -> ImportResult:
    """Import a text into a catalog, new (unsaved) or stored: plan and apply in one call.

    Blocks that both sides changed stay as they are here, and wait for somebody to decide; with
    `theirs` the incoming text wins. `base` is the common text where it is known.
    Raises `MergeConflict` with nothing written where there are conflicts and it is `strict`;
    `AddressTaken` when a new catalog may not have its address.
    """
    if catalog._state.adding:
        check_slug(catalog.slug)
        return apply(plan_import(text, new_snapshot(catalog)), by=by, verb=verb)
    bring_up_to_date(catalog)
    decide = theirs_wins if theirs else undecided

    def plan_and_apply() -> ImportResult:
        plan = plan_import(text, take_snapshot(catalog), decide, base)
        if plan.waiting and strict:
            raise conflict_error(plan.waiting)
        return apply(plan, by=by, verb=verb, origin=origin)

    for _hope in range(_HOPES):
        try:
            return plan_and_apply()
        except RevisionConflict:
            continue
    with transaction.atomic():
        # SQLite has locked at BEGIN already.
        Catalog.objects.select_for_update().filter(pk=catalog.pk).first()
        return plan_and_apply()


def conflict_error(conflicts: Sequence[Conflict]) -> MergeConflict:
    """The refusal that lists where both sides changed the same lines."""
    lines = ", ".join(str(conflict.line) for conflict in conflicts[:10])
    more = _(" and %d more") % (len(conflicts) - 10) if len(conflicts) > 10 else ""
    return MergeConflict(
        _(
            "Both sides changed the same lines since their last common text "
            "(incoming line %(lines)s%(more)s), so nothing was written. Change "
            "them on one side, or let the incoming text win."
        )
        % {"lines": lines, "more": more},
        conflicts,
    )


@collector_paused()
def apply(
    plan: ImportPlan,
    *,
    by: Author,
    verb: str = Revision.Verb.IMPORT,
    details: dict[str, Any] | None = None,
    origin: str = "",
) -> ImportResult:
    """Write what was planned, seen as a whole or not at all; the same text again writes nothing.

    A plan is written once: of a long list that is new, its document is given up on the way.

    Raises `RevisionConflict` when the catalog has changed since the plan was made, and
    `AddressTaken` when a new catalog's slug is taken.
    """
    catalog, snapshot = plan.snapshot.catalog, plan.snapshot
    if plan.is_empty:
        if verb == Revision.Verb.IMPORT and (plan.settles or plan.waiting):
            _settle(plan, by, origin)
        return ImportResult(catalog, plan, snapshot.revision, is_new=False)
    is_new = catalog._state.adding
    news: dict[str, Any] = {
        "by": by,
        "verb": verb,
        "sha256": hashlib.sha256(plan.text.encode("utf-8")).hexdigest(),
        "details": {
            "bom": bool(plan.document.bom),
            **plan.figures_written(),
            **(details or {}),
        },
    }

    def settle(revision: Revision, uids: Sequence[int] | None) -> int:
        if uids is None:
            raise AssertionError("the export differs from the text that was to be written")
        upstream = plan.upstream(revision.number, uids)
        if upstream and verb == Revision.Verb.IMPORT:
            save_upstream(catalog, upstream)
            file_merged.send(Catalog, plan=plan, upstream=upstream, by=by, origin=origin)
        return revision.number

    if is_new:
        fill_in(catalog, plan.document)
        number = _write_first(plan, news, settle)
    else:
        writer = DocumentWriter(written_as(plan, catalog, snapshot))
        with transaction.atomic():
            before = fields_of(plan.renamed)
            number = settle(writer.write(**news), _stored_uids(plan))
            note_renamed(before, number)
    return ImportResult(catalog, plan, number, is_new)


def _write_first(
    plan: ImportPlan, news: dict[str, Any], settle: Callable[[Revision, Sequence[int] | None], int]
) -> int:
    """Write a new list: a long one in slices, any other in one transaction."""
    catalog, snapshot = plan.snapshot.catalog, plan.snapshot
    if not is_long(len(plan.document.blocks)):
        try:
            with transaction.atomic():
                store_new(catalog)
                writer = DocumentWriter(written_as(plan, catalog, snapshot))
                return settle(writer.write(**news), _stored_uids(plan))
        except BaseException:
            start_again(catalog)
            raise
    store_new(catalog, is_unfinished=True)
    clear_away()
    # The summary tells of them, and what they are about is given up on the way.
    _findings = plan.warnings
    try:
        writer = DocumentWriter(written_as(plan, catalog, snapshot))
        writer.write_hidden()
        uids = _stored_uids(plan)
        with transaction.atomic():
            return settle(writer.publish(**news), uids)
    except IntegrityError as error:
        discard(catalog)
        # The rows that these referred to were cleared away.
        raise overtaken() from error
    except BaseException:
        discard(catalog)
        raise


def _settle(plan: ImportPlan, by: Author, origin: str) -> None:
    """Record what Git has, where it changes nothing here. Raises `RevisionConflict`."""
    catalog, snapshot = plan.snapshot.catalog, plan.snapshot
    with transaction.atomic():
        standing = Catalog.objects.select_for_update().filter(pk=catalog.pk)
        if standing.values_list("revision", flat=True).first() != snapshot.revision:
            raise RevisionConflict(_("The list was changed in the meantime; try again."))
        upstream = plan.upstream(snapshot.revision, [block.uid for block in snapshot.blocks])
        if upstream:
            save_upstream(catalog, upstream)
            file_merged.send(Catalog, plan=plan, upstream=upstream, by=by, origin=origin)


def _stored_uids(plan: ImportPlan) -> list[int] | None:
    """Law 2, before anybody sees the change: the uids of the stored blocks in order, None where
    their export is not the planned text."""
    blocks = Block.objects.filter(catalog=plan.snapshot.catalog).in_reading_order()
    uids: list[int] = []
    end = len(plan.document.bom)
    for uid, source in blocks.values_list("uid", "source").iterator(chunk_size=BATCH):
        if not plan.text.startswith(source, end):
            return None
        uids.append(uid)
        end += len(source)
    return uids if end == len(plan.text) else None


def decode_text(data: bytes, name: str) -> str:
    """Decode a README; line endings, byte order mark and all else stay as they are.

    `name` is what the messages call the file. Raises `UnreadableText`: over the size limit, not
    UTF-8 (with the offset of the first bad byte), or holding a NUL, which no database keeps.
    """
    limit = settings.MAX_IMPORT_BYTES
    if len(data) > limit:
        raise UnreadableText(
            _(
                "%(name)s is larger than the limit of %(limit)d bytes; raise "
                "MAX_IMPORT_BYTES to import it."
            )
            % {"name": name, "limit": limit}
        )
    try:
        text = codecs.decode(data, "utf-8", "strict")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableText(
            _(
                "%(name)s, line %(line)d: byte %(byte)d of the file (0x%(value)02X) is not UTF-8; "
                "save the file as UTF-8 and import it again."
            )
            % {
                "name": name,
                "line": line,
                "byte": error.start,
                "value": data[error.start],
            }
        ) from None
    nul = text.find("\0")
    if nul >= 0:
        raise UnreadableText(
            _(
                "%(name)s, line %(line)d: there is a NUL character (byte %(byte)d of the file), "
                "which cannot be stored; remove it and import the file again."
            )
            % {
                "name": name,
                "line": text.count("\n", 0, nul) + 1,
                "byte": len(text[:nul].encode("utf-8")),
            }
        )
    return text
