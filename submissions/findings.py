"""Findings about proposals: the rules they come from, and how they are stored and sent.

The sentences are in `catalog.sentences`. A list's maintainers turn each rule off, or let it warn or
block; what they leave alone is as here.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


class Level(TextChoices):
    """The level of a rule in a list: off, a hint, or a refusal."""

    OFF = "off", _("off")
    WARN = "warn", _("warns")
    BLOCK = "block", _("blocks")


class Rule(NamedTuple):
    """A rule: its subject in a few words, and its default severity."""

    title: str | Promise
    severity: Severity


_BLOCK, _WARN, _NOTE = Severity.BLOCK, Severity.WARN, Severity.NOTE

RULES: dict[str, Rule] = {
    "required": Rule(_("A name or a required column is empty"), _BLOCK),
    "line-break": Rule(_("A line break in a field of one line"), _BLOCK),
    "unseen-character": Rule(_("Invisible characters in a name or link"), _BLOCK),
    "unseen-in-text": Rule(_("Invisible characters in a text"), _WARN),
    "mixed-alphabets": Rule(_("Letters of two alphabets in one word of a name"), _WARN),
    "too-long": Rule(_("A text over its limit"), _BLOCK),
    "url-invalid": Rule(_("Not a web address"), _BLOCK),
    "url-private": Rule(_("A link into a private or local network"), _BLOCK),
    "url-credentials": Rule(_("A link with a user name or password"), _BLOCK),
    "blocked": Rule(_("Matches a block rule"), _BLOCK),
    "url-in-listing": Rule(_("The same link in the same table or list"), _BLOCK),
    "url-pending": Rule(_("The same link is already suggested"), _BLOCK),
    "url-elsewhere": Rule(_("The same link elsewhere in the list"), _WARN),
    "same-repository": Rule(_("Another page of the same repository is listed"), _WARN),
    "similar-name": Rule(_("A very similar name is listed"), _WARN),
    "same-work": Rule(_("A link that another entry also has"), _WARN),
    "no-description": Rule(_("No description, unlike nearby entries"), _WARN),
    "capital": Rule(_("A lower-case beginning, unlike nearby entries"), _WARN),
    "end-mark": Rule(_("A different ending from nearby entries"), _WARN),
    "separator": Rule(_("A separator at the beginning of a description"), _WARN),
    "name-in-description": Rule(_("A description that repeats the name"), _WARN),
    "promotional": Rule(_("Advertising language"), _WARN),
    "ellipsis": Rule(_("A description that breaks off"), _WARN),
    "spelling": Rule(_("A well-known name in another spelling"), _WARN),
    "unbalanced": Rule(_("An unmatched bracket or quotation mark"), _WARN),
    "glued-emphasis": Rule(_("Emphasis that would show as asterisks"), _WARN),
    "space-before-link": Rule(_("No space before a link"), _WARN),
    "order": Rule(_("A place out of alphabetical order"), _WARN),
    "facet-value": Rule(_("A new value that looks like a known one"), _WARN),
    "facet-spelling": Rule(_("A known value in another spelling"), _WARN),
    "tracking": Rule(_("Tracking parameters in a link"), _WARN),
    "http": Rule(_("http where https is available"), _WARN),
    "link-broken": Rule(_("A link that does not respond"), _WARN),
    "link-moved": Rule(_("A link that redirects to another site"), _WARN),
    "link-archived": Rule(_("A repository that is archived"), _WARN),
    "many-links": Rule(_("Unusually many links"), _WARN),
    "same-text": Rule(_("The same text from several people"), _WARN),
    "unseen-domain": Rule(_("A new person and a site the list has never linked to"), _NOTE),
    "trap": Rule(_("A hidden field was filled in"), _WARN),
    "too-fast": Rule(_("Sent faster than anyone can type"), _WARN),
}

HOLDS = frozenset({"trap", "too-fast", "same-text", "many-links"})
"""Rules that put a submission at the end of the queue, since they look like spam."""


def holds(findings: Iterable[Finding]) -> bool:
    """Whether findings look like spam, so that a submission waits behind others."""
    return any(finding.code in HOLDS for finding in findings)


def judged(
    findings: Iterable[Finding], profile: Mapping[str, str], changed: Container[str]
) -> list[Finding]:
    """The findings as a list's profile wants them; only what was changed can block."""
    graded = []
    for finding in findings:
        level = profile.get(finding.code, "")
        if level == Level.OFF:
            continue
        severity = Severity(level) if level in Level.values else finding.severity
        if severity == Severity.BLOCK and finding.field and finding.field not in changed:
            severity = Severity.WARN
        graded.append(replace(finding, severity=severity))
    return graded


def finding(
    code: str,
    field: str,
    /,
    *,
    variant: str = "",
    fix: dict[str, str] | None = None,
    link: str = "",
    **values: str | int,
) -> Finding:
    """A finding about a field of a proposal, with its rule's usual severity."""
    severity = RULES[code].severity
    return Finding(code, severity, values, variant, field=field, fix=fix, link=link)
