"""The layer rule: imports go down only, wherever in a module they stand.

ruff's banned-api knows one list for a whole folder, and most layers share one; so it is read here.
"""

import ast
import sys
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest
from django.conf import settings

# From the lowest to the highest; a module belongs to the longest name that it starts with.
# A new module of catalog is taken for a rule (projection, importing, …) unless it is named here.
LAYERS = (
    ("catalog.markdown",),
    (
        "background",
        "accounts",
        "api",
        "catalog.apps",
        "catalog.column_roles",
        "catalog.column_words",
        "catalog.database_errors",
        "catalog.errors",
        # Text alone: migrations write rows anew with it.
        "catalog.rendering.languages",
        "catalog.rendering.rows",
        "catalog.slugs",
    ),
    ("catalog.models", "catalog.querysets", "catalog.migrations"),
    # What was done to an entry is history, not a page.
    ("catalog", "catalog.pages.changes"),
    ("catalog.browsing", "catalog.published"),
    ("catalog.api.entries",),
    ("catalog.api", "catalog.feeds"),
    (
        "catalog.admin",
        "catalog.forms",
        "catalog.management",
        "catalog.pages",
        "catalog.sitemaps",
        "catalog.templatetags",
        "catalog.urls",
        "catalog.views",
    ),
    ("submissions",),
    ("config",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

# The codec works without Django; these are the libraries that it may use.
CODEC = "catalog.markdown"
CODEC_LIBRARIES = {"nh3", "pyromark", "rapidfuzz"}


def level(module: str, default: int | None = None) -> int:
    """Return the layer of a module of this project, and the default for a library's."""
    while module not in LEVEL and "." in module:
        module = module.rpartition(".")[0]
    found = LEVEL.get(module, default)
    assert found is not None, module
    return found


def imports(source: str, package: str) -> Iterator[str]:
    """Give the name of every module that the source of a module in ``package`` imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            name = resolve_name("." * node.level + (node.module or ""), package)
            if (settings.BASE_DIR / name.replace(".", "/")).is_dir():
                # What is named may be a module of its own, in another layer than its package.
                yield from (f"{name}.{alias.name}" for alias in node.names)
            else:
                yield name


def offences(source: str, module: str, package: str) -> list[str]:
    """Return a sentence for each import that the rule forbids."""
    own_level = level(module)
    found = []
    for name in imports(source, package):
        if level(name, default=0) > own_level:
            found.append(f"{module} imports {name}, which is above it")
        elif own_level == LEVEL[CODEC] and not serves_the_codec(name):
            found.append(f"{module} imports {name}, which the codec does without")
    return found


def serves_the_codec(name: str) -> bool:
    top = name.partition(".")[0]
    return (
        top in sys.stdlib_module_names
        or top in CODEC_LIBRARIES
        or level(name, default=-1) == LEVEL[CODEC]
    )


def modules() -> Iterator[tuple[Path, str, str]]:
    """Give the file, name and package of every module that the rule is about."""
    for top in {name.partition(".")[0] for name in LEVEL}:
        for path in (settings.BASE_DIR / top).rglob("*.py"):
            parts = path.relative_to(settings.BASE_DIR).with_suffix("").parts
            package = ".".join(parts[:-1])
            yield path, package if path.name == "__init__.py" else ".".join(parts), package


def test_imports_go_down_only() -> None:
    found = [
        offence
        for path, module, package in modules()
        for offence in offences(path.read_text(), module, package)
    ]

    assert found == []


def test_every_layer_is_looked_at() -> None:
    names = {module for _, module, _ in modules()}

    assert {"accounts.models", "catalog.models", "config.urls"} <= names


@pytest.mark.parametrize(
    ("module", "line", "allowed"),
    [
        ("catalog.views", "from catalog import exporting", True),
        ("catalog.projection", "from catalog.models import Block", True),
        ("catalog.projection", "from catalog.markdown import parse", True),
        ("catalog.projection", "from . import models", True),
        ("catalog.projection", "from catalog import views", False),
        ("catalog.projection", "from . import views", False),
        ("catalog.projection", "import catalog.views", False),
        ("catalog.api.catalogs", "from catalog.api.entries import views", True),
        ("catalog.api.entries.views", "from catalog.api import catalogs", False),
        ("catalog.api.entries.views", "from catalog.pages.frame import page_of", False),
        ("catalog.feeds", "from catalog.pages.frame import page_of", False),
        ("api.pagination", "from catalog.models import Catalog", False),
        ("catalog.models", "def f():\n    from catalog.importing.applying import apply", False),
        ("catalog.importing.applying", "from submissions.models import Submission", False),
        ("submissions.workflow", "from catalog import editing", True),
        ("accounts.models", "from catalog.models import Catalog", False),
        ("accounts.models", "from config.settings import DEBUG", False),
        ("catalog.markdown.parser", "import re, pyromark", True),
        ("catalog.markdown.parser", "from catalog.markdown.nodes import Block", True),
        ("catalog.markdown.parser", "from .nodes import Block", True),
        ("catalog.markdown.parser", "from django.conf import settings", False),
        ("catalog.markdown.parser", "from catalog.slugs import slugify", False),
        ("catalog.markdown.parser", "from accounts.models import User", False),
    ],
)
def test_rule_tells_up_from_down(module: str, line: str, allowed: bool) -> None:
    assert (offences(line, module, module.rpartition(".")[0]) == []) is allowed
