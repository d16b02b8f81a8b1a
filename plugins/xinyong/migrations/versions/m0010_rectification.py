"""Keep what sections filled into their rectification lists, as it came back."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Run the script of the same name."""
    op.execute(script("migrations/0010_rectification"))
