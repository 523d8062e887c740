"""The three-way merge of an edit whose entry changed underneath: per field and cell, pure.

Untouched in the current version: the proposed text is written. Changed to the same: nothing is
left to do. Changed otherwise: a conflict, which nothing but somebody's decision settles. Tags
merge as sets, since adding one and removing another cannot contradict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from submissions.proposal import Base, Proposal


class Conflict(NamedTuple):
    """One field that both sides changed: what it was, what it is, what it should become.

    `field` is `name`, `url`, `description`, `cell-0` …; `entry` where the whole entry is
    concerned; `place`, `listing` where it stands.
    """

    field: str
    base: str
    current: str
    proposed: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged proposal: what is left to write, and what cannot be decided here."""

    texts: Mapping[str, str] = field(default_factory=dict)
    """Texts to write by field, cells by their column in the current table: `cell-1`."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    @property
    def cells(self) -> dict[int, str]:
        """The texts of cells by column."""
        return {
            int(name.removeprefix("cell-")): text
            for name, text in self.texts.items()
            if name.startswith("cell-")
        }


def merge(
    base: Base, current: Base, proposal: Proposal, resolution: Mapping[str, str] | None = None
) -> Merged:
    """Merge a proposal that was based on `base` into `current`.

    `resolution` holds the texts that fields in conflict shall have, by their names there.
    """
    resolution = resolution or {}
    texts: dict[str, str] = {}
    conflicts = []
    for name, proposed in proposal.changed.items():
        was = base.text_of(name)
        place = field_in(name, base, current)
        now = current.text_of(place) if place else ""
        if name in resolution and place:
            resolved = resolution[name]
        elif place and now in {was, proposed}:
            resolved = proposed
        else:
            conflicts.append(Conflict(name, was, now, proposed))
            continue
        if resolved != now:
            texts[place] = resolved
    standing = set(current.tags)
    return Merged(
        texts,
        tuple(tag for tag in proposal.add_tags if tag not in standing),
        tuple(tag for tag in proposal.remove_tags if tag in standing),
        tuple(conflicts),
    )


def renumbered(proposal: Proposal, base: Base, current: Base) -> Proposal:
    """A proposal with its cells counted by the current columns, without those that are gone."""
    cells = {}
    for number, text in proposal.cells.items():
        if field := field_in(f"cell-{number}", base, current):
            cells[int(field.removeprefix("cell-"))] = text
    return replace(proposal, cells=cells)


def under_columns(base: Base, current: Base) -> Base:
    """A base with its cells where the current columns are; empty where a column is new."""
    if base.columns == current.columns:
        return base
    cells = [""] * len(current.columns)
    for number, text in enumerate(base.cells):
        if field := field_in(f"cell-{number}", base, current):
            cells[int(field.removeprefix("cell-"))] = text
    return replace(base, cells=tuple(cells), columns=current.columns)


def field_in(name: str, base: Base, current: Base) -> str:
    """Return the field's name in the current version; '' if its column is gone."""
    if not name.startswith("cell-") or base.columns == current.columns:
        return name
    number = int(name.removeprefix("cell-"))
    key = base.columns[number] if number < len(base.columns) else None
    if key is None or base.columns.count(key) != 1 or current.columns.count(key) != 1:
        return ""
    return f"cell-{current.columns.index(key)}"
