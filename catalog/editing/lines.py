"""Edits of lines by the blocks they are in, written through the whole document.

For what is rare or reaches far: sections, prose, reverts, and edits of entries that may change
how others read. The text is made anew and parsed as a whole, and every block that stays is known
by what it was, so that ids, decisions and addresses stay too.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog import markdown
from catalog.editing.settings import OPERATION, take_correction_back
from catalog.errors import EditRefused, NotFound, RevisionConflict
from catalog.history.diffs import Diff, diff_rows
from catalog.history.revisions import Author, Lines, blocks_at
from catalog.importing.applying import apply, transaction_on
from catalog.importing.planning import followed_corrections, plan_text
from catalog.markdown import split_lines
from catalog.markdown.nodes import LINE_ENDING, begun_by
from catalog.markdown.parser import BOM
from catalog.models import Block, Catalog, Change, Revision
from catalog.store.snapshots import Snapshot, take_snapshot


@dataclass(slots=True)
class LineEdit:
    """New sources of some blocks, by uid; the others stay as they are.

    `put` is, in order, what stands behind the block `after` (0: the beginning) afterwards: blocks
    that move there, and sources of new ones.
    """

    replaced: dict[int, str] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    after: int = 0
    put: Sequence[int | str] = ()

    @property
    def touched(self) -> set[int]:
        """The blocks that may read otherwise afterwards."""
        return {*self.replaced, *[item for item in self.put if isinstance(item, int)]}

    def applied(self, rows: Iterable[tuple[int, str]]) -> list[tuple[int | None, str]]:
        """The `(uid, source)` rows after the edit; new ones have no uid yet."""
        known = dict(rows)
        put: list[tuple[int | None, str]] = [
            (None, item) if isinstance(item, str) else (item, self._source(item, known))
            for item in self.put
        ]
        gone = self.removed | {item for item in self.put if isinstance(item, int)}
        result: list[tuple[int | None, str]] = []
        if not self.after:
            result += put
        for uid in known:
            if uid not in gone:
                result.append((uid, self._source(uid, known)))
            if self.after and uid == self.after:
                result += put
        return result

    def _source(self, uid: int, known: Mapping[int, str]) -> str:
        return self.replaced.get(uid, known[uid])


def write_rows(
    catalog: Catalog,
    snapshot: Snapshot,
    rows: Sequence[tuple[int | None, str]],
    *,
    by: Author,
    verb: str,
    details: dict[str, Any] | None = None,
) -> Revision | None:
    """Make these rows the list, `(uid, source)`, new ones without uid; None if nothing changes.

    Raises `RevisionConflict` when the catalog does not stand at the snapshot any more.
    """
    text = (BOM if snapshot.bom else "") + "".join([source for _uid, source in rows])
    if text == snapshot.text:
        return None
    document, known = _read(snapshot, rows)
    plan = plan_text(text, snapshot, document=document, known=known)
    result = apply(plan, by=by, verb=verb, details=details)
    catalog.refresh_from_db()
    return Revision.objects.get(catalog=catalog, number=result.revision)


def write_edit(
    catalog: Catalog,
    edit: LineEdit,
    *,
    by: Author,
    verb: str,
    strict: bool = True,
) -> Revision | None:
    """Write an edit through the whole document; None if it changes nothing.

    With `strict` it is refused where any other block would read otherwise.
    """
    snapshot = take_snapshot(catalog)
    rows = edit.applied(snapshot.rows)
    if strict:
        check_rows(snapshot, rows, edit.touched)
    return write_rows(catalog, snapshot, rows, by=by, verb=verb)


def check_edit(catalog: Catalog, edit: LineEdit) -> None:
    """Raise `EditRefused` where `write_edit()` would; writes nothing, but reads the whole list."""
    snapshot = take_snapshot(catalog)
    check_rows(snapshot, edit.applied(snapshot.rows), edit.touched)


def _read(
    snapshot: Snapshot, rows: Sequence[tuple[int | None, str]]
) -> tuple[markdown.Document, dict[int, int]]:
    """The rows as a document, and which stored block each of its blocks is.

    Sections that are called otherwise now are read as it was decided about them.
    """
    text = (BOM if snapshot.bom else "") + "".join([source for _uid, source in rows])
    document = markdown.parse(text, corrections=snapshot.corrections)
    known = _known(document, snapshot, rows)
    corrections = followed_corrections(snapshot, document, known)
    if corrections != snapshot.corrections:
        document = markdown.parse(text, corrections=corrections)
        known = _known(document, snapshot, rows)
    return document, known


def _known(
    document: markdown.Document, snapshot: Snapshot, rows: Sequence[tuple[int | None, str]]
) -> dict[int, int]:
    """The stored block of each block of the document: the one that begins at the same place."""
    stored = {block.uid: index for index, block in enumerate(snapshot.blocks)}
    uids = begun_by(document, rows)
    return {index: stored[uid] for index, uid in uids.items() if uid is not None}


def check_rows(
    snapshot: Snapshot, rows: Sequence[tuple[int | None, str]], touched: Container[int]
) -> None:
    """Raise `EditRefused` where a block that was not touched is no longer one of its kind."""
    kinds = {block.uid: block.kind for block in snapshot.blocks}
    document, _old_of = _read(snapshot, rows)
    blocks = {}
    offset = 0
    for block in document.blocks:
        blocks[offset] = (block.kind.value, block.source)
        offset += len(block.source)
    offset, line = 0, 1
    for uid, source in rows:
        reading = blocks.get(offset)
        first = line
        offset += len(source)
        line += len(markdown.split_lines(source))
        if uid is None or uid in touched or kinds[uid] == Block.Kind.GAP:
            continue
        if reading != (kinds[uid], source):
            raise EditRefused(
                _("Written this way, line %(line)d would be read differently: “%(text)s”.")
                % {"line": first, "text": source.strip()[:60]}
            )


# Lines that went through a browser's text area, which sends every line ending as CRLF


def typable(source: str) -> str:
    """A block's source as it is shown to be edited: without its last line ending."""
    lines = split_lines(source)
    return source[: -len(_ending(lines[-1]))] if lines and _ending(lines[-1]) else source


def with_own_endings(typed: str, source: str) -> str:
    """Return the text typed over `typable(source)`, with the source's line endings.

    Lines that were left alone keep theirs exactly, new ones get the first that there is, and the
    last line ends as the last one did. Nothing else is changed, so that what was not touched
    comes back as it was.
    """
    old = split_lines(source)
    old_texts = [_without_ending(line) for line in old]
    texts = LINE_ENDING.split(typed)
    if texts == old_texts:
        return source
    endings = [_ending(line) for line in old]
    usual = next(filter(None, endings), "\n")
    new_endings = [usual] * len(texts)
    matcher = SequenceMatcher(None, old_texts, texts, autojunk=False)
    for start, new_start, size in matcher.get_matching_blocks():
        for step in range(size):
            new_endings[new_start + step] = endings[start + step] or usual
    new_endings[-1] = endings[-1] if endings else ""
    return "".join([text + end for text, end in zip(texts, new_endings, strict=True)])


def _ending(line: str) -> str:
    return line[len(_without_ending(line)) :]


def _without_ending(line: str) -> str:
    return line.rstrip("\r\n")


def refuse_changed(source: str, expected: str | None, name: str) -> None:
    """Raise `RevisionConflict` when lines are not those that an edit is based on."""
    if expected is not None and source != expected:
        raise RevisionConflict(
            _("Someone else has changed “%(name)s”; check the current version and try again.")
            % {"name": name}
        )


# Reverts: the inverse of a revision's line operations on the present text, a revision of its own


def revert_revision(
    *,
    catalog: Catalog,
    number: int,
    by: Author,
) -> Revision | None:
    """Undo what revision `number` did to the lines; None if they are as before already.

    Entries that it removed come back as themselves. Raises `RevisionConflict` when a line was
    changed again since, `EditRefused` for a revision that changed no line and for the founding
    import, and `NotFound`.
    """
    with transaction_on(catalog.pk) as row:
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
