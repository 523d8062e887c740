"""Additions, decisions, rollbacks and changes of sections in any order, beside a plain model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.test import TestCase
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from catalog.checking import check_catalog
from catalog.editing.arranging import merge_sections, split_section
from catalog.editing.sections import remove_section, rename_section
from catalog.errors import CatalogError
from catalog.history.revisions import Author
from catalog.models import Catalog, Listing
from submissions import workflow
from submissions.choices import Status
from submissions.models import Submission
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.rollback import contributions_of, roll_back
from tests.effort import IS_LONG
from tests.submission_factories import entry_called, make_moderator, make_tools, make_user, submit

pytestmark = pytest.mark.django_db

TEXT = "# T\n\n" + "".join(
    f"## {name}\n\n- [{name}0](https://{name}0.org) - Is it.\n\n" for name in "ABC"
)
VERBS = (
    "suggest", "suggest", "begin", "approve", "approve", "undo", "withdraw and correct",
    "rename", "merge", "split", "remove", "roll back",
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(0, 5), st.integers(0, 5)), max_size=14
)
BY = Author(note="why")
TIMES = 20 if IS_LONG else 1


@dataclass
class Addition:
    """A submission of the model: the entry, the section it goes to, the one that it begins."""

    pk: int
    name: str
    at: str | None
    begins: str = ""
    status: Status = Status.PENDING
    is_touched: bool = False
    """Whether what it began is not what it was."""


@dataclass
class Model:
    """The sections with their entries, the additions, and the decisions in order."""

    sections: dict[str, list[str]] = field(
        default_factory=lambda: {name: [f"{name}0"] for name in "ABC"}
    )
    additions: list[Addition] = field(default_factory=list)
    decided: list[Addition] = field(default_factory=list)

    def touch(self, *titles: str) -> None:
        for one in self.additions:
            one.is_touched |= one.begins in titles

    def forget_place(self, title: str) -> None:
        for one in self.additions:
            one.at = None if one.at == title else one.at

    def follow(self, title: str, to: str) -> None:
        for one in self.additions:
            one.at = to if one.at == title else one.at

    def approve(self, one: Addition) -> None:
        title = one.begins or one.at or ""
        self.sections.setdefault(title, []).append(one.name)
        one.status = Status.APPLIED

    def take_back(self, one: Addition, status: Status) -> None:
        one.status = status
        for title, names in [*self.sections.items()]:
            if one.name in names:
                names.remove(one.name)
                if title == one.begins and not names and not one.is_touched:
                    del self.sections[title]
                if not names:
                    self.forget_place(title)


class World:
    """The same steps in the database, compared with the model after each."""

    def __init__(self) -> None:
        self.catalog = make_tools(text=TEXT)
        self.moderator = make_moderator(self.catalog)
        self.root = Actor(user=make_user("root", is_superuser=True))
        self.ada = make_user("ada")
        self.model, self.numbers = Model(), count(1)

    def do(self, verb: str, first: int, second: int) -> None:
        titles = [*self.model.sections]
        title, other = titles[first % len(titles)], titles[second % len(titles)]
        getattr(self, verb.replace(" ", "_"))(title, other)

    def section(self, title: str) -> Any:
        return self.catalog.sections.get(title=title)

    def row(self, one: Addition) -> Submission:
        return Submission.objects.select_related("catalog", "listing").get(pk=one.pk)

    # Submissions

    def suggest(self, title: str, other: str, begins: str = "") -> None:
        if not self.model.sections[title]:
            return
        name = f"n{next(self.numbers)}"
        listing = Listing.objects.filter(section__title=title).in_reading_order()[0]
        row = submit(
            self.catalog, Actor(user=self.ada), listing=listing, name=name,
            url=f"https://{name}.org", new_section=begins,
        )  # fmt: skip
        self.model.additions.append(Addition(row.pk, name, title, begins))

    def begin(self, title: str, other: str) -> None:
        self.suggest(title, other, begins=f"N{next(self.numbers)}")

    def approve(self, title: str, other: str) -> None:
        waiting = [one for one in self.model.additions if one.status == Status.PENDING]
        for one in waiting[:1]:
            if not one.at and not one.begins:
                with pytest.raises(CatalogError, match="no longer exists"):
                    workflow.approve(submission=self.row(one), actor=self.moderator)
                workflow.reject(submission=self.row(one), actor=self.moderator, reason="quality")
                one.status = Status.REJECTED
                return
            workflow.approve(submission=self.row(one), actor=self.moderator)
            self.model.approve(one)
            self.model.decided.append(one)

    def undo(self, title: str, other: str) -> None:
        for one in self.model.decided[-1:]:
            row = self.row(one)
            try:
                workflow.undo(submission=row, actor=self.moderator)
            except CatalogError:
                assert one.is_touched
                return
            self.model.decided.pop()
            self.model.take_back(one, Status.PENDING)

    def withdraw_and_correct(self, title: str, other: str) -> None:
        for one in self.model.additions[-1:]:
            if one.status != Status.PENDING:
                return
            own = Actor(user=self.ada)
            workflow.withdraw(submission=self.row(one), actor=own)
            row, one.name = self.row(one), f"n{next(self.numbers)}"
            changed = {"name": one.name, "url": f"https://{one.name}.org"}
            proposal = Proposal.from_json(row.proposal | changed)
            if row.listing is None and not one.begins:
                with pytest.raises(CatalogError, match="Choose the list or table"):
                    workflow.resubmit(submission=row, actor=own, proposal=proposal)
                one.status = Status.WITHDRAWN
            else:
                workflow.resubmit(submission=row, actor=own, proposal=proposal)

    def roll_back(self, title: str, other: str) -> None:
        since = timezone.now() - timedelta(days=1)
        contributions = contributions_of(self.ada, catalog=self.catalog, since=since)
        by_pk = {one.pk: one for one in self.model.additions}
        applied = [one for one in by_pk.values() if one.status == Status.APPLIED]
        assert {one.submission.pk for one in contributions if one.submission} == {
            one.pk for one in applied
        }
        keys = [one.key for one in contributions]
        for outcome in roll_back(contributions, catalog=self.catalog, actor=self.root, keys=keys):
            assert outcome.contribution.submission is not None
            one = by_pk[outcome.contribution.submission.pk]
            if outcome.refusal:
                assert one.is_touched, outcome.refusal
            else:
                self.model.take_back(one, Status.REVERTED)
        self.model.decided.clear()

    # Sections

    def rename(self, title: str, other: str) -> None:
        new = f"R{next(self.numbers)}"
        rename_section(section=self.section(title), title=new, by=BY)
        self.model.touch(title)
        self.model.follow(title, new)
        self.model.sections[new] = self.model.sections.pop(title)

    def merge(self, title: str, other: str) -> None:
        if title == other:
            return
        merge_sections(section=self.section(title), into=self.section(other), by=BY)
        self.model.touch(title, other)
        self.model.follow(title, other)
        self.model.sections[other] += self.model.sections.pop(title)

    def split(self, title: str, other: str) -> None:
        names = self.model.sections[title]
        if len(names) < 2:
            return
        new = f"S{next(self.numbers)}"
        split_section(
            section=self.section(title), title=new, entries=[entry_called(names[0])], by=BY
        )
        self.model.touch(title)
        self.model.sections[new] = [names.pop(0)]
        for one in self.model.additions:
            # Either half of a table or list is what it was.
            section = self.row(one).section
            if one.at == title:
                assert section is not None
                assert section.title in {title, new}
                one.at = section.title

    def remove(self, title: str, other: str) -> None:
        if len(self.model.sections) < 3:
            return
        remove_section(section=self.section(title), by=BY, with_contents=True)
        self.model.touch(title)
        self.model.forget_place(title)
        del self.model.sections[title]

    def compare(self) -> None:
        self.catalog = Catalog.objects.get(pk=self.catalog.pk)
        stored = {
            row.title: {*row.entries.living().values_list("name", flat=True)}
            for row in self.catalog.sections.filter(level=2)
        }
        assert stored == {title: {*names} for title, names in self.model.sections.items()}
        statuses = dict(Submission.objects.values_list("pk", "status"))
        assert statuses == {one.pk: one.status for one in self.model.additions}
        assert check_catalog(self.catalog) == []


@settings(
    max_examples=4 * TIMES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
@example(steps=[("suggest", 1, 0), ("merge", 1, 0), ("approve", 0, 0), ("roll back", 0, 0)])
@example(steps=[("begin", 2, 0), ("approve", 0, 0), ("suggest", 3, 0), ("approve", 0, 0),
                ("undo", 0, 0), ("undo", 0, 0)])  # fmt: skip
@example(steps=[("suggest", 1, 0), ("remove", 1, 0), ("approve", 0, 0)])
def test_list_and_queue_are_as_in_the_model(steps: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        world = World()
        for step in steps:
            with TestCase.captureOnCommitCallbacks(execute=True):
                world.do(*step)
            world.compare()
        transaction.set_rollback(True)
