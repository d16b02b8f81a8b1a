"""The task that lets old deliveries go."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from xinyong.catalogue import catalogue
from xinyong.database import connected

if TYPE_CHECKING:
    from xinyong.retention import Old


def retain(business_date: date, *, apply: bool) -> list[Old]:
    """Drop what was landed so long before a date that its feed keeps it no longer, or only list it."""
    from xinyong import retention

    with connected() as connection:
        step = retention.drop_outlived if apply else retention.outlived
        return step(connection, catalogue(), business_date)
