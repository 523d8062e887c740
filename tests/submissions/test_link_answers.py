"""What a proposed link answers joins the findings, unless somebody was faster."""

from typing import Any

import pytest
from django.conf import LazySettings
from django_tasks_db.models import DBTaskResult

from catalog.models import Catalog
from submissions import workflow
from submissions.checks import links
from submissions.checks.links import LinkAnswer, State
from submissions.choices import Report
from submissions.models import ContributionPolicy, Kind, Submission
from submissions.people import Actor
from submissions.proposal import Proposal
from tests.mailbox import work_off
from tests.submission_factories import entry_called, make_moderator, make_tools, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog() -> Catalog:
    return make_tools()


@pytest.fixture
def requests(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were asked; all of them are broken."""
    settings.ASK_LINKS = True
    seen: list[str] = []

    def look(url: str) -> LinkAnswer:
        seen.append(url)
        return LinkAnswer(url, State.BROKEN, status=404, detail="404")

    monkeypatch.setattr(links, "look", look)
    return seen


def rules(submission: Submission) -> list[tuple[str, str]]:
    submission.refresh_from_db()
    return [(results["rule"], results["severity"]) for results in submission.findings]


def test_broken_link_of_an_addition_is_reported_later(
    catalog: Catalog, requests: list[str]
) -> None:
    submission = submit(catalog, url="https://gone.example/tool")
    before = rules(submission)

    work_off()

    assert requests == ["https://gone.example/tool"]
    assert rules(submission) == [*before, ("link-broken", "warn")]


def test_checking_again_replaces_the_answer(catalog: Catalog, requests: list[str]) -> None:
    submission = submit(catalog, url="https://gone.example/tool")

    for _time in range(2):
        links.write_answer(submission.pk, submission.revision)

    assert [rule for rule, _ in rules(submission)].count("link-broken") == 1


def test_profile_turns_it_off(catalog: Catalog, requests: list[str]) -> None:
    ContributionPolicy.objects.create(catalog=catalog, profile={"link-broken": "off"})
    submission = submit(catalog, url="https://gone.example/tool")

    work_off()

    assert "link-broken" not in [rule for rule, _ in rules(submission)]


def test_what_was_decided_meanwhile_is_left_alone(catalog: Catalog, requests: list[str]) -> None:
    submission = submit(catalog, url="https://gone.example/tool")
    workflow.approve(submission=submission, actor=make_moderator(catalog))

    work_off()

    assert requests == []


@pytest.mark.parametrize(
    ("proposal", "expected"),
    [
        ({"kind": Kind.EDIT, "description": "Newer"}, ""),
        ({"kind": Kind.EDIT, "url": "https://new.example"}, "https://new.example"),
        ({"kind": Kind.REMOVE, "reason": "Gone"}, ""),
        ({"kind": Kind.REPORT, "report": Report.DEAD_LINK}, "the entry's own"),
    ],
)
def test_link_checked_is_what_the_decision_depends_on(
    catalog: Catalog, proposal: dict[str, Any], expected: str
) -> None:
    entry = entry_called("Alpha", catalog)
    submission = workflow.submit(
        catalog=catalog,
        actor=Actor(name="Grace"),
        proposal=Proposal(**proposal),
        entry=entry,
        consent=True,
    )

    results = links.link_of(submission)

    assert results == ("url", entry.url if expected == "the entry's own" else expected)


def test_no_link_is_checked_where_the_site_may_not(
    catalog: Catalog, requests: list[str], settings: LazySettings
) -> None:
    settings.ASK_LINKS = False

    submit(catalog, url="https://gone.example/tool")

    assert not DBTaskResult.objects.filter(task_path__endswith="check_link").exists()
