"""The scope of an export: revision, section, filters."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _

from catalog.errors import NotFound
from catalog.models import Catalog

type Chunks = Generator[str, None, None]
"""An export: parts of a text that do not grow with the list. Who leaves some unread closes them."""


class Keys:
    """Keys of entries in reading order, of which it is quickly known whether one is among them."""

    def __init__(self, keys: Sequence[int]) -> None:
        self._keys = keys
        self._known = frozenset(keys)

    def __iter__(self) -> Iterator[int]:
        return iter(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._known


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of a list, the whole of it as it stands by default.

    `section` is the path of one; `only` are keys of the entries that are wanted, in reading order;
    `table_style` is for markdown. With `is_public` facets that are not offered to readers are left
    out.
    """

    revision: int | None = None
    section: str = ""
    only: Keys | None = None
    table_style: str = "exact"
    is_public: bool = False

    def is_past(self, catalog: Catalog) -> bool:
        """Whether a revision is asked for that is not the catalog's newest.

        Which entries are wanted is known of the newest alone.
        """
        return self.revision not in {None, catalog.revision} and self.only is None


def span_of(catalog: Catalog, path: str) -> tuple[int, int | None]:
    """Positions of a section's heading and of the next one of its level or above.

    None where it goes to the end of the list. Raises `NotFound`, naming the nearest path.
    """
    sections = catalog.sections.in_reading_order()
    section = sections.filter(path=path).values_list("position", "level").first()
    if section is None:
        raise no_such_section(path, sections.values_list("path", flat=True))
    position, level = section
    behind = sections.filter(position__gt=position, level__lte=level)
    return position, behind.values_list("position", flat=True).first()


def no_such_section(path: str, paths: Iterable[str]) -> NotFound:
    """The error for a path that no section has, naming the nearest one there is."""
    names: Collection[str] = list(paths)
    near = get_close_matches(path[:200], names, 1)
    values = {"path": path[:200], "near": near[0] if near else ""}
    if near:
        return NotFound(_("There is no section %(path)s: did you mean %(near)s?") % values)
    return NotFound(_("There is no section %(path)s.") % values)
