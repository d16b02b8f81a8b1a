"""
Verify: is what a platform shows what it should show, and can we prove it?

Three states are laid side by side and hashed per bucket of subjects: what the gate says should be shown, what receipts
confirmed, and what all messages give when they are replayed onto nothing (law 4). A bucket that differs is drilled down
to its records. Where the platform lists what it shows, its own word is compared too, including what should not be
there. Items without an answer are left out of every comparison and counted: while there are any, not all is known to
agree. Nothing is put right by hand: a plan is written down, and applying it makes the next reconcile tell the platform.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice

import sqlalchemy as sa

from xinyong import touched
from xinyong.catalogue.platforms import Platform
from xinyong.database import Fragment, run
from xinyong.errors import PlatformError, XinyongError
from xinyong.gate import view_name
from xinyong.platforms import Adapter
from xinyong.reconcile import open_gate_of

_KEYS_AT_ONCE = 5_000
ZH = {
    "missing": "平台上没有（回执曾确认）",
    "changed": "平台上的内容被改动",
    "extra": "平台上多出（我方已撤销或未获确认）",
    "foreign": "平台上多出（非我方报送）",
    "duplicate": "平台上重复",
    "lost": "公示状态表缺少（报文回放中有）",
    "unknown": "公示状态表多出（报文回放中没有）",
    "stale": "公示状态表与报文回放不一致",
    "to_add": "待新增",
    "to_update": "待更新",
    "to_withdraw": "待撤销",
}
REPAIRABLE = ("missing", "changed", "extra", "lost", "unknown", "stale")


class RepairError(XinyongError):
    """Raised when there is nothing to plan, or no such plan to apply."""


_WORDS = {
    "desired": {"lacking": "to_add", "surplus": "to_withdraw", "other": "to_update"},
    "replayed": {"lacking": "lost", "surplus": "unknown", "other": "stale"},
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One record on which two states differ; hashes are hexadecimal, `×n` stands for a key that is listed n times."""

    record_type: str
    natural_key: str
    finding: str
    record_id: str | None
    known_hash: str | None
    shown_hash: str | None
    number: int | None
    position: int | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket of subjects, 0 to 255: how many records each state has in it, and the hash of each set."""

    bucket: int
    counts: dict[str, int]
    hashes: dict[str, str]

    def differs(self, side: str, other: str) -> bool:
        """Say whether two states are different sets in this bucket."""
        return self.hashes.get(side) != self.hashes.get(other)


@dataclass(frozen=True, slots=True)
class Verification:
    """
    What was compared and what was found; `drift` is None where the platform lists nothing or did not answer.

    What is about open items was not compared; `published_count` is all that receipts confirmed, compared or not.
    """

    platform: str
    buckets: tuple[Bucket, ...]
    untold: tuple[Finding, ...]
    untrue: tuple[Finding, ...]
    drift: tuple[Finding, ...] | None
    problem: str | None
    open_items: int
    open_messages: int
    published_count: int

    @property
    def holds(self) -> bool:
        """Whether all states agree, everything is answered, and the platform could be asked."""
        return not (self.untold or self.untrue or self.drift or self.problem or self.open_items)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that a plan may put right or hand to a person."""
        return (*self.untrue, *(self.drift or ()))


def verify(connection: sa.Connection, platform: Platform, adapter: Adapter | None, business_date: date) -> Verification:
    """
    Compare all states of a platform on a date; without an adapter, only our own.

    Where something is not told yet, the next delta looks at all records.
    """
    open_gate_of(connection, platform, business_date)
    buckets = compared(connection, platform)
    untrue = [one.bucket for one in buckets if one.differs("replayed", "published")]
    untold = [one.bucket for one in buckets if one.differs("desired", "published")]
    if untold:
        touched.doubt(connection, platform)
    found, problem = drift(connection, platform, adapter) if adapter else (None, None)
    return Verification(
        platform=platform.name,
        buckets=tuple(buckets),
        untold=tuple(_findings(connection, "desired", untold)),
        untrue=tuple(_findings(connection, "replayed", untrue)),
        drift=None if found is None else tuple(found),
        problem=problem,
        **run(connection, "publication/open_in_all", platform=platform.name).mappings().one(),
    )


def compared(connection: sa.Connection, platform: Platform) -> list[Bucket]:
    """Lay the three states side by side in the temporary table `sides` and return their hashes per bucket."""
    desired = [
        {"title": Fragment.of(sa.literal(name)), "view": view_name(platform.name, name)} for name in platform.records
    ]
    run(connection, "publication/sides_table", {"desired": desired}, platform=platform.name)
    made: dict[int, Bucket] = {}
    for row in run(connection, "publication/bucket_hashes"):
        bucket = made.setdefault(row.bucket, Bucket(row.bucket, {}, {}))
        bucket.counts[row.side], bucket.hashes[row.side] = row.record_count, row.set_hash
    return list(made.values())


def keep(connection: sa.Connection, platform: Platform, business_date: date) -> None:
    """
    Keep a night's bucket hashes; the gate is open for the platform.

    Here all are compared, whatever the delta looked at. Where something stayed untold, the next one looks at all.
    """
    buckets = compared(connection, platform)
    if any(one.differs("desired", "published") for one in buckets):
        touched.doubt(connection, platform)
    hashes = [
        {"bucket": one.bucket, "side": side, "record_count": one.counts[side], "set_hash": set_hash}
        for one in buckets
        for side, set_hash in one.hashes.items()
    ]
    named = {"platform": platform.name, "business_date": business_date}
    run(connection, "publication/forget_buckets", **named)
    run(connection, "publication/keep_buckets", **named, hashes=json.dumps(hashes))


def drift(connection: sa.Connection, platform: Platform, adapter: Adapter) -> tuple[list[Finding] | None, str | None]:
    """Compare the platform's own listing with what its receipts confirmed; None without a listing, and why."""
    listed = []
    try:
        run(connection, "publication/listing_table")
        for name in platform.records:
            shown = adapter.listing(name)
            if shown is not None:
                listed.append(name)
                _fill(connection, name, shown)
    except PlatformError as error:
        return None, str(error)
    if not listed:
        return None, None
    values = {"platform": platform.name, "record_types": listed}
    rows = run(connection, "publication/find_drift", **values).mappings()
    return [Finding(**row) for row in rows], None


def _fill(connection: sa.Connection, record_type: str, shown: dict[str, str]) -> None:
    entries = iter(shown.items())
    while part := dict(islice(entries, _KEYS_AT_ONCE)):
        text = json.dumps(part, ensure_ascii=False)
        run(connection, "publication/fill_listing", record_type=record_type, shown=text)


def _findings(connection: sa.Connection, side: str, buckets: Sequence[int]) -> Iterator[Finding]:
    """Name what differs between a side and the published state; each side has its words for it."""
    if buckets:
        values: dict[str, object] = {"side": side, "buckets": list(buckets), **_WORDS[side]}
        yield from (Finding(**row) for row in run(connection, "publication/find_differing", **values).mappings())


def told(findings: Sequence[Finding]) -> str:
    """Count findings by kind, in words for the ledger."""
    counts = Counter(one.finding for one in findings)
    return "；".join(f"{ZH[kind]} {count}" for kind, count in counts.items())


def plan(connection: sa.Connection, found: Verification, person: str, planned_on: date) -> int:
    """Write down what would put a platform right, and return the plan's number."""
    if not found.findings:
        raise RepairError(
            f"Nothing to repair at {found.platform}: what it shows is what its receipts confirmed. Expected: a finding."
        )
    findings = json.dumps([asdict(one) for one in found.findings], ensure_ascii=False)
    named = {"platform": found.platform, "person": person, "planned_on": planned_on}
    return int(run(connection, "publication/plan_repair", **named, findings=findings).scalars().first() or 0)


def apply(connection: sa.Connection, platform: Platform, number: int, person: str, applied_on: date) -> dict[str, int]:
    """Carry a plan out and return how many of its rows were applied and how many were outdated."""
    run(connection, "publication/lock_platform", platform=platform.name)
    named = {"platform": platform.name, "plan": number, "person": person, "applied_on": applied_on}
    states = Counter(run(connection, "publication/apply_repair", **named).scalars())
    if not states:
        raise RepairError(
            f"There is nothing to apply in plan {number} of {platform.name}. Found: no row that is still planned. "
            f"Expected: a plan made with `xinyong verify {platform.name} --repair`. What is for a person stays so."
        )
    return dict(states)
