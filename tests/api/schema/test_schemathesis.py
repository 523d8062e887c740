"""Whatever is sent, the API answers as its schema says: by anybody, a contributor, a moderator.

LISTWRIGHT_TESTS_API_SEED is the seed of what is sent by chance.
"""

import ctypes
import gc
import logging
import os
from collections.abc import Iterator
from itertools import batched

import pytest
from django.conf import settings
from schemathesis.specs.openapi import _caches

from accounts import api
from accounts.limits import Rate
from config.views import document
from submissions import protection
from tests.api.schema.fuzzing import fuzz
from tests.api.schema.site import make_site
from tests.effort import IS_LONG

CASES = 200 if IS_LONG else 1
"""How many cases each operation is tried with by chance, besides those that its bounds ask for."""
SEED = int(os.environ.get("LISTWRIGHT_TESTS_API_SEED", "1"))
READING = ["Lists", "About", "Entries"]
ROLES = {
    "anybody": [*READING, "Contributing", "Moderating"],
    # What is published is the same for everybody.
    "contributor": ["Contributing"],
    "moderator": ["Contributing", "Moderating"],
}
"""Who calls which operations, by tags; moderating is refused to all but the last."""
if not IS_LONG:
    # That those without the right are refused is tested one by one, and to contribute, a
    # moderator is a contributor.
    ROLES |= {"anybody": [*READING, "Contributing"], "moderator": ["Moderating"]}
TOGETHER = 100 if IS_LONG else 2
"""Operations of one test: a few take seconds, all of them together follow every link."""


def operations(tags: list[str]) -> list[str]:
    """Return the ids of the operations with these tags."""
    return [
        operation["operationId"]
        for methods in document()["paths"].values()
        for operation in methods.values()
        if operation["tags"][0] in tags
    ]


RUNS = [
    (role, list(some))
    for role, tags in ROLES.items()
    for some in batched(operations(tags), TOGETHER, strict=False)
]
"""Who calls what in one test."""
ENDLESS = Rate(1_000_000_000, 60)


@pytest.fixture
def without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one network call thousands of times; that limits hold is tested elsewhere."""
    writing = dict.fromkeys(api.WRITING, (ENDLESS, ENDLESS))
    monkeypatch.setattr(api, "WRITING", writing)
    for name in ("API_READS_ANONYMOUS", "API_READS_SIGNED_IN"):
        monkeypatch.setattr(settings, name, 0)
    for name in ("BY_ACCOUNT", "BY_ADDRESS", "BY_NETWORK", "FLOOD"):
        monkeypatch.setattr(protection, name, ENDLESS)
    for name in ("ANONYMOUS_CAP", "ADDRESS_CAP", "NEW_CAP", "TRUSTED_CAP", "NETWORK_CAP"):
        monkeypatch.setattr(protection, name, 1_000_000)
    monkeypatch.setattr(protection, "FREE", 1_000_000)


@pytest.fixture(autouse=True)
def without_remains() -> Iterator[None]:
    """Free what schemathesis keeps: hundreds of validators, each with a copy of the document.

    They are a gigabyte outside of Python's own memory, in arenas of threads that have ended.
    """
    yield
    _caches.clear_all()
    gc.collect()
    # Of glibc alone.
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize(
    ("role", "called"), RUNS, ids=[f"{role}-{called[0]}" for role, called in RUNS]
)
def test_every_answer_is_as_described(
    role: str, called: list[str], without_limits: None, caplog: pytest.LogCaptureFixture
) -> None:
    # Thousands of refusals are no news.
    caplog.set_level(logging.ERROR, "django.request")
    site = make_site()
    headers = {"Authorization": f"Bearer {site.tokens[role]}"} if role in site.tokens else {}
    # What is no request of the document is refused to a contributor as it is to anybody.
    is_brief = role == "contributor" and not IS_LONG
    outcome = fuzz(operations=called, cases=CASES, seed=SEED, headers=headers, is_brief=is_brief)

    assert sorted(outcome.failures) == []
    assert {name.partition(" ")[0] for name in outcome.answers} == set(called)
