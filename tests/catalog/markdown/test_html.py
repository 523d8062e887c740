"""Links and rows in HTML: found where a reader of the page finds them."""

from __future__ import annotations

import pytest

from catalog.markdown import BlockKind, ListingKind, parse
from catalog.markdown.inline import html_links, html_units
from catalog.markdown.writing.edit import remove_entry
from catalog.markdown.writing.layout import CodecError

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


def test_row_whose_link_says_its_kind_is_named_by_a_cell_of_its_own() -> None:
    kind = "<td rowspan='9'>Open<br>source</td>\n"
    source = "# Kites\n\n## All\n\n<table>\n" + "".join(
        f"<tr>\n{kind if number == 1 else ''}<td>Kite {number}</td>\n<td>2031/0{number}</td>\n"
        f"<td><a href='{KITE}/{number}'>Paper</a></td>\n</tr>\n"
        for number in (1, 2)
    )
    document = parse(source + "</table>\n")

    assert [(e.name, e.url, e.description) for e in document.entries] == [
        ("Kite 1", f"{KITE}/1", ""),
        ("Kite 2", f"{KITE}/2", ""),
    ]
    assert all(
        e.name_slot
        and document.blocks[e.block].source[e.name_slot.start : e.name_slot.end] == e.name
        for e in document.entries
    )


def fold(name: str, below: str) -> str:
    """What ranked lists write of a thing."""
    return (
        f"<details><summary><b><a href='{KITE}/{name}'>{name}</a></b> (🥇55 · ⭐ 180K) - It flies. "
        f"<code><a href='{KITE}/mit'>MIT</a></code></summary>\n\n{below}</details>\n"
    )


def test_summary_with_a_link_is_the_thing_and_links_below_it_are_none() -> None:
    below = (
        f"- [GitHub]({KITE}/g) (🔀 72K - 4% open):\n\n\t```\n\tgit clone {KITE}\n\t```\n"
        f"- [Conda]({KITE}/c) (📥 4.3M):\n\t```\n\tconda install\n\t```\n- Shop\n"
    )
    hidden = (
        "<details><summary>Show {0} hidden projects...</summary>\n\n"
        f"- <b><a href='{KITE}/d'>D{{0}}</a></b> (🥈40 ·  ⭐ 12K) - Glides. <code>BSL</code>\n"
        f"- <b><a href='{KITE}/e'>E{{0}}</a></b> (🥈39 · 💀) - Falls.\n</details>\n"
    )
    things = "".join(fold(name, below) for name in "ABC")
    lists = [f"## List {n}\n\n" + (things if n == 1 else "") + hidden.format(n) for n in (1, 2, 3)]
    document = parse("# Kites\n\n" + "\n".join(lists))

    assert [section.title for section in document.sections] == [
        "Kites",
        "List 1",
        "List 2",
        "List 3",
    ]
    assert [(e.name, e.description, e.suggested) for e in document.entries] == [
        *((name, "It flies.", False) for name in "ABC"),
        *((f"{name}{n}", text, False)
          for n in (1, 2, 3) for name, text in (("D", "Glides."), ("E", "Falls."))),
    ]  # fmt: skip

    # Its words can be edited; it cannot go without what is folded below it.
    folded = document.entries[0]
    assert folded.name_slot
    assert folded.description_slot
    with pytest.raises(CodecError) as raised:
        remove_entry(document, folded.block)
    assert raised.value.code == "folded"


def test_html_in_a_paragraph_is_read_with_it() -> None:
    source = f"- <b><a href='{KITE}'>Kite</a></b> - Flies.\n"
    document = parse(source)

    (entry,) = document.entries
    assert document.blocks[0].kind is BlockKind.ITEM
    assert (entry.name, entry.url, entry.description) == ("Kite", KITE, "Flies.")


def test_html_block_in_an_item_gives_its_links() -> None:
    source = f"- Kites\n\n  <p><a href='{KITE}'>Kite</a></p>\n"

    assert [link.url for link in parse(source).blocks[0].links] == [KITE]
