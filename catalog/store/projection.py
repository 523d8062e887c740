"""The projection of a document: names, links, cells, HTML.

Everything here is derived from `Block.source` and can be thrown away; `importing/` and
`editing/` write it in the transaction that writes the source, `checking.py` writes it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any
from urllib.parse import quote

from django.urls import get_script_prefix
from pyromark import reference_definitions

from catalog import markdown
from catalog.markdown.fields import Fields, paragraph_end
from catalog.markdown.grouping import item_start
from catalog.markdown.inline import readable
from catalog.markdown.links import canonical_url, host_of, link_kind
from catalog.markdown.nodes import BlockKind
from catalog.markdown.parser import fold_label
from catalog.markdown.tables import row_fields
from catalog.models import Catalog, Column, Entry, Section
from catalog.rendering import Header, header
from catalog.rendering.html import SourceLinks, render_block, render_many
from catalog.slugs import slugify

_PROSE = frozenset(
    {
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.ITEM,
        BlockKind.HTML,
        BlockKind.CODE,
        BlockKind.RULE,
        BlockKind.LINE,
    }
)


@dataclass(slots=True)
class EntryFields:
    """Columns of `Entry` that are derived from its source."""

    name: str
    url: str
    canonical_url: str
    description: str
    is_opaque: bool
    slug: str
    cells: list[dict[str, str]] = field(default_factory=list)
    html: str = ""
    description_html: str = ""

    def items(self) -> list[tuple[str, Any]]:
        """Field names and values."""
        return list(zip(ENTRY_FIELDS, self.values(), strict=True))

    def values(self) -> tuple[Any, ...]:
        """Values in the order of `ENTRY_FIELDS`."""
        return _values_of(self)


ENTRY_FIELDS = tuple(EntryFields.__dataclass_fields__)
_values_of: Callable[[EntryFields], tuple[Any, ...]] = attrgetter(*ENTRY_FIELDS)


def entry_slug(name: str) -> str:
    """The readable part of an entry's address; its id is what counts."""
    return slugify(name, max_length=60) or "entry"


def definitions_in(sources: Iterable[str]) -> dict[str, str]:
    """Destinations by folded label of the reference definitions in these sources."""
    text = "\n".join([readable(source) for source in sources])
    if not text:
        return {}
    definitions = reference_definitions(text)
    return {fold_label(label): target["dest"] for label, target in definitions.items()}


def document_definitions(document: markdown.Document) -> dict[str, str]:
    """Destinations by folded label of a document's reference definitions."""
    return definitions_in(
        [block.source for block in document.blocks if block.kind is BlockKind.DEFINITION]
    )


def section_addresses(catalog: Catalog, sections: Iterable[Section]) -> dict[str, str]:
    """The page of each heading's anchor; '' leads to the list itself."""
    # Not asked of the addresses of the site: a command that writes lists would load every page.
    base = f"{get_script_prefix()}{catalog.slug}/"
    addresses = {"": base}
    for section in sections:
        # The title's own page is the list itself.
        address = base if section.is_title else f"{base}{quote(section.path)}/"
        addresses.setdefault(section.anchor, address)
    return addresses


class SectionAddresses(Mapping[str, str]):
    """The pages of the sections by anchor, read when a link asks for one."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    @cached_property
    def _addresses(self) -> dict[str, str]:
        sections = Section.objects.filter(catalog=self._catalog).in_reading_order()
        return section_addresses(self._catalog, sections.only("anchor", "path"))

    def __getitem__(self, anchor: str) -> str:
        return self._addresses[anchor]

    def __iter__(self) -> Iterator[str]:
        return iter(self._addresses)

    def __len__(self) -> int:
        return len(self._addresses)


class Projection:
    """Derives rows from parsed blocks; one serves one write.

    `addresses` are pages of the site by anchor (`section_addresses`), `definitions`
    destinations by folded label. Costs no query.
    """

    def __init__(
        self, catalog: Catalog, addresses: Mapping[str, str], definitions: Mapping[str, str]
    ) -> None:
        self.catalog = catalog
        self.resolve = SourceLinks(catalog.source_url, addresses)
        self.definitions = definitions

    def entries(
        self, parsed: Sequence[tuple[markdown.Block, markdown.Entry, tuple[int, int | None] | None]]
    ) -> list[EntryFields]:
        """The fields of entries, given their blocks.

        For rows of a table whose columns somebody decided about, the third part says which
        column names them and which describes them; else it is None.
        """
        rows = []
        snippets: list[str] = []
        for block, entry, columns in parsed:
            fields: Fields | markdown.Entry = entry
            if columns is not None:
                fields = row_fields(block.source, entry.cells, block.links, *columns)
            rows.append(
                EntryFields(
                    fields.name,
                    fields.url,
                    canonical_url(fields.url),
                    fields.description,
                    entry.opaque,
                    entry_slug(fields.name),
                    [{"text": cell.text, "html": ""} for cell in entry.cells],
                )
            )
            snippets += [cell.text for cell in entry.cells]
            snippets.append(fields.description)
            snippets.append(_inline_content(block) or "")
        rendered = iter(render_many(snippets, self.resolve, self.definitions))
        for row, (block, entry, _columns) in zip(rows, parsed, strict=True):
            for cell in row.cells:
                cell["html"] = next(rendered)
            row.description_html = next(rendered)
            row.html = next(rendered)
            if not entry.cells and not row.html:
                row.html = self.prose(block)
        return rows

    def prose(self, block: markdown.Block) -> str:
        """The HTML of a block that is no entry, '' for what no reader sees."""
        if block.kind not in _PROSE:
            return ""
        return render_block(block.source, block.kind, self.resolve, self.definitions)


def table_columns(listing: markdown.Listing, columns: Sequence[Column]) -> tuple[int, int | None]:
    """Indexes of a table's name and description column.

    What the codec read off the table, unless a maintainer decided about one of its columns. What is
    decided for the section of the table comes before what is for all tables.
    """
    name, description = listing.name_column, listing.description_column
    roles = [column.role for column in columns]
    if listing.is_name_decided:
        pass
    elif Column.Role.NAME in roles:
        name = roles.index(Column.Role.NAME)
    elif name < len(roles) and roles[name]:
        # It was decided to be something else: the next best is what other tables call a name.
        guesses = [column.effective_role for column in columns]
        name = guesses.index(Column.Role.NAME) if Column.Role.NAME in guesses else name
    if listing.is_description_decided:
        pass
    elif Column.Role.DESCRIPTION in roles:
        description = roles.index(Column.Role.DESCRIPTION)
    elif description is not None and description < len(roles) and roles[description]:
        description = None
    return name, None if description == name else description


def header_of(column: Column) -> Header:
    """Return what the pages of a table need to know of a column."""
    return header(column.header, is_name=column.effective_role == Column.Role.NAME)


def _inline_content(block: markdown.Block) -> str | None:
    """The inline markdown of an item or line of one paragraph; None if there is more to it."""
    source = block.source
    if block.parts:
        return None
    if block.kind is BlockKind.ITEM:
        start = item_start(source)
        end = paragraph_end(source, start)
        return source[start:end] if end == len(source.rstrip()) else None
    if block.kind is BlockKind.LINE:
        return source.rstrip().removesuffix("\\")
    return None


LINK_FIELDS = (
    "catalog_id",
    "block_id",
    "entry_id",
    "ordinal",
    "text",
    "url",
    "canonical_url",
    "host",
    "kind",
)


def link_values(links: Sequence[markdown.Link]) -> list[tuple[Any, ...]]:
    """What a block's links say: the values of `LINK_FIELDS` behind list, block and entry."""
    rows = []
    for ordinal, link in enumerate(links):
        url = link.url
        text = " ".join((link.purpose or link.text).split())
        kind, host = link_kind(url), host_of(url)[:255]
        rows.append((ordinal, text, url, canonical_url(url), host, kind))
    return rows


_PUBLISHED, _SUGGESTED = Entry.State.PUBLISHED.value, Entry.State.SUGGESTED.value


def living_state(entry: markdown.Entry, decision: str) -> str:
    """Whether an entry is shown: what the source suggests, unless a maintainer decided."""
    if decision == Entry.Decision.CONFIRMED:
        return _PUBLISHED
    if entry.suggested or decision == Entry.Decision.DISMISSED:
        return _SUGGESTED
    return _PUBLISHED
