"""The table of the chat page's sessions, beside those that all channels share."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, String, Table

from channels.tables import metadata

sessions = Table(
    "web_sessions",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("conversation", String, nullable=False, unique=True),
    Column("begun_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("ended_at", Float),
    Index("web_sessions_by_age", "seen_at"),
    Index("web_sessions_by_end", "ended_at"),
)
"""Whose conversation a token opens. An ended session stays until all of it is deleted."""
