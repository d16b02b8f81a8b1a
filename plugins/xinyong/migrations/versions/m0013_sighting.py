"""Remember in which batches a quarantine entry was seen and ended."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Run the script of the same name."""
    op.execute(script("migrations/0013_sighting"))
