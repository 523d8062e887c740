"""Pages of sets in an order, as going through the order finds them."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from catalog.api.entries import orders
from catalog.api.entries.orders import Order

KEYS = st.lists(st.integers(0, 2**32 - 1), unique=True, max_size=60)


@given(KEYS, st.data())
def test_order_is_as_if_gone_through(keys: list[int], data: st.DataObject) -> None:
    expected = data.draw(st.none() | st.sets(st.sampled_from(keys)) if keys else st.none())
    start, stop = sorted(data.draw(st.tuples(st.integers(0, 70), st.integers(0, 70))))
    at = data.draw(st.integers(0, len(keys)))
    with pytest.MonkeyPatch.context() as patch:
        # Several steps, and sets that are sorted as well as those that are looked for.
        patch.setattr(orders, "STEP", 8)
        patch.setattr(orders, "FEW", 5)
        order = Order(array("I", keys))
        chosen = None if expected is None else BitMap(expected)

        left = [pk for pk in keys if expected is None or pk in expected]
        assert order.some(chosen, start, stop) == left[start:stop]
        assert order.before(chosen, at) == sum(pk in left for pk in keys[:at])
        assert order.first(at) == BitMap(keys[:at])
        assert [order.place_of(pk) for pk in keys] == list(range(len(keys)))
        assert [pk in order for pk in (*keys, 2**32 - 5)] == [
            *(True for _ in keys),
            2**32 - 5 in keys,
        ]
