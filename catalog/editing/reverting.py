"""Reverting a revision: the inverse of its line operations on the present text.

It is a revision of its own. What was changed again since cannot be taken back without losing
that, so it is a conflict that names the lines; nothing is written then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.editing.lines import transaction_on, write_rows
from catalog.editing.settings import OPERATION, take_correction_back
from catalog.errors import EditRefused, NotFound, RevisionConflict
from catalog.history.diffs import Diff, diff_rows
from catalog.history.revisions import Author, Lines, blocks_at
from catalog.models import Block, Catalog, Change, Revision
from catalog.store.snapshots import take_snapshot


def revert_revision(
    *,
    catalog: Catalog,
    number: int,
    by: Author,
    expected_revision: int | None = None,
) -> Revision | None:
    """Undo what revision `number` did to the lines; None if they are as before already.

    Entries that it removed come back as themselves. Raises `RevisionConflict` when a line was
    changed again since, `EditRefused` for a revision that changed no line and for the founding
    import, and `NotFound`.
    """
    with transaction_on(catalog.pk, expected_revision) as row:
        revision = Revision.objects.filter(catalog=row, number=number).first()
        if revision is None:
            raise NotFound(
                _("%(catalog)s has no revision %(number)d.")
                % {"catalog": row.slug, "number": number}
            )
        if revision.details.get("operation") == OPERATION:
            return take_correction_back(row, revision.details, by)
        changes = list(revision.changes.order_by("-ordinal"))
        if number == 1 or not changes or "rebuilt" in revision.details:
            raise EditRefused(
                _("Revision %(number)d changed no line that could be undone.") % {"number": number}
            )
        snapshot = take_snapshot(row)
        undone = _Undone(snapshot.rows, row, number)
        for change in changes:
            undone.undo(change)
        return write_rows(
            row,
            snapshot,
            undone.rows,
            by=by,
            verb=Revision.Verb.REVERT,
            details={"operation": "revert", "reverted": number},
        )


class _Undone:
    """The list's lines with one revision's operations being taken back, the last one first."""

    def __init__(self, rows: Iterable[tuple[int, str]], catalog: Catalog, number: int) -> None:
        self._rows = [*rows]
        self._catalog = catalog
        self._number = number
        self._returned: set[int] = set()
        self._before: list[int] | None = None

    @property
    def rows(self) -> list[tuple[int | None, str]]:
        """`(uid, source)`; lines that came back have no uid, since none is used again."""
        return [(None if uid in self._returned else uid, source) for uid, source in self._rows]

    def undo(self, change: Change) -> None:
        """Undo one operation."""
        if change.op == Change.Op.DELETE:
            self._returned.add(change.uid)
        else:
            index = self._find(change)
            if change.op == Change.Op.REPLACE:
                self._rows[index] = (change.uid, change.before)
                return
            del self._rows[index]
            if change.op == Change.Op.INSERT:
                return
        place = self._place(change.before_after_uid or 0)
        self._rows.insert(place, (change.uid, change.before))

    def _find(self, change: Change) -> int:
        """Return the position of the lines that the operation left, if they still stand."""
        for index, row in enumerate(self._rows):
            if row == (change.uid, change.after):
                return index
        raise RevisionConflict(
            _(
                "“%(lines)s” was changed again after revision %(number)d, "
                "so that revision cannot be undone; change the lines themselves."
            )
            % {"lines": change.after.strip()[:80], "number": self._number}
        )

    def _place(self, after: int) -> int:
        """The index behind a block, or if that is gone behind the nearest that stood before it."""
        places = {uid: index for index, (uid, _source) in enumerate(self._rows)}
        if not after:
            return 0
        for uid in (after, *([] if after in places else self._standing_before(after))):
            if uid in places:
                return places[uid] + 1
        return 0

    def _standing_before(self, after: int) -> list[int]:
        """The blocks in front of one in the text before the revision, the nearest first."""
        if self._before is None:
            _bom, rows = blocks_at(self._catalog, self._number - 1)
            self._before = [uid for uid, _source in rows]
        before = self._before
        return before[: before.index(after)][::-1] if after in before else []


# The effect of an edit, found by applying it and rolling it back


def preview_edit(catalog: Catalog, edit: Callable[[], object]) -> Diff:
    """The diff of the README that `edit` would make; nothing is kept.

    Rows that `edit` is given must not be used afterwards: they would say that it was done.
    Raises whatever the edit raises.
    """
    with transaction.atomic():
        blocks = Block.objects.filter(catalog=catalog).in_reading_order()
        before = list(blocks.values_list("uid", "source"))
        number = Catalog.objects.values_list("revision", flat=True).get(pk=catalog.pk)
        edit()
        made = Change.objects.filter(revision__catalog=catalog, revision__number__gt=number)
        changes = list(made.order_by("revision__number", "ordinal"))
        transaction.set_rollback(True)
    lines = Lines(before)
    for change in changes:
        lines.replay(change)
    return diff_rows(before, lines.rows())
