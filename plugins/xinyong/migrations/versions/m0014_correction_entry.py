"""Drop the quarantine entries that corrections kept: sightings tell what was known before."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Run the script of the same name."""
    op.execute(script("migrations/0014_correction_entry"))
