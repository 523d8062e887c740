"""Who sees and decides what: a moderator of one catalog, a maintainer, a superuser, staff."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from accounts.models import User
from catalog.models import Catalog, Listing
from submissions import policies, workflow
from submissions.models import BlockRule, ContributionPolicy, Submission, SubmissionEvent
from submissions.people import Actor
from tests.submission_factories import edit, list_of, make_tools, make_user, submit
from tests.submissions.admin.moderation import contributor, decide, member, page_of, signed_in, url

pytestmark = pytest.mark.django_db

SECRETS = (
    "Xlist",
    "Xname",
    "xurl.example",
    "Xperson",
    "xmail.example",
    "Xnote",
    "Xinternal",
    "Xblock",
    "Xcredit",
    "xhash",
)


@pytest.fixture
def tools() -> Catalog:
    return make_tools()


@pytest.fixture
def foreign() -> Catalog:
    """Another catalog, full of what must not be told."""
    catalog = make_tools("xlist")
    maintainer = Actor(user=member(catalog, "xmo", "maintainer"))
    person = make_user("xperson", display_name="Xperson", email="x@xmail.example")
    one = submit(
        catalog,
        Actor(user=person, network_hash="xhash"),
        name="Xname",
        url="https://xurl.example",
        note="Xnote",
        credit="Xcredit",
    )
    two = submit(catalog, Actor(user=person), name="Xname two", url="https://xurl.example/2")
    workflow.approve(submission=two, actor=maintainer, note="Xnote", internal_note="Xinternal")
    policies.add_block_rule(
        catalog=catalog, actor=maintainer, kind=BlockRule.Kind.PHRASE, value="Xblock"
    )
    policies.pin_trust(catalog=catalog, user=person, actor=maintainer, is_trusted=True)
    assert one.status == "pending"
    return catalog


@pytest.fixture
def theirs(foreign: Catalog) -> Submission:
    """What waits in the other catalog."""
    return Submission.objects.get(catalog=foreign, status="pending")


def moderator_of(tools: Catalog, role: str = "moderator") -> Client:
    return signed_in(member(tools, "mo", role))


def pages(theirs: Submission, tools: Catalog) -> Iterator[str]:
    """Every address of moderation, asked about the other catalog, and those that tell of all."""
    catalog, queue = theirs.catalog_id, url("submission_changelist")
    event = SubmissionEvent.objects.filter(catalog=catalog).earliest("pk")
    yield "/admin/"
    yield "/admin/submissions/"
    yield queue
    words = ("Xname", "xurl", "Xperson", "Xcredit", "x@xmail.example", "xhash", theirs.token)
    yield from (f"{queue}?status=all&q={word}" for word in words)
    yield f"{queue}?status=all&catalog={catalog}"
    yield f"{queue}?status=all&submitter={theirs.submitter_id}"
    yield f"{queue}?status=all&catalog={tools.pk}&submitter={theirs.submitter_id}"
    for name in ("change", "decide", "claim", "next", "revert"):
        yield url(f"submission_{name}", theirs.pk)
    yield f"{queue}{theirs.pk}/history/"
    yield f"{queue}{theirs.pk}/delete/"
    yield url("submission_numbers")
    yield url("submission_numbers") + f"?catalog={catalog}"
    rollback = url("submission_rollback")
    yield rollback
    yield f"{rollback}?catalog={catalog}&person={theirs.submitter_id}&since=2020-01-01"
    yield f"{rollback}?catalog={tools.pk}&person={theirs.submitter_id}&since=2020-01-01"
    events = url("submissionevent_changelist")
    yield events
    yield f"{events}?q=Xinternal"
    yield f"{events}?submission={theirs.pk}"
    yield f"{events}?catalog={catalog}"
    yield f"{events}{event.pk}/change/"
    for form in ("csv", "jsonl"):
        yield url("submissionevent_export", catalog, form)
    yield url("contributionpolicy_changelist")
    for name in ("settings", "reasons", "blocks", "trust"):
        yield url(f"contributionpolicy_{name}", catalog)
    yield url("contributionpolicy_site_blocks")
    content_type = ContentType.objects.get_for_model(Submission).pk
    yield f"/admin/r/{content_type}/{theirs.pk}/"
    for field in ("catalog", "submitter", "entry"):
        yield (
            "/admin/autocomplete/?app_label=submissions&model_name=submission"
            f"&field_name={field}&term=x"
        )


@pytest.mark.parametrize("role", ["moderator", "maintainer"])
def test_nothing_of_another_catalog_is_reported(
    tools: Catalog, theirs: Submission, role: str
) -> None:
    client = moderator_of(tools, role)
    submit(tools, contributor("hope"), name="Ours", url="https://ours.example")
    answers: dict[str, list[str]] = {}
    for address in pages(theirs, tools):
        response = client.get(address)
        body = b"".join(response) if response.streaming else response.content
        text = body.decode() + str(response.headers)
        # What was asked for stands in the field that it was typed into.
        requests = address.partition("q=")[2]
        results = [
            word for word in (*SECRETS, theirs.token) if word in text and word not in requests
        ]
        if results:
            answers[address] = results

    assert answers == {}
    assert "Ours" in client.get(url("submission_changelist")).content.decode()


@pytest.mark.parametrize("role", ["moderator", "maintainer"])
def test_nothing_of_another_catalog_is_decided(
    tools: Catalog, theirs: Submission, role: str
) -> None:
    client = moderator_of(tools, role)
    before = list(SubmissionEvent.objects.values_list("pk", flat=True))
    rule = BlockRule.objects.get(value="Xblock")
    statuses = {}
    for do in ("approve", "amend", "ask", "reject", "duplicate", "spam", "reopen"):
        data = {"reason": "quality", "note": "n", "seen": ""}
        statuses[do] = decide(client, theirs, do, **data).status_code
    posts: dict[str, dict[str, Any]] = {
        url("submission_claim", theirs.pk): {"claim": 1},
        url("submission_revert", theirs.pk): {"revision": theirs.revision},
        url("contributionpolicy_settings", theirs.catalog_id): {"who_may_submit": "closed"},
        url("contributionpolicy_blocks", theirs.catalog_id): {"remove": rule.pk},
        url("contributionpolicy_trust", theirs.catalog_id): {"user": theirs.submitter_id},
    }
    statuses |= {address: client.post(address, data).status_code for address, data in posts.items()}
    value = f"{theirs.pk}.{theirs.revision}"
    client.post(url("submission_bulk"), {"do": "approve", "selected": value})
    client.post(url("submission_undo"), {"selected": value})

    assert set(statuses.values()) == {404}
    assert list(SubmissionEvent.objects.values_list("pk", flat=True)) == before
    again = Submission.objects.get(pk=theirs.pk)
    assert (again.status, again.claimed_by) == ("pending", None)
    assert BlockRule.objects.filter(pk=rule.pk).exists()


def test_record_of_a_person_counts_only_the_catalogs_one_moderates(
    tools: Catalog, theirs: Submission
) -> None:
    client = moderator_of(tools)
    one = submit(tools, Actor(user=theirs.submitter), name="Ours", url="https://ours.example")

    [row] = client.get(url("submission_changelist")).context["rows"]
    review = client.get(page_of(one)).context["review"]

    assert row.record is None
    assert [(review.record.applied, review.record.rejected), review.others] == [(0, 0), []]


def test_duplicate_and_listing_of_another_catalog_cannot_be_named(
    tools: Catalog, theirs: Submission
) -> None:
    client = moderator_of(tools)
    one = submit(tools)
    place = list_of(theirs.catalog, Listing.Kind.LIST)

    forms = [
        decide(
            client, one, "duplicate", reason="duplicate", duplicate_of=f"submission-{theirs.pk}"
        ),
        decide(client, one, "amend", name="N", url="https://n.example", place=place.pk),
    ]

    assert [response.status_code for response in forms] == [400, 400]
    assert Submission.objects.get(pk=one.pk).status == "pending"


def test_staff_without_a_role_see_nothing(tools: Catalog, theirs: Submission) -> None:
    client = signed_in(make_user("nobody", is_staff=True))

    text = client.get("/admin/").content.decode()

    assert "Waiting for a moderator" not in text
    assert client.get(url("submission_changelist")).status_code == 403
    assert client.get(page_of(theirs)).status_code in {403, 404}


def test_people_without_a_part_in_the_administration_are_sent_to_sign_in(
    theirs: Submission,
) -> None:
    client = signed_in(make_user("visitor"))

    results = {client.get(address).status_code for address in (page_of(theirs), "/admin/")}

    assert results == {302}


def test_settings_and_exports_are_for_maintainers(tools: Catalog) -> None:
    submit(tools)
    names = ("settings", "reasons", "blocks", "trust")
    addresses = [url(f"contributionpolicy_{name}", tools.pk) for name in names]
    addresses += [url("submissionevent_export", tools.pk, "csv"), url("submission_rollback")]
    moderator, maintainer = moderator_of(tools), signed_in(member(tools, "ma", "maintainer"))
    superuser = signed_in(User.objects.create_superuser("ada"))

    results = {
        who: [client.get(address).status_code for address in addresses]
        for who, client in (("mo", moderator), ("ma", maintainer), ("su", superuser))
    }

    assert results == {"mo": [404] * 6, "ma": [200] * 6, "su": [200] * 6}
    assert moderator.get(url("contributionpolicy_changelist")).status_code == 404
    assert maintainer.get(url("contributionpolicy_site_blocks")).status_code == 403


def test_policy_functions_refuse_moderators_themselves(tools: Catalog) -> None:
    from submissions.errors import NotAllowed

    mo = Actor(user=member(tools, "mo"))
    kind = BlockRule.Kind.DOMAIN
    attempts: list[Any] = [
        lambda: policies.set_reason(catalog=tools, actor=mo, code="x", text="X."),
        lambda: policies.add_block_rule(catalog=tools, actor=mo, kind=kind, value="x.example"),
        lambda: policies.add_block_rule(catalog=None, actor=mo, kind=kind, value="x.example"),
    ]

    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert (BlockRule.objects.count(), ContributionPolicy.objects.count()) == (0, 0)


# The history


def test_nobody_changes_or_deletes_events_in_the_administration(tools: Catalog) -> None:
    one = submit(tools)
    client = signed_in(User.objects.create_superuser("ada"))
    event = one.events.get()
    before = SubmissionEvent.objects.values().get(pk=event.pk)
    base = url("submissionevent_changelist")

    results = [
        client.get(f"{base}add/").status_code,
        client.get(f"{base}{event.pk}/change/").status_code,
        client.post(f"{base}{event.pk}/change/", {"note": "x"}).status_code,
        client.get(f"{base}{event.pk}/delete/").status_code,
        client.post(f"{base}{event.pk}/delete/", {"post": "yes"}).status_code,
        client.post(f"{url('submission_changelist')}{one.pk}/delete/", {"post": "yes"}).status_code,
    ]
    client.post(base, {"action": "delete_selected", "_selected_action": event.pk, "post": "yes"})

    assert results == [403] * 6
    assert SubmissionEvent.objects.values().get(pk=event.pk) == before


def test_events_are_exported_as_lines_without_formulas_or_addresses(tools: Catalog) -> None:
    secret = Actor(name='=cmd|"/C calc"!A1', email="x@xmail.example", network_hash="xhash")
    one = submit(tools, secret, name="+1", url="https://plus.example")
    maintainer = member(tools, "ma", "maintainer")
    workflow.reject(submission=one, actor=Actor(user=maintainer), reason="quality", note="@me\n-1")
    client = signed_in(maintainer)

    response: Any = client.get(url("submissionevent_export", tools.pk, "csv"))
    rows = b"".join(response).decode()
    as_json: Any = client.get(url("submissionevent_export", tools.pk, "jsonl"))
    lines = b"".join(as_json).decode()

    assert response.headers["Content-Disposition"] == 'attachment; filename="tools-events.csv"'
    assert "'+1" in rows
    assert '"\'=cmd|""/C calc""!A1"' in rows
    assert '"\'@me\n-1"' in rows
    events = [json.loads(line) for line in lines.splitlines()]
    assert [(event["verb"], event["name"], event["actor"]) for event in events] == [
        ("submit", "+1", '=cmd|"/C calc"!A1'),
        ("reject", "+1", "Ma"),
    ]
    assert events[0]["snapshot"]["url"] == "https://plus.example"
    for text in (rows, lines):
        assert [word for word in ("xmail", "xhash", one.token) if word in text] == []


@pytest.mark.parametrize("count", [1, 3])
def test_export_takes_the_same_queries_for_any_number(
    tools: Catalog, count: int, django_assert_num_queries: Any
) -> None:
    from submissions.admin.events import events_as_csv

    for number in range(count):
        submit(tools, name=f"N{number}", url=f"https://n{number}.example")

    with django_assert_num_queries(1):
        assert len(list(events_as_csv(tools))) == count + 1


def test_events_of_one_submission_are_listed(tools: Catalog) -> None:
    one, _two = submit(tools), edit("Alpha", description="Other.")
    client = moderator_of(tools)

    response = client.get(url("submissionevent_changelist"), {"submission": one.pk})

    assert [event.submission_id for event in response.context["cl"].result_list] == [one.pk]
