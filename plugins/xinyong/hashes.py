"""Set hashes of the warehouse and the published states: equal exactly when the sets are, whatever led to them."""

from __future__ import annotations

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.database import run


def set_hashes(connection: sa.Connection, catalogue: Catalogue) -> dict[str, str]:
    """Return one hash per history table, for the quarantine, and per platform."""
    found = {
        f"warehouse.{name}": _hash(connection, "report/hash_history", {"history": f"warehouse.{name}"})
        for name in catalogue.records
    }
    found["quality.quarantine"] = _hash(connection, "report/hash_quarantine")
    for name in catalogue.platforms:
        found[f"published.{name}"] = _hash(connection, "report/hash_published", None, platform=name)
    return found


def _hash(
    connection: sa.Connection, statement: str, identifiers: dict[str, str] | None = None, **values: object
) -> str:
    row = run(connection, statement, identifiers, **values).one()
    return str(row.set_hash)
