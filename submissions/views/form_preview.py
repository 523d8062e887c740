"""The preview beside a form: the lines and the entry after the change, and the findings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.markdown.linting import Finding
from catalog.models import Catalog
from catalog.sentences import finding_sentence
from submissions.findings import REASON_SUFFICES
from submissions.forms.contribution import ContributionForm
from submissions.proposal import SubmissionDraft
from submissions.publishing.previewing import Preview, preview_proposal

UNFINISHED = frozenset({"required", "no-description"})
"""Rules about what is missing: to somebody who still types they say nothing new."""
_SAME = frozenset({"url-in-listing", "url-elsewhere", "same-repository", "similar-name"})
_ENTRY = re.compile(r"/entries/(\d+)-")
_LONGEST_LABEL = 60


class Fix(NamedTuple):
    """Better values, one click away: `value` is what the button sends."""

    label: str
    value: str


class Remark(NamedTuple):
    """A finding as a form shows it.

    `edit` leads to the form of the entry that it names, `reason` is the id of the control in which
    one says why it may be; '' for none.
    """

    severity: str
    message: str
    link: str
    edit: str
    fix: Fix | None
    reason: str


@dataclass(frozen=True, slots=True)
class FormPreview(Preview):
    """The preview of a form, with the findings by its fields."""

    remarks: dict[str, list[Remark]] = field(default_factory=dict)

    @property
    def needs_reason(self) -> bool:
        """Whether a reason lets it pass: what is there already is meant to be there twice."""
        return any(remark.reason for remarks in self.remarks.values() for remark in remarks)

    @property
    def whole(self) -> list[Remark]:
        """Return the remarks about no field."""
        return self.remarks.get("", [])


def preview_form(form: ContributionForm, *, is_sent: bool = False) -> FormPreview:
    """Preview what a form says so far; `is_sent`: closely, and also what is missing.

    Only reads. The form has been validated; what it could not read is left out.
    """
    draft = SubmissionDraft(form.catalog, form.proposal(), form.listing, form.entry, form.base())
    preview = preview_proposal(draft, form.policy, form.answers, is_thorough=is_sent)
    findings = preview.findings
    if not is_sent:
        findings = [finding for finding in findings if finding.code not in UNFINISHED]
    return FormPreview(preview.proposal, preview.lines, findings, remarks_on(form, findings))


def remarks_on(form: ContributionForm, findings: Iterable[Finding]) -> dict[str, list[Remark]]:
    """The findings by the field of the form that they stand at; '' for the form."""
    remarks: dict[str, list[Remark]] = {}
    for finding in findings:
        name = finding.field if finding.field in form.fields else ""
        remarks.setdefault(name, []).append(_remark(form, finding))
    return remarks


def _remark(form: ContributionForm, finding: Finding) -> Remark:
    return Remark(
        finding.severity.value,
        finding_sentence(finding),
        finding.link,
        _edit_of(form.catalog, finding),
        _fix(form, finding),
        form["reason"].id_for_label
        if finding.code in REASON_SUFFICES and "reason" in form.fields
        else "",
    )


def _edit_of(catalog: Catalog, finding: Finding) -> str:
    named = _ENTRY.search(finding.link)
    if finding.code not in _SAME or named is None:
        return ""
    return reverse("contribute:edit", args=[catalog.slug, int(named[1])])


def _fix(form: ContributionForm, finding: Finding) -> Fix | None:
    if not finding.fix or not set(finding.fix) <= set(form.fields):
        return None
    [*values] = finding.fix.values()
    label = _("Fix this")
    if len(values) == 1 and len(values[0]) <= _LONGEST_LABEL:
        label = _("Write “%(value)s”") % {"value": values[0]} if values[0] else _("Leave it empty")
    better = {form.add_prefix(name): value for name, value in finding.fix.items()}
    return Fix(label, json.dumps(better, ensure_ascii=False))
