"""Findings about what the list, or somebody else's proposal, has already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from catalog.finding.indexing import name_key
from catalog.finding.suggesting import Candidate
from catalog.markdown.inline import is_generic
from catalog.markdown.links import canonical_url, link_kind, repository_of
from catalog.markdown.linting import Finding
from catalog.models import Entry, Link
from catalog.sql.prepared import Prepared
from submissions.checks.subject import Subject
from submissions.findings import finding
from submissions.models import Submission

ALIKE = 92
"""Percent of equal characters from which two long names may be one."""
SHORTEST_ALIKE = 7
"""Letters from which one that differs may be a slip of the pen."""
_MOST = 10
_DIGITS = re.compile(r"\d+")
_WHOLE_PAGE = frozenset({"", "readme"})
_WORKS = frozenset({"paper", "model", "dataset", "space"})


@dataclass(frozen=True, slots=True)
class _Listed:
    """An entry that has one of the addresses; `is_main`: as its own."""

    pk: int
    name: str
    slug: str
    listing: int | None
    url: str
    canonical_url: str
    is_main: bool


def duplicate_findings(subject: Subject) -> Iterator[Finding]:
    """Yield entries and submissions that are, or look like, the same thing."""
    reported: set[int] = set()
    main = canonical_url(subject.url) if subject.has_new_url or _is_moved(subject) else ""
    works = {
        canonical_url(place.link.url): place.field
        for place in subject.links
        if link_kind(place.link.url) in _WORKS
    }
    works.pop(main, None)
    for listed in _listed(subject, main, works):
        if listed.pk in reported:
            continue
        reported.add(listed.pk)
        if listed.canonical_url == main:
            if _other_place(subject.url, listed.url):
                continue
            yield _same_address(subject, listed)
        else:
            field = works[listed.canonical_url]
            link = subject.address(listed.pk, listed.slug)
            yield finding("same-work", field, link=link, name=listed.name)
    if main and subject.has_new_url:
        yield from _pending(subject, main)
    yield from _resembling(subject, [one for one in subject.nearby if one.pk not in reported])


def _is_moved(subject: Subject) -> bool:
    return subject.proposal.target is not None and subject.base.listing != subject.proposal.target


_LISTED = Prepared(
    lambda catalog, own, *addresses: Link.objects.filter(
        catalog=catalog, canonical_url__in=addresses, entry__state=Entry.State.PUBLISHED
    )
    .exclude(entry=own)
    .order_by("entry__position", "ordinal")
    .values_list(
        "entry", "entry__name", "entry__slug", "entry__listing", "url", "canonical_url",
        "entry__canonical_url",
    )[:_MOST]
)  # fmt: skip


def _listed(subject: Subject, main: str, works: dict[str, str]) -> list[_Listed]:
    requested = [url for url in (main, *works) if url]
    if not requested:
        return []
    own = subject.entry.pk if subject.entry else 0
    rows = _LISTED.rows(subject.catalog.pk, own, *requested)
    similar = [_Listed(*row[:6], is_main=row[5] == row[6]) for row in rows]
    return sorted(similar, key=lambda listed: listed.canonical_url != main)


def _other_place(url: str, other: str) -> bool:
    """Whether two addresses of one page lead to different places in it."""
    places = {url.partition("#")[2], other.partition("#")[2]}
    return len(places) > 1 and not places & _WHOLE_PAGE


def _same_address(subject: Subject, listed: _Listed) -> Finding:
    field = subject.url_field if subject.has_new_url else "target"
    link = subject.address(listed.pk, listed.slug)
    is_here = subject.listing is not None and listed.listing == subject.listing.pk
    if is_here and listed.is_main:
        return finding("url-in-listing", field, link=link, name=listed.name)
    variant = "" if listed.is_main else "link"
    return finding("url-elsewhere", field, variant=variant, link=link, name=listed.name)


_NAMING = Prepared(
    lambda catalog, address, own: (
        Submission.objects.naming(catalog, address)
        .exclude(pk=own)
        .order_by("created_at", "pk")
        .values_list("pk", "name", "url", "listing")[:3]
    )
)


def _pending(subject: Subject, main: str) -> Iterator[Finding]:
    # One that is just being made has no key.
    own = (subject.submission.pk if subject.submission else None) or 0
    for pk, name, url, listing in _NAMING.rows(subject.catalog.pk, main, own):
        if _other_place(subject.url, url):
            continue
        is_here = subject.listing is not None and listing == subject.listing.pk
        code, variant = ("url-pending", "") if is_here else ("url-elsewhere", "pending")
        yield finding(code, subject.url_field, variant=variant, name=name, number=pk)
        return


def _resembling(subject: Subject, near: Sequence[Candidate]) -> Iterator[Finding]:
    """One entry of the same repository and one of nearly the same name.

    Where the list has several already it says nothing: then a repository holds several things
    there, or the name is one like “Website”.
    """
    repository = repository_of(subject.url) if subject.has_new_url else ""
    there = [one for one in near if repository and repository_of(one.url) == repository]
    if len(there) == 1:
        link = subject.address(there[0].pk, there[0].slug)
        yield finding("same-repository", subject.url_field, link=link, name=there[0].name)
    if not subject.has_new_name or is_generic(subject.name):
        return
    alike = [one for one in near if one not in there and is_alike(subject.name, one.name)]
    if len(alike) == 1:
        link = subject.address(alike[0].pk, alike[0].slug)
        yield finding("similar-name", subject.name_field, link=link, name=alike[0].name)


def is_alike(name: str, other: str) -> bool:
    """Whether two names may mean the same thing: equal but for signs, or for a slip of the pen.

    Names that differ by a number are versions or parts, and two things.
    """
    one, two = name_key(name), name_key(other)
    if not one or not two or _DIGITS.findall(one) != _DIGITS.findall(two):
        return False
    if one == two:
        return True
    if min(len(one), len(two)) < SHORTEST_ALIKE:
        return False
    return OSA.distance(one, two, score_cutoff=1) <= 1 or fuzz.ratio(one, two) >= ALIKE
