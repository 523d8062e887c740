"""Finding a catalog by its address, for commands."""

from __future__ import annotations

from difflib import get_close_matches

from catalog.errors import NotFound
from catalog.models import Catalog


def get_catalog(slug: str) -> Catalog:
    """The catalog with this address. Raises `NotFound`, naming the nearest one there is."""
    catalog = Catalog.objects.filter(slug=slug).first()
    if catalog is not None:
        return catalog
    slugs = list(Catalog.objects.order_by("slug").values_list("slug", flat=True))
    near = get_close_matches(slug, slugs, 1)
    if near:
        hint = f"did you mean {near[0]}?"
    elif slugs:
        hint = f"there are {', '.join(slugs[:5])}{', …' if len(slugs) > 5 else ''}."
    else:
        hint = "there is none yet; import one with import_markdown."
    raise NotFound(f"There is no catalog {slug}: {hint}")
