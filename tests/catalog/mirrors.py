"""A mirror as somebody else would write it: bytes, a number, and splices that are checked."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.exporting import export_markdown
from catalog.history.change_feed import Edit, follow
from catalog.models import Catalog


def spliced(data: bytes, edit: Edit) -> bytes:
    """The bytes after one edit, which has to fit."""
    removed, added = edit.removed.encode(), edit.added.encode()
    assert data[edit.offset : edit.offset + len(removed)] == removed, edit
    return data[: edit.offset] + added + data[edit.offset + len(removed) :]


@dataclass
class Mirror:
    """What it holds: the list's bytes at a revision."""

    data: bytes = b""
    revision: int = 0
    pages: int = 0

    @classmethod
    def of(cls, catalog: Catalog) -> "Mirror":
        """One that begins with an export."""
        catalog.refresh_from_db()
        return cls(export_markdown(catalog).encode(), catalog.revision)

    def catch_up(
        self, catalog: Catalog, *, limit: int = 100, texts: Sequence[str] = ()
    ) -> list[int]:
        """Follow to the end; every size and hash is checked. Returns the revisions read.

        `texts`, if given, are what the list was at each revision.
        """
        read = []
        has_more = True
        while has_more:
            page = follow(Catalog.objects.get(pk=catalog.pk), self.revision, limit=limit)
            has_more = page.has_more
            self.pages += 1
            for step in page.steps:
                assert step.revision.number == self.revision + 1
                for edit in step.edits:
                    self.data = spliced(self.data, edit)
                self.revision += 1
                read.append(self.revision)
                assert len(self.data) == step.size
                assert not texts or self.data == texts[self.revision].encode()
                assert step.sha256 in {"", hashlib.sha256(self.data).hexdigest()}
            if page.steps:
                assert page.steps[-1].sha256
            if not has_more:
                assert self.revision == page.newest
        return read
