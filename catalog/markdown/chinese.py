"""The two scripts of Chinese, character by character."""

from collections import defaultdict
from itertools import islice, product
from pathlib import Path

_PAIRS = [
    (pair[0], pair[1])
    for line in Path(__file__).with_name("traditional.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for pair in line.split(" ")
]
"""Traditional characters, each with the simplified one."""
_SIMPLIFIED = dict(_PAIRS)
_TRADITIONAL: defaultdict[str, str] = defaultdict(str)
"""The traditional characters of each simplified one."""
for _traditional, _simple in _PAIRS:
    _TRADITIONAL[_simple] += _traditional
_MOST_SPELLINGS = 16


def simplified(text: str) -> str:
    """The text in simplified characters."""
    # `translate` takes five times as long: each character that it does not know is an exception.
    return "".join([_SIMPLIFIED.get(character, character) for character in text])


def in_both_scripts(text: str) -> list[str]:
    """The text, in simplified Chinese characters, and in traditional ones, which may be several."""
    if text.isascii():
        return [text]
    simple = simplified(text)
    ways = product(*[_TRADITIONAL.get(character, "") + character for character in simple])
    traditional = map("".join, islice(ways, _MOST_SPELLINGS))
    return list(dict.fromkeys([text, simple, *traditional]))
