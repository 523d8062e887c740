"""Conflicts between a list and its file: each waits as a submission until somebody decides.

They come and change with the imports that find them, in the transaction of the import. What has
been decided stays so: the import has recorded what the file says, and what stands here otherwise
is a change made here (`catalog/store/snapshots.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.history.revisions import Author
from catalog.importing.merging import Conflict
from catalog.importing.planning import ImportPlan
from catalog.models import Block, Catalog
from catalog.store.snapshots import UpstreamText
from submissions.choices import Kind, Role, Status, Verb
from submissions.models import Submission
from submissions.people import Actor
from submissions.policies import ensure_reasons
from submissions.proposal import Base, Proposal
from submissions.publishing.rechecking import mark_conflicts
from submissions.verbs.transitions import (
    Step,
    Transition,
    TransitionInput,
    record,
    write_event,
)

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
