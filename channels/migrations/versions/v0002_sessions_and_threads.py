"""The chat page's sessions and Slack's threads.

Before there were migrations, only a server that opened these channels made their tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the tables that are not there."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    if "web_sessions" not in there:
        op.create_table(
            "web_sessions",
            sa.Column("token_hash", sa.String, primary_key=True),
            sa.Column("conversation", sa.String, nullable=False, unique=True),
            sa.Column("begun_at", sa.Float, nullable=False),
            sa.Column("seen_at", sa.Float, nullable=False),
            sa.Column("ended_at", sa.Float),
        )
        op.create_index("web_sessions_by_age", "web_sessions", ["seen_at"])
        op.create_index("web_sessions_by_end", "web_sessions", ["ended_at"])
    if "slack_threads" not in there:
        op.create_table(
            "slack_threads",
            sa.Column("channel", sa.String, primary_key=True),
            sa.Column("thread", sa.String, primary_key=True),
            sa.Column("spoken_at", sa.Float, nullable=False),
        )
        op.create_index("slack_threads_by_age", "slack_threads", ["spoken_at"])
