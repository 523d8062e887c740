"""What a README says about the list itself."""

from __future__ import annotations

import pytest

from catalog.importing.about import about
from catalog.markdown import parse

ALL = "All about kites and reels."
KITES = "\n## Kites\n\n- [Kite](https://kite.example) - Flies.\n"


@pytest.mark.parametrize(
    ("opening", "title", "description"),
    [
        (f"# Kites\n\n{ALL}\n", "Kites", ALL),
        ("# Kites\n\nEverything about kites.\n", "Kites", "Everything about kites."),
        # The first sentence alone, and none that only leads to what is below it.
        (f"# Kites\n\n{ALL} More of it.\n", "Kites", ALL),
        (f"# Kites\n\nIn partnership with:\n\n{ALL}\n", "Kites",
         ALL),
        ("# 风筝\n\n收集各种风筝的清单。欢迎投稿。\n", "风筝", "收集各种风筝的清单。"),
        ("# Kites\n\nAll about [kites](https://k.example) and reels :kite:\n", "Kites",
         "All about kites and reels"),
        ("# Kites\n\n> All about kites\n> and reels.\n", "Kites", ALL),
        # What says what the list is comes before mottos, thanks and requests.
        (f"# Kites\n\n> Wind is all you need.\n\n{ALL}\n\nA curated list of kites.\n", "Kites",
         "A curated list of kites."),
        ("# 风筝\n\n也请使用我的风筝应用支持我。\n\n本项目收集各种风筝。\n", "风筝",
         "本项目收集各种风筝。"),
        (f"# Kites\n\nPlease see the contribution guidelines.\n\n{ALL}\n", "Kites", ALL),
        (f"# Kites\n\n**Note: You can read this as a book, too.**\n\n{ALL}\n", "Kites", ALL),
        ("# Kites\n\nPlease see our contribution guidelines for details.\n", "Kites", ""),
        (f"# Kites\n\n> Proudly sponsored by Windy Ropes, the maker of ropes.\n\n{ALL}\n", "Kites",
         ALL),
        (f"# Kites\n\nSpecial thanks to:\n\nWindy, the maker of ropes.\n\n---\n\n{ALL}\n", "Kites",
         ALL),
        (f"# Kites\n\n[Windy](https://w.example?utm_source=k) makes strong ropes.\n\n{ALL}\n",
         "Kites", ALL),
        ("# Drachen\n\nTritt unserem Discord bei, sprich mit.\n\nWerkzeuge für alle Drachen.\n",
         "Drachen", "Werkzeuge für alle Drachen."),
        # Rows of links and badges, and shouting, are no sentences.
        (f"# Kites\n\n[English](a.md) | [Deutsch](b.md) | [Polski](c.md)\n\n{ALL}\n",
         "Kites", ALL),
        (f"# Kites\n\n<p>THE LARGE WORLD OF KITES<br>{ALL}</p>\n", "Kites",
         ALL),
        # In HTML.
        (f'<div>\n🪁 <a href="https://w.example">Ropes</a> •\n<p><em>{ALL}</em></p>\n</div>\n',
         "", ALL),
        (f'<h1 align="center">Kites</h1>\n<p>With thanks to:</p>\n\n{ALL}\n', "Kites",
         ALL),
        (f"<h3>Please help</h3>\n\n<h1>Kites</h1>\n\n{ALL}\n", "Kites",
         ALL),
        # The only heading of its level is the title wherever it stands, unless behind entries.
        (f"## Why\n\n{ALL}\n\n# Kites\n", "Kites", ALL),
        (f"### [Windy](https://w.example)\n\n# Kites\n\n{ALL}\n", "Kites", ALL),
        (f"## Why\n\n{ALL}\n\n# Kites\n\n# Reels\n", "", ALL),
        ("## A\n\n- [Reel](https://r.example)\n\n# Kites\n", "", ""),
        ("# 风筝\n\n<i>一组很棒的 AI 应用程序和风筝</i>\n\nA kite of a sponsor, the best of all.\n",
         "风筝", "一组很棒的 AI 应用程序和风筝"),
        # What heads a part, or says of a picture what it is, names no list.
        (f"# Why?\n\n{ALL}\n\n# Kites\n", "", ALL),
        # Without one the first heading is, if it says so.
        (f"## Awesome Kites\n\n{ALL}\n\n## Reels\n", "Awesome Kites", ALL),
        (f"## Reels\n\n{ALL}\n\n## Awesome Kites\n", "", ALL),
        (f'<h1><img src="k.png" alt="Logo"></h1>\n\n{ALL}\n', "", ALL),
        ("# 目錄\n\n收集各种风筝。\n", "", "收集各种风筝。"),
        # An address behind the title is no part of it.
        ("# Kites ([https://k.example](https://k.example))\n", "Kites", ""),
        ("# Kites\n", "Kites", ""),
        # A short sentence is one if its end says so.
        ("# Kites\n\n> All about all kites.\n", "Kites", "All about all kites."),
        ("# 风筝\n\n收集各种风筝。\n", "风筝", "收集各种风筝。"),
        ("# Kites\n\nAll about all kites\n", "Kites", ""),
    ],
)  # fmt: skip
def test_title_and_description(opening: str, title: str, description: str) -> None:
    results = about(parse(opening + KITES))

    assert (results.title, results.description) == (title, description)
