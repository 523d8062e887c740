"""Atom feeds of news and changes: of a list, a section, a tag, a search, and all changes.

The founding import is no news. An entry keeps the id of its feed item when it is renamed or moved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from pyroaring import BitMap

from catalog.browsing import Selection, newest_of
from catalog.finding.query import Entries, EntryQuery
from catalog.finding.text import LONGEST_QUERY, read_query
from catalog.history.diffs import RevisionLines, with_lines
from catalog.models import Catalog, Entry, SectionPath, Tag
from catalog.outline import Outline
from catalog.published import conditional, published, reads, site_of
from catalog.rendering import without_separator
from catalog.sql.pages import newest_rows

ITEMS = 50
NEWEST = 1000
"""Entries that the new ones of a search are chosen among."""
NAMES = 3
"""Entries that the title of a change names."""

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML cannot hold."""

_NEVER = datetime.fromtimestamp(0, UTC)

type Items = list[dict[str, Any]]
"""What `Atom1Feed.add_item` takes."""


class Feed(Atom1Feed):
    """An Atom feed whose date is that of its news, and whose links lead to this site."""

    def root_attributes(self) -> dict[str, str]:
        """Relative links in descriptions are as on the page."""
        return {**super().root_attributes(), "xml:base": self.feed["link"]}

    def latest_post_date(self) -> datetime:
        """Return when the newest item changed; the list's first day while there is none."""
        changed = [item["updateddate"] for item in self.items]
        latest: datetime = max(changed, default=self.feed["founded"])
        return latest


@published
@reads()
def catalog_feed(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """New entries of the list."""
    items = _items(request, [row.pk for row in newest_rows(catalog.pk, ITEMS)])
    return _feed(request, catalog, "", catalog.get_absolute_url(), items)


@published
@reads()
def section_feed(request: HttpRequest, catalog: Catalog, path: str) -> HttpResponseBase:
    """New entries of a section and what is below it; a renamed one redirects."""
    section = Outline(catalog).find(path)
    if section is None:
        former = get_object_or_404(
            SectionPath.objects.select_related("section__catalog"),
            catalog=catalog,
            path=path,
        )
        if former.section is None:
            raise Http404
        return redirect(f"{former.section.get_absolute_url()}feed.atom", permanent=True)
    query = EntryQuery(catalog.pk, sections=(section.pk,))
    items = _items(request, newest_of(catalog, ITEMS, query))
    return _feed(request, catalog, section.title, section.address, items)


@published
@reads()
def tag_feed(request: HttpRequest, catalog: Catalog, facet: str, value: str) -> HttpResponseBase:
    """New entries with a tag; other spellings redirect to it."""
    tag = Tag.objects.called(catalog, facet, value)
    if tag is None:
        raise Http404
    if tag.slug != value:
        return redirect("catalog:tag-feed", catalog.slug, facet, tag.slug, permanent=True)
    query = EntryQuery(catalog.pk, tags=((tag.pk,),))
    items = _items(request, newest_of(catalog, ITEMS, query))
    address = reverse("catalog:tag-detail", args=[catalog.slug, facet, value])
    return _feed(request, catalog, f"{tag.facet.name}: {tag.name}", address, items)


@published
@reads()
def change_feed(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """Serve the feed of changes: additions, edits, moves and removals, one item a revision."""
    revisions = with_lines(catalog, catalog.revisions.news().newest_first()[:ITEMS])
    items: Items = []
    for lines in revisions:
        revision = lines.revision
        address = reverse("catalog:change-detail", args=[catalog.slug, revision.number])
        link = request.build_absolute_uri(address)
        item = {
            "title": _change_title(lines),
            "link": link,
            "unique_id": link,
            "description": revision.note,
            "author_name": revision.credit or revision.actor_name,
            "pubdate": revision.created_at,
            "updateddate": revision.created_at,
        }
        items.append(item)
    address = reverse("catalog:change-list", args=[catalog.slug])
    return _feed(request, catalog, _("Changes"), address, items)


def _change_title(lines: RevisionLines) -> str:
    named = [line.change.entry_name for line in lines.changes if line.change.entry_name]
    names = list(dict.fromkeys(named))
    shown = ", ".join(names[:NAMES]) + (", …" if len(names) > NAMES else "")
    return ": ".join(filter(None, [lines.revision.get_verb_display(), shown]))


@published
@reads(*Selection.PARAMETERS)
def browse_feed(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """New entries among those with the words and tags of an address of the browse page."""
    selection = Selection.of(request.GET, catalog)
    items = _items(request, newest_of(catalog, ITEMS, selection.entry_query(catalog)))
    chosen = [selection.text, *(tag.name for tag in selection.tags)]
    if selection.section:
        chosen.append(selection.section.title)
    address = reverse("catalog:browse", args=[catalog.slug]) + selection.query()
    title = ", ".join(filter(None, chosen))
    return _unlisted(_feed(request, catalog, title, address, items))


@require_safe
@reads("q")
def search_feed(request: HttpRequest) -> HttpResponseBase:
    """New entries of all lists among those that a search finds."""
    query = request.GET.get("q", "").replace("\0", " ").strip()[:LONGEST_QUERY]

    def respond(catalogs: list[Catalog]) -> HttpResponse:
        keys = Entries(EntryQuery(words=read_query(query))).keys
        # Keys rise, so that what is new is among the last.
        last = (keys or BitMap())[-NEWEST:]
        new = Entry.objects.published().filter(pk__in=list(last), created_revision__gt=1)
        ordered = new.order_by("-created_at", "pk").values_list("pk", flat=True)
        items = _items(request, list(ordered[:ITEMS]))
        address = reverse("catalog:search") + (f"?{urlencode({'q': query})}" if query else "")
        return _unlisted(_feed(request, catalogs, query, address, items))

    return conditional(request, "", respond)


def _unlisted(response: HttpResponse) -> HttpResponse:
    """There are more feeds of this kind than any search engine should ask for."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _items(request: HttpRequest, pks: Sequence[int]) -> Items:
    """The entries, in this order."""
    fields = (
        "pk", "catalog__slug", "name", "slug", "html", "description_html", "created_at",
        "updated_at",
    )  # fmt: skip
    items: Items = []
    # Put together here: to ask for a hundred addresses takes a quarter of the feed's time.
    home = site_of(request) + reverse("catalog:catalog-list")
    rows = {row[0]: row for row in Entry.objects.filter(pk__in=pks).values_list(*fields)}
    for row in [rows[pk] for pk in pks if pk in rows]:
        pk, catalog, name, slug, html, description, created_at, updated_at = row
        by_id = f"{home}{catalog}/entries/{pk}"
        item = {
            "title": name,
            "link": f"{by_id}-{quote(slug)}/",
            "unique_id": f"{by_id}/",
            "description": without_separator(description) or html,
            "pubdate": created_at,
            "updateddate": updated_at,
        }
        items.append(item)
    return items


def _feed(
    request: HttpRequest,
    source: Catalog | list[Catalog],
    title: str,
    address: str,
    items: Items,
) -> HttpResponse:
    """The feed of the page at `address`, about a catalog or about the whole site."""
    if isinstance(source, Catalog):
        name, description, founded = source.title, source.description, source.created_at
    else:
        name, description = settings.SITE_NAME, _("Search")
        founded = max((catalog.created_at for catalog in source), default=_NEVER)
    here = request.get_full_path() if request.GET else request.path
    feed = Feed(
        title=_clean(" · ".join(filter(None, [title, name]))),
        link=request.build_absolute_uri(address),
        description=_clean(description),
        subtitle=_clean(description),
        feed_url=request.build_absolute_uri(here),
        author_name=_clean(name),
        language=get_language(),
        founded=founded,
    )
    for item in items:
        cleaned: dict[str, Any]
        cleaned = {k: _clean(v) if isinstance(v, str) else v for k, v in item.items()}
        feed.add_item(**cleaned)
    text = feed.writeString("utf-8")
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")


def _clean(text: str) -> str:
    return NOT_XML.sub("", text)
