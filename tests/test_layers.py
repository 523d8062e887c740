"""The layer rule: imports go down only, wherever in a module they stand, and never in a circle.

ruff's banned-api knows one list for a whole folder, and here every package has its own; so it is
read here. Imports for type checkers alone (`if TYPE_CHECKING:`) do not count.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

import pytest
from django.conf import settings

# From the lowest to the highest: a module may import from the rows above its own in this table, and
# from its own package. Packages of one row do not know each other. A module belongs to the longest
# name that it starts with; one that belongs to none fails.
LAYERS = (
    ("catalog.markdown",),
    ("catalog.markdown.linting", "catalog.markdown.writing"),
    ("background", "catalog.apps", "catalog.errors",
     "catalog.samples", "catalog.slugs", "catalog.sql"),
    ("accounts", "accounts.api", "accounts.mail", "api", "catalog.column_roles",
     "catalog.rendering"),
    ("catalog.models", "catalog.querysets", "catalog.sentences"),
    ("catalog.history", "catalog.migrations",
     "catalog.outline", "catalog.templatetags"),
    ("catalog.published",),
    ("catalog.finding",),
    ("catalog.tagging",),
    ("catalog.browsing", "catalog.store"),
    ("catalog.exporting", "catalog.feeds", "catalog.importing", "catalog.pages",
     "catalog.sitemaps"),
    ("catalog.checking",),
    ("catalog.backups", "catalog.editing"),
    ("catalog.admin", "catalog.api", "catalog.management", "catalog.views"),
    ("catalog.urls",),
    ("submissions.choices",),
    ("submissions.proposal",),
    ("submissions.models",),
    ("submissions.findings", "submissions.migrations",
     "submissions.people", "submissions.statistics"),
    ("submissions.errors",),
    ("submissions.rules",),
    ("submissions.checks", "submissions.mail"),
    ("submissions.policies", "submissions.protection", "submissions.publishing"),
    ("submissions.verbs",),
    ("submissions.workflow",),
    ("submissions.forms", "submissions.operations", "submissions.progress",
     "submissions.queue_rows", "submissions.rollback"),
    ("submissions.review_context",),
    ("submissions.admin", "submissions.api", "submissions.views"),
    ("submissions.apps", "submissions.templatetags", "submissions.urls"),
    ("operating", "remotes"),
    ("config",),
)  # fmt: skip
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
APPS = ("accounts", "api", "background", "catalog", "config", "operating", "remotes", "submissions")

# A manager's QuerySet and its models know each other; an app's own folders are one with it.
TOGETHER = {
    "catalog.querysets": "catalog.models",
}

# What people and programs meet. The rules of submissions know none of it, and the API no pages.
EDGES = {"admin", "api", "forms", "pages", "templatetags", "urls", "views"}
PAGES = {"pages", "templatetags", "views"}

# The codec works without Django; these are the libraries that it may use.
CODEC = "catalog.markdown"
CODEC_LIBRARIES = {"nh3", "pyromark", "rapidfuzz"}


def place(module: str) -> str | None:
    """Return the name in LAYERS that a module belongs to; None for a library's."""
    while module not in LEVEL and "." in module:
        module = module.rpartition(".")[0]
    return module if module in LEVEL else None


@cache
def imports(source: str, package: str) -> list[str]:
    """The name of every module that the source of a module in ``package`` imports."""
    names: list[str] = []
    for node in running(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            name = resolve_name("." * node.level + (node.module or ""), package)
            if (settings.BASE_DIR / name.replace(".", "/")).is_dir():
                # What is named may be a module of its own, in another layer than its package.
                names += [f"{name}.{alias.name}" for alias in node.names]
            else:
                names.append(name)
    return names


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements of a module that are there when it runs."""
    yield node
    for child in ast.iter_child_nodes(node):
        is_for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if not is_for_types and not isinstance(child, ast.expr):
            yield from running(child)


def offences(source: str, module: str, package: str) -> list[str]:
    """Return a sentence for each import that the rule forbids."""
    own = place(module)
    if own is None:
        # The package of an app itself is nothing but its docstring.
        return [] if module in APPS else [f"{module} is in no layer of {Path(__file__).name}"]
    sentences = []
    for name in imports(source, package):
        other = place(name)
        if own.startswith(CODEC) and not serves_the_codec(name):
            sentences.append(f"{module} imports {name}, which the codec does without")
        elif other is not None and not may_import(own, other):
            sentences.append(f"{module} imports {name}, which is not below it")
    return sentences


def may_import(own: str, other: str) -> bool:
    """Whether a place in LAYERS may import from another: what is below it, or one with it."""
    same = TOGETHER.get(own, own) == TOGETHER.get(other, other)
    same_app = own.split(".")[0] == other.split(".")[0] == "accounts"
    return same or same_app or (LEVEL[other] < LEVEL[own] and not is_hidden(own, other))


def is_hidden(own: str, other: str) -> bool:
    """Whether another place is an edge that a place of submissions has to do without."""
    app, _dot, part = own.partition(".")
    hidden = PAGES if part == "api" else set() if part in EDGES else EDGES
    return app == "submissions" and other.partition(".")[2] in hidden


def serves_the_codec(name: str) -> bool:
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names | CODEC_LIBRARIES or name.startswith(CODEC)


def modules() -> Iterator[tuple[Path, str, str]]:
    """Yield the file, name and package of every module that the rule is about."""
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            parts = path.relative_to(settings.BASE_DIR).with_suffix("").parts
            package = ".".join(parts[:-1])
            yield path, package if path.name == "__init__.py" else ".".join(parts), package


def unit_of(module: str, package: str) -> str:
    """Return the package that a module counts for; one directly in an app counts for itself."""
    unit = module if package in APPS else package
    return TOGETHER.get(unit, unit)


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of units that reach each other, each group in order."""
    reach = {unit: reached(unit, edges) for unit in edges}
    rings = {
        tuple(sorted({unit} | {other for other in reach[unit] if unit in reach.get(other, ())}))
        for unit in edges
        if unit in reach[unit]
    }
    return sorted(map(list, rings))


def reached(unit: str, edges: dict[str, set[str]]) -> set[str]:
    """Return what a unit imports, directly or through others."""
    seen: set[str] = set()
    waiting = list(edges.get(unit, ()))
    while waiting:
        other = waiting.pop()
        if other not in seen:
            seen.add(other)
            waiting += edges.get(other, ())
    return seen


def test_imports_go_down_only() -> None:
    sentences = [
        offence
        for path, module, package in modules()
        for offence in offences(path.read_text(encoding="utf-8"), module, package)
    ]

    assert sentences == []


def test_packages_import_each_other_in_no_circle() -> None:
    units = {module: unit_of(module, package) for _path, module, package in modules()}
    edges: dict[str, set[str]] = defaultdict(set)
    for path, module, package in modules():
        for name in imports(path.read_text(encoding="utf-8"), package):
            while name not in units and "." in name:
                name = name.rpartition(".")[0]
            if name in units and units[name] != units[module]:
                edges[units[module]].add(units[name])

    assert circles(dict(edges)) == []


def test_picture_of_the_layers_is_the_table() -> None:
    picture = "\n".join(f"{'  '.join(names)}" for names in reversed(LAYERS))

    assert picture in (settings.BASE_DIR / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_circle_is_seen() -> None:
    edges = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}}

    assert circles(edges) == [["a", "b", "c"]]


@pytest.mark.parametrize(
    ("module", "line", "allowed"),
    [
        ("catalog.views", "from catalog import exporting", True),
        ("catalog.store.projection", "from catalog.models import Block", True),
        ("catalog.store.projection", "from catalog.markdown import parse", True),
        ("catalog.store.projection", "from . import blocks", True),
        ("catalog.store.projection", "from catalog import views", False),
        ("catalog.store.projection", "import catalog.views", False),
        ("catalog.finding.indexing", "from catalog.importing.applying import apply", False),
        ("catalog.tagging.tagger", "from catalog.importing.applying import apply", False),
        ("catalog.exporting.markdown", "from catalog.pages.frame import page_of", False),
        ("catalog.api.entries", "from catalog.views import home", False),
        ("catalog.feeds", "from catalog.pages.frame import page_of", False),
        ("api.pagination", "from catalog.models import Catalog", False),
        ("catalog.models", "def f():\n    from catalog.importing.applying import apply", False),
        ("catalog.querysets", "from catalog.models import Entry", True),
        ("catalog.importing.applying", "from submissions.models import Submission", False),
        ("submissions.workflow", "from catalog import editing", True),
        ("submissions.review_context", "from catalog.admin.base import show", False),
        ("submissions.review_context", "from catalog.views import home", False),
        ("submissions.admin.base", "from catalog.admin.base import show", True),
        ("submissions.mail", "from submissions.workflow import approve", False),
        (
            "submissions.workflow",
            "from submissions.mail import queue_email",
            True,
        ),
        ("submissions.api.base", "from catalog.pages.frame import page_of", False),
        ("accounts.models", "from catalog.models import Catalog", False),
        ("accounts.models", "from config.settings import DEBUG", False),
        ("accounts.models", "if TYPE_CHECKING:\n    from catalog.models import Catalog", True),
        ("catalog.brand_new", "import re", False),
        ("catalog.markdown.parser", "import re, pyromark", True),
        ("catalog.markdown.parser", "from catalog.markdown.nodes import Block", True),
        ("catalog.markdown.parser", "from .nodes import Block", True),
        ("catalog.markdown.parser", "from .writing import edit", False),
        ("catalog.markdown.parser", "from django.conf import settings", False),
        ("catalog.markdown.parser", "from catalog.slugs import slugify", False),
        ("catalog.markdown.parser", "from accounts.models import User", False),
    ],
)
def test_rule_distinguishes_up_from_down(module: str, line: str, allowed: bool) -> None:
    assert (offences(line, module, module.rpartition(".")[0]) == []) is allowed


def test_modules_that_the_documents_name_exist() -> None:
    root = Path(settings.BASE_DIR)
    modules = {path.as_posix() for path in root.glob("[!.]*/**/*.py")}
    named = {
        (document.name, name)
        for document in [*root.glob("*.md"), *root.glob("docs/*.md")]
        for name in re.findall(r"`([\w/]+\.py)`", document.read_text(encoding="utf-8"))
    }
    modules |= {path.as_posix() for path in root.glob("*.py")}

    missing = {
        (document, name)
        for document, name in named
        if not any(module.endswith(f"/{name}") for module in modules)
    }

    assert len(named) > 100
    assert missing == set()


def test_docstrings_name_files_that_there_are() -> None:
    paths = {f"/{path.relative_to(settings.BASE_DIR)}" for path, _name, _package in modules()}
    paths |= {f"/{path.name}" for path in settings.BASE_DIR.glob("*.py")}
    missing = [
        f"{module} names {file}"
        for path, module, _package in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        for file in re.findall(r"`((?:\w+/)*\w+\.py)`", ast.get_docstring(node) or "")
        if not any(known.endswith(f"/{file}") for known in paths)
    ]

    assert missing == []
