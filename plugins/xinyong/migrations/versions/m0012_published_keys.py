"""Let a record be shown under two keys while a platform refuses to withdraw the old one."""

from __future__ import annotations

from alembic import op

from xinyong.database import script

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Run the script of the same name."""
    op.execute(script("migrations/0012_published_keys"))
