"""
Acts: what a person decided about a record (annulled, repaired, objected to, corrected, closed), written down once.

Acts are never changed: one recorded in error is taken back by a reversal. What they make of a record follows from when
they take effect, never from the order in which they were recorded; the gate reads it in `warehouse.standing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from xinyong import free_text
from xinyong.catalogue import Catalogue
from xinyong.catalogue.acts import ActKind
from xinyong.catalogue.records import RecordType
from xinyong.catalogue.words import Disclosure
from xinyong.database import Fragment, run
from xinyong.errors import XinyongError
from xinyong.sealing import without_numbers

WITHDRAWING: tuple[ActKind, ...] = ("annulment", "repair", "upheld", "retraction")
ANSWERING: tuple[ActKind, ...] = ("upheld", "dismissed")
# What only a record that was shown can meet.
_NEEDS_PUBLICITY = ("repair", "objection", "correction")
# Each class closes at least what the one before it closes.
_NARROWER: dict[Disclosure, int] = {"public": 0, "government_only": 1, "on_authorisation": 2}


class ActError(XinyongError):
    """Raised when an act is not possible: an unknown record, a wrong moment, something missing. Nothing is written."""


@dataclass(frozen=True, slots=True)
class Act:
    """
    What a person decided; `sought` is a document number or record id, for a reversal the number of the act.

    `applied_on` is the day a repair was applied for, from which its clock runs. `fields` limits a change of disclosure
    to some fields; empty means the whole record.
    """

    kind: ActKind
    sought: str
    person: str
    basis: str
    document_number: str
    effective_on: date
    reason: str = ""
    disclosure: Disclosure | None = None
    fields: tuple[str, ...] = ()
    applied_on: date | None = None


def act_of(form: Mapping[str, Any]) -> Act:
    """Return the act that the form of the DAG describes."""
    applied_on = form["applied_on"]
    return Act(
        kind=form["act"],
        sought=form["record"],
        person=form["person"],
        basis=form["basis"],
        document_number=form["document"],
        effective_on=date.fromisoformat(form["on"]),
        reason=form["reason"] or "",
        disclosure=form["disclosure"] or None,
        fields=tuple(form["fields"] or ()),
        applied_on=date.fromisoformat(applied_on) if applied_on else None,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """An act that was recorded before."""

    act_id: int
    kind: ActKind
    effective_on: date
    known_on: date
    counted_from: date
    person: str
    basis: str
    document_number: str
    reason: str
    answers: int | None
    disclosure: str | None
    fields: list[str] | None
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the record an act is about; `acts` as they took effect."""

    record_type: RecordType
    record_id: str
    document: str | None
    party: str | None
    party_kind: str | None
    decision_date: date | None
    section: str | None
    is_live: bool
    severity: str | None
    repair_from: date | None
    last_hash: bytes | None = field(repr=False)
    shown_at: list[str]
    acts: tuple[Known, ...]

    def in_force(self, *kinds: ActKind) -> list[Known]:
        """Return the acts of these kinds that nothing took back."""
        return [known for known in self.acts if known.kind in kinds and not known.is_reversed]

    def open_objection(self) -> Known | None:
        """Return the objection that waits for its answer."""
        answered = {known.answers for known in self.in_force(*ANSWERING)}
        return next((one for one in self.in_force("objection") if one.act_id not in answered), None)

    def named(self, act_id: int) -> Known:
        """Return an act by its number."""
        return next(known for known in self.acts if known.act_id == act_id)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The number of an act, whether it is new, and which platforms showed the record before."""

    act_id: int
    is_new: bool
    record_type: str
    record_id: str
    document: str | None
    shown_at: list[str]


def record(connection: sa.Connection, catalogue: Catalogue, act: Act, business_date: date) -> Recorded:
    """Write an act down; the same act again is the same row. Raises ActError and writes nothing when it is wrong."""
    _complete(connection, act, business_date)
    record_type, record_id = _sought(connection, catalogue, act)
    run(connection, "act/lock_record", record_id=record_id)
    # Of severity and repair, what the rules in force on the day of the act say.
    run(connection, "publication/set_logical_date", logical_date=act.effective_on.isoformat())
    facts = read_facts(connection, record_type, record_id)
    if again := _again(act, facts):
        return Recorded(again.act_id, False, record_type.name, record_id, facts.document, facts.shown_at)
    if problem := _PROBLEMS.get(act.kind, _common_problem)(act, facts) or _common_problem(act, facts):
        raise ActError(f"{_place(act, facts)}: {problem} Nothing has been recorded.")
    act_id = run(connection, "act/insert", **_row(catalogue, act, facts, business_date)).scalar_one()
    return Recorded(act_id, True, record_type.name, record_id, facts.document, facts.shown_at)


def read_facts(connection: sa.Connection, record_type: RecordType, record_id: str) -> Facts:
    """Read what is known of a record, its acts included."""
    about = {"record_type": record_type.name, "record_id": record_id}
    decided = _column(record_type.decision_date)
    names = {
        "record_type": record_type.name,
        "history": f"warehouse.{record_type.name}",
        "document": Fragment.of(_column(record_type.document)),
        "party_name": Fragment.of(_column(record_type.party.name)),
        "party_kind": Fragment.of(_column(record_type.party.kind)),
        "decision_date": Fragment.of(sa.cast(decided, sa.Date())),
    }
    found = run(connection, "act/facts", names, **about).mappings().one()
    acts = tuple(Known(**row) for row in run(connection, "act/of_record", **about).mappings())
    return Facts(record_type, record_id, acts=acts, **found)


def _column(code: str | None) -> sa.ColumnElement[Any]:
    return sa.literal_column(f"version.{code.lower()}") if code else sa.cast(sa.null(), sa.Text())


def _row(catalogue: Catalogue, act: Act, facts: Facts, business_date: date) -> dict[str, object]:
    clock = catalogue.acts.kinds[act.kind]
    return {
        "record_type": facts.record_type.name,
        "record_id": facts.record_id,
        "kind": act.kind,
        "effective_on": act.effective_on,
        "known_on": business_date,
        "counted_from": act.applied_on or act.effective_on,
        "working_days": clock.working_days,
        "answer_days": clock.answer_days if act.kind == "objection" else None,
        "person": act.person.strip(),
        "basis": act.basis.strip(),
        "document_number": act.document_number.strip(),
        "reason": act.reason.strip(),
        "answers": _answers(act, facts),
        "disclosure": act.disclosure,
        "fields": list(act.fields) or None,
        "document": facts.document,
        "party": facts.party,
        "section": facts.section,
        "last_hash": facts.last_hash,
    }


def _answers(act: Act, facts: Facts) -> int | None:
    if act.kind == "reversal":
        return int(act.sought)
    objection = facts.open_objection() if act.kind in ANSWERING else None
    return objection.act_id if objection else None


def _complete(connection: sa.Connection, act: Act, business_date: date) -> None:
    """Refuse an act that lacks owner, basis or document, lies in the future, or whose words must not be kept."""
    given = {"person": act.person, "basis": act.basis, "document": act.document_number}
    if blank := [name for name, value in given.items() if not value.strip()]:
        raise ActError(
            f"{_asked(act)}: {', '.join(blank)}: blank. Expected: who decided it, on which legal basis, "
            "and the number of the document. Nothing has been recorded."
        )
    free_text.check(connection, _asked(act), given | {"reason": act.reason}, ActError)
    for name, day in (("on", act.effective_on), ("applied on", act.applied_on)):
        if day and day > business_date:
            raise ActError(
                f"{_asked(act)}: {name} {day} lies in the future. Expected: a day up to {business_date}. "
                "Record it when it has taken effect. Nothing has been recorded."
            )


def _asked(act: Act) -> str:
    return f"{act.kind} of {without_numbers(act.sought)}"


def _sought(connection: sa.Connection, catalogue: Catalogue, act: Act) -> tuple[RecordType, str]:
    """Find the one record that is meant."""
    if act.kind == "reversal":
        return _act_sought(connection, catalogue, act)
    found = find_records(connection, catalogue, act.sought)
    if len(found) == 1:
        return found[0]
    next_step = (
        "Expected: one that was stored. Give its document number, or the record id that `xinyong explain` shows."
    )
    if found:
        several = "; ".join(_told_apart(read_facts(connection, *one)) for one in found)
        next_step = f"Found: {several}. Expected: one. Give one of these ids."
    named = f"{act.kind}: `{without_numbers(act.sought)}` names {len(found)} records"
    raise ActError(f"{named}. {next_step} Nothing has been recorded.")


def _told_apart(facts: Facts) -> str:
    """Say by what a person tells a record from others of its number; of a natural person only the family name."""
    party = facts.party if facts.party_kind not in (None, "自然人") else f"{(facts.party or '')[:1]}某"
    return f"{facts.record_type.name} {facts.record_id} ({party}, {facts.decision_date or 'no date'})"


def find_records(connection: sa.Connection, catalogue: Catalogue, sought: str) -> list[tuple[RecordType, str]]:
    """Return every record that a document number or record id may mean."""
    found = []
    for record_type in [one for name, one in catalogue.records.items() if name != "subject"]:
        names = {"history": f"warehouse.{record_type.name}", "document": Fragment.of(_column(record_type.document))}
        ids = run(connection, "explain/find", names, sought=sought.strip()).scalars()
        found += [(record_type, str(record_id)) for record_id in ids]
    return found


def _act_sought(connection: sa.Connection, catalogue: Catalogue, act: Act) -> tuple[RecordType, str]:
    known = run(connection, "act/find", act_id=int(act.sought)).one_or_none() if act.sought.isdecimal() else None
    if known is None:
        raise ActError(
            f"reversal: there is no act `{without_numbers(act.sought)}`. Expected: the number that "
            "`xinyong act list` shows. Nothing has been recorded."
        )
    return catalogue.records[known.record_type], known.record_id


def _again(act: Act, facts: Facts) -> Known | None:
    """Return the act that was recorded before under the same key, when it says the same."""
    key = (act.kind, act.effective_on, act.document_number.strip())
    same = [one for one in facts.acts if (one.kind, one.effective_on, one.document_number) == key]
    if not same:
        return None
    known, answers = same[0], int(act.sought) if act.kind == "reversal" else same[0].answers
    told = (act.person.strip(), act.basis.strip(), act.disclosure, list(act.fields) or None, answers)
    if told == (known.person, known.basis, known.disclosure, known.fields, known.answers) and not known.is_reversed:
        return known
    raise ActError(
        f"{_place(act, facts)}: this document was recorded before as act {known.act_id}"
        f"{', since taken back' if known.is_reversed else f', with other details ({known.person}, {known.basis})'}. "
        "Expected: the same, or another document. An act is never changed; a wrong one is taken back with "
        f"`xinyong act reversal {known.act_id}` and recorded anew under a document of its own. "
        "Nothing has been recorded."
    )


def _place(act: Act, facts: Facts) -> str:
    return f"{act.kind} of {facts.record_type.name} {facts.document or facts.record_id}"


def _common_problem(act: Act, facts: Facts) -> str | None:
    if facts.decision_date and act.effective_on < facts.decision_date:
        return f"it would take effect on {act.effective_on}, before the decision itself ({facts.decision_date})."
    if act.applied_on and act.kind != "repair":
        return "only a repair is applied for. Leave the day of application out."
    if (act.disclosure or act.fields) and act.kind != "disclosure":
        return "a disclosure class and fields belong to the act `disclosure` only. Leave them out."
    if act.kind in _NEEDS_PUBLICITY and not facts.shown_at:
        return (
            "no platform has ever shown the record. Expected: a record that is or was published. "
            "`xinyong explain` shows what became of it."
        )
    return None


def _withdrawn(act: Act, facts: Facts) -> str | None:
    """Refuse to withdraw what an act has withdrawn already."""
    if earlier := facts.in_force(*WITHDRAWING):
        one = earlier[0]
        return (
            f"act {one.act_id} ({one.kind}, {one.document_number}, by {one.person}) has withdrawn it since "
            f"{one.effective_on}. Expected: a record that is in publicity. If that act was wrong, record a reversal."
        )
    return None


def _repair_problem(act: Act, facts: Facts) -> str | None:
    if facts.repair_from is None:
        return "records of this kind have no minimum period, so nothing of them is repaired."
    begun = act.applied_on or act.effective_on
    if begun < facts.repair_from:
        return (
            f"repair may be applied for from {facts.repair_from} on (class {facts.severity}). Found: {begun}. "
            "Expected: that day or later. Tell the applicant the date."
        )
    if act.applied_on and act.applied_on > act.effective_on:
        return f"it was applied for on {act.applied_on}, after it was granted ({act.effective_on})."
    return _withdrawn(act, facts)


def _objection_problem(act: Act, facts: Facts) -> str | None:
    if waiting := facts.open_objection():
        return f"act {waiting.act_id} of {waiting.effective_on} is an objection that waits for its answer already."
    return None


def _answer_problem(act: Act, facts: Facts) -> str | None:
    lodged = facts.open_objection()
    if lodged is None:
        return "no objection waits for an answer. Expected: one recorded with `xinyong act objection`."
    if act.effective_on < lodged.effective_on:
        return f"it would answer on {act.effective_on} what was lodged on {lodged.effective_on} (act {lodged.act_id})."
    return None


def _disclosure_problem(act: Act, facts: Facts) -> str | None:
    record_type = facts.record_type
    if act.disclosure is None:
        return f"the new class is missing. Expected one of: {', '.join(_NARROWER)}."
    if unknown := [code for code in act.fields if code not in record_type.fields]:
        return f"{', '.join(unknown)}: no such field. Expected some of: {', '.join(record_type.fields)}."
    named = {record_type.document, record_type.decision_date, record_type.party.name}
    if needed := [code for code in act.fields if code in named]:
        return f"{', '.join(needed)}: by these the record is called. Change the class of the whole record instead."
    own = [record_type.disclosure_of(code) for code in act.fields] or [record_type.disclosure]
    if any(_NARROWER[act.disclosure] < _NARROWER[one] for one in own):
        return (
            f"`{act.disclosure}` is wider than what catalogue/records/{record_type.name}.yml says ({', '.join(own)}). "
            "An act may close what is open, and open again what an act closed, never more."
        )
    return _same_day_problem(act, facts)


def _same_day_problem(act: Act, facts: Facts) -> str | None:
    """Refuse two classes for one thing from one day on: which of them holds would depend on who came first."""
    for one in facts.in_force("disclosure"):
        overlaps = set(one.fields or ()) & set(act.fields) if act.fields else not one.fields
        if one.effective_on == act.effective_on and one.disclosure != act.disclosure and overlaps:
            return f"act {one.act_id} says `{one.disclosure}` from the same day on. Take that one back first."
    return None


def _reversal_problem(act: Act, facts: Facts) -> str | None:
    meant = facts.named(int(act.sought))
    if meant.kind == "reversal":
        return f"act {meant.act_id} is a reversal itself. Record the act that it took back once more."
    if meant.is_reversed:
        return f"act {meant.act_id} has been taken back before."
    if act.effective_on < meant.effective_on:
        return f"it would take back on {act.effective_on} what takes effect on {meant.effective_on}."
    answers = [one for one in facts.in_force(*ANSWERING) if one.answers == meant.act_id]
    if answers:
        return f"act {answers[0].act_id} answers it. Take the answer back first."
    return None


_PROBLEMS = {
    "annulment": _withdrawn,
    "retraction": _withdrawn,
    "repair": _repair_problem,
    "objection": _objection_problem,
    "upheld": _answer_problem,
    "dismissed": _answer_problem,
    "disclosure": _disclosure_problem,
    "reversal": _reversal_problem,
}
