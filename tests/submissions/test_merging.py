"""The three-way merge, stated as a table: base, current, proposed, and what comes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submissions.choices import Kind
from submissions.proposal import Base, Proposal
from submissions.publishing.planning import Conflict, Merged, merge


def edit(**fields: object) -> Proposal:
    return Proposal(kind=Kind.EDIT, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("base", "current", "proposed", "texts", "conflicts"),
    [
        ("a", "a", "b", {"name": "b"}, ()),
        ("a", "b", "b", {}, ()),
        ("a", "b", "a", {}, (("name", "a", "b", "a"),)),
        ("a", "b", "c", {}, (("name", "a", "b", "c"),)),
        ("a", "", "c", {}, (("name", "a", "", "c"),)),
        ("a", "a", "", {"name": ""}, ()),
        ("a", "a", "a", {}, ()),
        ("a", "b", None, {}, ()),
    ],
)
def test_field_is_merged(
    base: str,
    current: str,
    proposed: str | None,
    texts: dict[str, str],
    conflicts: tuple[tuple[str, ...], ...],
) -> None:
    merged = merge(Base(name=base), Base(name=current), edit(name=proposed))

    assert merged == Merged(texts, conflicts=tuple(Conflict(*each) for each in conflicts))


def test_cells_are_merged_one_by_one() -> None:
    base = Base(cells=("a", "b", "c"), columns=("x", "y", "z"))
    current = Base(cells=("a", "B", "c"), columns=("x", "y", "z"))

    merged = merge(base, current, edit(cells={0: "A", 1: "β", 2: "c"}))

    assert merged == Merged({"cell-0": "A"}, conflicts=(Conflict("cell-1", "b", "B", "β"),))


def test_cells_follow_their_columns() -> None:
    base = Base(cells=("a", "b", "c"), columns=("x", "y", "z"))
    current = Base(cells=("c", "new", "a"), columns=("z", "w", "x"))

    merged = merge(base, current, edit(cells={0: "A", 1: "B", 2: "C"}))

    assert merged == Merged(
        {"cell-2": "A", "cell-0": "C"}, conflicts=(Conflict("cell-1", "b", "", "B"),)
    )


def test_column_that_is_there_twice_is_not_guessed() -> None:
    base = Base(cells=("a", "b"), columns=("x", "y"))
    current = Base(cells=("a", "b", "b"), columns=("x", "y", "y"))

    merged = merge(base, current, edit(cells={1: "B"}))

    assert merged == Merged(conflicts=(Conflict("cell-1", "b", "", "B"),))


def test_resolution_decides_what_is_in_conflict() -> None:
    base, current = Base(name="a", url="u"), Base(name="b", url="u")

    merged = merge(base, current, edit(name="c", url="v"), {"name": "d"})

    assert merged == Merged({"name": "d", "url": "v"})
    assert merge(base, current, edit(name="c"), {"name": "b"}) == Merged()


def test_tags_merge_as_sets() -> None:
    base, current = Base(tags=("l:en",)), Base(tags=("l:fr", "l:zh"))
    proposal = edit(add_tags=("l:zh", "l:de"), remove_tags=("l:en", "l:fr"))

    merged = merge(base, current, proposal)

    assert merged == Merged(add_tags=("l:de",), remove_tags=("l:fr",))


texts = st.sampled_from(["", "a", "b", "c"])


@given(texts, texts, texts)
def test_nothing_that_somebody_else_wrote_is_overwritten(
    base: str, current: str, proposed: str
) -> None:
    merged = merge(Base(url=base), Base(url=current), edit(url=proposed))

    result = merged.texts.get("url", current)
    if merged.conflicts:
        assert result == current
    else:
        assert result == proposed
        assert current in {base, proposed}
