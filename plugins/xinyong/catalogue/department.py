"""The department, its sections and the authorities it may act for."""

from __future__ import annotations

from xinyong.catalogue.words import Declaration, Name, Title, Uscc


class Section(Declaration):
    """A section (科室) that owns records and repairs them."""

    title: Title
    contact: str


class Department(Declaration):
    """The department that runs the pipeline."""

    name: str
    uscc: Uscc
    sections: dict[Name, Section]
    authorities: dict[Uscc, str]
