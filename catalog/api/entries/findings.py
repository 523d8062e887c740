"""Entries on whose lines the look over their list (`markdown/linting`) finds something.

It reads the whole list, so it is done once for each revision and shared by all processes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from django.core.cache import caches
from pyroaring import BitMap

from catalog import markdown
from catalog.exporting import export_markdown
from catalog.markdown.linting import lint
from catalog.models import Block, Catalog
from catalog.published import release
from catalog.store.snapshots import corrections_of

_KEPT_SECONDS = 24 * 3600


def with_findings(catalogs: Iterable[Catalog]) -> BitMap:
    """Entries with a finding, in all of some lists."""
    return BitMap.union(BitMap(), *map(findings_of, catalogs))


def findings_of(catalog: Catalog) -> BitMap:
    """Keys of the catalog's entries with a finding, made once for each of its revisions."""
    made_at = int(catalog.created_at.timestamp())
    key = f"api-findings:{catalog.pk}:{made_at}:{catalog.revision}:{release()}"
    stored: bytes | None = caches["findings"].get(key)
    if stored is None:
        stored = entries_with_findings(catalog).serialize()
        caches["findings"].set(key, stored, _KEPT_SECONDS)
    return BitMap.deserialize(stored)


def entries_with_findings(catalog: Catalog) -> BitMap:
    """Keys of the catalog's entries with a finding on one of their lines."""
    document = markdown.parse(export_markdown(catalog), corrections=corrections_of(catalog))
    lines = sorted(finding.line for finding in lint(document))
    found = []
    line = 1
    blocks = Block.objects.filter(catalog=catalog).in_reading_order()
    for source, entry in blocks.values_list("source", "entry").iterator(chunk_size=2000):
        behind = line + len(markdown.split_lines(source))
        if entry and bisect_left(lines, line) < bisect_left(lines, behind):
            found.append(entry)
        line = behind
    return BitMap(found)
