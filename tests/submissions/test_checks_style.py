"""Findings about style: what the neighbours do otherwise, and what was hardly meant."""

from typing import Any

import pytest

from catalog.markdown.inline import plain_text
from catalog.models import Column
from catalog.sentences import finding_sentence
from submissions.checks.style import promotional_words, respelled
from tests.catalog.importing.imports import new_list
from tests.submissions.checked import MODELS, TEXT, WEB, added, edited, entry, fixes, seen, tools

pytestmark = pytest.mark.django_db

GOOD = {"name": "Elder", "url": "https://elder.example.org", "description": "Keeps all notes."}


@pytest.mark.parametrize(
    ("description", "rule", "fixed"),
    [
        ("keeps all notes.", "capital", "Keeps all notes."),
        ("- Keeps all notes.", "separator", "Keeps all notes."),
        ("Elder is a keeper of notes.", "name-in-description", "Keeper of notes."),
        ("Keeps **all**notes (most).", None, None),
        ("Keeps **“all”**notes.", "glued-emphasis", "Keeps **“all”** notes."),
        ("Keeps notes (most.", "unbalanced", "Keeps notes (most)."),
        ("Keeps notes（most.", "unbalanced", "Keeps notes（most）."),
        ('Keeps "notes.', "unbalanced", None),
        ("Keeps the[notes](https://n.example.org).", "space-before-link",
         "Keeps the [notes](https://n.example.org)."),
        ("Keeps notes on Github.", "spelling", "Keeps notes on GitHub."),
        ("Keeps notes and so on...", "ellipsis", None),
        ("The ultimate keeper.", "promotional", None),
    ],
)  # fmt: skip
def test_descriptions(description: str, rule: str | None, fixed: str | None) -> None:
    results = added(tools(), WEB, **(GOOD | {"description": description}))

    want = [(rule, {"description": fixed} if fixed else None)] if rule else []
    assert fixes(results) == want
    assert all(severity == "warn" for severity, _rule, _field in seen(results))


@pytest.mark.parametrize(
    "description",
    [
        "Keeps all notes.",
        "macOS keeper of notes.",
        "iOS keeper of notes.",
        "rsync-like keeper of notes.",
        "Keeps a) first b) second :) and 5\" disks.",
        "Keeps [github.com](https://github.com/a/b) and `javascript`.",
        "记录一切。",
        "Keeps notes",  # The mark comes by itself.
    ],
)  # fmt: skip
def test_descriptions_that_are_fine(description: str) -> None:
    assert added(tools(), WEB, **(GOOD | {"description": description})) == []


def test_end_marks_follow_the_neighbours() -> None:
    catalog = tools()

    assert fixes(edited(catalog, "Fig", description="Draws charts")) == [
        ("end-mark", {"description": "Draws charts."})
    ]
    row = {0: "[Merlin](https://merlin.example.org)", 1: "MIT"}
    assert fixes(added(catalog, MODELS, cells={**row, 2: "hunts."})) == [
        ("end-mark", {"cell-2": "hunts"})
    ]
    assert added(catalog, MODELS, cells={**row, 2: "Hunts. Often."}) == []


def test_chinese_neighbours_have_their_own_mark() -> None:
    lines = "".join(f"- [名{n}](https://n{n}.example.org) - 说明文字。\n" for n in range(6))
    catalog = new_list(f"# 列表\n\n{lines}")

    assert fixes(edited(catalog, "名1", description="新的说明")) == [
        ("end-mark", {"description": "新的说明。"})
    ]


def test_a_missing_description_is_reported_where_the_neighbours_have_one() -> None:
    catalog = tools()
    cells = {0: "[Merlin](https://merlin.example.org)", 1: "MIT"}

    assert seen(added(catalog, WEB, name="Elder", url="https://e.example.org")) == [
        ("warn", "no-description", "description")
    ]
    assert seen(added(catalog, MODELS, cells=cells)) == [("warn", "no-description", "cell-2")]


def test_few_neighbours_have_no_habits() -> None:
    catalog = new_list("# A\n\n- [B](https://b.org) - X.\n- [C](https://c.org) - Y.\n")

    assert added(catalog, name="D", url="https://d.org", description="small") == []


def test_what_the_neighbours_say_is_how_the_list_talks() -> None:
    lines = "".join(
        f"- [N{n}](https://n{n}.example.org) - The ultimate Github tool.\n" for n in range(6)
    )
    catalog = new_list(f"# A\n\n{lines}")

    assert added(catalog, name="N9", url="https://d.org", description="Ultimate Github tool") == []


# Order


def place(catalog: Any, after: str) -> dict[str, Any]:
    return {"after": entry(catalog, after).pk}


def test_order_is_judged_where_a_place_is_given() -> None:
    catalog = tools()

    assert added(catalog, WEB, **GOOD, **place(catalog, "Date")) == []
    wrong = added(catalog, WEB, **GOOD, **place(catalog, "Apricot"))
    assert seen(wrong) == [("warn", "order", "after")]
    assert wrong[0].fix == {"after": "", "first": ""}
    assert finding_sentence(wrong[0]).endswith("this belongs after “Date”.")
    assert seen(added(catalog, WEB, **GOOD, first=True)) == [("warn", "order", "after")]
    assert added(catalog, WEB, **GOOD) == []


def test_a_new_name_out_of_order_is_reported() -> None:
    catalog = tools()

    assert seen(edited(catalog, "Fig", name="Apple")) == [("warn", "order", "name")]
    assert edited(catalog, "Fig", name="Figure") == []


def test_an_unsorted_list_has_no_order() -> None:
    names = ["Zeta", "Alpha", "Mu", "Beta", "Omega", "Chi"]
    catalog = new_list("# A\n\n" + "".join(f"- [{n}](https://{n}.org)\n" for n in names))

    assert added(catalog, name="Rho", url="https://r.org", first=True) == []


# Values


def test_a_value_like_a_known_one_is_reported_and_a_new_one_is_not() -> None:
    catalog = tools()
    column = Column.objects.get(catalog=catalog, key="license")
    assert column.effective_facet == "license"
    merlin = "[Merlin](https://merlin.example.org)"

    like = added(catalog, MODELS, cells={0: merlin, 1: "Apache-2.O, MIT", 2: "hunts"})
    new = added(catalog, MODELS, cells={0: merlin, 1: "Apache-3.0", 2: "hunts"})
    by_hand = edited(catalog, "Fig", add_tags=("license:Apachee-2.0",))

    assert (fixes(like), new) == ([], [])
    assert fixes(by_hand) == [("facet-value", None)]
    slip = added(catalog, MODELS, cells={0: merlin, 1: "Apach-2.0, MIT", 2: "hunts"})
    assert fixes(slip) == [("facet-value", {"cell-1": "Apache-2.0, MIT"})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Apache 2", [("facet-spelling", {"cell-1": "Apache-2.0"})]),
        ("The MIT License, apache-2.0", [
            ("facet-spelling", {"cell-1": "MIT, apache-2.0"}),
            ("facet-spelling", {"cell-1": "The MIT License, Apache-2.0"}),
        ]),
        ("Apache-2.0 / MIT", []),
        ("GPL 3", []),
    ],
)  # fmt: skip
def test_licence_is_spelled_as_the_list_has_it(text: str, expected: list[Any]) -> None:
    catalog = tools()
    merlin = "[Merlin](https://merlin.example.org)"

    assert fixes(added(catalog, MODELS, cells={0: merlin, 1: text, 2: "hunts"})) == expected


def test_spelling_that_an_entry_around_has_is_left_alone() -> None:
    catalog = new_list(TEXT.replace("| Apache-2.0 | wades", "| Apache 2 | wades"), "tools")
    merlin = "[Merlin](https://merlin.example.org)"

    assert fixes(added(catalog, MODELS, cells={0: merlin, 1: "Apache 2", 2: "hunts"})) == []


# Words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A blazing fast, next-gen tool.", ["blazing fast", "next-gen"]),
        ("业界领先的模型", ["业界领先"]),
        ("A fast and simple tool, the best-known of its kind.", []),
        ("Ultimately it works; a discounted-cash-flow model.", []),
    ],
)
def test_promotional_words(text: str, words: list[str]) -> None:
    assert promotional_words(text) == words


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("Uses javascript and Typescript.", "Uses JavaScript and TypeScript."),
        (
            "See [Github](https://github.com/github/x).",
            "See [GitHub](https://github.com/github/x).",
        ),
        ("github-cli, github.com, @github, my_github, `github`, /github, javascript.info", None),
        ("GITHUB and IOS and npm", None),
        ("For macos.", "For macOS."),
        ("elasticsearch on Elastic", None),
    ],
)
def test_well_known_names(text: str, better: str | None) -> None:
    results = respelled(text)

    assert (results[2] if results else None) == better
    assert plain_text(text).casefold() == plain_text(better or text).casefold()
