"""Limits, caps, traps, block rules and proofs of work: floods are kept out, people are not."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import altcha
import pytest
from django.core import signing
from django.template.loader import render_to_string
from django.utils import timezone
from playwright.sync_api import Page

from accounts.limits import TooMany
from accounts.models import Membership, User
from catalog.models import Catalog
from submissions import protection
from submissions.choices import Challenge, Kind, Status
from submissions.errors import ChallengeNeeded, NotAllowed
from submissions.models import BlockRule, ContributionPolicy, Submission, TrustPin
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.protection import (
    HASH_DAYS,
    Form,
    admit,
    forget_networks,
    is_trusted,
    network_hash,
    network_hashes,
    new_stamp,
    open_batch,
    signed_batch,
)
from tests.catalog.importing.imports import new_list

pytestmark = pytest.mark.django_db

HOME, OFFICE = "192.0.2.1", "198.51.100.2"
NEW = Proposal(Kind.ADD, name="New", url="https://new.example.org")
EASY = ContributionPolicy(challenge=Challenge.OFF)
LAST = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def tools() -> Catalog:
    return new_list("# Tools\n\n- [Alpha](https://a.org) - First.\n")


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", email="ada@example.org")


def waiting(catalog: Catalog, count: int = 1, **fields: Any) -> list[Submission]:
    """Submissions that are open."""
    return [
        Submission.objects.create(
            catalog=catalog,
            kind=Kind.ADD,
            proposal=NEW.to_json(),
            base={},
            **{"status": Status.PENDING, "status_at": timezone.now(), "created_at": timezone.now()}
            | fields,
        )
        for _ in range(count)
    ]


def nobody(email: str = "", address: str = HOME) -> Actor:
    return Actor(email=email, network_hash=network_hash(address))


def weight(actor: Actor, catalog: Catalog, policy: ContributionPolicy | None = None) -> int:
    policy = policy or ContributionPolicy(catalog=catalog)
    return protection.weight_for(actor, catalog=catalog, policy=policy, address=HOME)


def let_in(actor: Actor, catalog: Catalog, address: str = HOME, **options: Any) -> str:
    """`in`, or why not."""
    try:
        admit(actor, NEW, catalog=catalog, policy=EASY, address=address, **options)
    except TooMany as error:
        return "cap" if error.retry_after is None else "wait"
    except NotAllowed:
        return "blocked"
    return "in"


# Caps


@pytest.mark.parametrize(
    ("is_trusted", "opened", "outcome"),
    [(False, 2, "in"), (False, 3, "cap"), (True, 19, "in"), (True, 20, "cap")],
)
def test_cap_grows_with_trust(
    tools: Catalog, ada: User, is_trusted: bool, opened: int, outcome: str
) -> None:
    TrustPin.objects.create(catalog=tools, user=ada, is_trusted=is_trusted)
    waiting(tools, opened, submitter=ada)
    waiting(tools, 5, submitter=User.objects.create_user("bob"))
    waiting(tools, 9, submitter=ada, status=Status.WITHDRAWN)

    assert let_in(Actor(user=ada), tools) == outcome


def test_moderators_have_no_cap(tools: Catalog, ada: User) -> None:
    Membership.objects.create(user=ada, catalog=tools, role=Membership.Role.MODERATOR)
    waiting(tools, 25, submitter=ada)

    assert let_in(Actor(user=ada), tools) == "in"


@pytest.mark.parametrize(
    ("opened", "email", "browser", "outcome"),
    [
        ([], "", "mine", "in"),
        ([("mine", "")], "", "mine", "cap"),
        ([("mine", "")], "", "another", "in"),
        ([("mine", "")], "me@example.org", "mine", "in"),
        ([("mine", "a@example.org")], "", "mine", "cap"),
        ([("mine", "a@example.org")] * 2, "me@example.org", "mine", "in"),
        ([("mine", ""), ("mine", "a@example.org"), ("mine", "b@example.org")],
         "c@example.org", "mine", "cap"),
        ([("another", "Me@example.org")] * 3, "me@example.org", "mine", "cap"),
    ],
)  # fmt: skip
def test_browser_has_one_open_and_three_with_an_address(
    tools: Catalog, opened: list[tuple[str, str]], email: str, browser: str, outcome: str
) -> None:
    for other, address in opened:
        waiting(tools, network_hash=network_hash(HOME), browser_hash=other, email=address)
    actor = Actor(email=email, network_hash=network_hash(HOME), browser_hash=browser)

    assert let_in(actor, tools) == outcome


@pytest.mark.parametrize(
    ("email", "address", "outcome"),
    [
        ("", HOME, "cap"),
        ("", OFFICE, "in"),
        ("other@example.org", HOME, "in"),
        ("Me@example.org", OFFICE, "in"),
    ],
)
def test_programs_without_account_have_one_open(
    tools: Catalog, email: str, address: str, outcome: str
) -> None:
    waiting(tools, network_hash=network_hash(HOME))
    waiting(tools, network_hash=network_hash(HOME), email="me@example.org")
    waiting(tools, 9, network_hash=network_hash(HOME), browser_hash="of a person")

    assert let_in(nobody(email, address), tools, address) == outcome


def test_programs_of_a_network_have_five_open_whatever_addresses_they_give(tools: Catalog) -> None:
    for number in range(5):
        waiting(tools, network_hash=network_hash(HOME), email=f"{number}@example.org")

    assert let_in(nobody("new@example.org"), tools) == "cap"


def test_paste_counts_once(tools: Catalog, ada: User) -> None:
    waiting(tools, 9, submitter=ada, batch="paste")
    waiting(tools, 4, browser_hash="mine", batch="another")
    mine = Actor(network_hash=network_hash(HOME), browser_hash="mine")

    assert let_in(Actor(user=ada), tools) == "in"
    assert (let_in(mine, tools), let_in(mine, tools, batch="another")) == ("cap", "in")


def test_paste_takes_twenty_and_is_known_by_its_own_name_alone(tools: Catalog) -> None:
    batch = open_batch("")
    waiting(tools, 19, batch=batch)
    assert open_batch(signed_batch(batch)) == batch
    waiting(tools, 1, batch=batch)

    assert len({batch, open_batch(signed_batch(batch)), open_batch(batch), open_batch("")}) == 4


# Trust


def record(catalog: Catalog, user: User, *, days: int = 20, **counts: int) -> None:
    """What became of a person's work: so many of each status, `spam` rejected as spam."""
    made = timezone.now() - timedelta(days=days)
    for name, count in counts.items():
        status = Status.REJECTED if name == "spam" else Status(name)
        waiting(catalog, count, submitter=user, status=status, is_spam=name == "spam",
                decided_at=timezone.now(), created_at=made)  # fmt: skip


@pytest.mark.parametrize(
    ("days", "counts", "trusted"),
    [
        (20, {"applied": 10}, True),
        (20, {"applied": 9}, False),
        (13, {"applied": 10}, False),
        (20, {"applied": 12, "rejected": 3}, True),
        (20, {"applied": 11, "rejected": 3}, False),
        (20, {"applied": 30, "spam": 1}, False),
        (20, {"applied": 30, "reverted": 1}, True),
        (20, {"applied": 30, "reverted": 2}, False),
        (20, {}, False),
    ],
)
def test_trust_is_earned_and_lost(
    tools: Catalog, ada: User, days: int, counts: dict[str, int], trusted: bool
) -> None:
    record(tools, ada, days=days, **counts)
    record(tools, User.objects.create_user("bob"), applied=40)

    assert is_trusted(ada, tools) is trusted


@pytest.mark.parametrize("pinned", [True, False])
def test_pinned_trust_counts_in_its_catalog(tools: Catalog, ada: User, pinned: bool) -> None:
    other = new_list("# Other\n\n- [A](https://a.org)\n", "other")
    record(tools, ada, applied=0 if pinned else 10)
    TrustPin.objects.create(catalog=tools, user=ada, is_trusted=pinned)

    assert (is_trusted(ada, tools), is_trusted(ada, other)) == (pinned, not pinned)
    assert not is_trusted(None, tools)


# Rates and floods


def test_one_network_waits_and_others_do_not(tools: Catalog) -> None:
    outcomes = [let_in(nobody(f"{n}@example.org"), tools) for n in range(65)]

    assert (outcomes.count("in"), outcomes[-1]) == (protection.BY_NETWORK.limit, "wait")
    assert let_in(nobody("me@example.org", OFFICE), tools, OFFICE) == "in"


def test_an_account_waits_wherever_it_is(tools: Catalog, ada: User) -> None:
    outcomes = [let_in(Actor(user=ada), tools, f"192.0.2.{n}") for n in range(35)]

    assert (outcomes.count("in"), outcomes[-1]) == (protection.BY_ACCOUNT.limit, "wait")


def test_a_flood_turns_the_challenge_on(tools: Catalog) -> None:
    assert weight(nobody(), tools) == 0

    for number in range(protection.FLOOD.limit):
        assert let_in(nobody(f"{number}@example.org"), tools, f"203.0.113.{number}") == "in"

    assert weight(nobody(), tools) == protection.LEAST
    assert let_in(nobody("me@example.org"), tools) == "in"
    other = new_list("# Other\n\n- [A](https://a.org)\n", "other")
    assert weight(nobody(), other) == 0


# Hidden field and fill time


def stamped(ago: float) -> str:
    """What `new_stamp()` gave so many seconds ago."""
    made = signing.b62_encode(int(timezone.now().timestamp() - ago))
    signer = signing.Signer(salt=protection._SALT)
    return signer.sign(f"form:{made}")


@pytest.mark.parametrize(
    ("trap", "ago", "tampering", "rules"),
    [
        ("", 10, "", []),
        ("", 90_000, "", []),
        ("", 0, "", ["too-fast"]),
        ("", 10, "x", ["too-fast"]),
        ("https://spam.example", 10, "", ["trap"]),
    ],
)
def test_forms_that_no_person_filled_in_are_held(
    tools: Catalog, trap: str, ago: int, tampering: str, rules: list[str]
) -> None:
    form = Form(trap, stamped(ago) + tampering)

    admission = admit(nobody(), NEW, catalog=tools, policy=EASY, address=HOME, form=form)

    assert [results.code for results in admission.findings] == rules
    assert admission.is_held is bool(rules)


def test_new_stamps_are_too_fresh_and_missing_ones_held(tools: Catalog) -> None:
    for form in (Form(), Form(stamp=new_stamp())):
        assert [results.code for results in protection.signs(form)] == ["too-fast"]


# Block rules


@pytest.mark.parametrize(
    ("kind", "value", "outcome"),
    [
        ("person", "ADA", "blocked"),
        ("person", "ada@example.org", "blocked"),
        ("person", "bob", "in"),
        ("mail-domain", "@example.org", "blocked"),
        ("mail-domain", "org", "blocked"),
        ("mail-domain", "ample.org", "in"),
    ],
)
def test_block_rules_name_people(
    tools: Catalog, ada: User, kind: str, value: str, outcome: str
) -> None:
    rule = BlockRule.objects.create(kind=kind, value=value)

    assert let_in(Actor(user=ada), tools) == outcome
    rule.refresh_from_db()
    assert rule.hits == (outcome == "blocked")


def test_block_rules_end_and_stay_in_their_list(tools: Catalog, ada: User) -> None:
    other = new_list("# Other\n\n- [A](https://a.org)\n", "other")
    yesterday = timezone.now() - timedelta(days=1)
    BlockRule.objects.create(kind="person", value="ada", catalog=other)
    BlockRule.objects.create(kind="person", value="ada", expires_at=yesterday)

    assert let_in(Actor(user=ada), tools) == "in"
    assert let_in(Actor(user=ada), other) == "blocked"


def test_blocked_content_is_counted_and_left_to_the_findings(tools: Catalog) -> None:
    rule = BlockRule.objects.create(kind="domain", value="example.org", catalog=tools)

    assert let_in(nobody(), tools) == "in"
    rule.refresh_from_db()
    assert rule.hits == 1


# Networks


def test_network_hash_changes_each_month_and_says_nothing() -> None:
    later = LAST + timedelta(days=HASH_DAYS)
    now, then = network_hash(HOME, LAST), network_hash(HOME, later)

    assert len({now, then, network_hash(OFFICE, LAST)}) == 3
    assert HOME not in now
    assert network_hashes(HOME, later) == [then, now]
    assert (network_hash("nonsense"), network_hashes("")) == ("", [])


def test_old_hashes_are_forgotten(tools: Catalog) -> None:
    old, new = timezone.now() - timedelta(days=61), timezone.now() - timedelta(days=59)
    waiting(tools, network_hash="a", browser_hash="a", created_at=old)
    waiting(tools, network_hash="b", browser_hash="b", created_at=new)

    assert forget_networks.call() == 1
    hashes = Submission.objects.values_list("network_hash", "browser_hash")
    assert sorted(hashes) == [("", ""), ("b", "b")]
    assert forget_networks.call() == 0


# Proof of work


def solved(challenge: str) -> str:
    made = altcha.Challenge.from_dict(json.loads(challenge))
    solution = altcha.solve_challenge(made)
    assert solution is not None
    return altcha.Payload(made, solution).to_base64()


@pytest.fixture(autouse=True)
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "TRIES", 5)


@pytest.mark.parametrize(
    ("mode", "is_signed_in", "needed"),
    [
        (Challenge.OFF, False, False),
        (Challenge.AUTO, False, False),
        (Challenge.ALWAYS, False, True),
        (Challenge.ALWAYS, True, False),
    ],
)
def test_challenge_is_required_of_whom_the_list_says(
    tools: Catalog, ada: User, mode: str, is_signed_in: bool, needed: bool
) -> None:
    policy = ContributionPolicy(catalog=tools, challenge=mode)
    actor = Actor(user=ada) if is_signed_in else nobody()

    assert (weight(actor, tools, policy) > 0) is needed


@pytest.mark.parametrize(
    ("opened", "weighs", "most_tries"),
    [(4, 0, 0), (5, 5, 50_000), (29, 29, 290_000), (30, 30, 300_000), (200, 60, 600_000)],
)
def test_challenge_gets_harder_with_what_is_open_in_a_network(
    tools: Catalog, opened: int, weighs: int, most_tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(opened):
        waiting(tools, network_hash=network_hash(HOME), browser_hash=f"{number}")
    waiting(tools, 9, network_hash=network_hash(OFFICE))
    monkeypatch.setattr(protection, "TRIES", 10_000)
    made: list[int] = []
    create = altcha.create_challenge

    def created(**options: Any) -> altcha.Challenge:
        made.append(options["counter"])
        return create(**options | {"counter": 1})

    monkeypatch.setattr(altcha, "create_challenge", created)

    assert weight(nobody(), tools) == weighs
    if weighs:
        for _ in range(20):
            protection.new_challenge(tools, weighs)
    assert all(most_tries // 2 <= counter < most_tries for counter in made)


def test_easy_solution_is_no_good_once_far_more_is_open(tools: Catalog) -> None:
    easy, other = (solved(protection.new_challenge(tools, 5)) for _ in range(2))

    protection.check_solution(easy, catalog=tools, weight=10)
    with pytest.raises(ChallengeNeeded, match="not valid"):
        protection.check_solution(other, catalog=tools, weight=11)


def test_solution_counts_once_and_for_its_list(tools: Catalog) -> None:
    solution = solved(protection.new_challenge(tools))
    other = new_list("# Other\n\n- [A](https://a.org)\n", "other")

    with pytest.raises(ChallengeNeeded):
        protection.check_solution(solution, catalog=other)
    protection.check_solution(solution, catalog=tools)
    with pytest.raises(ChallengeNeeded, match="already used"):
        protection.check_solution(solution, catalog=tools)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("solution.derivedKey", "00" * 32),
        ("challenge.parameters.keyPrefix", "00"),
        ("challenge.parameters.expiresAt", 2_000_000_000),
        ("challenge.parameters.data", {"catalog": 1}),
        ("challenge.parameters", []),
        ("challenge.signature", "00"),
        ("challenge.signature", None),
        ("solution", "x"),
    ],
)
def test_tampered_solutions_are_refused(tools: Catalog, path: str, value: object) -> None:
    data = json.loads(base64.b64decode(solved(protection.new_challenge(tools))))
    *parents, last = path.split(".")
    there = data
    for parent in parents:
        there = there[parent]
    if there[last] == value:
        value = {"catalog": 2}
    there[last] = value
    solution = base64.b64encode(json.dumps(data).encode()).decode()

    with pytest.raises(ChallengeNeeded, match="not valid"):
        protection.check_solution(solution, catalog=tools)


@pytest.mark.parametrize("solution", ["", "x", "\x00", "bnVsbA==", "W10=", "é" * 50, "e" * 9000])
def test_what_is_no_solution_is_refused(tools: Catalog, solution: str) -> None:
    with pytest.raises(ChallengeNeeded):
        protection.check_solution(solution, catalog=tools)


def test_expired_challenges_are_refused(tools: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "LIFETIME", -5)
    solution = solved(protection.new_challenge(tools))

    with pytest.raises(ChallengeNeeded, match="not valid"):
        protection.check_solution(solution, catalog=tools)


def test_browser_solves_the_challenge(
    browser_page: Page, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protection, "TRIES", 2_000)
    tools = new_list("# Tools\n\n- [Alpha](https://a.org) - First.\n")
    box = render_to_string(
        "submissions/challenge.html",
        {"challenge": protection.new_challenge(tools)},
    )
    page = f"<!doctype html><form action='/sent'>{box}<button name=go value=1>Send</button></form>"
    browser_page.route("**/form", lambda route: route.fulfill(body=page, content_type="text/html"))
    browser_page.route("**/sent?*", lambda route: route.fulfill(body="Sent."))
    browser_page.goto("/form")

    # Sent at once: the form waits until its browser is done.
    browser_page.click("button")
    browser_page.wait_for_url("**/sent?*")

    query = dict(pair.split("=", 1) for pair in browser_page.url.partition("?")[2].split("&"))
    assert query["go"] == "1"
    protection.check_solution(unquote(query["solution"]), catalog=tools)
