"""Things on lists can be checked off."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the column; what there is, is not done."""
    op.add_column(
        "list_items", sa.Column("done", sa.Boolean, nullable=False, server_default=sa.false())
    )
