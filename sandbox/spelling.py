"""Harmless variety in how people type: spellings that cleaning must undo and that break no rule."""

from __future__ import annotations

from datetime import date

from sandbox.dice import Dice
from sandbox.records import Fields

_BLANKS = (None, None, None, None, None, None, "", "无", "/", "-", "null", "　")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_DATES = ("JDRQ", "YXQ", "GSJZQ", "YXQZ", "YXQZI")
DATE_FIELDS = frozenset(f"{prefix}_{name}" for prefix in ("CF", "XK") for name in _DATES)
AMOUNT_FIELDS = frozenset({"CF_NR_FK", "CF_NR_WFFF"})


def spelled(fields: Fields, dice: Dice) -> Fields:
    """Return the record as its clerk typed it: one date style, one word for blank, now and then a slip of the hand."""
    style, blank, slip = dice.below(3), dice.pick(_BLANKS), dice.below(40)
    typed = {name: blank if value is None else value for name, value in fields.items()}
    for name in DATE_FIELDS & typed.keys():
        typed[name] = date_spelled(typed[name], style)
    name, code, number = (f"{'CF' if 'CF_WSH' in typed else 'XK'}_{part}" for part in ("XDR_MC", "XDR_SHXYM", "WSH"))
    if slip == 0:
        typed[name] = f"{typed[name]}　"
    elif slip == 1:
        typed[name] = f"  {typed[name]} "
    elif slip == 2 and typed[code]:
        typed[code] = str(typed[code]).translate(_FULL_WIDTH)
    elif slip == 3:
        typed[number] = str(typed[number]).translate(_FULL_WIDTH)
    return typed


def date_spelled(text: str | None, style: int) -> str | None:
    """Write an ISO date in one of the accepted spellings; leave everything else as it is."""
    if text is None or len(text) != 10 or text[4] != "-":
        return text
    day = date.fromisoformat(text)
    return (f"{day:%Y/%m/%d}", text, f"{day.year}.{day.month}.{day.day}")[style]
