"""The tables, and the plain classes that SQLAlchemy maps onto them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Column, ForeignKey, Integer, String, Table, UniqueConstraint
from sqlalchemy.orm import registry, relationship

SCHEMA_VERSION = 1
"""Written into the database; a database of another version is not touched."""

mapper_registry = registry()


@dataclass(eq=False)
class ItemRecord:
    """A row of `list_items`."""

    name: str
    key: str
    unit_key: str
    quantity: str | None = None
    unit: str | None = None
    id: int | None = None


@dataclass(eq=False)
class ListRecord:
    """A row of `lists`, with its items in the order they were added."""

    user_id: str
    name: str
    key: str
    items: list[ItemRecord] = field(default_factory=list)
    id: int | None = None


lists_table = Table(
    "lists",
    mapper_registry.metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("key", String, nullable=False),
    UniqueConstraint("user_id", "key"),
)

items_table = Table(
    "list_items",
    mapper_registry.metadata,
    Column("id", Integer, primary_key=True),
    Column("list_id", ForeignKey("lists.id", ondelete="CASCADE"), nullable=False),
    Column("name", String, nullable=False),
    Column("key", String, nullable=False),
    Column("quantity", String),
    Column("unit", String),
    Column("unit_key", String, nullable=False),
    UniqueConstraint("list_id", "key", "unit_key"),
)

mapper_registry.map_imperatively(ItemRecord, items_table)
mapper_registry.map_imperatively(
    ListRecord,
    lists_table,
    properties={
        "items": relationship(
            ItemRecord,
            order_by=items_table.c.id,
            cascade="all, delete-orphan",
            lazy="selectin",
        )
    },
)
