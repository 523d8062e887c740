"""Proposals on a small list, and what is noticed about them."""

from typing import Any

from catalog.markdown.linting import Finding
from catalog.models import Catalog, Entry
from submissions.checks import check
from submissions.choices import Kind
from submissions.models import ContributionPolicy
from submissions.proposal import Base, Proposal, SubmissionDraft
from submissions.publishing.planning import base_of
from tests.catalog.importing.imports import new_list

TEXT = """\
# Tools

## Web

- [Apricot](https://apricot.example.org) - Reads feeds of all kinds.
- [Banana](https://banana.example.org) - Writes pages for reading.
- [Cherry](https://cherry.example.org) - Sends letters to many.
- [Date](https://date.example.org) - Counts the days of a year.
- [Fig](https://github.com/fruit/fig) - Draws figures of data.
- [Grape](https://grape.example.org/?a=1) - Presses files together.

## Models

| Name | License | Notes |
|------|---------|-------|
| [Heron](https://heron.example.org) | Apache-2.0 | flies |
| [Ibis](https://ibis.example.org) | Apache-2.0 | wades |
| [Jay](https://jay.example.org), [paper](https://arxiv.org/abs/2301.00001) | MIT | sings |
| [Kite](https://kite.example.org) | MIT | hovers |
| [Lark](https://lark.example.org) | MIT | rises |

## Further

- [Notes](https://further.example.org/notes#one) - Remarks on all of it.
"""
WEB, MODELS, FURTHER = range(3)


def tools(slug: str = "tools") -> Catalog:
    """The list."""
    return new_list(TEXT, slug)


def entry(catalog: Catalog, name: str) -> Entry:
    """An entry by its name."""
    return catalog.entries.living().select_related("listing", "block").get(name=name)


def added(catalog: Catalog, number: int = WEB, **fields: Any) -> list[Finding]:
    """What is noticed about a new entry of one of the listings."""
    options = {key: fields.pop(key) for key in ("policy", "submission") if key in fields}
    listing = catalog.listings.in_reading_order()[number]
    draft = SubmissionDraft(catalog, Proposal(Kind.ADD, **fields), listing, base=Base())
    return check(draft, **{"policy": ContributionPolicy(catalog=catalog), **options})


def edited(catalog: Catalog, about: str, kind: Kind = Kind.EDIT, /, **fields: Any) -> list[Finding]:
    """What is noticed about a change of an entry."""
    stands = entry(catalog, about)
    options = {key: fields.pop(key) for key in ("policy", "submission") if key in fields}
    base = base_of(catalog, stands)
    draft = SubmissionDraft(catalog, Proposal(kind, **fields), stands.listing, stands, base)
    return check(draft, **{"policy": ContributionPolicy(catalog=catalog), **options})


def seen(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """Severity, rule and field of each."""
    return [(finding.severity.value, finding.code, finding.field) for finding in findings]


def fixes(findings: list[Finding]) -> list[tuple[str, dict[str, str] | None]]:
    """Rule and fix of each."""
    return [(finding.code, finding.fix) for finding in findings]
