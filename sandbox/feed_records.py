"""The records of a feed by their number: any one can be asked for, none is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from sandbox import defect, defects, enterprises, reregistration, story
from sandbox.commitments import FULFILLED, commitment
from sandbox.defect import Defect
from sandbox.dice import Dice
from sandbox.enterprises import Base, Subject
from sandbox.licences import LicencePlan, licence
from sandbox.penalties import REVOCATION, PenaltyPlan, penalty
from sandbox.records import Fields, Record, decided_before, decision_date
from sandbox.story import BLOCK, FeedState

_DOCUMENTS = {
    story.ENFORCEMENT: "闽明工信罚〔{year}〕{number}号",
    story.APPROVALS: "闽明工信许〔{year}〕{number}号",
    story.SAFETY: "闽明工信安罚〔{year}〕{number}号",
    story.LEGACY: "闽明工信安许〔{year}〕{number}号",
    story.COMMITMENT: "CN350400{year}{number:06d}",
}
_JOINT_PLACE = 3  # shares document and date with the record before it: several offenders of one case
_ENDING_PLACE, _ENDING_BLOCKS = 5, 8
_PUBLICITY_ENDS = ((date(2025, 11, 25), 1), (date(2023, 11, 25), 3), (date(2025, 11, 28), 1), (date(2023, 11, 28), 3))
_VALIDITY_ENDS = (date(2026, 11, 24), date(2026, 11, 28))
_STRANGER_PLACE, _WORKSHOP_PLACE = 11, 16
_PERSON_PLACES, _SOLE_TRADER_PLACES = (4, 14), (1, 8)


@dataclass(frozen=True)
class FeedRecords:
    """What one business system holds on one night."""

    seed: int
    base: Base
    state: FeedState

    @property
    def feed(self) -> str:
        return self.state.feed

    @cached_property
    def prefix(self) -> str:
        """`CF` for penalties, `XK` for licences, `CN` for commitments."""
        if self.feed == story.COMMITMENT:
            return "CN"
        return "CF" if self.feed in (story.ENFORCEMENT, story.SAFETY) else "XK"

    @property
    def document(self) -> str:
        """The field that carries the document number."""
        return "CNBM" if self.prefix == "CN" else f"{self.prefix}_WSH"

    def __len__(self) -> int:
        return self.state.count

    def __iter__(self) -> Iterator[Record]:
        return self.slice(0, len(self))

    def slice(self, start: int, stop: int) -> Iterator[Record]:
        """List the living records from one position to another."""
        for position in range(start, min(stop, len(self))):
            yield self.record(self.state.alive(position))

    def record(self, index: int) -> Record:
        """Compute one record."""
        planned = defects.defect_at(self.feed, index) if index < self.state.first_size else None
        if planned and planned.name == defect.TWIN_SECOND and not self._is_corrected(index, planned):
            return self._second_of_pair(index, planned)
        subject = self._subject(index, planned)
        decided = self._decided(index)
        fields = self._fields(index, subject, decided, planned)
        changed_on = self._revise(index, fields, planned)
        if planned is None or self._is_corrected(index, planned):
            return Record(index, fields, subject, decided, None, changed_on)
        planned.break_(self.prefix, fields)
        return Record(index, fields, subject, decided, planned.name, changed_on)

    def defect(self, index: int) -> Defect | None:
        """Return the defect that a record has on this night."""
        planned = defects.defect_at(self.feed, index) if index < self.state.first_size else None
        return None if planned is None or self._is_corrected(index, planned) else planned

    def defective(self) -> Iterator[tuple[Record, Defect]]:
        """List the defective records with their defects, without looking at the others."""
        for start in range(0, self.state.first_size, BLOCK):
            for place in story.DEFECTIVE_PLACES:
                found = self.defect(start + place)
                if found is not None:
                    yield self.record(start + place), found

    def special(self) -> Iterator[int]:
        """List the places whose party may be unknown to the registration base, in order."""
        places = sorted({*story.DEFECTIVE_PLACES, *_SOLE_TRADER_PLACES, _STRANGER_PLACE, _WORKSHOP_PLACE})
        for start in range(0, self.state.size, BLOCK):
            yield from (start + place for place in places if start + place < self.state.size)

    def party(self, index: int) -> Subject:
        """Return whom a record is about, without computing the rest of it."""
        return self._subject(index, defects.defect_at(self.feed, index) if index < self.state.first_size else None)

    def _is_corrected(self, index: int, planned: Defect) -> bool:
        return self.state.night >= story.CHANGES and defects.is_corrected_later(self.feed, index, planned)

    def _second_of_pair(self, index: int, planned: Defect) -> Record:
        first = self.record(index - index % BLOCK + story.DEFECTIVE_PLACES[0])
        fields = dict(first.fields)
        planned.break_(self.prefix, fields)
        return replace(first, index=index, fields=fields, defect=planned.name)

    def _subject(self, index: int, planned: Defect | None) -> Subject:
        if (changing := reregistration.party(self.base, self.state, index)) is not None:
            return changing
        dice = Dice(self.seed, self.feed, "subject", index)
        if planned is not None and planned.needs != defect.ANYONE:
            return self._needed_subject(planned.needs, dice)
        block, place = divmod(index, BLOCK)
        if place in _PERSON_PLACES and index < self.state.first_size:
            return self._person(dice)
        if place == _STRANGER_PLACE and block % 3 == 0:
            return self.base.stranger(dice)
        if place == _WORKSHOP_PLACE and block % 4 == 0 and self.prefix != "CN":  # a commitment knows no old number
            return self.base.old_number_sole_trader(dice)
        if place in _SOLE_TRADER_PLACES and (block % 8 == 0 or not self.base.is_real):
            return self.base.sole_trader(dice)
        if place == _JOINT_PLACE:
            return self._another_company(dice, self._subject(index - 1, None).name)
        return self.base.company(dice)

    def _another_company(self, dice: Dice, name: str) -> Subject:
        """Draw until it is another one: two records of one case about one company would be a pair."""
        while (found := self.base.company(dice)).name == name:
            pass
        return found

    def _needed_subject(self, needs: str, dice: Dice) -> Subject:
        if needs == defect.WORKSHOP:
            return self.base.old_number_sole_trader(dice)
        if needs == defect.PERSON:
            return enterprises.natural_resident(self.seed, dice)
        if needs == defect.SOLE_TRADER:
            return self.base.sole_trader(dice)
        if needs == defect.OLD_NUMBER:
            return self.base.old_number_company(dice)
        return self.base.company(dice)

    def _person(self, dice: Dice) -> Subject:
        """Draw a natural person; the legacy template knows no other document than the resident card."""
        if self.feed == story.LEGACY:
            return enterprises.natural_resident(self.seed, dice)
        return enterprises.natural_person(self.seed, dice)

    def _decided(self, index: int) -> date:
        block, place = divmod(index, BLOCK)
        if self._has_planned_end(index):
            if self.prefix == "CF":
                return _PUBLICITY_ENDS[block % len(_PUBLICITY_ENDS)][0]
            return decided_before(Dice(self.seed, self.feed, "ending", index), date(2026, 10, 1), 300)
        if reregistration.is_under_new_name(self.state, index):
            return story.day_of(story.CHANGES)
        dice = Dice(self.seed, self.feed, "decided", index - 1 if place == _JOINT_PLACE else index)
        return decision_date(dice, story.day_of(self.state.added_on(index)))

    def _has_planned_end(self, index: int) -> bool:
        block, place = divmod(index, BLOCK)
        return place == _ENDING_PLACE and block < _ENDING_BLOCKS and index < self.state.first_size

    def _fields(self, index: int, subject: Subject, decided: date, planned: Defect | None) -> Fields:
        dice = Dice(self.seed, self.feed, "fields", index)
        shared = index - 1 if index % BLOCK == _JOINT_PLACE and self.prefix != "CN" else index
        number = _DOCUMENTS[self.feed].format(year=decided.year, number=shared + 1)
        kind = planned.penalty_kind if planned else None
        if self.prefix == "CF":
            return penalty(subject, self._penalty_plan(index, number, decided, kind), dice)
        ends = _VALIDITY_ENDS[index // BLOCK % 2] if self._has_planned_end(index) else None
        if self.prefix == "CN":
            return commitment(subject, number, decided, ends, dice)
        return licence(subject, LicencePlan(number, decided, self.feed == story.LEGACY, ends), dice)

    def _penalty_plan(self, index: int, number: str, decided: date, kind: str | None) -> PenaltyPlan:
        if not self._has_planned_end(index):
            return PenaltyPlan(number, decided, kind)
        years = _PUBLICITY_ENDS[index // BLOCK % len(_PUBLICITY_ENDS)][1]
        return PenaltyPlan(number, decided, f"{REVOCATION};罚款" if years == 3 else "罚款;没收违法所得", years)

    def _revise(self, index: int, fields: Fields, planned: Defect | None) -> int | None:
        """Apply the changes up to this night; return the last night that touched the record."""
        if planned is not None and self._is_corrected(index, planned):
            return story.CHANGES
        nights = self.state.changes.get(index, ())
        if not nights:
            return None
        if self.prefix == "CN":
            fields["LXZT"] = FULFILLED
        text = {"CF": "CF_SY", "XK": "XK_NR", "CN": "CNNR"}[self.prefix]
        fields[text] = f"{fields[text]}，补充核定{len(nights)}项"
        return nights[-1]
