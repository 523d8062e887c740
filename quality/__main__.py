"""Print the figures of what is named: ``python -m quality search [FOLDER]``."""

import sys
from importlib import import_module
from pathlib import Path

from quality.lists import folder_of

NAMES = sorted(
    path.stem.removeprefix("quality_") for path in Path(__file__).parent.glob("quality_*.py")
)


def main(arguments: list[str]) -> int:
    """Print the figures of one name, or of all; the second argument is the folder of lists."""
    name, folder = [*arguments, "", ""][:2]
    if name and name not in NAMES:
        print(f"Nothing is called {name!r} here; there are: {', '.join(NAMES)}.")
        return 1
    lists = folder_of(folder)
    if not list(lists.glob("*.md")):
        print(f"There are no lists (*.md) in {lists}; name a folder of them.")
        return 1
    for each in [name] if name else NAMES:
        import_module(f"quality.quality_{each}").main(lists)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
