"""What markdown becomes on a page, whoever wrote it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.markdown.nodes import BlockKind
from catalog.rendering.html import REL, render_block, render_inline, render_many

DEFINITIONS = {"docs": "https://a.org/docs", "evil": "javascript:alert(1)"}
VOID = {"br", "hr", "img", "wbr"}
ALLOWED = {
    "a", "abbr", "b", "bdi", "blockquote", "br", "cite", "code", "dd", "del", "dfn", "div", "dl",
    "dt", "em", "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby",
    "s", "samp", "small", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
IN_A_LINE = ALLOWED - {
    "blockquote", "dd", "div", "dl", "dt", "hr", "li", "ol", "p", "pre", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip

HOSTILE = [
    "<script>alert(1)</script>", "<ScRiPt src=//evil.org>", "</script>", "<style>*{}", "</style>",
    "<title>", "</title>", "<textarea>", "</textarea>", "<plaintext>", "<xmp>", "<noembed>",
    "<iframe src=x>", "<svg onload=x>", "<svg><style>", "<math><mi>", "<template>", "<select>",
    "<option>", "<noscript>", "<frameset>", "<form action=x>", "<input autofocus onfocus=x>",
    "<button>", "<object data=x>", "<embed src=x>", "<base href=//evil.org>", "<meta http-equiv=x>",
    "<link rel=stylesheet href=x>", "<img src=x onerror=alert(1)>", "<img alt='<b>' src='//evil'>",
    "<a href='javascript:x'>", "<a href=' java\tscript:x'>", "<a href=\"&#106;avascript:x\">",
    "<a href='data:text/html,x'>", "<a href='//evil.org' onclick=x target=_top>", "<a name=x>",
    "</a>", "<p id=x class=y style='position:fixed'>", "<div>", "</div>", "</p>", "<h1>", "</h1>",
    "<ul><li>", "</table>", "<td>", "<tr>", "<!--", "-->", "<![CDATA[", "]]>", "<?php", "<!x>",
    "<details>", "<summary>", "<b", "<", ">", "&", "&lt;", "&#60;script&#62;", "&nbsp;", "\u00a0",
    "[a](javascript:alert(1))", "[a](<java script:x>)", "[a](data:x)", "[a](vbscript:x)",
    "[a](//evil.org)", "[a](\\\\evil.org)", "[a](https://user@evil.org)", "[a](http://[::1]/)",
    "[a](http://xn--a.org)", "[a](http://1.2.3)", "[a](docs/x.md)", "[a](#x)", "[a](mailto:b@c)",
    "[a](https://a.org/?b=\"c'd<e)", "[a](https://a.org 'title\"x')", "[", "](", ")", "[docs]",
    "[evil]", "[a][evil]", "[a][docs]", "![", "![a](https://a.org/b.png)", "![](https://a.org/b.png)",
    "[![a](b.svg)](https://a.org)", "[![](b.svg)](https://a.org)", "<https://a.org>", "<a@b.org>",
    "https://a.org/b", "www.a.org", "http://a.org/?x=<b>", "`", "``", "*", "**", "_", "~~", "#",
    "##", "- ", "1. ", "> ", "|", "---", "===", "    ", "\t", "\\", "\n", "\r\n", "  \n", "\n\n",
    "\x00", "\ud800", "\x0b", "\x0c", "\u2028", "a", "word ", "中文", "，", "C#", "a_b", "😀",
]  # fmt: skip
hostile = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=5))).map("".join)


def resolve(url: str, is_image: bool) -> str:
    """As hostile as a list's source can make it."""
    return {"#x": "/list/x/", "docs/x.md": "https://a.org/docs/x.md"}.get(url, url)


class Checker(HTMLParser):
    """Fails on whatever could do harm, or reach what follows."""

    def __init__(self, allowed: set[str]) -> None:
        super().__init__()
        self.allowed = allowed
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.allowed
        values = dict(attrs)
        if tag == "a":
            href = values.pop("href") or ""
            if re.match(r"/(?![/\\])", href):
                assert values == {}
            else:
                assert re.match(r"(?:https?|ftp|mailto|ircs?|xmpp):", href, re.IGNORECASE)
                assert values == {"rel": REL}
            assert "a" not in self.open
        else:
            assert set(values) <= {"start", "colspan", "rowspan"}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def check(html: str, allowed: set[str]) -> None:
    checker = Checker(allowed)
    checker.feed(html)
    checker.close()
    assert checker.open == []


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("", ""),
        ("Tom & Jerry", "Tom &amp; Jerry"),
        ('a > b "c" \'d\'', "a &gt; b \"c\" 'd'"),
        ("  padded  ", "padded"),
        ("C #", "C #"),
        ("- x", "- x"),
        ("1. x", "1. x"),
        ("# x", "# x"),
        ("a | b", "a | b"),
        ("**a** _b_ `c` ~~d~~", "<strong>a</strong> <em>b</em> <code>c</code> <del>d</del>"),
        ("a\nb", "a b"),
        ("a  \nb\\\nc\n\nd", "a<br>b<br>c<br>d"),
        ("a<br />b<BR>c", "a<br>b<br>c"),
        ("<ul><li>a</li><li>b</li></ul>", "a<br>b"),
        ("<h1>a</h1>b", "a<br>b"),
        ("H<sub>2</sub>O", "H<sub>2</sub>O"),
        ("&copy; &lt;b&gt;", "© &lt;b&gt;"),
        ("[a](https://a.org/b)", f'<a href="https://a.org/b" rel="{REL}">a</a>'),
        ("[a](https://a.org 'title')", f'<a href="https://a.org" rel="{REL}">a</a>'),
        ("[a](//a.org)", f'<a href="https://a.org" rel="{REL}">a</a>'),
        ("[a](#x)", '<a href="/list/x/">a</a>'),
        ("[a](docs/x.md)", f'<a href="https://a.org/docs/x.md" rel="{REL}">a</a>'),
        ("[a](other.md)", "a"),
        ("[a](javascript:alert(1))", "a"),
        ("<a href='java\tscript:x'>a</a>", "a"),
        ("[a][docs]", f'<a href="https://a.org/docs" rel="{REL}">a</a>'),
        ("[Docs]", f'<a href="https://a.org/docs" rel="{REL}">Docs</a>'),
        ("[a][evil] [none]", "a [none]"),
        ("[](https://a.org/b)", f'<a href="https://a.org/b" rel="{REL}">a.org</a>'),
        ("see https://a.org/b.", f'see <a href="https://a.org/b" rel="{REL}">https://a.org/b</a>.'),
        ("www.a.org", f'<a href="http://www.a.org" rel="{REL}">www.a.org</a>'),
        ("`https://a.org`", "<code>https://a.org</code>"),
        ("![a](https://b.org/c.png)", f'<a href="https://b.org/c.png" rel="{REL}">a</a>'),
        ("![](https://b.org/c.png)", ""),
        ("[![a](b.svg)](https://a.org)", f'<a href="https://a.org" rel="{REL}">a</a>'),
        ("[![](b.svg)](https://a.org)", f'<a href="https://a.org" rel="{REL}">a.org</a>'),
        ("<img src='b.png' alt='\"<b>'>", '"&lt;b&gt;'),
        ("<textarea>a <b>c", "&lt;textarea&gt;a <b>c</b>"),
        ("<title>a</title>", "&lt;title&gt;a&lt;/title&gt;"),
        ("<p class=x style=y onclick=z>a", "a"),
        ("<!-- a -->b", "b"),
        ("a\x00\ud800", "a\ufffd\ufffd"),
    ],
)  # fmt: skip
def test_render_inline(markdown: str, expected: str) -> None:
    def on_this_site(url: str, is_image: bool) -> str:
        return resolve(url, is_image) if url in {"#x", "docs/x.md"} else ""

    assert render_inline(markdown, on_this_site, DEFINITIONS) == expected


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("Hot :fire: and 10:30:00", "Hot 🔥 and 10:30:00"),
        ("**:fire:** `:fire:` :nonsense:", "<strong>🔥</strong> <code>:fire:</code> :nonsense:"),
        ("[:tada:](https://a.org/:x:/)", f'<a href="https://a.org/:x:/" rel="{REL}">🎉</a>'),
    ],
)
def test_short_codes_are_characters(markdown: str, html: str) -> None:
    assert render_inline(markdown) == html


def test_address_that_was_taken_away_leads_to_nothing() -> None:
    html = render_inline("[a](javascript:b) [c]()", lambda url, _is_image: f"/list/{url}")

    assert html == 'a <a href="/list/">c</a>'


@pytest.mark.parametrize(
    ("kind", "source", "expected"),
    [
        (BlockKind.GAP, "\n", ""),
        (BlockKind.DEFINITION, "[a]: b\n", ""),
        (BlockKind.TABLE_ROW, "| a |\n", ""),
        (BlockKind.RULE, "---\n", "<hr>"),
        (BlockKind.HEADING, "## *a* [b](#x) ##\n", '<em>a</em> <a href="/list/x/">b</a>'),
        (BlockKind.HEADING, "a\n===\n", "a"),
        (BlockKind.LINE, "a  \n", "a"),
        (BlockKind.PARAGRAPH, "a\nb\n", "<p>a\nb</p>"),
        (BlockKind.PARAGRAPH, "      a\n      b\n", "<p>a\nb</p>"),
        (BlockKind.PARAGRAPH, "> a\n", "<blockquote>\n<p>a</p>\n</blockquote>"),
        (BlockKind.CODE, "```sh\na <b>\n```\n", "<pre><code>a &lt;b&gt;\n</code></pre>"),
        (BlockKind.CODE, "      ```\n      a\n      ```\n", "<pre><code>a\n</code></pre>"),
        (BlockKind.ITEM, "- a *b*\n", "a <em>b</em>"),
        (BlockKind.ITEM, "    1. [ ] a\n       b\n", "a\nb"),
        (BlockKind.ITEM, "- a\n\n  b\n", "<p>a</p>\n<p>b</p>"),
        (BlockKind.HTML, '<h1 align="center"><img src="a.png"></h1>\n', ""),
        (BlockKind.HTML, "<h1>a</h1>\n", "<div><strong>a</strong></div>"),
        (BlockKind.HTML, "<details>\n<summary>a</summary>\n", "<div><strong>a</strong></div>"),
        (BlockKind.HTML, "</details>\n", ""),
        (BlockKind.HTML, "<style>a{}\n</style>b\n", "&lt;style&gt;a{}\n&lt;/style&gt;b"),
        (BlockKind.HTML, "<div><p>a", "<div><p>a</p></div>"),
    ],
)  # fmt: skip
def test_render_block(kind: BlockKind, source: str, expected: str) -> None:
    def on_this_site(url: str, _is_image: bool) -> str:
        return "/list/x/" if url == "#x" else ""

    assert render_block(source, kind, on_this_site) == expected


@given(hostile)
def test_inline_html_is_safe_and_balanced(markdown: str) -> None:
    check(render_inline(markdown, resolve, DEFINITIONS), IN_A_LINE)


@given(hostile, st.sampled_from(BlockKind))
def test_block_html_is_safe_and_balanced(source: str, kind: BlockKind) -> None:
    check(render_block(source, kind, resolve, DEFINITIONS), ALLOWED)


@given(hostile.map(lambda text: re.sub(r"<(?!br ?/?>|https:)", "", text)))
def test_the_short_ways_lead_where_the_long_one_does(markdown: str) -> None:
    # A comment is HTML, so that the sanitiser sees the piece, and it leaves nothing of it.
    long = render_inline(f"<!----> {markdown.strip()}", resolve, DEFINITIONS)
    assert render_inline(markdown.strip(), resolve, DEFINITIONS) == long


@given(st.lists(hostile))
def test_parts_do_not_touch_each_other(snippets: list[str]) -> None:
    alone = [render_inline(snippet, resolve, DEFINITIONS) for snippet in snippets]
    assert render_many(snippets, resolve, DEFINITIONS) == alone


@pytest.mark.parametrize(
    "part",
    ["<div>", "<span>", "<b>", "<table>", "> ", "[a](x) ", "![a](x)", "[", "<", "*a_", "a\n", " "],
)
def test_rendering_is_linear(part: str) -> None:
    # Minutes each if it were quadratic; tenths of a second as it is.
    text = f"a{part * 50_000}\nb<br>"
    check(render_inline(text, resolve), IN_A_LINE)
    check(render_block(text, BlockKind.HTML, resolve), ALLOWED)
