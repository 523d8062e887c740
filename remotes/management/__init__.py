"""Commands about lists and their repositories."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management.base import CommandError

from remotes.models import Remote


def chosen_remotes(slugs: Sequence[str]) -> list[Remote]:
    """The remotes of lists by their addresses, of all without any. Raises `CommandError`."""
    rows = Remote.objects.select_related("catalog", "file").order_by("catalog__slug")
    if not slugs:
        return list(rows)
    known = {row.catalog.slug: row for row in rows.filter(catalog__slug__in=slugs)}
    for slug in slugs:
        if slug not in known:
            raise CommandError(f"{slug} has no repository; connect one with add_remote.")
    return [known[slug] for slug in slugs]
