"""Bodies that the API takes, for each kind."""

from __future__ import annotations

from typing import Any

from catalog.models import Catalog
from tests.submission_factories import entry_called, list_of


def addition(catalog: Catalog, **fields: Any) -> dict[str, Any]:
    """A new entry of the list."""
    return {
        "kind": "add",
        "catalog": catalog.slug,
        "listing": list_of(catalog).pk,
        "name": "Omega",
        "url": "https://omega.example",
        "description": "New.",
        **fields,
    }


def about(name: str, kind: str, **fields: Any) -> dict[str, Any]:
    """Something about the entry of this name."""
    return {"kind": kind, "entry": entry_called(name).pk, **fields}


def bodies(catalog: Catalog) -> dict[str, dict[str, Any]]:
    """One of each kind, with all fields but those that name other entries."""
    return {
        "add": addition(catalog, cells={}, add_tags=[], first=False, new_section=""),
        "edit": about("Gamma", "edit", cells={"1": "8B"}, add_tags=[], remove_tags=[]),
        "move": about("Beta", "move", first=True),
        "remove": about("Beta", "remove", reason="Removed."),
        "report": about("Beta", "report", report="dead-link", evidence="404"),
    }
