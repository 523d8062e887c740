"""No index of a foreign key stands beside a longer one that begins with the same column."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model, UniqueConstraint

from tests.test_layers import APPS


def own_models() -> list[type[Model]]:
    """Return the models that this project defines."""
    models = apps.get_models()
    return [model for model in models if model.__module__.partition(".")[0] in APPS]


def fields_of(model: type[Model]) -> list[Any]:
    """Return the fields that have columns in the model's own table."""
    return [field for field in model._meta.local_fields if field.column]


def begun_with(model: type[Model]) -> Iterator[str]:
    """Yield the first field of each index of several fields that holds all rows."""
    for index in model._meta.indexes:
        if index.condition is None and len(index.fields or index.expressions) > 1:
            if index.fields:
                yield index.fields[0].removeprefix("-")
            else:
                yield getattr(index.expressions[0], "name", "")
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.condition is None:
            yield from constraint.fields[:1]


def test_no_model_has_an_index_twice() -> None:
    doubled = [
        f"{model._meta.label}.{field.name}"
        for model in own_models()
        for field in fields_of(model)
        if field.db_index and not field.unique and field.name in begun_with(model)
    ]

    assert doubled == []


@pytest.mark.django_db
def test_database_has_the_indexes_that_the_models_name() -> None:
    """A migration takes the others away by what the database says of them."""
    differing = {}
    for model in own_models():
        with connection.cursor() as cursor:
            known = connection.introspection.get_constraints(cursor, model._meta.db_table)
        own = {index.name for index in model._meta.indexes}
        alone = {
            index["columns"][0]
            for name, index in known.items()
            if name not in own
            and index["index"]
            and not index["unique"]
            and len(index["columns"] or ()) == 1
        }
        fields = [field for field in fields_of(model) if field.is_relation]
        stored = {field.name for field in fields if field.column in alone}
        named = {field.name for field in fields if field.db_index and not field.unique}
        if stored - named:
            differing[model._meta.label] = stored - named

    assert differing == {}
