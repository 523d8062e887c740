"""What an import has written, counted from the rows before and after it."""

from collections import Counter
from typing import NamedTuple

from catalog.importing.applying import ImportResult
from catalog.importing.planning import Figure
from catalog.models import Block, Catalog, Change, Entry, Section, Successor
from tests.catalog.importing.imports import FIGURES, import_again


class Standing(NamedTuple):
    """An entry, and where it stands; a removed one has its state alone."""

    state: str
    text: tuple[str, ...] = ()
    place: tuple[int | None, ...] = ()
    titles: tuple[str, ...] = ()
    around: tuple[int, ...] = ()
    """Uids of the item it is in, or of the head of its table."""
    around_texts: tuple[str, ...] = ()
    section: int | None = None


class Accountant:
    """Imports versions of a list, and holds that their figures are what was written.

    Remembers where each entry without a link stood last: only there may it come back.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.standing = self._read()
        self.stood = dict(self.standing)

    def take_in(self, text: str) -> ImportResult:
        """Import a version."""
        before = self.standing
        result = import_again(self.catalog, text)
        self.standing = self._read()
        moved = set(
            Change.objects.filter(
                revision__catalog=self.catalog, revision__number=result.revision, op="move"
            ).values_list("entry_id", flat=True)
        )
        figures: Counter[str] = Counter()
        if not result.plan.is_empty:
            for key, now in self.standing.items():
                figures.update(self._figures_of(key, before.get(key), now, key in moved))
            summary = result.summary()
            assert {name: summary[name] for name in FIGURES} == {
                name: figures[name] for name in FIGURES
            }
        living = {key: now for key, now in self.standing.items() if now.place}
        self.stood |= living
        return result

    def _figures_of(
        self, key: int, before: Standing | None, now: Standing, is_moved: bool
    ) -> list[str]:
        published, removed = Entry.State.PUBLISHED, Entry.State.REMOVED
        was = before.state if before else ""
        if was == removed and now.state != removed and not now.text[1]:
            assert_stood_there(self.stood[key], now)
        if published not in {was, now.state}:
            return []
        if now.state != published:
            if now.state != removed:
                return [Figure.UPDATED]
            is_part = Successor.objects.filter(entry=key).exists()
            return [Figure.JOINED if is_part else Figure.REMOVED]
        if before is None:
            return [Figure.CREATED]
        if was == removed:
            return [Figure.RETURNED]
        is_moved = is_moved or before.place != now.place
        is_edited = before.text != now.text or was != now.state
        if is_moved:
            return [Figure.MOVED_AND_EDITED if is_edited else Figure.MOVED]
        return [Figure.UPDATED if is_edited else Figure.UNCHANGED]

    def _read(self) -> dict[int, Standing]:
        blocks = {row.pk: row for row in Block.objects.filter(catalog=self.catalog)}
        heads = {row.listing_id: row for row in blocks.values() if row.kind == "table-header"}
        sections = {row.pk: row for row in Section.objects.filter(catalog=self.catalog)}
        standing = {}
        for entry in self.catalog.entries.all():
            if entry.block_id is None:
                standing[entry.pk] = Standing(Entry.State.REMOVED)
                continue
            block = blocks[entry.block_id]
            titles = []
            above = sections.get(entry.section_id or 0)
            while above:
                titles.append(above.title)
                above = sections.get(above.parent_id or 0)
            around = []
            if head := heads.get(entry.listing_id):
                around.append(head)
            else:
                item = blocks.get(block.parent_id or 0)
                while item:
                    around.append(item)
                    item = blocks.get(item.parent_id or 0)
            standing[entry.pk] = Standing(
                entry.state,
                (entry.name, entry.canonical_url, entry.url, block.source),
                (entry.section_id, entry.listing_id),
                tuple(titles),
                tuple(row.uid for row in around[:1]),
                tuple(row.source.strip() for row in around),
                entry.section_id,
            )
        return standing


def assert_stood_there(stood: Standing, now: Standing) -> None:
    """It is in the section, and below the item or in the table, that it was in."""
    assert (stood.section == now.section) or (stood.titles == now.titles)
    assert (stood.around == now.around) or (stood.around_texts == now.around_texts)
    assert stood.text[0] == now.text[0]
