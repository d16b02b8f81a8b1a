"""
How long judging takes: the compiled pass against Great Expectations' own run (`BASIC`) of the same rules.

    .venv/bin/python benchmarks/quality.py [ROWS]          # 1,000,000 without an argument

One staged table of penalties, made in the database from the examples of the rules: one row in fifty carries the failing
example of one rule, in turn, the others are sound. The pass runs before and after the other, and its mean is
compared; then the rows that the pass lists for each rule are compared with the rows that were planted for it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "plugins"), str(PROJECT / "tests")]
DAY = date(2026, 11, 24)
EVERY = 50  # one row in so many is defective
TWO_ROWS = "expect_key_to_have_one_content"  # its example stands in two rows


def prepared(connection: Any, count: int, rules: Any) -> None:
    """Stage `count` rows: sound ones under their own keys, and the rules' failing examples in turn."""
    import sqlalchemy as sa
    from staged import TABLE, a_row, stage, table_of

    from xinyong.catalogue import catalogue

    record_type = catalogue().records["penalty"]
    stage(connection, record_type, [a_row(record_type)] + [a_row(record_type, rule.fails) for rule in rules])
    names = [column.name for column in table_of(record_type).columns]
    own = {
        "row_number": "at",
        "record_id": "md5(at::text)::uuid",
        "content_hash": "sha256(at::text::bytea)",
    }
    chosen = ", ".join(own.get(name, f"example.{name}") for name in names)
    connection.execute(sa.text(f"ALTER TABLE {TABLE} RENAME TO example"))
    connection.execute(sa.text(f"CREATE UNLOGGED TABLE {TABLE} (LIKE quality.example)"))
    sql = f"""
        INSERT INTO {TABLE} ({", ".join(names)})
        SELECT {chosen} FROM generate_series(1, {count}) AS at
        INNER JOIN quality.example ON example.row_number = CASE
            WHEN at % {EVERY} = 0 THEN 2 + at / {EVERY} % {len(rules)} ELSE 1 END
    """  # noqa: S608 – numbers and names of this file
    connection.execute(sa.text(sql.replace("::", r"\:\:")))
    connection.execute(sa.text(f"ANALYZE {TABLE}"))


def native(connection: Any, rules: Any) -> dict[str, int]:
    """Let Great Expectations evaluate the rules itself."""
    from great_expectations.validator.validator import Validator
    from staged import TABLE

    from xinyong.quality.engine import batch_of

    batch = batch_of(connection, TABLE, 1)
    validator = Validator(execution_engine=batch.data.execution_engine, batches=[batch])
    asked = [rule.expectation(business_date=DAY).configuration for rule in rules]
    results = validator.graph_validate(asked, runtime_configuration={"result_format": {"result_format": "BASIC"}})
    return {one.expectation_config.meta["code"]: one.result["unexpected_count"] for one in results}


def report(connection: Any, count: int, rules: Any) -> None:
    import sqlalchemy as sa
    from staged import TABLE

    from xinyong.quality.compile import judge_by

    def pass_seconds() -> float:
        began = time.perf_counter()
        judge_by(connection, rules, TABLE, 1, DAY)
        return time.perf_counter() - began

    before = pass_seconds()
    listed: dict[str, set[int]] = {}
    for row, code in connection.execute(sa.text("SELECT row_number, rule_code FROM quality.violation")):
        listed.setdefault(code, set()).add(row)
    began = time.perf_counter()
    counted = native(connection, rules)
    own = time.perf_counter() - began
    compiled = (before + pass_seconds()) / 2
    assert counted == {rule.code: len(listed.get(rule.code, ())) for rule in rules}, "the two ways count otherwise"
    defective = range(EVERY, count + 1, EVERY)
    missed = 0
    for at, rule in enumerate(rules):
        planted = {row for row in defective if row // EVERY % len(rules) == at}
        missed += len(planted - listed.get(rule.code, set()))
    stray = {row for rows in listed.values() for row in rows} - set(defective)
    print(f"{count:,} penalties, {len(rules)} rules, {sum(map(len, listed.values())):,} failing rows listed")
    print(f"compiled pass, every failing row listed   {compiled:8.2f} s")
    print(f"Great Expectations, BASIC                 {own:8.2f} s   {own / compiled:.1f} x as long")
    print(f"planted {len(defective):,}, missed {missed}, sound rows accused {len(stray)}; both count the same")


def main(count: int) -> None:
    from xinyong.catalogue import catalogue
    from xinyong.database import connected, migrate
    from xinyong.postgres import EmbeddedPostgres
    from xinyong.quality.suites import suite

    # A defect of the key stands in two rows with one key, which rows under keys of their own cannot show.
    rules = tuple(
        rule for rule in suite(catalogue().records["penalty"]) if not rule.asks_warehouse and rule.type != TWO_ROWS
    )
    folder = Path(tempfile.mkdtemp(prefix="xinyong-bench-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder)
    try:
        server.start()
        server.create_database("xinyong")
        migrate(server.url("xinyong"))
        with connected(server.url("xinyong")) as connection:
            prepared(connection, count, rules)
        with connected(server.url("xinyong")) as connection:
            report(connection, count, rules)
    finally:
        server.remove()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
