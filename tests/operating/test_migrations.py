"""The migrations that stand for several: they make what those make, and what has begun goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from operating.backup import known_migrations
from operating.restoring import each_migration
from tests.operating.test_site_backup import manage, new_sites  # noqa: F401
from tests.test_layers import APPS

type Key = tuple[str, str]

SCHEMA = {
    "sqlite": (
        # Columns and constraints, in whatever order they came.
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL",
        (
            "SELECT tables.name, kept.origin, kept.partial, (SELECT group_concat(name, ', ')"
            " FROM pragma_index_info(kept.name)) FROM sqlite_master AS tables,"
            " pragma_index_list(tables.name) AS kept WHERE tables.type = 'table'"
        ),
    ),
    "postgresql": (
        (
            "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,"
            " column_default, collation_name, is_identity FROM information_schema.columns"
            " WHERE table_schema = current_schema()"
        ),
        (
            "SELECT attrelid::regclass::text, attname, attstorage::text FROM pg_attribute"
            " JOIN pg_class ON attrelid = pg_class.oid WHERE relkind = 'r' AND attnum > 0"
            " AND NOT attisdropped AND relnamespace = current_schema()::regnamespace"
        ),
        (
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = current_schema()::regnamespace"
        ),
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
    ),
}
"""What tells all of a database's tables, indexes and triggers, for each kind of database."""


def schema() -> list[Any]:
    """Return what the database says of its tables; not in which order their columns stand."""
    answers = []
    with connection.cursor() as cursor:
        for statement in SCHEMA[connection.vendor]:
            cursor.execute(statement)
            rows = [[*row] for row in cursor.fetchall()]
            for row in rows:
                if row[0] == "table":
                    row[-1] = sorted(row[-1].removesuffix(")").partition("(")[2].split(", "))
            answers.append(sorted(rows, key=str))
    return answers


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    """All migrations, none of them in the place of another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MigrationRecorder, "applied_migrations", lambda _recorder: {})
        return each_migration()


def leaves(loader: MigrationLoader, keys: set[Key]) -> list[Key]:
    nodes = loader.graph.node_map
    return [key for key in keys if not any(child.key in keys for child in nodes[key].children)]


def test_models_are_those_of_each_migration_by_itself(loader: MigrationLoader) -> None:
    every = loader.project_state(leaves(loader, {*known_migrations()}))
    squashed = MigrationLoader(None).project_state()

    assert MigrationAutodetector(every, squashed).changes(loader.graph) == {}
    assert MigrationAutodetector(squashed, every).changes(loader.graph) == {}
    assert squashed.models.keys() == every.models.keys()


def own_migrations() -> list[Key]:
    return sorted(key for key in known_migrations() if key[0] in APPS)


@pytest.mark.parametrize("missing", own_migrations(), ids=".".join)
def test_database_that_lacks_one_and_what_follows_goes_on(
    loader: MigrationLoader, missing: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = loader.graph
    applied = {key for key in known_migrations() if missing not in graph.forwards_plan(key)}
    recorded = applied | {
        key for key, several in loader.replacements.items() if applied.issuperset(several.replaces)
    }
    monkeypatch.setattr(
        MigrationRecorder, "applied_migrations", lambda _recorder: dict.fromkeys(recorded)
    )

    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())

    done = [key for step, _back in plan for key in step.replaces or [(step.app_label, step.name)]]
    assert sorted(done) == sorted(known_migrations() - applied)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_tables_are_those_of_each_migration_by_itself(
    tmp_path: Path,
    new_sites: list[dict[str, str]],  # noqa: F811
) -> None:
    (tmp_path / "new/var").mkdir(parents=True, exist_ok=True)
    code = (
        "import json; from operating.backup import known_migrations;"
        "from operating.restoring import migrate_one_by_one;"
        "from tests.operating.test_migrations import schema;"
        "migrate_one_by_one(known_migrations()); print(json.dumps(schema()))"
    )

    status, printed, problems = manage("shell", "--no-imports", "--command", code, **new_sites[-1])

    assert (status, problems) == (0, "")
    assert json.loads(printed) == json.loads(json.dumps(schema()))
