"""What runs beside a correction neither disturbs it nor is disturbed by it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from deliveries import a_penalty, day, rows, take_in
from telling import answered, known_subject, taken_in, told

from xinyong import stages
from xinyong.catalogue import catalogue
from xinyong.database import connected, undisturbed
from xinyong.errors import WarehouseError, WarehouseUnavailable

FEED = "enforcement_penalty"
WITHDRAWING = {"kind": "disclosure", "feed": FEED, "disclosure": "government_only", "basis": "政府信息公开条例第十五条"}
ASKED = {"person": "林", "reason": "涉及商业秘密", "document_number": "明工信函〔2026〕1号"}
HERE = "(SELECT oid FROM pg_database WHERE datname = current_database())"  # other tests use the same server
LOCKS = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = {HERE}"
WAITING = f"SELECT wait_event FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datid = {HERE}"

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def shown():
    """Two penalties that the national node shows."""
    known_subject()
    taken_in(day(1), [a_penalty(1), a_penalty(2)])
    told("national", day(1))
    answered("national")


def plan(document):
    form = WITHDRAWING | ASKED | {"documents": [f"闽明工信罚〔2026〕{document}号"]}
    return stages.plan_correction(form, day(1)).correction


def apply(planned):
    return stages.apply_correction(planned.correction_id, planned.plan_hash, "陈", "已核对", day(1)).correction


@contextmanager
def before(piece, work):
    """Let something happen in another session, once, before a statement that holds this piece."""
    happened = []

    def listen(connection, cursor, statement, *others):
        if piece in statement and not happened:
            happened.append(True)
            with ThreadPoolExecutor(1) as beside:
                beside.submit(work).result(60)

    sa.event.listen(sa.Engine, "before_cursor_execute", listen)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", listen)
    assert happened


def waiting(most=20):
    """Wait until a session waits for a lock that another one holds; return what kinds of locks are waited for."""
    for _ in range(most * 50):
        if found := rows(WAITING):
            return found
        time.sleep(0.02)
    raise AssertionError("nobody waited")


@pytest.mark.parametrize("other", [stages.aggregate, stages.report], ids=["aggregate", "report"])
def test_who_aggregates_or_measures_waits_for_who_does(shown, other):
    from xinyong.aggregate import aggregate

    with ThreadPoolExecutor(1) as beside:
        with connected() as connection:
            aggregate(connection, catalogue(), day(1))
            following = beside.submit(other, day(1))
            assert waiting() == [("advisory",)], "and not for rows, which two may want in another order"
        assert following.exception(60) is None


def test_what_is_told_to_a_platform_meanwhile_does_not_count_as_an_effect(shown):
    taken_in(day(1), [a_penalty(1), a_penalty(2), a_penalty(3)])
    planned = plan(2)
    with before("INSERT INTO warehouse.act", lambda: told("national", day(1))):
        applied = apply(planned)
    assert applied.state == "applied"
    assert planned.effect["platforms"]["national"] == {"withdraw": 1}


def test_a_batch_and_an_aggregation_wait_until_a_correction_is_through(shown):
    with ThreadPoolExecutor(2) as beside:
        with undisturbed([FEED]) as connection:
            others = [beside.submit(take_in, FEED, day(2), [a_penalty(1), a_penalty(2), a_penalty(3)])]
            assert waiting() == [("advisory",)]
            others.append(beside.submit(stages.aggregate, day(1)))
            assert not any(one.done() for one in others)
            assert connection.scalar(sa.text("SELECT count(*) FROM warehouse.penalty")) == 2
        for one in others:
            one.result(60)


def test_who_must_wait_is_told_for_what(shown, caplog):
    with ThreadPoolExecutor(1) as beside:
        with undisturbed([FEED]):
            assert caplog.messages == []
            following = beside.submit(plan, 2)
            assert waiting() == [("advisory",)]
            (told_once,) = caplog.messages
            for work in ("another correction", f"work on {FEED}", "aggregation"):
                assert work in told_once
        assert following.result(60).state == "planned"


def test_the_locks_go_with_the_correction_whatever_became_of_it(shown):
    for problem in (None, KeyError("…")):
        try:
            with undisturbed([FEED]):
                assert rows(LOCKS) == [(3,)]
                if problem:
                    raise problem
        except KeyError as error:
            assert error is problem
        assert rows(LOCKS) == [(0,)]


def test_a_session_that_ends_within_a_correction_leaves_no_lock(shown):
    with pytest.raises(WarehouseUnavailable, match="connection"), undisturbed([FEED]) as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert rows(LOCKS) == [(0,)]
    assert apply(plan(1)).state == "applied"


def test_who_waits_for_each_other_may_try_again(shown):
    """Of two transactions that want what the other has, the server ends one, which says that trying again helps."""
    meeting, refused = threading.Barrier(2), []

    def both(first, second):
        try:
            with connected() as connection:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": first})
                meeting.wait(30)
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": second})
        except WarehouseError as error:
            refused.append(error)

    with ThreadPoolExecutor(2) as beside:
        for one in [beside.submit(both, 901, 902), beside.submit(both, 902, 901)]:
            one.result(60)
    assert [type(error) for error in refused] == [WarehouseUnavailable]
    assert "40P01" in str(refused[0])


def test_what_the_database_will_always_refuse_is_not_tried_again(shown):
    with pytest.raises(WarehouseError) as refused, connected() as connection:
        connection.execute(sa.text("INSERT INTO operation.feed SELECT * FROM operation.feed LIMIT 1"))
    assert not isinstance(refused.value, WarehouseUnavailable)


def test_corrections_are_carried_out_one_after_the_other(shown):
    planned = [plan(1), plan(2)]
    with ThreadPoolExecutor(2) as beside:
        done = [one.result(60) for one in [beside.submit(apply, each) for each in planned]]
    assert [one.state for one in done] == ["applied", "applied"]
