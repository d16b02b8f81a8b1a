"""Code tables, severity classes and announced working days."""

from __future__ import annotations

from datetime import date

from pydantic import model_validator

from xinyong.catalogue.words import Declaration, Name, Title


class CodeValue(Declaration):
    """One value of a code table, valid from `since` until `until` (both inclusive; open where absent)."""

    value: str
    since: date | None = None
    until: date | None = None


class CodeTable(Declaration):
    """The values a field may take; `other_prefix` admits free text behind it, such as 其他-补办."""

    name: Name
    title: Title
    basis: str
    separator: str | None = None
    other_prefix: str | None = None
    values: tuple[CodeValue, ...]

    def words(self) -> tuple[str, ...]:
        """Return the values without their dates."""
        return tuple(entry.value for entry in self.values)


class SeverityClass(Declaration):
    """How long a class of penalty is shown: `min_months` before repair, `max_months` until it stops by itself."""

    min_months: int
    max_months: int
    kinds: tuple[str, ...]


class Severity(Declaration):
    """The rule set in force for publicity periods; a record takes the gravest class of its kinds."""

    name: Name
    title: Title
    basis: str
    in_force_from: date
    default: str
    classes: dict[str, SeverityClass]

    @model_validator(mode="after")
    def _default_is_a_class(self) -> Severity:
        if self.default not in self.classes:
            raise ValueError(f"default `{self.default}` is not one of {', '.join(self.classes)}")
        return self


class CalendarYear(Declaration):
    """
    An announced year that the library does not know yet: days off and make-up working days.

    `statutory_days` is what the law grants: as many weekdays are off, less the make-up days (13 since 2025).
    """

    year: int
    notice: str
    statutory_days: int = 13
    holidays: tuple[date, ...]
    workdays: tuple[date, ...] = ()
