"""Rasa's tracker store, read only: out of SQLite or PostgreSQL, as endpoints.yml says.

Nothing is written, and no table is made: SQLite is opened read-only, PostgreSQL is told that all
its transactions only read. Of the events, those alone are read that tell how a turn went.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import column, create_engine, func, select, table
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import SQLAlchemyError

Event = dict[str, Any]

TOLD = ("user", "action", "active_loop", "bot", "session_started", "restart", "rewind", "undo")
"""Types of events that are read; slots are most of a conversation, and say nothing here."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_events = table("events", *(column(name) for name in ("id", "sender_id", "type_name", "data")))


class StoreError(Exception):
    """The tracker store cannot be read; the message says which, and what would mend it."""


@dataclass
class Conversation:
    """What happened between Parley and somebody, in order."""

    id: str
    events: list[Event]
    broken: int = 0
    """Events that could not be read, and are left out."""


class Store:
    """The conversations of a tracker store."""

    def __init__(self, engine: Engine) -> None:
        """Keeps the database's engine."""
        self._engine = engine

    @classmethod
    def of(cls, endpoints: Path) -> Store:
        """The store that an endpoints file names.

        Raises:
            StoreError: It names none that can be read from outside of the running server.
        """
        return cls(_engine(_configuration(endpoints)))

    def conversations(self, newest: int | None = None) -> Iterator[Conversation]:
        """All conversations.

        Args:
            newest: Only so many of the store's newest events are read.

        Raises:
            StoreError: The database does not answer.
        """
        wanted = select(_events.c.id, _events.c.sender_id, _events.c.data)
        wanted = wanted.where(_events.c.type_name.in_(TOLD))
        try:
            with self._engine.connect() as connection:
                if newest is not None:
                    last = connection.execute(select(func.max(_events.c.id))).scalar() or 0
                    wanted = wanted.where(_events.c.id > last - newest)
                ordered = wanted.order_by(_events.c.sender_id, _events.c.id)
                rows = connection.execute(ordered)
                for sender, found in groupby(rows, key=lambda row: row.sender_id):
                    yield _conversation(sender, (row.data for row in found))
        except SQLAlchemyError as error:
            raise StoreError(f"The tracker store does not answer: {_first_line(error)}") from error

    def conversation(self, sender: str) -> Conversation | None:
        """All events of one conversation, slots too; None where there is none.

        Raises:
            StoreError: The database does not answer.
        """
        wanted = select(_events.c.data).where(_events.c.sender_id == sender)
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(wanted.order_by(_events.c.id)).fetchall()
        except SQLAlchemyError as error:
            raise StoreError(f"The tracker store does not answer: {_first_line(error)}") from error
        return _conversation(sender, (row.data for row in rows)) if rows else None

    def newest_ids(self, count: int) -> list[str]:
        """The conversations with the newest events, the newest first.

        Raises:
            StoreError: The database does not answer.
        """
        newest = func.max(_events.c.id)
        wanted = select(_events.c.sender_id).group_by(_events.c.sender_id).order_by(newest.desc())
        try:
            with self._engine.connect() as connection:
                return [row.sender_id for row in connection.execute(wanted.limit(count))]
        except SQLAlchemyError as error:
            raise StoreError(f"The tracker store does not answer: {_first_line(error)}") from error


def _conversation(sender: str, rows: Iterator[str | None]) -> Conversation:
    """A broken row (cut short, no object, no type) is one event less, and no conversation less."""
    events, broken = [], 0
    for data in rows:
        try:
            event = json.loads(data or "")
        except ValueError:
            event = None
        if isinstance(event, dict) and isinstance(event.get("event"), str):
            events.append(event)
        else:
            broken += 1
    return Conversation(sender, events, broken)


def _configuration(endpoints: Path) -> Mapping[str, Any]:
    try:
        read = yaml.safe_load(endpoints.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise StoreError(f"{endpoints} cannot be read: {_first_line(error)}") from error
    store = read.get("tracker_store") if isinstance(read, dict) else None
    if not isinstance(store, dict) or not (store.get("dialect") or store.get("type") == "SQL"):
        raise StoreError(
            f"{endpoints} keeps no conversations in SQL (tracker_store: type: SQL): there is "
            "nothing that could be read here."
        )
    return {key: _filled(value, endpoints) for key, value in store.items()}


def _filled(value: Any, endpoints: Path) -> Any:
    """`${VARIABLES}` from the environment, as Rasa fills them in."""
    if not isinstance(value, str):
        return value

    def variable(found: re.Match[str]) -> str:
        try:
            return os.environ[found[1]]
        except KeyError:
            raise StoreError(f"{endpoints} asks for {found[1]}, which is not set.") from None

    return _VARIABLE.sub(variable, value)


def _engine(store: Mapping[str, Any]) -> Engine:
    dialect = str(store.get("dialect") or "sqlite")
    if dialect.startswith("sqlite"):
        path = Path(str(store.get("db") or "rasa.db"))
        if not path.is_file():
            raise StoreError(f"There is no {path} yet: nobody has talked to Parley here.")
        # By a URI, so that SQLite itself refuses to write.
        file = f"sqlite:///file:{path.resolve().as_posix()}?mode=ro&uri=true"
        return create_engine(file, future=True)
    if not dialect.startswith("postgresql"):
        raise StoreError(f"The tracker store's dialect is {dialect}: SQLite or PostgreSQL is read.")
    host = str(store.get("host") or store.get("url") or "localhost")
    port = store.get("port")
    name, _, given = host.rpartition(":")
    if "://" not in host and given.isdecimal():
        host, port = name, given
    address: str | URL = (
        host
        if "://" in host
        else URL.create(
            dialect,
            username=store.get("username"),
            password=store.get("password"),
            host=host,
            port=int(port) if port else None,
            database=store.get("db"),
            query=store.get("query") or {},
        )
    )
    reads = {"options": "-c default_transaction_read_only=on"}
    return create_engine(address, future=True, connect_args=reads)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
