"""The same queries have the same results in the same order on every database.

The results are those of both, so a run on either holds them; where the order is changed on purpose,
`RESULTS` is what the failing test prints.
"""

import hashlib
import json

import pytest

from bench.lists import make_list
from catalog.finding.matching import Index
from catalog.finding.searching import TextSearch
from catalog.finding.text import read_query
from catalog.models import Entry
from quality.queries import Known, make_queries
from tests.catalog.importing.imports import new_list

RESULTS = "1b6cd307ac3c5226"
TYPED = [
    "fast open", "tools -fast", "project 1", "projct 12", "modles trainning",
    "best models for data", "数据模型", "模型語言", "github.com/owner-3/project-3", "https://github.com/OWNER-5/project-5/issues",
    "writing OR reading", '"large models"', "in:section large", "f", "reading sets xyzzy",
]  # fmt: skip


@pytest.mark.django_db
def test_results_are_the_same_everywhere() -> None:
    new_list(make_list(600))
    entries = Entry.objects.published().order_by("pk")
    first = entries[0].pk
    known = [
        Known(row.pk, 1, row.name, row.url, row.canonical_url, row.description_html)
        for row in entries
    ]
    queries = [*TYPED, *[query.text for query in make_queries(known)][::7]]

    results = {}
    for query in queries:
        matches = TextSearch(read_query(query), Index(None))
        keys = [pk - first for pk in matches.best(None, 0, 30)]
        results[query] = [keys, len(matches.entries), matches.corrected, matches.left_out]

    assert len(results) > 40
    assert hashlib.sha256(json.dumps(results).encode()).hexdigest()[:16] == RESULTS
