"""Decisions about a list as a whole: its settings, which links are entries, and how it is read.

Each function is one transaction and one revision, as in `catalog.editing.tags`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.checking import rebuild_projection
from catalog.errors import AddressTaken, InvalidField, NotFound
from catalog.history.revisions import Author, commit_revision
from catalog.importing.applying import check_slug, read_again, transaction_on
from catalog.markdown.corrections import Children, Correction, Entries, Titles
from catalog.markdown.words import folded
from catalog.models import Catalog, Column, Entry, Listing, Renaming, Revision, Section, SectionPath
from catalog.models import Correction as Row
from catalog.store.derived import write_counts
from catalog.store.entries import remove_renamed
from catalog.store.snapshots import correction_from
from catalog.tagging import tagger

SETTINGS = (
    "title",
    "slug",
    "description",
    "source_url",
    "license",
    "license_url",
    "language",
    "guidelines",
)
"""The fields of a catalog that are decided, not derived."""
_IN_ADDRESSES = {"slug", "source_url"}
"""Settings that stand in the links of what is projected."""


def change_settings(
    *,
    catalog: Catalog,
    by: Author,
    values: Mapping[str, Any],
    expected_revision: int | None = None,
) -> Revision | None:
    """Set some of `SETTINGS`; None when nothing differs.

    A new address or source is written into the HTML of the whole list, which is a revision of
    its own. Raises `AddressTaken`, `InvalidField`, `RevisionConflict`.
    """
    unknown = set(values) - set(SETTINGS)
    if unknown:
        raise ValueError(f"no settings: {', '.join(sorted(unknown))}")
    changed = {name: value for name, value in values.items() if getattr(catalog, name) != value}
    if not changed:
        return None
    if not changed.get("title", "-").strip():
        raise InvalidField("title", _("A list needs a title."))
    before = {name: getattr(catalog, name) for name in changed}
    with transaction.atomic():
        if "slug" in changed:
            _refuse_taken(changed["slug"])
        revision = commit_revision(
            catalog=catalog,
            verb=Revision.Verb.SETTINGS,
            by=by,
            expected_revision=expected_revision,
            details={"operation": "change-settings", "before": before, "after": changed},
            catalog_fields=changed,
        )
        if _IN_ADDRESSES & set(changed):
            rebuild_projection(catalog)
    return revision


def _refuse_taken(slug: str) -> None:
    check_slug(slug)
    if Catalog.objects.filter(slug=slug).exists():
        raise AddressTaken(
            _("Another list uses the address %(slug)s; choose a different one.") % {"slug": slug}
        )


def renamed_to(slug: str) -> Catalog | None:
    """The catalog that had this address before it was renamed, the last one that did."""
    renaming = (
        Revision.objects.filter(verb=Revision.Verb.SETTINGS, details__before__slug=slug)
        .select_related("catalog")
        .order_by("-created_at")
        .first()
    )
    return renaming.catalog if renaming else None


def decide_entries(
    *,
    catalog: Catalog,
    entries: Iterable[Entry],
    decision: str,
    by: Author,
) -> Revision | None:
    """Mark links in prose as entries (`CONFIRMED`) or not (`DISMISSED`).

    Entries that are decided so already, or are removed, are left alone; None when all are. No
    line of the list changes. Raises `RevisionConflict`.
    """
    if decision not in {Entry.Decision.CONFIRMED, Entry.Decision.DISMISSED}:
        raise ValueError(f"no decision about an entry: {decision!r}")
    keys = [entry.pk for entry in entries]
    with transaction.atomic():
        chosen = Entry.objects.filter(catalog=catalog, pk__in=keys).living()
        names = dict(chosen.exclude(decision=decision).values_list("pk", "name"))
        if not names:
            return None
        revision = commit_revision(
            catalog=catalog,
            verb=Revision.Verb.SETTINGS,
            by=by,
            details={
                "operation": "decide-entries",
                "after": decision,
                "entries": list(names),
                "names": list(names.values())[:100],
            },
        )
        is_entry = decision == Entry.Decision.CONFIRMED
        with tagger.counting(names, catalog):
            Entry.objects.filter(pk__in=names).update(
                decision=decision,
                state=Entry.State.PUBLISHED if is_entry else Entry.State.SUGGESTED,
                updated_revision=revision.number,
                updated_at=revision.created_at,
            )
        write_counts(catalog)
    return revision


def confirm_renamed(*, catalog: Catalog, entries: Iterable[Entry], by: Author) -> Revision | None:
    """Decide that entries which are probably renamed are what they were; None if none is open."""
    with transaction_on(catalog.pk) as row:
        keys = [entry.pk for entry in entries]
        renamings = Renaming.objects.filter(entry__catalog=row, entry__in=keys)
        names = {one.entry_id: one.before["name"] for one in renamings}
        if not names:
            return None
        renamings.delete()
        return commit_revision(
            catalog=row,
            verb=Revision.Verb.SETTINGS,
            by=by,
            details={
                "operation": "confirm-renamed",
                "entries": list(names),
                "names": list(names.values())[:100],
            },
        )


def part_renamed(*, entry: Entry, by: Author) -> Revision | None:
    """Decide that an entry which is probably renamed is another one; None if that is not open.

    What it was is removed, under its old name; what stands there now is a new entry, with an
    address of its own. Tags by hand stay with what it was. No line changes.
    """
    with transaction_on(entry.catalog_id) as row:
        living = Entry.objects.living().filter(pk=entry.pk)
        renaming = Renaming.objects.filter(entry__in=living).first()
        if renaming is None:
            return None
        imported = Revision.objects.get(catalog=row, number=renaming.revision)
        block = Entry.objects.values_list("block", flat=True).get(pk=entry.pk)
        remove_renamed(renaming, row)
        details = {"operation": "part-renamed", "name": renaming.before["name"]}
        revision = read_again(row, by=by, details=details)
        Entry.objects.filter(block=block).update(
            created_revision=imported.number, created_at=imported.created_at
        )
    return revision


# Corrections of how a list or section is read: one revision without line changes, everything
# derived anew. What appears, vanishes or is renamed by it is found by doing it and taking it back.


OPERATION = "correct-reading"
"""The name of the operation in the history."""


def correction_of(catalog: Catalog, section: Section | None) -> Correction:
    """Return the correction of the list itself, or of one section."""
    row = _row(catalog, _titles(section))
    return correction_from(row) if row else Correction()


def _row(catalog: Catalog, titles: Titles) -> Row | None:
    rows = Row.objects.filter(catalog=catalog).order_by("pk")
    return next((row for row in rows if tuple(row.titles) == titles), None)


def headers_in(section: Section) -> list[tuple[str, str]]:
    """The headers of the tables in a section and below it: as they are compared, and as written."""
    within = Section.objects.filter(catalog=section.catalog_id, path__startswith=f"{section.path}/")
    sections = [section.pk, *within.values_list("pk", flat=True)]
    tables = Listing.objects.filter(section__in=sections, kind=Listing.Kind.TABLE)
    keys = {key for columns in tables.values_list("columns", flat=True) for key in columns}
    columns = Column.objects.filter(catalog=section.catalog_id, key__in=keys).order_by("header")
    headers = columns.values_list("header", flat=True)
    return list({folded(text): text for text in headers if text}.items())


def correct(
    *,
    catalog: Catalog,
    section: Section | None,
    correction: Correction,
    by: Author,
    expected_revision: int | None = None,
) -> Revision | None:
    """Decide how a section, or the whole list, is read; None when that is decided already.

    An empty `Correction` takes back what was decided. Raises `InvalidField`, `NotFound` for a
    section that is gone, and `RevisionConflict`.
    """
    with transaction_on(catalog.pk, expected_revision) as row:
        if section is not None:
            section = Section.objects.filter(pk=section.pk, catalog=row).first()
            if section is None:
                raise NotFound(_("The section no longer exists."))
        _check(correction, section)
        before = correction_of(row, section)
        if before == correction:
            return None
        titles = _titles(section)
        _write(row, section, titles, correction)
        return read_again(
            row,
            by=by,
            details={
                "operation": OPERATION,
                "name": " › ".join(titles),
                "section": section.path if section else "",
                "before": _decided(before),
                "after": _decided(correction),
            },
        )


def _check(correction: Correction, section: Section | None) -> None:
    if correction.children and correction.children not in set(Children):
        raise InvalidField("children", _("Choose one of the answers."))
    if correction.entries and correction.entries not in set(Entries):
        raise InvalidField("entries", _("Choose one of the answers."))
    known = dict(headers_in(section)) if section else {}
    for field in ("name", "description"):
        header = getattr(correction, field)
        if header and header not in known:
            raise InvalidField(field, _("No table here has this column."))
    if correction.name and correction.name == correction.description:
        raise InvalidField("description", _("One column cannot be both."))


def _titles(section: Section | None) -> Titles:
    titles: list[str] = []
    while section is not None:
        titles.append(section.title)
        section = section.parent
    return tuple(reversed(titles))


def _write(
    catalog: Catalog, section: Section | None, titles: Titles, correction: Correction
) -> None:
    if row := _row(catalog, titles):
        row.delete()
    if correction != Correction():
        Row.objects.create(
            catalog=catalog, section=section, titles=list(titles), **asdict(correction)
        )
    catalog.is_corrected = Row.objects.filter(catalog=catalog).exists()
    Catalog.objects.filter(pk=catalog.pk).update(is_corrected=catalog.is_corrected)


def _decided(correction: Correction) -> dict[str, str]:
    return {name: value for name, value in asdict(correction).items() if value}


def take_correction_back(catalog: Catalog, details: dict[str, Any], by: Author) -> Revision | None:
    """Decide again what was decided before the revision with these details."""
    path = details["section"]
    section = Section.objects.filter(catalog=catalog, path=path).first()
    if section is None:
        former = SectionPath.objects.filter(catalog=catalog, path=path).first()
        section = former.section if former else None
    if path and section is None:
        raise NotFound(_("The section no longer exists."))
    return correct(
        catalog=catalog, section=section, correction=Correction(**details["before"]), by=by
    )


# Preview


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries that a correction adds, removes and renames, by name."""

    appeared: list[str]
    vanished: list[str]
    renamed: list[tuple[str, str]]

    @property
    def is_empty(self) -> bool:
        """Whether people would see no difference in the names."""
        return not (self.appeared or self.vanished or self.renamed)


def preview_reading(catalog: Catalog, edit: Callable[[], object]) -> Reading:
    """Return how an edit would change the entries; it is applied and rolled back."""
    published = catalog.entries.published().in_reading_order()
    with transaction.atomic():
        before = dict(published.values_list("pk", "name"))
        edit()
        after = dict(published.values_list("pk", "name"))
        transaction.set_rollback(True)
    return Reading(
        [name for key, name in after.items() if key not in before],
        [name for key, name in before.items() if key not in after],
        [
            (before[key], name)
            for key, name in after.items()
            if key in before and before[key] != name
        ],
    )
