"""The tables, and the plain classes that SQLAlchemy maps onto them; `migrations` makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import registry, relationship
from sqlalchemy.types import DateTime, TypeDecorator

mapper_registry = registry()


class PlainText(TypeDecorator):  # type: ignore[type-arg]
    """A text without NUL, which PostgreSQL cannot keep and nobody can say."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Leaves the characters out."""
        return value.replace("\x00", "") if isinstance(value, str) else value


@dataclass(eq=False)
class ItemRecord:
    """A row of `list_items`."""

    name: str
    key: str
    unit_key: str
    quantity: str | None = None
    unit: str | None = None
    done: bool = False
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
    Column("user_id", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("key", PlainText, nullable=False),
    UniqueConstraint("user_id", "key"),
)

items_table = Table(
    "list_items",
    mapper_registry.metadata,
    Column("id", Integer, primary_key=True),
    Column("list_id", ForeignKey("lists.id", ondelete="CASCADE"), nullable=False),
    Column("name", PlainText, nullable=False),
    Column("key", PlainText, nullable=False),
    Column("quantity", PlainText),
    Column("unit", PlainText),
    Column("unit_key", PlainText, nullable=False),
    Column("done", Boolean, nullable=False, default=False, server_default=false()),
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


# ------------------------------------------------------------------ reminders


class UtcDateTime(TypeDecorator):  # type: ignore[type-arg]
    """A moment: aware outside the database, UTC without a zone inside, so that it compares."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Turns a moment into UTC."""
        return value.astimezone(timezone.utc).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Makes a moment aware."""
        return value.replace(tzinfo=timezone.utc) if value else None


reminders_table = Table(
    "reminders",
    mapper_registry.metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", PlainText, nullable=False),
    Column("channel", PlainText, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("what", PlainText),
    Column("due_at", UtcDateTime, nullable=False),
    Column("zone", PlainText, nullable=False),
    Column("rrule", PlainText),
    Column("first_at", UtcDateTime, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("delivered_at", UtcDateTime),
    Column("snoozed", Integer, nullable=False, default=0),
    Column("claimed_until", UtcDateTime),
    Column("attempts", Integer, nullable=False, default=0),
    Index("reminders_by_state", "state", "due_at"),
    Index("reminders_by_user", "user_id", "state"),
    # The number of one that is gone is never another's: a button may still name it.
    sqlite_autoincrement=True,
)
"""Timers, alarms and reminders; `actions/storage/reminders.py` says what the columns mean."""


# -------------------------------------------------------------------- answers

answers_table = Table(
    "action_answers",
    mapper_registry.metadata,
    Column("conversation", PlainText, primary_key=True),
    Column("message", PlainText, primary_key=True),
    Column("call", PlainText, primary_key=True),
    Column("answer", JSON, nullable=False),
    Column("answered_at", Float, nullable=False),
    Index("action_answers_by_age", "answered_at"),
)
"""What actions with an effect have answered; `actions/storage/answers.py`."""
