"""Platforms: channel, what they take and how it is written for them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as Default
from pydantic import model_validator

from xinyong.catalogue.words import Code, Declaration, Name, PartyKind, Title


class Formats(Declaration):
    """How a platform writes dates (a strftime pattern) and 'long term'."""

    date: str
    long_term: str
    amount_decimals: int = 6


class Projection(Declaration):
    """
    One column of a platform: a field, a number of the linked subject, a constant, or what follows from time and acts.

    `codes` maps the parts of the field to the platform's words, joined by `joined_by`. `publicity_until` is the last
    day of publicity, `repair_from` the first on which repair may be applied for, `severity` the class, `objection`
    a text that is there while an objection is open. `when_objected` takes the place of a field meanwhile.
    """

    field: Code | None = None
    subject: Literal["name", "uscc", "registration_number"] | None = None
    constant: str | None = None
    publicity_until: bool = False
    repair_from: bool = False
    severity: bool = False
    objection: str | None = None
    when_objected: str | None = None
    codes: dict[str, str] = {}
    joined_by: str = ";"
    title: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Projection:
        derived = [self.publicity_until, self.repair_from, self.severity, bool(self.objection)]
        if sum([bool(self.field), bool(self.subject), self.constant is not None, *derived]) != 1:
            kinds = "field, subject, constant, publicity_until, repair_from, severity, objection"
            raise ValueError(f"give exactly one of {kinds}")
        if self.when_objected is not None and not self.field:
            raise ValueError("when_objected takes the place of a field; name the field")
        return self


class PlatformRecord(Declaration):
    """
    What a platform takes of one record type; a field that is not named here stays closed.

    Natural persons are taken only on a legal basis. `publicity` names a family of rule sets of the platform's own.
    `key` names the columns of party, document and decision date, by which a row of an exchange database is found.
    On a portal, `lead` is what the public reads above the list, and `listed` a column that stands in it.
    """

    table_code: str
    title: str
    parties: tuple[PartyKind, ...]
    natural_persons_basis: str | None = Default(default=None, min_length=2)
    publicity: Name | None = None
    needs_subject: bool = False
    key: tuple[str, ...] = ()
    lead: str | None = Default(default=None, min_length=2)
    listed: str | None = None
    required: tuple[str, ...] = ()
    lengths: dict[str, int] = {}
    columns: dict[str, Projection]


class Platform(Declaration):
    """
    A place the department's records are published or shared to.

    A rejected content is told again only when it changes; or the next night when its code is one of `again`, or
    once the record is linked to a subject when its code is one of `again_when_linked`. While an objection is open, a
    record is shown as before (and marked where a column says so), or not at all (`objection: suspend`).
    """

    name: Name
    title: Title
    channel: Literal["service", "database", "file", "portal"]
    connection: Name
    audience: Literal["public", "government"]
    batch_size: int = Default(ge=1)
    calls_at_once: int = Default(ge=1)
    wait_seconds: float = Default(ge=0)
    formats: Formats
    signature: str = "HMAC-SM3"
    objection: Literal["show", "suspend"] = "show"
    again: tuple[str, ...] = ()
    again_when_linked: tuple[str, ...] = ()
    options: dict[str, str] = {}
    records: dict[Name, PlatformRecord]

    def has_place_for_objection(self, record_type: str) -> bool:
        """Say whether an objection can be seen here: by a mark beside the record, or by its absence."""
        taken = self.records.get(record_type)
        marks = taken is not None and any(one.objection or one.when_objected for one in taken.columns.values())
        return marks or self.objection == "suspend"

    @model_validator(mode="after")
    def _can_be_found(self) -> Platform:
        lacking = [name for name, taken in self.records.items() if len(taken.key) != KEY_PARTS]
        if self.channel == "database" and lacking:
            raise ValueError(f"an exchange database needs a `key` of three columns for {', '.join(lacking)}")
        return self


KEY_PARTS = 3  # party, document, decision date: the natural key
