"""Messages in and out, and what belongs to them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "seen_keys",
        sa.Column("channel", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("seen_at", sa.Float, nullable=False),
    )
    op.create_index("seen_keys_by_age", "seen_keys", ["seen_at"])
    _messages("incoming", sa.Column("content", sa.JSON))
    _messages(
        "outgoing",
        sa.Column("answers", sa.Integer),
        sa.Column("reply", sa.JSON),
        sa.Column("place", sa.JSON),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("conversation", sa.String, nullable=False),
        sa.Column("payload", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("lasting", sa.Boolean, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("offered_at", sa.Float, nullable=False),
    )
    op.create_index("offers_by_conversation", "offers", ["conversation", "open"])
    op.create_index("offers_by_age", "offers", ["offered_at"])
    op.create_table(
        "notes",
        sa.Column("channel", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.JSON),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )


def _messages(name: str, *own: "sa.Column[Any]") -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("conversation", sa.String, nullable=False),
        *own,
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("written_at", sa.Float, nullable=False),
        sa.Column("claimed_by", sa.String),
        sa.Column("claimed_until", sa.Float),
        sqlite_autoincrement=True,
    )
    op.create_index(f"{name}_by_state", name, ["channel", "state", "conversation"])
    op.create_index(f"{name}_by_conversation", name, ["conversation", "id"])
    op.create_index(f"{name}_by_age", name, ["written_at"])
