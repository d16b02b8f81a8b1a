"""Fictional persons: sole traders, legal representatives and parties, with numbers that check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.codes import resident_number
from sandbox.dice import Dice

RESIDENT_CARD = "身份证"
PASSPORT = "护照号"
HONG_KONG_PERMIT = "港澳居民来往内地通行证"

DIVISIONS = ("350402", "350403", "350421", "350427")  # as they were when these persons were born
_FAMILY = "陈林黄张吴李郑王刘苏蔡杨许曾邱罗赖邓范廖谢江连魏卢叶肖官饶余"
_GIVEN = "建国志强明辉晓燕丽芳文彬海峰雪梅俊杰春生秀英永福国华玉兰宗德美珍启航思远子涵雨欣"
_OLDEST = date(1983, 2, 1)  # the divisions above exist since then


@dataclass(frozen=True, slots=True)
class Person:
    """A person and one document."""

    name: str
    document: str
    number: str


def person(*key: object) -> Person:
    """Make the person of this key; one in twelve shows a passport or a pass instead of a resident card."""
    dice = Dice("person", *key)
    name = dice.pick(_FAMILY) + dice.pick(_GIVEN) + (dice.pick(_GIVEN) if dice.chance(80) else "")
    born = _OLDEST + timedelta(days=dice.below(7_500))
    number = resident_number(dice.pick(DIVISIONS), born, dice.between(1, 999))
    other = dice.below(24)
    if other == 0:
        return Person(name, PASSPORT, f"E{dice.below(10**8):08d}")
    if other == 1:
        return Person(name, HONG_KONG_PERMIT, f"H{dice.below(10**8):08d}")
    return Person(name, RESIDENT_CARD, number)


def resident(*key: object) -> Person:
    """Make the person of this key with a resident card, whatever else they might have shown."""
    for attempt in range(100):
        found = person(*key, attempt)
        if found.document == RESIDENT_CARD:
            return found
    raise AssertionError("a hundred draws without one resident card")
