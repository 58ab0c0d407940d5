"""What actions with an effect have answered, for messages that are handled again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "action_answers",
        sa.Column("conversation", sa.String, primary_key=True),
        sa.Column("message", sa.String, primary_key=True),
        sa.Column("call", sa.String, primary_key=True),
        sa.Column("answer", sa.JSON, nullable=False),
        sa.Column("answered_at", sa.Float, nullable=False),
    )
    op.create_index("action_answers_by_age", "action_answers", ["answered_at"])
