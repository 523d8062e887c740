"""The start of every edit: a transaction of its own, on the state it was based on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.errors import NotFound, RevisionConflict
from catalog.importing.applying import bring_up_to_date
from catalog.models import Catalog


@contextmanager
def transaction_on(catalog: int, expected_revision: int | None) -> Iterator[Catalog]:
    """One transaction on the catalog as it stands, which nobody else changes until its end.

    A list that an older release has read is read again first.

    Raises `RevisionConflict` when it does not stand at `expected_revision`; None: at any.
    """
    with transaction.atomic():
        # Waits on PostgreSQL; on SQLite the transaction has the only lock already.
        row = Catalog.objects.select_for_update().filter(pk=catalog).first()
        if row is None:
            raise NotFound(_("The list has been deleted."))
        if expected_revision is not None and row.revision != expected_revision:
            raise RevisionConflict(
                _("Someone else has changed the list; check the current version and try again.")
            )
        bring_up_to_date(row)
        yield row


def refuse_changed(source: str, expected: str | None, name: str) -> None:
    """Raise `RevisionConflict` when lines are not those that an edit is based on."""
    if expected is not None and source != expected:
        raise RevisionConflict(
            _("Someone else has changed “%(name)s”; check the current version and try again.")
            % {"name": name}
        )
