"""
Districts as of a date: what a code stood for, and which one goes on in its place.

A unified code carries in characters 3 to 8 the district of its registration, and keeps it when the district is
abolished: 350402 is 梅列区 until February 2021 and part of the new 三元区 (350404) since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from xinyong.catalogue import Catalogue

TABLE = "district"


@dataclass(frozen=True, slots=True)
class District:
    """A district as it was called on a day: the code asked for, the code in force then, and its title."""

    asked: str
    code: str
    title: str

    @property
    def has_moved(self) -> bool:
        """Whether another code was in force on the day."""
        return self.code != self.asked


def district(catalogue: Catalogue, code: str, on: date) -> District | None:
    """
    Return the district of a code, or of a unified social credit code, as it was on a day.

    None where the table does not know it, or where nothing was in force under it yet.
    """
    asked = code[2:8] if len(code) == 18 else code
    values = {entry.value: entry for entry in catalogue.codes[TABLE].values} if TABLE in catalogue.codes else {}
    found = values.get(asked)
    while found and not found.is_valid(on) and found.until and on > found.until:
        found = values.get(found.became or "")
    if found is None or not found.is_valid(on):
        return None
    return District(asked, found.value, found.title or found.value)


def told(catalogue: Catalogue, code: str | None, on: date) -> str:
    """Say a district in a line; empty where nothing is known of it."""
    found = district(catalogue, code, on) if code else None
    if found is None:
        return ""
    return f"{found.title} {found.code}" + (f" (登记时 registered as {found.asked})" if found.has_moved else "")
