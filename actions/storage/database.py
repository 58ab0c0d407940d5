"""The database: opened at its first use, asked in a thread, with a limit on the wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from actions.settings import read_settings
from actions.storage.engines import WRITES, make_engine
from actions.storage.migrating import SchemaError, bring_up, revision_of
from actions.storage.schema import SKILLS, Schema

Result = TypeVar("Result")

MIGRATION_SECONDS = 120.0
"""How long a change of the tables may take, and is waited for."""


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
        schema: Schema = SKILLS,
    ) -> None:
        """Opens the database; makes the folder, and brings the tables to this version.

        Args:
            url: Where it is, as SQLAlchemy writes it.
            timeout: Seconds to wait for another's lock.
            schema: What is kept in it; the skills' tables unless given.

        Raises:
            StorageError: If it cannot be opened, is of a later version of Parley, or of none.
        """
        self._engine = _engine(url, timeout, schema)
        self._reading = sessionmaker(self._engine, future=True, expire_on_commit=False)
        self._writing = sessionmaker(
            self._engine.execution_options(**{WRITES: True}),
            future=True,
            expire_on_commit=False,
        )
        with _translated_errors():
            self._prepare(url, timeout, schema)

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

    def _prepare(self, url: str, timeout: float, schema: Schema) -> None:
        with self.reading() as session:
            if revision_of(session.connection(), schema) == schema.head:
                return
        # Whoever changes the tables may take longer than a user waits for an answer.
        engine = _engine(url, max(timeout, MIGRATION_SECONDS), schema)
        try:
            with engine.execution_options(**{WRITES: True}).begin() as connection:
                bring_up(connection, schema)
        except SchemaError as error:
            raise StorageError(str(error)) from None
        finally:
            engine.dispose()


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


def _engine(url: str, timeout: float, schema: Schema) -> Engine:
    try:
        return make_engine(make_url(url), timeout, schema.lock)
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
