"""The default cache: a Django cache in the database, and one for all processes."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import StoredValue
from tests.clocks import Clock

YEAR = 365 * 24 * 3600


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


KEYS = st.sampled_from(["a", "b"])
VALUES: st.SearchStrategy[Any] = st.sampled_from([[1799999999.123456, 0.1], True, "y", None, {}])
TIMEOUTS = st.sampled_from([0, -1, 0.5, 30, 300, None])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, VALUES, TIMEOUTS),
        st.tuples(st.just("add"), KEYS, VALUES, TIMEOUTS),
        st.tuples(st.just("touch"), KEYS, TIMEOUTS),
        st.tuples(st.just("delete"), KEYS),
        st.tuples(st.just("get"), KEYS),
        st.tuples(st.just("wait"), st.sampled_from([0.4, 29, 31, 301])),
    ),
    max_size=12,
)


class AnyCalls(TestCase):
    """Whatever is called in a row, it is a dict of values with an end."""

    @given(STEPS)
    def test_is_a_dict_of_values_that_expire(self, steps: list[tuple[Any, ...]]) -> None:
        cache.clear()
        model: dict[str, tuple[Any, float]] = {}
        with pytest.MonkeyPatch.context() as patch:
            clock = Clock(patch)
            for verb, *arguments in steps:
                if verb == "wait":
                    clock.wait(*arguments)
                    continue
                model = {k: pair for k, pair in model.items() if pair[1] > clock.seconds}
                key = arguments[0]
                is_there = key in model
                end = clock.seconds + (float("inf") if arguments[-1] is None else 0)
                if verb in {"set", "add", "touch"} and arguments[-1] is not None:
                    end += arguments[-1]
                answer = getattr(cache, verb)(*arguments)
                match verb:
                    case "set":
                        model[key] = (arguments[1], end)
                    case "add":
                        assert answer is not is_there
                        model.setdefault(key, (arguments[1], end))
                    case "touch":
                        assert answer is is_there
                        if is_there:
                            model[key] = (model[key][0], end)
                    case "delete":
                        model.pop(key, None)
                model = {k: pair for k, pair in model.items() if pair[1] > clock.seconds}
                for name in ("a", "b"):
                    missing = (["missing"], 0)
                    assert cache.get(name, ["missing"]) == model.get(name, missing)[0]
                    assert (name in cache) is (name in model)


@pytest.mark.django_db
def test_versions_are_values_of_their_own() -> None:
    cache.set("a", 1)
    cache.set("a", 2, version=2)

    assert (cache.get("a"), cache.get("a", version=2), cache.incr("a")) == (1, 2, 2)


@pytest.mark.django_db
@pytest.mark.parametrize("jump", [YEAR, 300, -300, -YEAR])
def test_clock_that_is_set_locks_nobody_out(clock: Clock, jump: float) -> None:
    cache.set("attempts", [1, 2, 3, 4, 5], 200)
    clock.jump(jump)
    assert cache.add("attempts", [1], 200)
    clock.jump(-jump)

    assert cache.add("attempts", [2], 200)
    assert cache.get("attempts") == [2]


@pytest.mark.django_db
def test_stamp_that_is_a_little_ahead_is_another_process_s(clock: Clock) -> None:
    clock.jump(30)
    cache.set("attempts", [1], 200)
    clock.jump(-30)

    assert cache.get("attempts") == [1]
    assert not cache.add("attempts", [2], 200)
    clock.wait(231)
    assert cache.get("attempts") is None


@pytest.mark.django_db
def test_expired_values_go_by_themselves(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts import limits

    cache.set("old", 1, 100)
    cache.set("other", 1, 300)
    clock.wait(101)
    monkeypatch.setattr(limits, "_next_sweep", clock.passed)
    cache.add("new", 1, 100)

    assert StoredValue.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_at_once_one_does() -> None:
    added: list[bool] = []
    barrier = threading.Barrier(8)

    def work() -> None:
        try:
            barrier.wait()
            added.extend(cache.add(f"lock {number}", True, 10) for number in range(20))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(added), sum(added)) == (160, 20)
