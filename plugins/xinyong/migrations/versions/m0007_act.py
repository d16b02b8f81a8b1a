"""Create the tables of acts about records: cases, their clocks, disclosure."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Run the script of the same name."""
    op.execute(script("migrations/0007_act"))
