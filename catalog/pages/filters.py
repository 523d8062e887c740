"""The filters beside a list as HTML: facets with their values, and sections.

Made in Python like `reading`: there are hundreds of links, and all of an address but the one value
is the same in each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from html import escape
from urllib.parse import quote

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from catalog.browsing.narrowing import FacetChoice, Selection
from catalog.browsing.outline import Outline, OutlineRow
from catalog.browsing.tag_index import TagIndex, TagRow
from catalog.facet_names import facet_name
from catalog.rendering.languages import lang_attribute
from catalog.templatetags.facets import share

SECTIONS_OFFERED = 60

_MARK = "\0"
"""What no address has, and stands for one more value until it is known."""


class TagLinks(dict[int, str]):
    """The links of rows to their tags as items of a list, each made when it is met first.

    They lead to what is chosen with the tag besides.
    """

    def __init__(self, selection: Selection, tags: TagIndex) -> None:
        super().__init__()
        self._parts = tags.links
        self._before, self._behind = _around_tag(selection)
        own = escape(selection.query())
        for tag in selection.tags:
            self[tag.pk] = f'<li><a href="{own}" rel="nofollow"{self._parts[tag.pk][1]}</li>'

    def __missing__(self, pk: int) -> str:
        key, called = self._parts[pk]
        address = f"{self._before}{key}{self._behind}"
        link = self[pk] = f'<li><a href="{address}" rel="nofollow"{called}</li>'
        return link


def filters_html(
    choices: Iterable[FacetChoice], selection: Selection, tags: TagIndex, outline: Outline
) -> SafeString:
    """All that narrows the list down further."""
    html = _facets(choices, selection, tags) + _sections(selection, outline)
    if not html:
        html = f'<p class="quiet">{escape(_("Nothing narrows this down further."))}</p>'
    # Every address and name in it is escaped.
    return mark_safe(html)  # noqa: S308


def _facets(choices: Iterable[FacetChoice], selection: Selection, tags: TagIndex) -> str:
    before, behind = _around_tag(selection)
    all_before, all_behind = _around(replace(selection, expanded=_MARK), "%00")
    all_of = escape(_("all %(total)s"))
    out = []
    for facet in choices:
        head, slug, quoted = _headed(facet.slug, facet_name(facet.slug, facet.name))
        out.append(head)
        most = max((count for _tag, count, _is_chosen in facet.values), default=0)
        for tag, count, is_chosen in facet.values:
            key, called = tags.links[tag.pk]
            if is_chosen:
                address = escape(selection.with_tag(tag).query() or "?")
                called = f' aria-current="true"{called}'
            else:
                address = f"{before}{key}{behind}"
            out.append(
                f'<li class="share-{share(count, most)}"><a href="{address}" rel="nofollow"{called}'
                f'<span class="number">{count:,}</span></li>'
            )
        if facet.total > len(facet.values):
            address = f"{all_before}{quoted}{all_behind}#by-{slug}"
            text = all_of % {"total": f"{facet.total:,}"}
            out.append(f'<li><a class="all" href="{address}" rel="nofollow">{text}</a></li>')
        out.append("</ul></section>")
    return "".join(out)


@lru_cache(maxsize=2000)
def _headed(facet: str, name: str) -> tuple[str, str, str]:
    """How a facet begins, and its slug as attributes and as addresses have it."""
    slug = escape(facet)
    heading = f'<h2 id="by-{slug}"{lang_attribute(name)}>{escape(name)}</h2>'
    return (
        f'<section aria-labelledby="by-{slug}">{heading}<ul class="bars">',
        slug,
        escape(quote(facet)),
    )


def _sections(selection: Selection, outline: Outline) -> str:
    """The sections of the next level, from where the visitor is; '' when there are none."""
    rows = _sections_below(selection, outline)
    if not rows:
        return ""
    title = escape(_("Subsection") if selection.section else _("Section"))
    before, behind = _around(replace(selection, section=rows[0]._replace(path=_MARK)), "%00")
    counts = not selection.tags and not selection.text
    most = max((row.entry_count for row in rows), default=0) if counts else 0
    out = [
        f'<section aria-labelledby="of-section"><h2 id="of-section">{title}</h2><ul class="bars">'
    ]
    for row in rows:
        number = f'<span class="number">{row.entry_count:,}</span>' if counts else ""
        # What is behind the list's own address was made fit for one when the row was read.
        address = f"{before}{row.address[len(outline.address) : -1]}{behind}"
        bar = share(row.entry_count, most)
        link = f'<a href="{address}" rel="nofollow"{_called(row.title)}'
        out.append(f'<li class="share-{bar}">{link}{number}</li>')
    return "".join([*out, "</ul></section>"])


def _sections_below(selection: Selection, outline: Outline) -> list[OutlineRow]:
    path = selection.section.path if selection.section else ""
    return [row for row in outline.children.get(path, []) if row.entry_count][:SECTIONS_OFFERED]


def _around_tag(selection: Selection) -> tuple[str, str]:
    """What stands before and behind one more tag in the address of a selection."""
    return _around(selection.with_tag(TagRow(0, "", _MARK, "", 0)), ":%00")


def _around(selection: Selection, mark: str) -> tuple[str, str]:
    """What stands before and behind a value in the address of a selection that has a mark there."""
    before, _mark, behind = escape(selection.query()).partition(mark)
    return before, behind


@lru_cache(maxsize=20_000)
def _called(name: str) -> str:
    """The end of a link with this name."""
    return f"{lang_attribute(name)}>{escape(name)}</a>"
