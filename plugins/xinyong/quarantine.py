"""
Quarantine: what is set aside, and what a person may decide about it.

*Waived* means: this content stays out, and nobody has to repair it (a test row, a case handed to another bureau). The
entry leaves the rectification list and comes back when the same content breaks a rule that was not waived.

*Released* means: this content is right although it breaks a rule, and a person answers for that. It enters like any
other row, from the batch that last showed it on: the verdict stays in `quality.violation`, the decision stands beside
it (law 9: it was checked, and its failing is known). A release covers one content and the rules broken when it was
given; another content of the record, or another broken rule, is set aside again.

Both are kept in `quality.decision` and consulted whenever a batch is stored, so that they hold on later nights, and
so that the same batches and decisions in any order lead to the same warehouse (law 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import sqlalchemy as sa

from xinyong import free_text
from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.database import run
from xinyong.errors import XinyongError
from xinyong.warehouse import store_again

Act = Literal["waived", "released"]
STATES = ("open", "fixed_at_source", "waived", "released")
ZH = {"open": "待整改", "fixed_at_source": "来源已更正", "waived": "免予整改", "released": "放行入库"}


class DecisionError(XinyongError):
    """Raised when a decision names no entry, several, or one that cannot be decided so."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One quarantine entry; `number` names it, `age_days` counts to its closing or to the date asked for."""

    number: str
    feed: str
    record_type: str
    section: str
    record_id: str
    source_id: str | None
    document: str | None
    party: str | None
    rule_codes: list[str]
    sentences: list[str]
    state: str
    opened_on: date
    age_days: int
    batch_id: int
    row_number: int
    closed_on: date | None
    closed_by_batch_id: int | None
    person: str | None
    reason: str | None


def entries(
    connection: sa.Connection,
    business_date: date,
    section: str | None = None,
    state: str | None = "open",
    sought: str | None = None,
) -> list[Entry]:
    """Return the entries of a section and state, the oldest first."""
    values = {"section": section, "state": state, "sought": sought, "business_date": business_date}
    return [Entry(**row) for row in run(connection, "quarantine/entries", **values).mappings()]


def decide(
    connection: sa.Connection, catalogue: Catalogue, act: Act, sought: str, person: str, reason: str, decided_on: date
) -> Entry:
    """Waive or release the one entry that `sought` names, and return it as it stands afterwards."""
    if not person.strip() or not reason.strip():
        raise DecisionError(f"A record is {act} by a person for a reason. Found: one of them is blank. Give both.")
    free_text.check(connection, f"{act} {sought}", {"person": person, "reason": reason}, DecisionError)
    entry = _one(connection, sought, decided_on)
    named = {"feed": entry.feed, "record_id": entry.record_id, "number": entry.number}
    told = {"person": person.strip(), "reason": reason.strip(), "decided_on": decided_on}
    since = run(connection, "quarantine/decide", **named, **told, act=act).scalar_one()
    if act == "waived":
        run(connection, "quarantine/apply_waivers", feed=entry.feed)
    else:
        store_again(connection, catalogue, catalogue.feeds[entry.feed], since)
    after = entries(connection, decided_on, state=None, sought=entry.number)
    decided = next(one for one in after if (one.feed, one.record_id) == (entry.feed, entry.record_id))
    if decided.state != act:
        raise DecisionError(
            f"Entry {entry.number} cannot be {act}. Found: it still stands as `{decided.state}`, because its key "
            f"({', '.join(catalogue.records[entry.record_type].business_key)}) is incomplete. Expected: a record that "
            "can be told from others. Have it corrected at the source. Nothing has changed."
        )
    return decided


def set_back(connection: sa.Connection, feed: Feed, since: datetime) -> None:
    """Set a feed's entries back to what its batches before a moment said; who calls stores those since then again."""
    for statement in ("forget_entries", "forget_sightings"):
        run(connection, f"quarantine/{statement}", feed=feed.name, since=since)


def _one(connection: sa.Connection, sought: str, day: date) -> Entry:
    found = [one for one in entries(connection, day, state=None, sought=sought.strip()) if one.state in _UNDECIDED]
    if len(found) == 1:
        return found[0]
    names = "; ".join(f"{one.number} ({one.feed}, {one.document or 'no document number'})" for one in found)
    raise DecisionError(
        f"`{sought}` names {len(found)} entries{f': {names}' if names else ' that are open or waived'}. Expected: one. "
        "Give the number that `xinyong quarantine list` shows."
    )


_UNDECIDED = ("open", "waived")
