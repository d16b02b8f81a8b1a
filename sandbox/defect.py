"""One way for a record to be wrong, and the small slips that defects are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sandbox import codes
from sandbox.records import Fields, years_later

CRITICAL, WARNING = "critical", "warning"
COMPANY, OLD_NUMBER, SOLE_TRADER, PERSON, ANYONE = "company", "old_number", "sole_trader", "person", "anyone"
WORKSHOP = "workshop"  # a sole trader that shows the placeholder and its old number
TWIN_FIRST, TWIN_SECOND = "twin_first", "twin_second"

Break = Callable[[str, Fields], None]


@dataclass(frozen=True, slots=True)
class Defect:
    """One way to be wrong; `field` and the names inside `break_` carry the template's prefix as `{p}`."""

    name: str
    rule: str
    field: str
    break_: Break
    severity: str = CRITICAL
    needs: str = ANYONE
    penalty_kind: str | None = None
    is_per_field: bool = False
    mark: str = ""
    touches_key: bool = False
    is_correctable: bool = True

    def field_of(self, prefix: str) -> str:
        """Return the field's standard code."""
        return self.field.format(p=prefix)

    def rule_of(self, prefix: str) -> str:
        """Return the rule's code, with the field where one rule judges several."""
        kind = {"CF": "PEN", "XK": "LIC", "CN": "COM", "UNT": "UNT"}[prefix]
        field = f"-{self.field_of(prefix)}" if self.is_per_field else ""
        return f"{kind}-{self.rule}{field}{self.mark}"


def set_to(field: str, value: str | None) -> Break:
    def break_(prefix: str, fields: Fields) -> None:
        fields[field.format(p=prefix)] = value

    return break_


def leave_alone(prefix: str, fields: Fields) -> None:
    """Leave the record alone: the defect lies in the party or in another record."""


def wrong_check(field: str) -> Break:
    def break_(prefix: str, fields: Fields) -> None:
        number = fields[field.format(p=prefix)]
        fields[field.format(p=prefix)] = codes.with_wrong_check(number or "")

    return break_


def ends_early(end: str, start: str) -> Break:
    def break_(prefix: str, fields: Fields) -> None:
        begin = date.fromisoformat(fields[start.format(p=prefix)] or "")
        fields[end.format(p=prefix)] = years_later(begin, -1).isoformat()

    return break_
