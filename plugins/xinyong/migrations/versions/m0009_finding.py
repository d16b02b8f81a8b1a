"""Keep what evaluators found unreported, and how many codes of parties are wrong or shared."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Run the script of the same name."""
    op.execute(script("migrations/0009_finding"))
