"""The laws of the design that no single stage keeps by itself, each with a test that fails when it breaks."""

from __future__ import annotations

from contextlib import contextmanager

import psycopg2
import pytest
import sqlalchemy as sa
from deliveries import (
    a_penalty,
    changed,
    day,
    forget_everything,
    hashes,
    judged,
    landed,
    rows,
    stored,
    take_in,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proofs import as_proofs
from telling import answered, key_of, known_subject, platform_row, published_night, taken_in, told

from tests.conftest import fresh_database
from xinyong import stages
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.errors import WarehouseError
from xinyong.reconcile import open_gate

FEED = "enforcement_penalty"
EVERY = [9, *as_proofs(4)]  # a backend dies before so many statements more of each step


@contextmanager
def backend_dying_before(number):
    """Let PostgreSQL end the connection right before the n-th statement from now."""
    counted = 0

    def terminate(connection, cursor, statement, *others):
        nonlocal counted
        counted += connection.dialect.name == "postgresql"  # the portal keeps its own books in SQLite
        if counted == number and connection.dialect.name == "postgresql":
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    sa.event.listen(sa.Engine, "before_cursor_execute", terminate)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", terminate)


def killed_all_over(step, every):
    """Run a step, killed at one statement after the other, until it comes through; return its result and the kills."""
    kills = 0
    while True:
        try:
            with backend_dying_before(1 + kills * every):
                return step(), kills
        except (WarehouseError, sa.exc.DBAPIError, psycopg2.Error):
            kills += 1


NIGHTS = {
    1: [a_penalty(1), a_penalty(2), a_penalty(3), a_penalty(9, cf_sy=None)],
    2: [a_penalty(1, cf_sy="更正"), a_penalty(2), a_penalty(4), a_penalty(4), a_penalty(9)],
}


def two_nights(run):
    """Bring two nights through every stage; `run` runs each step."""
    declared = changed(FEED, bounds=catalogue().feeds[FEED].bounds.model_copy(update={"max_deletions_percent": 50}))
    for number, delivered in NIGHTS.items():
        when = day(number)
        batch_id = run(lambda when=when, delivered=delivered: landed(FEED, when, delivered))
        run(lambda batch_id=batch_id: judged(batch_id))
        run(lambda batch_id=batch_id: stored(batch_id, declared))
        run(lambda when=when: stages.settle(FEED, when))
        run(lambda when=when: stages.aggregate(when))
        for message in run(lambda when=when: stages.reconcile("portal", when)):
            run(lambda message=message: stages.send("portal", message))
            run(lambda message=message: stages.collect("portal", message))
        run(lambda when=when: stages.settle_platform("portal", when))


def left_behind():
    """Return what must be the same: set hashes, ledgers, deadlines and dossiers, and what was told."""
    accounts = (
        "SELECT business_date, outcome, received, accepted, quarantined, unchanged, duplicate, ended "
        "FROM operation.feed_ledger ORDER BY 1",
        "SELECT * FROM publication.platform_ledger ORDER BY 1, 2",
        "SELECT * FROM warehouse.deadline ORDER BY 1, 2",
        "SELECT * FROM warehouse.dossier ORDER BY 1",
        "SELECT operation, reason, natural_key, state FROM publication.item ORDER BY number, position",
    )
    return hashes(), [rows(account) for account in accounts]


@pytest.mark.parametrize("every", EVERY)
def test_every_step_killed_anywhere_and_run_again_leaves_what_one_clean_run_leaves(
    environment, monkeypatch, postgres, every
):
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_PORTAL", (environment / "undisturbed").as_uri())
    two_nights(lambda step: step())
    expected = left_behind()
    kills = []

    def harassed(step):
        result, killed = killed_all_over(step, every)
        kills.append(killed)
        return result

    for url in fresh_database(postgres, "migrated"):
        monkeypatch.setenv("XINYONG_DATABASE_URL", url)
        monkeypatch.setenv("AIRFLOW_CONN_XINYONG_PORTAL", (environment / "harassed").as_uri())
        two_nights(harassed)
        assert left_behind() == expected
        two_nights(lambda step: step())
        assert left_behind() == expected, "and every step once more"
    assert min(kills) > 0
    pages = {
        name: {page.name: page.read_text("utf-8") for page in sorted((environment / name).rglob("*.html"))}
        for name in ("undisturbed", "harassed")
    }
    assert pages["undisturbed"] == pages["harassed"]


A_ROW = st.builds(
    a_penalty,
    st.integers(1, 4),
    cf_sy=st.sampled_from(["甲", "乙", None]),
    source_id=st.sampled_from(["X", "Y", None]),
)
A_HISTORY = st.lists(st.lists(A_ROW, max_size=4, unique_by=lambda row: row["cf_wsh"]), min_size=3, max_size=3)


SOME = {"batches": A_HISTORY, "order": st.permutations(range(3)), "change": st.sampled_from(["full", "incremental"])}
ONE_DATABASE = [HealthCheck.function_scoped_fixture]


@settings(max_examples=3, suppress_health_check=ONE_DATABASE)
@given(**SOME)
def test_any_history_in_any_order_leads_to_the_same_warehouse(environment, batches, order, change):
    assert_order_means_nothing(batches, order, change)


@pytest.mark.proofs
@settings(max_examples=20, suppress_health_check=ONE_DATABASE)
@given(**SOME)
def test_many_histories_in_any_order_lead_to_the_same_warehouse(environment, batches, order, change):
    assert_order_means_nothing(batches, order, change)


def assert_order_means_nothing(batches, order, change):
    bounds = catalogue().feeds[FEED].bounds.model_copy(update={"max_deletions_percent": 100})
    declared = changed(FEED, change=change, bounds=bounds)

    def arrived(sequence):
        forget_everything()
        for at in sequence:
            take_in(FEED, day(at + 1), batches[at], declared)
        return hashes()

    assert arrived(range(3)) == arrived(order)


def test_the_confirmed_messages_applied_to_an_empty_platform_give_the_desired_state(environment):
    delivered = [a_penalty(at) for at in range(1, 16)]
    for number in range(1, 5):
        renamed = [a_penalty(number, cf_jdrq="2026-11-18"), *delivered[number:]]
        taken_in(day(number), [*renamed, a_penalty(20 + number, cf_sy=f"第{number}次")])
        told("city", day(number))
        answered("city", "rejected", "2", only=key_of(20 + number))
        answered("city")
    replayed = {}
    confirmed = (
        "SELECT operation, natural_key, encode(content_hash, 'hex') FROM publication.item "
        "WHERE state = 'accepted' ORDER BY number, position"
    )
    for operation, key, content in rows(confirmed):
        if operation == "withdraw":
            del replayed[key]
        else:
            replayed[key] = content
    with connected() as connection:
        open_gate(connection, day(4))
        query = sa.text("SELECT natural_key, encode(content_hash, 'hex') FROM publication.gate_city_penalty WHERE fits")
        desired = {key: content for key, content in connection.execute(query)}
    assert {key: desired[key] for key in replayed} == replayed
    assert desired.keys() - replayed.keys() == {key_of(24)}, "what was rejected is missing, and nothing else"


NUMBER = "11010519491231002X"


def test_identity_numbers_never_reach_a_public_page_an_item_or_any_table(environment, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_PORTAL", (environment / "portal").as_uri())
    person = {"cf_xdr_lb": "自然人", "cf_xdr_mc": "林建国", "cf_xdr_shxym": None, "cf_xdr_zjlx": "身份证"}
    delivered = [
        a_penalty(1, cf_fr_zjlx="身份证", cf_fr_zjhm=NUMBER),
        a_penalty(2, **person, cf_xdr_zjhm=NUMBER),
        a_penalty(3, cf_wfxw=f"林建国（{NUMBER}）未按规定报送"),
    ]
    known_subject()
    taken_in(day(1), delivered)
    assert published_night("portal", day(1)) == []
    assert platform_row("portal", day(1)).published_count == 1
    pages = [page.read_text("utf-8") for page in (environment / "portal").rglob("*.html")]
    assert any("闽明工信罚〔2026〕1号" in page for page in pages)
    assert not [page for page in pages if NUMBER in page or "林建国" in page]
    everything = rows(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_schema IN ('landing', 'quality', 'warehouse', 'publication', 'operation')"
    )
    leaking = [table for (table,) in everything if holds(table)]
    assert leaking == []


def holds(table):
    """Say whether any row of a table shows the number in the clear."""
    with connected() as connection:
        connection.execute(sa.text("SELECT set_config('xinyong.logical_date', '2026-11-24', TRUE)"))
        query = sa.text(f"SELECT EXISTS (SELECT FROM {table} AS held WHERE strpos(held::text, :number) > 0)")
        return connection.execute(query, {"number": NUMBER}).scalar_one()
