"""Proving a catalog: its text, its projection and its history agree."""

from __future__ import annotations

import hashlib

from catalog import history
from catalog.exporting import export_markdown
from catalog.markdown import parse, render
from catalog.models import Catalog, Change, Checkpoint
from catalog.rebuilding import projection_differences


def check_catalog(catalog: Catalog) -> list[str]:
    """What is wrong with a catalog, a sentence each; [] when nothing is.

    Law 1 on its text, every derived row against the text, and the history: every checkpoint and
    the SHA-256 of every import against the text that replaying gives.
    """
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
    problems = []
    bom, rows = history.checkpoint_rows(founding)
    revisions = catalog.revisions.order_by("number").values_list("number", "sha256", "details")
    changes: dict[int, list[Change]] = {}
    for change in (
        Change.objects.filter(revision__catalog=catalog)
        .order_by("revision__number", "ordinal")
        .select_related("revision")
    ):
        changes.setdefault(change.revision.number, []).append(change)
    expected = 1
    for number, sha256, details in revisions:
        if number != expected:
            problems.append(f"revision {expected} is missing from its history")
        expected = number + 1
        try:
            rows = history.apply_changes(rows, changes.get(number, []))
        except KeyError:
            return [*problems, f"revision {number} cannot be replayed"]
        bom = details.get("bom", bom)
        if sha256:
            text = ("\ufeff" if bom else "") + "".join([source for _uid, source in rows])
            if hashlib.sha256(text.encode("utf-8")).hexdigest() != sha256:
                problems.append(f"replaying revision {number} does not give the text it stands for")
    if expected != catalog.revision + 1:
        problems.append(f"its history ends before revision {catalog.revision}")
    live = list(catalog.blocks.in_reading_order().values_list("uid", "source"))
    if rows != live:
        problems.append("replaying its history does not give its text")
    return problems
