"""The database: opened at its first use, asked in a thread, with a limit on the wait."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import MetaData, create_engine, event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from actions.settings import read_settings
from actions.storage.models import SCHEMA_VERSION, mapper_registry

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

_WRITES = "parley_writes"

_JOURNAL_RETRY_SECONDS = 0.02


class StorageError(Exception):
    """The database could not do what was asked; the reason is in the message."""


class Database:
    """An engine with its tables in place.

    SQLite runs in WAL mode, so that readers do not wait for writers, and a writer takes its
    lock when it begins: two that first read and then write cannot deadlock.
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
            version: Of these tables. An SQLite file holds it.

        Raises:
            StorageError: If it cannot be opened, or is of another version of Parley.
        """
        self._engine = _engine(url, timeout)
        self._reading = sessionmaker(self._engine, future=True, expire_on_commit=False)
        self._writing = sessionmaker(
            self._engine.execution_options(**{_WRITES: True}),
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

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()

    def _prepare(self, tables: MetaData, version: int) -> None:
        with self._engine.execution_options(**{_WRITES: True}).begin() as connection:
            if connection.dialect.name != "sqlite":
                tables.create_all(connection)
                return
            found = connection.exec_driver_sql("PRAGMA user_version").scalar()
            if found not in (0, version):
                raise StorageError(
                    f"The database is of version {found}, this Parley keeps version "
                    f"{version}: start the Parley that made it, or name another file."
                )
            tables.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {version}")


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


def _engine(url: str, timeout: float) -> Engine:
    try:
        parsed = make_url(url)
    except SQLAlchemyError as error:
        raise StorageError(f"Not an address of a database: {type(error).__name__}.") from None
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, future=True, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        try:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"The database's folder cannot be made: {error}.") from error
    # Without a pool, SQLAlchemy 1.4 opens the file for each session; and whoever closes it last
    # writes the journal back, which takes longer than everything else. A connection is one
    # thread's at a time, whichever.
    pool: dict[str, Any] = (
        {"poolclass": QueuePool} if parsed.database not in (None, "", ":memory:") else {}
    )
    engine: Engine = create_engine(
        parsed,
        future=True,
        connect_args={"timeout": timeout, "check_same_thread": False},
        **pool,
    )
    event.listen(engine, "connect", partial(_prepare_sqlite_connection, timeout))
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_sqlite_connection(timeout: float, connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, too late; `_begin` does it.
    connection.isolation_level = None
    deadline = time.monotonic() + timeout
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:
            # For a change of the journal SQLite does not wait, whatever its time-out says: it
            # fails at once while another connection opens or closes the same file.
            if time.monotonic() > deadline:
                raise
            time.sleep(_JOURNAL_RETRY_SECONDS)
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Any) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # The driver's own words name the fault; SQLAlchemy's would add the statement's
        # parameters, which are what the user said.
        reason = getattr(error, "orig", None) or type(error).__name__
        raise StorageError(str(reason)) from None
