"""What a check finds, in the form in which it is stored, sent and shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Severity(TextChoices):
    """How much a finding matters."""

    BLOCK = "block", _("must be changed")
    WARN = "warn", _("should be looked at")
    NOTE = "note", _("good to know")


REASON_SUFFICES = frozenset({"url-in-listing", "url-pending"})
"""Rules that block no longer once the submitter, or whoever amends, has given a reason."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `fix` are fields with better values, `link` leads to what it is about.

    `field` is `name`, `url`, `description`, `cell-0`, `tags` …, and '' for the whole.
    """

    rule: str
    severity: Severity
    field: str
    message: str
    fix: dict[str, str] | None = None
    link: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "severity": self.severity.value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """The finding that `to_json` gave; keys that are not known any more are left out."""
        known = {field.name for field in fields(cls)}
        values = {key: value for key, value in data.items() if key in known}
        return cls(**{**values, "severity": Severity(values["severity"])})


def blocking(findings: Iterable[Finding], *, reason: str) -> list[Finding]:
    """Those that stand in the way of somebody who gives this reason, or none ('')."""
    return [
        finding
        for finding in findings
        if finding.severity == Severity.BLOCK
        and not (reason.strip() and finding.rule in REASON_SUFFICES)
    ]
