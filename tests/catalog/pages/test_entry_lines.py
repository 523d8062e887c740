"""The parts of an entry's line, told from its HTML alone."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.pages.reading import line_of, name_linked
from catalog.rendering.html import render_inline
from tests.catalog.pages.test_html import faults

AT = "/tools/entries/1-x/"


def named(text: str) -> str:
    return f'<a class="name" href="{AT}">{text}</a>'


def out(url: str, label: str) -> str:
    rel = ' rel="nofollow noopener ugc"'
    return f' <a class="out" href="{url}"{rel} aria-label="{label}">↗</a>'


VIM = named("Vim") + out("https://vim.org/", "Vim: vim.org")


@pytest.mark.parametrize(
    ("markdown", "name", "head", "text", "signs"),
    [
        ("[Vim](https://vim.org/)", "Vim", VIM, "", []),
        ("[Vim](https://vim.org/) - An editor.", "Vim", VIM, "An editor.", []),
        ("[Vim](https://vim.org/): An editor.", "Vim", VIM, "An editor.", []),
        (
            "[Vim](https://vim.org/) – 编辑器。 `Vim` `C/deb`",
            "Vim",
            VIM,
            "编辑器。",
            ["Vim", "C/deb"],
        ),
        (
            "[Vim](https://vim.org/) `⚠` - Old. `MIT`",
            "Vim",
            f"{VIM} <code>⚠</code>",
            "Old.",
            ["MIT"],
        ),
        ("[Vim](https://vim.org/) - ⚠ - Old.", "Vim", f"{VIM} ⚠", "Old.", []),
        ("[Vim](https://vim.org/) ⚠ - Old.", "Vim", f"{VIM} ⚠", "Old.", []),
        ("[Vim](https://vim.org/) :warning: – Old.", "Vim", f"{VIM} ⚠️", "Old.", []),
        (
            "[Vim](https://vim.org/) *(old)* - An editor.",
            "Vim",
            f"{VIM} <em>(old)</em>",
            "An editor.",
            [],
        ),
        (
            "[Vim](https://vim.org/) (`vi`) `⚠` - Old.",
            "Vim",
            f"{VIM} (<code>vi</code>) <code>⚠</code>",
            "Old.",
            [],
        ),
        # Words before a dash are the text.
        ("[Vim](https://vim.org/) is old - and good.", "Vim", VIM, "is old - and good.", []),
        # A word of the sentence is no sign.
        (
            "[Vim](https://vim.org/) - Better than `ed`",
            "Vim",
            VIM,
            "Better than <code>ed</code>",
            [],
        ),
        (
            "**[Vim](https://vim.org/)** - An editor. ([Code](https://c.example/)) `Vim`",
            "Vim",
            f"<strong>{VIM}</strong>",
            'An editor. (<a href="https://c.example/" rel="nofollow noopener ugc">Code</a>)',
            ["Vim"],
        ),
        (
            "**Vim** (1991) - An editor.",
            "Vim",
            f"<strong>{named('Vim')}</strong> (1991)",
            "An editor.",
            [],
        ),
        (
            "[`A & B`](https://ab.example/?a=1&b=2)",
            "A & B",
            named("<code>A &amp; B</code>")
            + out("https://ab.example/?a=1&amp;b=2", "A &amp; B: ab.example"),
            "",
            [],
        ),
    ],
)
def test_line_is_name_text_and_signs(
    markdown: str, name: str, head: str, text: str, signs: list[str]
) -> None:
    line = line_of(render_inline(markdown), name, AT)

    assert line == (head, text, [f"<code>{sign}</code>" for sign in signs])


@pytest.mark.parametrize(
    ("markdown", "name"),
    [
        ("[Golang tips](https://e.org/) for Gophers", "Go"),
        ("[Vim](https://vim.org/) - An editor.", "Emacs"),
        ("[Vim](https://vim.org/)", ""),
        # The name goes on where the emphasis ends.
        ("**Vim the** editor", "Vim the editor"),
    ],
)
def test_line_without_its_name_has_no_parts(markdown: str, name: str) -> None:
    assert line_of(render_inline(markdown), name, AT) is None


def test_name_is_a_whole_word_outside_of_links() -> None:
    html = render_inline("[About Go](https://e.org/) and Golang: Go itself")

    linked = name_linked(html, "Go", AT)

    assert linked is not None
    assert linked[0].endswith(f"</a> and Golang: {named('Go')} itself")


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://kite.example/docs", "kite.example/docs"),
        ("**Kite ★ 12**", "Kite"),
        ("KITE", "Kite"),
    ],
)
def test_first_link_of_a_line_names_it_in_other_words(link: str, name: str) -> None:
    linked = name_linked(
        render_inline(f"**[{link}](https://kite.example/docs)** - Flies."), name, AT
    )

    assert linked is not None
    assert linked[0].startswith(f'<strong><a class="name" href="{AT}">')
    assert "↗</a></strong> - Flies." in linked[0]


FRAGMENTS = [
    "Vim",
    "**",
    "*",
    "`",
    "[",
    "](https://e.org/)",
    " - ",
    "`MIT`",
    "<b>",
    "</b>",
    "&",
    ".",
    " ",
]


@example("[](https://e.org/)**[Vim](https://e.org/) - **")
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join))
def test_parts_are_html_whatever_the_line(markdown: str) -> None:
    html = render_inline(markdown)
    if faults(html):
        return  # What a link in raw HTML may come out as is not for the pages to mend.

    line = line_of(html, "Vim", AT)

    for part in [line.head, line.text, *line.signs] if line else []:
        assert faults(part) == []
