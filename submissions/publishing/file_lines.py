"""Writing what was decided about a conflict between the list and its file."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.editing.lines import LineEdit, write_edit
from catalog.history.revisions import Author
from catalog.importing.merging import line_ending
from catalog.models import Block, Catalog, Change, Revision
from submissions.proposal import Base, SubmissionDraft


def write_lines(
    draft: SubmissionDraft, now: Base, resolution: Mapping[str, str] | None, by: Author
) -> None:
    """Write the decided lines, else the file's; equal lines write nothing."""
    proposal, catalog = draft.proposal, draft.catalog
    text = (resolution or {}).get("lines", proposal.lines or "")
    if text and (not now.source or now.source.endswith(("\n", "\r"))):
        text = _ended(text, now.source)
    if text == now.source:
        return
    if not now.source:
        edit = _insertion(catalog, proposal.behind, text)
    elif text:
        edit = LineEdit(replaced={proposal.block: text})
    else:
        edit = LineEdit(removed={proposal.block})
    verb = Revision.Verb.CHANGE if now.source else Revision.Verb.ADD
    verb = verb if text else Revision.Verb.REMOVE
    write_edit(catalog, edit, by=by, verb=verb, strict=False)


def _insertion(catalog: Catalog, behind: int, text: str) -> LineEdit:
    """New lines behind a block; behind what stood before it if that is gone."""
    sources = dict(Block.objects.filter(catalog=catalog).values_list("uid", "source"))
    while behind and behind not in sources:
        removals = Change.objects.filter(
            revision__catalog=catalog, op=Change.Op.DELETE, uid=behind
        ).order_by("-revision__number", "-ordinal")
        behind = removals.values_list("before_after_uid", flat=True).first() or 0
    before = sources.get(behind, "\n")
    edit = LineEdit(after=behind, put=[text])
    if not before.endswith(("\n", "\r")):
        edit.replaced[behind] = before + line_ending([text])
    return edit


def _ended(text: str, like: str) -> str:
    """A text that ends its last line, as another one does."""
    return text if text.endswith(("\n", "\r")) else text + line_ending([text, like])
