"""Quality of search: how often it finds a known entry, by kinds of queries, on both halves."""

from pathlib import Path

from bench.databases import output_of
from quality.lists import HALVES, site


def main(folder: Path) -> None:
    """Print the figures of both halves."""
    for half in HALVES:
        print(output_of("quality.search_worker", site(half), half, str(folder)))
