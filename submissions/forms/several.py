"""Several entries at once: what was pasted, one entry a line, and a small form for each."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy

from catalog import markdown
from catalog.markdown.links import host_of
from catalog.models import Listing
from submissions.choices import Kind
from submissions.forms.contribution import ContributionForm
from submissions.forms.entry import SuggestForm
from submissions.forms.texts import TypedText
from submissions.proposal import Proposal
from submissions.protection.caps import MOST_AT_ONCE

_MARKER = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")


class SeveralForm(ContributionForm):
    """What was pasted, and who sends it."""

    kind = Kind.ADD

    pasted = TypedText(
        label=gettext_lazy("One entry a line"),
        rows=6,
        help_text=gettext_lazy(
            "An address, or a line of markdown such as [Name](https://example.org) - What it is."
        ),
    )

    def proposal(self) -> Proposal:
        raise TypeError("each entry has a form of its own")

    def unsaid(self) -> dict[str, str]:
        return {}

    def read(self, listing: Listing) -> list[dict[str, str]]:
        """The entries that were pasted, as values of their forms; what is none is left out."""
        lines = self.cleaned_data.get("pasted", "").split("\n")
        cards = [_read(line, listing) for line in lines if line.strip()]
        return [values for values in cards if values][:MOST_AT_ONCE]


class CardForm(SuggestForm):
    """One of several entries; who sends them is asked once for all."""

    def make_fields(self) -> None:
        super().make_fields()
        for name in ("new_section", "tags", *self.PERSON):
            self.fields.pop(name, None)

    def _ask_whom(self, user: Any) -> None:
        return

    @property
    def number(self) -> int:
        """Which of them it is."""
        return int((self.prefix or "e0").removeprefix("e"))


def _read(line: str, listing: Listing) -> dict[str, str]:
    """The entry of a line: an item of a list, or an address alone."""
    text = _MARKER.sub("", line, count=1).strip()
    entries = markdown.parse(f"- {text}\n").entries
    name, url, description = text, "", ""
    if entries:
        name, url, description = entries[0].name, entries[0].url, entries[0].description
    elif "://" in text:
        url = text.split()[0]
    if url and url.rstrip("/").removesuffix(".git").endswith(name.strip("<>/ ")):
        name = _called(url)
    values = {"name": name, "url": url, "description": description}
    column = listing.description_column
    if listing.kind == Listing.Kind.TABLE:
        values.pop("description")
        if column is not None:
            values[f"cell-{column}"] = description
    return values if any(values.values()) else {}


def _called(url: str) -> str:
    """A first guess at a name: the last part of the path, else the host."""
    path = url.partition("://")[2].partition("?")[0].partition("#")[0].strip("/")
    last = path.rpartition("/")[2].removesuffix(".git")
    return last if "/" in path else host_of(url)
