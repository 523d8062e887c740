"""Tables whose tags are derived as an import does it."""

from collections.abc import Sequence
from itertools import zip_longest

from django.db import transaction

from catalog.models import Catalog, Entry, EntryTag, Listing
from catalog.tagging.tagger import Tagger
from catalog.tagging.titles import section_titles
from tests.factories import make_catalog, make_section, make_table

HEADER = ("contributor", "model", "license", "language", "base model")
ROWS = (
    ("THU/BAAI", "[Alpha](https://example.org/alpha)", "Apache-2.0", "en/zh", "LLaMA-7B"),
    ("thu, etc.", "[Beta](https://example.org/beta)", "-", "zh", "LLaMA<br />OPT"),
    ("@ada", "[Gamma](https://example.org/gamma)", "[Apache 2.0](https://l.org)", "en", "llama"),
)


def make_models(rows: Sequence[Sequence[str]] = ROWS) -> Catalog:
    """A catalog with one table of models, its tags derived."""
    catalog = make_catalog()
    section = make_section(catalog, "Models")
    make_table(catalog, section, HEADER, rows, name_column="model")
    derive_all(catalog)
    return catalog


def derive_all(catalog: Catalog) -> None:
    """Derive and write the tags of every entry, with guesses from all tables."""
    with transaction.atomic():
        tagger = Tagger(catalog)
        headers = dict(catalog.columns.values_list("key", "header"))
        columns = {}
        for listing in Listing.objects.filter(catalog=catalog, kind="table"):
            rows = [
                [cell["text"] for cell in entry.cells]
                for entry in listing.entries.in_reading_order()
            ]
            header = [headers[key] for key in listing.columns]
            names = [key in {"model", "name"} for key in listing.columns].index(True)
            columns[listing.pk] = tagger.columns_for(
                header, names, list(zip_longest(*rows, fillvalue=""))
            )
        titles = section_titles(catalog.sections.in_reading_order())
        derived = {
            entry.pk: tagger.derive(
                [cell["text"] for cell in entry.cells],
                columns.get(entry.listing_id or 0, []),
                titles.get(entry.section_id or 0, ()),
            )
            for entry in Entry.objects.filter(catalog=catalog)
        }
        tagger.write(derived)
        tagger.refresh_counts()


def tags_of(entry: Entry, facet: str = "") -> list[str]:
    """Names of an entry's tags, in alphabetical order, of one facet or all."""
    rows = EntryTag.objects.filter(content_object=entry)
    if facet:
        rows = rows.filter(tag__facet__slug=facet)
    return sorted(rows.values_list("tag__name", flat=True))


def entry_called(catalog: Catalog, name: str) -> Entry:
    """The entry with this name."""
    return Entry.objects.get(catalog=catalog, name=name)


def counts(catalog: Catalog, facet: str) -> dict[str, int]:
    """Counts of a facet's used tags by name."""
    tags = catalog.facets.get(slug=facet).tags.filter(entry_count__gt=0)
    return dict(tags.values_list("name", "entry_count"))
