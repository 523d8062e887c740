"""Prepared query sets: the ORM's own rows, from a statement that is put together once."""

import re
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext

from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Catalog, Entry
from catalog.sql.prepared import Prepared

pytestmark = pytest.mark.django_db

TEXT = "# L\n\n" + "".join(f"- [E{n}](https://e.example/{n}) - Text {n}.\n" for n in range(12))
NAMED = Prepared(
    lambda catalog, name: Entry.objects.select_related("block").filter(catalog=catalog, name=name)
)
AMONG = Prepared(lambda *keys: Entry.objects.filter(pk__in=keys).values_list("name", flat=True))


def imported() -> Catalog:
    return import_text(TEXT, catalog=Catalog(slug="list", title="L"), by=Author()).catalog


@pytest.fixture
def catalog() -> Catalog:
    return imported()


def test_rows_are_those_of_the_query_set(catalog: Catalog) -> None:
    plain = [NAMED._build(catalog.pk, name).first() for name in ("E3", "E7", "E99")]

    with CaptureQueriesContext(connection) as queries:
        prepared = [NAMED.first(catalog.pk, name) for name in ("E3", "E7", "E99")]
        sources = [entry.block.source for entry in prepared if entry and entry.block]

    assert prepared == plain
    assert sources == [f"- [E{n}](https://e.example/{n}) - Text {n}.\n" for n in (3, 7)]
    assert len(queries) == 3


@pytest.mark.parametrize("count", [0, 1, 2, 8, 9, 12])
def test_any_number_of_keys_is_possible(catalog: Catalog, count: int) -> None:
    keys = list(catalog.entries.values_list("pk", flat=True))[:count]

    assert sorted(AMONG.rows(*keys)) == sorted(f"E{n}" for n in range(count))


def test_statement_is_put_together_once(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = list(catalog.entries.values_list("pk", flat=True))
    AMONG.first(keys[0])
    monkeypatch.setattr(SQLCompiler, "as_sql", None)

    assert [AMONG.first(key) for key in keys] == [f"E{n}" for n in range(12)]


def test_what_is_no_argument_stands_in_the_statement(catalog: Catalog) -> None:
    odd = Prepared(
        lambda catalog, number: (
            Entry.objects.filter(catalog=catalog, pk__gte=number, state=Entry.State.PUBLISHED)
            .exclude(name="it's 100 %s")
            .order_by("position")
            .values_list("name", flat=True)[2:4]
        )
    )
    executed: list[tuple[str, object]] = []

    def note(execute: Any, sql: str, parameters: object, *context: Any) -> Any:
        executed.append((sql, parameters))
        return execute(sql, parameters, *context)

    with connection.execute_wrapper(note):
        rows = odd.rows(catalog.pk, 1)

    [(sql, parameters)] = executed
    assert (rows, parameters) == (["E2", "E3"], [catalog.pk, 1])
    assert re.findall("'(?:''|[^'])+'", sql) == ["'published'", "'it''s 100 %%s'"]
    assert sql.endswith("LIMIT 2 OFFSET 2")


def test_argument_that_is_no_parameter_is_refused() -> None:
    by_kind = Prepared(lambda name: Entry.objects.filter(name__contains=name))

    with pytest.raises(TypeError, match=re.escape("no parameters of the statement: ['argument")):
        by_kind.first("E1")


def test_none_is_refused() -> None:
    with pytest.raises(TypeError, match="None as an argument"):
        NAMED.rows(1, None)  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection() -> None:
    catalog = imported()
    answers: list[object] = []

    def ask() -> None:
        answers.append(NAMED.first(catalog.pk, "E5"))
        connection.close()

    threads = [Thread(target=ask) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [catalog.entries.get(name="E5")] * 4
