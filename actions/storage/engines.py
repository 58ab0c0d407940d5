"""Engines for the databases that Parley knows: SQLite, and PostgreSQL.

Both have one writer at a time, who waits for the one before no longer than the time limit. What
Parley writes is small, and reads before it writes: so nothing is lost where two add to a list at
once, and nobody is told of a key that another has just taken.
"""

from __future__ import annotations

import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Engine
from sqlalchemy.pool import QueuePool

WRITES = "parley_writes"
"""The execution option of connections that write."""

_JOURNAL_RETRY_SECONDS = 0.02


def make_engine(url: URL, timeout: float, lock: int) -> Engine:
    """An engine that is not connected yet.

    Args:
        url: Where the database is.
        timeout: Seconds to wait for it, and for another's lock.
        lock: PostgreSQL's number of the lock that writers take; who writes to the same tables
            names the same.

    Raises:
        OSError: If the folder of the file cannot be made.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, timeout)
    if url.get_backend_name() == "postgresql":
        return _postgresql(url, timeout, lock)
    return create_engine(url, future=True, pool_pre_ping=True)


def _sqlite(url: URL, timeout: float) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # Without a pool, SQLAlchemy 1.4 opens the file for each session; and whoever closes it last
    # writes the journal back, which takes longer than everything else. A connection is one
    # thread's at a time, whichever.
    pool: dict[str, Any] = (
        {"poolclass": QueuePool} if url.database not in (None, "", ":memory:") else {}
    )
    engine: Engine = create_engine(
        url,
        future=True,
        connect_args={"timeout": timeout, "check_same_thread": False},
        **pool,
    )
    event.listen(engine, "connect", partial(_prepare_sqlite_connection, timeout))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite_connection(timeout: float, connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, too late; `_begin_sqlite` does it.
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


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL, timeout: float, lock: int) -> Engine:
    milliseconds = max(1, round(timeout * 1000))
    engine = create_engine(
        url,
        future=True,
        # A connection that the server has closed since is made anew.
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": max(2, round(timeout)),
            "options": f"-c lock_timeout={milliseconds} -c statement_timeout={milliseconds}",
        },
    )
    event.listen(engine, "begin", partial(_begin_postgresql, lock))
    return engine


def _begin_postgresql(lock: int, connection: Any) -> None:
    if connection.get_execution_options().get(WRITES, False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock})")
