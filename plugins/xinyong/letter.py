"""The letter to the subject of an act: what was decided, by when each platform follows, and what each confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import jinja2
import sqlalchemy as sa

from xinyong.acts import WITHDRAWING, ActError, read_facts
from xinyong.cases import Case, Confirmation, case, confirmations
from xinyong.catalogue import Catalogue
from xinyong.catalogue.acts import ActKind
from xinyong.database import run

_WORDS = {"withdraw": "已停止公示", "add": "已公示", "restore": "已恢复公示"}
_NO_MARK = "该平台无异议标注位置，公示内容不受影响"
_UPDATED: dict[ActKind, str] = {"objection": "已标注异议", "dismissed": "已撤除异议标注", "correction": "已更正"}


@dataclass(frozen=True, slots=True)
class _Line:
    """What one platform did, when it confirmed that, and the proof."""

    platform: str
    became: str
    confirmed: str
    proof: str


def letter(connection: sa.Connection, catalogue: Catalogue, act_id: int, day: date | None = None) -> str:
    """Return the letter as one page of HTML that needs nothing else and prints on A4; `day` is the day it is signed."""
    found = case(connection, catalogue, act_id)
    confirmed = confirmations(connection, act_id)
    template = _environment().get_template("letter.html")
    return template.render(
        case=found,
        rule=catalogue.acts.kinds[found.kind],
        working_days=catalogue.acts.kinds[found.kind].working_days,
        lines=list(_lines(catalogue, found, confirmed)),
        signed_on=_signed_on(found, confirmed, day),
        record_type=catalogue.records[found.record_type],
        department=catalogue.department,
        contact=_contact(catalogue, found),
        repair_from=_repair_from(connection, catalogue, found),
    )


def _lines(catalogue: Catalogue, found: Case, confirmed: Sequence[Confirmation]) -> Iterator[_Line]:
    """Say what became of the record on every platform that showed it."""
    for one in confirmed:
        listed = "，并已核对平台清单" if one.proof == "receipt_and_listing" else ""
        became = _became(found, one)
        told = one.is_after and became != _NO_MARK
        receipt = f"第{one.number}号报文第{one.position}条" if told else "无须报送"
        yield _Line(catalogue.platforms[one.platform].title.zh, became, _zh(one.confirmed_on), receipt + listed)
    for name in found.waiting_for:
        title = catalogue.platforms[name].title.zh
        if found.reversed_by:
            yield _Line(title, "已撤销登记，不再办理", "—", "—")
        else:
            yield _Line(title, _NO_MARK if name in found.without_mark else "处理中", "—", "待平台确认")


def _became(found: Case, one: Confirmation) -> str:
    """Say what a platform did; what it had confirmed before the act is no effect of the act."""
    if one.is_after and one.operation != "update":
        return _WORDS[one.operation]
    if one.platform in found.without_mark:
        return _NO_MARK
    if one.is_after:
        return _UPDATED.get(found.kind, "已更新")
    return "此前已停止公示（经核对）" if one.operation == "withdraw" else "该平台公示内容不受影响（经核对）"


def _signed_on(found: Case, confirmed: Sequence[Confirmation], day: date | None) -> date:
    """Return the day of the letter: never before anything that it tells of."""
    told = [found.answered_on, found.closed_on, found.reversed_on, *(one.confirmed_on for one in confirmed)]
    latest = max([found.known_on, *filter(None, told)])
    if day and day < latest:
        raise ActError(
            f"The letter of act {found.act_id} cannot be dated {day}. Found: it tells of {latest}. Expected: that day "
            "or a later one. Leave the date out, or give a later one."
        )
    return day or latest


def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("xinyong"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    made.filters["zh"] = _zh
    return made


def _zh(day: date | None) -> str:
    """Write a day as a letter does."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "待定"


def _contact(catalogue: Catalogue, found: Case) -> dict[str, str]:
    """Return whom to call: the section that owns the record, or the department."""
    section = catalogue.department.sections.get(found.section or "")
    if section is None:
        section = next(iter(catalogue.department.sections.values()))
    return {"title": section.title.zh, "telephone": section.contact}


def _repair_from(connection: sa.Connection, catalogue: Catalogue, found: Case) -> date | None:
    """Return from when repair may be applied for, where the record stays in publicity."""
    if found.kind in WITHDRAWING:
        return None
    run(connection, "publication/set_logical_date", logical_date=found.known_on.isoformat())
    return read_facts(connection, catalogue.records[found.record_type], found.record_id).repair_from
