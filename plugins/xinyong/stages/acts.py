"""The tasks of acts: what persons decide about records, and what platforms confirm of it."""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING

from xinyong.catalogue import catalogue
from xinyong.database import connected

if TYPE_CHECKING:
    from xinyong.acts import Act, Recorded
    from xinyong.cases import Case, Confirmation


def record_act(act: Act, business_date: date) -> Recorded:
    """Write an act down; the next publication brings its effect to the platforms."""
    from xinyong import acts

    with connected() as connection:
        recorded = acts.record(connection, catalogue(), act, business_date)
    logging.getLogger(__name__).info("act %s: %s of %s", recorded.act_id, act.kind, recorded.record_id)
    return recorded


def cases(only_open: bool = True) -> list[Case]:
    """Return the cases, the open ones first, by their deadline."""
    from xinyong import cases as stage

    with connected() as connection:
        return stage.cases(connection, catalogue(), only_open=only_open)


def case(act_id: int) -> tuple[Case, list[Confirmation]]:
    """Return one case with what each platform confirmed."""
    from xinyong import cases as stage

    with connected() as connection:
        return stage.case(connection, catalogue(), act_id), stage.confirmations(connection, act_id)


def letter(act_id: int, day: date | None = None) -> str:
    """Return the letter to the subject of an act, as a page that can be printed; without a day, of its last fact."""
    from xinyong import letter as stage

    with connected() as connection:
        return stage.letter(connection, catalogue(), act_id, day)
