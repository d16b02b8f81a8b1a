"""The registration base 企业登记库 as a file: every enterprise with its new and its old number."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from sandbox import codes, reregistration
from sandbox.dice import Dice
from sandbox.enterprises import Base, Entry
from sandbox.story import REGISTRY, eventful_nights

HEADINGS = (
    *("企业名称", "统一社会信用代码", "注册号", "组织机构代码", "登记机关", "管辖单位", "登记状态"),
    "原登记代码",  # of the enterprise that a row continues
)
_IN_BUSINESS, _CLOSED = "存续", "注销"
_FOUNDED_PER_NIGHT, _CLOSED_PER_NIGHT = 2, 2
_RANGE = 180  # closures fall on the first entries, which even the smallest base has


def write_registry(path: Path, seed: int, base: Base, night: int) -> None:
    """Write the base as it is after a night."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(rows(seed, base, night))


def rows(seed: int, base: Base, night: int) -> Iterator[tuple[str, ...]]:
    """List the entries; each eventful night founds two enterprises of a fictional base and closes two of any."""
    events = eventful_nights(REGISTRY, night)
    closed = {index for past in events for index in _closures(seed, past)}
    known = reregistration.entries(base, _FOUNDED_PER_NIGHT * len(events), night)
    for index, (entry, former_code) in enumerate(known):
        yield (
            entry.name,
            entry.code,
            entry.registration_number,
            entry.organisation_code,
            entry.authority,
            entry.office,
            _CLOSED if index in closed else _IN_BUSINESS,
            former_code,
        )


def defective(base: Base) -> Iterator[tuple[int, Entry, str]]:
    """List the entries of a real base whose number is no number, with the field it stands in."""
    if not base.is_real:
        return
    for index, entry in enumerate(base.entries(0)):
        if entry.code and not codes.is_uscc(entry.code):
            yield index, entry, "SUB_SHXYM"
        elif entry.registration_number and not codes.is_registration_number(entry.registration_number):
            yield index, entry, "SUB_GSZC"


def _closures(seed: int, night: int) -> list[int]:
    dice = Dice(seed, REGISTRY, night)
    return [dice.below(_RANGE) for _ in range(_CLOSED_PER_NIGHT)]
