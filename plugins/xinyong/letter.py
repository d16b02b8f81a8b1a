"""The letter to the subject of an act: what was decided, by when each platform follows, and what each confirmed."""

from __future__ import annotations

from datetime import date

import jinja2
import sqlalchemy as sa

from xinyong.acts import WITHDRAWING, read_facts
from xinyong.cases import Case, case, confirmations
from xinyong.catalogue import Catalogue
from xinyong.database import run

_WORDS = {"withdraw": "已停止公示", "add": "已恢复公示", "restore": "已恢复公示", "update": "已更新"}


def letter(connection: sa.Connection, catalogue: Catalogue, act_id: int) -> str:
    """Return the letter as one page of HTML that needs nothing else and prints on A4."""
    found = case(connection, catalogue, act_id)
    template = _environment().get_template("letter.html")
    return template.render(
        case=found,
        rule=catalogue.acts.kinds[found.kind],
        working_days=catalogue.acts.kinds[found.kind].working_days,
        confirmed=confirmations(connection, act_id),
        record_type=catalogue.records[found.record_type],
        platforms={name: platform.title.zh for name, platform in catalogue.platforms.items()},
        department=catalogue.department,
        contact=_contact(catalogue, found),
        repair_from=_repair_from(connection, catalogue, found),
        words=_WORDS,
    )


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
