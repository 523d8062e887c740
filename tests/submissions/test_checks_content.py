"""Findings about fields and addresses by themselves, and what a list's profile makes of them."""

import importlib
import pkgutil
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.markdown.linting import Severity
from catalog.models import Catalog
from catalog.sentences import IN_PROPOSAL, finding_sentence
from submissions import checks
from submissions.choices import Action, Kind, Report
from submissions.findings import HOLDS, RULES, holds, judged
from submissions.findings import finding as make
from submissions.models import BlockRule, ContributionPolicy
from tests.catalog.importing.imports import new_list
from tests.catalog.test_sentences import codes_used
from tests.submissions.checked import MODELS, WEB, added, edited, fixes, seen, tools

pytestmark = pytest.mark.django_db

GOOD = {"name": "Elder", "url": "https://elder.example.org", "description": "Keeps all notes."}
RLO, ZWSP = "\u202e", "\u200b"


def test_a_good_proposal_has_no_findings() -> None:
    catalog = tools()

    assert added(catalog, WEB, **GOOD) == []
    row = {0: "[Merlin](https://merlin.example.org)", 1: "MIT", 2: "hunts"}
    assert added(catalog, MODELS, cells=row) == []
    assert edited(catalog, "Fig", description="Draws charts.") == []


@pytest.mark.parametrize(
    ("fields", "results"),
    [
        ({"name": ""}, [("block", "required", "name")]),
        ({"name": "  "}, [("block", "required", "name")]),
        ({"name": "a\nb"}, [("block", "line-break", "name")]),
        ({"name": f"E{ZWSP}lder"}, [("block", "unseen-character", "name")]),
        ({"url": f"https://elder.example.org/{RLO}x"}, [("block", "unseen-character", "url")]),
        ({"description": f"Keeps {ZWSP}notes."}, [("warn", "unseen-in-text", "description")]),
        ({"name": "E" * 301}, [("block", "too-long", "name")]),
        ({"url": "https://elder.example.org/" + "x" * 2000}, [("block", "too-long", "url")]),
        ({"url": "javascript:alert(1)"}, [("block", "url-invalid", "url")]),
        ({"url": "docs/elder.md"}, [("block", "url-invalid", "url")]),
        ({"url": "https://"}, [("block", "url-invalid", "url")]),
        ({"url": "https://[::1"}, [("block", "url-invalid", "url")]),
        ({"url": "https://e.example.org:99999/"}, [("block", "url-invalid", "url")]),
        ({"url": "https://e.example.org/a b"}, [("block", "url-invalid", "url")]),
        ({"url": "http://localhost:8000/"}, [("block", "url-private", "url")]),
        ({"url": "http://10.0.0.8/"}, [("block", "url-private", "url")]),
        ({"url": "http://169.254.169.254/latest"}, [("block", "url-private", "url")]),
        ({"url": "http://[fd00::1]/"}, [("block", "url-private", "url")]),
        ({"url": "https://me:secret@e.example.org/"}, [("block", "url-credentials", "url")]),
        ({"description": "See [this](http://192.168.0.1/)."},
         [("block", "url-private", "description")]),
    ],
)  # fmt: skip
def test_what_cannot_stand_there_blocks(
    fields: dict[str, str], results: list[tuple[str, str, str]]
) -> None:
    assert seen(added(tools(), WEB, **(GOOD | fields))) == results


@pytest.mark.parametrize(
    "name", ["نیم‌فاصله", "👩‍💻 Work", "שלום\u200f!", "क्‍ष", "C++", "名前", "a\tb"]
)
def test_characters_that_writing_needs_are_let_be(name: str) -> None:
    assert added(tools(), WEB, **(GOOD | {"name": name})) == []


@pytest.mark.parametrize(
    "name", ["IT-компания", "Яндекс Maps", "ОбъяснениеDev", "μTorrent", "πfs", "Vue中文", "ДОМ"]
)
def test_two_alphabets_in_a_name_may_be_meant(name: str) -> None:
    assert "mixed-alphabets" not in dict(fixes(added(tools(), WEB, **(GOOD | {"name": name}))))


@pytest.mark.parametrize(
    ("fields", "fixed"),
    [
        ({"name": "El\r\n der"}, ("line-break", {"name": "El der"})),
        ({"name": f"E{ZWSP}lder"}, ("unseen-character", {"name": "Elder"})),
        # A Cyrillic e, a Greek O, and a Latin H before Cyrillic letters.
        ({"name": "The \u0435lder"}, ("mixed-alphabets", {"name": "The elder"})),
        ({"name": "C\u039fBOL 2"}, ("mixed-alphabets", {"name": "COBOL 2"})),
        ({"name": "H\u043e\u0432\u0438\u0447\u043e\u043a"},
         ("mixed-alphabets", {"name": "\u041d\u043e\u0432\u0438\u0447\u043e\u043a"})),
        ({"url": "www.elder.example.org/x"},
         ("url-invalid", {"url": "https://www.elder.example.org/x"})),
        ({"url": "https://e.example.org/?utm_source=x&id=3&fbclid=1#top"},
         ("tracking", {"url": "https://e.example.org/?id=3#top"})),
        ({"url": "http://github.com/a/b"}, ("http", {"url": "https://github.com/a/b"})),
        # The list itself shows it.
        ({"url": "http://banana.example.org/other"},
         ("http", {"url": "https://banana.example.org/other"})),
        ({"description": "See [it](http://github.com/a/b)."},
         ("http", {"description": "See [it](https://github.com/a/b)."})),
    ],
)  # fmt: skip
def test_one_click_puts_it_right(fields: dict[str, str], fixed: tuple[str, dict[str, str]]) -> None:
    assert fixes(added(tools(), WEB, **(GOOD | fields))) == [fixed]


def test_relative_addresses_are_fine_where_the_neighbours_have_them() -> None:
    catalog = new_list("# Files\n\n- [a](a.md)\n- [b](b.md)\n- [c](https://c.org)\n")

    assert added(catalog, name="d", url="d.md") == []


def test_required_columns_are_required_of_new_rows_and_changed_cells() -> None:
    catalog = tools()
    policy = ContributionPolicy(catalog=catalog, required_columns=["name", "license", "notes"])
    cell = {0: "[Merlin](https://merlin.example.org)"}

    assert seen(added(catalog, MODELS, cells={**cell, 1: "MIT"}, policy=policy)) == [
        ("block", "required", "cell-2")
    ]
    assert seen(edited(catalog, "Ibis", cells={1: ""}, policy=policy)) == [
        ("block", "required", "cell-1")
    ]
    assert edited(catalog, "Ibis", cells={2: "stands"}, policy=policy) == []


def test_only_what_is_changed_is_judged() -> None:
    catalog = new_list(
        "# Tools\n\n- [Old\u200b](http://localhost/) - x **y**z\n- [B](https://b.org)\n"
    )
    about = catalog.entries.living().order_by("position")[0].name

    assert edited(catalog, about, description="Other.") == []
    assert edited(catalog, about, name=about, url="http://localhost/") == []


def test_reports_and_removals_are_not_judged_but_their_new_address_is() -> None:
    catalog = tools()
    report: Any = {"report": Report.DEAD_LINK, "action": Action.REPLACE_URL}

    assert edited(catalog, "Fig", Kind.REMOVE, reason="Gone.") == []
    assert seen(
        edited(catalog, "Fig", Kind.REPORT, replacement_url="http://localhost", **report)
    ) == [("block", "url-private", "replacement_url")]


# Block rules


@pytest.mark.parametrize(
    ("kind", "value", "fields", "field"),
    [
        ("domain", "example.com", {"url": "https://www.example.com/x"}, "url"),
        ("domain", "Example.com", {"url": "https://a.example.com"}, "url"),
        ("domain", "example.com", {"description": "See [x](https://example.com)."}, "description"),
        ("owner", "github.com/spam", {"url": "https://github.com/Spam/tool"}, "url"),
        ("owner", "github.com/spam/tool", {"url": "https://github.com/spam/tool.git"}, "url"),
        ("phrase", "Cheap  pills", {"description": "The cheap pills."}, "description"),
    ],
)
def test_block_rules_block(kind: str, value: str, fields: dict[str, str], field: str) -> None:
    catalog = tools()
    BlockRule.objects.create(kind=kind, value=value, reason="Spam.")

    results = added(catalog, WEB, **(GOOD | fields))

    assert seen(results) == [("block", "blocked", field)]
    assert finding_sentence(results[0]) == f"“{value}” is not accepted in this list. Spam."


@pytest.mark.parametrize(
    ("kind", "value", "url"),
    [
        ("domain", "example.com", "https://notexample.com/"),
        ("owner", "github.com/spam", "https://github.com/spammer/tool"),
        ("domain", "", "https://example.com/"),
    ],
)
def test_block_rules_name_no_more_than_they_say(kind: str, value: str, url: str) -> None:
    BlockRule.objects.create(kind=kind, value=value)

    assert added(tools(), WEB, **(GOOD | {"url": url})) == []


def test_block_rules_of_others_and_of_the_past_are_nothing() -> None:
    catalog, other = tools(), tools("other")
    BlockRule.objects.create(kind="phrase", value="notes", catalog=other)
    past = timezone.now() - timedelta(minutes=1)
    BlockRule.objects.create(kind="phrase", value="keeps", expires_at=past)

    assert added(catalog, WEB, **GOOD) == []


# Profiles


@pytest.mark.parametrize(
    ("profile", "results"),
    [
        ({}, [("warn", "tracking", "url")]),
        ({"tracking": "off"}, []),
        ({"tracking": "block"}, [("block", "tracking", "url")]),
        ({"tracking": "nonsense"}, [("warn", "tracking", "url")]),
    ],
)
def test_a_list_has_its_own_profile(
    profile: dict[str, str], results: list[tuple[str, str, str]]
) -> None:
    catalog = tools()
    policy = ContributionPolicy(catalog=catalog, profile=profile)
    fields = GOOD | {"url": "https://elder.example.org/?utm_source=x"}

    assert seen(added(catalog, WEB, policy=policy, **fields)) == results


def test_a_field_that_was_not_changed_cannot_block() -> None:
    findings = [make("url-invalid", "url"), make("url-invalid", "name")]

    assert [results.severity for results in judged(findings, {}, {"name"})] == [
        Severity.WARN,
        Severity.BLOCK,
    ]


def test_spam_holds_and_never_blocks() -> None:
    assert {RULES[rule].severity for rule in HOLDS} == {Severity.WARN}
    assert holds([make("trap", "")])
    assert not holds([make("tracking", "url")])


def test_every_check_is_a_row() -> None:
    functions = {
        f"{module.__name__}.{name}"
        for item in pkgutil.iter_modules(checks.__path__, f"{checks.__name__}.")
        for module in [importlib.import_module(item.name)]
        for name in vars(module)
        if name.endswith("_findings") and getattr(module, name).__module__ == module.__name__
    }

    assert {f"{check.__module__}.{check.__name__}" for check in checks.CHECKS} == functions


def test_every_rule_is_used_by_a_check_and_has_a_sentence(settings: Any) -> None:
    paths = (settings.BASE_DIR / "submissions").rglob("*.py")
    text = "\n".join(path.read_text() for path in paths if path.name != "findings.py")

    assert codes_used("submissions", {"finding"}, 0) <= set(RULES)
    assert {rule for rule in RULES if f'"{rule}"' not in text} == set()
    assert {code.partition(".")[0] for code in IN_PROPOSAL} >= set(RULES)


def test_every_rule_is_documented(catalog_of_rules: set[str]) -> None:
    assert catalog_of_rules == set(RULES)


@pytest.fixture
def catalog_of_rules(settings: Any) -> set[str]:
    """The rules that docs/findings.md tells of."""
    text = (settings.BASE_DIR / "docs" / "findings.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in row.split("|")[1].replace("`", "").split()}


def test_hostile_texts_are_only_findings() -> None:
    catalog: Catalog = tools()
    for text in (
        "(" * 20_000,
        "*" * 20_000,
        "[" * 9_999,
        "\ud800",
        "\x00",
        "`" * 9_999,
        "a" * 99_999,
    ):
        added(catalog, WEB, name=text, url=text, description=text)
        added(catalog, MODELS, cells=dict.fromkeys(range(3), text))
