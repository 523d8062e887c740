"""Several entries at once: what was pasted, one entry a line, and a small form for each."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy

from catalog import markdown
from catalog.markdown.links import host_of
from catalog.models import Column, Listing
from submissions.choices import Kind
from submissions.completeness import lists_links
from submissions.forms.contribution import ContributionForm
from submissions.forms.entry import SuggestForm
from submissions.forms.texts import TypedText
from submissions.proposal import Proposal

_RULER = re.compile(r"\|[\s:|-]*-[\s:|-]*")
_MARKER = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")


class Pasted(NamedTuple):
    """A parsed paste: values of forms, and lines that were not taken."""

    cards: list[dict[str, str]]
    left: list[str]


class SeveralForm(ContributionForm):
    """The form of a paste: its text, and the sender."""

    kind = Kind.ADD

    pasted = TypedText(
        label=gettext_lazy("One entry per line"),
        rows=6,
        help_text=gettext_lazy(
            "A link, a line of markdown such as [Name](https://example.org) - What "
            "it is, or a row of the table."
        ),
    )

    def proposal(self) -> Proposal:
        raise TypeError("each entry has a form of its own")

    def lacking(self) -> dict[str, str]:
        return {}

    def read(self, listing: Listing, most: int) -> Pasted:
        """The entries that were pasted, as values of their forms, at most so many.

        Where the entries of the listing are links, lines without one are left over.
        """
        needs_link = lists_links(listing)
        lines = [line for line in self.cleaned_data.get("pasted", "").split("\n") if line.strip()]
        headers = _headers(listing)
        cards: list[dict[str, str]] = []
        left: list[str] = []
        for line in lines:
            values = _read(line, listing, headers)
            if not values:
                continue
            if len(cards) == most or (needs_link and not values["url"]):
                left.append(line)
            else:
                cards.append(values)
        return Pasted(cards, left)


class CardForm(SuggestForm):
    """One of several entries; who sends them is asked once for all."""

    has_values = False

    def make_fields(self) -> None:
        super().make_fields()
        for name in ("new_section", "tags", *self.PERSON):
            self.fields.pop(name, None)

    def _ask_whom(self, user: Any) -> None:
        return

    @property
    def number(self) -> int:
        """Return the card's number."""
        return int((self.prefix or "e0").removeprefix("e"))


def _headers(listing: Listing) -> list[str]:
    """The headers of a table's columns in their order; none of a list."""
    if listing.kind != Listing.Kind.TABLE:
        return []
    rows = Column.objects.filter(catalog=listing.catalog_id, key__in=listing.columns)
    headers = dict(rows.values_list("key", "header"))
    return [headers.get(key, key) for key in listing.columns]


def _read(line: str, listing: Listing, headers: list[str]) -> dict[str, str]:
    """The entry of a line: a row of the table, an item, or an address alone; {} for none."""
    if headers and line.strip().startswith("|"):
        return _row(line.strip(), listing, headers)
    text = _MARKER.sub("", line, count=1).strip()
    entries = markdown.parse(f"- {text}\n").entries
    name, url, description = text, "", ""
    if entries:
        name, url, description = entries[0].name, entries[0].url, entries[0].description
    elif "://" in text:
        url = text.split()[0]
    bare, called = url.rstrip("/").removesuffix(".git"), name.strip("<>/ ")
    if "](" not in text:
        bare, called = bare.casefold(), called.casefold()
    if url and bare.endswith(called):
        # Nothing but the address was written.
        name = _called(url)
    values = {"name": name, "url": url, "description": description}
    column = listing.description_column
    if listing.kind == Listing.Kind.TABLE:
        values.pop("description")
        if column is not None:
            values[f"cell-{column}"] = description
    return values if any(values.values()) else {}


def _row(line: str, listing: Listing, headers: list[str]) -> dict[str, str]:
    """A row of the listing's own table, cell by cell; {} for its header and the line below."""
    own = listing.name_column or 0
    # Under headers that say nothing the cells are read as they are written.
    ruler = f"|{' a |' * len(headers)}\n|{' --- |' * len(headers)}\n"
    entries = markdown.parse(f"{ruler}{line}\n").entries
    if _RULER.fullmatch(line) or not entries:
        return {}
    cells = [cell.text.strip() for cell in entries[0].cells]
    if [cell.casefold() for cell in cells] == [header.casefold() for header in headers]:
        return {}
    values = {f"cell-{number}": cell for number, cell in enumerate(cells) if number != own and cell}
    name = cells[own] if own < len(cells) else ""
    named = markdown.parse(f"- {name}\n").entries
    url = named[0].url if named else ""
    return {"name": named[0].name if url else name, "url": url, **values}


def _called(url: str) -> str:
    """A first guess at a name: the last part of the path, else the host."""
    path = url.partition("://")[2].partition("?")[0].partition("#")[0].strip("/")
    last = path.rpartition("/")[2].removesuffix(".git")
    return last if "/" in path else host_of(url)
