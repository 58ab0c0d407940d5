"""Writing a row whether it is there or not, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session


def put(session: Session, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Changes the row with this key, or adds it.

    Args:
        session: For writing.
        table: With `key` as its primary key.
        key: Values by column.
        values: The other columns' values.
    """
    change = update(table).where(*(table.c[name] == at for name, at in key.items()))
    # The 1.4 stubs know no results of updates.
    changed: Any = session.execute(change.values(**values))
    if changed.rowcount:
        return
    try:
        with session.begin_nested():
            session.execute(insert(table).values(**key, **values))
    except IntegrityError:
        # Somebody else has added it meanwhile.
        session.execute(change.values(**values))
