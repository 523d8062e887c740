"""The first import of a long list: written in slices, and public when it is complete.

Until then its row says that it is unfinished, and nobody sees it. What a process leaves behind that
is killed meanwhile is set aside by the next import to that address, and cleared away, in slices as
well. An import that is set aside while it runs notices that at its end, and undoes itself.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from catalog.errors import AddressTaken
from catalog.models import Catalog
from catalog.store.removal import delete_in_slices

AT_ONCE = 2000
"""Blocks of a list that are written in one transaction: well below a second."""
_ASIDE = "~"
"""Begins the address of what was set aside; no list has such an address."""


def is_long(blocks: int) -> bool:
    """Whether a new list of so many blocks is to be written in slices.

    Never inside of another transaction, which has a lock to its own end anyhow.
    """
    return blocks > AT_ONCE and not connection.in_atomic_block


def create(catalog: Catalog, *, is_unfinished: bool) -> None:
    """Store the row of a new catalog. Raises `AddressTaken`."""
    catalog.is_unfinished = is_unfinished
    set_aside(catalog.slug)
    try:
        with transaction.atomic():
            catalog.save(force_insert=True)
    except IntegrityError:
        raise AddressTaken(
            _("Another list uses the address %(slug)s; choose a different one.")
            % {"slug": catalog.slug}
        ) from None


def set_aside(slug: str) -> None:
    """Free the address of an import that was not finished."""
    for pk in Catalog.objects.filter(slug=slug, is_unfinished=True).values_list("pk", flat=True):
        Catalog.objects.filter(pk=pk, slug=slug).update(slug=f"{_ASIDE}{pk}")


def clear_away() -> None:
    """Delete what was set aside."""
    for catalog in Catalog.objects.filter(is_unfinished=True, slug__startswith=_ASIDE):
        delete_in_slices(catalog)


def discard(catalog: Catalog) -> None:
    """Delete what this import has written; the instance is as new as it was."""
    written = Catalog.objects.filter(pk=catalog.pk, is_unfinished=True)
    for row in written:
        delete_in_slices(row)
    start_again(catalog)


def start_again(catalog: Catalog) -> None:
    """Reset the instance of a list that was not stored to a new one."""
    values: dict[str, Any] = {"pk": None, "revision": 0, "next_uid": 1, "is_unfinished": False}
    for name, value in values.items():
        setattr(catalog, name, value)
    catalog._state.adding = True
