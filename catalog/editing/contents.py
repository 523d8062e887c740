"""Sections edited together with what leads to them: the table of contents and links elsewhere."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from catalog import markdown
from catalog.editing.lines import LineEdit, check_rows, write_rows
from catalog.history.diffs import Diff, diff_rows
from catalog.history.revisions import Author
from catalog.markdown.writing.contents import follow_headings
from catalog.models import Catalog, Revision
from catalog.store.snapshots import Snapshot, take_snapshot

LINKS, DANGLING = "links_changed", "links_dangling"
"""Keys of a revision's details: lines elsewhere whose links were changed, or lead nowhere now."""


def write_section_edit(
    catalog: Catalog, edit: LineEdit, *, by: Author, verb: str
) -> Revision | None:
    """Write an edit of headings; see `write_section_rows`."""
    snapshot = take_snapshot(catalog)
    return write_section_rows(catalog, snapshot, edit.applied(snapshot.rows), by=by, verb=verb)


def write_section_rows(
    catalog: Catalog,
    snapshot: Snapshot,
    rows: Sequence[tuple[int | None, str]],
    *,
    by: Author,
    verb: str,
    joined: Mapping[int, int] | None = None,
    relocated: Container[int] = (),
) -> Revision | None:
    """Make these rows the list; what leads to headings follows, and the revision says what did.

    `joined` and `relocated` are uids of headings, see `follow_headings`. `details` of the revision
    hold the lines elsewhere with a link that follows (`LINKS`), and those with one that leads to a
    section that is gone (`DANGLING`). Refused where any other block would read otherwise.
    """
    rows, details = _followed(snapshot, rows, joined, relocated)
    known = dict(snapshot.rows)
    check_rows(snapshot, rows, {uid for uid, source in rows if uid and known[uid] != source})
    return write_rows(catalog, snapshot, rows, by=by, verb=verb, details=details)


def section_diff(catalog: Catalog, edit: LineEdit) -> Diff:
    """Return the difference that `write_section_edit` would make; writes nothing."""
    snapshot = take_snapshot(catalog)
    rows, _details = _followed(snapshot, edit.applied(snapshot.rows))
    new = count(catalog.next_uid)
    return diff_rows(snapshot.rows, [(uid or next(new), source) for uid, source in rows])


def _followed(
    snapshot: Snapshot,
    rows: Sequence[tuple[int | None, str]],
    joined: Mapping[int, int] | None = None,
    relocated: Container[int] = (),
) -> tuple[list[tuple[int | None, str]], dict[str, Any]]:
    """The rows with what leads to headings, and the lines elsewhere that it concerns."""
    old, new = markdown.parse(_text(snapshot.rows)), markdown.parse(_text(rows))
    old_keys = [uid or 0 for uid in _uids(old, snapshot.rows)]
    followed = follow_headings(old, old_keys, new, _uids(new, rows), joined, relocated)
    sources = followed.sources
    rows = [(uid, sources.get(uid, source) if uid else source) for uid, source in rows]
    lines = {LINKS: followed.links, DANGLING: followed.dangling}
    details = {key: those for key, those in lines.items() if those}
    return [(uid, source) for uid, source in rows if source], details


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
