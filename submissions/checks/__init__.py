"""Findings: what is noticed about a proposal without a person looking at it.

Every rule, and how much it matters where, is in `profile.py`; `docs/findings.md` tells people.
"""

from __future__ import annotations

from collections.abc import Iterator

from catalog.markdown.findings import Finding
from catalog.markdown.links import host_of
from catalog.models import Catalog, Listing
from submissions.checks.addresses import HTTPS_HOSTS, address_findings
from submissions.checks.blocked import blocked_findings
from submissions.checks.content import content_findings
from submissions.checks.duplicates import duplicate_findings, nearby
from submissions.checks.profile import judged
from submissions.checks.spam import spam_findings
from submissions.checks.style import style_findings
from submissions.checks.subject import Subject
from submissions.checks.values import value_findings
from submissions.choices import Action, Kind
from submissions.models import ContributionPolicy, Submission
from submissions.proposal import Base, Proposal, SubmissionDraft

_PROPOSING = {Kind.ADD, Kind.EDIT, Kind.MOVE}
_MOST_HOSTS = 3
"""Hosts of one proposal that are looked up in the list."""


def check(
    draft: SubmissionDraft, policy: ContributionPolicy, submission: Submission | None = None
) -> list[Finding]:
    """What is noticed about a proposal; only reads. `submission` is the one that it is part of.

    What the README's form cannot hold is for `previewing.preview_lines()` to say. Costs at most
    twelve queries, whatever the proposal and the list.
    """
    proposal = draft.proposal
    if proposal.kind not in _PROPOSING and proposal.action != Action.REPLACE_URL:
        return []
    base = draft.base or Base()
    place = _listing(proposal, draft.catalog, draft.listing)
    subject = Subject(proposal, draft.catalog, place, draft.entry, base, policy, submission)
    return judged(_findings(subject), policy.profile, _may_block(subject))


def _listing(proposal: Proposal, catalog: Catalog, listing: Listing | None) -> Listing | None:
    """Where the entry will stand."""
    if proposal.target is None or (listing is not None and listing.pk == proposal.target):
        return listing
    return Listing.objects.filter(catalog=catalog, pk=proposal.target).first() or listing


def _may_block(subject: Subject) -> set[str]:
    """The fields that were changed; of an addition all: what is left empty is proposed so."""
    fields = {*subject.changed, "after", "target", "tags"}
    if subject.is_addition:
        fields |= {"name", "url", *[f"cell-{number}" for number in range(len(subject.columns))]}
    return fields


def _findings(subject: Subject) -> Iterator[Finding]:
    hosts = _hosts(subject)
    near = nearby(subject, hosts)
    https = {
        host: any(host_of(other.url) == host and _is_https(other.url) for other in near)
        for host in hosts
    }
    yield from content_findings(subject)
    yield from address_findings(subject, https)
    yield from blocked_findings(subject)
    yield from duplicate_findings(subject, near)
    yield from style_findings(subject)
    yield from value_findings(subject)
    yield from spam_findings(subject, {host_of(other.url) for other in near})


def _hosts(subject: Subject) -> list[str]:
    """Hosts of new addresses of which the list may tell more than we know."""
    urls = [subject.url] if subject.has_new_url else []
    urls += [place.link.url for place in subject.links if not _is_https(place.link.url)]
    found = dict.fromkeys(host_of(url) for url in urls)
    return [host for host in found if host and host not in HTTPS_HOSTS][:_MOST_HOSTS]


def _is_https(url: str) -> bool:
    return url[:8].lower() == "https://"
