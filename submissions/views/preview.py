"""The preview of a form while it is filled in: the lines, the entry after the change, the findings.

It only reads, and its answer is for the page that asks: so it needs no token against forgery, and
goes on working when the page's own has run out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.models import signed_in
from catalog.markdown.linting import Finding
from catalog.models import Catalog, Entry
from catalog.sentences import finding_sentence
from submissions.findings import REASON_SUFFICES
from submissions.forms.contribution import ContributionForm, MoveForm
from submissions.forms.entry import FORMS, SuggestForm
from submissions.forms.places import listing_of
from submissions.models import ContributionPolicy, Submission
from submissions.proposal import SubmissionDraft
from submissions.publishing.previewing import Preview, preview_proposal
from submissions.views import frame

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


@csrf_exempt
@never_cache
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """`{"status": text, "preview": html, "remarks": {field: html}}` for the fields of a form.

    Of a move also `"parts": {"cells": html}`: the fields that a place brings along.

    `kind` and `listing` or `entry` say which form it is; `answers` is the token of the submission
    that it answers, if it does.
    """
    catalog = frame.catalog_or_404(slug)
    form = _form(request, catalog)
    form.is_valid()
    preview = preview_form(form)
    context = {"preview": preview, "form": form, "catalog": catalog}
    return JsonResponse(
        {
            "status": _summary(preview),
            "preview": render_to_string("submissions/preview.html", context, request),
            "remarks": {
                name: render_to_string("submissions/remarks.html", {"remarks": remarks}, request)
                for name, remarks in preview.remarks.items()
                if name
            },
            "parts": {"cells": render_to_string("submissions/cells.html", context, request)}
            if isinstance(form, MoveForm)
            else {},
        }
    )


def _summary(preview: FormPreview) -> str:
    """Return a short summary for screen readers."""
    count = sum(map(len, preview.remarks.values()))
    remarks = ngettext("%(n)d remark.", "%(n)d remarks.", count) % {"n": count}
    if preview.is_empty:
        return remarks
    diff = preview.lines.diff
    added = ngettext("+%(n)d line", "+%(n)d lines", diff.added) % {"n": diff.added}
    removed = ngettext("−%(n)d line", "−%(n)d lines", diff.removed) % {"n": diff.removed}
    return f"{added}, {removed}. {remarks}"


def _form(request: HttpRequest, catalog: Catalog) -> ContributionForm:
    data = request.POST
    form_class = FORMS.get(data.get("kind", ""))
    if form_class is None:
        raise Http404
    fields: dict[str, Any] = {
        "catalog": catalog,
        "policy": ContributionPolicy.of(catalog),
        "user": signed_in(request.user),
        "is_shown": False,
    }
    answers = _answered(catalog, data.get("answers", ""))
    if form_class is SuggestForm:
        return form_class(
            data, listing=listing_of(catalog, data.get("listing", "")), answers=answers, **fields
        )
    entry = frame.entry_or_404(catalog, _number(data.get("entry", "")))
    if entry.state == Entry.State.REMOVED:
        raise Http404
    return form_class(data, listing=entry.listing, entry=entry, answers=answers, **fields)


def _answered(catalog: Catalog, token: str) -> Submission | None:
    if not token or "\0" in token:
        return None
    return Submission.objects.filter(catalog=catalog, token=token).first()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
