"""The real enterprise list through the pipeline: what is set aside, what is only warned of, and who stays unlinked."""

from __future__ import annotations

import csv

import pytest
import sqlalchemy as sa
from deliveries import FIRST, landed, rows, stored
from staged import TABLE, a_row, stage
from test_identifier_list import REAL

from xinyong import stages, staging
from xinyong.catalogue import catalogue
from xinyong.database import connected, run
from xinyong.quality import judge, suite
from xinyong.quality.stored import judge_by_warehouse

pytestmark = [
    pytest.mark.usefixtures("environment"),
    pytest.mark.proofs,
    pytest.mark.skipif(not REAL.exists(), reason="the file of real enterprises is not beside the project"),
]
FEED = "registry_subject"
PENALTY = catalogue().records["penalty"]


def enterprises():
    with REAL.open(encoding="utf-8-sig", newline="") as file:
        return [(line["企业名称"], line["注册号/统一社会信用代码"]) for line in csv.DictReader(file)]


def known_to_the_base():
    """Take the list in as the registration base, by the real rules."""
    found = [
        {"sub_mc": name, "sub_shxym" if len(number) == 18 else "sub_gszc": number, "sub_zt": "存续"}
        for name, number in enterprises()
    ]
    batch_id = landed(FEED, FIRST, found)
    feed, record_type = catalogue().feeds[FEED], catalogue().records["subject"]
    with connected() as connection:
        staging.stage(connection, feed, record_type, batch_id, stages.known_at(FIRST))
        judge(connection, feed, record_type, batch_id, FIRST)
        run(connection, "landing/set_state", batch_id=batch_id, state="checked")
    stored(batch_id)
    stages.aggregate(FIRST)


def unlinked(penalties):
    """Return whom penalties are about that the base does not know, by what the penalties say of them."""
    rules = [rule for rule in suite(PENALTY) if rule.asks_warehouse]
    with connected() as connection:
        stage(connection, PENALTY, [a_row(PENALTY, one) for one in penalties])
        judge_by_warehouse(connection, rules, TABLE, 1)
        query = (
            f"SELECT cf_xdr_mc FROM {TABLE} JOIN quality.violation USING (batch_id, row_number) WHERE rule_code = :rule"
        )
        return {
            rule: set(connection.execute(sa.text(query), {"rule": rule}).scalars())
            for rule in ("PEN-R30", "PEN-R30-NAME")
        }


def test_the_real_list_is_taken_in_and_its_enterprises_are_found():
    known_to_the_base()
    assert rows("SELECT count(*) FROM warehouse.subject_current") == [(10_000,)]
    assert rows("SELECT count(*) FROM quality.quarantine") == [(0,)]
    broken = "SELECT rule_code, count(*) FROM quality.violation WHERE rule_code LIKE 'SUB-%' GROUP BY rule_code"
    assert rows(broken) == [("SUB-R08", 2)]
    kinds = "SELECT kind, count(*) FROM warehouse.identifier GROUP BY kind ORDER BY kind"
    assert rows(kinds) == [("organisation_code", 9_000), ("registration_number", 1_000), ("uscc", 9_000)]
    as_listed = [
        {"cf_xdr_mc": name, "cf_xdr_shxym": number if len(number) == 18 else None}
        | ({} if len(number) == 18 else {"cf_xdr_gszc": number})
        for name, number in enterprises()
    ]
    assert unlinked(as_listed) == {"PEN-R30": set(), "PEN-R30-NAME": set()}
    with_unified_code = [
        one | {"cf_xdr_shxym": one["cf_xdr_shxym"] or "91350402MA32ABCD07", "cf_xdr_gszc": None} for one in as_listed
    ]
    strangers = unlinked(with_unified_code)["PEN-R30"]
    assert strangers == {name for name, number in enterprises() if len(number) != 18}
    assert len(strangers) == 1_000
