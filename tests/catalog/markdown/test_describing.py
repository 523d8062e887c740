"""What of a line describes a thing, and what are links, signs and values around that."""

from __future__ import annotations

import pytest

from tests.catalog.markdown.laws import check

KITE = "https://kite.example"
REEL = "https://reel.example"
LINE = "https://line.example"

SENTENCE = (
    "Somebody once wondered how kites may be kept small enough for a child to fly them, and the "
    "long answer with examples"
)

type Row = tuple[str, str, str]
"""Name, URL, description."""


def entries(source: str) -> list[Row]:
    """The entries of a text."""
    return [(entry.name, entry.url, entry.description) for entry in check(source).entries]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # Signs beside the name are no separator and no description.
        (f"- [Kite]({KITE}) :warning: — Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) 🪁⭐ Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) 🏎️ ☁️/🏠 - Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) 🪁, 🧵 Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) #️⃣ ☁️ - Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) /usr/bin flies.", ("Kite", KITE, "/usr/bin flies.")),
        (f"- [Kite]({KITE}) ![s](s.svg) - Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) <sup>new</sup> - Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) [4821⭐] - Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) (1.2k 🎬) – [En/Fr] Flies.", ("Kite", KITE, "[En/Fr] Flies.")),
        (f"- [Kite]({KITE}) _(label: easy (to fly))_ <br> Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) Flies. <img src='s.png' alt='Sky'> <img src='t.png'>",
         ("Kite", KITE, "Flies.")),
        (f'- [Kite]({KITE}) - Flies. ![Free](f.png?a=1 "Free")', ("Kite", KITE, "Flies.")),
        (f"- ***Kite*** flies. [page]({KITE})", ("Kite", KITE, "flies.")),
        (f"- [Kite]({KITE}) :100:", ("Kite", KITE, "")),
        (f"- [Kite]({KITE}) <!-- stars: kite --> - Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - :tada: Flies.", ("Kite", KITE, ":tada: Flies.")),
        (f"- [Kite]({KITE}): Flies at 10:30: high.", ("Kite", KITE, "Flies at 10:30: high.")),
        (f"- [Kite]({KITE}) <kbd>MIT</kbd> 🟢<br>Flies.",
         ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - [:copyright:]({REEL}) Flies.",
         ("Kite", KITE, "Flies.")),
        # Groups of links stand before and behind it.
        (f"- **Kite** - ([Repo]({KITE}), [Home]({REEL})) Flies.", ("Kite", KITE, "Flies.")),
        (f"- **Kite** - [[paper]({KITE})] [[code]({REEL})] Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) (Source: [repo]({REEL})) - Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - [demo]({REEL}) - Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - *[Reviewed by us]({REEL})* - Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - *[Reviewed by us]({REEL})* and flies.",
         ("Kite", KITE, f"*[Reviewed by us]({REEL})* and flies.")),
        (f"- [Kite]({KITE}) - *[Wind]({REEL})* · *[Calm]({LINE})*",
         ("Kite", KITE, f"*[Wind]({REEL})* · *[Calm]({LINE})*")),
        (f"- [Kite]({KITE}) - Flies. ([Demo]({REEL}), [Source Code]({LINE}))",
         ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - Flies. [[pdf]({REEL})] [[code]({LINE})].",
         ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - Flies. [![badge](b.svg)]({REEL})", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - It flies [![badge](b.svg)]({REEL})", ("Kite", KITE, "It flies")),
        # Values in code, no commands, behind a separator.
        (f"- [Kite]({KITE}) - `Go` `MIT` - Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) — `Apache 2.0` — Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - `fly high` - and `land`.",
         ("Kite", KITE, "`fly high` - and `land`.")),
        # A licence in code that is a link; in a sentence it is a word.
        (f"- [Kite]({KITE}) - Flies. [`MIT`]({REEL})", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - Flies.\n  [``MIT``]({REEL}), [`Go`](g).", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) [`MIT`]({REEL})", ("Kite", KITE, "")),
        (f"- [Kite]({KITE}) - Needs [`wind`]({REEL})", ("Kite", KITE, f"Needs [`wind`]({REEL})")),
        # Whose it is, before a separator.
        (f"- [Kite]({KITE}) by [Ann]({REEL}) - Flies.", ("Kite", KITE, "Flies.")),
        (f'- [Kite]({KITE}) by [Ann]({REEL}) and [Bo](b): "Flies".', ("Kite", KITE, '"Flies".')),
        (f"- [Kite]({KITE}) by [Ann]({REEL}) flies - high.",
         ("Kite", KITE, f"by [Ann]({REEL}) flies - high.")),
        # When it appeared, in front of who wrote it.
        (f"- **A Kite** (2015), J. Doe et al. [[pdf]]({KITE})", ("A Kite", KITE, "J. Doe et al.")),
        (f"- **A Kite** (2015) J. Doe [[pdf]]({KITE}):", ("A Kite", KITE, "J. Doe")),
        (f"- [Kite]({KITE}) (2014-2015)", ("Kite", KITE, "")),
        (f"- [Kite]({KITE}) - (2014) Flies.", ("Kite", KITE, "(2014) Flies.")),
        # How many stars it has, behind it.
        (f"- [Kite]({KITE}): Flies. (23010 stars)", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) : It flies :star: 1.2k", ("Kite", KITE, "It flies")),
        (f"- [Kite]({KITE}) - It flies [⭐️416]", ("Kite", KITE, "It flies")),
        (f"- [Kite]({KITE}) - Flown by 23010 stars", ("Kite", KITE, "Flown by 23010 stars")),
        (f"- [Kite]({KITE}) - Flies since 1984", ("Kite", KITE, "Flies since 1984")),
        (f"- [Kite]({KITE}) - It flies [<img src='b.svg'>]({REEL})", ("Kite", KITE, "It flies")),
        (f"- [Kite]({KITE}) - 会飞。（[官网]({REEL})、[源码]({LINE})）",
         ("Kite", KITE, "会飞。")),
        (f"- **Kite** Flies. Paper: [link]({KITE}) Code: [link]({REEL})",
         ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - Flies. **Download**: [Chrome]({REEL}) - [Docs]({LINE})",
         ("Kite", KITE, f"Flies. **Download**: [Chrome]({REEL})")),
        (f"- [Kite]({KITE}) - 会飞。 - [更多]({REEL})", ("Kite", KITE, "会飞。")),
        (f"- Kite <{KITE}> flies.", ("Kite", KITE, "flies.")),
        (f"- (2031.05) How to Fly, Air [[pdf]({KITE})]", ("How to Fly, Air", KITE, "")),
        # Links alone describe nothing, nor does one that leads back.
        (f"- [Kite]({KITE}) [Spring, video]({REEL}) [Fall, video]({LINE})", ("Kite", KITE, "")),
        (f"- [Kite]({KITE}), [Reel]({REEL}), [back](#top)", ("Kite, Reel", KITE, "")),
        (f"- [Kite]({KITE}) - [contents](#toc)", ("Kite", KITE, "")),
        (f"- [Kite]({KITE}) - [Jane Doe]({REEL})", ("Kite", KITE, f"[Jane Doe]({REEL})")),
        (f"- [风筝]({KITE})。会飞。", ("风筝", KITE, "会飞。")),
        # What is a part of a sentence stays.
        (f"- [Kite]({KITE}) - See also [Reel]({REEL})",
         ("Kite", KITE, f"See also [Reel]({REEL})")),
        (f"- [Kite]({KITE}) - Read the [docs]({REEL})",
         ("Kite", KITE, f"Read the [docs]({REEL})")),
        (f"- **Kite** - Read the [docs]({KITE})", ("Kite", KITE, f"Read the [docs]({KITE})")),
        (f"- [Kite]({KITE}) - Flies (by [Jane]({REEL}))",
         ("Kite", KITE, f"Flies (by [Jane]({REEL}))")),
        # The number of a footnote describes nothing.
        (f"- Kites sell well.<sup>[1]({KITE})</sup>", ("Kites sell well", KITE, "")),
        # Code spans behind a sentence are values, one inside of it is code.
        (f"- [Kite]({KITE}) - Flies. ([Demo]({REEL})) `MIT` `Go/Docker`",
         ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - Flies. `(linux, mac)`", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) `MIT`", ("Kite", KITE, "")),
        (f"- [Kite]({KITE}) - Run `fly up`", ("Kite", KITE, "Run `fly up`")),
        # Citations: the title is the name, and no initials end a phrase.
        (f"- [2031/05] **Maps for Machines.** *N. Example et al. arXiv.* [[paper]({KITE})]",
         ("Maps for Machines", KITE, "*N. Example et al. arXiv.*")),
        (f"- [2031/05] **Maps for\n  Machines.** *N. Example et al.* [[paper]({KITE})]",
         ("Maps for Machines", KITE, "*N. Example et al.*")),
        (f"- [2031/05] Maps: How to Fly. *N. Example et al. arXiv.* [[paper]({KITE})]",
         ("Maps: How to Fly", KITE, "*N. Example et al. arXiv.*")),
        (f"- Maps to Fly By *Jane Doe, John Ray* [[paper]({KITE})] [[code]({REEL})]",
         ("Maps to Fly By", KITE, "*Jane Doe, John Ray*")),
        (f"- How to Fly [Spring 2031]({KITE}), [Fall 2032]({REEL}) - Jane Doe",
         ("How to Fly", KITE, "Jane Doe")),
        (f'- N. Example, A. Sample. "How Kites Fly Today." Air 2031. [[pdf]({KITE})]',
         ("How Kites Fly Today", KITE, "Air 2031.")),
        (f"- N. Example, A. Sample. How Kites Fly. Air 2031. [[pdf]({KITE})]",
         ("How Kites Fly", KITE, "Air 2031.")),
        (f"- Jane Doe et al. *How Kites Fly Today*. [pdf]({KITE})",
         ("How Kites Fly Today", KITE, "")),
        (f"- Kites of J. R. Doe: fly high. [page]({KITE})",
         ("Kites of J. R. Doe", KITE, "fly high.")),
        # No phrase ends in brackets or quotes.
        (f"- Kite (a toy - for all) - Flies. [page]({KITE})",
         ("Kite (a toy - for all)", KITE, "Flies.")),
        # It is whole in its emphasis, and does not begin in the middle.
        (f"- **[Kite]({KITE}) - Flies.**", ("Kite", KITE, "Flies.")),
        (f"- *[Kite]({KITE}) flies.*", ("Kite", KITE, "flies.")),
        (f"- [Kite]({KITE}). Flies.", ("Kite", KITE, "Flies.")),
        (f"- [Kite]({KITE}) - .NET flies.", ("Kite", KITE, ".NET flies.")),
        (f"- [Kite]] ({KITE}) - Flies.", ("Kite", KITE, "Flies.")),
        (f'- Kite: **"How Kites Fly"**. *Jane Doe et al.* Air 2031. [[pdf]({KITE})]',
         ("How Kites Fly", KITE, "*Jane Doe et al.* Air 2031.")),
        # A sentence is no name.
        (f"- {SENTENCE} stands [here]({KITE}).",
         ("kite.example", KITE, f"{SENTENCE} stands [here]({KITE}).")),
    ],
)  # fmt: skip
def test_descriptions_are_parted_from_what_is_around_them(source: str, expected: Row) -> None:
    assert entries(source) == [expected]


def test_long_name_is_cut_at_a_phrase_or_a_word() -> None:
    words = "fly " * 40
    source = f"- [Kite - {words}]({KITE})\n- [{words}]({KITE})\n- [Kites of old: {words}]({KITE})\n"

    assert [entry.name for entry in check(source).entries] == [
        "Kite - " + "fly " * 27 + "fly…",
        "fly " * 29 + "fly…",
        "Kites of old",
    ]
