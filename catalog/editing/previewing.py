"""The effect of an edit, found by applying it and rolling it back.

So a preview is never something else than the edit: it goes through the same function, the same
checks and the same refusals, in a transaction that is rolled back.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from catalog.history.diffs import Diff, diff_rows
from catalog.history.revisions import Lines
from catalog.models import Block, Catalog, Change


def preview_edit(catalog: Catalog, edit: Callable[[], object]) -> Diff:
    """The diff of the README that `edit` would make; nothing is kept.

    Rows that `edit` is given must not be used afterwards: they would say that it was done.
    Raises whatever the edit raises.
    """
    with transaction.atomic():
        blocks = Block.objects.filter(catalog=catalog).in_reading_order()
        before = list(blocks.values_list("uid", "source"))
        number = Catalog.objects.values_list("revision", flat=True).get(pk=catalog.pk)
        edit()
        made = Change.objects.filter(revision__catalog=catalog, revision__number__gt=number)
        changes = list(made.order_by("revision__number", "ordinal"))
        transaction.set_rollback(True)
    lines = Lines(before)
    for change in changes:
        lines.replay(change)
    return diff_rows(before, lines.rows())
