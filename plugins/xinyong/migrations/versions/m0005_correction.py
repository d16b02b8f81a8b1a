"""Create the tables of corrections: plans, restatements, retracted batches."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the script of the same name."""
    op.execute(script("migrations/0005_correction"))
