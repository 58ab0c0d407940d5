"""The tables' migrations: they agree with the tables, and lose nothing, on both databases."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, inspect, text
from sqlalchemy.engine import Engine

from actions.storage.database import Database, StorageError
from actions.storage.migrating import bring_up, revision_of
from actions.storage.models import mapper_registry
from actions.storage.schema import SKILLS, Schema
from channels.schema import CHANNELS
from channels.tables import metadata as channels_tables
from tests.actions.conftest import on_both_databases

# Their tables are among the channels', as soon as they are imported.
import_module("channels.web.tables")
import_module("channels.slack.threads")

pytestmark = on_both_databases

SCHEMAS = [(SKILLS, mapper_registry.metadata), (CHANNELS, channels_tables)]

both = pytest.mark.parametrize(("schema", "tables"), SCHEMAS, ids=["skills", "channels"])

ROWS = {
    SKILLS: [
        "INSERT INTO lists (id, user_id, name, key) VALUES (1, 'ada', 'Shopping', 'shopping')",
        "INSERT INTO list_items (id, list_id, name, key, unit_key, quantity) "
        "VALUES (1, 1, 'Milk', 'milk', '', '2')",
        "INSERT INTO reminders (id, user_id, channel, kind, what, due_at, zone, first_at, state, "
        "created_at, snoozed, attempts) VALUES (7, 'ada', 'web', 'reminder', 'call mum', "
        "'2030-01-01 08:00:00', 'UTC', '2030-01-01 08:00:00', 'waiting', '2029-01-01 08:00:00', "
        "0, 0)",
    ],
    CHANNELS: [
        "INSERT INTO incoming (id, channel, conversation, content, state, attempts, written_at) "
        "VALUES (3, 'line', 'line~ada', '{\"text\": \"hello\"}', 'waiting', 0, 1.5)",
        "INSERT INTO seen_keys VALUES ('line', '3', 1.5)",
        "INSERT INTO notes VALUES ('line', 'topic', '\"tea\"')",
    ],
}
"""What a database of the first revision holds."""


@pytest.fixture
def engine(database_url: str, tmp_path: Any) -> Iterator[Engine]:
    """The database by itself, without what Parley does when it opens it."""
    (tmp_path / "kept").mkdir(exist_ok=True)
    made = create_engine(database_url, future=True)
    yield made
    made.dispose()


def rows_of(engine: Engine, schema: Schema) -> dict[str, list[dict[str, Any]]]:
    with engine.connect() as connection:
        names = {statement.split()[2] for statement in ROWS[schema]}
        return {
            name: [dict(r) for r in connection.execute(text(f"SELECT * FROM {name}")).mappings()]
            for name in sorted(names)
        }


def fill(engine: Engine, schema: Schema) -> None:
    with engine.begin() as connection:
        for statement in ROWS[schema]:
            connection.exec_driver_sql(statement)


def make_by_hand(engine: Engine, schema: Schema, tables: MetaData, version: int) -> None:
    """Makes a database as Parley did before there were migrations: tables, and a number."""
    with engine.begin() as connection:
        bring_up(connection, schema, version)
        connection.execute(text(f"DROP TABLE {schema.revision_table}"))


@both
def test_tables_and_migrations_agree(
    schema: Schema, tables: MetaData, database_url: str, engine: Engine
) -> None:
    Database(database_url, 5.0, schema).close()
    known = set(tables.tables)
    with engine.connect() as connection:
        options = {
            "version_table": schema.revision_table,
            "compare_type": True,
            "compare_server_default": True,
            "include_object": lambda _object, name, kind, *_: kind != "table" or name in known,
        }
        context = MigrationContext.configure(connection=connection, opts=options)
        assert compare_metadata(context, tables) == []
        # Of what is there, all is ours.
        there = set(inspect(connection).get_table_names())
        assert there - known <= {schema.revision_table, "parley_versions", "sqlite_sequence"}


@both
def test_the_first_revision_goes_up_with_its_rows(
    schema: Schema, tables: MetaData, database_url: str, engine: Engine
) -> None:
    with engine.begin() as connection:
        bring_up(connection, schema, 1)
        assert revision_of(connection, schema) == 1
    fill(engine, schema)
    before = rows_of(engine, schema)
    Database(database_url, 5.0, schema).close()
    after = rows_of(engine, schema)
    for name, rows in before.items():
        for was, now in zip(rows, after[name], strict=True):
            assert {**now, **was} == now
    with engine.connect() as connection:
        assert revision_of(connection, schema) == schema.head


@both
@pytest.mark.parametrize("version", [1, 2])
def test_a_database_made_before_there_were_migrations_is_taken_over(
    schema: Schema, tables: MetaData, version: int, database_url: str, engine: Engine
) -> None:
    make_by_hand(engine, schema, tables, version)
    fill(engine, schema)
    before = rows_of(engine, schema)
    Database(database_url, 5.0, schema).close()
    after = rows_of(engine, schema)
    assert {name: len(rows) for name, rows in after.items()} == {
        name: len(rows) for name, rows in before.items()
    }
    with engine.connect() as connection:
        assert revision_of(connection, schema) == schema.head


@both
def test_one_whose_tables_are_not_what_it_says_is_left_alone(
    schema: Schema, tables: MetaData, database_url: str, engine: Engine
) -> None:
    make_by_hand(engine, schema, tables, 1)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {schema.first_table} ADD COLUMN colour VARCHAR"))
        connection.execute(text(f"ALTER TABLE {schema.first_table} RENAME COLUMN id TO number"))
    with pytest.raises(StorageError, match=f"'{schema.first_table}' lacks id and has colour, num"):
        Database(database_url, 5.0, schema)
    with engine.connect() as connection:
        assert revision_of(connection, schema) is None


@both
def test_tables_of_somebody_else_are_left_alone(
    schema: Schema, tables: MetaData, database_url: str, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE {schema.first_table} (letters VARCHAR)"))
    with pytest.raises(StorageError, match="none of Parley's"):
        Database(database_url, 5.0, schema)


@both
def test_a_later_version_is_left_alone(
    schema: Schema, tables: MetaData, database_url: str, engine: Engine
) -> None:
    Database(database_url, 5.0, schema).close()
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {schema.revision_table} SET version_num = '0099'"))
    with pytest.raises(StorageError, match=f"version 99.*version {schema.head}"):
        Database(database_url, 5.0, schema)


def _open(url: str) -> None:
    for schema, _ in SCHEMAS:
        Database(url, 20.0, schema).close()


@pytest.mark.parametrize("version", [None, 1])
def test_processes_that_start_at_once_bring_it_up_once(
    version: int | None, database_url: str, engine: Engine
) -> None:
    if version is not None:
        with engine.begin() as connection:
            for schema, _ in SCHEMAS:
                bring_up(connection, schema, version)
    with ProcessPoolExecutor(4, get_context("fork")) as pool:
        list(pool.map(_open, [database_url] * 8))
    with engine.connect() as connection:
        for schema, _ in SCHEMAS:
            assert revision_of(connection, schema) == schema.head
    # Both in one database: what one keeps, the other leaves alone.
    for schema, _ in SCHEMAS:
        fill(engine, schema)


def test_what_fails_midway_leaves_it_as_it_was(
    database_url: str, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with engine.begin() as connection:
        bring_up(connection, CHANNELS, 1)
        # The second revision makes the sessions' table first, and then cannot make this one.
        connection.execute(text("CREATE VIEW slack_threads AS SELECT 1 AS one"))
    with pytest.raises(StorageError, match="slack_threads"):
        Database(database_url, 5.0, CHANNELS)
    with engine.connect() as connection:
        assert revision_of(connection, CHANNELS) == 1
        assert not inspect(connection).has_table("web_sessions")
