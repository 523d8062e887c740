"""Proving a catalog: its text, its projection and its history agree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from catalog.exporting import export_markdown
from catalog.history import revisions as history
from catalog.markdown import parse, render
from catalog.markdown.parser import BOM
from catalog.models import Catalog, Checkpoint, Revision
from catalog.rebuilding import projection_differences


def check_catalog(catalog: Catalog) -> list[str]:
    """Return the faults of a catalog, a sentence each; [] when there are none, or no text yet.

    Law 1 on its text, every derived row against the text, and the history: every checkpoint and
    the SHA-256 of every import against the text that replaying gives.
    """
    if not catalog.revision:
        return []
    problems = []
    text = export_markdown(catalog)
    if render(parse(text)) != text:
        problems.append("its text does not come back from the codec as it went in")
    for table, count in projection_differences(catalog).items():
        problems.append(f"{count} {table} are not what the text says")
    problems += _history_problems(catalog)
    return problems


def _history_problems(catalog: Catalog) -> list[str]:
    """Replay the whole history from the founding text to the current one."""
    founding = Checkpoint.objects.filter(revision__catalog=catalog, revision__number=1).first()
    if founding is None:
        return ["its founding text is missing from the history"]
    bom, rows = history.checkpoint_rows(founding)
    lines = history.Lines(rows)
    problems = []
    expected = 1
    revisions = catalog.revisions.order_by("number").prefetch_related("changes", "checkpoint")
    for revision in revisions.iterator(chunk_size=100):
        number = revision.number
        if number != expected:
            problems.append(f"revision {expected} is missing from its history")
        expected = number + 1
        try:
            for change in revision.changes.all():
                lines.replay(change)
        except KeyError:
            return [*problems, f"revision {number} cannot be replayed"]
        bom = revision.details.get("bom", bom)
        problems += _revision_problems(revision, bom, lines)
    if expected != catalog.revision + 1:
        problems.append(f"its history ends before revision {catalog.revision}")
    live = list(catalog.blocks.in_reading_order().values_list("uid", "source"))
    if bom != catalog.bom:
        problems.append("its byte order mark is not that of its history")
    if lines.rows() != live:
        problems.append("replaying its history does not give its text")
    return problems


def _revision_problems(revision: Revision, bom: bool, lines: history.Lines) -> Iterator[str]:
    """Compare what replaying up to a revision gives with what it recorded of its text."""
    number = revision.number
    if revision.sha256 and _sha256(bom, lines) != revision.sha256:
        yield f"replaying revision {number} does not give the text it stands for"
    checkpoint = getattr(revision, "checkpoint", None)
    if checkpoint and history.checkpoint_rows(checkpoint) != (bom, lines.rows()):
        yield f"the whole copy at revision {number} is not what replaying gives"


def _sha256(bom: bool, lines: history.Lines) -> str:
    text = (BOM if bom else "") + "".join([source for _uid, source in lines.rows()])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
