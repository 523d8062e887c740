"""Commits and pull requests beside revisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django import template
from django.utils.translation import gettext as _

from catalog.models import Catalog, Revision
from remotes.commits import commit_url
from remotes.models import PullRequest, PullRequestEntry, RemoteCommit

register = template.Library()


class Source(NamedTuple):
    """The link from a revision to the repository: its text and address."""

    text: str
    url: str


@register.simple_tag
def sources_of(catalog: Catalog, rows: Revision | Iterable[Any]) -> dict[int, list[Source]]:
    """Commits and pull requests by the number of their revision.

    `rows` have a revision each, or are one. One query for a list that has no commits of
    these, three for others; none, and nothing, for a list that does not say where its source is.
    """
    if not catalog.source_url:
        return {}
    revisions = [rows] if isinstance(rows, Revision) else [row.revision for row in rows]
    numbers = {revision.number for revision in revisions}
    commits = RemoteCommit.objects.filter(
        remote__catalog=catalog, revision__in=numbers, seen_at__isnull=False
    ).select_related("remote")
    sources: dict[int, list[Source]] = {}
    for commit in commits:
        if (url := commit_url(commit.remote, commit.sha)) != commit.sha:
            text = _("Commit %(sha)s") % {"sha": commit.sha[:10]}
            sources.setdefault(commit.revision, []).append(Source(text, url))
    for number, request in _requests_of(catalog, sources):
        text = _("Pull request #%(number)d") % {"number": request.number}
        sources[number].append(Source(text, request.url))
    return sources


def _requests_of(catalog: Catalog, numbers: Iterable[int]) -> Iterator[tuple[int, PullRequest]]:
    revisions = Revision.objects.filter(catalog=catalog, number__in=[*numbers])
    tokens = dict(revisions.exclude(submission_token="").values_list("submission_token", "number"))
    if not tokens:
        return
    entries = PullRequestEntry.objects.filter(submission__token__in=tokens).exclude(request__url="")
    for entry in entries.select_related("request", "submission"):
        if entry.submission is not None:
            yield tokens[entry.submission.token], entry.request


@register.filter
def of_revision(sources: dict[int, list[Source]] | str, revision: Revision) -> list[Source]:
    """The sources of one revision; none where nobody looked for them."""
    return sources.get(revision.number, []) if isinstance(sources, dict) else []
