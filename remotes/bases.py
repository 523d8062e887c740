"""The text in Git on the list's blocks: the known base of a merge."""

from __future__ import annotations

from catalog import markdown
from catalog.history.revisions import blocks_at
from catalog.importing.ancestry import Base, Rows
from catalog.importing.matching import Matching
from catalog.importing.merging import items_of, row_items
from catalog.markdown.parser import BOM
from catalog.models import Catalog
from catalog.store.upstreams import read_upstream

__all__ = ["Base", "Rows", "known_rows"]


def known_rows(catalog: Catalog, text: str, revision: int) -> Rows:
    """A text that Git has, as `(uid, source)`, by what the list was when both had it in common.

    What was recorded of it is the best; else the list at `revision`, where it was that text; else
    its blocks are matched with those that stand here, and what only Git has gets uids below 0.
    """
    plain = text.removeprefix(BOM)
    upstream = read_upstream(catalog)
    if upstream is not None and upstream.rows is not None:
        rows = [*upstream.rows]
        if "".join([source for _uid, source in rows]) == plain:
            return rows
    for number in dict.fromkeys([revision, upstream.revision if upstream else 0]):
        if 0 < number <= catalog.revision:
            _bom, rows = blocks_at(catalog, number)
            if "".join([source for _uid, source in rows]) == plain:
                return rows
    _bom, here = blocks_at(catalog, catalog.revision)
    document = markdown.parse(text)
    known = Matching(row_items(here), items_of(document)).run()
    return [
        (here[known[index]][0] if index in known else -index - 1, block.source)
        for index, block in enumerate(document.blocks)
    ]
