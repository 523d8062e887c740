import os
import random
from pathlib import Path

import pytest

from catalog.markdown import parse
from quality import quality_reading
from quality.headings import Heading, headings_of
from quality.lists import HALVES, half_of, paths_of, site
from quality.queries import KINDS, Corpus, Known, make_queries


def known(pk: int, name: str, url: str, description: str, catalog: int = 1) -> Known:
    return Known(pk, catalog, name, url, url.lower(), description)


ENTRIES = [
    known(1, "Node.js Guide", "https://github.com/Ann/Guide", "a reader of protocols and packets"),
    known(2, "Node.js guide", "https://github.com/ann/guide", "the same, elsewhere", catalog=2),
    known(3, "Wireshark", "https://www.wireshark.org/", "reader of packets with protocols"),
    known(4, "中文对话模型", "https://example.com/a", "训练数据，推理引擎"),
    known(5, "中文翻译", "https://example.com/b", "推理数据"),
    known(6, "Twice", "https://example.com/c", "one thing"),
    known(7, "twice", "https://example.com/d", "another thing"),
]
CORPUS = Corpus(ENTRIES)


def queries_of(kind: str) -> set[tuple[str, frozenset[int]]]:
    return {(query.text, query.answers) for query in make_queries(ENTRIES) if query.kind == kind}


def test_names_of_two_things_are_no_queries() -> None:
    assert queries_of("exact name") == {
        ("Node.js Guide", frozenset({1, 2})),
        ("Node.js guide", frozenset({1, 2})),
        ("Wireshark", frozenset({3})),
        ("中文对话模型", frozenset({4})),
        ("中文翻译", frozenset({5})),
    }


def test_punctuation_is_left_out_or_another() -> None:
    assert {text for text, _answers in queries_of("loose punctuation")} <= {
        "node js guide", "node-js-guide",
    }  # fmt: skip


def test_one_letter_of_a_name_is_wrong() -> None:
    for text, answers in queries_of("letter wrong"):
        assert answers in ({1, 2}, {3})
        assert text.lower() not in {"wireshark", "node.js guide"}
        assert abs(len(text) - len("wireshark" if answers == {3} else "node.js guide")) <= 1


def test_other_forms_of_words_are_not_in_the_entry() -> None:
    forms = {"packets": "packet", "protocols": "protocol", "reader": "readers"}
    pairs = [(one, other) for one in forms for other in forms if one != other]
    texts = {f"{forms[one]} {other}" for one, other in pairs}
    texts |= {f"{other} {forms[one]}" for one, other in pairs}
    made = queries_of("inflected")
    assert made
    assert {text for text, _answers in made} <= texts


def test_glued_words_do_not_stand_together() -> None:
    for text, answers in queries_of("Chinese glued"):
        (pk,) = answers
        entry = ENTRIES[pk - 1]
        assert text not in entry.name + entry.description
        assert all(part in entry.name + entry.description for part in (text[:2], text[2:]))


@pytest.mark.parametrize("kind", KINDS)
def test_queries_are_the_same_at_every_run(kind: str) -> None:
    def texts() -> list[str]:
        chance = random.Random(3)
        return [KINDS[kind](entry, CORPUS, chance) for entry in ENTRIES]

    assert texts() == texts()


def test_lists_of_a_repository_are_in_one_half(tmp_path: Path) -> None:
    names = ["o__r.md", "o__r__README.zh.md", *(f"o__{n}.md" for n in range(20))]
    for name in names:
        (tmp_path / name).touch()
    halves = [paths_of(tmp_path, half) for half in HALVES]
    assert sorted(path.name for paths in halves for path in paths) == sorted(names)
    assert all(halves)
    assert half_of(tmp_path / names[0]) == half_of(tmp_path / names[1])


def test_figures_of_reading_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"- [Same](https://a.org/{number}) - Text.\n" for number in range(7))
    (tmp_path / "a__b.md").write_text(f"# List\n\n## A\n\n{rows}- [B](https://b.org) - Text.\n")
    quality_reading.main(tmp_path)

    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "names that 5 others of the list share: 7 of 8 (87.50%)",
        "         7 of      8  a__b.md: Same | Text.",
        "names that are empty: 0 of 8 (0.00%)",
    ]


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("# A [![b](c)](d)\n\nB & C\n---\n\n> ## D\n\n## b  c\n",
         [(1, "a-"), (2, "b--c"), (2, "b--c-1")]),
        ("---\ntitle: x\n---\n<h2>E <b>f</b></h2>\n\n- ### :g: ✏️ h\n", [(2, "e-f"), (3, "g-️-h")]),
        ("```\n# no\n```\n", []),
    ],
)  # fmt: skip
def test_headings_are_those_that_github_shows(text: str, headings: list[tuple[int, str]]) -> None:
    assert sorted(headings_of(text).elements()) == sorted(Heading(*row) for row in headings)


def test_what_is_read_otherwise_than_on_github_is_counted() -> None:
    document = parse("# A\n\n## B\n")
    assert quality_reading.FIGURES["headings that are not as on GitHub"](document) == (0, 2, "")

    document.sections[1].anchor = "c"
    assert quality_reading.FIGURES["headings that are not as on GitHub"](document) == (2, 2, "b")


def test_a_site_is_made_anew_when_the_code_is_newer(tmp_path: Path) -> None:
    code, folder = tmp_path / "catalog" / "a.py", tmp_path / "var" / "quality"
    code.parent.mkdir()
    code.touch()
    assert site("held out", tmp_path) == f"sqlite:///{folder}/held-out.sqlite3"

    for name in ("held-out.sqlite3", "held-out.sqlite3-wal", "tuned-on.sqlite3"):
        (folder / name).touch()
    files: list[list[str]] = []
    for seconds in (-60, 60):
        moment = (folder / "held-out.sqlite3").stat().st_mtime + seconds
        os.utime(code, (moment, moment))
        site("held out", tmp_path)
        files.append(sorted(file.name for file in folder.iterdir()))

    everything = ["held-out.sqlite3", "held-out.sqlite3-wal", "tuned-on.sqlite3"]
    assert files == [everything, ["tuned-on.sqlite3"]]
