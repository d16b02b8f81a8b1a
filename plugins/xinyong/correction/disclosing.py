"""Narrow the disclosure class of records by acts, and take those acts back by reversals; recalls follow by the gate."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.correction.plans import Correction
from xinyong.database import run


def record(
    connection: sa.Connection, catalogue: Catalogue, correction: Correction, person: str, reason: str, day: date
) -> None:
    """Record one act per record of the plan."""
    from xinyong.acts import Act
    from xinyong.acts import record as record_act

    asked = correction.parameters
    for record_id in asked["records"]:
        act = Act(
            kind="disclosure",
            sought=record_id,
            person=person,
            basis=asked["basis"],
            document_number=asked["document_number"],
            effective_on=day,
            reason=reason,
            disclosure=asked["disclosure"],
            fields=tuple(asked["fields"]),
        )
        recorded = record_act(connection, catalogue, act, day)
        run(connection, "correction/keep_act", correction_id=correction.correction_id, act_id=recorded.act_id)


def reverse(
    connection: sa.Connection, catalogue: Catalogue, correction: Correction, person: str, reason: str, day: date
) -> None:
    """Record a reversal of each act of the correction."""
    from xinyong.acts import Act
    from xinyong.acts import record as record_act

    asked = correction.parameters
    for act_id in run(connection, "correction/acts", correction_id=correction.correction_id).scalars().all():
        act = Act(
            kind="reversal",
            sought=str(act_id),
            person=person,
            basis=asked["basis"],
            document_number=asked["document_number"],
            effective_on=day,
            reason=reason,
        )
        record_act(connection, catalogue, act, day)
