"""What the previews of imports and edits show."""

import pytest

from catalog.history.diffs import CONTEXT, MOST_LINES, Diff, diff_blocks, diff_rows

type Rows = list[tuple[int, str]]


def answers(diff: Diff) -> list[list[str]]:
    """Each hunk as `old new sign text`."""
    return [
        [
            f"{line.before or '-'} {line.after or '-'} {line.sign}{''.join(line.text)}{line.ending}"
            for line in hunk
        ]
        for hunk in diff.hunks
    ]


ROWS: Rows = [(n, f"line {n}\n") for n in range(1, 21)]


def test_diff_numbers_lines_and_shows_those_around() -> None:
    after = [row if row[0] != 10 else (10, "line ten\n") for row in ROWS]

    diff = diff_rows(ROWS, after)

    assert answers(diff) == [
        ["8 8  line 8", "9 9  line 9", "10 - -line 10", "- 10 +line ten", "11 11  line 11",
         "12 12  line 12"]
    ]  # fmt: skip
    assert (diff.removed, diff.added, diff.hidden) == (1, 1, 0)
    minus, plus = diff.hunks[0][2].text, diff.hunks[0][3].text
    assert (minus, plus) == (("line ", "10", ""), ("line ", "ten", ""))


def test_diff_of_a_move_takes_the_line_from_one_place_to_the_other() -> None:
    after = [row for row in ROWS if row[0] != 3]
    after.insert(15, ROWS[2])

    assert answers(diff_rows(ROWS, after)) == [
        ["1 1  line 1", "2 2  line 2", "3 - -line 3", "4 3  line 4", "5 4  line 5"],
        ["15 14  line 15", "16 15  line 16", "- 16 +line 3", "17 17  line 17", "18 18  line 18"],
    ]


@pytest.mark.parametrize("number", [1, 2, 3, 19, 20])
def test_diff_at_the_ends_of_a_list(number: int) -> None:
    after = [row for row in ROWS if row[0] != number]

    diff = diff_rows(ROWS, after)

    (hunk,) = answers(diff)
    assert [line for line in hunk if " -line" in line] == [f"{number} - -line {number}"]
    assert len(hunk) == 1 + min(CONTEXT, number - 1) + min(CONTEXT, 20 - number)
    assert answers(diff_rows(after, ROWS))[0] != hunk


def test_nearby_changes_stand_together_and_far_ones_apart() -> None:
    changed = {5, 9, 15}
    after = [(uid, "x\n" if uid in changed else source) for uid, source in ROWS]

    assert [len(hunk) for hunk in diff_rows(ROWS, after).hunks] == [11, 6]


def test_line_endings_that_matter_are_shown() -> None:
    diff = diff_blocks(["a\r\nb"], ["a\nb\r"], [])

    assert answers(diff) == [["1 - -aCRLF", "2 - -bnone", "- 1 +a", "- 2 +bCR"]]


def test_equal_texts_have_no_diff() -> None:
    assert diff_rows(ROWS, ROWS).is_empty
    assert diff_blocks([], [], []).is_empty
    assert diff_rows([], []).hunks == []


def test_only_so_many_lines_are_shown_and_all_are_counted() -> None:
    before = [f"a{n}\n" for n in range(1000)]
    after = [f"b{n}\n" for n in range(1000)]

    diff = diff_blocks(before, after, [(n, n) for n in range(1000)])

    assert (diff.removed, diff.added, diff.hidden) == (1000, 1000, 2000 - MOST_LINES)


def test_two_large_texts_are_compared_in_linear_time() -> None:
    before = "".join(f"a{n}\n" for n in range(5000))
    after = "".join(f"b{n}\n" for n in range(4000))

    diff = diff_blocks([before], [after], [])
    assert (diff.removed, diff.added) == (5000, 4000)
