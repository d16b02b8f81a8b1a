"""Rules that ask the warehouse: their examples, the same counts as Great Expectations, and any order of the feeds."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from proofs import as_proofs
from staged import COMPANY, TABLE, VALID, a_row, stage
from test_rules import RECORD_TYPES, native_counts

from xinyong.catalogue import catalogue
from xinyong.catalogue.records import RecordType
from xinyong.database import connected, run
from xinyong.quality.rules import Rule
from xinyong.quality.stored import judge_by_warehouse
from xinyong.quality.suites import suite
from xinyong.tables import metadata

KNOWN = datetime(2026, 11, 24, 18, tzinfo=UTC)
EXAMPLE = "00000000-0000-0000-0000-000000000001"


def stored_rules(record_type: RecordType) -> tuple[Rule, ...]:
    return tuple(rule for rule in suite(record_type) if rule.asks_warehouse)


def version(connection: sa.Connection, name: str, record_id: str, **changes: Any) -> None:
    """Store one version of a record by hand."""
    history = metadata(catalogue()).tables[f"warehouse.{name}"]
    times = {"source_at": KNOWN, "known_at": KNOWN, "valid_from": changes.get("source_at", KNOWN)}
    own = {"record_id": record_id, "batch_id": 1, "row_number": 1, "feed": "own", "content_hash": b"1"}
    connection.execute(sa.insert(history).values(own | times | changes))


def registered(connection: sa.Connection) -> None:
    """Fill the registration base with the subject of the examples."""
    party = {column: VALID["subject"][column] for column in ("sub_dm", "sub_mc", "sub_shxym")}
    version(connection, "subject", str(uuid.UUID(int=7)), batch_id=9, feed="registry_subject", **party)
    run(connection, "aggregate/refresh_identifiers")


def known_before(connection: sa.Connection, name: str) -> None:
    """Let the record of the failing examples have ended, come back with row 1, and stand in another feed."""
    before = KNOWN - timedelta(days=2)
    batches = sa.table("batch", *map(sa.column, ("feed", "record_type", "business_date", "known_at")),
                       *map(sa.column, ("checksum", "origin", "row_count", "state")), schema="landing")  # fmt: skip
    own = {"feed": "own", "record_type": name, "business_date": KNOWN.date(), "known_at": KNOWN}
    connection.execute(
        sa.insert(batches).values(own | {"checksum": "", "origin": "", "row_count": 1, "state": "stored"})
    )
    version(connection, name, EXAMPLE, batch_id=-1, source_at=before, known_at=before, valid_to=KNOWN, ending="revoked")
    version(connection, name, EXAMPLE)
    version(connection, name, EXAMPLE, batch_id=-2, feed="other", content_hash=b"2")


def judged(connection: sa.Connection, record_type: RecordType, row: dict[str, Any]) -> dict[str, str]:
    """Judge one row by the warehouse's rules and return their states."""
    stage(connection, record_type, [row])
    rules = stored_rules(record_type)
    judge_by_warehouse(connection, rules, TABLE, 1)
    native = native_counts(connection, rules)
    found = connection.execute(sa.text("SELECT rule_code, state, failed_count FROM quality.rule_result")).all()
    assert {code: count for code, _, count in found} == native, "Great Expectations counts otherwise"
    return {code: state for code, state, _ in found}


@pytest.mark.parametrize("name", ["commitment", *as_proofs(*(name for name in RECORD_TYPES if name != "commitment"))])
def test_every_rule_fires_on_its_failing_example_and_not_on_the_passing_one(database_url: str, name: str) -> None:
    record_type = catalogue().records[name]
    with connected(database_url) as connection:
        registered(connection)
        known_before(connection, name)
        for rule in stored_rules(record_type):
            assert judged(connection, record_type, a_row(record_type, rule.passes))[rule.code] != "failed", rule.code
            assert judged(connection, record_type, a_row(record_type, rule.fails))[rule.code] == "failed", rule.code


PENALTY = catalogue().records["penalty"]


def test_nobody_is_unknown_to_an_empty_registration_base(database_url: str) -> None:
    with connected(database_url) as connection:
        assert set(judged(connection, PENALTY, a_row(PENALTY)).values()) == {"not_applicable"}


def test_a_natural_person_is_not_sought_in_the_registration_base(database_url: str) -> None:
    person = {"cf_xdr_lb": "自然人", "cf_xdr_shxym": None, "cf_frdb": None}
    with connected(database_url) as connection:
        registered(connection)
        assert judged(connection, PENALTY, a_row(PENALTY, person))["PEN-R30"] == "not_applicable"


@pytest.mark.parametrize("name", ["三明示例机械有限公司", "三明示例机械 有限公司"])
def test_a_name_is_compared_without_blanks(database_url: str, name: str) -> None:
    with connected(database_url) as connection:
        registered(connection)
        states = judged(connection, PENALTY, a_row(PENALTY, {"cf_xdr_mc": name, "cf_xdr_shxym": COMPANY}))
    assert (states["PEN-R30"], states["PEN-R30-NAME"]) == ("passed", "passed")


def test_an_update_dated_before_what_is_known_is_not_newer(database_url: str) -> None:
    row = a_row(PENALTY, {"record_id": EXAMPLE})
    with connected(database_url) as connection:
        version(connection, "penalty", EXAMPLE, batch_id=-1, source_at=KNOWN, known_at=KNOWN - timedelta(days=1))
        version(connection, "penalty", EXAMPLE, source_at=KNOWN - timedelta(days=3))
        assert judged(connection, PENALTY, row)["PEN-R34"] == "failed"


def test_judging_again_leaves_the_same(database_url: str) -> None:
    row = a_row(PENALTY, {"record_id": EXAMPLE})
    with connected(database_url) as connection:
        known_before(connection, "penalty")
        first = judged(connection, PENALTY, row)
        assert judged(connection, PENALTY, row) == first
        assert first["PEN-R27-FEEDS"] == "failed"
