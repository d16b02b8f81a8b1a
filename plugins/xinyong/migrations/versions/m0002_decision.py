"""Create the table of what persons decided about quarantined records."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run the second script."""
    op.execute(script("migrations/0002_decision"))
