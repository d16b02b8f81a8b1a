"""A record before a business system writes it down in its own way: standard codes, ISO dates, amounts in 万元."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.dice import Dice
from sandbox.enterprises import NATURAL, Subject
from sandbox.people import RESIDENT_CARD
from sandbox.story import FIRST_NIGHT

AUTHORITY = "三明市工业和信息化局"
AUTHORITY_CODE = "11350400003691230N"
LONG_TERM = "2099-12-31"

_NEVER_DECIDED = {(month, day) for month in (5, 8, 11) for day in (26, 27)}  # no period may end on nights 3 and 4
_NEVER_ENDS = {date(2026, 11, day) for day in (25, 26, 27)}

Fields = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Record:
    """A record with what the sandbox knows about it; `defect` names the planted one."""

    index: int
    fields: Fields
    subject: Subject
    decided: date
    defect: str | None = None
    changed_on: int | None = None


def party_fields(prefix: str, subject: Subject, dice: Dice) -> Fields:
    """Write the party's group of columns, which both templates share but for their prefix."""
    is_natural = subject.category == NATURAL
    representative = subject.representative if dice.chance(40) else None
    document = subject.document if is_natural else None
    return {
        f"{prefix}_XDR_MC": subject.name,
        f"{prefix}_XDR_LB": subject.category,
        f"{prefix}_XDR_SHXYM": subject.code,
        f"{prefix}_XDR_GSZC": subject.registration_number,
        f"{prefix}_XDR_ZZJG": subject.organisation_code,
        f"{prefix}_XDR_SWDJ": None,
        f"{prefix}_XDR_SYDW": None,
        f"{prefix}_XDR_SHZZ": None,
        f"{prefix}_FRDB": subject.representative.name if subject.representative else None,
        f"{prefix}_FR_ZJLX": representative.document if representative else None,
        f"{prefix}_FR_ZJHM": representative.number if representative else None,
        f"{prefix}_XDR_ZJLX": document.document if document else None,
        f"{prefix}_XDR_ZJHM": document.number if document else None,
    }


def resident_representative(prefix: str, fields: Fields, number: str) -> None:
    """Show the legal representative with a resident card of this number."""
    fields[f"{prefix}_FR_ZJLX"] = RESIDENT_CARD
    fields[f"{prefix}_FR_ZJHM"] = number


def decided_before(dice: Dice, day: date, span: int) -> date:
    """Draw a working day in the `span` days up to one, whose periods end on no night that must stay quiet."""
    while True:
        drawn = day - timedelta(days=dice.below(span))
        if drawn.weekday() < 5 and (drawn.month, drawn.day) not in _NEVER_DECIDED:
            return drawn


def decision_date(dice: Dice, day: date) -> date:
    """Draw when a record was decided: most within half a year, some three years back, new ones within a fortnight."""
    if day > FIRST_NIGHT:
        return decided_before(dice, day, 14)
    return decided_before(dice, day, dice.pick((45, 180, 180, 330, 1_060)))


def years_later(day: date, years: int) -> date:
    """Add calendar years; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def quiet_end(day: date) -> date:
    """Move an end of validity off the nights on which nothing may end."""
    return day + timedelta(days=7) if day in _NEVER_ENDS else day
