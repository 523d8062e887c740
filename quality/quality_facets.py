"""Quality of facets: those that each list offers, and a sample of their tags."""

from pathlib import Path

from bench.databases import output_of
from quality.lists import ROOT


def main(folder: Path) -> None:
    """Print the figures of all lists; their site is made once, in var/quality/."""
    sites = ROOT / "var" / "quality"
    sites.mkdir(parents=True, exist_ok=True)
    print(output_of("quality.facet_worker", f"sqlite:///{sites / 'facets.sqlite3'}", str(folder)))
