"""Links and rows in HTML: found where a reader of the page finds them."""

from __future__ import annotations

import pytest

from catalog.markdown import BlockKind, ListingKind, parse
from catalog.markdown.inline import html_links, html_units

KITE = "https://kite.example"
LANGUAGES = "".join(f"<a href='{KITE}/{name}'>{name}</a>\n" for name in ("de", "fr", "nl"))


@pytest.mark.parametrize(
    ("source", "links"),
    [
        (f'<a href="{KITE}">Kite</a>', [("Kite", KITE)]),
        (f"<A HREF='{KITE}'>Kite</A>", [("Kite", KITE)]),
        (f"<a target=x href={KITE}>Kite</a>", [("Kite", KITE)]),
        (f'<a\n  href="{KITE}">\n  Big\n  Kite</a>', [("Big Kite", KITE)]),
        (f'<a href="{KITE}?a&amp;b"><b>K</b>ite &amp; Co</a>', [("Kite & Co", f"{KITE}?a&b")]),
        ('<a name="kite">Kite</a>', []),
        (f'<!-- <a href="{KITE}">Kite</a> -->', []),
        (f'<pre><a href="{KITE}">Kite</a></pre>', []),
        (f'<script>"<a href={KITE}>Kite</a>"</script>', []),
        (f'<a href="{KITE}">Kite', []),
        (f'<a href="{KITE}', []),
        (f'<article href="{KITE}">Kite</article>', []),
    ],
)  # fmt: skip
def test_links_are_read(source: str, links: list[tuple[str, str]]) -> None:
    results = list(html_links(source))

    assert [(link.text, link.url) for link in results] == links
    for link in results:
        assert source[slice(*link.slot)].lower().startswith("<a")
        assert source[slice(*link.slot)].lower().endswith("</a>")


def test_picture_in_a_link_is_reported() -> None:
    (badge,) = html_links(f'<a href="{KITE}"><img src="k.png" alt="Kite"></a>')

    assert badge.is_image_only
    assert not badge.is_outbound


@pytest.mark.parametrize(
    ("lines", "units"),
    [
        (["<table>", "<tr>", "<td>a</td>", "</tr>", "<tr><td>b</td></tr>", "</table>"],
         [(0, 1), (1, 4), (4, 5), (5, 6)]),
        (["<ul>", "<li>a", "<li>b", "</ul>"], [(0, 1), (1, 4)]),
        (["<ul>", "<li>a</li>", "<li>b</li>", "</ul>"], [(0, 1), (1, 2), (2, 3), (3, 4)]),
        (["<p>", "<a href=x>", "a</a> b", "</p>"], [(0, 1), (1, 3), (3, 4)]),
        (["<!-- <tr>", "-->", "<b>"], [(0, 1), (1, 2), (2, 3)]),
        (["<tr>", "never closed"], [(0, 2)]),
        ([], []),
    ],
)  # fmt: skip
def test_units_keep_elements_together(lines: list[str], units: list[tuple[int, int]]) -> None:
    assert html_units([f"{line}\n" for line in lines]) == units


def test_rows_of_html_are_entries() -> None:
    rows = [
        f"<tr>\n<td><a href='{KITE}/{n}'>Kite {n}</a></td>\n<td>Flies.</td>\n</tr>\n"
        for n in range(3)
    ]
    source = f"# A\n\n## B\n\n<table>\n{''.join(rows)}</table>\n"
    document = parse(source)

    assert [(e.name, e.url, e.description, e.suggested) for e in document.entries] == [
        (f"Kite {n}", f"{KITE}/{n}", "Flies.", False) for n in range(3)
    ]
    assert [document.blocks[e.block].source for e in document.entries] == rows
    assert [listing.kind for listing in document.listings] == [ListingKind.HTML]
    assert "".join(block.source for block in document.blocks) == source


@pytest.mark.parametrize(
    "source",
    [
        # A line or two with a link may be prose,
        f"# A\n\n## B\n\n<p>By <a href='{KITE}'>Jane</a></p>\n",
        # and what stands under the document's title introduces it.
        f"# A\n\n<p>\n{LANGUAGES}</p>\n\n## B\n",
    ],
)
def test_html_that_may_be_prose_is_suggested(source: str) -> None:
    document = parse(source)

    assert {entry.suggested for entry in document.entries} == {True}


def test_two_rows_below_a_header_are_entries() -> None:
    source = (
        "<table>\n<tr><th>Name</th></tr>\n"
        '<tr><td><a href="https://a.example">A</a></td></tr>\n'
        '<tr><td><a href="https://b.example">B</a></td></tr>\n</table>\n'
    )
    document = parse("# Kites\n\n## All\n\n" + source)

    assert [(entry.name, entry.suggested) for entry in document.entries] == [
        ("A", False),
        ("B", False),
    ]


def test_html_in_a_paragraph_is_read_with_it() -> None:
    source = f"- <b><a href='{KITE}'>Kite</a></b> - Flies.\n"
    document = parse(source)

    (entry,) = document.entries
    assert document.blocks[0].kind is BlockKind.ITEM
    assert (entry.name, entry.url, entry.description) == ("Kite", KITE, "Flies.")


def test_html_block_in_an_item_gives_its_links() -> None:
    source = f"- Kites\n\n  <p><a href='{KITE}'>Kite</a></p>\n"

    assert [link.url for link in parse(source).blocks[0].links] == [KITE]
