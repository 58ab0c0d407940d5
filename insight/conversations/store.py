"""Events out of Rasa's SQL tracker store: read only, one after the other, never all at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from operations.tracker_address import StoreError, one_line

SCHEMA_VARIABLE = "POSTGRESQL_SCHEMA"
"""Rasa's own name for the schema that its tables are in."""

TABLE = "events"
COLUMNS = ("id", "sender_id", "type_name", "timestamp", "intent_name", "action_name", "data")

_AT_ONCE = 2000
_CONNECT_SECONDS = 10

# A slot's value matters only where a form asks; what a bot said, and what the policies thought,
# nowhere. Most of a store's bytes stay where they are.
_STATEMENT = f"""
SELECT id, sender_id, type_name, timestamp, action_name,
       CASE WHEN type_name IN ('user', 'slot', 'active_loop', 'form', 'action') THEN data END
FROM {TABLE} WHERE {{period}} ORDER BY id
"""


class Row(NamedTuple):
    """One event as it is stored. Any of it may be missing, or of another type than Rasa's."""

    id: Any
    sender: Any
    kind: Any
    at: Any
    name: Any
    """Of an action, a form or a slot."""
    data: Any
    """The event as JSON."""


class ConversationStore:
    """A tracker store that is open for reading."""

    def __init__(self, connection: Connection) -> None:
        """Takes an open connection."""
        self._connection = connection

    def rows(self, since: float | None = None, until: float | None = None) -> Iterator[Row]:
        """The events of a period, in the order in which they were written.

        Args:
            since: Seconds since 1970; None for all from the beginning.
            until: The same for the end, which is not part of the period.

        Raises:
            StoreError: The database does not go on.
        """
        bounds: dict[str, float] = {}
        conditions = ["1 = 1"]
        if since is not None:
            conditions.append("timestamp >= :since")
            bounds["since"] = since
        if until is not None:
            conditions.append("timestamp < :until")
            bounds["until"] = until
        statement = text(_STATEMENT.format(period=" AND ".join(conditions)))
        try:
            found = self._connection.execution_options(yield_per=_AT_ONCE).execute(
                statement, bounds
            )
            for part in found.partitions(_AT_ONCE):
                yield from map(Row._make, part)
        except SQLAlchemyError as error:
            raise StoreError(f"The tracker store cannot be read on: {_told(error)}") from None


@contextmanager
def open_store(url: URL) -> Iterator[ConversationStore]:
    """Opens a tracker store, so that nothing can be written to it.

    Raises:
        StoreError: It is not there, or it is something else than a tracker store.
    """
    engine = reading_engine(url)
    try:
        try:
            connection = engine.connect()
        except SQLAlchemyError as error:
            raise StoreError(f"The tracker store cannot be opened: {_told(error)}") from None
        with connection:
            _check(connection, url)
            yield ConversationStore(connection)
    finally:
        engine.dispose()


def reading_engine(url: URL) -> Engine:
    """An engine that refuses to write.

    Raises:
        StoreError: There is no such file.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    options = "-c default_transaction_read_only=on"
    schema = os.environ.get(SCHEMA_VARIABLE, "").strip()
    if schema:
        options += f" -c search_path={schema}"
    return create_engine(
        url.set(drivername="postgresql"),
        poolclass=NullPool,
        connect_args={"options": options, "connect_timeout": _CONNECT_SECONDS},
    )


def _sqlite(url: URL) -> Engine:
    path = Path(url.database or "")
    if not path.is_file():
        raise StoreError(f"There is no tracker store at {path}: nobody has talked yet.")
    address = f"sqlite:///file:{quote(str(path.absolute()))}?mode=ro&uri=true"
    engine = create_engine(address, poolclass=NullPool)

    def read_any_bytes(connection: Any, _: Any) -> None:
        # One text that is no UTF-8 would otherwise end the reading of all others.
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")

    event.listen(engine, "connect", read_any_bytes)
    return engine


def _check(connection: Connection, url: URL) -> None:
    place = url.database or "the database"
    try:
        inspector = inspect(connection)
        if not inspector.has_table(TABLE):
            raise StoreError(f"{place} is no tracker store of Rasa's: it has no table '{TABLE}'.")
        columns = {column["name"] for column in inspector.get_columns(TABLE)}
    except SQLAlchemyError as error:
        raise StoreError(f"{place} cannot be read: {_told(error)}") from None
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise StoreError(
            f"{place} is no tracker store of Rasa's: its table '{TABLE}' has no column "
            f"'{missing[0]}'."
        )


def _told(error: SQLAlchemyError) -> str:
    # The cause's own words: SQLAlchemy adds the statement, and a link.
    return one_line(getattr(error, "orig", None) or error)
