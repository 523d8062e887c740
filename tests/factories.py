"""Rows for tests, as an import would leave them: sources, projections and counts agree.

Everything is appended to the end of the list. Cells and items are written in markdown of which
only `[text](url)` is understood; entries take their name and address from the first link.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.html import escape

from catalog.finding.indexing import index_entries
from catalog.history.revisions import Author, commit_revision
from catalog.models import (
    POSITION_GAP,
    Block,
    Catalog,
    Change,
    Column,
    Entry,
    EntryTag,
    Facet,
    Link,
    Listing,
    Revision,
    Section,
    Tag,
)
from catalog.rendering import cells_html, headers
from catalog.slugs import slugify
from catalog.store.projection import header_of

LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]*)\)")


def inline_html(markdown: str) -> str:
    """The markdown as the sanitiser would leave it."""
    return LINK.sub(
        r'<a href="\2" rel="nofollow noopener ugc">\1</a>', escape(markdown).replace("&#x27;", "'")
    )


def make_catalog(slug: str = "tools", title: str = "Tools", **fields: Any) -> Catalog:
    """A catalog at its first revision, without a line."""
    catalog = Catalog.objects.create(
        slug=slug,
        title=title,
        **{
            "source_url": f"https://github.com/example/{slug}",
            "license": "CC0-1.0",
            "license_url": "https://creativecommons.org/publicdomain/zero/1.0/",
            "language": "en",
            "revision": 1,
            **fields,
        },
    )
    Revision.objects.create(
        catalog=catalog, number=1, verb=Revision.Verb.IMPORT, created_at=timezone.now()
    )
    return catalog


def make_block(catalog: Catalog, kind: Block.Kind, source: str, **fields: Any) -> Block:
    """Lines at the end of the list."""
    catalog.refresh_from_db(fields=["next_uid"])
    last = Block.objects.filter(catalog=catalog).aggregate(last=Max("position"))["last"] or 0
    block = Block.objects.create(
        catalog=catalog,
        uid=catalog.next_uid,
        position=last + POSITION_GAP,
        kind=kind,
        source=source,
        **fields,
    )
    catalog.next_uid += 1
    catalog.save(update_fields=["next_uid", "updated_at"])
    return block


def make_gap(catalog: Catalog, section: Section | None = None) -> Block:
    """A blank line."""
    return make_block(catalog, Block.Kind.GAP, "\n", section=section)


def make_section(
    catalog: Catalog, title: str, *, parent: Section | None = None, is_title: bool = False
) -> Section:
    """A section that starts with its heading; a list's own title is on level 1, others below."""
    level = parent.level + 1 if parent else 1 if is_title else 2
    segment = slugify(title)
    block = make_block(catalog, Block.Kind.HEADING, f"{'#' * level} {title}\n", html=escape(title))
    section = Section.objects.create(
        catalog=catalog,
        parent=parent,
        title=title,
        level=level,
        anchor=segment,
        path=f"{parent.path}/{segment}" if parent else segment,
        position=block.position,
        is_title=is_title,
    )
    block.section = section
    block.save(update_fields=["section"])
    make_gap(catalog, section)
    return section


def make_prose(catalog: Catalog, text: str, section: Section | None = None) -> Block:
    """A paragraph and the blank line after it."""
    html = f"<p>{inline_html(text)}</p>"
    block = make_block(catalog, Block.Kind.PARAGRAPH, f"{text}\n", section=section, html=html)
    make_gap(catalog, section)
    return block


def make_listing(
    catalog: Catalog, kind: Listing.Kind, section: Section | None, **fields: Any
) -> Listing:
    """A place for entries, behind what stands already."""
    last = Block.objects.filter(catalog=catalog).aggregate(last=Max("position"))["last"] or 0
    return Listing.objects.create(
        catalog=catalog,
        section=section,
        kind=kind,
        ordinal=Listing.objects.filter(catalog=catalog, section=section).count() + 1,
        position=last + POSITION_GAP,
        **fields,
    )


def make_table(
    catalog: Catalog,
    section: Section | None,
    header: Sequence[str],
    rows: Sequence[Sequence[str]] = (),
    *,
    name_column: str = "name",
) -> Listing:
    """A table with its rows; the column called `name_column` holds the names."""
    keys = [cell.casefold() for cell in header]
    for key, cell in zip(keys, header, strict=True):
        role = Column.Role.NAME if key == name_column else Column.Role.TEXT
        Column.objects.get_or_create(
            catalog=catalog, key=key, defaults={"header": cell, "guessed_role": role}
        )
    listing = make_listing(catalog, Listing.Kind.TABLE, section, columns=keys)
    where = {"section": section, "listing": listing}
    make_block(catalog, Block.Kind.TABLE_HEADER, f"| {' | '.join(header)} |\n", **where)
    delimiters = " | ".join("---" for _ in header)
    make_block(catalog, Block.Kind.DELIMITER_ROW, f"| {delimiters} |\n", **where)
    for row in rows:
        make_row(listing, row)
    return listing


def make_row(listing: Listing, cells: Sequence[str], **fields: Any) -> Entry:
    """A table row and its entry."""
    values = [{"text": cell, "html": inline_html(cell)} for cell in cells]
    known = {column.key: header_of(column) for column in listing.catalog.columns.all()}
    block = make_block(
        listing.catalog,
        Block.Kind.TABLE_ROW,
        f"| {' | '.join(cells)} |\n",
        section=listing.section,
        listing=listing,
        html=cells_html([value["html"] for value in values], headers(listing.columns, known)),
    )
    return make_entry(block, " ".join(cells), cells=values, **fields)


def make_list(
    catalog: Catalog, section: Section | None, items: Sequence[str] = (), **fields: Any
) -> Listing:
    """A bulleted list with its items."""
    listing = make_listing(catalog, Listing.Kind.LIST, section, **fields)
    for item in items:
        make_item(listing, item)
    return listing


def make_item(listing: Listing, text: str, *, parent: Block | None = None, **fields: Any) -> Block:
    """A list item; with a link in it an entry, otherwise a label."""
    depth = parent.depth + 1 if parent else 1
    is_entry = LINK.search(text) is not None
    block = make_block(
        listing.catalog,
        Block.Kind.ITEM,
        f"{'  ' * (depth - 1)}- {text}\n",
        section=listing.section,
        listing=listing,
        parent=parent,
        depth=depth,
        html="" if is_entry else inline_html(text),
    )
    if is_entry:
        make_entry(block, text, **fields)
    return block


def make_entry(block: Block, text: str, **fields: Any) -> Entry:
    """The entry of a block, with its links, counted in its section, listing and catalog."""
    links = LINK.findall(text)
    name, url = links[0] if links else (text, "")
    now = timezone.now()
    if block.catalog.revision == 1:
        # As all that came with the list.
        now = block.catalog.revisions.get(number=1).created_at
    entry = Entry.objects.create(
        catalog=block.catalog,
        block=block,
        section=block.section,
        listing=block.listing,
        position=block.position,
        **{
            "name": name,
            "url": url,
            "canonical_url": url.removeprefix("https://").rstrip("/"),
            "html": inline_html(text),
            "slug": slugify(name) or "entry",
            "created_revision": block.catalog.revision,
            "updated_revision": block.catalog.revision,
            "created_at": now,
            "updated_at": now,
            **fields,
        },
    )
    make_links(block, entry, links)
    if entry.state == Entry.State.PUBLISHED:
        count_entry(entry, 1)
    index_entries([entry.pk], entry.catalog)
    return entry


def make_links(block: Block, entry: Entry, links: Sequence[tuple[str, str]]) -> None:
    """The links of an entry, in order."""
    for ordinal, (text, url) in enumerate(links):
        host = urlsplit(url).hostname or ""
        is_code = host == "github.com"
        Link.objects.create(
            catalog=entry.catalog,
            block=block,
            entry=entry,
            ordinal=ordinal,
            text=text,
            url=url,
            canonical_url=url.removeprefix("https://").rstrip("/"),
            host=host,
            kind=Link.Kind.REPOSITORY if is_code else Link.Kind.SITE,
        )


def count_entry(entry: Entry, step: int) -> None:
    """Add `step` to the counts of everything the entry stands in."""
    Catalog.objects.filter(pk=entry.catalog_id).update(entry_count=F("entry_count") + step)
    if entry.listing_id:
        Listing.objects.filter(pk=entry.listing_id).update(entry_count=F("entry_count") + step)
    section = entry.section
    while section:
        Section.objects.filter(pk=section.pk).update(entry_count=F("entry_count") + step)
        section = section.parent


def make_tag(catalog: Catalog, facet: str, value: str, entries: Sequence[Entry] = ()) -> Tag:
    """A tag of a facet, on some entries."""
    row, _ = Facet.objects.get_or_create(
        catalog=catalog, slug=slugify(facet), defaults={"name": facet}
    )
    tag: Tag
    tag, _ = Tag.objects.get_or_create(facet=row, slug=slugify(value), defaults={"name": value})
    for entry in entries:
        EntryTag.objects.create(content_object=entry, tag=tag)
    tag.entry_count = EntryTag.objects.filter(tag=tag).count()
    tag.save(update_fields=["entry_count"])
    index_entries([entry.pk for entry in entries], catalog)
    return tag


def change_entry(entry: Entry, source: str, *, credit: str = "") -> Revision:
    """Give the entry's block other lines, as its own revision; the fields stay as they are."""
    block = entry.block
    assert block is not None
    change = Change(
        op=Change.Op.REPLACE,
        uid=block.uid,
        before=block.source,
        after=source,
        entry_id=entry.pk,
        entry_name=entry.name,
    )
    block.source = source
    block.save(update_fields=["source"])
    return make_revision(entry.catalog, Revision.Verb.CHANGE, [change], credit=credit)


def remove_entry(entry: Entry, *, credit: str = "", note: str = "") -> Revision:
    """Take the entry off the list, as its own revision."""
    block = entry.block
    assert block is not None
    change = Change(
        op=Change.Op.DELETE,
        uid=block.uid,
        before_after_uid=0,
        before=block.source,
        entry_id=entry.pk,
        entry_name=entry.name,
    )
    count_entry(entry, -1)
    entry.block = None
    entry.state = Entry.State.REMOVED
    entry.removed_at = timezone.now()
    entry.save()
    block.delete()
    index_entries([entry.pk], entry.catalog)
    return make_revision(entry.catalog, Revision.Verb.REMOVE, [change], credit=credit, note=note)


def make_revision(
    catalog: Catalog,
    verb: Revision.Verb,
    changes: Sequence[Change] = (),
    *,
    credit: str = "",
    note: str = "",
) -> Revision:
    """The next revision of the catalog."""
    catalog.refresh_from_db()
    with transaction.atomic():
        return commit_revision(
            catalog=catalog, verb=verb, by=Author(credit=credit, note=note), changes=changes
        )
