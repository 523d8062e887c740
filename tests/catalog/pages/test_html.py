"""The HTML of the pages, as far as its rules can be told from a page alone."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from django.test import Client

from catalog.models import Catalog
from tests import factories
from tests.catalog.pages.test_views import fill

pytestmark = pytest.mark.django_db

# HTML, sections 2.3.5 (valid times) and 3.2.5 (content models).
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:?\d\d)?)?")
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
ATTRIBUTE_NAMES = """
    action as autocapitalize autocomplete autofocus charset checked class colspan content cols
    crossorigin datetime defer dir disabled enctype for form hidden href hreflang id inert integrity
    inputmode lang list loading max maxlength media method min minlength name nonce novalidate open
    pattern placeholder popover popovertarget property readonly referrerpolicy rel required role
    rowspan rows scope selected sizes spellcheck src start step tabindex target title translate type
    value
"""
ATTRIBUTES = frozenset(ATTRIBUTE_NAMES.split())
PHRASING_ONLY = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "bdi", "span", "b", "i", "em", "strong"}
BLOCKS = {"div", "dl", "form", "h1", "h2", "h3", "h4", "h5", "h6", "nav", "ol", "p", "pre", "ul"}
BLOCKS |= {"article", "blockquote", "details", "fieldset", "figure", "footer", "header", "hr"}
BLOCKS |= {"main", "section", "table"}


class Checker(HTMLParser):
    """Collects what is against the rules."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS and PHRASING_ONLY.intersection(self.open):
            self.faults.append(f"<{tag}> in {self.open}")
        if tag == "a" and "a" in self.open:
            self.faults.append("a link in a link")
        if "svg" not in self.open and tag != "svg":
            self._attributes(tag, dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def _attributes(self, tag: str, attributes: dict[str, str | None]) -> None:
        for name, value in attributes.items():
            if name not in ATTRIBUTES and not name.startswith(("data-", "aria-")):
                self.faults.append(f"{name} on <{tag}>")
            if name == "datetime" and not MOMENT.fullmatch(value or ""):
                self.faults.append(f"datetime={value}")
            if name in {"action", "href"} and not value and tag != "a":
                self.faults.append(f"{name} of <{tag}> is empty")
            if name == "id":
                self.ids[value or ""] += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")


def faults(html: str) -> list[str]:
    """What is against the rules of HTML in a page, without repetitions."""
    checker = Checker()
    checker.feed(html)
    twice = [f"id {name} twice" for name, number in checker.ids.items() if number > 1]
    return sorted({*checker.faults, *twice, *checker.open})


def test_pages_are_html(client: Client) -> None:
    pages = fill(2)
    del pages["README"]
    catalog = Catalog.objects.get()
    entry = catalog.entries.published()[0]
    for year in ("2025", "2026"):
        factories.make_tag(catalog, "Year", year, [entry])
    factories.make_list(factories.make_catalog("books", "Books"), None, ["[Tool](https://a.test/)"])
    pages |= {
        kind: f"/contribute/tools/entries/{entry.pk}/{kind}/"
        for kind in ("edit", "move", "remove", "report")
    }
    pages |= {"place": "/contribute/tools/new/", "all lists": "/search/?q=tool"}
    pages |= {"browse": "/tools/browse/?sort=name", "search": "/tools/search/?q=tool"}
    pages |= {"nothing": "/tools/search/?q=nothinglikeit", "tokens": "/accounts/login/"}

    answers = {page: client.get(address) for page, address in pages.items()}

    assert {
        page: wrong
        for page, answer in answers.items()
        if answer["Content-Type"].startswith("text/html") and (wrong := faults(answer.text))
    } == {}
