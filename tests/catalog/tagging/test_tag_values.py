import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.tagging.values import MAX_VALUE_LENGTH, spelling_key, split_values, value_key

VALUES = [
    # One value.
    ("en", ["en"]),
    ("  en ", ["en"]),
    ("base\u00a0model", ["base model"]),
    ("Shanghai AI Lab", ["Shanghai AI Lab"]),
    ("UW–Madison", ["UW–Madison"]),
    ("@CogStack", ["@CogStack"]),
    ("5-eyes", ["5-eyes"]),
    ("★★☆", ["★★☆"]),
    ("$$", ["$$"]),
    # Separators.
    ("en/zh", ["en", "zh"]),
    ("zh, en", ["zh", "en"]),
    ("ja, zh, en, de", ["ja", "zh", "en", "de"]),
    ("zh、en，ja；ko; fr", ["zh", "en", "ja", "ko", "fr"]),
    ("LLaMA<br />OPT", ["LLaMA", "OPT"]),
    ("LLaMA<br>OPT<BR/>T5", ["LLaMA", "OPT", "T5"]),
    ("LLaMA/OPT/<br />Flan-T5/BLIP-2<br />...", ["LLaMA", "OPT", "Flan-T5", "BLIP-2"]),
    ("MSR<br />/Columbia University", ["MSR", "Columbia University"]),
    ("MBZUAI, Transmute<br />Meta, CMU", ["MBZUAI", "Transmute", "Meta", "CMU"]),
    ("GUI / Cross-Platform", ["GUI", "Cross-Platform"]),
    ("BERT · ALBERT • GPT", ["BERT", "ALBERT", "GPT"]),
    ("ssymmetry & FDU", ["ssymmetry", "FDU"]),
    ("CMU&Princeton", ["CMU", "Princeton"]),
    ("Microsoft&amp;NVIDIA", ["Microsoft", "NVIDIA"]),
    ("A, B, and C", ["A", "B", "C"]),
    ("en/en/EN", ["en"]),
    ("- one<br>- two", ["one", "two"]),
    # What only looks like a separator.
    ("R&D", ["R&D"]),
    ("AT&T", ["AT&T"]),
    ("TCP/IP", ["TCP/IP"]),
    ("CI/CD, I/O", ["CI/CD", "I/O"]),
    ("HTTP/2", ["HTTP/2"]),
    ("7.3/10", ["7.3/10"]),
    ("9/14-eyes", ["9/14-eyes"]),
    ("4-8 hours/week", ["4-8 hours/week"]),
    ("44,000", ["44,000"]),
    ("Foo, Inc./Bar", ["Foo, Inc.", "Bar"]),
    ("Гомель (Беларусь, Минск), Минск", ["Гомель (Беларусь, Минск)", "Минск"]),
    ("https://example.org/a/b, x", ["https://example.org/a/b", "x"]),
    ("foo\\/bar", ["foo/bar"]),
    # Signs that belong to the value.
    ("C/C++/C#", ["C", "C++", "C#"]),
    (".NET", [".NET"]),
    # Links, code and other markup.
    ("[TII](https://www.tii.ae/)", ["TII"]),
    ("[Ziya](https://h.co/a/b) / [Anima](https://h.co/c)", ["Ziya", "Anima"]),
    ("[a/b, c](https://example.org/(x))", ["a/b, c"]),
    ("[MIT][1]; [GPL][]", ["MIT", "GPL"]),
    ('<a href="https://example.org">a/b</a>/c', ["a/b", "c"]),
    ("<https://example.org/a>", ["https://example.org/a"]),
    ("[[link](https://example.org)]", ["link"]),
    ("`apiKey`", ["apiKey"]),
    ("`a/b`/c", ["a/b", "c"]),
    ("**5-eyes**, _9_", ["5-eyes", "9"]),
    ("**a, b**", ["a", "b"]),
    ("<b>Bold</b>/<i>x</i>", ["Bold", "x"]),
    ("2023<!--11-->", ["2023"]),
    ("[BAAI_Aquila_License](https://example.org/a_b_c)", ["BAAI_Aquila_License"]),
    # A remark on a link is none.
    ("[Custom](https://e.org) Free if you are small, and others, too", ["Custom"]),
    ("[Custom](https://e.org) free for most people<br>MIT", ["Custom", "MIT"]),
    # None.
    ("", []),
    ("-", []),
    ("\\-", []),
    ("—", []),
    ("/", []),
    ("?", []),
    ("...", []),
    ("N/A", []),
    ("n/a, na", []),
    ("not clear", []),
    ("Unknown", []),
    ("None", []),
    ("无", []),
    ("未知", []),
    (":grey_question:", []),
    ("![badge](https://img.example.org/x.svg)", []),
    ("[![badge](https://img.example.org/x.svg)](https://example.org)", []),
    ("A sentence that explains at some length what one may do with it", []),
    # Open ends.
    ("UW, etc.", ["UW"]),
    ("UNSW, etc", ["UNSW"]),
    ("PKU/CMU/MSRA ...", ["PKU", "CMU", "MSRA"]),
    ("GPT…", ["GPT"]),
    ("EleutherAI et al.", ["EleutherAI"]),
    ("腾讯 等", ["腾讯"]),
    # Sizes of one thing.
    ("LLaMA-7B/13B", ["LLaMA-7B", "LLaMA-13B"]),
    ("llama-7b/13b/33b", ["llama-7b", "llama-13b", "llama-33b"]),
    ("7B/13B", ["7B", "13B"]),
    # Ticks and crosses, however they are drawn.
    ("✅", ["✓"]),
    ("✔️", ["✓"]),
    (":white_check_mark:", ["✓"]),
    ("❌", ["✗"]),
    (":x:", ["✗"]),
    ("X", ["X"]),
    # A picture of a value that everybody knows; others show nothing.
    ("![MIT](mit.svg)", ["MIT"]),
    (" [![License: GPL-3.0](gpl.svg)](LICENSE) ", ["GPL-3.0"]),
    ("![Go][go]", ["Go"]),
    ("![stars](stars.svg)", []),
]


@pytest.mark.parametrize(("cell", "expected"), VALUES, ids=[cell for cell, _ in VALUES])
def test_split_values_reads_a_cell(cell: str, expected: list[str]) -> None:
    assert list(split_values(cell)) == expected


@pytest.mark.parametrize(
    ("cell", "separators", "expected"),
    [
        ("a/b;c", ";", ["a/b", "c"]),
        ("a/b c", " ", ["a/b", "c"]),
        ("a, b<br>c", "|", ["a, b", "c"]),
        ("a]b^c", "]^", ["a", "b", "c"]),
        ("[a;b](https://example.org);c", ";", ["a;b", "c"]),
        ("-;N/A", ";", []),
    ],
)
def test_split_values_by_decided_separators(
    cell: str, separators: str, expected: list[str]
) -> None:
    assert list(split_values(cell, separators)) == expected


def test_split_values_keeps_an_ampersand_in_categories() -> None:
    assert split_values("Food & Drink/Health", ampersand=False) == ("Food & Drink", "Health")


@pytest.mark.parametrize(
    "same",
    [
        ("LLaMA", "llama", "LLAMA", "ＬＬａＭＡ"),
        ("LLaMA-2", "LLaMA2", "Llama 2", "llama_2"),
        ("Apache-2.0", "apache 2.0", "Apache\u00a02.0"),
        ("Hugging Face", "HuggingFace", "hugging-face"),
        ("Llama 2 13B", "LLaMA2-13B"),
        ("✓", "✓\ufe0f"),
    ],
)
def test_spelling_key_folds(same: tuple[str, ...]) -> None:
    assert len({spelling_key(value) for value in same}) == 1


@pytest.mark.parametrize(
    "different",
    [
        ("C", "C++", "C#"),
        ("1.3B", "13B"),
        ("2-10", "210", "2.10"),
        ("GPL-2.0", "GPL-3.0"),
        ("LLaMA", "LLaMA-7B"),
        ("Tulu", "Tülu"),
        ("A", "A*"),
        ("中文", "英文"),
        ("!", "?"),
    ],
)
def test_spelling_key_distinguishes(different: tuple[str, ...]) -> None:
    assert len({spelling_key(value) for value in different}) == len(different)


def test_an_exception_does_not_make_another_licence() -> None:
    spellings = ["GPL-2.0-only WITH Classpath-exception-2.0", "GPLv2"]

    assert {value_key("license", spelling) for spelling in spellings} == {"gpl2.0"}
    assert value_key("tags", "Books WITH pictures") == "bookswithpictures"


def test_split_values_reads_no_values_in_prose() -> None:
    assert split_values("a, " * 1000) == ()


PARTS = [
    *"/,&;()[]`*_<>\\\n\0 ",
    "<br>",
    "](",
    "a",
    "中",
    "1",
    "7B",
    "N/A",
    "&amp;",
    "&#x100000;",
    "\U00100001",
    "\ud800",
]


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=3)).map("".join), st.text(max_size=3))
def test_split_values_reads_any_text(cell: str, separators: str) -> None:
    values = split_values(cell, separators)

    assert all(0 < len(value) <= MAX_VALUE_LENGTH + 20 for value in values)
    assert len({spelling_key(value) for value in values}) == len(values)
    assert all("\0" not in value and value == " ".join(value.split()) for value in values)
