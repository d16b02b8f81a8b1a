"""Divide history and landing into partitions."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Run the script of the same name."""
    op.execute(script("migrations/0008_partition"))
