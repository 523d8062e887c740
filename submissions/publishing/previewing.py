"""Previews of a proposal's effect on the README, without writing and without a lock.

The change is the very one that the approval applies (`planning.change_of`), on the list as it
stands. It reads the lines around the entry and nothing else, so that it can be made at every
keystroke on a list of any length. Edits that may change how other lines read are rare; whether
theirs stay what they are is looked at only when it is asked for (`is_thorough`), since that takes
the whole document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.utils.translation import gettext as _

from catalog import markdown
from catalog.editing.entries import EntryChange, apply_change, edits_of
from catalog.editing.lines import LineEdit, check_edit, preview_edit
from catalog.editing.neighbourhood import EditedLines
from catalog.editing.planning import Plan, find_listing, find_living, refusals
from catalog.editing.sections import listing_at_end, section_diff
from catalog.errors import CatalogError, InvalidField, NotFound
from catalog.history.diffs import Diff, Line, diff_rows
from catalog.history.revisions import Author
from catalog.importing.applying import transaction_on
from catalog.markdown.linting import Finding, Severity
from catalog.markdown.writing.layout import CodecError
from catalog.models import Catalog, Column, Entry, Listing
from catalog.sql.prepared import Prepared
from catalog.store.projection import Projection, SectionAddresses, definitions_in
from submissions.checks import check
from submissions.choices import Kind
from submissions.findings import blocking
from submissions.models import ContributionPolicy, Submission
from submissions.proposal import Proposal, SubmissionDraft
from submissions.publishing.planning import base_of, change_of, standing

_TRIES = 3
"""Attempts at a preview while the list changes under it."""


class RenderedCell(NamedTuple):
    """A cell of a row, under its header; `html` is sanitised."""

    header: str
    html: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """An entry as its page would show it. `html` is sanitised; a row has `cells` instead."""

    name: str
    url: str
    html: str
    cells: list[RenderedCell]


@dataclass(frozen=True, slots=True)
class LinePreview:
    """The effect of a proposal on the lines. The lines of `diff` have no numbers: they would cost a
    whole list.

    `before` and `after` are the entry; None where there is none, or where it cannot be shown
    without reading everything. `findings` say what cannot be written, on the field that is to
    blame; what is missing yet is for `checks` to say.
    """

    diff: Diff = field(default_factory=Diff)
    before: Rendered | None = None
    after: Rendered | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def removed(self) -> list[str]:
        """The lines of the README that go, without their endings."""
        return self._lines("-")

    @property
    def added(self) -> list[str]:
        """The lines of the README that come, without their endings."""
        return self._lines("+")

    def _lines(self, sign: str) -> list[str]:
        return [
            "".join(line.text) for hunk in self.diff.hunks for line in hunk if line.sign == sign
        ]


@dataclass(frozen=True, slots=True)
class Preview:
    """The effect of a proposal, and the findings about it."""

    proposal: Proposal
    lines: LinePreview
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether no line would change, or it cannot be shown yet."""
        return self.lines.diff.is_empty

    @property
    def stops(self) -> list[Finding]:
        """Return the findings that have to be mended before it can be sent."""
        return blocking(self.findings, reason=self.proposal.reason)


def preview_proposal(
    draft: SubmissionDraft,
    policy: ContributionPolicy,
    submission: Submission | None = None,
    *,
    is_thorough: bool = True,
) -> Preview:
    """Preview a proposal, and check it; `submission` is the one that it is part of.

    What cannot be written stands in its way as well as what a check blocks.
    """
    draft = replace(draft, base=draft.base or base_of(draft.catalog, draft.entry))
    lines = LinePreview()
    if draft.entry or draft.listing or draft.proposal.new_section.strip():
        lines = preview_lines(draft, is_thorough=is_thorough)
    findings = check(draft, policy, submission)
    blocked = {finding.field for finding in findings if finding.severity == Severity.BLOCK}
    findings += [finding for finding in lines.findings if finding.field not in blocked]
    return Preview(draft.proposal, lines, findings)


def preview_lines(draft: SubmissionDraft, *, is_thorough: bool = False) -> LinePreview:
    """Return the effect of a proposal on the list as it stands.

    Never raises for what a person typed: refusals are findings. Costs about nine queries.
    """
    if draft.proposal.kind == Kind.LINES:
        return LinePreview(_diff_of_lines(draft))
    # As it was read: whether that is how it stands is asked once, at the end.
    catalog = draft.catalog
    for _try in range(_TRIES):
        try:
            made = _preview(replace(draft, catalog=catalog), is_thorough=is_thorough)
        except LookupError:
            # Lines that were read first are gone for what was read next.
            made = None
        if made and _REVISION.first(catalog.pk) == catalog.revision:
            return made
        catalog = _current(catalog)
    if made is None:
        raise RuntimeError("a preview does not fit the list, though nobody changes it")
    return made


_CATALOG = Prepared(lambda pk: Catalog.objects.filter(pk=pk).order_by())
_REVISION = Prepared(
    lambda pk: Catalog.objects.filter(pk=pk).order_by().values_list("revision", flat=True)
)


def _current(catalog: Catalog) -> Catalog:
    current = _CATALOG.first(catalog.pk)
    if current is None:
        raise NotFound(_("The list has been deleted."))
    return current


def shown_change(draft: SubmissionDraft) -> EntryChange | None:
    """The change that a preview shows: what an approval applies, as it is proposed.

    Texts in conflict are shown as they are proposed; deciding on them is for later.
    """
    proposal, entry = draft.proposal, draft.entry
    if proposal.kind == Kind.ADD and draft.listing is None and not proposal.new_section.strip():
        raise NotFound(_("The list or table no longer exists."))
    if proposal.kind != Kind.ADD and entry is None:
        raise NotFound(_("The entry no longer exists."))
    now = base_of(draft.catalog, None if proposal.kind == Kind.ADD else entry)
    return change_of(draft, now, proposal.changed)


def _preview(draft: SubmissionDraft, *, is_thorough: bool) -> LinePreview:
    entry, catalog = draft.entry, draft.catalog
    try:
        is_new, listing = draft.proposal.kind == Kind.ADD, draft.listing
        living = find_living(entry) if entry and not is_new else None
        before = _stored(living) if living else None
        if is_new and listing:
            listing = find_listing(listing.pk)
        change = shown_change(replace(draft, entry=living, listing=listing))
        edits = list(edits_of(change)) if change else []
        if change and len(edits) > 1:
            return LinePreview(_diff_by_doing(change, catalog), before)
        plan = edits[0].plan(catalog) if edits else None
        if isinstance(plan, LineEdit):
            return _preview_section(catalog, plan, draft.listing or listing_at_end(catalog))
        if plan is None or plan.is_empty:
            return LinePreview(before=before, after=before)
        after = _rendered(plan, living)
        if is_thorough and plan.reaches_others():
            check_edit(catalog, plan.as_lines())
    except CatalogError as error:
        return LinePreview(before=_stored(entry) if entry else None, findings=list(_refusal(error)))
    return LinePreview(_diff(plan), before, after)


def _preview_section(catalog: Catalog, edit: LineEdit, like: Listing | None) -> LinePreview:
    """A section with its first entry, and the table of contents; reads the whole list."""
    diff = section_diff(catalog, edit)
    diff.hunks = [_unnumbered(hunk) for hunk in diff.hunks]
    document = markdown.parse("".join(item for item in edit.put if isinstance(item, str)))
    after = None
    if document.entries:
        entry = document.entries[0]
        block = document.blocks[entry.block]
        after = _projected(catalog, document.definitions, like, block, entry)
    return LinePreview(diff, after=after)


def _diff_by_doing(change: EntryChange, catalog: Catalog) -> Diff:
    """A move that changes texts too is two edits, the second on what the first one left.

    So both are made and taken back, which no page asks for at every keystroke: forms offer one or
    the other.
    """

    def apply() -> None:
        with transaction_on(catalog.pk) as held:
            entry = find_living(change.entry) if change.entry else None
            apply_change(replace(change, entry=entry, add_tags=(), remove_tags=()), held, Author())

    diff = preview_edit(catalog, apply)
    diff.hunks = [_unnumbered(hunk) for hunk in diff.hunks]
    return diff


def _refusal(error: CatalogError) -> Iterator[Finding]:
    """Yield the codec's refusal; an empty name is none, as it is still to come."""
    cause = error.__cause__
    if isinstance(cause, CodecError) and cause.code in {"empty", "nothing-to-write"}:
        return
    name = error.field if isinstance(error, InvalidField) else ""
    rule = "gone" if isinstance(error, NotFound) else "unwritable"
    yield Finding(rule, Severity.BLOCK, {"message": error.message}, field=name)


# The entry, before and after


def _stored(entry: Entry) -> Rendered:
    cells = [cell["html"] for cell in entry.cells]
    return Rendered(entry.name, entry.url, entry.html, _under_headers(entry.listing, cells))


def _rendered(plan: Plan, living: Entry | None) -> Rendered | None:
    """The entry after the edit, None where it goes. Refuses what cannot be read back."""
    near, listing = plan.near, plan.listing
    try:
        with refusals(listing):
            # Outside of lists and tables nothing is put anywhere.
            lines = EditedLines(near, plan.edit, near.listings[listing.pk] if listing else 0)
    except CatalogError:
        # Through the whole document it may be something else that can be read.
        if plan.reaches_others():
            return None
        raise
    of_entry = [
        line for line in lines.touched if line.row and living and line.row.pk == living.block_id
    ]
    for line in [*of_entry, *lines.new]:
        if line.entry is not None:
            definitions = near.document.definitions
            return _projected(near.catalog, definitions, listing, line.block, line.entry)
    return None


def _projected(
    catalog: Catalog,
    definitions: Mapping[str, str],
    listing: Listing | None,
    block: markdown.Block,
    entry: markdown.Entry,
) -> Rendered:
    projection = Projection(
        catalog, SectionAddresses(catalog), definitions_in(definitions.values())
    )
    [fields] = projection.entries([(block, entry, None)])
    cells = [cell["html"] for cell in fields.cells]
    return Rendered(fields.name, fields.url, fields.html, _under_headers(listing, cells))


_HEADERS = Prepared(
    lambda catalog, *keys: (
        Column.objects.filter(catalog=catalog, key__in=keys).order_by().values_list("key", "header")
    )
)


def _under_headers(listing: Listing | None, cells: Sequence[str]) -> list[RenderedCell]:
    if not cells or listing is None:
        return []
    headers = dict(_HEADERS.rows(listing.catalog_id, *listing.columns))
    names = [headers.get(key, key) for key in listing.columns]
    names += [""] * (len(cells) - len(names))
    return [RenderedCell(name, html) for name, html in zip(names, cells, strict=False)]


# The lines


def _diff_of_lines(draft: SubmissionDraft) -> Diff:
    """Return the difference from the list's text to the file's."""
    uid, sources = draft.proposal.block, (standing(draft).source, draft.proposal.lines or "")
    diff = diff_rows(*[[(uid, source)] if source else [] for source in sources])
    diff.hunks = [_unnumbered(hunk) for hunk in diff.hunks]
    return diff


def _diff(plan: Plan) -> Diff:
    """The difference in each of the parts that were read; what is between them stays."""
    # Where parts do not stand together, a mark that is in no list stands for what is between.
    before = [
        (row.uid, row.source) if row else (-number, "")
        for number, row in enumerate(plan.near.rows, 1)
    ]
    new = plan.near.catalog.next_uid
    after = []
    for uid, source in plan.as_lines().applied(before):
        after.append((new if uid is None else uid, source))
        new += uid is None
    diff = Diff()
    for old_part, new_part in zip(_parts(before), _parts(after), strict=True):
        part_diff = diff_rows(old_part, new_part)
        diff.hunks += [_unnumbered(hunk) for hunk in part_diff.hunks]
        diff.added += part_diff.added
        diff.removed += part_diff.removed
        diff.hidden += part_diff.hidden
    return diff


def _unnumbered(hunk: Iterable[Line]) -> list[Line]:
    return [replace(line, before=None, after=None) for line in hunk]


def _parts(rows: Iterable[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    parts: list[list[tuple[int, str]]] = [[]]
    for uid, source in rows:
        if uid < 0:
            parts.append([])
        else:
            parts[-1].append((uid, source))
    return parts
