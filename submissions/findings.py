"""Findings about proposals as they are stored and sent; the sentences are `catalog.sentences`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.markdown.linting import Finding, Severity
from catalog.sentences import finding_sentence

REASON_SUFFICES = frozenset({"url-in-listing", "url-pending"})
"""Rules that block no longer once the submitter, or whoever amends, has given a reason."""


def stored_finding(finding: Finding) -> dict[str, Any]:
    """A finding as JSON without its sentence, which is made for each reader."""
    return {
        "rule": finding.code,
        "severity": finding.severity.value,
        "field": finding.field,
        "variant": finding.variant,
        "values": dict(finding.values),
        "fix": finding.fix,
        "link": finding.link,
    }


def sent_finding(finding: Finding) -> dict[str, Any]:
    """A finding as the API sends it, with its sentence in the language of the request."""
    return {
        "rule": finding.code,
        "severity": finding.severity.value,
        "field": finding.field,
        "message": finding_sentence(finding),
        "fix": finding.fix,
        "link": finding.link,
    }


def read_finding(data: Mapping[str, Any]) -> Finding:
    """The finding that was stored; before codes had values it was stored with its sentence."""
    return Finding(
        data["rule"],
        Severity(data["severity"]),
        data.get("values", {"message": data.get("message", "")}),
        data.get("variant", ""),
        field=data["field"],
        fix=data.get("fix"),
        link=data.get("link", ""),
    )


def blocking(findings: Iterable[Finding], *, reason: str) -> list[Finding]:
    """Return the findings that stand in the way of somebody who gives this reason, or none ('')."""
    return [
        finding
        for finding in findings
        if finding.severity == Severity.BLOCK
        and not (reason.strip() and finding.code in REASON_SUFFICES)
    ]
