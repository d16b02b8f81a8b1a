"""Keep what was believed before a correction, and no copies of quarantine entries."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Run the script of the same name."""
    op.execute(script("migrations/0014_correction_image"))
