"""What is an entry, what it is called, where it leads and what is said about it."""

from __future__ import annotations

import pytest

from catalog.markdown import BlockKind, ListingKind, Slot, parse
from tests.catalog.markdown.laws import check

KITE = "https://kite.example"
REEL = "https://reel.example"

type Row = tuple[str, str, str, bool]
"""Name, URL, description, suggested."""


def entries(source: str) -> list[Row]:
    """The entries of a text, without where they stand."""
    return [
        (entry.name, entry.url, entry.description, entry.suggested)
        for entry in parse(source).entries
    ]


@pytest.mark.parametrize(
    ("source", "name", "url", "description"),
    [
        # The form that awesome lists agree on, and how else they separate.
        (f"- [Kite]({KITE}) - Flies.", "Kite", KITE, "Flies."),
        (f"* [Kite]({KITE}) – Flies.", "Kite", KITE, "Flies."),
        (f"+ [Kite]({KITE}) — Flies.", "Kite", KITE, "Flies."),
        (f"1. [Kite]({KITE}): Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE})：会飞。", "Kite", KITE, "会飞。"),
        (f"- [风筝]({KITE})-会飞。", "风筝", KITE, "会飞。"),
        (f"- [Kite]({KITE}) → Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE}), flies.", "Kite", KITE, "flies."),
        (f"- [Kite]({KITE}) flies.", "Kite", KITE, "flies."),
        (f"- [Kite]({KITE})", "Kite", KITE, ""),
        (f"- [Kite]({KITE} 'A kite') - Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite](<{KITE}/a b>) - Flies.", "Kite", f"{KITE}/a b", "Flies."),
        (f"- [Kite][k] - Flies.\n\n[k]: {KITE}", "Kite", KITE, "Flies."),
        (f"- [x] [Kite]({KITE}) - Flies.", "Kite", KITE, "Flies."),
        (f"> - [Kite]({KITE}) - Flies.", "Kite", KITE, "Flies."),
        (f"- - [Kite]({KITE}) - Flies.", "Kite", KITE, "Flies."),
        # Markup around the name, and signs before it.
        (f"- **[Kite]({KITE})** - Flies.", "Kite", KITE, "Flies."),
        (f"- [**Kite**]({KITE}) - Flies.", "Kite", KITE, "Flies."),
        (f"- [`kite`]({KITE}) - Flies.", "kite", KITE, "Flies."),
        (f"- [Kite \\[fast\\]]({KITE}) - Flies.", "Kite [fast]", KITE, "Flies."),
        (f"- [Kite &amp; Reel]({KITE}) - Flies.", "Kite & Reel", KITE, "Flies."),
        (f"- :kite: [Kite]({KITE}) - Flies.", "Kite", KITE, "Flies."),
        (f"- 🪁 [Kite]({KITE}) - Flies.", "Kite", KITE, "Flies."),
        (f"- [![logo](l.png) Kite]({KITE}) - Flies.", "Kite", KITE, "Flies."),
        (f"- [![Kite](l.png)]({KITE})", "Kite", KITE, ""),
        (f"- <img src='l.png' alt='icon'> [Kite]({KITE}) - Flies.", "Kite", KITE, "Flies."),
        # A badge with a link of its own stands before the link that counts.
        (f"- [![stars](b.svg)]({REEL}) [Kite]({KITE}) - Flies.", "Kite", KITE, "Flies."),
        # The name stands before the link, and the link says what kind of page it leads to.
        (f"- **Kite** - Flies. [paper]({KITE})", "Kite", KITE, "Flies."),
        (f"- **Kite:** Flies ([paper]({KITE}))", "Kite", KITE, "Flies"),
        (f"- Kite: Flies. [GitHub]({KITE})", "Kite", KITE, "Flies."),
        (f"- Kite [[code]({KITE})]", "Kite", KITE, ""),
        (f"- 风筝：[地址]({KITE})", "风筝", KITE, ""),
        (f"- Kite - {KITE}", "Kite", KITE, ""),
        (f"- Kite: [kite.example]({KITE})", "Kite", KITE, ""),
        (f"- Kite: {KITE} flies", "Kite", KITE, "flies"),
        (f"- 风筝：{KITE} 会飞。", "风筝", KITE, "会飞。"),
        (f"- [Kite]({KITE}):- Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE}) - Flies. [![free][icon]", "Kite", KITE, "Flies."),
        (f"- [Kite :fire::fire:]({KITE}) - Hot :fire:.", "Kite 🔥🔥", KITE, "Hot :fire:."),
        (f"- Deutsch: [manual.de.md]({KITE}/manual.de.md)", "Deutsch", f"{KITE}/manual.de.md", ""),
        # What stands before a name that is linked is said about it.
        (f"- Jane Doe: [Kites]({KITE})", "Kites", KITE, "Jane Doe"),
        # A word for a kind of page is a name all the same where it leads the item.
        (f"- [Notes]({KITE}) - Keeps notes.", "Notes", KITE, "Keeps notes."),
        (f"- [1984]({KITE}) (1949)", "1984", KITE, ""),
        (f"- [2007]({KITE}) - Kite: how it flies.", "Kite", KITE, "how it flies."),
        # Behind a year the publisher is in bold, unless what follows is a sentence about it.
        (f"- [2013]({KITE}) - **Lab** - Kite: A Flying Thing.", "Kite: A Flying Thing", KITE,
         "Lab"),
        (f"- [2013]({KITE}) **Lab** - State of Kites", "State of Kites", KITE, "Lab"),
        (f"- [2013]({KITE}) - **Kite** - Flies very high.", "Kite", KITE, "Flies very high."),
        # How many stars it has is no part of its name.
        (f"- **[Kite ★ 2339 ⧗ 0]({KITE})** - Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite ⭐️ 2.3k]({KITE}) - Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite ★]({KITE}) - Flies.", "Kite ★", KITE, "Flies."),
        (f"- [★ 5]({KITE}) - Flies.", "★ 5", KITE, "Flies."),
        # In brackets before it: when, or where and when, it appeared.
        (f"- (2013-arXiv, None) **Kite**: A Thing [[paper]({KITE})]", "Kite", KITE, "A Thing"),
        (f"- (2013-VLDB, CCF-A）A Kite [[paper]({KITE})]", "A Kite", KITE, ""),
        (f"- [KITES 2013] A Kite [[paper]({KITE})]", "A Kite", KITE, ""),
        (f"- (Big) Kite [[paper]({KITE})]", "(Big) Kite", KITE, ""),
        (f"- J. van Doe. *The Kite.* [[pdf]({KITE})]", "The Kite", KITE, ""),
        (f"- U. K. Le Guin. *The Kite.* [[pdf]({KITE})]", "The Kite", KITE, ""),
        (f"- [[paper]({KITE})] [[code]({REEL})] **Kite** - Flies.", "Kite", KITE, "Flies."),
        # Several links name one thing.
        (f"- [Kite]({KITE}) / [Reel]({REEL}) - Fly.", "Kite / Reel", KITE, "Fly."),
        (f"- [Kite]({KITE})、[Reel]({REEL})", "Kite、Reel", KITE, ""),
        (f"- [Kite]({KITE}) and [Reel]({REEL})", "Kite and Reel", KITE, ""),
        (f"- [Kite]({KITE})<br>[Reel]({REEL})", "Kite / Reel", KITE, ""),
        (f"- [Kite]({KITE})<br>[![Reel](r.png)]({REEL})", "Kite", KITE, ""),
        (f"- Toys: [Kite]({KITE}), [Reel]({REEL})", "Kite, Reel", KITE, "Toys"),
        # But not one thing and an edition or a copy of it.
        (f"- [Kite]({KITE})，[中译]({REEL})", "Kite", KITE, ""),
        (f"- [Kite]({KITE}), [English version]({REEL})", "Kite", KITE, ""),
        (
            f"- [Kite]({KITE}) - Flies. [Demo]({REEL})",
            "Kite",
            KITE,
            "Flies.",
        ),
        # An address without a text is called by its repository, or by host and path.
        (f"- {KITE}", "kite.example", KITE, ""),
        (f"- <{KITE}/a/>", "kite.example/a", f"{KITE}/a/", ""),
        (f"- [{KITE}/a/]({KITE}/a)", "kite.example/a", f"{KITE}/a", ""),
        ("- https://github.com/Jane/kite", "jane/kite", "https://github.com/Jane/kite", ""),
        ("- www.kite.example", "kite.example", "http://www.kite.example", ""),
        # Only the first paragraph is told; lazy and indented lines belong to it.
        (f"- [Kite]({KITE}) - Flies\n  high.", "Kite", KITE, "Flies high."),
        (f"- [Kite]({KITE}) - Flies\nhigh.", "Kite", KITE, "Flies high."),
        (f"- [Kite]({KITE}) - Flies.\n  ```\n  up\n  ```\n", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE}) - Flies.\n\n  And lands.", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE}) - Flies\r\n  high.\r\n", "Kite", KITE, "Flies high."),
        (f"- **[Kite]({KITE})**\n\n  Flies.\n\n  And lands.", "Kite", KITE, "Flies."),
        # So does one below who made it or a sign, but not below words.
        (f"- [Kite]({KITE}) by [Ann]({REEL}) and [Bo](b).\n\n  Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE}) [$]\n\n  Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE}) by [Ann]({REEL})", "Kite", KITE, f"by [Ann]({REEL})"),
        (f"- [Kite]({KITE}) on paper\n\n  Flies.", "Kite", KITE, "on paper"),
        (f"- **[Kite]({KITE})**\r\n\r\n  Flies.\r\n", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE})\n\n  **Price:** free\n", "Kite", KITE, ""),
        (f"- [Kite]({KITE})\n\n  ![a](a.png)\n", "Kite", KITE, ""),
        (f"- [Kite]({KITE}) - Flies.  ", "Kite", KITE, "Flies."),
        # Links to the document itself do not lead anywhere; the next one does.
        (f"- [↑](#top) [Kite]({KITE}) - Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite](docs/kite.md) - Flies. See [Reel]({REEL})", "Kite", "docs/kite.md",
         f"Flies. See [Reel]({REEL})"),
        # A dash without blanks parts the link from a capital, and joins words.
        (f"- [Kite]({KITE})-Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE})-based reel", "Kite", KITE, "-based reel"),
        # Stars and a sign in code stand before the separator, and describe nothing.
        (f"- [Kite]({KITE}) `⚠` - Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE}) (★ 1,200) - Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE}) ⭐️ 3.4k: Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE}) (3h) - Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE}) [45 мин] — Летит.", "Kite", KITE, "Летит."),
        (f"- [Kite]({KITE})（3小时）：会飞。", "Kite", KITE, "会飞。"),
        (f"- [Kite]({KITE}) (well-made) flies.", "Kite", KITE, "(well-made) flies."),
        (f"- [Kite]({KITE}) `go` - Flies.", "Kite", KITE, "Flies."),
        (f"- [Kite]({KITE}) `go` flies.", "Kite", KITE, "`go` flies."),
        (f"- How to Fly, Ann Rey et al., ICML 2021. [[pdf]({KITE})]", "How to Fly", KITE,
         "Ann Rey et al., ICML 2021."),
        (f"- 《风筝》 - 某人 [豆瓣]({KITE})", "风筝", KITE, "某人"),
        # A title behind links that only say what kind they are, before its authors, or slanted.
        (f"- [Paper]({KITE}) | [Code]({REEL}) | **How to Fly**", "How to Fly", KITE, ""),
        (f"- [Notes]({KITE}) - **My own** notes.", "Notes", KITE, "**My own** notes."),
        (f"- How to Fly, A. Ray, B. Low, 2021. [[pdf]]({KITE})", "How to Fly", KITE,
         "A. Ray, B. Low, 2021."),
        (f"- *How to Fly* by Ann Ray ([read]({KITE}))", "How to Fly", KITE, "by Ann Ray"),
        # Names that a line break parts, too.
        (f"- [Kite]({KITE}) &\n  [Reel]({REEL}) - Fly.", "Kite & Reel", KITE, "Fly."),
        # What is said of a thing behind a dash, with links in it.
        (f"- Kite - It has [wings]({KITE}). See [Reel]({REEL}).", "Kite", KITE,
         f"It has [wings]({KITE}). See [Reel]({REEL})."),
        (f"- Ann Ray - [How to Fly]({KITE})", "How to Fly", KITE, "Ann Ray"),
    ],
)  # fmt: skip
def test_item_is_read(source: str, name: str, url: str, description: str) -> None:
    assert entries(source) == [(name, url, description, False)]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_item_slots_hold_what_is_read(ending: str) -> None:
    source = f"- **[Kite]({KITE} 'T')** — Flies.{ending}"
    (entry,) = parse(f"- [Reel]({REEL}){ending}{source}").entries[1:]

    def at(slot: Slot | None) -> str:
        return source[slice(*slot)] if slot else ""

    assert at(entry.name_slot) == "Kite"
    assert at(entry.url_slot) == KITE
    assert at(entry.description_slot) == "Flies."
    assert not entry.opaque


@pytest.mark.parametrize(
    ("source", "slots"),
    [
        (f"- [Kite][k]\n\n[k]: {KITE}\n", (True, False, False)),  # the address stands elsewhere
        (f"- [Kite]({KITE}) / [Reel]({REEL})\n", (False, True, False)),  # two names in two places
        (f"- {KITE}\n", (False, True, False)),  # no name at all
        (f"- **Kite** - **a [paper]({KITE}) b\n", (True, True, False)),  # not whole in its emphasis
        (f"- [Kite]({KITE}) - a\n  ```\n  b\n  ```\n", (True, True, True)),
        (f"- [~~Kite]({KITE})~~ - a\n", (True, True, True)),
    ],
)
def test_field_in_several_parts_has_no_slot(source: str, slots: tuple[bool, ...]) -> None:
    (entry,) = parse(source).entries
    results = (entry.name_slot, entry.url_slot, entry.description_slot)

    assert tuple(slot is not None for slot in results) == slots


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # Prose with a link waits for a maintainer.
        (f"See also: [Kite]({KITE}).", [("Kite", KITE, "See also", True)]),
        (f"Everything about [kites]({KITE}) and reels.", [("kites", KITE, "and reels.", True)]),
        (f"**[Kite]({KITE})**", [("Kite", KITE, "", True)]),
        (
            f"**Visit our [website]({KITE})!**",
            [("kite.example", KITE, f"[website]({KITE})!", True)],
        ),
        # A title in bold with its links below is an entry.
        (
            f"**Kite: How It Flies:** \\\n*Jane Doe* \\\nAir 7. [[Paper]({KITE})] [[Code](c)]\n",
            [("Kite: How It Flies", KITE, "*Jane Doe* Air 7", False)],
        ),
        # So are lines that each end with a hard break.
        (
            f"1、[Kite]({KITE})：会飞  \n2、[Reel]({REEL})：会转\n",
            [("Kite", KITE, "会飞", False), ("Reel", REEL, "会转", False)],
        ),
        (
            f"[Kite]({KITE}) - Flies.<br>\n[Reel]({REEL}) - Turns.\n",
            [("Kite", KITE, "Flies.", False), ("Reel", REEL, "Turns.", False)],
        ),
        # The paragraph below describes a heading that is an entry, values do not.
        (
            f"# L\n## [Kite]({KITE})\n**Maker**: Ann\n\n> Flies\n> high.\n## [Reel]({REEL})\n",
            [("Kite", KITE, "Flies high.", False), ("Reel", REEL, "", False)],
        ),
        # Prose with links does, too; what begins with a link or comes later is its own.
        (
            (
                f"# L\n## [Kite]({KITE})\n\n**Kite** needs [wind]({REEL}). ![k](k.gif)\n"
                f"## [Reel]({REEL})\nTurns.\n\nAs [written]({KITE}/r).\n"
            ),
            [
                ("Kite", KITE, f"**Kite** needs [wind]({REEL}).", False),
                ("Reel", REEL, "Turns.", False),
                ("written", f"{KITE}/r", "As", True),
            ],
        ),
        # A heading without a link names the paragraph that ends with `Website`, among three.
        (
            "".join(
                f"## {name}\nFlies {n} ways. [Website]({KITE}/{n})\n\n"
                for n, name in enumerate(["Kite", "Reel", "Tail"])
            ),
            [
                (name, f"{KITE}/{n}", f"Flies {n} ways.", False)
                for n, name in enumerate(["Kite", "Reel", "Tail"])
            ],
        ),
        # And an address alone, if nothing is listed below it.
        (
            (
                f"# L\n## Kite\n{KITE}\n\nFlies.\n## Reel\n<{REEL}>\n## Tail\n{KITE}/t\n"
                f"## Kinds\n{KITE}/k\n- [B]({KITE}/b)\n"
            ),
            [
                ("Kite", KITE, "Flies.", False),
                ("Reel", REEL, "", False),
                ("Tail", f"{KITE}/t", "", False),
                ("kite.example/k", f"{KITE}/k", "", True),
                ("B", f"{KITE}/b", "", False),
            ],
        ),
        # A heading with a link names a thing, but not that of the whole document.
        (
            f"# [Kites]({KITE})\n\n## [Reel]({REEL})\n\n### About [it]({KITE})\n",
            [("Kites", KITE, "", True), ("Reel", REEL, "", False), ("it", KITE, "", False)],
        ),
        (f"# A\n\n## Tool: [Kite]({KITE})\n", [("Kite", KITE, "", False)]),
        (f"# A\n\n## Kite [source code]({KITE})\n", [("Kite", KITE, "", False)]),
    ],
)
def test_text_is_read(source: str, expected: list[Row]) -> None:
    assert entries(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "",
        "- Kites\n- Reels\n",
        "- [Kites](#kites)\n- [Reels](#reels)\n\n# Kites\n\n# Reels\n",
        "- [Kites](kites)\n\n# Kites\n",  # the `#` forgotten
        f"<!-- - [Kite]({KITE}) -->\n",
        f"```\n- [Kite]({KITE})\n```\n",
        f"    - [Kite]({KITE})\n",
        f"[kite]: {KITE}\n",
        f"---\nurl: {KITE}\n---\n",
        "[![Kite](k.svg)](#kites)\n",
        "Read about [kites](#kites).\n",
        "| a |\n|---|\n| [Kites](#kites) |\n",
    ],
)
def test_nothing_is_read(source: str) -> None:
    assert entries(source) == []


def published(source: str) -> list[str]:
    """The names of the entries that are shown."""
    return [entry.name for entry in check(source).entries if not entry.suggested]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        # A heading with a link above a list is a heading.
        (f"# A\n\n## Jane - [GitHub]({KITE}/j)\n\n- [Kite]({KITE})\n\n## Joe\n\n- [Reel]({REEL})\n",
         ["Kite", "Reel"]),
        (f"# A\n\n## [Jane]({KITE}/j)\n\n### Toys\n\n- [Kite]({KITE})\n", ["Kite"]),
        (f"# A\n\n## [Kite]({KITE})\n\nFlies.\n\n## [Reel]({REEL})\n\nTurns.\n", ["Kite", "Reel"]),
        # Of many such headings the few with a list are things as the others are.
        ((f"# A\n\n## [Kite]({KITE})\n\nFlies.\n\n## [Reel]({REEL})\n\nTurns.\n\n"
         f"## [Line]({KITE}/l)\n\n- [News about it]({REEL}/n)\n"),
         ["Kite", "Reel", "Line", "News about it"]),
        # Among many with a link those without are things, too, called by what is before a colon.
        (f"- [A]({KITE})\n- [B]({REEL})\n- [C]({REEL}/c)\n- 风筝:会飞。\n- Kite Univ. Corpus\n",
         ["A", "B", "C", "风筝", "Kite Univ. Corpus"]),
        # What comes back below most of them and leads to kinds of pages says more about each.
        ("# A\n\n" + "".join(
            f"## [{name}]({KITE}/{name})\n\n### About\n\n- Flies.\n\n"
            f"### Links\n\n- [GitHub]({REEL}/{name})\n- [Chat]({REEL}/c)\n\n"
            for name in ("Kite", "Reel", "Line")
         ), ["Kite", "Reel", "Line"]),
        ("# A\n\n" + "".join(
            f"## [{name}]({KITE}/{name})\n\n### Books\n\n- [{name} book]({REEL}/{name})\n\n"
            for name in ("Kite", "Reel", "Line")
         ), ["Kite book", "Reel book", "Line book"]),
        # Sections about the list itself, and links around in it.
        ((f"# A\n\n## Kites\n\n- [Kite]({KITE})\n\n## 🙏 Contributing\n\n- [Fork it]({REEL})\n\n"
         f"### Rules\n\n- [Be kind]({REEL}/k)\n"), ["Kite"]),
        (f"# A\n\n## 赞助商\n\n| a |\n|-|\n| [Kite]({KITE}) |\n", []),
        (f"# A\n\n## Mitwirkende\n\n- [Kite]({KITE})\n", []),
        (f"- [Kite]({KITE})\n- [⬆ Back to top]({REEL}#readme)\n", ["Kite"]),
        (f"- [Kite]({KITE})\n- [返回目录]({REEL}#c)\n", ["Kite"]),
        (f"# A\n\n- [Kite]({KITE})\n\n## 更新日志\n\n- 2026.04.12 增加[Reel]({REEL})\n", ["Kite"]),
        (f"# A\n\n- [Kite]({KITE})\n\n## Thanks!\n\n- [Jane]({REEL})\n", ["Kite"]),
        # Files beside the list, and its translations.
        ((f"- [Kite]({KITE})\n- [License](LICENSE)\n- [Rules](.github/CONTRIBUTING.md#pr)\n"
          "- [A docs page](docs/kite.md)\n"), ["Kite", "A docs page"]),
        (f"- español: [README.es.md]({KITE}/blob/main/README.es.md)\n- [Kite]({KITE})\n", ["Kite"]),
        (f"- Any version: [here]({KITE}/blob/main/README_pt-BR.md)\n- [Kite]({KITE})\n", ["Kite"]),
        (f"- [日本語]({KITE}/readme?lang=ja)\n- [Korean]({KITE}/awesome-korean#readme)\n",
         ["Korean"]),
        (f"- [Kite]({KITE})\n- [Contribute](https://github.com/a/b/blob/main/CONTRIBUTING.md)\n",
         ["Kite"]),
        (f"# A\n\n- [Kite]({KITE})\n\n## Tool: [git]({REEL})\n\nTurns.\n", ["Kite", "git"]),
        (f"- [Kite]({KITE})\n- [Faults](https://github.com/a/b/issues)\n", ["Kite"]),
        (f"# A\n\n- [Kite]({KITE})\n\n## 如何添加\n\n- [仓库]({REEL})\n", ["Kite"]),
        (f"# A\n\n- [Kite]({KITE})\n\n## Cómo participar\n\n- [Aquí]({REEL})\n", ["Kite"]),
        # Headings with a link above the title are of sponsors.
        (f"### [Reel]({REEL})\n\n# Kites\n\n## A\n\n- [Kite]({KITE})\n", ["Kite"]),
        (f"# A\n\nSpecial thanks to:\n\n- [Jane]({REEL})\n\n## B\n\n- [Kite]({KITE})\n", ["Kite"]),
        (f"# A\n\n购买风筝：\n- [风筝]({REEL})\n\n## B\n\n- [Kite]({KITE})\n", ["Kite"]),
        ("".join(f"- [A{n}](https://a.example/{n}?utm_source=k)\n" for n in range(3)), []),
        ("".join(f"- [A{n}](https://a{n}.example/?utm_source=k)\n" for n in range(3)),
         ["A0", "A1", "A2"]),
        ("# A\n## B\n" + "".join(f"**A{n}** - {KITE}/{n}\nFlies.\n\n" for n in range(3)),
         ["A0", "A1", "A2"]),
        (f"- [Kite]({KITE})\n\nMade possible by our sponsors:\n\n- [Reel]({REEL})\n", ["Kite"]),
        (f"# A\n\n**Notes:**\n\n- [Jane]({REEL}) made it\n\n## B\n\n- [Kite]({KITE})\n", ["Kite"]),
        (f"- [Kite]({KITE})\n- [API for this project]({REEL})\n", ["Kite"]),
        (f"- [Kite]({KITE})\n  - Use [Reel]({REEL}) to see all.\n", ["Kite"]),
        # A heading that leads to itself; who wrote what is above.
        (f"# A\n\n## 1. [Kites]({KITE}#kites)\n\nFly.\n\n## [Reel]({REEL})\n\nTurns.\n", ["Reel"]),
        (f"# A\n\n## [Kite]({KITE})\n\nFlies.\n- [@jane]({REEL})\n", ["Kite"]),
        (f"# A\n\n## People\n\n- [@jane]({REEL})\n- [@joe]({KITE})\n", ["@jane", "@joe"]),
        (f"# A\n\n- [Big kites]({KITE}#big-kites)\n\n## Big kites\n\n- [Kite]({KITE})\n", ["Kite"]),
        # A note below a title with a colon.
        (f"# A\n\n- [Kite]({KITE})\n\n**Mind the wind:**\nIt [breaks]({REEL}) lines.\n", ["Kite"]),
        # Paragraphs with a number, one to a section.
        ("".join(f"## A{n}\n\n{n}、[Kite {n}]({KITE})：会飞。\n\n" for n in (1, 2, 3)),
         ["Kite 1", "Kite 2", "Kite 3"]),
        ("".join(f"## A{n}\n\n{n}、[Kite {n}]({KITE})：会飞。\n\n" for n in (1, 2)), []),
        # A picture without words behind the name.
        (f"- Kite [![](k.svg)]({KITE})\n", ["Kite"]),
        # Contents by addresses, whose texts are the titles but for numbers and full stops.
        (f"# A\n\n1. [Fly them.]({KITE}#1-fly-them)\n\n## 1. Fly them\n\n- [Kite]({KITE})\n",
         ["Kite"]),
        (f"# A\n\n1. [Reel]({KITE}#1-fly-them)\n\n## 1. Fly them\n\n- [Kite]({KITE})\n",
         ["Reel", "Kite"]),
        # A title that asks, what a table without links explains, questions asked often.
        (f"# A\n\n## Need more?\n\n- [Kite]({KITE})\n\n## B\n\n- [Reel]({REEL})\n", ["Reel"]),
        (f"# A\n\n## 为什么？\n\n- [Kite]({KITE})\n\n## B？\n\n- [Reel]({REEL})\n",
         ["Kite", "Reel"]),
        (f"# A\n\n## Häufige Fragen\n\n- [Does it fly?]({KITE})\n", []),
        (f"- [Kite]({KITE})\n- [Reel]({REEL})\n\n| Metric | Count |\n|-|-|\n| Kites | 3 |\n",
         ["Kite", "Reel"]),
        (f"- [Kite]({KITE})\n- [Reel]({REEL})\n\n| Name | Use |\n|-|-|\n| Line | Long. |\n",
         ["Kite", "Reel", "Line"]),
        (f"- [Kite]({KITE})\n\n| Metric | Count |\n|-|-|\n| Kites | 3 |\n| Reels | 4 |\n",
         ["Kite", "Kites", "Reels"]),
        # A table of contents with more than contents in it, and what is said about a section.
        (f"# A\n\n| a | b |\n|-|-|\n| [Kites](#kites) | [all]({REEL}) |\n\n## Kites\n", []),
        (f"# A\n\n- [Kites](#kites) need [wind]({REEL})\n- [Kite]({KITE})\n\n## Kites\n", ["Kite"]),
        # Sentences among linked items, asides, and items all of which are sentences.
        (f"- [Kite]({KITE})\n- Buy a long line!\n- [Reel]({REEL})\n- Line\n- [A]({KITE}/a)\n",
         ["Kite", "Reel", "Line", "A"]),
        (f"- [Kite]({KITE})\n- …\n- *Thanks to [Jane]({REEL}) for it*\n", ["Kite"]),
        (f"- Fly a kite with [Jane]({KITE})!\n- Or look it up in the [manual]({REEL}).\n", []),
        (f"- How it is flown is told in [it]({KITE})\n- [Reel]({REEL})\n", ["it", "Reel"]),
        (f"- How it is flown is told in [this]({KITE})\n- [Reel]({REEL})\n",
         ["kite.example", "Reel"]),
        (f"- [Kite]({KITE})\n- It was flown 2 million times.<sup>[1]({REEL})</sup>\n", ["Kite"]),
        ((f"- [Kite]({KITE})\n- All {'other ' * 30}kites flew.<sup>[2]({REEL})</sup>\n"
          f"- [1]({KITE}/1), [2]({KITE}/2)\n- [1984]({KITE}/3)\n"), ["Kite", "1984"]),
        (f"- [Kite]({KITE})\n- We have a meadow! [![come](c.svg)]({REEL}) Come.\n", ["Kite"]),
        (f"- Ask in our [meadow]({KITE}) first\n- Lend **the reel** to your [club]({REEL}) now!\n",
         []),
        (f"- [Kite]({KITE})\n- *See [Reel]({REEL}) for more.*\n", ["Kite"]),
        (f"- Explore the wind through [Kite]({KITE}).\n- Turn it, day by day, with [R]({REEL})\n",
         []),
        (f"- [Kite]({KITE})\n- 包含了所有的风筝，可以免费下载它们[Reel]({REEL})\n", ["Kite"]),
        (f"- [Kite]({KITE})\n- J. Roe, A. Doe and B. Low, [Reel]({REEL})\n", ["Kite", "Reel"]),
        (f"- [ ] Count kites? (see [list]({KITE}))\n- [ ] Say more in ([a note]({REEL}))\n", []),
        (f"- [Kite]({KITE})\n- 维护者：[Jane]({REEL})、[John]({KITE}/a)\n", ["Kite"]),
        (f"- [Kite]({KITE})\n- **Maintainers**: [Jane]({REEL})\n", ["Kite"]),
        (f"- J. Doe et al. [How to Fly]({KITE})\n- J. Ray. [Reel]({REEL})\n",
         ["How to Fly", "Reel"]),
        # A link in the middle of the text below a title, and in half a sentence of a heading.
        (f"- [Kite]({KITE})\n\n**On wind**<br>\n{'It blows. ' * 40}See [it]({REEL}) blow.\n",
         ["Kite"]),
        (f"# A\n\n- [Kite]({KITE})\n\n## To learn more, see [the book]({REEL})\n", ["Kite"]),
        # More about the thing above; what goes with the list.
        (f"# A\n\n## [Kite]({KITE})\n\nFlies.\n\n**Related links:**\n\n- [Kite 2]({REEL})\n",
         ["Kite"]),
        (f"# A\n\n## [Kite]({KITE})\n\nParts:\n\n- [Reel]({REEL})\n\n## [B]({REEL}/b)\n",
         ["Kite", "Reel", "B"]),
        (f"# A\n\n- [Kite]({KITE})\n\n## List of licenses\n\n- `MIT` - [MIT]({REEL})\n", ["Kite"]),
        ("# A\n\n" + "- [B](#b)\n" * 9 + f"- [More]({REEL})\n\n## B\n\n- [Kite]({KITE})\n",
         ["Kite"]),
        # One heading in many has a link; below one that names a thing are kinds of pages.
        (f"# A\n\n## [Sort it]({KITE}/s)\n\n## B\n\n- [Kite]({KITE})\n\n## C\n\n## D\n",
         ["Kite"]),
        ((f"# A\n\n## [Kite]({KITE})\n\nFlies.\n\n## [Reel]({REEL})\n\nTurns.\n\n"
         f"See also:\n\n- [Announcement]({REEL}/n)\n"), ["Kite", "Reel"]),
        # Badges side by side.
        (f"- [Kite]({KITE})\n- [![a](a.svg)]({REEL}) [![b](b.svg)]({KITE}/b)\n", ["Kite"]),
    ],
)  # fmt: skip
def test_what_lists_nothing_is_no_entry(source: str, names: list[str]) -> None:
    assert published(source) == names


def test_label_of_a_nested_list_is_no_entry() -> None:
    source = f"- Kites\n  - [Kite]({KITE})\n- Reels\n  - [Reel]({REEL})\n    - [line]({KITE}/l)\n"
    document = parse(source)

    assert [(entry.name, entry.first_line) for entry in document.entries] == [
        ("Kite", 2),
        ("Reel", 4),
        ("line", 5),
    ]
    assert [block.source for block in document.blocks] == source.splitlines(keepends=True)
    assert [(block.depth, block.parent) for block in document.blocks] == [
        (1, None),
        (2, 0),
        (1, None),
        (2, 2),
        (3, 3),
    ]
    assert [(listing.blocks, listing.parent) for listing in document.listings] == [
        ([0, 2], None),
        ([1], 0),
        ([3], 2),
        ([4], 3),
    ]


def test_item_without_link_is_an_entry_among_linked_ones() -> None:
    source = f"- [Kite]({KITE})\n- Reel - Turns.\n- [Line]({REEL})\n"

    assert entries(source)[1] == ("Reel", "", "Turns.", False)


def test_badges_in_an_item_are_no_entry() -> None:
    badges = f"[![stars](s.svg)]({KITE}/stars)"
    document = parse(f"- [Kite]({KITE})\n  - {badges}\n")

    assert [entry.name for entry in document.entries] == ["Kite"]
    assert [link.is_image_only for link in document.blocks[1].links] == [True]


def test_items_own_paragraphs_and_code_stay_in_its_block() -> None:
    source = f"- [Kite]({KITE})\n\n  Flies.\n\n  ```\n  x\n  ```\n\n  - [Reel]({REEL})\n"
    document = parse(source)

    assert [(block.kind, block.first_line, block.last_line) for block in document.blocks] == [
        (BlockKind.ITEM, 1, 7),
        (BlockKind.GAP, 8, 8),
        (BlockKind.ITEM, 9, 9),
    ]


def test_sections_nest_by_level() -> None:
    source = "Tools\n=====\n\n### Deep\n\n## Tools\n\n> # Quoted\n\n## 工具 🪁\n"
    document = parse(source)

    assert [(s.title, s.level, s.anchor, s.parent) for s in document.sections] == [
        ("Tools", 1, "tools", None),
        ("Deep", 3, "deep", 0),
        ("Tools", 2, "tools-1", 0),
        ("工具 🪁", 2, "工具-", 0),
    ]


@pytest.mark.parametrize(
    ("source", "is_toc"),
    [
        ("- [A](#a)\n- [B](#b)\n", True),
        ("- [A](#a)\n- B\n", True),
        (f"- [A](#a)\n- [Kite]({KITE})\n", False),
        (f"- [Kite]({KITE})\n", False),
        ("- [A](a)\n\n# A\n", True),
        ("- [A](a)\n", False),
        ("- A\n", False),
    ],
)
def test_table_of_contents_is_reported(source: str, is_toc: bool) -> None:
    assert parse(source).listings[0].is_toc is is_toc


def test_definitions_in_force_are_known_wherever_they_stand() -> None:
    source = "[Ä  b]: https://a.example\n[ä b]: https://b.example\n\n- x\n\n  [c]: <d>\n  'T'\n"

    assert parse(source).definitions == {
        "ä b": "[Ä  b]: https://a.example\n",
        "c": "[c]: <d>\n  'T'\n",
    }


def test_lines_are_a_listing() -> None:
    document = parse(f"# A\n\n[Kite]({KITE})  \n[Reel]({REEL})\n")

    assert [(listing.kind, listing.blocks) for listing in document.listings] == [
        (ListingKind.LINES, [2, 3])
    ]
    assert [block.kind for block in document.blocks[2:]] == [BlockKind.LINE] * 2


def test_names_joined_by_a_no_break_space_are_one_name() -> None:
    row = "| [A](https://a.example)\u00a0/ [B](https://b.example) | x |\n"
    document = parse("| model | note |\n| - | - |\n" + row)

    assert [entry.name for entry in document.entries] == ["A / B"]


@pytest.mark.parametrize(
    "source",
    [f"- ({'2015 ' * 20_000}x [[pdf]]({KITE})\n", f"- [Kite{' ★ 1' * 20_000} b]({KITE})\n"],
)
def test_many_years_and_counts_are_read_in_one_go(source: str) -> None:
    # Where each begins the look for an end anew, this takes minutes.
    assert [entry.url for entry in parse(source).entries] == [KITE]
