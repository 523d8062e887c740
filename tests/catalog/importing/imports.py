"""Catalogs made by real imports, changed here as an editor would, and looked at as a whole."""

from catalog.checking import check_catalog
from catalog.exporting import export_markdown, record_export
from catalog.history.revisions import Author
from catalog.importing.applying import ImportResult, apply, import_text
from catalog.importing.planning import Figure, plan_text
from catalog.models import Catalog, Revision
from catalog.store.snapshots import take_snapshot

type Names = dict[str, int]
"""Keys of living entries by name; of several with one name the second is `name 2`."""

FIGURES = tuple(figure.value for figure in Figure)


def new_list(text: str, slug: str = "tools") -> Catalog:
    """A catalog with this text, at its first revision."""
    return import_text(text, catalog=Catalog(slug=slug, title="Tools"), by=Author()).catalog


def import_again(
    catalog: Catalog, text: str, *, theirs: bool = False, strict: bool = False
) -> ImportResult:
    """Take another text in."""
    return import_text(text, catalog=catalog, by=Author(), theirs=theirs, strict=strict)


def change_here(catalog: Catalog, text: str, verb: str = Revision.Verb.CHANGE) -> None:
    """Make it the list's text, in one revision, as an edit on the site would."""
    apply(plan_text(text, take_snapshot(catalog)), by=Author(), verb=verb)


def take_out(catalog: Catalog) -> str:
    """Export the text as the command does, which remembers the revision."""
    catalog.refresh_from_db()
    record_export(catalog, number=catalog.revision, sha256="")
    return export_markdown(catalog)


def ids(catalog: Catalog) -> Names:
    """The living entries in reading order."""
    results: Names = {}
    for pk, name in catalog.entries.living().in_reading_order().values_list("pk", "name"):
        times = 1
        key = name
        while key in results:
            times += 1
            key = f"{name} {times}"
        results[key] = pk
    return results


def figures(result: ImportResult) -> dict[str, int]:
    """What the summary says was done, zeros left out."""
    return {name: result.summary()[name] for name in FIGURES if result.summary()[name]}


def assert_sound(catalog: Catalog, text: str) -> None:
    """The list is this text, and everything stored about it agrees."""
    assert export_markdown(catalog) == text
    assert check_catalog(catalog) == []
