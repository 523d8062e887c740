"""Finding catalogs and tags by their addresses."""

from __future__ import annotations

from difflib import get_close_matches

from django.http import Http404
from django.utils.translation import gettext as _

from catalog.errors import NotFound
from catalog.models import Catalog, Facet, TagAlias
from catalog.slugs import slugify


def get_catalog(slug: str) -> Catalog:
    """The catalog with this address. Raises `NotFound`, naming the nearest one there is."""
    catalog = Catalog.objects.filter(slug=slug).first()
    if catalog is None:
        raise no_such_catalog(slug)
    return catalog


def no_such_catalog(slug: str) -> NotFound:
    """The error for an address that no catalog has, naming the nearest one there is."""
    slug = slug[:100]
    slugs = list(Catalog.objects.order_by("slug").values_list("slug", flat=True))
    near = get_close_matches(slug, slugs, 1)
    names = {"slug": slug, "near": near[0] if near else "", "some": _first(slugs)}
    if near:
        return NotFound(_("There is no catalog %(slug)s: did you mean %(near)s?") % names)
    if slugs:
        return NotFound(_("There is no catalog %(slug)s: there are %(some)s.") % names)
    return NotFound(
        _("There is no catalog %(slug)s: there is none yet; import one with import_markdown.")
        % names
    )


def slug_by_alias(facet: Facet, slug: str) -> str:
    """The address of the tag that has a spelling with this address. Raises `Http404`."""
    aliases = TagAlias.objects.filter(facet=facet, is_confirmed=True)
    for spelling, tag_slug in aliases.values_list("spelling", "tag__slug"):
        if slugify(spelling) == slug:
            return tag_slug
    raise Http404


def _first(slugs: list[str]) -> str:
    return f"{', '.join(slugs[:5])}{', …' if len(slugs) > 5 else ''}"
