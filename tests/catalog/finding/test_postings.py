"""The index itself: terms of many rows at once, and the bytes that are stored of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.postings import IndexRow, NewRows, changed_terms, terms_of_row
from catalog.models import IndexTerm

SEGMENT = 1 << postings.SEGMENT_BITS

_TEXTS = st.lists(st.sampled_from(["go", "g", "go2", "中文", "中", "é", "ссылка"]), max_size=4)
_ROWS = st.lists(
    st.tuples(st.sampled_from([1, 2]), _TEXTS, _TEXTS, st.lists(st.sampled_from(["t1", "hx.org"]))),
    max_size=6,
)


@given(_ROWS)
def test_rows_at_once_have_the_terms_of_each(
    drawn: list[tuple[int, list[str], list[str], list[str]]],
) -> None:
    rows = [
        IndexRow(pk, catalog, "", " ".join(names), " ".join(words), " ".join(others), 0)
        for pk, (catalog, names, words, others) in enumerate(drawn, 1)
    ]
    new = NewRows()
    for row in rows:
        new.add(row)
    assert {(term, pk) for term, keys in new.take().items() for pk in keys} == {
        (term, row.pk) for row in rows for term in terms_of_row(row)
    }
    assert not new.take()


_TERMS = st.lists(st.sampled_from(["t1", "hx.org"]))


@given(st.tuples(_TEXTS, _TERMS), st.none() | st.tuples(_TEXTS, _TERMS), _TEXTS, _TEXTS)
def test_terms_that_change_are_those_in_which_two_rows_differ(
    old: tuple[list[str], list[str]],
    new: tuple[list[str], list[str]] | None,
    names: list[str],
    others: list[str],
) -> None:
    def row(drawn: tuple[list[str], list[str]], names: list[str]) -> IndexRow:
        return IndexRow(1, 1, "", " ".join(names), " ".join(drawn[0]), " ".join(drawn[1]), 0)

    for names_now in (names, others):
        before, after = row(old, names), row(new, names_now) if new else None
        had, has = terms_of_row(before), terms_of_row(after) if after else set[str]()
        assert changed_terms(before, after) == (had - has, has - had)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("before", "gone", "come"),
    [
        ([], [], [5]),
        ([], [], [3 * SEGMENT + 7]),
        ([5, 6], [6], []),
        ([5, SEGMENT + 1], [5], [6, SEGMENT]),
        (range(0, SEGMENT, 2), [], range(1, SEGMENT, 2)),
        (range(2 * SEGMENT), range(7), range(2 * SEGMENT, 2 * SEGMENT + 3)),
        ([1, 2], [1, 2], []),
    ],
)
def test_the_bytes_follow_from_the_entries(
    before: list[int], gone: list[int], come: list[int]
) -> None:
    postings.write({}, {"wgo": [*before]})
    postings.write({"wgo": [*gone]}, {"wgo": [*come]})
    keys = sorted({*before} - {*gone} | {*come})
    stored = IndexTerm.objects.filter(term=b"wgo").order_by("segment")
    assert [(row.segment, bytes(row.entries)) for row in stored] == [
        (segment, BitMap(part, optimize=False).serialize())
        for segment in range(4)
        if (part := [key for key in keys if postings.segment_of(key) == segment])
    ]


ALONE, FULLEST, FEW = [1], [SEGMENT + 1, SEGMENT + 2, SEGMENT + 3], [2 * SEGMENT, 2 * SEGMENT + 1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("near", "expected"),
    [(1, ALONE + FULLEST), (SEGMENT, FULLEST + FEW), (2 * SEGMENT, FULLEST + FEW)],
)
def test_near_a_key_its_segment_and_the_fullest_of_the_list_are_read(
    near: int, expected: list[int]
) -> None:
    postings.write({}, {"l1": [*ALONE, *FULLEST, *FEW], "wgo": [*ALONE, *FULLEST, *FEW]})
    read = postings.gather(*postings.reading(["wgo"], "l1", near=near))
    assert {term: [*keys] for term, keys in read.items()} == {"wgo": expected}
