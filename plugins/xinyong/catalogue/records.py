"""Record types: fields, key, parties, disclosure, deadline and publicity."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as Default
from pydantic import model_validator

from xinyong.catalogue.words import Code, Declaration, Disclosure, Name, PartyKind, Title

FieldType = Literal["text", "date", "amount", "identity"]


class Containing(Declaration):
    """A condition: `field` contains one of `words`."""

    field: Code
    words: tuple[str, ...]


class Field(Declaration):
    """One field of a template, named by its standard code."""

    title: str
    type: FieldType = "text"
    length: int | None = None
    required: bool = False
    required_for: tuple[PartyKind, ...] = ()
    blank_for: tuple[PartyKind, ...] = ()
    required_when: Containing | None = None
    paired_with: Code | None = None
    document_kind: Code | None = None
    codes: Name | None = None
    long_text: bool = False
    unit: str = "万元"  # of an amount
    note: str | None = None
    disclosure: Disclosure | None = None  # closer than the record's own class; absent: the same
    internal: bool = False  # kept for ourselves: no column of the template, and no platform is told it


class Party(Declaration):
    """Which fields say whom the record is about."""

    name: Code
    kind: Code | None = None
    uscc: Code | None = None
    registration_number: Code | None = None
    organisation_code: Code | None = None
    tax_number: Code | None = None
    identity: Code | None = None


class Authority(Declaration):
    """Which fields name the authority that decided."""

    name: Code
    uscc: Code


class DisclosureBy(Declaration):
    """
    The field by which a record itself says who may be told it, and the class of each of its values.

    Such a class narrows that of the record type and never widens it. A blank leaves it; an unknown value closes.
    """

    field: Code
    classes: dict[str, Disclosure] = Default(min_length=1)


class Deadline(Declaration):
    """Publish within so many working days after the date in `counted_from`."""

    working_days: int
    counted_from: Code


class Publicity(Declaration):
    """
    How long a record is shown: until a date field, or by severity class.

    `severity` names the family of rule sets. The class follows from the kinds in `severity_of`, the amounts in
    `amounts` (kind → field) and what is said in the fields of `domain_of`, or is the same for every record
    (`severity_class`). With `until` and `severity` both, whichever ends first.
    """

    until: Code | None = None
    severity: Name | None = None
    severity_of: Code | None = None
    severity_class: str | None = None
    amounts: dict[str, Code] = {}
    domain_of: tuple[Code, ...] = ()
    not_after: Code | None = None


class RecordType(Declaration):
    """What the department records, in a template's own codes."""

    name: Name
    prefix: Code
    title: Title
    template: str
    basis: str = Default(min_length=2)
    business_key: tuple[Code, ...]
    document: Code
    decision_date: Code | None = None
    party: Party
    authority: Authority | None = None
    disclosure: Disclosure
    disclosure_by: DisclosureBy | None = None
    natural_persons: Literal["never", "masked"] = "never"
    deadline: Deadline | None = None
    publicity: Publicity = Publicity()
    fields: dict[Code, Field] = Default(min_length=1)

    @model_validator(mode="after")
    def _codes_exist(self) -> RecordType:
        named = [*self.business_key, self.document, *self._mentioned()]
        unknown = sorted({code for code in named if code not in self.fields})
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: no such field; the fields are {', '.join(self.fields)}")
        without_kind = [
            code for code, field in self.fields.items() if (field.type == "identity") != bool(field.document_kind)
        ]
        if without_kind:
            raise ValueError(
                f"{', '.join(without_kind)}: document_kind belongs to every identity field, and to no other"
            )
        return self

    def _mentioned(self) -> list[str]:
        """Return every field code that another part of the declaration points to."""
        shown = self.publicity
        parts = [self.party, self.authority]
        codes = [value for part in parts if part for _, value in part]
        codes += [self.disclosure_by.field if self.disclosure_by else None]
        codes += [shown.until, shown.severity_of, shown.not_after, *shown.amounts.values(), *shown.domain_of]
        codes += [self.decision_date, self.deadline.counted_from if self.deadline else None]
        codes += [field.required_when.field for field in self.fields.values() if field.required_when]
        codes += [code for field in self.fields.values() for code in (field.paired_with, field.document_kind)]
        return [code for code in codes if code]

    @property
    def template_fields(self) -> dict[str, Field]:
        """Return the fields that have a column in the template, in its order."""
        return {code: field for code, field in self.fields.items() if not field.internal}

    def disclosure_of(self, code: str) -> Disclosure:
        """Return the disclosure class of one field."""
        return self.fields[code].disclosure or self.disclosure

    def columns(self, *types: FieldType) -> list[str]:
        """Return the warehouse columns of the fields of these types, or of all, in template order."""
        return [code.lower() for code, field in self.fields.items() if not types or field.type in types]
