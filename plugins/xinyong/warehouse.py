"""
Store what a judged batch says, as versions of records, in an order that does not depend on when it arrives.

A batch is compared with what its feed was believed to say just before it, in the order of knowledge
(`known_at`). What differs becomes a version; what a full compare shows no more gets a typed ending. When a batch
arrives late, the batches known after it are stored once more, so that history, quarantine and counts are those that
the right order would have left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.records import RecordType
from xinyong.database import Fragment, run
from xinyong.errors import BatchRefused, WarehouseError
from xinyong.landing import Batch, batch, unfold
from xinyong.staging import stage, staged_table
from xinyong.tables import field_names


@dataclass(frozen=True, slots=True)
class Link:
    """One way from a record to its subject: the name of the join, the kind of number and where it stands."""

    name: str
    kind: Fragment
    value: Fragment


@dataclass(frozen=True, slots=True)
class Step:
    """One batch being compared with the history of its feed; of all its records, or of those in table `restated`."""

    batch: Batch
    feed: Feed
    record_type: RecordType
    staged: str
    only_restated: bool = False

    def names(self, **more: Any) -> dict[str, Any]:
        """Return the identifiers that the statements of this step need."""
        return {
            "staged": self.staged,
            "landing": f"landing.{self.feed.name}",
            "history": f"warehouse.{self.record_type.name}",
            "incremental": self.feed.change == "incremental",
            "only_restated": self.only_restated,
            "told": self.feed.source_at,
            "fields": field_names(self.record_type),
            **more,
        }


Rejudge = Callable[[Step], None]
_FIRST = datetime(1, 1, 1, tzinfo=UTC)  # before every batch


def store_batch(connection: sa.Connection, catalogue: Catalogue, batch_id: int) -> None:
    """Store a checked batch; one that is stored already, or was retracted, stays as it is."""
    found = batch(connection, batch_id)
    run(connection, "warehouse/lock", feed=found.feed)
    found = batch(connection, batch_id)
    if found.state in ("stored", "retracted"):
        return
    if found.state != "checked":
        raise WarehouseError(
            f"Batch {batch_id} of {found.feed} cannot be stored. Found: state `{found.state}`. Expected: `checked`. "
            "Run its check first; clear that task in Airflow."
        )
    feed = catalogue.feeds[found.feed]
    step = Step(found, feed, catalogue.records[feed.record_type], staged_table(feed))
    if not run(connection, "warehouse/is_staged", step.names(), batch_id=batch_id).scalar_one():
        stage(connection, feed, step.record_type, batch_id, found.known_at)
    later = run(connection, "warehouse/later_batches", feed=feed.name, known_at=found.known_at).scalars().all()
    run(connection, "warehouse/touched_table")
    _store(connection, catalogue, step, is_late=bool(later))
    for following in later:
        _store_again(connection, catalogue, following)
    _finish(connection, step)
    run(connection, "landing/set_state", batch_id=batch_id, state="stored")


def store_again(
    connection: sa.Connection, catalogue: Catalogue, feed: Feed, since: datetime, rejudge: Rejudge | None = None
) -> list[int]:
    """Store every batch of a feed known at `since` or later once more, in order; `rejudge` may judge each before."""
    run(connection, "warehouse/lock", feed=feed.name)
    batches = list(run(connection, "warehouse/batches_since", feed=feed.name, since=since).scalars())
    run(connection, "warehouse/touched_table")
    for batch_id in batches:
        _store_again(connection, catalogue, batch_id, rejudge)
    if batches:
        found = batch(connection, batches[-1])
        _finish(connection, Step(found, feed, catalogue.records[feed.record_type], staged_table(feed)))
    return batches


def restate(connection: sa.Connection, catalogue: Catalogue, feed: Feed, record_ids: Sequence[str]) -> None:
    """
    Write the history of some records of a feed anew from its landing; nothing of other records is touched.

    Every stored batch of the feed is read again with the verdicts it was given, for these records only. The bounds
    on deletions are not asked: each batch as a whole has passed them. Repeating it changes nothing.
    """
    names = {"history": f"warehouse.{feed.record_type}"}
    run(connection, "warehouse/lock", feed=feed.name)
    run(connection, "warehouse/touched_table")
    run(connection, "warehouse/restated_table", record_ids=list(record_ids))
    run(connection, "warehouse/touch_restated")
    run(connection, "warehouse/remember_restated", names, feed=feed.name)
    run(connection, "warehouse/forget_restated", names, feed=feed.name)
    for batch_id in run(connection, "warehouse/batches_since", feed=feed.name, since=_FIRST).scalars().all():
        found = batch(connection, batch_id)
        again = f"quality.again_{feed.name}"
        step = Step(found, feed, catalogue.records[feed.record_type], again, only_restated=True)
        stage(connection, feed, step.record_type, batch_id, found.known_at, again)
        _compare(connection, step)
        _write(connection, step)
        run(connection, "quality/drop_staged", {"staged": again})
    run(connection, "warehouse/restate_validity", names, feed=feed.name)
    run(connection, "warehouse/recount_restated", names, feed=feed.name)


def _finish(connection: sa.Connection, step: Step) -> None:
    """State anew from when to when the touched versions are valid."""
    run(connection, "warehouse/analyze_touched")
    run(connection, "warehouse/restate_validity", step.names(), feed=step.feed.name)
    asked = {"history": f"warehouse.{step.record_type.name}", "batch_id": step.batch.batch_id}
    if run(connection, "warehouse/has_grown", **asked).scalar_one_or_none():
        run(connection, "warehouse/analyze_history", step.names())


def _store(
    connection: sa.Connection, catalogue: Catalogue, step: Step, is_late: bool, rejudge: Rejudge | None = None
) -> None:
    """
    Compare a batch with what was believed before it, and write what it says: versions, quarantine, counts.

    When it holds deletions back and a later date had delivered the same, that date confirms them.
    """
    held = _compare(connection, step)
    _write(connection, step)
    run(connection, "warehouse/touch", with_first=is_late)
    _quarantine(connection, step)
    _count(connection, step, held)
    if held:
        date, known_at = step.batch.business_date, step.batch.known_at
        if (confirming := unfold(connection, step.feed, step.record_type, date, known_at)) is not None:
            _store_again(connection, catalogue, confirming, rejudge)
            run(connection, "landing/set_state", batch_id=confirming, state="stored")


def _store_again(
    connection: sa.Connection, catalogue: Catalogue, batch_id: int, rejudge: Rejudge | None = None
) -> None:
    """Take back what a batch had said and store it once more: an earlier one has come, or it is judged otherwise."""
    found = batch(connection, batch_id)
    feed = catalogue.feeds[found.feed]
    record_type = catalogue.records[feed.record_type]
    again = Step(found, feed, record_type, f"quality.again_{feed.name}")
    stage(connection, feed, record_type, batch_id, found.known_at, again.staged)
    if rejudge:
        rejudge(again)
    run(connection, "warehouse/touch_versions", again.names(), batch_id=batch_id)
    run(connection, "warehouse/remove_versions", again.names(), batch_id=batch_id)
    run(connection, "warehouse/forget_successors", batch_id=batch_id)
    _store(connection, catalogue, again, is_late=True, rejudge=rejudge)
    run(connection, "quality/drop_staged", {"staged": again.staged})


def _compare(connection: sa.Connection, step: Step) -> int:
    """Find the news and the missing records of a batch; return how many deletions are held back."""
    known = {"feed": step.feed.name, "known_at": step.batch.known_at}
    run(connection, "warehouse/drop_working_tables")
    run(connection, "warehouse/set_aside", {"staged": step.staged}, batch_id=step.batch.batch_id)
    run(connection, "warehouse/observe", step.names())
    run(connection, "warehouse/analyze_observed")
    run(connection, "warehouse/believe", step.names(), **known)
    run(
        connection,
        "warehouse/find_news_by_time" if step.feed.source_at else "warehouse/find_news",
        step.names(),
        **known,
        batch_id=step.batch.batch_id,
    )
    if step.feed.change == "incremental":
        run(
            connection,
            "warehouse/find_renumbered" if step.feed.source_id else "warehouse/nothing_missing",
            step.names(),
            **known,
        )
        return 0
    missing = step.names(says_ended=_says_ended(step.feed))
    run(connection, "warehouse/find_missing", missing, ending=step.feed.deletion)
    if step.feed.source_id:
        run(connection, "warehouse/find_successors", step.names())
    return _bounded(connection, step)


def _says_ended(feed: Feed) -> Fragment:
    """Tell a row by which a register says itself that its record has ended."""
    told = [sa.literal_column(f"staged.{code.lower()}", sa.Text()) == value for code, value in feed.ended.items()]
    return Fragment.of(sa.or_(sa.false(), *told))


def _bounded(connection: sa.Connection, step: Step) -> int:
    """Refuse more deletions than the feed admits; hold them back while a row has lost its key."""
    known = {"feed": step.feed.name, "known_at": step.batch.known_at}
    counted = run(connection, "warehouse/count_missing", step.names(), **known).one()
    percent = 100.0 * counted.missing / counted.live if counted.live else 0.0
    if not step.only_restated and percent > step.feed.bounds.max_deletions_percent:
        raise BatchRefused(
            f"Batch {step.batch.batch_id} of {step.feed.name} ({step.batch.origin}) would end {counted.missing} of "
            f"{counted.live} records ({percent:.1f} %). Expected: at most {step.feed.bounds.max_deletions_percent:g} % "
            f"({step.feed.bounds.reason}). Nothing is withdrawn. Ask section `{step.feed.section}`; if it is right, "
            f"raise bounds.max_deletions_percent in catalogue/feeds/{step.feed.name}.yml and clear the task."
        )
    if counted.missing and counted.unreadable:
        run(connection, "warehouse/hold_deletions")
        return int(counted.missing)
    return 0


def _write(connection: sa.Connection, step: Step) -> None:
    """Append news and endings to the history."""
    known_at = step.batch.known_at
    reason = f"no longer delivered by {step.feed.name} on {step.batch.business_date}"
    links, subject_id = subject_links(step.record_type, "staged")
    names = step.names(links=links, subject_id=subject_id)
    run(connection, "warehouse/insert_versions", names, feed=step.feed.name, known_at=known_at)
    values = {"batch_id": step.batch.batch_id, "known_at": known_at, "reason": reason}
    run(connection, "warehouse/insert_endings", names, **values, basis=step.feed.deletion_basis)
    linked = {"batch_id": step.batch.batch_id, "record_type": step.record_type.name}
    run(connection, "warehouse/link_successors", **linked)


def _quarantine(connection: sa.Connection, step: Step) -> None:
    """Open entries for the rows set aside; close those that were last seen before this batch."""
    document, party = (_staged(code) for code in (step.record_type.document, step.record_type.party.name))
    own = {"feed": step.feed.name, "batch_id": step.batch.batch_id}
    known, dated = {"known_at": step.batch.known_at}, {"business_date": step.batch.business_date}
    owner = {"record_type": step.record_type.name, "section": step.feed.section}
    run(connection, "quarantine/forget_batch", batch_id=step.batch.batch_id)
    run(connection, "warehouse/see_set_aside", {"staged": step.staged}, **own)
    run(connection, "warehouse/open_quarantine", step.names(document=document, party=party), **own, **dated, **owner)
    run(connection, "warehouse/end_sightings", **own, **known, is_full=step.feed.change == "full")
    run(connection, "warehouse/close_quarantine", batch_id=step.batch.batch_id, **known, **dated)
    run(connection, "quarantine/apply_waivers", feed=step.feed.name)


def _count(connection: sa.Connection, step: Step, held: int) -> None:
    values = {"batch_id": step.batch.batch_id, "deletions_held": held}
    counted = run(connection, "warehouse/count_store", step.names(), **values).mappings().one()
    explained = sum(counted[name] for name in ("accepted", "quarantined", "unchanged", "duplicate"))
    if counted["received"] != explained:
        raise WarehouseError(
            f"Batch {step.batch.batch_id} of {step.feed.name} does not balance: received {counted['received']}, "
            f"explained {explained} ({dict(counted)}). Nothing of it is stored; `quality.staged_{step.feed.name}` "
            "holds its rows. This is a fault of the pipeline: please report it."
        )
    run(connection, "warehouse/write_store_result", batch_id=step.batch.batch_id, **counted)


def _staged(code: str) -> Fragment:
    return Fragment.of(sa.literal_column(f"staged.{code.lower()}"))


def subject_links(record_type: RecordType, alias: str) -> tuple[list[Link], Fragment]:
    """Return how a record finds its subject: by unified code, old number, organisation code, or its own identity."""
    party = record_type.party
    numbers = {
        "uscc": party.uscc,
        "registration_number": party.registration_number,
        "organisation_code": party.organisation_code,
    }
    if record_type.name == "subject":
        return [], Fragment.of(sa.literal_column(f"{alias}.record_id" if alias != "staged" else "news.record_id"))
    links = [
        Link(f"by_{kind}", Fragment.of(sa.literal(kind)), Fragment.of(sa.literal_column(f"{alias}.{code.lower()}")))
        for kind, code in numbers.items()
        if code
    ]
    candidates: list[sa.ColumnElement[Any]] = [sa.literal_column(f"{link.name}.subject_id") for link in links]
    if party.identity and party.kind:
        candidates.append(_person(alias, party.kind.lower(), party.identity.lower()))
    return links, Fragment.of(sa.func.coalesce(*candidates, sa.cast(sa.null(), sa.UUID())))


def _person(alias: str, kind: str, identity: str) -> sa.ColumnElement[Any]:
    """Make a natural person's subject id from the keyed hash of the identity number."""
    digest = sa.func.encode(sa.func.substr(sa.literal_column(f"{alias}.{identity}_hash"), 1, 16), "hex")
    return sa.case((sa.literal_column(f"{alias}.{kind}") == "自然人", sa.cast(digest, sa.UUID())))
