"""
Cases: every act opens one, and it closes only when each platform that showed the record has confirmed the effect.

Confirmed means: a receipt, and the platform's own listing where it offers one. An objection closes when it is marked
and answered. The clocks run in working days; what is due or overdue stands in the morning's report.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa

from xinyong.acts import WITHDRAWING
from xinyong.catalogue import Catalogue
from xinyong.catalogue.acts import ActKind
from xinyong.database import Fragment, run
from xinyong.errors import PlatformError, XinyongError
from xinyong.platforms import Adapter

log = logging.getLogger(__name__)

State = Literal["open", "overdue", "closed", "reversed"]
_MARKING: tuple[ActKind, ...] = ("objection", "dismissed")
ZH: dict[State, str] = {"open": "办理中", "overdue": "已逾期", "closed": "已办结", "reversed": "已撤销登记"}


class UnknownCase(XinyongError):
    """Raised when there is no act of a number."""


@dataclass(frozen=True, slots=True)
class Case:
    """
    One act with its clocks; `waiting_for` are the platforms that have not confirmed yet.

    `without_mark` are those that show the record and have no place for the mark of an objection: nothing changes there.
    An act that was taken back is closed from then on, and may never have been finished.
    """

    act_id: int
    kind: ActKind
    record_type: str
    record_id: str
    document: str | None
    party: str | None
    section: str | None
    effective_on: date
    known_on: date
    counted_from: date
    person: str
    basis: str
    document_number: str
    reason: str
    disclosure: str | None
    fields: list[str] | None
    due_on: date | None
    answer_due_on: date | None
    is_provisional: bool
    answered_by: int | None
    answered_on: date | None
    reversed_by: int | None
    reversed_on: date | None
    reversed_under: str | None
    platforms: list[str]
    waiting_for: list[str]
    finished_on: date | None
    closed_on: date | None
    without_mark: list[str]

    @property
    def next_due(self) -> date | None:
        """Return the day by which the next thing must have happened; None when nothing is left."""
        if self.closed_on:
            return None
        return self.due_on if self.waiting_for or self.kind != "objection" else self.answer_due_on

    def state(self, business_date: date) -> State:
        """Say how the case stands at the end of a date."""
        if self.reversed_by:
            return "reversed"
        if self.closed_on:
            return "closed"
        return "overdue" if self.next_due and self.next_due < business_date else "open"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """
    What one platform confirmed: the receipt's message and item, and whether its listing was asked besides.

    Where the act changed nothing, the item is older than the act: what the platform had confirmed of the record before.
    """

    platform: str
    confirmed_on: date
    number: int
    position: int
    proof: Literal["receipt", "receipt_and_listing"]
    idempotency_key: str
    told_on: date
    operation: str
    reason: str | None
    is_after: bool


@dataclass(frozen=True, slots=True)
class _Live:
    """A record type as text and the view of its live records."""

    title: Fragment
    table: str


def cases(
    connection: sa.Connection,
    catalogue: Catalogue,
    *,
    only_open: bool = True,
    act_id: int | None = None,
    record_id: str | None = None,
) -> list[Case]:
    """Return cases, the open ones first, by their deadline."""
    sought = {"act_id": act_id, "record_id": record_id, "only_open": only_open}
    rows = run(connection, "act/cases", platforms=list(catalogue.platforms), **sought).mappings()
    return [Case(**row, without_mark=_without_mark(catalogue, row)) for row in rows]


def _without_mark(catalogue: Catalogue, row: sa.RowMapping) -> list[str]:
    """Return the platforms that show nothing of an objection, for the acts that begin or end one."""
    if row["kind"] not in _MARKING:
        return []
    platforms = [catalogue.platforms[name] for name in row["platforms"]]
    return [one.name for one in platforms if not one.has_place_for_objection(row["record_type"])]


def case(connection: sa.Connection, catalogue: Catalogue, act_id: int) -> Case:
    """Return the case of one act."""
    found = cases(connection, catalogue, only_open=False, act_id=act_id)
    if not found:
        raise UnknownCase(f"There is no act {act_id}. Expected: a number that `xinyong act list --all` shows.")
    return found[0]


def confirmations(connection: sa.Connection, act_id: int) -> list[Confirmation]:
    """Return what each platform confirmed of an act."""
    return [Confirmation(**row) for row in run(connection, "act/confirmations", act_id=act_id).mappings()]


def confirm(
    connection: sa.Connection, catalogue: Catalogue, platform: str, adapter: Adapter, business_date: date
) -> list[int]:
    """Write down which acts a platform has taken by now, and return their numbers. May be repeated."""
    views = [_Live(Fragment.of(sa.literal(name)), f"{name}_current") for name in catalogue.records if name != "subject"]
    values = {"platform": platform, "business_date": business_date}
    rows = run(connection, "act/to_confirm", {"record_types": views}, **values).all()
    listings: dict[str, dict[str, str] | None] = {}
    confirmed = []
    for row in rows:
        proof = _proof(adapter, platform, listings, row)
        if proof:
            receipt = {"act_id": row.act_id, "number": row.number, "position": row.position, "proof": proof}
            run(connection, "act/confirm", **values, **receipt)
            confirmed.append(int(row.act_id))
    return confirmed


def _proof(adapter: Adapter, platform: str, listings: dict[str, dict[str, str] | None], row: Any) -> str | None:
    """Ask the platform's own listing where it has one; None while listing and receipt contradict each other."""
    try:
        if row.record_type not in listings:
            listings[row.record_type] = adapter.listing(row.record_type)
    except PlatformError as error:
        log.warning("act %s: %s gave its receipt, but its listing could not be asked: %s", row.act_id, platform, error)
        return None
    listing = listings[row.record_type]
    if listing is None:
        return "receipt"
    expected = None if row.kind in WITHDRAWING else row.shown_hash
    if listing.get(row.natural_key) != expected:
        log.warning("act %s: %s gave its receipt, but its listing still says otherwise", row.act_id, platform)
        return None
    return "receipt_and_listing"


def attention(found: Sequence[Case], business_date: date) -> list[str]:
    """Return a sentence for each case that is due on a date or overdue."""
    lines = []
    for one in found:
        due = one.next_due
        if due and due <= business_date:
            words = f"overdue since {due}" if due < business_date else f"due on {due}"
            missing = ", ".join(one.waiting_for) or ("the answer" if one.kind == "objection" else "nothing")
            lines.append(f"act {one.act_id} ({one.kind} of {one.document}): {words}; waits for {missing}")
    return lines
