"""The tables of the channels; `channels/migrations` makes them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, MetaData, String, Table

metadata = MetaData()

seen_keys = Table(
    "seen_keys",
    metadata,
    Column("channel", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("seen_at", Float, nullable=False),
    Index("seen_keys_by_age", "seen_at"),
)
"""By what a platform knows the messages that it delivered."""


def _messages(name: str, *own: Column[Any]) -> Table:
    """A table of messages that wait until they are done; `own` is what they consist of.

    Who works at a message claims it, so that one of several processes does.
    """
    return Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("channel", String, nullable=False),
        Column("conversation", String, nullable=False),
        *own,
        Column("state", String, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("written_at", Float, nullable=False),
        Column("claimed_by", String),
        Column("claimed_until", Float),
        Index(f"{name}_by_state", "channel", "state", "conversation"),
        Index(f"{name}_by_conversation", "conversation", "id"),
        Index(f"{name}_by_age", "written_at"),
        # The number of a message is its name in Rasa's tracker: it is never another's.
        sqlite_autoincrement=True,
    )


incoming = _messages("incoming", Column("content", JSON))
"""What people sent: waiting, then done."""

outgoing = _messages(
    "outgoing", Column("answers", Integer), Column("reply", JSON), Column("place", JSON)
)
"""What the bot says: waiting, then sent or given up."""

offers = Table(
    "offers",
    metadata,
    Column("id", String, primary_key=True),
    Column("conversation", String, nullable=False),
    Column("payload", String, nullable=False),
    Column("title", String, nullable=False),
    Column("lasting", Boolean, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("offered_at", Float, nullable=False),
    Index("offers_by_conversation", "conversation", "open"),
    Index("offers_by_age", "offered_at"),
)
"""The buttons that were offered. The platforms see the ids alone."""

notes = Table(
    "notes",
    metadata,
    Column("channel", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", JSON),
)
"""Small things that a channel has to know later: the topic a conversation was last held in."""

leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", Float, nullable=False),
)
"""Who does what only one of several processes may do."""
