"""Query sets whose statement is put together once in a process, and only executed afterwards.

Putting it together takes the ORM many times as long as the database takes to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.query import FlatValuesListIterable, ValuesListIterable

from catalog.sql.bulk import keys_among

_MARK = 1_934_770_000
"""Stands for the first argument while the statement is made, the next ones for the others."""
_MOST = 16
"""Arguments up to which a statement is stored; with more the ORM puts it together each time."""
_TUPLES = (ValuesListIterable, FlatValuesListIterable)


class _Statement(NamedTuple):
    queryset: QuerySet[Any, Any]
    compiler: Any
    sql: str
    parameters: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]
    """Which parameters are arguments: their numbers."""
    converters: dict[int, Any]
    """What turns values of the database into those of fields, by column."""


class Prepared[M: Model, Row]:
    """A query set by its arguments, whole numbers or texts that are compared as they are.

    `build` makes it of them. Its statement may depend on how many they are, but on nothing else.
    """

    def __init__(self, build: Callable[..., QuerySet[M, Row]]) -> None:
        self._build = build
        self._statements: dict[tuple[type, ...], _Statement] = {}

    def rows(self, *arguments: int | str) -> list[Row]:
        """Return the rows."""
        if not 0 < len(arguments) <= _MOST:
            return list(self._build(*arguments))
        if None in arguments:
            raise TypeError("None as an argument: no row is equal to it, and none differs from it")
        types = tuple(map(type, arguments))
        if types not in self._statements:
            self._statements[types] = self._prepared(types)
        queryset, prepared, sql, parameters, places, converters = self._statements[types]
        values = list(parameters)
        for place, number in places:
            values[place] = arguments[number]
        # What was found out about columns and models stays; the connection is this thread's own.
        connection = connections[DEFAULT_DB_ALIAS]
        if queryset._iterable_class in _TUPLES:
            # Read as they are: the ORM's own way takes as long as the database.
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                values_read: list[Any] = cursor.fetchall()
            if converters:
                compiler = _twin(prepared, connection=connection)
                values_read = list(map(tuple, compiler.apply_converters(values_read, converters)))
            is_flat = queryset._iterable_class is FlatValuesListIterable
            return [row[0] for row in values_read] if is_flat else values_read
        compiler = _twin(
            prepared,
            connection=connection,
            as_sql=lambda *_arguments, **_options: (sql, values),
            get_converters=lambda _expressions: converters,
        )
        query = _twin(queryset.query, get_compiler=lambda *_arguments, **_options: compiler)
        return list(_twin(queryset, _query=query))

    def first(self, *arguments: int | str) -> Row | None:
        """Return the first of the rows; None where there is none."""
        return next(iter(self.rows(*arguments)), None)

    def _prepared(self, types: tuple[type, ...]) -> _Statement:
        marks = _marks(types)
        queryset = self._build(*marks)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, given = compiler.as_sql()
        sql, parameters = _written_out(sql, given, marks)
        if missing := [mark for mark in marks if mark not in parameters]:
            raise TypeError(f"arguments that are no parameters of the statement: {missing}")
        places = [(at, marks.index(one)) for at, one in enumerate(parameters) if one in marks]
        columns = [expression for expression, *_names in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(columns)
        return _Statement(queryset, compiler, sql, parameters, tuple(places), converters)


def keys_of(pks: Sequence[int]) -> Sequence[int] | RawSQL:
    """Keys for a filter (`pk__in`) of a prepared statement, however many.

    Of one that is not stored they are a single parameter: the ORM looks at each of several.
    """
    return pks if len(pks) <= _MOST else keys_among(pks)


def _twin[T](known: T, **own: object) -> T:
    """Return an object that shares all with another but what is its own.

    Django's own copies are for what is changed afterwards, and take longer than the statement.
    """
    twin = object.__new__(type(known))
    twin.__dict__ = known.__dict__ | own
    return twin


def _written_out(
    sql: str, parameters: Sequence[Any], marks: Sequence[int | str]
) -> tuple[str, tuple[Any, ...]]:
    """The statement with all numbers and texts in it that are no arguments, and what is left.

    PostgreSQL plans it once then: of a parameter it cannot know whether an index on some rows has
    those that are wanted, or how many rows are.
    """
    first, *others = sql.split("%s")
    written, left = [first], []
    for value, text in zip(parameters, others, strict=True):
        if value in marks or isinstance(value, bool) or not isinstance(value, int | str):
            left.append(value)
            written.append("%s")
        elif isinstance(value, str):
            literal = value.replace("'", "''").replace("%", "%%")
            written.append(f"'{literal}'")
        else:
            written.append(f"{value:d}")
        written.append(text)
    return "".join(written), tuple(left)


def _marks(types: tuple[type, ...]) -> list[int | str]:
    return [
        f"argument {number}" if kind is str else number for number, kind in enumerate(types, _MARK)
    ]
