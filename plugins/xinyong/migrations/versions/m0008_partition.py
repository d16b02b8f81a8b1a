"""Divide history and landing into partitions."""

from __future__ import annotations

from alembic import op

from xinyong.database import run, script
from xinyong.settings import history_partitions

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Run the script of the same name."""
    run(op.get_bind(), "partition/set_history_partitions", parts=history_partitions())
    op.execute(script("migrations/0008_partition"))
