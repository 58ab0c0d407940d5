"""Rasa's tracker store, read only: out of SQLite or PostgreSQL, as endpoints.yml says.

Nothing is written, and no table is made: SQLite is opened read-only, PostgreSQL is told that all
its transactions only read. Of the events, those alone are read that tell how a turn went.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import column, func, select, table
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from insight.conversations.store import reading_engine
from operations.tracker_address import StoreError, find_store, one_line

Event = dict[str, Any]

TOLD = ("user", "action", "active_loop", "bot", "session_started", "restart", "rewind", "undo")
"""Types of events that are read; slots are most of a conversation, and say nothing here."""

_events = table("events", *(column(name) for name in ("id", "sender_id", "type_name", "data")))


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
        return cls(reading_engine(find_store(endpoints)))

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
            raise StoreError(_silent(error)) from error

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
            raise StoreError(_silent(error)) from error
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
            raise StoreError(_silent(error)) from error


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


def _silent(error: SQLAlchemyError) -> str:
    # The cause's own words: SQLAlchemy adds the statement, and a link.
    return f"The tracker store does not answer: {one_line(getattr(error, 'orig', None) or error)}"
