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
    One column of a platform: a field, a number of the linked subject, a constant or the end of publicity.

    `codes` maps the parts of the field to the platform's words, joined by `joined_by`.
    """

    field: Code | None = None
    subject: Literal["name", "uscc", "registration_number"] | None = None
    constant: str | None = None
    publicity_until: bool = False
    codes: dict[str, str] = {}
    joined_by: str = ";"
    title: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Projection:
        if sum([bool(self.field), bool(self.subject), self.constant is not None, self.publicity_until]) != 1:
            raise ValueError("give exactly one of field, subject, constant, publicity_until")
        return self


class PlatformRecord(Declaration):
    """What a platform takes of one record type; a field that is not named here stays closed."""

    table_code: str
    title: str
    parties: tuple[PartyKind, ...]
    needs_subject: bool = False
    required: tuple[str, ...] = ()
    lengths: dict[str, int] = {}
    columns: dict[str, Projection]


class Platform(Declaration):
    """
    A place the department's records are published or shared to.

    A rejected content is told again only when it changes; or the next night when its code is one of `again`, or
    once the record is linked to a subject when its code is one of `again_when_linked`.
    """

    name: Name
    title: Title
    channel: Literal["service", "file", "portal"]
    connection: Name
    audience: Literal["public", "government"]
    batch_size: int = Default(ge=1)
    calls_at_once: int = Default(ge=1)
    wait_seconds: float = Default(ge=0)
    formats: Formats
    signature: str = "HMAC-SM3"
    again: tuple[str, ...] = ()
    again_when_linked: tuple[str, ...] = ()
    options: dict[str, str] = {}
    records: dict[Name, PlatformRecord]
