"""Findings about what the list, or somebody else's proposal, has already."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from catalog.markdown.links import canonical_url
from catalog.models import Catalog
from catalog.sentences import finding_sentence
from submissions import workflow
from submissions.checks.duplicates import is_alike
from submissions.choices import Kind, Status
from submissions.models import Submission
from submissions.people import Actor
from submissions.proposal import Proposal
from tests.catalog.importing.imports import new_list
from tests.submissions.checked import FURTHER, MODELS, WEB, added, edited, entry, seen, tools

pytestmark = pytest.mark.django_db

GOOD = {"name": "Elder", "url": "https://elder.example.org", "description": "Keeps all notes."}


def submitted(catalog: Catalog, number: int = WEB, **fields: Any) -> Submission:
    """A submission of an addition, as the workflow would store it."""
    texts = {name: fields.pop(name, value) for name, value in GOOD.items()}
    values: dict[str, Any] = {
        "status": Status.PENDING,
        "status_at": timezone.now(),
        "created_at": timezone.now(),
        "name": texts["name"],
        "url": texts["url"],
        "canonical_url": canonical_url(texts["url"]),
        "listing": catalog.listings.in_reading_order()[number],
        "proposal": Proposal(Kind.ADD, **texts).to_json(),
        "base": {},
    }
    return Submission.objects.create(catalog=catalog, kind=Kind.ADD, **(values | fields))


# The same address


@pytest.mark.parametrize(
    "url",
    [
        "https://banana.example.org",
        "http://www.banana.example.org/index.html?utm_source=x",
        "https://BANANA.example.org/#top",
    ],
)
def test_same_address_in_the_listing_blocks_in_any_spelling(url: str) -> None:
    catalog = tools()

    results = [f for f in added(catalog, WEB, **(GOOD | {"url": url})) if "url-" in f.code]

    assert seen(results) == [("block", "url-in-listing", "url")]
    assert results[0].link == entry(catalog, "Banana").get_absolute_url()
    assert "Banana" in finding_sentence(results[0])


@pytest.mark.parametrize(
    ("number", "url", "rules"),
    [
        (MODELS, "https://banana.example.org", ["url-elsewhere"]),
        (WEB, "https://arxiv.org/pdf/2301.00001v2", ["url-elsewhere"]),
        (FURTHER, "https://further.example.org/notes#two", []),
        (FURTHER, "https://further.example.org/notes", ["url-in-listing"]),
        (WEB, "https://github.com/fruit/fig/tree/main/docs/tool", ["same-repository"]),
        (WEB, "https://github.com/Fruit/Fig.git", ["url-in-listing"]),
        (WEB, "https://github.com/fruit/other", []),
    ],
)
def test_addresses_that_the_list_has(number: int, url: str, rules: list[str]) -> None:
    results = added(tools(), number, **(GOOD | {"url": url}))

    assert [f.code for f in results if f.code != "end-mark"] == rules


def test_a_repository_of_several_entries_is_no_news() -> None:
    both = "- [A](https://github.com/o/r/tree/main/a)\n- [B](https://github.com/o/r/tree/main/b)\n"
    catalog = new_list(f"# Tools\n\n{both}")

    assert added(catalog, name="C", url="https://github.com/o/r/tree/main/c") == []


def test_same_work_warns_on_its_cell() -> None:
    cells = {0: "[Merlin](https://merlin.example.org), [v](https://doi.org/10.48550/arXiv.2301.00001)",
             1: "MIT", 2: "hunts"}  # fmt: skip

    results = added(tools(), MODELS, cells=cells)

    assert seen(results) == [("warn", "same-work", "cell-0")]
    assert "Jay" in finding_sentence(results[0])


def test_an_entry_is_no_duplicate_of_itself() -> None:
    catalog = tools()

    assert edited(catalog, "Banana", url="http://www.banana.example.org/") == []
    assert edited(catalog, "Banana", name="Bananas") == []


def test_a_move_to_where_the_same_is_listed_blocks() -> None:
    text = "# A\n\n- [X](https://x.org)\n\n## B\n\n- [Y](https://x.org)\n- [Z](https://z.org)\n"
    catalog = new_list(text)
    there = catalog.listings.in_reading_order()[1]

    results = edited(catalog, "X", Kind.MOVE, target=there.pk)

    assert seen(results) == [("block", "url-in-listing", "target")]


# Proposed already


@pytest.mark.parametrize(
    ("place", "status", "rules"),
    [
        (WEB, Status.PENDING, ["url-pending"]),
        (WEB, Status.CHANGES_REQUESTED, ["url-pending"]),
        (MODELS, Status.PENDING, ["url-elsewhere"]),
        (WEB, Status.WITHDRAWN, []),
    ],
)
def test_the_same_address_pending(place: int, status: str, rules: list[str]) -> None:
    catalog = tools()
    other = submitted(catalog, place, status=status, name="Elderly")

    results = added(catalog, WEB, **GOOD)

    assert [finding.code for finding in results] == rules
    assert all(f"(number {other.pk})" in finding_sentence(finding) for finding in results)
    assert not any(other.token in finding_sentence(finding) + finding.link for finding in results)


def test_a_submission_is_not_pending_against_itself_or_in_another_list() -> None:
    catalog, other = tools(), tools("other")
    own = submitted(catalog)
    submitted(other)

    assert [f.code for f in added(catalog, WEB, submission=own, **GOOD)] == ["unseen-domain"]


# Names


@pytest.mark.parametrize(
    ("name", "other", "alike"),
    [
        ("llama.cpp", "LLaMA CPP", True),
        ("TensorFlow", "Tensorflw", True),
        ("ngx-cookie-consent", "ngx-cookieconsent", True),
        ("GPT-3", "GPT-4", False),
        ("Part 1", "Part 2", False),
        ("Llama 2", "Llama", False),
        ("Ruby", "Rugby", False),
        ("React", "Preact", False),
        ("开源模型", "开源模型", True),
        ("", "", False),
        ("★", "★", True),
    ],
)
def test_names_are_alike_but_for_a_slip(name: str, other: str, alike: bool) -> None:
    assert is_alike(name, other) is alike


@pytest.mark.parametrize("name", ["Aprikot", "APRICOT", "Apricott", "Apricto"])
def test_a_similar_name_warns_with_a_link(name: str) -> None:
    catalog = tools()

    results = [f for f in added(catalog, WEB, **(GOOD | {"name": name})) if f.code != "order"]

    assert seen(results) == [("warn", "similar-name", "name")]
    assert results[0].link == entry(catalog, "Apricot").get_absolute_url()


def test_names_like_website_are_no_news() -> None:
    lines = "".join(f"- [Annual report](https://r{n}.example.org)\n" for n in range(3))
    catalog = new_list(f"# Tools\n\n{lines}")

    assert added(catalog, name="Annual report", url="https://new.example.org") == []


# Cost


@pytest.mark.parametrize("count", [3, 300])
def test_check_asks_the_same_for_any_list(count: int) -> None:
    rows = "".join(
        f"| [Project {n}](https://github.com/o{n}/p) | MIT | Says something. |\n"
        for n in range(count)
    )
    catalog = new_list(f"# T\n\n| Name | License | Notes |\n|---|---|---|\n{rows}")
    cells = {0: "[Projekt 1](http://new.example.org), [b](http://b.example.org)", 1: "MITT", 2: "x"}
    listing = catalog.listings.get()

    with CaptureQueriesContext(connection) as queries:
        added(catalog, 0, cells=cells)

    # One for each of: the listing, columns, what is near (2), addresses, pending, neighbours,
    # block rules, values and aliases where a column has a facet.
    statements = [query["sql"].split()[0] for query in queries]
    assert (listing.kind, statements) == ("table", ["SELECT"] * 10)


# Spam


def test_the_same_from_several_people_is_held() -> None:
    catalog = tools()
    people = [User.objects.create_user(f"u{n}", email=f"u{n}@example.org") for n in range(3)]
    own = submitted(catalog, submitter=people[0])
    submitted(catalog, submitter=people[0], status=Status.WITHDRAWN)
    submitted(catalog, submitter=people[1], status=Status.WITHDRAWN)
    one_other = added(catalog, WEB, submission=own, **GOOD)
    submitted(catalog, submitter=people[2], status=Status.WITHDRAWN)
    two_others = added(catalog, WEB, submission=own, **GOOD)

    assert [f.code for f in one_other] == ["unseen-domain"]
    assert [f.code for f in two_others] == ["same-text", "unseen-domain"]


def test_the_third_of_the_same_is_held_when_it_comes_in() -> None:
    catalog = tools()
    words = "The very same words that the others have sent as well."
    held = []
    for number in range(3):
        sent = workflow.submit(
            catalog=catalog,
            actor=Actor(email=f"u{number}@example.org", network_hash=str(number)),
            proposal=Proposal(
                Kind.ADD, name=f"N{number}", url=f"https://n{number}.example.org", description=words
            ),
            listing=catalog.listings.in_reading_order()[WEB],
            consent=True,
        )
        held.append(sent.is_held)

    assert held == [False, False, True]


def test_a_new_site_is_noted_until_its_person_has_a_record() -> None:
    catalog = tools()
    ada = User.objects.create_user("ada")
    own = submitted(catalog, submitter=ada)
    known = GOOD | {"url": "https://banana.example.org/new"}

    assert seen(added(catalog, WEB, submission=own, **GOOD)) == [("note", "unseen-domain", "url")]
    assert added(catalog, WEB, submission=own, **known) == []
    applied: dict[str, Any] = {
        "status": Status.APPLIED, "decided_at": timezone.now(), "url": "https://x.example.org"
    }  # fmt: skip
    submitted(catalog, submitter=ada, **applied)
    assert added(catalog, WEB, submission=own, **GOOD) == []


def test_many_links_are_held_unless_the_entry_has_had_them() -> None:
    links = " ".join(f"[l{n}](https://l{n}.example.org)" for n in range(13))
    catalog = new_list(f"# T\n\n- [A](https://a.org) - {links}\n- [B](https://b.org) - One.\n")

    assert [f.code for f in edited(catalog, "B", description=links)] == ["many-links"]
    assert edited(catalog, "A", description=f"{links}.") == []
