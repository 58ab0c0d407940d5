"""Databases: what is a person's is deleted in one transaction, and then from the files as well.

SQLite leaves deleted rows in its file until the room is used again, and in its journal until that
is written back. So the rows are overwritten, the file is written anew, and the journal emptied.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Column,
    Float,
    MetaData,
    String,
    Table,
    column,
    create_engine,
    delete,
    event,
    func,
    inspect,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from privacy.settings import sqlite_file
from privacy.stores import ErasureError, Person
from privacy.tables import Rows

BUSY_SECONDS = 20
"""How long another's lock is waited for."""

ERASURES_KEPT = 24 * 3600.0
"""Seconds; no turn lasts as long."""

_WRITES = "privacy_writes"

erasures = Table(
    "parley_erasures",
    MetaData(),
    Column("person", String, primary_key=True),
    Column("erased_at", Float, nullable=False),
)
"""Which conversations were erased, and when: a turn that was going on does not write them back."""

CREATE_ERASURES = CreateTable(erasures, if_not_exists=True)


class SqlStore:
    """A database, SQLite or PostgreSQL, and the tables in it that hold things of people."""

    def __init__(self, name: str, url: str, tables: Sequence[Rows], schema: str = "") -> None:
        """Prepares; it is opened when something is asked of it.

        Args:
            name: What it is called.
            url: Where it is, as SQLAlchemy writes it.
            tables: In the order in which they are deleted from.
            schema: PostgreSQL's schema that they are in; its usual one if empty.
        """
        self.name = name
        self._url = url
        self._tables = tuple(tables)
        self._schema = schema

    def table_names(self) -> list[str]:
        """The names of all its tables.

        Raises:
            ErasureError: If it cannot be looked into.
        """
        with self._reading() as connection:
            return list(inspect(connection).get_table_names()) if connection else []

    def find(self, person: Person) -> Counter[str]:
        """How many rows are theirs."""
        with self._reading() as connection:
            found: Counter[str] = Counter()
            for rows in self._present(connection):
                condition = rows.whose.condition(person.conversation)
                statement = select(func.count()).select_from(table(rows.table)).where(condition)
                found[rows.called] += int(_execute(connection, statement).scalar_one())
            return found

    def erase(self, person: Person, in_turn: bool = False) -> Counter[str]:
        """Deletes their rows, all or none."""
        with self._writing() as connection:
            if connection is None:
                return Counter()
            self._before_erasing(connection, person.conversation)
            erased: Counter[str] = Counter()
            for rows in self._present(connection):
                condition = rows.whose.condition(person.conversation)
                if in_turn and rows.in_work:
                    condition &= _is_not_in_work()
                if in_turn and rows.open_door:
                    continue
                erased[rows.called] += _delete(connection, rows.table, condition)
            return erased

    def expire(self, before: float) -> Counter[str]:
        """Deletes the rows that say themselves that they are too old."""
        with self._writing() as connection:
            gone: Counter[str] = Counter()
            if connection is None:
                return gone
            for rows in self._present(connection):
                if rows.age is not None:
                    condition = rows.age.condition(before)
                    gone[rows.called] += _delete(connection, rows.table, condition)
            return gone

    def purge(self) -> None:
        """Has the database give up what deleted rows leave behind."""
        with self._reading() as connection:
            present = [rows.table for rows in self._present(connection)]
        if not present:
            return
        is_sqlite = make_url(self._url).get_backend_name() == "sqlite"
        if is_sqlite:
            statements = ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"]
        else:
            statements = [f"VACUUM {', '.join(present)}"]
        with self._translated():
            # Neither may be part of a transaction, and SQLAlchemy would begin one.
            driver: Any = self._engine().raw_connection()
            try:
                if not is_sqlite:
                    driver.dbapi_connection.autocommit = True
                for statement in statements:
                    driver.cursor().execute(statement)
            finally:
                driver.close()

    def outside(self) -> str:
        """Nothing; of backups nobody knows here."""
        return ""

    def _before_erasing(self, connection: Connection, conversation: str) -> None:
        """For what has to be in the same transaction."""

    def _present(self, connection: Connection | None) -> list[Rows]:
        """The tables that are there: a channel that was never open has none."""
        there = set(inspect(connection).get_table_names()) if connection is not None else set()
        return [rows for rows in self._tables if rows.table in there]

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        with self._translated(), self._connected(writes=False) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection | None]:
        with self._translated(), self._connected(writes=True) as connection:
            yield connection

    @contextmanager
    def _connected(self, writes: bool) -> Iterator[Connection | None]:
        file = sqlite_file(self._url)
        if file is not None and not file.exists():
            yield None
            return
        with self._engine().execution_options(**{_WRITES: writes}).begin() as connection:
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, ImportError) as error:
            # SQLAlchemy's own words would hold the statement's parameters.
            reason = getattr(error, "orig", None) or type(error).__name__
            diagnosis = getattr(getattr(reason, "diag", None), "message_primary", None)
            raise ErasureError(
                f"The database of {self.name}: {diagnosis or str(reason).strip()}"
            ) from None

    def _engine(self) -> Engine:
        url = make_url(self._url)
        arguments: dict[str, Any] = {}
        if url.get_backend_name() == "sqlite":
            arguments = {"timeout": BUSY_SECONDS}
        elif url.get_backend_name() == "postgresql":
            options = f"-c lock_timeout={BUSY_SECONDS * 1000}"
            if self._schema:
                options += f" -c search_path={self._schema}"
            arguments = {"connect_timeout": BUSY_SECONDS, "options": options}
        engine = create_engine(url, future=True, poolclass=NullPool, connect_args=arguments)
        if url.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        return engine


class TrackerDatabase(SqlStore):
    """Where Rasa keeps conversations, event by event."""

    def said_by(self, conversation: str) -> frozenset[str]:
        """What both sides said in a conversation, and what was understood of it.

        Raises:
            ErasureError: If it cannot be read.
        """
        with self._reading() as connection:
            if not self._present(connection):
                return frozenset()
            wanted = select(column("data")).select_from(table("events"))
            mine = column("sender_id") == conversation
            spoken = column("type_name").in_(("user", "bot", "slot"))
            rows = _execute(connection, wanted.where(mine, spoken)).scalars()
            return frozenset(text for data in rows if data for text in said_in(json.loads(data)))

    def conversations(self, holding: str = "", most: int = 20) -> list[str]:
        """Conversations whose id holds a text, in order."""
        with self._reading() as connection:
            if not self._present(connection):
                return []
            sender = column("sender_id")
            statement = select(sender).select_from(table("events")).distinct().order_by(sender)
            found = _execute(connection, statement).scalars()
            return [one for one in found if holding.lower() in one.lower()][:most]

    def silent_since(self, before: float) -> list[str]:
        """The conversations in which nothing has happened since a moment."""
        with self._reading() as connection:
            if not self._present(connection):
                return []
            sender = column("sender_id")
            statement = select(sender).select_from(table("events")).group_by(sender)
            last = func.max(column("timestamp")) < before
            return list(_execute(connection, statement.having(last)).scalars())

    def expire(self, before: float) -> Counter[str]:
        """Deletes the sessions that are over and too old, of conversations that go on.

        The latest session stays as a whole: Rasa reads it with each message, slots included.
        """
        with self._writing() as connection:
            if connection is None or not self._present(connection):
                return Counter()
            sender, number = column("sender_id"), column("id")
            latest = (
                select(sender, func.max(number))
                .select_from(table("events"))
                .where(column("type_name") == "session_started")
                .group_by(sender)
            )
            gone = 0
            for conversation, begun in connection.execute(latest).all():
                # Rasa notes that the session starts before the session's own event.
                old = (sender == conversation) & (number < begun - 1)
                gone += _delete(connection, "events", old & (column("timestamp") < before))
            return Counter({self._tables[0].called: gone})

    def _before_erasing(self, connection: Connection, conversation: str) -> None:
        connection.execute(CREATE_ERASURES)
        lock_conversation(connection, conversation)
        now = time.time()
        mine = erasures.c.person == digest(conversation)
        over = erasures.c.erased_at < now - ERASURES_KEPT
        connection.execute(delete(erasures).where(or_(mine, over)))
        connection.execute(erasures.insert().values(person=digest(conversation), erased_at=now))


def lock_conversation(connection: Connection, conversation: str) -> None:
    """Has whoever else would write to a conversation wait for the end of the transaction.

    SQLite has one writer at a time anyway, from its beginning.
    """
    if connection.dialect.name == "postgresql":
        number = int(digest(conversation)[:15], 16)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def digest(conversation: str) -> str:
    """What is kept of a conversation's id, when nothing else is."""
    return hashlib.sha256(conversation.encode()).hexdigest()


def said_in(event: Mapping[str, Any]) -> Iterator[str]:
    """The texts in an event that somebody said, or that were read out of it."""
    parsed = event.get("parse_data") or {}
    values = [event.get("text"), *(one.get("value") for one in parsed.get("entities") or [])]
    yield from _texts([*values, event.get("value") if event.get("event") == "slot" else None])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _is_not_in_work() -> Any:
    # The turn that goes on is to find its message when it ends.
    free = column("claimed_by").is_(None) | (column("claimed_until") <= time.time())
    return (column("state") != "waiting") | free


def _delete(connection: Connection, name: str, condition: Any) -> int:
    # The 1.4 stubs know no results of deletes.
    result: Any = connection.execute(delete(table(name)).where(condition))
    return int(result.rowcount)


def _execute(connection: Connection | None, statement: Any) -> Any:
    assert connection is not None
    return connection.execute(statement)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself; `_begin_sqlite` does it.
    connection.isolation_level = None
    connection.execute("PRAGMA secure_delete = ON")


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
