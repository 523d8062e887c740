"""Everything that a moderator looks at before deciding on one submission. Only reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.editing.fields import entry_fields
from catalog.history.diffs import ChangeLines, Fragment, compare, linked_lines
from catalog.markdown.linting import Finding, Severity
from catalog.models import Change, Listing, Revision
from submissions.choices import OPEN, Kind, Status
from submissions.findings import read_finding
from submissions.models import DecisionReason, Submission, SubmissionEvent
from submissions.people import as_shown
from submissions.proposal import Base, Proposal
from submissions.protection import is_trusted
from submissions.publishing.planning import Conflict, model_of, plan, renumbered, version_of
from submissions.publishing.previewing import LinePreview, preview_lines
from submissions.queue_rows import Record, active_reasons, records_of

_OTHERS = 8
_MOST_LINES = 50
_ORDER = {severity: number for number, severity in enumerate(Severity)}


class Remark(NamedTuple):
    """A fact about the proposal besides the fields."""

    label: str
    text: str


class FieldChange(NamedTuple):
    """A field before and after, with what differs between both."""

    label: str
    before: Fragment
    after: Fragment


class ThreadEvent(NamedTuple):
    """An event, who it was by, the text of its reason, and what it made of the version before."""

    event: SubmissionEvent
    who: str
    reason: str
    changed: list[FieldChange]


@dataclass(frozen=True, slots=True)
class ReviewContext:
    """A submission with all there is to know about it."""

    submission: Submission
    proposal: Proposal
    preview: LinePreview
    lines: list[ChangeLines]
    """The lines that were published, once they are."""
    findings: list[Finding]
    conflicts: list[Conflict]
    now: Base
    seen: str
    labels: dict[str, str]
    remarks: list[Remark]
    thread: list[ThreadEvent]
    fields: list[FieldChange]
    """The changed fields of its entry; empty for a new one."""
    changed: list[FieldChange]
    """The differences from the previous version of the submission."""
    others: list[Submission]
    same: list[Submission]
    """Other open submissions about the same entry or address."""
    joined: list[Submission]
    record: Record | None
    is_trusted: bool
    reasons: list[DecisionReason]
    """The reasons that can be given for a rejection."""


def read_review_context(submission: Submission, reader: User) -> ReviewContext:
    """Collect it; a fixed number of queries whatever there is."""
    proposal, catalog = submission.content, submission.catalog
    planned = plan(submission.draft)
    is_open = submission.status in OPEN
    preview = (
        preview_lines(submission.draft)
        if submission.status not in {Status.APPLIED, Status.REVERTED}
        else LinePreview()
    )
    labels = labels_of(submission)
    events = list(submission.events.oldest_first().select_related("actor"))
    changes = _changes_of(submission, events, labels)
    visible = Submission.objects.visible_to(reader)
    records = records_of(visible, [submission.submitter_id])
    return ReviewContext(
        submission,
        proposal,
        preview,
        _published_lines(submission, events),
        _findings(submission, preview.findings if is_open else ()),
        planned.conflicts if is_open else [],
        planned.now,
        version_of(planned.now),
        labels,
        _remarks(submission, proposal, labels),
        _thread(submission, events, changes),
        _fields(submission, proposal, planned.now, labels),
        next((changed for changed in reversed(changes) if changed), []),
        _others(submission, visible),
        _same(submission, visible) if is_open else [],
        list(submission.joined.select_related("submitter").order_by("pk")[:50]),
        records.get(submission.submitter_id or 0),
        is_trusted(submission.submitter, catalog),
        active_reasons(catalog),
    )


def labels_of(submission: Submission) -> dict[str, str]:
    """Return the labels of a submission's fields."""
    fields = entry_fields(model_of(submission), values=submission.content.cells)
    labels = {field.name: str(field.label) for field in fields}
    others = {
        "description": _("description"),
        "entry": _("the entry"),
        "listing": _("list or table"),
        "place": _("place"),
        "add_tags": _("add tags"),
        "remove_tags": _("remove tags"),
        "reason": _("why"),
        "report": _("what is wrong"),
        "evidence": _("evidence"),
        "replacement_url": _("new address"),
        "new_section": _("new section"),
        "lines": _("lines"),
    }
    return {**others, **labels}


def _findings(submission: Submission, drafted: Iterable[Finding]) -> list[Finding]:
    """Stored ones and those of the draft, each once, the worst first."""
    stored = [read_finding(data) for data in submission.findings]
    known = {(finding.code, finding.field) for finding in stored}
    fresh = [finding for finding in drafted if (finding.code, finding.field) not in known]
    return sorted([*stored, *fresh], key=lambda finding: _ORDER[finding.severity])


def _remarks(submission: Submission, proposal: Proposal, labels: dict[str, str]) -> list[Remark]:
    """Return the facts that no line of the README shows."""
    note = [Remark(_("note to the moderator"), submission.note)] if submission.note else []
    return [*note, *(Remark(labels[name], text) for name, text in _facts(proposal).items())]


def _facts(proposal: Proposal) -> dict[str, str]:
    """What a proposal says besides the texts of its fields, by the names of labels."""
    facts = {
        "reason": proposal.reason,
        "report": str(proposal.report.label) if proposal.report else "",
        "evidence": proposal.evidence,
        "replacement_url": proposal.replacement_url,
        "new_section": proposal.new_section,
        "add_tags": ", ".join(proposal.add_tags),
        "remove_tags": ", ".join(proposal.remove_tags),
    }
    return {name: text for name, text in facts.items() if text}


def _fields(
    submission: Submission, proposal: Proposal, now: Base, labels: dict[str, str]
) -> list[FieldChange]:
    """The entry's fields before and after, those that differ; one query for a move."""
    if submission.kind == Kind.ADD:
        return []
    if submission.published and submission.status == Status.APPLIED:
        before = Base.from_json(submission.published["before"])
        after = Base.from_json(submission.published["after"])
        texts = {name: after.text_of(name) for name in labels if _is_text(name)}
        places = before.listing, after.listing
        if not after.source:
            return []
    else:
        before, places = now, (now.listing, proposal.target or now.listing)
        texts = renumbered(proposal, submission.based_on, now).changed
        if proposal.replacement_url:
            texts["url"] = proposal.replacement_url
    rows = [
        FieldChange(labels.get(name, name), *compare(before.text_of(name), text))
        for name, text in texts.items()
        if before.text_of(name) != text
    ]
    if places[0] != places[1]:
        titles = Listing.objects.titles(places)
        here, there = (titles.get(key or 0, "") for key in places)
        rows.append(FieldChange(labels["listing"], *compare(here, there)))
    return rows


def _is_text(name: str) -> bool:
    return name in {"name", "url", "description"} or name.startswith("cell-")


def _thread(
    submission: Submission,
    events: Sequence[SubmissionEvent],
    changes: Sequence[list[FieldChange]],
) -> list[ThreadEvent]:
    codes = {event.reason for event in events if event.reason}
    texts = {}
    if codes:
        reasons = DecisionReason.objects.filter(catalog=submission.catalog_id, code__in=codes)
        texts = {reason.code: reason.shown_text for reason in reasons}
    return [
        ThreadEvent(
            event,
            as_shown(event.actor_name) or str(event.get_role_display()),
            texts.get(event.reason, event.reason),
            changed,
        )
        for event, changed in zip(events, changes, strict=True)
    ]


def _changes_of(
    submission: Submission, events: Sequence[SubmissionEvent], labels: dict[str, str]
) -> list[list[FieldChange]]:
    """Return for each event the fields changed since the previous version; at most one query."""
    places = _places_of(events)
    versions = [_version(event, places) for event in events]
    return [
        []
        if number == 0 or now == versions[number - 1]
        else _differences(versions[number - 1], now, labels)
        for number, now in enumerate(versions)
    ]


def _places_of(events: Sequence[SubmissionEvent]) -> dict[int, str]:
    """The titles of the places that an addition was to go to, if there were several."""
    keys = {event.listing_key for event in events if event.listing_key}
    return Listing.objects.titles(keys) if len(keys) > 1 else {}


def _version(event: SubmissionEvent, places: dict[int, str]) -> dict[str, str]:
    """All that a version of a proposal says, as texts."""
    proposal = Proposal.from_json(event.snapshot) if event.snapshot else Proposal(Kind.ADD)
    place = places.get(event.listing_key or 0, "") if proposal.kind == Kind.ADD else ""
    return proposal.changed | ({"listing": place} if place else {}) | _facts(proposal)


def _differences(
    was: dict[str, str], now: dict[str, str], labels: dict[str, str]
) -> list[FieldChange]:
    return [
        FieldChange(labels.get(name, name), *compare(was.get(name, ""), now.get(name, "")))
        for name in {**was, **now}
        if was.get(name, "") != now.get(name, "")
    ]


def _published_lines(
    submission: Submission, events: Sequence[SubmissionEvent]
) -> list[ChangeLines]:
    """The lines that the last decision wrote or took back."""
    if submission.status not in {Status.APPLIED, Status.REVERTED}:
        return []
    made = [event for event in events if event.entry_after and event.entry_before is not None]
    if not made:
        return []
    changes = Change.objects.filter(
        revision__in=Revision.objects.filter(
            catalog=submission.catalog_id,
            number__gt=made[-1].entry_before,
            number__lte=made[-1].entry_after,
        )
    )
    ordered = changes.order_by("revision__number", "ordinal")[:_MOST_LINES]
    return linked_lines(submission.catalog, ordered)


def _others(submission: Submission, visible: Any) -> list[Submission]:
    """The same person's other work: by the account, else by the address they gave."""
    rows = visible.exclude(pk=submission.pk)
    if submission.submitter_id:
        rows = rows.filter(submitter=submission.submitter_id)
    elif submission.email:
        rows = rows.filter(email__iexact=submission.email)
    else:
        return []
    return list(rows.select_related("catalog").order_by("-created_at", "-pk")[:_OTHERS])


def _same(submission: Submission, visible: Any) -> list[Submission]:
    about = Q(pk__in=[])
    if submission.entry_id:
        about |= Q(entry=submission.entry_id)
    if submission.canonical_url:
        about |= Q(canonical_url=submission.canonical_url, kind=Kind.ADD)
    rows = visible.open().filter(about, catalog=submission.catalog_id, joined_to=None)
    return list(rows.exclude(pk=submission.pk).select_related("submitter").order_by("pk")[:_OTHERS])
