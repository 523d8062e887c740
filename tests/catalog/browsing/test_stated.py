"""What is chosen of a list with values that are not stated and dates, beside a plain model."""

from collections.abc import Mapping

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.browsing import Selection, choices_of
from catalog.finding.indexing import index_catalog
from catalog.finding.query import Entries
from catalog.models import Catalog
from tests import factories
from tests.catalog.importing.imports import new_list

pytestmark = pytest.mark.django_db

# Name: licence, languages, year; '' where the list does not say.
ROWS = {
    "Ada": ("MIT", "C/Rust", "2019"),
    "Bel": ("MIT", "Go", ""),
    "Cob": ("", "C", "2020"),
    "Dot": ("BSD", "", "2021"),
    "Eve": ("", "", "2021"),
    "Fox": ("BSD", "C/Go", "2022"),
    "Gus": ("MIT", "Rust", "2022"),
    "Hal": ("", "Go", "2020"),
}
VALUES = {
    "license": ("mit", "bsd", "-"),
    "language": ("c", "go", "rust", "-"),
    "year": ("2019", "2022", "-"),
}
YEARS = ("", "2018", "2019", "2020", "2021", "2022", "2030")


@pytest.fixture
def listed(db: None) -> Catalog:
    """The list of the rows."""
    rows = [
        f"| [{name}](https://{name}.example/) | {' | '.join(cells[:2])} |\n"
        for name, cells in ROWS.items()
    ]
    head = "| Name | License | Language |\n|---|---|---|\n"
    catalog = new_list(f"# Tools\n\n## All\n\n{head}{''.join(rows)}")
    for year in (*VALUES["year"][:-1], "2020", "2021"):
        of_year = [name for name, cells in ROWS.items() if cells[2] == year]
        factories.make_tag(catalog, "Year", year, list(catalog.entries.filter(name__in=of_year)))
    index_catalog(catalog)
    return catalog


def stated(name: str, facet: str) -> set[str]:
    """The values of a row in a facet, `-` where there is none."""
    cell = dict(zip(VALUES, ROWS[name], strict=True))[facet]
    return {value.lower() for value in cell.split("/")} - {""} or {"-"}


def matches(name: str, chosen: Mapping[str, set[str]], years: tuple[str, str]) -> bool:
    """Whether a row is among what is chosen: any value of a facet, and all facets."""
    first, last = years
    for facet, values in chosen.items():
        own = stated(name, facet)
        is_in_range = (
            facet == "year"
            and any(years)
            and any(
                value != "-" and first <= value and (not last or value <= last) for value in own
            )
        )
        if (values or (facet == "year" and any(years))) and not (own & values or is_in_range):
            return False
    return True


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chosen=st.fixed_dictionaries(
        {facet: st.sets(st.sampled_from(values), max_size=3) for facet, values in VALUES.items()}
    ),
    years=st.tuples(st.sampled_from(YEARS), st.sampled_from(YEARS)),
)
def test_chosen_entries_and_counts_are_those_of_a_plain_model(
    listed: Catalog, chosen: dict[str, set[str]], years: tuple[str, str]
) -> None:
    query = QueryDict(mutable=True)
    keys = [f"{facet}:{value}" for facet, values in chosen.items() for value in sorted(values)]
    query.setlist("tag", keys)
    for name, year in zip(("from", "to"), years, strict=True):
        if year:
            query[name] = f"year:{year}"

    selection = Selection.of(query, listed)
    results = Entries(selection.entry_query(listed), listed.entry_count)
    names = dict(listed.entries.values_list("pk", "name"))

    expected = [name for name in ROWS if matches(name, chosen, years)]
    assert [names[pk] for pk in results[0 : len(ROWS)]] == expected
    counts = {
        (choice.slug, value.tag.slug): value.entry_count
        for choice in choices_of(listed, results, selection)[0]
        for value in choice.values
    }
    for facet, values in VALUES.items():
        others = chosen | {facet: set()}
        span = ("", "") if facet == "year" else years
        left = [name for name in ROWS if matches(name, others, span)]
        # Where none that is left states anything, there is nothing to choose from.
        is_offered = chosen[facet] or any(stated(name, facet) != {"-"} for name in left)
        for value in values if is_offered else ():
            number = sum(value in stated(name, facet) for name in left)
            assert counts.get((facet, value), 0) == number, (facet, value)
