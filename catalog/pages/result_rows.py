"""Results of a search as rows: name, list, sections, description, with the words marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from catalog.browsing.outline import paths_above
from catalog.finding.results import Result
from catalog.models import Section
from catalog.rendering.languages import lang_attribute


def results_html(
    results: Sequence[Result], places: Mapping[int, Sequence[Result]], *, with_catalog: bool
) -> SafeString:
    """The results as items of a list, with the other places of each by its key.

    Costs a query, for the sections that lead to them.
    """
    titles = _titles(results)
    base = reverse("catalog:catalog-list")
    links: dict[tuple[int, str], str] = {}
    out = []
    for result in results:
        home = f"{base}{result.catalog_slug}/"
        steps = []
        if with_catalog:
            title = result.catalog_title
            steps.append(f'<a href="{home}"{lang_attribute(title)}>{escape(title)}</a>')
        for path in _way(result):
            key = result.catalog, path
            if key in titles and key not in links:
                title = titles[key]
                address = f"{home}{quote(path)}/"
                links[key] = f'<a href="{address}"{lang_attribute(title)}>{escape(title)}</a>'
            if key in links:
                steps.append(links[key])
        out.append(
            f'<li><h2><a href="{base}{result.path}"{lang_attribute(result.title)}>{result.name}'
            f'</a></h2><p class="where">{" / ".join(steps)}</p>'
        )
        if result.description:
            text = result.description
            out.append(f"<p{lang_attribute(text)}>{text}</p>")
        if result.matched_field:
            label = escape(str(_FIELDS[result.matched_field]))
            out.append(f'<p class="matched">{label} {result.matched}</p>')
        if others := places.get(result.pk):
            links_ = ", ".join(_place_link(base, place) for place in others)
            out.append(f'<p class="places">{escape(_("Also in:"))} {links_}</p>')
        out.append("</li>")
    # Every piece is escaped here or was when it was marked.
    return mark_safe("".join(out))  # noqa: S308


_FIELDS = {
    "section": _lazy("Section:"),
    "tag": _lazy("Tag:"),
    "address": _lazy("Address:"),
}


def _place_link(base: str, place: Result) -> str:
    title = " / ".join(filter(None, [place.catalog_title, place.section_title]))
    return f'<a href="{base}{place.path}"{lang_attribute(title)}>{escape(title)}</a>'


def _way(result: Result) -> list[str]:
    path = result.section_path
    return [*paths_above(path), path] if path else []


def _titles(results: Sequence[Result]) -> dict[tuple[int, str], str]:
    """The titles of the sections that lead to the results, by catalog and path."""
    found = {
        (result.catalog, result.section_path): result.section_title
        for result in results
        if result.section_path
    }
    above = {path for _catalog, path in found if "/" in path}
    if above:
        catalogs = {catalog for catalog, _path in found}
        steps = {step for path in above for step in paths_above(path)}
        rows = Section.objects.filter(catalog__in=catalogs, path__in=steps, is_title=False)
        for catalog, path, title in rows.values_list("catalog_id", "path", "title"):
            found[catalog, path] = title
    return found
