"""The department, its sections and the authorities it may act for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from xinyong.catalogue.words import Declaration, Name, Title, Uscc

Count = Annotated[int, Field(ge=0)]


class Section(Declaration):
    """A section (科室) that owns records and repairs them."""

    title: Title
    contact: str


class Corrections(Declaration):
    """How long a correction may be rolled back, and above which size a second person must agree to it."""

    rollback_days: Count = 30
    approve_above_records: Count = 100
    approve_above_withdrawals: Count = 10


class Department(Declaration):
    """The department that runs the pipeline."""

    name: str
    uscc: Uscc
    sections: dict[Name, Section]
    authorities: dict[Uscc, str]
    corrections: Corrections = Corrections()
