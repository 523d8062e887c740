"""Proposals from outside and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidField
from submissions.choices import Action, Kind, Report
from submissions.proposal import MAX_TEXT, Base, Proposal

safe = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
FULL = Proposal(
    kind=Kind.REPORT,
    name="",
    url="https://a.example",
    description="d",
    cells={0: "", 12: "x"},
    add_tags=("l:en",),
    remove_tags=("l:zh",),
    after=3,
    first=True,
    target=4,
    placing={2: None, 3: 1},
    new_section="Compilers",
    report=Report.DEAD_LINK,
    evidence="404",
    action=Action.REPLACE_URL,
    replacement_url="https://b.example",
    reason="why",
)


def test_full_proposal_comes_back() -> None:
    assert Proposal.from_json(FULL.to_json()) == FULL


@given(name=st.none() | safe, cells=st.dictionaries(st.integers(0, 999), safe), reason=safe)
def test_proposal_comes_back(name: str | None, cells: dict[int, str], reason: str) -> None:
    proposal = Proposal(kind=Kind.EDIT, name=name, cells=cells, reason=reason)

    assert Proposal.from_json(proposal.to_json()) == proposal


def test_empty_text_is_a_change_and_none_is_not() -> None:
    assert Proposal(kind=Kind.EDIT, name="").to_json() == {"kind": "edit", "name": ""}
    assert Proposal(kind=Kind.EDIT).to_json() == {"kind": "edit"}


def test_base_comes_back() -> None:
    base = Base(7, "| a |\n", "a", "u", "d", ("a", "b"), ("x", "y"), ("l:en",), 3)

    assert Base.from_json(base.to_json()) == base


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], ""),
        ({}, "kind"),
        ({"kind": "publish"}, "kind"),
        ({"kind": None}, "kind"),
        ({"kind": ["add"]}, "kind"),
        ({"kind": "add", "status": "applied"}, "status"),
        ({"kind": "add", "submitter": 1}, "submitter"),
        ({"kind": "add", "name": 7}, "name"),
        ({"kind": "add", "name": "a\x00b"}, "name"),
        ({"kind": "add", "name": "\ud800"}, "name"),
        ({"kind": "add", "name": "x" * (MAX_TEXT + 1)}, "name"),
        ({"kind": "add", "cells": ["x"]}, "cells"),
        ({"kind": "add", "cells": {"-1": "x"}}, "cells"),
        ({"kind": "add", "cells": {"²": "x"}}, "cells"),
        ({"kind": "add", "cells": {"0": None}}, "cell-0"),
        ({"kind": "add", "after": True}, "after"),
        ({"kind": "add", "after": -1}, "after"),
        ({"kind": "add", "after": 2**63}, "after"),
        ({"kind": "add", "first": "yes"}, "first"),
        ({"kind": "add", "add_tags": "l:en"}, "add_tags"),
        ({"kind": "add", "add_tags": ["en"]}, "add_tags"),
        ({"kind": "add", "add_tags": ["l: "]}, "add_tags"),
        ({"kind": "add", "add_tags": ["l:en"] * 101}, "add_tags"),
        ({"kind": "report", "report": "rude"}, "report"),
        ({"kind": "report", "action": "explode"}, "action"),
        ({"kind": "add", "reason": None}, "reason"),
    ],
)
def test_what_is_unknown_or_ill_typed_is_refused(data: Any, field: str) -> None:
    with pytest.raises(InvalidField) as caught:
        Proposal.from_json(data)

    assert caught.value.field == field
