from pathlib import Path

import pytest

from bench.names import cut, draw

ROWS = "| Name |\n|---|\n" + "".join(f"| [Row{n}](https://r.example/{n}) |\n" for n in range(9))
ITEM = "- [Kite](https://kite.example) - Flies.\n"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    first, second = tmp_path / "a.md", tmp_path / "b.md"
    first.write_text(f"# A\n\n{ROWS}\n{ITEM}")
    second.write_text(f"# B\n\n{ITEM}\nBy [Jane](https://jane.example).\n")
    return [first, second]


def test_draw_takes_each_list_and_kind_in_turn(files: list[Path]) -> None:
    samples = list(draw(files, seed=1, count=4))

    assert sorted((sample.file, sample.block.kind.value) for sample in samples[:3]) == [
        ("a.md", "item"),
        ("a.md", "table-row"),
        ("b.md", "item"),
    ]
    assert samples[3].block.kind == "table-row"


def test_draw_repeats_with_its_seed_and_takes_nothing_twice(files: list[Path]) -> None:
    names = [sample.entry.name for sample in draw(files, seed=1, count=99)]

    assert names == [sample.entry.name for sample in draw(files, seed=1, count=99)]
    assert sorted(names) == sorted([*[f"Row{n}" for n in range(9)], "Kite", "Kite"])


def test_draw_leaves_suggestions_out_unless_requested(files: list[Path]) -> None:
    assert [s.entry.name for s in draw(files, seed=1, count=9, suggested=True)] == ["Jane"]


def test_cut_keeps_to_one_line() -> None:
    assert cut(" a\n  b ") == "a b"
    assert len(cut("a" * 500)) == 200
