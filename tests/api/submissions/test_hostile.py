"""Bodies that nobody means well by: each is refused in words that name the field, none fails."""

from typing import Any

import hypothesis.strategies as st
import orjson
import pytest
from hypothesis import HealthCheck, given, settings

from catalog.models import Catalog
from submissions.models import Submission
from tests.api.submissions.bodies import addition, bodies
from tests.api.submissions.callers import Caller
from tests.effort import IS_LONG
from tests.submission_factories import submit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]

WRONG: list[Any] = [None, True, 1, -1, 1.5, 10**30, "", "x", "\x00", [], [[]], {}, {"a": 1}]
TEXTS = {"name", "url", "description", "note", "credit", "reason", "new_section", "solution"}
HUGE: dict[str, tuple[dict[str, Any], str]] = {
    "a text": ({"name": "x" * 20_001}, "name"),
    "a description": ({"description": "y" * 900_000}, "description"),
    "cells": ({"cells": {str(number): "x" for number in range(10_000)}}, "cells"),
    "a cell": ({"cells": {"0": "x" * 20_001}}, "cells.0"),
    "number of a column": ({"cells": {"1000": "x"}}, "cells"),
    "no number of a column": ({"cells": {"²": "x"}}, "cells"),
    "a column twice": ({"cells": {"01": "x"}}, "cells"),
    "nesting": ({"cells": {"0": {"0": {"0": "x"}}}}, "cells.0"),
    "tags": ({"add_tags": ["a:b"] * 101}, "add_tags"),
    "a tag without a value": ({"add_tags": ["language"]}, "add_tags"),
    "a tag": ({"add_tags": ["a:" + "b" * 300]}, "add_tags.0"),
    "a key": ({"after": 2**63}, "after"),
    "a listing": ({"listing": 2**64}, "listing"),
    "a flag": ({"first": "yes"}, "first"),
    "a flag as a number": ({"first": 1}, "first"),
    "a number as a flag": ({"listing": True}, "listing"),
    "NUL": ({"name": "a\x00b"}, "name"),
    "NUL in a cell": ({"cells": {"0": "a\x00b"}}, "cells.0"),
    "NUL in a list's name": ({"catalog": "a\x00b"}, "catalog"),
    "an address": ({"email": "nobody"}, "email"),
    "a language": ({"language": "tlh"}, "language"),
    "something unknown": ({"nmae": "Omega"}, "nmae"),
    "another kind's": ({"entry": 1}, "entry"),
    "an unknown kind": ({"kind": "destroy"}, "kind"),
    "a kind that is none": ({"kind": ["add"]}, "kind"),
}


@pytest.mark.parametrize(("fields", "named"), HUGE.values(), ids=HUGE)
def test_body_is_refused_by_its_field(
    catalog: Catalog, nobody: Caller, fields: dict[str, Any], named: str
) -> None:
    answer = nobody.post("submissions/", {**addition(catalog), **fields})

    assert answer.code == (400, "invalid")
    assert list(answer.data["errors"]) == [named]
    assert all(answer.data["errors"][named])
    assert Submission.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "answered"),
    {
        "a list": (b"[]", (400, "invalid")),
        "a text": (b'"add"', (400, "invalid")),
        "null": (b"null", (400, "invalid")),
        "no JSON": (b"{", (400, "parse_error")),
        "no UTF-8": (b'{"kind": "\xff"}', (400, "parse_error")),
        "half a character": (b'{"kind": "\\ud800"}', (400, "parse_error")),
        "deep": (b"[" * 100_000, (400, "parse_error")),
        "deep and whole": (b'{"kind":' * 5000 + b"1" + b"}" * 5000, (400, "parse_error")),
        "large": (b'{"name": "' + b"x" * 1024 * 1024 + b'"}', (413, "too_large")),
        "no number": (b'{"listing": NaN}', (400, "parse_error")),
    }.values(),
)
def test_what_is_no_object_is_refused(
    nobody: Caller, body: bytes, answered: tuple[int, str]
) -> None:
    assert nobody.call("POST", "submissions/", body).code == answered


def test_any_value_in_any_field_is_an_answer(catalog: Catalog, nobody: Caller) -> None:
    statuses = set()
    for kind, body in bodies(catalog).items():
        for name in body:
            for wrong in WRONG:
                answer = nobody.post("submissions/?dry_run=1", {**body, name: wrong})
                statuses.add(answer.status)
                if answer.status == 400:
                    answers = [field.split(".")[0] for field in answer.data["errors"]]
                    assert answers == [name], (kind, name, wrong, answer.data)
    assert statuses == {200, 400, 404, 409}
    assert Submission.objects.count() == 0


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner)
    ),
    max_leaves=8,
)
NAMES = sorted(
    {*TEXTS, "kind", "catalog", "listing", "entry", "entry_revision", "cells", "add_tags", "first"}
    | {"after", "target", "placing", "report", "evidence", "replacement_url", "consent", "email"}
    | {"expected_revision", "internal_note", "resolution", "seen", "action", "confirmation"}
    | {"come_back_after", "duplicate_of", "duplicate_entry", "take_over", "remove_tags", "language"}
)
LIKELY = st.sampled_from(
    ["add", "edit", "move", "remove", "report", "tools", "spam", "none", "quality", 1, 2, 3, True]
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), LIKELY | JSON, max_size=8)


@settings(
    max_examples=100 if IS_LONG else 6, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=OBJECTS | JSON)
def test_any_json_is_an_answer_to_every_verb(
    catalog: Catalog, nobody: Caller, mo: Caller, body: Any
) -> None:
    row = Submission.objects.filter(status="pending").first() or submit(
        catalog,
        name=f"N {Submission.objects.count()}",
        url=f"https://n{body!r:.0}.example",
        reason="Again.",
    )
    sent = orjson.dumps(body)
    for address in ("", "?dry_run=1"):
        answer = nobody.call("POST", f"submissions/{address}", sent)
        assert answer.status in {200, 201, 400, 403, 404, 409}, answer.data
    for verb in ("confirm", "withdraw", "resubmit", "appeal"):
        answer = nobody.call("POST", f"submissions/{row.token}/{verb}/", sent)
        assert answer.status in {200, 400, 404, 409}, (verb, answer.data)
    for verb in ("approve", "amend", "reject", "request-changes", "reopen", "revert", "undo",
                 "claim", "release"):  # fmt: skip
        answer = mo.call("POST", f"moderation/submissions/{row.pk}/{verb}/", sent)
        assert answer.status in {200, 400, 404, 409}, (verb, answer.data)
