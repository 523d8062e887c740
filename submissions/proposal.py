"""The typed content of a submission, and what it was based on; both to JSON and back.

Nothing here reads the database. What comes in from outside goes through `from_json`, which
refuses what it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext as _

from catalog.errors import InvalidField
from catalog.markdown.links import canonical_url
from submissions.choices import Action, Kind, Report

if TYPE_CHECKING:
    from catalog.models import Catalog, Entry, Listing

MAX_TEXT = 20_000
"""Characters of any one text; a bound for the database, far beyond what a list's style allows."""


def checked_text(name: str, value: object, limit: int = MAX_TEXT) -> str:
    """The value, if it is a text that every database can hold. Raises `InvalidField`."""
    if not isinstance(value, str):
        raise InvalidField(name, _("This must be text."))
    if len(value) > limit:
        raise InvalidField(
            name, _("At most %(limit)d characters are allowed here.") % {"limit": limit}
        )
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidField(name, _("This text has a character that cannot be stored."))
    return value


@dataclass(frozen=True, slots=True)
class Proposal:
    """The content of a submission: kind and fields. None, and what is not among `cells`, is not
    touched.

    - `cells`: inline markdown by column of the listing, from 0, as `catalog.editing.entries`
      takes them.
    - `add_tags`, `remove_tags`: `facet:value`, by their addresses; a value that the facet does
      not have yet is made.
    - `after`: the key of the entry that it goes behind; `first`: to the front; neither: where its
      name belongs in a sorted listing, else to the end.
    - `target`: the key of the listing that a `move` goes to, None for its own; `placing`: which
      column takes the cells that have no place there, None to drop them.
    - `new_section`: the title of a section that an addition begins: behind that of its listing and
      written like it, else at the end of the list.
    - `report`, `evidence`: what is wrong; `action`, `replacement_url`: what to do about it.
    - `reason`: why. Required of a removal; lets a repeated address pass.
    - `source`: the entry's lines as a version of the file has them, written so where they say
      what the fields do; of an edit without fields they are all that it proposes.
    - `block`, `lines`: what the file has ('' for nothing) instead of a block here, by its uid;
      `behind`: the block that it stands behind there, should it be gone here.
    """

    kind: Kind
    name: str | None = None
    url: str | None = None
    description: str | None = None
    cells: Mapping[int, str] = field(default_factory=dict)
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    after: int | None = None
    first: bool = False
    target: int | None = None
    placing: Mapping[int, int | None] = field(default_factory=dict)
    new_section: str = ""
    report: Report | None = None
    evidence: str = ""
    action: Action = Action.NONE
    replacement_url: str = ""
    reason: str = ""
    source: str = ""
    block: int = 0
    lines: str | None = None
    behind: int = 0

    @property
    def changed(self) -> dict[str, str]:
        """The texts that are proposed, by field: `name`, `url`, `description`, `cell-0` …"""
        texts = {name: getattr(self, name) for name in ("name", "url", "description", "lines")}
        texts |= {f"cell-{number}": text for number, text in sorted(self.cells.items())}
        return {name: text for name, text in texts.items() if text is not None}

    @property
    def canonical_url(self) -> str:
        """The proposed address for comparing; '' when none is proposed."""
        return canonical_url(self.url or self.replacement_url)

    def with_action(self) -> Proposal:
        """A report with what its submitter asks for: another address, or whatever is right."""
        if self.kind != Kind.REPORT:
            return self
        action = Action.REPLACE_URL if self.replacement_url.strip() else Action.NONE
        return replace(self, action=action)

    def to_json(self) -> dict[str, Any]:
        """Return plain data; fields with their default are left out."""
        data: dict[str, Any] = {"kind": self.kind.value}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "kind" or value == item.default or value == {}:
                continue
            if isinstance(value, Mapping):
                value = {str(key): part for key, part in sorted(value.items())}
            elif isinstance(value, tuple):
                value = list(value)
            data[item.name] = str(value) if isinstance(value, TextChoices) else value
        return data

    @classmethod
    def from_json(cls, data: object) -> Proposal:
        """The proposal of plain data. Raises `InvalidField` for what is unknown or ill-typed."""
        if not isinstance(data, Mapping):
            raise InvalidField("", _("A proposal must be an object with fields."))
        values: dict[str, Any] = {}
        for key, value in data.items():
            reader = _READERS.get(key)
            if reader is None:
                raise InvalidField(str(key), _("There is no such field."))
            values[key] = reader(key, value)
        if "kind" not in values:
            raise InvalidField("kind", _("Set `kind`: add, edit, move, remove or report."))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Base:
    """The base of a proposal: the revision of the catalog, and the entry as it stood.

    Of an `add` only the revision says something. `cells` are inline markdown in the order of
    `columns`, the keys of the table's columns; of an item, which has none, the values behind its
    text. `tags` are `facet:value`.
    """

    revision: int = 0
    source: str = ""
    name: str = ""
    url: str = ""
    description: str = ""
    cells: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    listing: int | None = None

    def text_of(self, name: str) -> str:
        """The text of a field as `Proposal.changed` names it; '' where there is none."""
        if name == "lines":
            return self.source
        if not name.startswith("cell-"):
            return str(getattr(self, name))
        number = int(name.removeprefix("cell-"))
        return self.cells[number] if number < len(self.cells) else ""

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        data = {item.name: getattr(self, item.name) for item in fields(self)}
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in data.items()
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Base:
        """The base that `to_json` gave."""
        values: dict[str, Any] = dict(data)
        for key, value in data.items():
            if isinstance(value, list):
                values[key] = tuple(value)
        return cls(**values)


@dataclass(frozen=True, slots=True)
class SubmissionDraft:
    """A proposal and what it is about, whether it is a submission already or not yet.

    `listing` is where an addition goes, and what others stand in; `base` is what the proposal was
    made from, None for what stands now.
    """

    catalog: Catalog
    proposal: Proposal
    listing: Listing | None = None
    entry: Entry | None = None
    base: Base | None = None


# How each field is read from outside


def _optional_text(name: str, value: object) -> str | None:
    return None if value is None else checked_text(name, value)


def _lines(name: str, value: object) -> str | None:
    # They are in a README already, or were: as long as one may be.
    return None if value is None else checked_text(name, value, settings.MAX_IMPORT_BYTES)


def _number(name: str, value: object) -> int:
    # A key of the database at most; True is an int to Python, and none to us.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise InvalidField(name, _("This must be a whole number."))
    return value


def _optional_number(name: str, value: object) -> int | None:
    return None if value is None else _number(name, value)


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidField(name, _("This must be true or false."))
    return value


def _by_column(name: str, value: object) -> Mapping[int, Any]:
    if not isinstance(value, Mapping):
        raise InvalidField(name, _("This must be an object keyed by column number."))
    fields_read = {}
    for key, part in value.items():
        text = str(key)
        if not (text.isascii() and text.isdecimal() and len(text) < 4):
            raise InvalidField(name, _("Columns are numbered from 0."))
        fields_read[int(text)] = part
    return fields_read


def _cells(name: str, value: object) -> Mapping[int, str]:
    cells = _by_column(name, value)
    return {number: checked_text(f"cell-{number}", text) for number, text in cells.items()}


def _placing(name: str, value: object) -> Mapping[int, int | None]:
    places = _by_column(name, value)
    return {number: _optional_number(name, place) for number, place in places.items()}


def _tags(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > 100:
        raise InvalidField(name, _("This must be a short list of facet:value."))
    tags = tuple(dict.fromkeys(checked_text(name, tag, 300) for tag in value))
    if any(not all(part.strip() for part in tag.partition(":")) for tag in tags):
        raise InvalidField(name, _("A tag is written facet:value."))
    return tags


def _choice(choices: type[Any]) -> Any:
    def read(name: str, value: object) -> Any:
        if value is None and choices is Report:
            return None
        if not isinstance(value, str) or value not in choices.values:
            raise InvalidField(
                name, _("Choose one of %(values)s.") % {"values": ", ".join(choices.values)}
            )
        return choices(value)

    return read


_READERS: dict[str, Any] = {
    "kind": _choice(Kind),
    "name": _optional_text,
    "url": _optional_text,
    "description": _optional_text,
    "cells": _cells,
    "add_tags": _tags,
    "remove_tags": _tags,
    "after": _optional_number,
    "first": _flag,
    "target": _optional_number,
    "placing": _placing,
    "new_section": checked_text,
    "report": _choice(Report),
    "evidence": checked_text,
    "action": _choice(Action),
    "replacement_url": checked_text,
    "reason": checked_text,
    "source": checked_text,
    "block": _number,
    "lines": _lines,
    "behind": _number,
}
