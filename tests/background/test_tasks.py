"""Every task is queued by something, and docs/mail.md has a row for each."""

import ast
import re
from collections.abc import Iterator

from django.conf import settings
from django.tasks import Task
from django.utils.module_loading import import_string

APPS = ("accounts", "api", "background", "catalog", "config", "operating", "remotes", "submissions")


def sources() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each module of the project."""
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            name = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
            yield name, path.read_text(encoding="utf-8")


def tasks() -> set[str]:
    """Return the dotted paths of all functions that are tasks."""
    return {
        f"{module}.{node.name}"
        for module, text in sources()
        if "django.tasks import" in text
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.decorator_list
        if isinstance(import_string(f"{module}.{node.name}"), Task)
    }


def documented() -> dict[str, str]:
    """Return when each task runs, by its dotted path, as docs/mail.md says."""
    text = (settings.BASE_DIR / "docs" / "mail.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([a-z_.]+)` \| ([^|]+) \|", text, flags=re.MULTILINE))


def test_every_task_is_documented() -> None:
    assert set(documented()) == tasks()


def test_set_times_are_those_of_the_settings() -> None:
    set_times = {path: when for path, when in documented().items() if when != "queued"}

    assert set_times == settings.PERIODIC_TASKS


def test_every_other_task_is_queued_somewhere() -> None:
    text = "\n".join(text for _name, text in sources())
    queued = set(re.findall(r"\b(\w+)\.(?:enqueue|using)\(", text))

    assert {
        path for path in tasks() - {*settings.PERIODIC_TASKS} if path.split(".")[-1] not in queued
    } == set()
