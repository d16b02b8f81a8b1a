"""
Take a returned rectification list in: every corrected cell is landed with the file it came from, judged by the same
suite as a delivery, and stands where the record passes.

Nothing is corrected on trust. The corrections of a record are tried first: put into the row as it was received, and
judged. What passes becomes a correction of kind `restate` (planned, applied, may be rolled back): it closes the
quarantine entry, holds on later nights while the business system still delivers the wrong content, and lapses when it
delivers another one. What still fails is told with its sentences and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from xinyong import correction, restatement
from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.correction import Asked, Correction, CorrectionError
from xinyong.database import run
from xinyong.quality import judge
from xinyong.restatement import Restatement, RestatementError, Wanted
from xinyong.returned_list import Filled, ReturnedList
from xinyong.sealing import sealer
from xinyong.staging import stage

ZH = {"taken": "已采纳", "reminded": "已采纳，有提醒", "waiting": "待批准", "failed": "仍未通过", "refused": "不能采纳"}
_CLOSED = {
    "fixed_at_source": "业务系统已于{day}报送新内容，这条问题已销项。请用最新清单。",
    "released": "这条记录已放行入库，不需要更正。",
    "waived": "这条记录已免予整改，不再接收更正。",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One filled line and what became of it, with sentences for the clerk."""

    filled: Filled
    outcome: str
    sentences: tuple[str, ...]
    correction_id: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """
    What became of a returned list, by whom and on which day it was taken in.

    `is_new` is False when the same file had been taken in before; `waiting` holds number and plan hash of each
    correction that a second person has to agree with.
    """

    section: str
    lines: tuple[Line, ...]
    is_new: bool
    person: str
    received_on: date
    waiting: tuple[tuple[int, str], ...] = ()

    def count(self, *outcomes: str) -> int:
        """Count the lines with these outcomes."""
        return sum(line.outcome in outcomes for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Errand:
    """One returned list being taken in."""

    connection: sa.Connection
    catalogue: Catalogue
    returned: ReturnedList
    person: str
    day: date
    docs_dir: Path

    @property
    def reason(self) -> str:
        return f"整改清单 {self.returned.name}（{self.returned.list_date}）"


@dataclass(frozen=True, slots=True)
class _Tried:
    """The corrections of one record: its lines, its entry (and the batch that last showed it), what the rules say."""

    filled: tuple[Filled, ...]
    entry: Any
    wanted: Restatement
    hindering: tuple[str, ...] = ()
    reminding: tuple[str, ...] = ()


def take_in(
    connection: sa.Connection, catalogue: Catalogue, returned: ReturnedList, person: str, day: date, docs_dir: Path
) -> Taken:
    """Take a returned list in, in the connection's transaction; the same file again only says what became of it."""
    if not person.strip():
        raise RestatementError("A returned list has a person who answers for it. Found: none. Give --person.")
    run(connection, "correction/lock")  # two who take the same file in come one after the other
    if known := run(connection, "rectification/lines", checksum=returned.checksum).all():
        return _known(returned, known)
    errand = _Errand(connection, catalogue, returned, person.strip(), day, docs_dir)
    lines = [Line(one, "refused", (one.problem,)) for one in returned.filled if one.problem]
    waiting: list[tuple[int, str]] = []
    for feed in catalogue.feeds.values():
        if wanted := [one for one in returned.filled if one.feed == feed.name and not one.problem]:
            lines += _of_feed(errand, feed, wanted, waiting)
    lines.sort(key=lambda line: line.filled.row)
    _land(errand, lines)
    return Taken(returned.section, tuple(lines), True, errand.person, day, tuple(waiting))


def _known(returned: ReturnedList, rows: Sequence[Any]) -> Taken:
    """Say of a list that was taken in before what has become of it by now."""
    still = {row.correction_id: row.plan_hash for row in rows if row.outcome == "waiting" and row.state == "planned"}
    by, received_on = rows[0].person, rows[0].received_on
    return Taken(returned.section, tuple(map(_known_line, rows)), False, by, received_on, tuple(still.items()))


def _known_line(row: Any) -> Line:
    filled = Filled(row.row_number, None, None, row.field, row.document, row.received, row.corrected, None)
    outcome, sentences = row.outcome, tuple(row.sentences)
    if row.state == "rolled_back":
        outcome = "refused"
        sentences = (f"更正 {row.correction_id} 已于{row.rolled_back_on}由{row.rolled_back_by}撤回。",)
    elif row.outcome == "waiting" and row.state == "applied":
        reminders = sentences[1:]  # the first one said that it waits
        outcome = "reminded" if reminders else "taken"
        sentences = (f"更正 {row.correction_id} 已于{row.applied_on}由{row.applied_by}批准。", *reminders)
    return Line(filled, outcome, sentences, row.correction_id)


def any_taken(connection: sa.Connection, day: date) -> bool:
    """Say whether lists that came back on a day let records into the warehouse."""
    return bool(run(connection, "rectification/any_taken", day=day).scalar_one())


def waiting(connection: sa.Connection) -> list[Correction]:
    """Return the corrections of returned lists that a second person has not agreed with yet, the oldest first."""
    return [correction.load(connection, number) for number in run(connection, "rectification/waiting").scalars()]


def _of_feed(errand: _Errand, feed: Feed, wanted: Sequence[Filled], waiting: list[tuple[int, str]]) -> list[Line]:
    """Try the corrections of one feed and apply those whose records pass."""
    numbers = sorted({one.number for one in wanted if one.number})
    found = run(errand.connection, "rectification/entries", feed=feed.name, numbers=numbers)
    entries = {row.number: row for row in found}
    lines: list[Line] = []
    tried: list[_Tried] = []
    for number in numbers:
        filled = tuple(one for one in wanted if one.number == number)
        resolved = _resolved(errand, feed, entries.get(number), filled)
        if isinstance(resolved, str):
            lines += [Line(one, "refused", (resolved,)) for one in filled]
        else:
            tried.append(_Tried(filled, entries[number], resolved))
    judged = _trial(errand, feed, tried) if tried else []
    lines += [Line(one, "failed", each.hindering + each.reminding) for each in judged if each.hindering
              for one in each.filled]  # fmt: skip
    return lines + _apply(errand, feed, [each for each in judged if not each.hindering], waiting)


def _resolved(errand: _Errand, feed: Feed, entry: Any, filled: Sequence[Filled]) -> Restatement | str:
    """Find the content that a record's lines are about, or say why they cannot be taken."""
    if entry is None:
        return "隔离区里没有这条记录。请用最新清单。"
    if entry.state != "open":
        return _CLOSED[entry.state].format(day=entry.closed_on or "")
    if unfit := _unfit(errand, feed, entry, filled):
        return unfit
    cells = [Wanted(one.number or "", one.field or "", one.corrected, None, f"第{one.row}行") for one in filled]
    try:
        (found,) = restatement.resolve(errand.connection, errand.catalogue, feed, cells)
    except RestatementError as error:
        return error.zh or str(error)
    return found


def _unfit(errand: _Errand, feed: Feed, entry: Any, filled: Sequence[Filled]) -> str | None:
    """Say what a clerk should read in Chinese before anything is looked up."""
    record_type = errand.catalogue.records[feed.record_type]
    values: dict[str | None, str | None] = {}
    for one in filled:
        field = record_type.fields.get(one.field or "")
        if field is None:
            return f"类别“{record_type.title.zh}”已没有栏目 {one.field}。请用最新清单。"
        if field.type == "identity":
            return f"{field.title}属于个人证件信息，只能在业务系统中更正。"
        if one.field in record_type.business_key and entry.has_key:
            return f"{field.title}是记录的主键，改了就是另一条记录，只能在业务系统中更正。"
        if values.setdefault(one.field, one.corrected) != one.corrected:
            return f"{field.title}在清单里填写了两个不同的更正值。"
    return None


def _trial(errand: _Errand, feed: Feed, tried: Sequence[_Tried]) -> list[_Tried]:
    """Judge records as they would be, and forget that again."""
    connection = errand.connection
    attempt = connection.begin_nested()
    try:
        wanted = [one.wanted for one in tried]
        ids = restatement.record(connection, feed, wanted, errand.person, errand.reason, errand.day)
        batches = {one.entry.batch_id: one.entry for one in tried}
        found = [row for batch in batches.values() for row in _judged(errand, feed, batch, ids)]
    finally:
        attempt.rollback()
    return [_said(one, [row for row in found if row.restatement_id == at]) for one, at in zip(tried, ids, strict=True)]


def _judged(errand: _Errand, feed: Feed, batch: Any, ids: list[int]) -> Sequence[Any]:
    """Judge what restatements make of one batch: these rows, and others under the same keys."""
    connection, table = errand.connection, f"quality.precheck_{feed.name}"
    record_type = errand.catalogue.records[feed.record_type]
    values = {"batch_id": batch.batch_id, "restatements": ids}
    stage(connection, feed, record_type, batch.batch_id, batch.known_at, table)
    run(connection, "rectification/keep_restated", {"staged": table}, **values)
    judge(connection, feed, record_type, batch.batch_id, batch.business_date, table)
    return run(connection, "rectification/findings", {"staged": table}, **values).all()


def _said(one: _Tried, found: Sequence[Any]) -> _Tried:
    """Give a record the sentences that hinder it and those that only remind."""
    if not found:
        return replace(one, hindering=(_CLOSED["fixed_at_source"].format(day=""),))
    told = {
        severity: tuple(f"{row.says}（{row.rule_code}）" for row in found if row.severity == severity)
        for severity in ("critical", "warning")
    }
    return replace(one, hindering=told["critical"], reminding=told["warning"])


def _apply(errand: _Errand, feed: Feed, passing: Sequence[_Tried], waiting: list[tuple[int, str]]) -> list[Line]:
    """Plan and apply one correction for all records of a feed that pass; a large one waits for a second person."""
    if not passing:
        return []
    restatements = [one.wanted.as_dict() for one in passing]
    parameters = {"restatements": restatements, "origin": errand.returned.name}
    asked = Asked("restate", feed.name, parameters, errand.person, errand.reason)
    try:
        made = correction.plan(errand.connection, errand.catalogue, asked, errand.day).correction
    except CorrectionError as error:
        return [Line(line, "refused", (error.zh or str(error),)) for one in passing for line in one.filled]
    number = made.correction_id
    if made.needs_approval:
        waiting.append((number, made.plan_hash))
        told = (f"更正 {number} 涉及记录较多，须由第二人批准。",)
        return [Line(line, "waiting", told + one.reminding, number) for one in passing for line in one.filled]
    acted = (number, made.plan_hash, errand.person, errand.reason, errand.day, errand.docs_dir)
    correction.apply(errand.connection, errand.catalogue, *acted)
    return [
        Line(line, "reminded" if one.reminding else "taken", one.reminding, number)
        for one in passing
        for line in one.filled
    ]


def _land(errand: _Errand, lines: Iterable[Line]) -> None:
    """Keep the list as it came back; identity numbers in what was typed are sealed like everywhere."""
    returned, hide = errand.returned, sealer().hide
    about = {"origin": returned.name, "section": returned.section, "list_date": returned.list_date}
    received = {"received_on": errand.day, "person": errand.person, "checksum": returned.checksum}
    number = run(errand.connection, "rectification/land", **about, **received).scalar_one()
    for line in lines:
        one = line.filled
        texts = {name: getattr(one, name) for name in ("document", "received", "corrected", "note")}
        hidden = {name: hide(text) if text else text for name, text in texts.items()}
        keys = {"row_number": one.row, "feed": one.feed, "number": one.number, "field": one.field}
        became = {"outcome": line.outcome, "sentences": list(line.sentences), "correction_id": line.correction_id}
        run(errand.connection, "rectification/land_line", rectification_id=number, **keys, **hidden, **became)
