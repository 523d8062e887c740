"""Asking for entries as a program does, and lists to ask."""

import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Catalog

type Json = dict[str, Any]

ENTRIES = "/api/v1/entries/"


def make(slug: str, text: str) -> Catalog:
    """A list with this text, called as its slug."""
    return import_text(text, catalog=Catalog(slug=slug, title=slug.title()), by=Author()).catalog


def ask(client: Client, query: str = "", status: int = 200) -> Json:
    """The answer to a query, which begins with no question mark; also to a whole address."""
    address = query if query.startswith("http") else f"{ENTRIES}?{query}"
    response = client.get(address.removeprefix("http://testserver"))
    assert response.status_code == status, response.content
    answer: Json = response.json()
    return answer


def names(client: Client, query: str = "") -> list[str]:
    """What the entries of the answer are called."""
    return [entry["name"] for entry in ask(client, query)["results"]]


def walk(client: Client, query: str, way: str = "next") -> Iterator[Json]:
    """The answer, and all that follow it."""
    answer: Json | None = ask(client, query)
    while answer:
        yield answer
        answer = ask(client, answer[way]) if answer[way] else None


def query_of(**parameters: object) -> str:
    """Parameters as addresses have them; lists are repeated."""
    return urlencode(parameters, doseq=True)


# Made up

_WORDS = ("Fast", "fast tools", "Small", "Toolkit", "工具", "开源模型", "café", "node.js", "C++")
_LANGUAGES = ("C", "Rust", "C / Rust", "-", "中文")


def made_list(seed: int, entries: int = 40) -> str:
    """A list with tables, items, sections in sections, equal names and shared links."""
    chance = random.Random(seed)
    lines = [f"# List {seed}", ""]
    number = 0
    section = 0
    while number < entries:
        section += 1
        lines += [f"{'#' * chance.choice((2, 2, 3, 4))} Part {chance.randint(1, 4)}", ""]
        is_table = chance.random() < 0.5
        if is_table:
            lines += ["| name | language | note |", "|---|---|---|"]
        for _ in range(chance.randint(0, 8)):
            number += 1
            name = f"{chance.choice(_WORDS)} {chance.randint(1, 9)}"
            link = f"[{name}](https://example.org/{chance.randint(1, 12)})"
            note = f"{chance.choice(_WORDS)} {chance.choice(_WORDS)}."
            row = f"| {link} | {chance.choice(_LANGUAGES)} | {note} |"
            lines.append(row if is_table else f"- {link} - {note}")
        lines.append("")
    return "\n".join([*lines, ""])
