"""Requests that all began from one commit, on lists that are written in different ways."""

import random
from collections import Counter

import pytest

from quality import request_worker
from quality.request_worker import Site, contradict, measure
from submissions.people import Actor
from tests.submission_factories import make_user

pytestmark = pytest.mark.django_db

LINES = {
    "dashes": "- [Thing {n}](https://t{n}.example) - Does thing {n} well.\n",
    "badges": "* [Thing {n}](https://t{n}.example) ![](https://i.example/{n}) – Does {n} well\r\n",
    "loose": "1. **[Thing {n}](https://t{n}.example)**: Does thing {n} well\n\n",
    "table": "|[Thing {n}](https://t{n}.example)  | Does thing {n} well|\n",
}  # fmt: skip
HEADS = {"table": "| Name | Description |\n|:-|-|\n"}


@pytest.mark.parametrize("kind", LINES)
def test_every_request_becomes_its_lines_in_any_order(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = HEADS.get(kind, "") + "".join(LINES[kind].format(n=n) for n in range(40))
    monkeypatch.setattr(request_worker, "EACH", 4)
    moderator = Actor(user=make_user("mo", is_superuser=True))
    site = Site("things", f"# Things\n\n## All\n\n{text}", moderator)
    chance, figures = random.Random(text), Counter[str]()

    wrong = [*measure(site, chance, figures), *contradict(site, chance, figures)]

    assert wrong == []
    assert figures["requests"] == figures["right"] == figures["approved"] > 12
    assert figures["conflicts"] == figures["contradictions"] == 1
