"""The database: opened at its first use, asked in a thread, with a limit on the wait."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar
from zlib import crc32

from sqlalchemy import MetaData, text
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from actions.settings import read_settings
from actions.storage.carrying_over import add_missing_columns
from actions.storage.engines import WRITES, make_engine
from actions.storage.models import SCHEMA_VERSION, mapper_registry

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

_VERSIONS = "parley_versions"
"""The table of the tables' versions, where the database has no place of its own for them."""


class StorageError(Exception):
    """The database could not do what was asked; the reason is in the message."""


class Database:
    """An engine with its tables in place.

    Readers do not wait for writers, and a writer takes its lock when it begins: two that first
    read and then write cannot deadlock.
    """

    def __init__(
        self,
        url: str,
        timeout: float,
        tables: MetaData = mapper_registry.metadata,
        version: int = SCHEMA_VERSION,
    ) -> None:
        """Opens the database and makes the folder and the tables that are not there yet.

        Args:
            url: Where it is, as SQLAlchemy writes it.
            timeout: Seconds to wait for another's lock.
            tables: What is kept in it; the skills' tables unless given.
            version: Of these tables. The database holds it.

        Raises:
            StorageError: If it cannot be opened, or is of a later version of Parley.
        """
        self._engine = _engine(url, timeout, tables)
        self._reading = sessionmaker(self._engine, future=True, expire_on_commit=False)
        self._writing = sessionmaker(
            self._engine.execution_options(**{WRITES: True}),
            future=True,
            expire_on_commit=False,
        )
        with _translated_errors():
            self._prepare(tables, version)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading."""
        with _translated_errors(), self._reading() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session for writing: kept as a whole when the block ends, or not at all."""
        with _translated_errors(), self._writing.begin() as session:
            yield session

    def ping(self) -> None:
        """Asks the database whether it is there.

        Raises:
            StorageError: If it is not.
        """
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()

    def _prepare(self, tables: MetaData, version: int) -> None:
        with self._engine.execution_options(**{WRITES: True}).begin() as connection:
            there = _versions(connection, tables)
            if there and max(there) > version:
                raise StorageError(
                    f"The database is of version {max(there)}, this Parley keeps version "
                    f"{version}: start the Parley that made it, or name another one."
                )
            tables.create_all(connection)
            if there and min(there) < version:
                logger.info("Carrying the database over from version %s.", min(there))
                add_missing_columns(connection, tables)
            _set_version(connection, tables, version)


def _versions(connection: Connection, tables: MetaData) -> set[int]:
    """The versions of the tables that are there; an SQLite file has one, of all in it."""
    if connection.dialect.name == "sqlite":
        return {int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())} - {0}
    connection.execute(
        text(f"CREATE TABLE IF NOT EXISTS {_VERSIONS} (name TEXT PRIMARY KEY, version INTEGER)")
    )
    rows = connection.execute(text(f"SELECT name, version FROM {_VERSIONS}"))
    return {version for name, version in rows if name in tables.tables}


def _set_version(connection: Connection, tables: MetaData, version: int) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA user_version = {version}")
        return
    there = set(connection.execute(text(f"SELECT name FROM {_VERSIONS}")).scalars())
    insert = text(f"INSERT INTO {_VERSIONS} VALUES (:name, :version)")
    update = text(f"UPDATE {_VERSIONS} SET version = :version WHERE name = :name")
    for name in sorted(tables.tables):
        row = {"name": name, "version": version}
        connection.execute(update if name in there else insert, row)


@lru_cache(maxsize=4)
def open_database(url: str, timeout: float) -> Database:
    """Opens a database, once for each place."""
    return Database(url, timeout)


async def ask_database(question: Callable[[Database], Result]) -> Result:
    """Asks the database in a thread, so that nobody else's message waits for it.

    Args:
        question: What is asked; it is called with the open database.

    Returns:
        What the question gave.

    Raises:
        StorageError: If the database is away, busy for too long, or not of this version.
    """
    settings = read_settings()

    def ask() -> Result:
        # Another's lock is waited for a little less long than the whole answer.
        return question(open_database(settings.database_url, settings.database_timeout * 0.8))

    try:
        return await asyncio.wait_for(asyncio.to_thread(ask), settings.database_timeout)
    except asyncio.TimeoutError:
        raise StorageError(f"No answer within {settings.database_timeout:g} s.") from None


def _engine(url: str, timeout: float, tables: MetaData) -> Engine:
    # Who writes to other tables need not wait.
    lock = crc32(min(tables.tables).encode())
    try:
        return make_engine(make_url(url), timeout, lock)
    except OSError as error:
        raise StorageError(f"The database's folder cannot be made: {error}.") from error
    except (SQLAlchemyError, ImportError) as error:
        raise StorageError(f"Not an address of a database: {type(error).__name__}.") from None


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # The driver's own words name the fault; SQLAlchemy's would add the statement's
        # parameters, which are what the user said; and PostgreSQL's details do, too.
        reason = getattr(error, "orig", None) or type(error).__name__
        diagnosis = getattr(reason, "diag", None)
        raise StorageError(str(getattr(diagnosis, "message_primary", None) or reason)) from None
