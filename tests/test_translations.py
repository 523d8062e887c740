"""Every string of the interface has its Chinese, and the Chinese is set as Chinese is."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.db.models import Model
from django.test import RequestFactory
from django.utils.translation import override
from django.utils.translation.template import templatize

from accounts.models import User

ROOT = Path(settings.BASE_DIR)
LOCALE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES"
PACKAGES = ("accounts", "api", "background", "catalog", "config", "operating", "submissions")

SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}

CHINESE = "\u3400-\u9fff"
HALF_WIDTH = re.compile(rf"[{CHINESE}][,;:!?]|[,;:!?](?=[{CHINESE}])")
"""A mark of Latin text that touches a Chinese character."""
TYPED = re.compile(r"“[^”]*”|`[^`]*`|<[^>]*>|%\(\w+\)[sd]|/[\w/%<>-]*")
"""What people type or programs write keeps its own marks."""


def _messages(source: str) -> Iterator[tuple[str | None, str]]:
    """The context and the text of each call in Python that asks for a translation."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        words = [text for text in texts if isinstance(text, str)]
        if words and name in SINGULAR | PLURAL:
            yield None, words[0]
        elif len(words) > 1 and name in IN_CONTEXT:
            yield words[0], words[1]


TEMPLATE_CALL = re.compile(
    r"(?<!\w)(n|p|np)?gettext\(\s*(u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))"
    r"(?:\s*,\s*(u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")))?"
    r"|(?<!\w)_\(\s*(u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))"
)


def _template_messages(source: str) -> Iterator[tuple[str | None, str]]:
    """The same of a template, as Django's own extraction reads it."""
    for kind, first, second, bare in TEMPLATE_CALL.findall(templatize(source)):
        if bare or not kind or kind == "n":
            yield None, ast.literal_eval(bare or first)
        else:
            yield ast.literal_eval(first), ast.literal_eval(second)


def _all_messages() -> Iterator[tuple[str, str | None, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for context, text in _messages(path.read_text()):
                yield str(path.relative_to(ROOT)), context, text
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt", ".xml"}:
            for context, text in _template_messages(path.read_text()):
                yield str(path.relative_to(ROOT)), context, text


@pytest.fixture(scope="module")
def catalogue() -> gettext.GNUTranslations:
    with (LOCALE / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def _translated(catalogue: gettext.GNUTranslations) -> set[tuple[str | None, str]]:
    known: set[tuple[str | None, str]] = set()
    for key, value in catalogue._catalog.items():  # type: ignore[attr-defined]
        text = key[0] if isinstance(key, tuple) else key
        context, separator, rest = text.partition("\x04")
        if value:
            known.add((context, rest) if separator else (None, text))
    return known


def test_every_string_is_translated(catalogue: gettext.GNUTranslations) -> None:
    known = _translated(catalogue)
    messages = list(_all_messages())
    assert len(messages) > 1000, "the reading of sources broke"

    missing = {(path, text) for path, context, text in messages if (context, text) not in known}

    assert missing == set()


def test_the_compiled_catalogue_is_that_of_the_sources(
    catalogue: gettext.GNUTranslations,
) -> None:
    texts = re.findall(r'^msgid (".*"(?:\n".*")*)$', (LOCALE / "django.po").read_text(), re.M)
    sources = {"".join(ast.literal_eval(line) for line in text.split("\n")) for text in texts}
    compiled = {text for _context, text in _translated(catalogue)}

    assert (sources - compiled, compiled - sources) == (set(), set())


def test_chinese_has_marks_of_its_own(catalogue: gettext.GNUTranslations) -> None:
    values = {value for key, value in catalogue._catalog.items() if key}  # type: ignore[attr-defined]

    assert {value for value in values if HALF_WIDTH.search(TYPED.sub("", value))} == set()


def test_chinese_has_no_blank_between_sentences(catalogue: gettext.GNUTranslations) -> None:
    values = {value for key, value in catalogue._catalog.items() if key}  # type: ignore[attr-defined]

    assert {value for value in values if re.search(r"[。；！？] \S", value)} == set()


def test_chinese_speaks_to_its_reader_in_one_way(catalogue: gettext.GNUTranslations) -> None:
    values = {value for key, value in catalogue._catalog.items() if key}  # type: ignore[attr-defined]

    assert {value for value in values if "您" in value or "电子邮件地址" in value} == set()


def test_what_the_administration_lists_is_called_in_chinese(rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = User(is_staff=True, is_superuser=True)
    with override("zh-hans"):
        apps = admin.site.get_app_list(request)
        names = {str(app["name"]) for app in apps}
        names |= {str(model["name"]) for app in apps for model in app["models"]}

    assert {name for name in names if not re.search(f"[{CHINESE}]", name)} == set()


def test_headers_and_filters_of_the_administration_are_chinese() -> None:
    """All but those of the queue's own package, whose fields have words of its own."""
    with override("zh-hans"):
        labels = {
            f"{model._meta.label}.{name}": str(label)
            for model, page in admin.site._registry.items()
            if model._meta.app_label != "django_tasks_database"
            for name, label in _labels_of(model, page)
        }

    assert {
        name: label for name, label in labels.items() if not re.search(f"[{CHINESE}]", label)
    } == {}


def _labels_of(model: type[Model], page: admin.ModelAdmin[Any]) -> Iterator[tuple[str, str]]:
    """The headers of the table of a model, and the titles of its filters."""
    for column in map(str, page.list_display):
        yield column, str(label_for_field(column, model, page))
    for by in page.list_filter:
        if isinstance(by, str):
            yield by, str(label_for_field(by, model, page))
        elif isinstance(by, type):
            yield by.__name__, str(by.title)
