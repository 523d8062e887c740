"""Decisions about a catalog as a whole: its settings, and which links are entries.

Each function is one transaction and one revision, as in `catalog.editing.tags`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.checking import rebuild_projection
from catalog.errors import AddressTaken, InvalidField
from catalog.history.revisions import Author, commit_revision
from catalog.importing.applying import check_slug
from catalog.models import Catalog, Entry, Revision
from catalog.store.derived import write_counts
from catalog.tagging import entry_tags

SETTINGS = (
    "title",
    "slug",
    "description",
    "source_url",
    "license",
    "license_url",
    "language",
    "guidelines",
)
"""The fields of a catalog that are decided, not derived."""
_IN_ADDRESSES = {"slug", "source_url"}
"""Settings that stand in the links of what is projected."""


def change_settings(
    *,
    catalog: Catalog,
    by: Author,
    values: Mapping[str, Any],
    expected_revision: int | None = None,
) -> Revision | None:
    """Set some of `SETTINGS`; None when nothing differs.

    A new address or source is written into the HTML of the whole list, which is a revision of
    its own. Raises `AddressTaken`, `InvalidField`, `RevisionConflict`.
    """
    unknown = set(values) - set(SETTINGS)
    if unknown:
        raise ValueError(f"no settings: {', '.join(sorted(unknown))}")
    changed = {name: value for name, value in values.items() if getattr(catalog, name) != value}
    if not changed:
        return None
    if not changed.get("title", "-").strip():
        raise InvalidField("title", _("A list needs a title."))
    before = {name: getattr(catalog, name) for name in changed}
    with transaction.atomic():
        if "slug" in changed:
            _refuse_taken(changed["slug"])
        revision = commit_revision(
            catalog=catalog,
            verb=Revision.Verb.SETTINGS,
            by=by,
            expected_revision=expected_revision,
            details={"operation": "change-settings", "before": before, "after": changed},
            catalog_fields=changed,
        )
        if _IN_ADDRESSES & set(changed):
            rebuild_projection(catalog)
    return revision


def _refuse_taken(slug: str) -> None:
    check_slug(slug)
    if Catalog.objects.filter(slug=slug).exists():
        raise AddressTaken(
            _("Another list uses the address %(slug)s; choose a different one.") % {"slug": slug}
        )


def renamed_to(slug: str) -> Catalog | None:
    """The catalog that had this address before it was renamed, the last one that did."""
    renaming = (
        Revision.objects.filter(verb=Revision.Verb.SETTINGS, details__before__slug=slug)
        .select_related("catalog")
        .order_by("-created_at")
        .first()
    )
    return renaming.catalog if renaming else None


def decide_entries(
    *,
    catalog: Catalog,
    entries: Iterable[Entry],
    decision: str,
    by: Author,
    expected_revision: int | None = None,
) -> Revision | None:
    """Mark links in prose as entries (`CONFIRMED`) or not (`DISMISSED`).

    Entries that are decided so already, or are removed, are left alone; None when all are. No
    line of the list changes. Raises `RevisionConflict`.
    """
    if decision not in {Entry.Decision.CONFIRMED, Entry.Decision.DISMISSED}:
        raise ValueError(f"no decision about an entry: {decision!r}")
    keys = [entry.pk for entry in entries]
    with transaction.atomic():
        chosen = Entry.objects.filter(catalog=catalog, pk__in=keys).living()
        names = dict(chosen.exclude(decision=decision).values_list("pk", "name"))
        if not names:
            return None
        revision = commit_revision(
            catalog=catalog,
            verb=Revision.Verb.SETTINGS,
            by=by,
            expected_revision=expected_revision,
            details={
                "operation": "decide-entries",
                "after": decision,
                "entries": list(names),
                "names": list(names.values())[:100],
            },
        )
        is_entry = decision == Entry.Decision.CONFIRMED
        with entry_tags.counting(names, catalog):
            Entry.objects.filter(pk__in=names).update(
                decision=decision,
                state=Entry.State.PUBLISHED if is_entry else Entry.State.SUGGESTED,
                updated_revision=revision.number,
                updated_at=revision.created_at,
            )
        write_counts(catalog)
    return revision
