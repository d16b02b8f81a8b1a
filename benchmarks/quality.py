"""
Judging a million penalties: the compiled pass against Great Expectations' own run (`BASIC`), and what is caught.

    .venv/bin/python benchmarks/quality.py [ROWS]   # 1,000,000 without an argument; `--dry` writes no page

One staged table of penalties, made in the database from the examples of the rules: one row in fifty carries the failing
example of one rule, in turn, the others are sound. Every rule of the suite takes part, also the one on keys within the
batch (its defect stands in two rows) and those that ask the warehouse, which holds a version of every row, and of one
in ten another feed's beside it. Both ways run twice, in turn, and their means are compared. Then every single
(row, rule) that the pass lists is compared with what was planted: the rule's own defect, and what the same example
breaks besides (a mistyped code is in no registration base either).
"""

# ruff: noqa: S608 – statements are put together from numbers and names of this file, never from data

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "plugins"), str(PROJECT / "tests")]
DAY = date(2026, 11, 24)
EVERY = 50  # one row in so many is defective
OTHER_FEED_EVERY = 10
TWO_ROWS = "expect_key_to_have_one_content"
# Their defect is not in the row: it is what the warehouse holds beside it.
OTHER_CONTENT, NOT_NEWER = "expect_key_to_agree_across_feeds", "expect_updates_to_be_newer"
IN_WAREHOUSE = (OTHER_CONTENT, NOT_NEWER)
PLACED = (TWO_ROWS, *IN_WAREHOUSE)  # what the planting itself needs to find in a suite


@dataclass(frozen=True)
class Caught:
    """How many (row, rule) pairs were planted and listed, and how many of either the other lacks."""

    rows: int
    planted: int
    listed: int
    missed: int
    accused: int


def execute(connection: Any, sql: str) -> Any:
    """Run a statement of this file; its numbers and names are its own."""
    import sqlalchemy as sa

    return connection.execute(sa.text(sql.replace("::", r"\:\:")))


def place(rules: Any, kind: str) -> int:
    """Return the place of the only rule of a type."""
    (found,) = [at for at, rule in enumerate(rules) if rule.type == kind]
    return found


def prepared(connection: Any, count: int, rules: Any) -> None:
    """Stage `count` rows: sound ones under their own keys, and the rules' failing examples in turn."""
    from staged import TABLE, a_row, stage, table_of

    from xinyong.catalogue import catalogue

    record_type = catalogue().records["penalty"]
    examples = [{} if rule.type in PLACED else rule.fails for rule in rules]
    stage(connection, record_type, [a_row(record_type)] + [a_row(record_type, example) for example in examples])
    registered(connection)
    listed(connection, rules, TABLE)
    execute(connection, "CREATE TABLE quality.example_breaks AS SELECT row_number, rule_code FROM quality.violation")
    names = [column.name for column in table_of(record_type).columns]
    twin = f"at % {EVERY} = 0 AND at / {EVERY} % {len(rules)} = {place(rules, TWO_ROWS)}"
    own = {
        "row_number": "at",
        "record_id": f"md5((CASE WHEN {twin} THEN at - 1 ELSE at END)::text)::uuid",
        "content_hash": "sha256(at::text::bytea)",
    }
    chosen = ", ".join(own.get(name, f"example.{name}") for name in names)
    execute(connection, f"ALTER TABLE {TABLE} RENAME TO example")
    execute(connection, f"CREATE UNLOGGED TABLE {TABLE} (LIKE quality.example)")
    execute(
        connection,
        f"""
        INSERT INTO {TABLE} ({", ".join(names)})
        SELECT {chosen} FROM generate_series(1, {count}) AS at
        INNER JOIN quality.example ON example.row_number = CASE
            WHEN at % {EVERY} = 0 THEN 2 + at / {EVERY} % {len(rules)} ELSE 1 END
        """,
    )
    warehoused(connection, rules, TABLE)
    execute(connection, f"ANALYZE {TABLE}")
    execute(connection, "ANALYZE warehouse.penalty")


def registered(connection: Any) -> None:
    """Let the registration base know the company of the sound rows."""
    from staged import VALID

    from xinyong.database import run

    party = VALID["subject"]
    execute(
        connection,
        f"""
        INSERT INTO warehouse.subject (record_id, batch_id, row_number, feed, content_hash, source_at, known_at,
            valid_from, sub_dm, sub_mc, sub_shxym)
        VALUES ('{"0" * 8}-0000-0000-0000-{"7" * 12}', 9, 1, 'registry_subject', 's', '{DAY}', '{DAY}', '{DAY}',
            '{party["sub_dm"]}', '{party["sub_mc"]}', '{party["sub_shxym"]}')
        """,
    )
    run(connection, "aggregate/refresh_identifiers")


def warehoused(connection: Any, rules: Any, table: str) -> None:
    """Store a version of every row, another feed's for one in ten, and what the planted rows disagree with."""
    execute(
        connection,
        f"""
        INSERT INTO landing.batch (feed, record_type, business_date, known_at, checksum, origin, row_count, state)
        VALUES ('own', 'penalty', '{DAY}', '{DAY}', '', '', 1, 'stored')
        """,
    )
    columns = "record_id, batch_id, row_number, feed, content_hash, source_at, known_at, valid_from"
    planted = f"row_number % {EVERY} = 0 AND row_number / {EVERY} % {len(rules)} ="
    for feed, batch, content, source_at, known_at, rows in (
        ("own", "1", "content_hash", "'2026-11-23'", "'2026-11-24'", "TRUE"),
        ("own", "-1", "'\\x01'", "'2026-11-24'", "'2026-11-23'", f"{planted} {place(rules, NOT_NEWER)}"),
        ("other", "-2", "content_hash", "'2026-11-23'", "'2026-11-24'", f"row_number % {OTHER_FEED_EVERY} = 1"),
        ("other", "-3", "'\\x02'", "'2026-11-23'", "'2026-11-24'", f"{planted} {place(rules, OTHER_CONTENT)}"),
    ):
        execute(
            connection,
            f"""
            INSERT INTO warehouse.penalty ({columns})
            SELECT record_id, {batch}, row_number, '{feed}', {content}, {source_at}, {known_at}, {source_at}
            FROM {table} WHERE {rows}
            ON CONFLICT DO NOTHING
            """,
        )


def listed(connection: Any, rules: Any, table: str) -> float:
    """List every failing row by the compiled pass and the questions to the warehouse; return the seconds."""
    from xinyong.quality.compile import judge_by
    from xinyong.quality.stored import judge_by_warehouse

    began = time.perf_counter()
    judge_by(connection, rules, table, 1, DAY)
    judge_by_warehouse(connection, [rule for rule in rules if rule.asks_warehouse], table, 1)
    return time.perf_counter() - began


def native(connection: Any, rules: Any, table: str) -> tuple[dict[str, int], float]:
    """Let Great Expectations evaluate the rules itself; return its counts and the seconds."""
    from great_expectations.validator.validator import Validator

    from xinyong.quality.engine import batch_of

    began = time.perf_counter()
    batch = batch_of(connection, table, 1)
    validator = Validator(execution_engine=batch.data.execution_engine, batches=[batch])
    validator.metrics_calculator.show_progress_bars = False
    asked = [rule.expectation(business_date=DAY).configuration for rule in rules]
    results = validator.graph_validate(asked, runtime_configuration={"result_format": {"result_format": "BASIC"}})
    counts = {one.expectation_config.meta["code"]: one.result["unexpected_count"] or 0 for one in results}
    return counts, time.perf_counter() - began


def caught(connection: Any, rules: Any, table: str) -> Caught:
    """Compare every (row, rule) that was listed with those that were planted."""
    codes = {kind: rules[place(rules, kind)].code for kind in PLACED}
    example = f"2 + row_number / {EVERY} % {len(rules)}"
    defective = f"FROM {table} WHERE row_number % {EVERY} = 0"
    beside = " UNION ALL ".join(
        f"SELECT row_number - {back}, '{code}' {defective} AND {example} = {2 + place(rules, kind)}"
        for kind, code in codes.items()
        for back in ((0, 1) if kind == TWO_ROWS else (0,))
    )
    execute(
        connection,
        f"""
        CREATE TEMPORARY TABLE planted AS
        SELECT staged.row_number, breaks.rule_code FROM (SELECT row_number {defective}) AS staged
        INNER JOIN quality.example_breaks AS breaks ON breaks.row_number = {example.replace("row_", "staged.row_")}
        UNION {beside}
        """,
    )
    pairs = "SELECT row_number, rule_code FROM"
    counts = (
        f"SELECT count(*) {defective}",
        "SELECT count(*) FROM planted",
        "SELECT count(*) FROM quality.violation",
        f"SELECT count(*) FROM ({pairs} planted EXCEPT {pairs} quality.violation) AS missed",
        f"SELECT count(*) FROM ({pairs} quality.violation EXCEPT {pairs} planted) AS accused",
    )
    return Caught(*[execute(connection, sql).scalar_one() for sql in counts])


def rules_planted(connection: Any) -> int:
    """Return how many rules something was planted for."""
    return int(execute(connection, "SELECT count(DISTINCT rule_code) FROM planted").scalar_one())


def report(connection: Any, count: int, rules: Any) -> list[tuple[str, str]]:
    from staged import TABLE

    passes, runs, counted = [], [], {}
    for _ in range(2):
        passes.append(listed(connection, rules, TABLE))
        counted, seconds = native(connection, rules, TABLE)
        runs.append(seconds)
    found = dict(execute(connection, "SELECT rule_code, count(*) FROM quality.violation GROUP BY 1").all())
    assert counted == {rule.code: found.get(rule.code, 0) for rule in rules}, "the two ways count otherwise"
    compiled, own, result = sum(passes) / 2, sum(runs) / 2, caught(connection, rules, TABLE)
    print(f"{count:,} penalties, {len(rules)} rules, {result.listed:,} failing (row, rule) listed")
    print(f"compiled pass, every failing row listed   {compiled:8.2f} s")
    print(f"Great Expectations, BASIC                 {own:8.2f} s   {own / compiled:.1f} x as long")
    print(
        f"defective rows {result.rows:,}; planted {result.planted:,} (row, rule) of {rules_planted(connection)} rules"
    )
    print(f"caught {result.listed:,}: missed {result.missed}, accused without cause {result.accused}")
    print("Great Expectations counts the same for every rule")
    return [
        ("compiled pass, every failing row listed", "1.0"),
        ("Great Expectations' own `BASIC` run", f"{own / compiled:.1f}"),
        (f"of {result.planted:,} planted (row, rule), missed", f"{result.missed:,}"),
        ("accused without cause", f"{result.accused:,}"),
    ]


def main(count: int, is_dry: bool) -> None:
    from world import world
    from written import write

    from xinyong.catalogue import catalogue
    from xinyong.database import connected, migrate
    from xinyong.quality.suites import suite

    rules = suite(catalogue().records["penalty"])
    with world():
        migrate()
        with connected() as connection:
            prepared(connection, count, rules)
        with connected() as connection:
            told = report(connection, count, rules)
    if not is_dry:
        write("quality", f"{count:,} penalties, {len(rules)} rules", told, unit="time, or number")


if __name__ == "__main__":
    sizes = [int(one) for one in sys.argv[1:] if one.isdigit()]
    main(*(sizes or [1_000_000]), is_dry="--dry" in sys.argv)
