"""Databases of a former version: what their tables lack, they are given; nothing else is touched.

So far the versions of the skills' tables differ by whole tables and by columns only:

| version | what came with it |
|---|---|
| 1 | lists, reminders |
| 2 | `list_items.done`: things that are checked off |
"""

from __future__ import annotations

from sqlalchemy import MetaData, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateColumn


def add_missing_columns(connection: Connection, tables: MetaData) -> None:
    """Adds the columns that tables do not have yet, with their defaults in the rows there are.

    It is a part of the transaction that the connection is in: it is done as a whole or not at all.
    """
    there = inspect(connection)
    for table in tables.sorted_tables:
        names = {column["name"] for column in there.get_columns(table.name)}
        for column in table.columns:
            if column.name in names:
                continue
            described = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {described}")
