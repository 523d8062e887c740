"""Conflicts between a list and its file: each waits as a submission until somebody decides.

They come and change with the imports that find them, in the transaction of the import. What has
been decided stays so: the import has recorded what the file says, and what stands here otherwise
is a change made here (`catalog/store/snapshots.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.editing.lines import LineEdit, write_edit
from catalog.history.revisions import Author
from catalog.importing.merging import Conflict, line_ending
from catalog.importing.planning import ImportPlan
from catalog.models import Block, Catalog, Change, Revision
from catalog.store.snapshots import UpstreamText
from submissions.choices import Kind, Role, Status, Verb
from submissions.models import Submission
from submissions.people import Actor
from submissions.policies import ensure_reasons
from submissions.proposal import Base, Proposal, SubmissionDraft
from submissions.publishing.planning import mark_conflicts
from submissions.verbs.transitions import Step, Transition, TransitionInput, record, write_event

_LONGEST_NAME = 200


def take_conflicts(
    rows: Mapping[Verb, Transition],
    plan: ImportPlan,
    upstream: UpstreamText,
    by: Author,
    origin: str = "",
) -> None:
    """Store an import's undecided conflicts as submissions; renew or close earlier ones.

    `origin` is the address of the version that came in. Has to run in the import's transaction.
    """
    catalog = plan.snapshot.catalog
    if not plan.snapshot.revision:
        return
    open_ones = Submission.objects.open().filter(catalog=catalog, kind=Kind.LINES)
    waiting = {one.content.block: one for one in open_ones.select_related("entry")}
    if not waiting and not plan.waiting:
        return
    actor = Actor(user=by.actor, name=by.credit)
    in_file = None if upstream.rows is None else dict(upstream.rows)
    for conflict in plan.waiting:
        known = waiting.pop(conflict.uid, None)
        if known is None:
            _begin(rows[Verb.SUBMIT], catalog, conflict, by, origin)
        else:
            proposal = _proposal(conflict)
            step = _step(rows[Verb.RESUBMIT], catalog, known, actor, proposal)
            step.store(**_content(conflict, proposal, catalog))
            record(step)
    for uid, known in waiting.items():
        if in_file is None or in_file.get(uid, "") != known.content.lines:
            # The file says something else by now that contradicts nothing.
            record(_step(rows[Verb.WITHDRAW], catalog, known, actor))


def _begin(
    transition: Transition, catalog: Catalog, conflict: Conflict, by: Author, origin: str
) -> None:
    block = Block.objects.filter(catalog=catalog, uid=conflict.uid).select_related("entry").first()
    now = timezone.now()
    ensure_reasons(catalog)
    entry = getattr(block, "entry", None)
    row = Submission.objects.create(
        catalog=catalog,
        kind=Kind.LINES,
        status=Status.CONFLICT,
        status_at=now,
        created_at=now,
        wants_mail=False,
        credit=by.credit[:150],
        entry=entry,
        section=block.section if block else None,
        listing=block.listing if block else None,
        name=entry.name if entry else _first_words(conflict),
        note=_("The file has a different version since %(version)s.") % {"version": origin}
        if origin
        else "",
        **_content(conflict, _proposal(conflict), catalog),
    )
    actor = Actor(user=by.actor, name=by.credit)
    write_event(_step(transition, catalog, row, actor), "")
    mark_conflicts(row, catalog)


def _step(
    transition: Transition,
    catalog: Catalog,
    row: Submission,
    actor: Actor,
    proposal: Proposal | None = None,
) -> Step:
    data = TransitionInput(proposal=proposal)
    row.catalog = catalog
    return Step(catalog, row, transition, actor, Role.FILE, data)


def _proposal(conflict: Conflict) -> Proposal:
    return Proposal(Kind.LINES, block=conflict.uid, lines=conflict.theirs, behind=conflict.behind)


def _content(conflict: Conflict, proposal: Proposal, catalog: Catalog) -> dict[str, object]:
    base = Base(revision=catalog.revision, source=conflict.base)
    return {"proposal": proposal.to_json(), "base": base.to_json(), "conflicts": ["lines"]}


def _first_words(conflict: Conflict) -> str:
    return " ".join((conflict.theirs or conflict.ours).split())[:_LONGEST_NAME]


# Writing what was decided


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
