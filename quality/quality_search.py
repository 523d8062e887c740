"""Quality of search: how often it finds a known entry, by kinds of queries, on both halves."""

from pathlib import Path

from bench.databases import output_of
from quality.lists import HALVES, ROOT


def main(folder: Path) -> None:
    """Print the figures of both halves; their sites are made once, in var/quality/."""
    sites = ROOT / "var" / "quality"
    sites.mkdir(parents=True, exist_ok=True)
    for half in HALVES:
        database = f"sqlite:///{sites / half.replace(' ', '-')}.sqlite3"
        print(output_of("quality.search_worker", database, half, str(folder)))
