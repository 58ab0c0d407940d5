"""In which threads of channels Parley takes part.

Whoever writes there need not mention it. It is kept in the channels' database, so that it holds
for every process and after a restart.
"""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import Column, Float, Index, MetaData, String, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from actions.storage.database import Database
from channels.settings import DATABASE_TIMEOUT
from channels.tables import SCHEMA_VERSION

KEPT = timedelta(days=30)
"""After so long without a word for Parley, it wants to be mentioned again."""

_metadata = MetaData()

_threads = Table(
    "slack_threads",
    _metadata,
    Column("channel", String, primary_key=True),
    Column("thread", String, primary_key=True),
    Column("spoken_at", Float, nullable=False),
    Index("slack_threads_by_age", "spoken_at"),
)


class Threads:
    """The threads; all methods block."""

    def __init__(self, database_url: str) -> None:
        """Opens the database.

        Raises:
            StorageError: If it cannot be opened.
        """
        self._database = Database(database_url, DATABASE_TIMEOUT, _metadata, SCHEMA_VERSION)

    def join(self, channel: str, thread: str) -> None:
        """Notes that Parley was spoken to in a thread; forgets those that are over."""
        now = time.time()
        with self._database.writing() as session:
            over = _threads.c.spoken_at < now - KEPT.total_seconds()
            session.execute(delete(_threads).where(over))
            here = (_threads.c.channel == channel, _threads.c.thread == thread)
            try:
                with session.begin_nested():
                    session.execute(
                        insert(_threads).values(channel=channel, thread=thread, spoken_at=now)
                    )
            except IntegrityError:
                session.execute(update(_threads).where(*here).values(spoken_at=now))

    def takes_part(self, channel: str, thread: str) -> bool:
        """Whether Parley was spoken to in a thread."""
        with self._database.reading() as session:
            row = session.execute(
                select(_threads.c.spoken_at).where(
                    _threads.c.channel == channel, _threads.c.thread == thread
                )
            ).first()
        return row is not None and row.spoken_at >= time.time() - KEPT.total_seconds()

    def close(self) -> None:
        """Closes the database."""
        self._database.close()
