"""The text in Git at the last import, from which the next merge starts.

Recorded by each import, since it cannot be worked out later: changes made here that lost a
conflict, or that Git made as well, are no longer pending, whatever the file says afterwards.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from catalog.models import Catalog, Revision, Upstream

IN_GIT = "in_git"
"""Key in a revision's details, written by the release before: Git has everything up to it."""


@dataclass(frozen=True, slots=True)
class UpstreamText:
    """The text that Git had, recorded when the list stood at `revision`.

    `base` is the newest revision up to which Git had everything that was changed here. `rows` are
    the text as `(uid, source)`, with the uids of the blocks stored at `revision`; None where it was
    the list's own text.
    """

    revision: int
    base: int
    rows: Sequence[tuple[int, str]] | None = None


def imports(catalog_id: object) -> Q:
    """Return the condition for revisions that say something about Git: imports, and those it was
    known to have."""
    return Q(catalog=catalog_id) & (Q(verb=Revision.Verb.IMPORT) | Q(details__has_key=IN_GIT))


def read_upstream(catalog: Catalog) -> UpstreamText | None:
    """Return the text in Git, None where no import recorded it, or a later one did not."""
    later = Revision.objects.filter(imports(OuterRef("catalog")), number__gt=OuterRef("revision"))
    row = Upstream.objects.filter(~Exists(later), catalog=catalog).first()
    if row is None:
        return None
    rows = None
    if row.blocks:
        rows = [(uid, source) for uid, source in json.loads(zlib.decompress(row.blocks))]
    return UpstreamText(row.revision, row.base, rows)


def save_upstream(catalog: Catalog, upstream: UpstreamText) -> None:
    """Record what Git had, unless something newer is recorded."""
    blocks = b""
    if upstream.rows is not None:
        data = json.dumps(upstream.rows, ensure_ascii=False, separators=(",", ":"))
        blocks = zlib.compress(data.encode("utf-8"), 1)
    values = {"revision": upstream.revision, "base": upstream.base, "blocks": blocks}
    known = Upstream.objects.filter(catalog=catalog, revision__lte=upstream.revision)
    if not known.update(**values):
        Upstream.objects.bulk_create([Upstream(catalog=catalog, **values)], ignore_conflicts=True)
