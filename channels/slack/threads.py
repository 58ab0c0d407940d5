"""In which threads of channels Parley takes part.

Whoever writes there need not mention it. It is kept in the channels' database, so that it holds
for every process and after a restart.
"""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy import Column, Float, Index, String, Table, delete, select

from actions.storage.database import Database
from actions.storage.rows import put
from channels.tables import metadata

KEPT = timedelta(days=30)
"""After so long without a word for Parley, it wants to be mentioned again."""

_threads = Table(
    "slack_threads",
    metadata,
    Column("channel", String, primary_key=True),
    Column("thread", String, primary_key=True),
    Column("spoken_at", Float, nullable=False),
    Index("slack_threads_by_age", "spoken_at"),
)


class Threads:
    """The threads; all methods block."""

    def __init__(self, database: Database) -> None:
        """Prepares.

        Args:
            database: The channels' database.
        """
        self._database = database

    def join(self, channel: str, thread: str) -> None:
        """Notes that Parley was spoken to in a thread; forgets those that are over."""
        now = time.time()
        with self._database.writing() as session:
            over = _threads.c.spoken_at < now - KEPT.total_seconds()
            session.execute(delete(_threads).where(over))
            here = {"channel": channel, "thread": thread}
            put(session, _threads, here, {"spoken_at": now})

    def takes_part(self, channel: str, thread: str) -> bool:
        """Whether Parley was spoken to in a thread."""
        with self._database.reading() as session:
            row = session.execute(
                select(_threads.c.spoken_at).where(
                    _threads.c.channel == channel, _threads.c.thread == thread
                )
            ).first()
        return row is not None and row.spoken_at >= time.time() - KEPT.total_seconds()
