"""
Who the records are about: enterprises of the registration base, sole traders, natural persons.

With a registry file the base holds its real enterprises; without one, fictional enterprises of 三明 with valid codes.
Each fictional subject is computed from its number, so a large base costs no memory.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from sandbox import codes
from sandbox.dice import Dice
from sandbox.people import Person, person, resident

COMPANY = "法人及非法人组织"
NATURAL = "自然人"
SOLE_TRADER = "个体工商户"
CAST_SIZE = 3

_DIVISIONS = {"350400": "三明市", "350404": "三元区", "350405": "沙县区", "350421": "明溪县", "350481": "永安市"}
_BRAND = "闽鑫宏源恒泰兴隆永盛嘉禾金桥瑞丰华诚天翔正和广达新锐凯旋方圆众信百川鼎立云帆星海长青"
_TRADE = [
    "机械",
    "建材",
    "化工",
    "纺织",
    "电子",
    "矿业",
    "竹木",
    "林产",
    "食品",
    "铸造",
    "水泥",
    "冶金",
    "环保",
    "新能源",
    "爆破工程",
    "通信",
    "包装",
    "轻工",
    "医药",
    "汽配",
]
_FORM = ("有限公司", "有限责任公司", "股份有限公司", "（福建）有限公司")
_SHOP = ["五金店", "电器行", "维修部", "经营部", "加工坊", "通讯店", "建材店", "汽修厂"]
_NO_SOLE_TRADER = ("公司", "银行", "合作社", "分厂", "集团", "联社")


@dataclass(frozen=True, slots=True)
class Subject:
    """A party of a record as a business system knows it."""

    name: str
    category: str
    code: str | None = None
    registration_number: str | None = None
    organisation_code: str | None = None
    representative: Person | None = None
    document: Person | None = None
    is_registered: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the registration base."""

    name: str
    code: str
    registration_number: str
    organisation_code: str
    authority: str
    office: str


@dataclass(frozen=True, slots=True)
class Cast:
    """Enterprises that change in the course of the story: one gets another name, one is merged into another."""

    renamed: Subject
    new_name: str
    merged: Subject
    successor: Subject

    @property
    def codes(self) -> set[str | None]:
        """Return the codes of all of them."""
        return {self.renamed.code, self.merged.code, self.successor.code}


class Base(Protocol):
    """The registration base: its entries, parties drawn from it, and those that change (none where all are real)."""

    is_real: bool

    @property
    def cast(self) -> Cast | None: ...
    def entries(self, extra: int) -> Iterator[Entry]: ...
    def company(self, dice: Dice) -> Subject: ...
    def old_number_company(self, dice: Dice) -> Subject: ...
    def old_number_sole_trader(self, dice: Dice) -> Subject: ...
    def sole_trader(self, dice: Dice) -> Subject: ...
    def stranger(self, dice: Dice) -> Subject: ...


def natural_person(seed: int, dice: Dice) -> Subject:
    """Draw a natural person."""
    found = person(seed, "party", dice.below(10**9))
    return Subject(found.name, NATURAL, document=found)


def natural_resident(seed: int, dice: Dice) -> Subject:
    """Draw a natural person with a resident card."""
    found = resident(seed, "party", dice.below(10**9))
    return Subject(found.name, NATURAL, document=found)


class FictionalBase:
    """A base computed from its size: four of five entries are companies, one is a sole trader."""

    is_real = False

    def __init__(self, seed: int, size: int) -> None:
        self.seed = seed
        self.size = size

    @cached_property
    def cast(self) -> Cast | None:
        """Return those that change; they stand behind the others and are drawn by nobody."""
        renamed, merged, successor = (self._subject(self.size + place) for place in range(CAST_SIZE))
        return Cast(renamed, f"福建{renamed.name[3:]}", merged, successor)  # from its district into the province

    def entries(self, extra: int) -> Iterator[Entry]:
        """List the base; `extra` newly founded enterprises stand at its end."""
        for index in range(self.size + CAST_SIZE + extra):
            yield self._entry(index)

    def company(self, dice: Dice) -> Subject:
        """Draw a registered company that has a code."""
        return self._subject(_away_from(dice.below(self.size // 5) * 5 + dice.below(4)))

    def old_number_company(self, dice: Dice) -> Subject:
        """Draw a registered company known only by its old number."""
        return self._subject(dice.below(self.size // 20) * 20 + 7)

    def old_number_sole_trader(self, dice: Dice) -> Subject:
        """Draw a registered sole trader known only by its old number."""
        return self._subject(dice.below(self.size // 20) * 20 + 14)

    def sole_trader(self, dice: Dice) -> Subject:
        """Draw a registered sole trader that has a code."""
        return self._subject(dice.below(self.size // 20) * 20 + dice.pick((4, 9, 19)))

    def stranger(self, dice: Dice) -> Subject:
        """Draw a company that the base does not know."""
        return self._subject(_away_from(5 * (self.size + dice.below(10**6))), is_registered=False)

    def _subject(self, index: int, *, is_registered: bool = True) -> Subject:
        entry = self._entry(index)
        category = SOLE_TRADER if _is_sole_trader(index) else COMPANY
        placeholder = codes.USCC_PLACEHOLDER if category == SOLE_TRADER else None
        return Subject(
            name=entry.name,
            category=category,
            code=entry.code or placeholder,
            registration_number=entry.registration_number or None,
            organisation_code=entry.organisation_code or None,
            representative=person(self.seed, "representative", index),
            is_registered=is_registered,
        )

    def _entry(self, index: int) -> Entry:
        dice = Dice(self.seed, "enterprise", index)
        division = dice.pick(tuple(_DIVISIONS))
        place = _DIVISIONS[division]
        sole_trader = _is_sole_trader(index)
        organisation = codes.organisation_code(index)
        is_old = _has_only_old_number(index)
        return Entry(
            name=_fictional_name(place, index, sole_trader=sole_trader),
            code="" if is_old else codes.uscc("92" if sole_trader else "91", division, organisation),
            registration_number=codes.registration_number(division, index) if is_old or index % 3 == 0 else "",
            organisation_code="" if is_old or index % 2 else organisation,
            authority=f"{place}市场监督管理局",
            office=f"{place}{dice.pick(('城关', '列东', '洋溪', '岩前', '莘口'))}市场监督管理所",
        )


class RealBase:
    """A base read from a registry file; parties that must be fictional (sole traders with codes) stay outside of it."""

    is_real = True
    cast = None

    def __init__(self, seed: int, path: Path) -> None:
        self._fiction = FictionalBase(seed, 200)
        self.seed = seed
        self.rows = tuple(_real_entry(row) for row in _real_rows(path))
        self.coded = tuple(entry for entry in self.rows if codes.is_uscc(entry.code))
        old = [entry for entry in self.rows if codes.is_registration_number(entry.registration_number)]
        self.old = tuple(entry for entry in old if "公司" in entry.name)
        self.workshops = tuple(entry for entry in old if not any(word in entry.name for word in _NO_SOLE_TRADER))

    def entries(self, extra: int) -> Iterator[Entry]:
        """List the file; a real base gains no fictional entries."""
        yield from self.rows

    def company(self, dice: Dice) -> Subject:
        """Draw a real enterprise that has a valid code."""
        entry = dice.pick(self.coded)
        organisation = entry.code[8:17] if dice.chance(50) else None
        return self._subject(entry, COMPANY, entry.code, organisation)

    def old_number_company(self, dice: Dice) -> Subject:
        """Draw a real enterprise known only by its old number."""
        return self._subject(dice.pick(self.old), COMPANY, None, None)

    def old_number_sole_trader(self, dice: Dice) -> Subject:
        """Draw a real workshop known only by its old number; it stands in the records with the placeholder code."""
        return self._subject(dice.pick(self.workshops), SOLE_TRADER, codes.USCC_PLACEHOLDER, None)

    def sole_trader(self, dice: Dice) -> Subject:
        """Draw a fictional sole trader, which a real base cannot know."""
        return _outside(self._fiction.sole_trader(dice))

    def stranger(self, dice: Dice) -> Subject:
        """Draw a company that the base does not know."""
        return self._fiction.stranger(dice)

    def _subject(self, entry: Entry, category: str, code: str | None, organisation: str | None) -> Subject:
        representative = person(self.seed, "representative", entry.name)
        number = entry.registration_number or None
        return Subject(entry.name, category, code, number, organisation, representative, is_registered=True)


def registration_base(seed: int, records: int, registry: Path | None) -> Base:
    """Open the base of a world: the real one where a file is given, else one enterprise for four records."""
    if registry is None:
        return FictionalBase(seed, max(200, records // 80 * 20))
    return RealBase(seed, registry)


def _is_sole_trader(index: int) -> bool:
    return index % 5 == 4


def _has_only_old_number(index: int) -> bool:
    return index % 20 in (7, 14)


def _away_from(index: int) -> int:
    """Step off the entries that have no code."""
    return index + 1 if _has_only_old_number(index) else index


def _fictional_name(place: str, index: int, *, sole_trader: bool) -> str:
    """Spell the number of an enterprise as a brand, so that no two names are alike."""
    brands = len(_BRAND) ** 3
    rest, brand = index * 7_919 % brands, ""
    for _ in range(3):
        rest, char = divmod(rest, len(_BRAND))
        brand += _BRAND[char]
    series, trade = divmod(index // brands, len(_TRADE))
    trade = (trade + index % brands) % len(_TRADE)
    form = _SHOP[index % len(_SHOP)] if sole_trader else _FORM[index % len(_FORM)]
    return f"{place}{brand}{f'第{series}' if series else ''}{_TRADE[trade]}{form}"


def _outside(subject: Subject) -> Subject:
    return Subject(
        f"个体{subject.name}",
        subject.category,
        subject.code,
        None,
        subject.organisation_code,
        subject.representative,
    )


def _real_rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        yield from (row for row in reader if len(row) == 4)


def _real_entry(row: list[str]) -> Entry:
    name, number, authority, office = row
    is_code = len(number) == 18
    return Entry(name, number if is_code else "", "" if is_code else number, "", authority, office)
