"""Keep which records something was written about, so that a delta need not look at all of them."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Run the script of the same name."""
    op.execute(script("migrations/0011_touched"))
