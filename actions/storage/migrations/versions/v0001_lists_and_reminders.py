"""Lists and reminders: what the first Parley kept."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "lists",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.UniqueConstraint("user_id", "key"),
    )
    op.create_table(
        "list_items",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "list_id", sa.Integer, sa.ForeignKey("lists.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("quantity", sa.String),
        sa.Column("unit", sa.String),
        sa.Column("unit_key", sa.String, nullable=False),
        sa.UniqueConstraint("list_id", "key", "unit_key"),
    )
    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("what", sa.String),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("rrule", sa.String),
        sa.Column("first_at", sa.DateTime, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("delivered_at", sa.DateTime),
        sa.Column("snoozed", sa.Integer, nullable=False),
        sa.Column("claimed_until", sa.DateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("reminders_by_state", "reminders", ["state", "due_at"])
    op.create_index("reminders_by_user", "reminders", ["user_id", "state"])
