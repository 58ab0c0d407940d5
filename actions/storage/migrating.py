"""Databases of former versions are brought to this one, whoever opens them first.

Alembic runs the revisions that a database lacks; there is no way back. All of it is one
transaction under the writers' lock: of several processes that start at once, one does it and the
others wait, and what fails midway leaves the database as it was.

Before there were migrations, a version's number was all that a database held. Such a database is
looked at first: only if its tables have the columns of that version is it taken for one.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Connection

from actions.storage.schema import Schema

logger = logging.getLogger(__name__)

VERSIONS = "parley_versions"
"""Where a database other than SQLite's held the versions of tables, by the tables' names."""

Columns = dict[str, set[str]]
"""The columns of tables."""


class SchemaError(Exception):
    """The tables are not what they should be; nothing was changed."""


def revision_of(connection: Connection, schema: Schema) -> int | None:
    """The revision that a database is at; None where it holds nothing of the schema."""
    if not inspect(connection).has_table(schema.revision_table):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {schema.revision_table}")).scalar()
    return int(found) if found is not None else None


def bring_up(connection: Connection, schema: Schema, to: int | None = None) -> None:
    """Brings a database to this version's tables, within the connection's transaction.

    Args:
        connection: With the writers' lock.
        schema: Whose tables.
        to: A revision before the newest, for tests.

    Raises:
        SchemaError: If the database is of a later version, or its tables are of none.
    """
    revision = revision_of(connection, schema)
    if revision is None:
        revision = _adopt(connection, schema)
    if revision is not None and revision > schema.head:
        raise SchemaError(
            f"The database is of version {revision}, this Parley keeps version {schema.head}: "
            "start the Parley that made it, or name another one."
        )
    goal = to or schema.head
    if revision == goal:
        return
    if revision is not None:
        logger.info("Bringing the %s' tables from version %s to %s.", schema.name, revision, goal)
    _run(connection, schema, goal)
    _tell_former_versions(connection, schema, goal)


def _run(connection: Connection, schema: Schema, goal: int) -> None:
    scripts = _scripts(schema)

    def upgrade(revision: Any, _context: MigrationContext) -> Any:
        return scripts._upgrade_revs(f"{goal:04}", revision)

    context = _context(connection, schema, upgrade)
    with Operations.context(context):
        context.run_migrations()


def _adopt(connection: Connection, schema: Schema) -> int | None:
    """Stamps a database that was made before there were migrations; its version.

    Raises:
        SchemaError: If its tables do not have that version's columns.
    """
    there = _columns(connection)
    ours = set(_expected(schema, schema.head)) & set(there)
    version = _former_version(connection, ours)
    if not ours:
        # A number is another schema's then: SQLite has one for the whole file.
        return None
    if version is not None and version > schema.head:
        return version
    if version is None:
        raise SchemaError(
            f"The database has tables called {', '.join(sorted(ours))}, but they are none of "
            "Parley's: name another database."
        )
    for table, columns in _expected(schema, version).items():
        if there.get(table) != columns:
            raise SchemaError(
                f"The database says that it is of version {version}, but its table '{table}' "
                f"{_difference(there.get(table), columns)}. Nothing was changed: put it right, or "
                "name another database."
            )
    _context(connection, schema).stamp(_scripts(schema), f"{version:04}")
    return version


def _difference(there: set[str] | None, expected: set[str]) -> str:
    if there is None:
        return "is missing"
    lacks, more = sorted(expected - there), sorted(there - expected)
    told = [f"lacks {', '.join(lacks)}"] if lacks else []
    return " and ".join(told + ([f"has {', '.join(more)}"] if more else []))


def _former_version(connection: Connection, tables: set[str]) -> int | None:
    if connection.dialect.name == "sqlite":
        return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one()) or None
    if not inspect(connection).has_table(VERSIONS):
        return None
    rows = connection.execute(text(f"SELECT name, version FROM {VERSIONS}"))
    return max((int(version) for name, version in rows if name in tables), default=None)


def _tell_former_versions(connection: Connection, schema: Schema, version: int) -> None:
    """Writes the number where a Parley before there were migrations looks: it then refuses."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA user_version = {version}")
        return
    connection.execute(
        text(f"CREATE TABLE IF NOT EXISTS {VERSIONS} (name TEXT PRIMARY KEY, version INTEGER)")
    )
    for name in sorted(_expected(schema, schema.head)):
        statement = (
            f"INSERT INTO {VERSIONS} VALUES (:name, :version) "
            "ON CONFLICT (name) DO UPDATE SET version = :version"
        )
        connection.execute(text(statement), {"name": name, "version": version})


@lru_cache(maxsize=16)
def _expected(schema: Schema, version: int) -> Columns:
    """What tables and columns a version has: the migrations say it."""
    engine = create_engine("sqlite://", future=True)
    try:
        with engine.begin() as connection:
            _run(connection, schema, version)
            return {
                name: columns
                for name, columns in _columns(connection).items()
                if name != schema.revision_table
            }
    finally:
        engine.dispose()


def _columns(connection: Connection) -> Columns:
    there = inspect(connection)
    return {
        name: {str(column["name"]) for column in there.get_columns(name)}
        for name in there.get_table_names()
        # SQLite's own.
        if not name.startswith("sqlite_")
    }


@lru_cache(maxsize=4)
def _scripts(schema: Schema) -> ScriptDirectory:
    return ScriptDirectory(str(schema.migrations))


def _context(connection: Connection, schema: Schema, run: Any = None) -> MigrationContext:
    options = {"version_table": schema.revision_table, "transactional_ddl": True}
    if run is not None:
        options["fn"] = run
    # Alembic tells each step; what matters is told here.
    logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)
    return MigrationContext.configure(connection=connection, opts=options)
