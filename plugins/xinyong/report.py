"""
Report: the ledger of a night, per feed and per platform, as a table, as JSON and as a page.

A night balances when every feed and every platform has its row, when each row adds up (the database refuses one
that does not), and when desired and published state are the same set for every record that a platform answered for.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import sqlalchemy as sa
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from xinyong import verification
from xinyong.cases import Case, cases
from xinyong.cases import attention as due_cases
from xinyong.catalogue import Catalogue
from xinyong.catalogue.platforms import Platform
from xinyong.database import run
from xinyong.platforms import Adapter
from xinyong.reconcile import find_delta, open_gate_of
from xinyong.restatement import Standing, standing
from xinyong.rhythm import FeedState, states

SHOWN = 5  # names in one line


@dataclass(frozen=True, slots=True)
class FeedRow:
    """What became of one feed's rows on a date; numbers are rows."""

    feed: str
    batch_id: int | None
    outcome: str
    problem: str | None
    received: int
    accepted: int
    quarantined: int
    unchanged: int
    duplicate: int
    refused: int
    ended: int
    open_quarantine: int
    unknown_columns: list[str] | None

    @property
    def balances(self) -> bool:
        """Whether every row received is explained (law 1)."""
        explained = self.accepted + self.quarantined + self.unchanged + self.duplicate + self.refused
        return self.received == explained and self.outcome != "incomplete"


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """What became of one platform's delta on a date; numbers are records."""

    platform: str
    message_count: int
    items: int
    accepted: int
    rejected: int
    open: int
    desired_count: int
    published_count: int
    standing_rejections: int
    desired_hash: str
    published_hash: str
    listing_difference: int | None
    problem: str | None
    unfit: int = 0

    @property
    def balances(self) -> bool:
        """Whether every item has a fate (law 1) and the confirmed messages give the desired state (law 4)."""
        return self.items == self.accepted + self.rejected + self.open and self.desired_hash == self.published_hash


@dataclass(frozen=True, slots=True)
class ReturnedWaiting:
    """What waits of returned lists now, whatever the date: files to be taken in, corrections to be agreed with."""

    files: tuple[str, ...] = ()
    corrections: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """One night, and what waits for somebody."""

    business_date: date
    feeds: tuple[FeedRow, ...]
    platforms: tuple[PlatformRow, ...]
    missing: tuple[str, ...]
    states: tuple[FeedState, ...] = ()
    cases: tuple[Case, ...] = ()
    restated: tuple[Standing, ...] = ()
    returned: ReturnedWaiting = ReturnedWaiting()

    @property
    def balances(self) -> bool:
        """Whether nothing is missing and every row balances."""
        rows: tuple[FeedRow | PlatformRow, ...] = (*self.feeds, *self.platforms)
        return not self.missing and all(row.balances for row in rows)

    def as_dict(self) -> dict[str, Any]:
        """Return the ledger as plain data, with what each row's balance came to."""
        return {
            "business_date": self.business_date.isoformat(),
            "balances": self.balances,
            "feeds": [asdict(row) | {"balances": row.balances} for row in self.feeds],
            "platforms": [asdict(row) | {"balances": row.balances} for row in self.platforms],
            "missing": list(self.missing),
            "states": [asdict(state) for state in self.states],
            "cases": [_case(one, self.business_date) for one in self.cases],
            "restated": [_restated(one) for one in self.restated],
            "returned": asdict(self.returned),
        }


def settle_feed(connection: sa.Connection, feed: str, business_date: date) -> str:
    """Write a feed's ledger row and return its outcome."""
    run(connection, "landing/lock_feed", feed=feed)
    run(connection, "report/settle_feed", feed=feed, business_date=business_date)
    rows = run(connection, "report/feed_ledger", business_date=business_date).mappings()
    return next(str(row["outcome"]) for row in rows if row["feed"] == feed)


def settle_platform(connection: sa.Connection, platform: Platform, adapter: Adapter, business_date: date) -> str | None:
    """
    Write a platform's ledger row: items, set hashes, its listing; renew rows of nights that had open items.

    A night that balanced and that a later one has followed keeps what was compared then; its items are counted anew.
    Returns how the platform's listing differs now, in words.
    """
    open_gate_of(connection, platform, business_date)
    found, problem = verification.drift(connection, platform, adapter)
    if found:
        problem = (
            f"{len(found)} records differ from the platform's listing: {verification.told(found)}. "
            f"`xinyong verify {platform.name}` names them"
        )
    values = {"platform": platform.name, "business_date": business_date}
    if not run(connection, "publication/keeps_ledger", **values).scalar_one():
        verification.keep(connection, platform, business_date)
        differing = None if found is None else len(found)
        run(connection, "publication/settle_platform", **values, listing_difference=differing, problem=problem)
    run(connection, "publication/renew_ledger", **values)
    run(connection, "timeliness/note_receipts", **values)
    return problem


def unexplained(connection: sa.Connection, platform: Platform, business_date: date) -> list[str]:
    """Name the records on which desired and published state differ although every item was answered (law 4)."""
    open_gate_of(connection, platform, business_date)
    find_delta(connection, platform)
    rows = run(connection, "report/unexplained_rows")
    return [f"{row.operation} {row.record_type} {row.natural_key} ({row.record_id})" for row in rows]


def ledger(connection: sa.Connection, catalogue: Catalogue, business_date: date) -> Ledger:
    """Read the ledger of a date; a feed or platform without a row is named as missing."""
    feeds = [FeedRow(**row) for row in run(connection, "report/feed_ledger", business_date=business_date).mappings()]
    rows = run(connection, "report/platform_ledger", business_date=business_date).mappings()
    platforms = [PlatformRow(**row) for row in rows]
    there = {row.feed for row in feeds} | {row.platform for row in platforms}
    missing = [name for name in (*catalogue.feeds, *catalogue.platforms) if name not in there]
    found = tuple(states(connection, business_date))
    waiting = tuple(one for one in cases(connection, catalogue) if one.known_on <= business_date)
    restated = tuple(one for one in standing(connection) if one.needs_attention and one.restated_on <= business_date)
    return Ledger(business_date, tuple(feeds), tuple(platforms), tuple(missing), found, waiting, restated)


def _restated(one: Standing) -> dict[str, Any]:
    """Say of a restatement what a program needs; what the fields say stays in the warehouse."""
    names = ("restatement_id", "correction_id", "feed", "record_id", "document", "state", "person")
    return {name: getattr(one, name) for name in names} | {
        "fields": sorted(one.fields),
        "restated_on": one.restated_on.isoformat(),
    }


def _case(one: Case, day: date) -> dict[str, Any]:
    """Say of a case what a program needs; whom it is about stays in the warehouse."""
    names = ("act_id", "kind", "record_type", "record_id", "waiting_for")
    due = one.next_due.isoformat() if one.next_due else None
    return {name: getattr(one, name) for name in names} | {"due": due, "state": one.state(day)}


def write(found: Ledger, catalogue: Catalogue, folder: Path) -> None:
    """Write the ledger as `ledger.json` and `index.html` into the folder of its date."""
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps(found.as_dict(), ensure_ascii=False, indent=2)
    (folder / "ledger.json").write_text(content + "\n", "utf-8")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("xinyong"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    page = environment.get_template("ledger.html").render(ledger=found, catalogue=catalogue, shown=SHOWN)
    (folder / "index.html").write_text(page, "utf-8")


def table(found: Ledger) -> RenderableType:
    """Draw the ledger for a terminal."""
    feeds = _table("Feeds", "feed outcome received accepted quarantined unchanged duplicate refused ended")
    for row in found.feeds:
        numbers = (row.received, row.accepted, row.quarantined, row.unchanged, row.duplicate, row.refused, row.ended)
        feeds.add_row(row.feed, _outcome(row.outcome), *map(_number, numbers), _sign(row.balances))
    platforms = _table("Platforms", "platform messages items accepted rejected open desired published standing")
    for one in found.platforms:
        items = (one.message_count, one.items, one.accepted, one.rejected, one.open)
        states = (one.desired_count, one.published_count, one.standing_rejections)
        platforms.add_row(one.platform, *map(_number, (*items, *states)), _sign(one.balances))
    return Group(feeds, platforms, *[Text(line, "yellow") for line in attention(found)])


def attention(found: Ledger) -> list[str]:
    """Return what a person should look at although the ledger may balance."""
    lines = [f"{name}: no row in the ledger of {found.business_date}; its run did not end" for name in found.missing]
    for row in found.feeds:
        if row.problem:
            lines.append(f"{row.feed}: {row.problem}")
        if row.unknown_columns:
            lines.append(f"{row.feed}: unknown columns kept in landing: {', '.join(row.unknown_columns)}")
    lines += [f"{one.feed}: {one.state}: {one.sentence}" for one in found.states if one.needs_attention]
    for one in found.platforms:
        if one.problem:
            lines.append(f"{one.platform}: {one.problem}")
        if one.unfit:
            told = (
                f"{one.platform}: {one.unfit} records are cleared and do not fit its lengths, words or required columns"
            )
            lines.append(f"{told}; `xinyong unfit {one.platform}` names them")
        if one.open:
            lines.append(f"{one.platform}: {one.open} items have no answer yet; they are asked for at the next run")
    lines += [
        f"{one.feed}: {one.document or one.record_id}: {one.sentence}"
        for one in found.restated
        if one.state == "lapsed"
    ]
    return [*lines, *due_cases(found.cases, found.business_date), *_returned(found.returned)]


def _returned(found: ReturnedWaiting) -> list[str]:
    lines = []
    if found.files:
        shown = ", ".join(found.files[:SHOWN]) + (" …" if len(found.files) > SHOWN else "")
        lines.append(f"returned lists: {len(found.files)} wait to be taken in: {shown}; trigger the DAG `returned`")
    if found.corrections:
        shown = ", ".join(map(str, found.corrections))
        lines.append(
            f"returned lists: correction {shown} waits for a second person, who answers in Required Actions; "
            "`xinyong correct show N` says what it would do"
        )
    return lines


def _table(title: str, columns: str) -> Table:
    made = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    first, *others = columns.split()
    made.add_column(first, no_wrap=True, min_width=22)
    for name in others:
        made.add_column(name, justify="left" if name == "outcome" else "right", no_wrap=True, min_width=len(name))
    made.add_column("balance")
    return made


def _number(value: int) -> str:
    return f"{value:,}" if value else "·"


def _sign(balances: bool) -> Text:
    return Text("✓", "green") if balances else Text("✗", "bold red")


def _outcome(outcome: str) -> Text:
    return Text(outcome, {"stored": "green", "unchanged": "green"}.get(outcome, "yellow"))
