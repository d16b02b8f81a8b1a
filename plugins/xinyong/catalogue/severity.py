"""Severity: how long each class of record is shown, by the rule set in force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field as Default
from pydantic import model_validator

from xinyong.catalogue.words import Code, Declaration, Name, Title


class SeverityClass(Declaration):
    """
    How long a class of record is shown: `min_months` before repair, `max_months` until it stops by itself.

    A record belongs to it by one of its `kinds`, or by a kind whose amount (万元) reaches `from_amount`. With `domains`
    it must be about one of these matters besides: a word of them stands in a field that the record type names. With
    `extended_by`, publicity lasts at least until the day in that field is over.
    """

    min_months: int = Default(ge=0)
    max_months: int = Default(ge=0)
    kinds: tuple[str, ...] = ()
    from_amount: dict[str, Decimal] = {}
    domains: tuple[str, ...] = ()
    extended_by: Code | None = None

    @model_validator(mode="after")
    def _ends_after_repair(self) -> SeverityClass:
        if self.min_months > self.max_months:
            raise ValueError(f"min_months {self.min_months} is more than max_months {self.max_months}")
        return self


class Severity(Declaration):
    """
    A rule set for publicity periods; a record takes the gravest class of its kinds.

    Of the sets of one family, the newest that is in force on the logical date decides, for old records too.
    """

    name: Name
    title: Title
    basis: str
    family: Name
    in_force_from: date
    counted_from: Literal["decision", "publication"] = "decision"
    default: str
    classes: dict[str, SeverityClass]

    @model_validator(mode="after")
    def _default_is_a_class(self) -> Severity:
        if self.default not in self.classes:
            raise ValueError(f"default `{self.default}` is not one of {', '.join(self.classes)}")
        return self
