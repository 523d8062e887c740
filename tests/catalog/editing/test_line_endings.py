import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.editing.lines import typable, with_own_endings

LINES = st.lists(
    st.tuples(st.text("ab \t*\u2028\x85", max_size=5), st.sampled_from(["\n", "\r\n", "\r"])),
    min_size=1,
    max_size=6,
)


def through_a_browser(text: str) -> str:
    """What a text area sends of what it was given."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


@given(LINES, st.booleans())
def test_what_is_not_touched_comes_back_exactly(
    lines: list[tuple[str, str]], ends_open: bool
) -> None:
    source = "".join(text + ending for text, ending in lines)
    if ends_open:
        source = source.rstrip("\r\n") or "a"

    assert with_own_endings(through_a_browser(typable(source)), source) == source


@pytest.mark.parametrize(
    ("source", "typed", "expected"),
    [
        ("- a\n", "- b", "- b\n"),
        ("- a\r\n", "- b", "- b\r\n"),
        ("- a", "- b", "- b"),
        ("- a\r\n  b\r\n", "- a\r\n  new\r\n  b", "- a\r\n  new\r\n  b\r\n"),
        ("- a\n  b\r\n  c\n", "- a\r\n  b\r\n  d", "- a\n  b\r\n  d\n"),
        ("- a\n  b", "- a\r\n  b\r\n  c", "- a\n  b\n  c"),
        ("- a\n  b", "- a", "- a"),
        ("- a  \n", "- a", "- a\n"),
        ("- a\n\n  b\n", "- a\r\n\r\n  c", "- a\n\n  c\n"),
        ("a\rb\r", "a\r\nx\r\nb", "a\rx\rb\r"),
        ("", "a", "a"),
        ("", "", ""),
    ],
)
def test_new_lines_end_as_the_others_do(source: str, typed: str, expected: str) -> None:
    assert with_own_endings(typed, source) == expected
