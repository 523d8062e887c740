"""Quality of facets: those that each list offers, and a sample of their tags."""

from pathlib import Path

from bench.databases import output_of
from quality.lists import site


def main(folder: Path) -> None:
    """Print the figures of all lists."""
    print(output_of("quality.facet_worker", site("facets"), str(folder)))
