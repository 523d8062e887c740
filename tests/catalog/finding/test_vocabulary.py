from itertools import product

import pytest
import snowballstemmer

from catalog.finding.matching import forms_of, learn, near, stem_of
from catalog.models import Word

KEY = "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6"
WORDS = [
    "packer", "packet", "packets", "pack", "monitor", "monitors", "monitoring", "kubernetes",
    "kubernets", "container", "книга", "книги", "wireshark", "模型", "12", KEY,
]  # fmt: skip


@pytest.fixture
def words(db: None) -> None:
    learn(WORDS)


def test_words_are_learnt_once_and_keys_never(words: None) -> None:
    learn([*WORDS, "new"])

    known = {bytes(pk).decode() for pk in Word.objects.values_list("pk", flat=True)}
    assert known == {*WORDS, "new"} - {"模型", "12", KEY}


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("packets", ["packet"]),
        ("monitored", ["monitor", "monitoring", "monitors"]),
        ("книгу", ["книга", "книги"]),
        ("unknown", []),
    ],
)
def test_forms_have_the_same_stem(words: None, word: str, forms: list[str]) -> None:
    assert forms_of([word, "12", "模型"]) == {word: forms}


ENDINGS = [
    "s", "es", "ies", "sses", "us", "ed", "eed", "ied", "ing", "edly", "eedly", "ingly", "y", "e",
    "l", "ll",
    "anci", "enci", "ogi", "li", "abli", "fulli", "lessli", "ousli", "aliti", "biliti", "iviti",
    "tional", "ational", "alism", "ation", "ization", "izer", "ator", "iveness", "ogist", "icate",
    "ative", "alize", "iciti", "ical", "ful", "ic", "ance", "ence", "able", "ible", "ate", "ive",
    "ize", "iti", "al", "ism", "tion", "sion", "er", "ous", "ant", "ent", "ment", "ement",
]  # fmt: skip
"""All that the rules for English take off."""


def test_words_without_an_english_ending_are_their_stems_by_the_rules_too() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [
        f"{start}{end}"
        for start in ("monitor", "hop", "sky", "commun", "yahoo", "be")
        for end in [*ENDINGS, *letters, *map("".join, product(letters, repeat=2))]
    ]
    english = snowballstemmer.stemmer("english")

    assert {word: stem_of(word) for word in words} == dict(
        zip(words, english.stemWords(words), strict=True)
    )


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("pacekr", [(1, "packer")]),  # swapped
        ("packe", [(1, "pack"), (1, "packer"), (1, "packet")]),  # missing
        ("packeet", [(1, "packet")]),  # doubled
        ("pzcket", [(1, "packet")]),  # another, near the start
        ("wiresharq", [(1, "wireshark")]),  # another, at the end
        ("kubernettes", [(1, "kubernetes"), (2, "kubernets")]),
        ("conteinrr", [(2, "container")]),
        ("kuburnetis", [(2, "kubernetes"), (2, "kubernets")]),  # in both halves
        ("pakkat", [(2, "packet")]),  # short, and none has one wrong
        ("packer", [(1, "packet")]),
        ("pak", []),
        ("xyzzyx", []),
        ("模型", []),
    ],
)
def test_near_words_have_a_letter_or_two_wrong(
    words: None, word: str, others: list[tuple[int, str]]
) -> None:
    assert near(word) == others


def test_stems_are_of_words_of_letters() -> None:
    assert [stem_of(word) for word in ("libraries", "h264", "été")] == ["librari", "h264", "été"]


def test_words_with_a_number_are_near_others_with_it(words: None) -> None:
    learn(["w3challs", "gpt4", "gpt4j", "log4j2"])

    typed = ("w3challls", "w3chals", "gpt5", "gppt4", "log4j", "2024")
    assert {word: near(word) for word in typed} == {
        "w3challls": [(1, "w3challs")],
        "w3chals": [(1, "w3challs")],
        "gpt5": [],
        "gppt4": [(1, "gpt4")],
        "log4j": [],
        "2024": [],
    }
