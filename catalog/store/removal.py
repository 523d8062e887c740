"""Deleting a whole catalog: the one thing that is not kept in the history, because it ends it."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.db.models import Q

from accounts.team import follow_roles
from catalog.finding.indexing import unindex_catalog, unindex_slice
from catalog.models import (
    Block,
    Catalog,
    Change,
    Checkpoint,
    Column,
    Correction,
    DismissedTag,
    Entry,
    EntryTag,
    Export,
    Facet,
    IndexedEntry,
    Link,
    Listing,
    Posting,
    Revision,
    SearchRow,
    Section,
    SectionPath,
    Successor,
    Tag,
    TagAlias,
    Upstream,
)

OWNED: tuple[tuple[type[models.Model], str], ...] = (
    (Link, "catalog"),
    (EntryTag, "content_object__catalog"),
    (DismissedTag, "entry__catalog"),
    (Successor, "entry__catalog"),
    (TagAlias, "facet__catalog"),
    (Tag, "facet__catalog"),
    (Facet, "catalog"),
    (Entry, "catalog"),
    (IndexedEntry, "catalog"),
    (SearchRow, "catalog"),
    (Posting, "catalog"),
    (Block, "catalog"),
    (Listing, "catalog"),
    (Correction, "catalog"),
    (SectionPath, "catalog"),
    (Section, "catalog"),
    (Column, "catalog"),
    (Checkpoint, "revision__catalog"),
    (Change, "revision__catalog"),
    (Revision, "catalog"),
    (Export, "catalog"),
    (Upstream, "catalog"),
)
"""Every table that a catalog owns, with the path to it; referring rows come before the rows they
refer to."""


def delete_catalog(catalog: Catalog) -> None:
    """Delete a catalog with everything it owns, in one transaction.

    One statement for each table: `Model.delete()` would first read every row of every table, to
    find what refers to it. What other applications hang on a catalog goes with the catalog's own
    row, by their own rules.
    """
    with transaction.atomic():
        unindex_catalog(catalog)
        for model, owner in OWNED:
            rows: models.QuerySet[Any] = model._default_manager.filter(**{owner: catalog.pk})
            # Nothing is left that refers to these rows, so there is nothing to collect.
            rows.order_by()._raw_delete(rows.db)
        # Of those who had no other list, nobody belongs to the staff any more.
        members = list(catalog.memberships.values_list("user", flat=True))
        catalog.memberships.all()._raw_delete(catalog.memberships.db)
        follow_roles(Q(pk__in=members))
        catalog.delete()


AT_ONCE = 5000
"""Rows that are deleted by one statement where nobody waits for all of them."""


def delete_in_slices(catalog: Catalog) -> None:
    """The same of a catalog that nobody sees: many short transactions, none of them long."""
    while unindex_slice(catalog):
        pass
    for model, owner in OWNED:
        rows: models.QuerySet[Any] = model._default_manager.filter(**{owner: catalog.pk})
        # The last ones first: what refers to rows of its own table came after these.
        while keys := list(rows.order_by("-pk").values_list("pk", flat=True)[:AT_ONCE]):
            some = model._default_manager.filter(pk__in=keys)
            some._raw_delete(some.db)
    catalog.delete()
