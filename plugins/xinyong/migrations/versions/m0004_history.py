"""Create what the history of keys and of receipts needs."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the script of the same name."""
    op.execute(script("migrations/0004_history"))
