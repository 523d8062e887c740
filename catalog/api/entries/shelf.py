"""Some lists with what the process knows of them, asked as one: a single one, or all.

What browsing keeps of each list (`browsing/browse_index.py`) is put together here: orders across
them, and whatever a choice of filters came to. A shelf is of its lists as they stand, so nothing of
it is ever wrong; when one of them changes, another shelf takes its place.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from threading import Lock
from typing import Any

from pyroaring import BitMap

from catalog.api.entries.orders import Order
from catalog.browsing import browse_index
from catalog.browsing.browse_index import BrowseIndex, browse_index_of
from catalog.browsing.entry_sets import BY_KEY
from catalog.models import Catalog

MOST_KEPT = 100
"""Choices whose entries are kept with a shelf; a bitmap or two each."""
MOST_ROWS = 5000
"""Entries whose JSON is kept with a shelf, some 700 bytes each."""

POSITION = ""
"""The order of the lists, one behind the other."""


class Shelf:
    """Published lists in their order, and their entries."""

    def __init__(self, catalogs: Sequence[Catalog]) -> None:
        self.catalogs = {catalog.pk: catalog for catalog in catalogs}
        self.indexes: dict[int, BrowseIndex] = {
            catalog.pk: browse_index_of(catalog) for catalog in catalogs
        }
        self.rows: dict[Hashable, dict[int, bytes]] = {}
        self._orders: dict[str, Order] = {}
        self._kept: dict[Hashable, Any] = {}

    def __len__(self) -> int:
        """How many entries there are, and one more, so that many empty lists count, too."""
        return sum(len(index.sets.entries) for index in self.indexes.values()) + 1

    @property
    def only(self) -> Catalog | None:
        """The list, where it is a single one."""
        return next(iter(self.catalogs.values())) if len(self.catalogs) == 1 else None

    @cached_property
    def entries(self) -> BitMap:
        """All of them."""
        return BitMap.union(BitMap(), *(index.sets.entries for index in self.indexes.values()))

    def index_with(self, pk: int) -> BrowseIndex:
        """The index that has an entry."""
        return self.indexes[self.catalog_with(pk)]

    def catalog_with(self, pk: int) -> int:
        """The list that has an entry."""
        return next(key for key, index in self.indexes.items() if pk in index.sets.entries)

    def kept[T](self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for a key; the next page of a choice needs it again."""
        found: T | None = self._kept.get(key)
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = make()
        return found

    def rows_for(self, key: Hashable) -> dict[int, bytes]:
        """Where the rows of one form are kept."""
        if sum(map(len, self.rows.values())) > MOST_ROWS:
            self.rows.clear()
        return self.rows.setdefault(key, {})

    # Orders

    def order(self, sort: str) -> Order:
        """All entries in an order of `EntrySets`."""
        found = self._orders.get(sort)
        if found is None:
            found = self._orders[sort] = Order(self._sorted(sort))
        return found

    def key(self, sort: str) -> Callable[[int], Any]:
        """What an entry is sorted by in one of the orders `BY_KEY`."""
        keys = {pk: index.sets.columns.key(sort) for pk, index in self.indexes.items()}
        if len(keys) == 1:
            return next(iter(keys.values()))
        return lambda pk: keys[self.catalog_with(pk)](pk)

    def start_of(self, catalog: int) -> int:
        """Where a list starts in the order of the lists. Raises `KeyError` when it is gone."""
        start = 0
        for pk, index in self.indexes.items():
            if pk == catalog:
                return start
            start += len(index.sets.entries)
        raise KeyError(catalog)

    def _sorted(self, sort: str) -> array[int]:
        orders = [index.sets.order(sort) for index in self.indexes.values()]
        if len(orders) == 1:
            return orders[0]
        keys = array("I")
        if sort in BY_KEY:
            # Some runs that are in order already: sorting notices.
            keys.extend(pk for *_value, pk in sorted(self._keyed(sort, orders)))
        else:
            for order in orders:
                keys.extend(order)
        return keys

    def _keyed(self, sort: str, orders: Sequence[array[int]]) -> Iterator[Any]:
        for index, order in zip(self.indexes.values(), orders, strict=True):
            yield from map(index.sets.columns.key(sort), order)


_shelves: OrderedDict[Hashable, Shelf] = OrderedDict()
_keeping = Lock()


def shelf_of(catalogs: Sequence[Catalog]) -> Shelf:
    """The shelf of these published lists as they stand; no query while they stay so.

    Costs up to three queries for each list that changed. Only for lists that have no more entries
    together than are kept (`browse_index.MOST_ENTRIES`), or a single one.
    """
    state = tuple((catalog.pk, catalog.revision, catalog.updated_at) for catalog in catalogs)
    with _keeping:
        found = _shelves.get(state)
        if found is not None:
            _shelves.move_to_end(state)
            return found
    found = Shelf(catalogs)
    with _keeping:
        # What stood here of the same lists is past.
        for old in [key for key in _shelves if _same_lists(key, state)]:
            del _shelves[old]
        _shelves[state] = found
        while len(_shelves) > 1 and _size() > browse_index.MOST_ENTRIES:
            _shelves.popitem(last=False)
    return found


def _size() -> int:
    """Entries of all shelves; what they share is counted as often."""
    return sum(map(len, _shelves.values()))


def _same_lists(one: Any, other: Any) -> bool:
    return [pk for pk, *_state in one] == [pk for pk, *_state in other]
