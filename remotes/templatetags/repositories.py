"""Commits beside revisions."""

from __future__ import annotations

from django import template

from catalog.models import Catalog, Revision
from remotes.incoming import commit_url
from remotes.models import RemoteCommit

register = template.Library()


@register.simple_tag
def commits_of(catalog: Catalog, revision: Revision) -> list[tuple[str, str]]:
    """The commits of a revision, each with the address where a browser shows it.

    None for a list that does not say in public where its source is.
    """
    if not catalog.source_url:
        return []
    rows = RemoteCommit.objects.filter(
        remote__catalog=catalog, revision=revision.number, seen_at__isnull=False
    )
    commits = [(row.sha, commit_url(row.remote, row.sha)) for row in rows.select_related("remote")]
    return [(sha, url) for sha, url in commits if url != sha]
