"""The HTML for the holes of the browse page's template, except the filters.

Made in Python, because every state of the page needs it and a template takes many times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from html import escape

from django.core.paginator import Page
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from catalog.browsing.selection import Selection
from catalog.facet_names import facet_name
from catalog.finding.facets import FacetRow
from catalog.pages.filters import hidden_fields, value_name
from catalog.pages.pagination import pages_html
from catalog.pages.section_parts import entries_counted
from catalog.rendering.languages import lang_attribute

EXPORTS = {"csv": "CSV", "json": "JSON", "md": "Markdown"}
"""Export formats of a view: file endings and names."""

_NOINDEX = '<meta name="robots" content="noindex">'


def choice_holes(selection: Selection, facets: Mapping[str, FacetRow]) -> dict[str, SafeString]:
    """Return the holes that are equal on all pages of a selection, the filters open."""
    holes = {
        "robots": _NOINDEX if selection.query() or selection.unknown else "",
        "feed": escape(feed_address(selection)),
        "text": escape(selection.text),
        "kept": hidden_fields(replace(selection, text="")),
        "chips": _chosen(_chips(selection, facets), selection),
        "notice": _notice(selection.unknown) if selection.unknown else "",
        "sorts": _sorts(selection),
        "chosen": _number_chosen(selection),
        "exports": _exports(selection),
    }
    # What people wrote is escaped where it is put in, and the rest is markup.
    return {name: mark_safe(html) for name, html in holes.items()}  # noqa: S308


def page_holes(
    selection: Selection,
    facets: Mapping[str, FacetRow],
    page: Page[int],
    rows: SafeString,
    note: str,
) -> dict[str, SafeString]:
    """Return the holes of one page; `rows` are its entries, `note` says how they were searched
    for."""
    if rows:
        body = f'{note}<ul class="rows entry-rows" data-hx-boost="false">{rows}</ul>'
    else:
        body = _nothing(_chips(selection, facets))
    return {
        "count": SafeString(_count(page)),
        "total": SafeString(entries_counted(page.paginator.count)),
        # The rows are safe, as is what is made here.
        "body": mark_safe(body),  # noqa: S308
        "pagination": pages_html(page, selection.query()),
    }


def feed_address(selection: Selection) -> str:
    """Return the address of the selection's feed, whatever its order."""
    return "feed.atom" + replace(selection, sort="", expanded="").query()


type Chip = tuple[str, str, str]
"""What was chosen: the address without it, its name, and the facet's, '' where it has none."""


def _chips(selection: Selection, facets: Mapping[str, FacetRow]) -> list[Chip]:
    chips = []
    if selection.text:
        chips.append((selection.without_text().query(), f"“{selection.text}”", ""))
    for tag in selection.tags:
        facet = facet_name(tag.facet, facets[tag.facet].name)
        chips.append((selection.with_tag(tag).query(), value_name(tag), facet))
    for dates in selection.ranges:
        facet = facet_name(dates.facet, facets[dates.facet].name)
        others = tuple(other for other in selection.ranges if other != dates)
        label = f"{dates.first or '…'}–{dates.last or '…'}"
        chips.append((replace(selection, ranges=others).query(), label, facet))
    if selection.section:
        chips.append((replace(selection, section=None).query(), selection.section.title, ""))
    return [(escape(query or "?"), label, facet) for query, label, facet in chips]


def _chosen(chips: Sequence[Chip], selection: Selection) -> str:
    if not chips:
        return ""
    remove = escape(_("Remove:"))
    out = []
    for address, label, facet in chips:
        of = f'<span class="quiet"{lang_attribute(facet)}>{escape(facet)}</span> ' if facet else ""
        out.append(
            f'<li><a href="{address}" rel="nofollow"><span class="unseen">{remove} </span>{of}'
            f"<b{lang_attribute(label)}>{escape(label)}</b>"
            '<span aria-hidden="true"> ×</span></a></li>'
        )
    if len(chips) > 1:
        nothing = replace(selection.without_text(), tags=(), ranges=(), section=None, expanded="")
        address = escape(nothing.query() or "?")
        out.append(
            f'<li><a class="all" href="{address}" rel="nofollow">{escape(_("Remove all"))}</a></li>'
        )
    return f'<ul class="chips" aria-label="{escape(_("Chosen"))}">{"".join(out)}</ul>'


def _exports(selection: Selection) -> str:
    """Links to what is chosen as files, and to the page itself."""
    query = escape(replace(selection, sort="", expanded="").query())
    attributes = 'rel="nofollow" data-hx-boost="false"'
    links = [
        f'<li><a href="export.{ending}{query}" {attributes}>{label}</a></li>'
        for ending, label in EXPORTS.items()
    ]
    here = f'<li><a href="{escape(selection.query() or "?")}">{escape(_("Link"))}</a></li>'
    return "".join([*links, here])


def _number_chosen(selection: Selection) -> str:
    """Return the number of selected filters as HTML, shown where the filters are hidden."""
    number = len(selection.tags) + len(selection.ranges) + bool(selection.section)
    return f' <span class="number">{number}</span>' if number else ""


def _notice(unknown: Iterable[str]) -> str:
    texts = ", ".join([f"<bdi>{escape(text)}</bdi>" for text in unknown])
    said = escape(_("Left out because this list does not have it:"))
    return f'<p class="notice">{said} {texts}</p>'


def _count(page: Page[int]) -> str:
    counted = entries_counted(page.paginator.count)
    if not page.has_other_pages():
        return counted
    numbers = {"number": page.number, "total": page.paginator.num_pages}
    return f"{counted}, {_('page %(number)s of %(total)s') % numbers}"


def _sorts(selection: Selection) -> str:
    out = []
    for sort, label in selection.sorts.items():
        address = escape(replace(selection, sort=sort).query() or "?")
        current = ' aria-current="true"' if sort == selection.sort else ""
        out.append(f'<li><a href="{address}" rel="nofollow"{current}>{escape(str(label))}</a></li>')
    return "".join(out)


def _nothing(chips: Sequence[Chip]) -> str:
    if not chips:
        return f'<p class="empty">{escape(_("This list has no entries yet."))}</p>'
    out = ['<div class="empty">']
    out.append(
        f'<p>{escape(_("No entry matches all of these. Remove one:"))}</p><ul class="plain">'
    )
    for address, label, facet in chips:
        text = escape(_("without %(label)s") % {"label": f"{facet} {label}".lstrip()})
        out.append(f'<li><a href="{address}" rel="nofollow">{text}</a></li>')
    return "".join([*out, "</ul></div>"])
