"""Quality of pull requests: how many of one entry each become the right submission and lines."""

from pathlib import Path

from bench.databases import output_of, sqlite


def main(folder: Path) -> None:
    """Print the figures of all lists that are long enough."""
    with sqlite() as database:
        print(output_of("quality.request_worker", database, str(folder)))
