"""A business system's own database: read through a cursor, gone, gone halfway, or changed by its vendor."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.errors import SourceUnavailable, UnexpectedShape
from xinyong.extract import deliver

FEED = catalogue().feeds["enforcement_penalty"]
NIGHT = date(2026, 11, 24)
OF_PARTY = ("dsrid", "dsrmc", "dsrlx", "xydm", "gszch", "zzjgdm", "swdjh", "sydwzsh", "shzzdjzh", "fddbr", "fr_zjlx")
OF_PARTY = (*OF_PARTY, "fr_zjhm", "zjlx", "zjhm")
OF_CASE = ("dsrid", "sfsc", *(name for name in FEED.columns if name not in OF_PARTY))


def execute(url, *statements):
    with connected(url) as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


@pytest.fixture
def system(empty_database_url, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_ENFORCEMENT", empty_database_url.replace("+psycopg2", ""))
    execute(
        empty_database_url,
        f"CREATE TABLE t_aj_dsr ({', '.join(f'{name} text' for name in OF_PARTY)})",
        f"CREATE TABLE t_aj_cfjd ({', '.join(f'{name} text' for name in OF_CASE)})",
        "CREATE TABLE t_xt_zdx (zdlx text, zddm text, zdmc text)",
        "INSERT INTO t_xt_zdx VALUES ('DSRLX', '1', '法人及非法人组织')",
        "INSERT INTO t_aj_dsr (dsrid, dsrmc, dsrlx) VALUES ('p', '三明示例机械有限公司', '1')",
    )
    fill(empty_database_url, 3)
    return empty_database_url


def fill(url, number, deleted="0"):
    execute(
        url,
        "INSERT INTO t_aj_cfjd (dsrid, sfsc, cfid, jdswh) "
        f"SELECT 'p', '{deleted}', 'C' || lpad(n::text, 6, '0'), '罚' || n FROM generate_series(1, {number}) AS n",
    )


def test_rows_are_read_under_the_names_of_the_query(system):
    delivery = deliver(FEED, NIGHT)
    assert set(delivery.columns) == set(FEED.columns)
    rows = [dict(zip(delivery.columns, row, strict=True)) for row in delivery.rows]
    assert [row["jdswh"] for row in rows] == ["罚1", "罚2", "罚3"]
    assert {row["dsrlx"] for row in rows} == {"法人及非法人组织"}


def test_soft_deleted_rows_are_left_out(system):
    execute(system, "UPDATE t_aj_cfjd SET sfsc = '1' WHERE cfid = 'C000002'")
    assert len(list(deliver(FEED, NIGHT).rows)) == 2


def test_no_connection_stays_open_when_the_rows_are_read_or_given_up(system):
    fill(system, 20_000)
    given_up = deliver(FEED, NIGHT).rows
    next(given_up)
    given_up.close()
    list(deliver(FEED, NIGHT).rows)
    with connected(system) as connection:
        others = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert connection.scalar(others) == 1


def test_a_database_that_is_down_may_answer_later(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_ENFORCEMENT", "postgresql://reader:secret@127.0.0.1:1/cases")
    with pytest.raises(SourceUnavailable) as down:
        deliver(FEED, NIGHT)
    message = str(down.value)
    assert message.startswith("enforcement: its database does not answer. Found: connection to server at")
    assert "AIRFLOW_CONN_XINYONG_ENFORCEMENT" in message and "tried again" in message and "secret" not in message


def test_a_database_that_breaks_off_halfway_may_answer_later(system):
    fill(system, 20_000)
    rows = deliver(FEED, NIGHT).rows
    next(rows)
    execute(
        system,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    with pytest.raises(SourceUnavailable, match="its database does not answer"):
        list(rows)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param("DROP TABLE t_xt_zdx", 'relation "t_xt_zdx" does not exist', id="a table is gone"),
        pytest.param(
            "ALTER TABLE t_aj_cfjd RENAME wfss TO wfss2", "column d.wfss does not exist", id="a column is gone"
        ),
        pytest.param("ALTER TABLE t_aj_cfjd ALTER dsrid TYPE int USING 0", "integer = text", id="a type is another"),
    ],
)
def test_a_query_that_no_longer_fits_is_told(system, change, found):
    execute(system, change)
    with pytest.raises(UnexpectedShape) as refused:
        deliver(FEED, NIGHT)
    message = str(refused.value)
    assert message.startswith("enforcement: query sql/extract/enforcement_penalty.sql does not fit the system's tables")
    assert found in message and "Ask the vendor what changed" in message


def test_a_value_that_the_server_quotes_is_told_without_its_identity_number(system):
    execute(
        system,
        "ALTER TABLE t_aj_dsr RENAME TO t_persons",
        "CREATE VIEW t_aj_dsr AS SELECT dsrid, dsrmc, dsrlx, xydm, gszch, zzjgdm, swdjh, sydwzsh, shzzdjzh, fddbr, "
        "fr_zjlx, fr_zjhm, zjlx, zjhm::date AS zjhm FROM t_persons",
        "UPDATE t_persons SET zjhm = '350402199001010012'",
    )
    with pytest.raises(UnexpectedShape) as refused:
        list(deliver(FEED, NIGHT).rows)
    assert "350402********0012" in str(refused.value) and "199001" not in str(refused.value)


def test_a_query_without_a_declared_column_is_told_before_a_row_is_given_out(system):
    feed = FEED.model_copy(update={"columns": FEED.columns | {"ajbh": "case_number"}})
    with pytest.raises(UnexpectedShape, match="`ajbh` is missing. Found: 31 columns, all of them known"):
        deliver(feed, NIGHT)
