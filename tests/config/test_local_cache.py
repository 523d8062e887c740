"""The cache that is bounded by bytes, beside a plain model of it."""

import pickle

from hypothesis import given, settings
from hypothesis import strategies as st

from config.caches import SizedCache, _sizes

MOST = 400
STEPS = st.lists(st.tuples(st.sampled_from("gsd"), st.integers(0, 6), st.integers(0, 450)))


@given(STEPS)
@settings(max_examples=100, deadline=None)
def test_cache_holds_what_was_read_last_within_its_bytes(steps: list[tuple[str, int, int]]) -> None:
    cache = SizedCache("sized", {"OPTIONS": {"MAX_BYTES": MOST}})
    cache.clear()
    model: dict[int, bytes] = {}

    def size() -> int:
        return sum(len(pickle.dumps(value, cache.pickle_protocol)) for value in model.values())

    for step, key, length in steps:
        if step == "g":
            assert cache.get(str(key)) == model.get(key)
            if key in model:
                model[key] = model.pop(key)
        elif step == "d":
            assert cache.delete(str(key)) == (model.pop(key, None) is not None)
        else:
            cache.set(str(key), b"x" * length)
            model.pop(key, None)
            model[key] = b"x" * length
            while size() > MOST and len(model) > 1:
                oldest = next(iter(model))
                if len(pickle.dumps(model[key], cache.pickle_protocol)) > MOST:
                    oldest = key
                del model[oldest]
            if size() > MOST:
                del model[key]
        assert _sizes["sized"] == size() <= MOST
