"""Sections edited together with what leads to them: the table of contents and links elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from catalog import markdown
from catalog.editing.lines import LineEdit, write_edit
from catalog.history.revisions import By
from catalog.markdown.writing.contents import Followed, follow_headings
from catalog.models import Catalog, Revision
from catalog.store.snapshots import take_snapshot

LINKS, DANGLING = "links_changed", "links_dangling"
"""Keys of a revision's details: lines elsewhere whose links were changed, or lead nowhere now."""


def write_section_edit(catalog: Catalog, edit: LineEdit, *, by: By, verb: str) -> Revision | None:
    """Write an edit of headings; what leads to them follows, and the revision says what did.

    `details` of the revision hold the lines elsewhere with a link that follows (`LINKS`), and
    those with one that leads to a section that is gone (`DANGLING`).
    """
    followed = _followed(catalog, edit)
    for uid, source in followed.sources.items():
        if uid in edit.removed:
            continue
        if source:
            edit.replaced[uid] = source
        else:
            edit.removed.add(uid)
    lines = {LINKS: followed.links, DANGLING: followed.dangling}
    details = {key: those for key, those in lines.items() if those}
    return write_edit(catalog, edit, by=by, verb=verb, details=details)


def _followed(catalog: Catalog, edit: LineEdit) -> Followed:
    rows = take_snapshot(catalog).rows
    after = edit.applied(rows)
    old, new = markdown.parse(_text(rows)), markdown.parse(_text(after))
    old_keys = [uid or 0 for uid in _uids(old, rows)]
    return follow_headings(old, old_keys, new, _uids(new, after))


def _text(rows: Iterable[tuple[int | None, str]]) -> str:
    return "".join([source for _uid, source in rows])


def _uids(document: markdown.Document, rows: Iterable[tuple[int | None, str]]) -> list[int | None]:
    """The uid of each block: that of the row that begins where it does."""
    starts: dict[int, int | None] = {}
    offset = 0
    for uid, source in rows:
        starts[offset] = uid
        offset += len(source)
    uids = []
    offset = 0
    for block in document.blocks:
        uids.append(starts.get(offset))
        offset += len(block.source)
    return uids
