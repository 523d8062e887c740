"""The filters beside a list as HTML: facets with their values, and sections.

Made in Python like `reading`: there are hundreds of links, and all of an address but the one value
is the same in each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from html import escape
from urllib.parse import quote

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from catalog.browsing import NOT_STATED, FacetChoice, Selection
from catalog.finding.facets import TagRow
from catalog.outline import OutlineRow
from catalog.rendering import lang_attribute
from catalog.sentences import facet_name
from catalog.templatetags.catalog import share

_MARK = "\0"
"""A placeholder for one more value in an address; it occurs in none."""


def tag_links(selection: Selection) -> Callable[[str, str, str], str]:
    """Return the function that renders links to the selection with one more tag; see
    `rows_html`."""
    before, behind = _around_tag(selection)
    own = escape(selection.query())
    chosen = {(tag.facet, tag.slug) for tag in selection.tags}

    def link_to(facet: str, slug: str, name: str) -> str:
        key, called = _parts(facet, slug, name)
        address = own if (facet, slug) in chosen else f"{before}{key}{behind}"
        return f'<li><a href="{address}" rel="nofollow"{called}</li>'

    return link_to


@lru_cache(maxsize=20_000)
def _parts(facet: str, slug: str, name: str) -> tuple[str, str]:
    """Return a tag's slugs, escaped, and the end of a link with its name."""
    # Slugs keep their colons readable.
    return escape(quote(f"{facet}:{slug}", safe=":")), _called(name)


def filters_html(
    choices: Iterable[FacetChoice],
    selection: Selection,
    sections: Sequence[tuple[OutlineRow, int]],
    base: str,
) -> SafeString:
    """All that narrows the list at `base` down further; `sections` with the entries that each would
    leave."""
    html = _facets(choices, selection) + _sections(selection, sections, base)
    if not html:
        html = f'<p class="quiet">{escape(_("No further filters apply."))}</p>'
    # Every address and name in it is escaped.
    return mark_safe(html)  # noqa: S308


def _facets(choices: Iterable[FacetChoice], selection: Selection) -> str:
    before, behind = _around_tag(selection)
    all_before, all_behind = _around(replace(selection, expanded=_MARK), "%00")
    all_of = escape(_("all %(total)s"))
    out, closed = [], []
    for facet in choices:
        name = facet_name(facet.slug, facet.name)
        head, slug, quoted = _headed(facet.slug, name)
        if not facet.values:
            address = f"{all_before}{quoted}{all_behind}#by-{slug}"
            closed.append(f'<li><a href="{address}" rel="nofollow"{_called(name)}</li>')
            continue
        out.append(head)
        if facet.slug == selection.expanded:
            letters = escape(_("Values with"))
            out.append(
                f'<li class="letters" hidden><label class="unseen" for="letters">{letters}</label>'
                f'<input id="letters" type="search" placeholder="{letters}"></li>'
            )
        most = max((v.entry_count for v in facet.values if v.tag.slug != NOT_STATED), default=0)
        for tag, count, is_chosen in facet.values:
            key, called = _parts(tag.facet, tag.slug, value_name(tag))
            if is_chosen:
                address = escape(selection.with_tag(tag).query() or "?")
                called = f' aria-current="true"{called}'
            else:
                address = f"{before}{key}{behind}"
            bar = share(min(count, most), most)
            out.append(
                f'<li class="share-{bar}"><a href="{address}" rel="nofollow"{called}'
                f'<span class="number">{count:,}</span></li>'
            )
        if facet.slug == selection.expanded:
            address = escape(replace(selection, expanded="").query() or "?")
            fewer = escape(_("fewer"))
            out.append(f'<li><a class="all" href="{address}" rel="nofollow">{fewer}</a></li>')
        elif facet.total > len(facet.values):
            address = f"{all_before}{quoted}{all_behind}#by-{slug}"
            text = all_of % {"total": f"{facet.total:,}"}
            out.append(f'<li><a class="all" href="{address}" rel="nofollow">{text}</a></li>')
        out.append(f"</ul>{_range_form(facet, selection)}</section>")
    if closed:
        heading = f'<h2 id="more-filters">{escape(_("More filters"))}</h2>'
        items = f'<ul class="plain">{"".join(closed)}</ul>'
        out.append(f'<section aria-labelledby="more-filters">{heading}{items}</section>')
    return "".join(out)


def value_name(tag: TagRow) -> str:
    """Return the name of a value; the stand-in for none has no name of its own."""
    return _("not stated") if tag.slug == NOT_STATED else tag.name


def _range_form(facet: FacetChoice, selection: Selection) -> str:
    """The form that chooses dates from one to another, '' for a facet of other values."""
    if len(facet.dates) < 2:
        return ""
    others = tuple(dates for dates in selection.ranges if dates.facet != facet.slug)
    own = next((dates for dates in selection.ranges if dates.facet == facet.slug), None)
    rest = replace(selection, ranges=others)
    selects = []
    for name, label, chosen in (
        ("from", _("from"), own.first if own else ""),
        ("to", _("to"), own.last if own else ""),
    ):
        options = ['<option value=""></option>']
        for date in facet.dates:
            selected = " selected" if date == chosen else ""
            value = escape(f"{facet.slug}:{date}")
            options.append(f'<option value="{value}"{selected}>{date}</option>')
        selects.append(
            f'<label>{escape(label)} <select name="{name}">{"".join(options)}</select></label>'
        )
    button = f"<button>{escape(_('Show'))}</button>"
    return f'<form class="range" action="">{hidden_fields(rest)}{"".join(selects)}{button}</form>'


def hidden_fields(selection: Selection) -> str:
    """Return the hidden fields by which a form keeps the rest of the selection."""
    fields = [("q", selection.text)] if selection.text else []
    fields += [("tag", tag.key) for tag in selection.tags]
    fields += selection.range_fields()
    if selection.section:
        fields.append(("section", selection.section.path))
    if selection.sort:
        fields.append(("sort", selection.sort))
    return "".join(
        [f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields]
    )


@lru_cache(maxsize=2000)
def _headed(facet: str, name: str) -> tuple[str, str, str]:
    """Return the start of a facet, and its slug for attributes and for addresses."""
    slug = escape(facet)
    heading = f'<h2 id="by-{slug}"{lang_attribute(name)}>{escape(name)}</h2>'
    return (
        f'<section aria-labelledby="by-{slug}">{heading}<ul class="bars">',
        slug,
        escape(quote(facet)),
    )


def _sections(selection: Selection, sections: Sequence[tuple[OutlineRow, int]], base: str) -> str:
    """The sections of the next level, from where the visitor is; '' when there are none."""
    if not sections:
        return ""
    title = escape(_("Subsection") if selection.section else _("Section"))
    before, behind = _around(replace(selection, section=sections[0][0]._replace(path=_MARK)), "%00")
    most = max(count for _row, count in sections)
    out = [
        f'<section aria-labelledby="of-section"><h2 id="of-section">{title}</h2><ul class="bars">'
    ]
    for row, count in sections:
        number = f'<span class="number">{count:,}</span>'
        # What is behind the list's own address was made fit for one when the row was read.
        address = f"{before}{row.address[len(base) : -1]}{behind}"
        bar = share(count, most)
        link = f'<a href="{address}" rel="nofollow"{_called(row.title)}'
        out.append(f'<li class="share-{bar}">{link}{number}</li>')
    return "".join([*out, "</ul></section>"])


def _around_tag(selection: Selection) -> tuple[str, str]:
    """Return the address of a selection before and behind one more tag."""
    return _around(selection.with_tag(TagRow(0, "", _MARK, "", 0)), ":%00")


def _around(selection: Selection, mark: str) -> tuple[str, str]:
    """Return the address of a selection before and behind the value at a mark."""
    before, _mark, behind = escape(selection.query()).partition(mark)
    return before, behind


@lru_cache(maxsize=20_000)
def _called(name: str) -> str:
    """The end of a link with this name."""
    return f"{lang_attribute(name)}>{escape(name)}</a>"
