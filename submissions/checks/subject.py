"""The subject of the checks: a proposal on its entry and its listing, read once for all rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.urls import reverse

from catalog import markdown
from catalog.finding.suggesting import Candidate, candidates
from catalog.markdown.inline import plain_text
from catalog.markdown.links import host_of, repository_of
from catalog.markdown.nodes import Link
from catalog.models import Catalog, Column, Entry, Listing
from catalog.sql.prepared import Prepared
from submissions.choices import Action, Kind
from submissions.models import ContributionPolicy, Submission
from submissions.proposal import Base, Proposal

NEIGHBOURS = 200
"""Entries of the listing that style is judged by; in a longer one the first."""
FEW = 5
"""Fewer neighbours have no common style; as in `markdown.linting`."""
_BY_HTTPS = """
arxiv.org bitbucket.org codeberg.org crates.io discord.com discord.gg doi.org en.wikipedia.org
facebook.com gist.github.com gitee.com github.com gitlab.com hf.co huggingface.co instagram.com
kaggle.com linkedin.com mastodon.social medium.com nodejs.org npmjs.com openreview.net
packagist.org pypi.org python.org readthedocs.io reddit.com rubygems.org slack.com
stackoverflow.com t.me twitch.tv twitter.com wikipedia.org x.com youtu.be youtube.com zenodo.org
zhihu.com
"""
HTTPS_HOSTS = frozenset(_BY_HTTPS.split())
"""Hosts that answer by https only; of others the list itself has to show it."""
_MOST_HOSTS = 3
"""Hosts of one proposal that are looked up in the list."""


class Neighbour(NamedTuple):
    """An entry of the same listing."""

    pk: int
    name: str
    url: str
    description: str
    position: int


COLUMNS = Prepared(
    lambda catalog, *keys: Column.objects.filter(catalog=catalog, key__in=keys).order_by()
)
_NEIGHBOURS = Prepared(
    lambda listing: (
        Entry.objects.published()
        .filter(listing=listing)
        .in_reading_order()
        .values_list(*Neighbour._fields)[: NEIGHBOURS + 1]
    )
)


class Place(NamedTuple):
    """A link in one of the fields."""

    field: str
    link: Link


@dataclass(frozen=True)
class Subject:
    """A proposal and what it is about. `listing` is where the entry will stand."""

    proposal: Proposal
    catalog: Catalog
    listing: Listing | None
    entry: Entry | None
    base: Base
    policy: ContributionPolicy
    submission: Submission | None = None

    @cached_property
    def changed(self) -> dict[str, str]:
        """The texts that differ from what stands, by field. Nothing else is judged."""
        proposal = self.proposal
        if proposal.action == Action.REPLACE_URL:
            return {"replacement_url": proposal.replacement_url}
        if proposal.kind == Kind.ADD:
            return {"name": "", **proposal.changed} if not self.cell_of_name else proposal.changed
        if proposal.kind not in {Kind.EDIT, Kind.MOVE}:
            return {}
        return {
            name: text
            for name, text in proposal.changed.items()
            if text.strip() != self.base.text_of(name).strip()
        }

    @property
    def is_addition(self) -> bool:
        """Whether all of it is new."""
        return self.proposal.kind == Kind.ADD

    # Fields

    @property
    def is_table(self) -> bool:
        """Whether the entry is a row."""
        return self.listing is not None and self.listing.kind == Listing.Kind.TABLE

    @property
    def cell_of_name(self) -> str:
        """The cell that is proposed as name and link at once, '' if none is."""
        if not self.is_table or self.listing is None:
            return ""
        number = self.listing.name_column
        return f"cell-{number}" if number in self.proposal.cells else ""

    @property
    def name_field(self) -> str:
        """Return the field with the name."""
        return self.cell_of_name or "name"

    @property
    def url_field(self) -> str:
        """Return the field with the address."""
        if self.proposal.action == Action.REPLACE_URL:
            return "replacement_url"
        return "url" if self.proposal.url is not None else self.cell_of_name or "url"

    @property
    def description_field(self) -> str:
        """Return the field with the description."""
        if self.is_table and self.listing and self.proposal.description is None:
            column = self.listing.description_column
            if column is not None:
                return f"cell-{column}"
        return "description"

    @cached_property
    def name(self) -> str:
        """The name as it will be, plain text."""
        if self.cell_of_name:
            return self._read_cell.name if self._read_cell else plain_text(self._cell)
        return self.base.name if self.proposal.name is None else self.proposal.name.strip()

    @cached_property
    def url(self) -> str:
        """The address as it will be."""
        if self.proposal.action == Action.REPLACE_URL:
            return self.proposal.replacement_url.strip()
        if self.proposal.url is not None:
            return self.proposal.url.strip()
        if self.cell_of_name:
            return self._read_cell.url if self._read_cell else ""
        return self.base.url

    @property
    def has_new_url(self) -> bool:
        """Whether the address is another than before."""
        return bool(self.url) and self.url != self.base.url

    @property
    def has_new_name(self) -> bool:
        """Whether the name is another than before."""
        return bool(self.name) and self.name != self.base.name

    @cached_property
    def description(self) -> str:
        """The description as it will be if it is changed, else ''; inline markdown."""
        return self.changed.get(self.description_field, "").strip()

    @property
    def _cell(self) -> str:
        number = int(self.cell_of_name.removeprefix("cell-"))
        return " ".join(self.proposal.cells[number].split())

    @cached_property
    def _read_cell(self) -> markdown.Entry | None:
        """The cell as an item of a list would be read, which has a name and a link too."""
        entries = markdown.parse(f"- {self._cell}\n").entries
        return entries[0] if entries else None

    @cached_property
    def markdown_fields(self) -> dict[str, str]:
        """The changed fields that are inline markdown."""
        plain = {"name", "url", "replacement_url"}
        return {field: text for field, text in self.changed.items() if field not in plain}

    @cached_property
    def links(self) -> list[Place]:
        """The links in changed markdown."""
        return [Place(field, link) for field, link in self._links()]

    def _links(self) -> Iterator[tuple[str, Link]]:
        for field, text in self.markdown_fields.items():
            if "[" in text or "://" in text or "<" in text or "www." in text:
                line = " ".join(text.split())
                for block in markdown.parse(f"\u00a0{line}\n").blocks:
                    yield from ((field, link) for link in block.links)

    # The list

    @cached_property
    def columns(self) -> list[Column | None]:
        """The columns of the table, in order."""
        if not self.is_table or self.listing is None:
            return []
        keys = self.listing.columns
        by_key = {column.key: column for column in COLUMNS.rows(self.catalog.pk, *keys)}
        return [by_key.get(key) for key in keys]

    def label(self, field: str) -> str:
        """Return the label of a field."""
        column = self.column_at(field)
        return column.header if column else field

    def column_at(self, field: str) -> Column | None:
        """The column of a cell; None for other fields."""
        number = field.removeprefix("cell-")
        if number == field or int(number) >= len(self.columns):
            return None
        return self.columns[int(number)]

    @cached_property
    def neighbours(self) -> Sequence[Neighbour]:
        """Published entries of the listing besides the entry itself, in reading order."""
        if self.listing is None:
            return []
        rows = map(Neighbour._make, _NEIGHBOURS.rows(self.listing.pk))
        own = self.entry.pk if self.entry else None
        return [row for row in rows if row.pk != own][:NEIGHBOURS]

    @cached_property
    def new_hosts(self) -> list[str]:
        """Hosts of new addresses of which the list may tell more than is known of them."""
        urls = [self.url] if self.has_new_url else []
        urls += [place.link.url for place in self.links if not is_https(place.link.url)]
        hosts = dict.fromkeys(host_of(url) for url in urls)
        return [host for host in hosts if host and host not in HTTPS_HOSTS][:_MOST_HOSTS]

    @cached_property
    def nearby(self) -> list[Candidate]:
        """Entries to compare with: called alike, of the same repository, or on a new host."""
        repository = repository_of(self.url) if self.has_new_url else ""
        addresses = [*self.new_hosts, *([repository] if repository else [])]
        name = self.name if self.has_new_name else ""
        if not name and not addresses:
            return []
        own = self.entry.pk if self.entry else None
        near = candidates(self.catalog, name=name, addresses=addresses)
        return [candidate for candidate in near if candidate.pk != own]

    @cached_property
    def named_hosts(self) -> set[str]:
        """Hosts that entries nearby lead to."""
        return {host_of(other.url) for other in self.nearby}

    @cached_property
    def https_hosts(self) -> set[str]:
        """Return the hosts that the neighbours reach by https."""
        return {host_of(other.url) for other in self.nearby if is_https(other.url)}

    def address(self, pk: int, slug: str) -> str:
        """The page of an entry of the list."""
        return reverse("catalog:entry-detail", args=[self.catalog.slug, pk, slug])


def is_https(url: str) -> bool:
    """Whether an address is one of https."""
    return url[:8].lower() == "https://"
