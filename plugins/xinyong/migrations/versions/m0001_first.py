"""Create the tables that do not follow the catalogue."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the first script."""
    op.execute(script("migrations/0001_first"))
