"""Create what channels, verification and drift need."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Run the script of the same name."""
    op.execute(script("migrations/0006_channel"))
