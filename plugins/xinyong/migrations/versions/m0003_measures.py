"""Create the tables of timeliness, of feeds' states and of scores."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the third script."""
    op.execute(script("migrations/0003_measures"))
