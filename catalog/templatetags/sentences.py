"""Findings in the reader's words."""

from __future__ import annotations

from django import template

from catalog.markdown.findings import Finding
from catalog.sentences import SEVERITIES, finding_sentence

register = template.Library()


@register.filter
def sentence(finding: Finding) -> str:
    """A finding as one sentence."""
    return finding_sentence(finding)


@register.filter
def severity_label(finding: Finding) -> str:
    """Return the label of the finding's severity."""
    return str(SEVERITIES[finding.severity])
