"""Candidates for what a submission duplicates."""

from __future__ import annotations

import re

from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.admin.base import number
from catalog.models import Entry
from submissions.models import Submission
from submissions.moderating.reasons import Choices

_ENTRY = re.compile(r"/entries/(\d+)")
_MOST = 8


def candidates_for(submission: Submission, words: str = "", picked: str = "") -> Choices:
    """Entries and submissions of the same catalog: found by its findings, its address, or words.

    Values are `entry-3` and `submission-4`; the one that was `picked` is among them.
    """
    entries = Entry.objects.published().filter(catalog=submission.catalog_id)
    entries = entries.exclude(pk=submission.entry_id or 0)
    others = Submission.objects.filter(catalog=submission.catalog_id, is_spam=False)
    others = others.exclude(pk=submission.pk)
    if words:
        matching = Q(name__icontains=words) | Q(url__icontains=words)
        entries, others = entries.filter(matching), others.filter(matching)
    else:
        entries = entries.filter(_alike(submission))
        key = submission.canonical_url
        others = others.filter(canonical_url=key) if key else others.none()
    if picked:
        name, pk = chosen(picked)
        own = {"catalog": submission.catalog_id, "pk": pk}
        if name == "duplicate_entry":
            entries = entries | Entry.objects.filter(**own)
        else:
            others = others | Submission.objects.filter(**own)
    candidates = [
        (f"entry-{entry.pk}", f"{entry.name} – {entry.url}")
        for entry in entries.order_by("position", "pk")[:_MOST]
    ]
    candidates += [
        (f"submission-{other.pk}", _submission_label(other))
        for other in others.order_by("pk")[:_MOST]
    ]
    return candidates


def _alike(submission: Submission) -> Q:
    keys = [
        int(key)
        for finding in submission.findings
        for key in _ENTRY.findall(str(finding.get("link", "")))
        if len(key) < 19
    ]
    alike = Q(pk__in=[*keys, submission.duplicate_entry_id or 0])
    if submission.canonical_url:
        alike |= Q(canonical_url=submission.canonical_url)
    if submission.name:
        alike |= Q(name__iexact=submission.name)
    return alike


def _submission_label(other: Submission) -> str:
    return _("submitted: %(name)s (%(status)s)") % {
        "name": other.name or other.url,
        "status": other.get_status_display(),
    }


def chosen(value: str) -> tuple[str, int]:
    """The field of the decision that a value of `candidates_for` is for, and the key it names."""
    kind, _dash, key = value.partition("-")
    return "duplicate_entry" if kind == "entry" else "duplicate_of", number(key)
