"""A rule that is switched off, turned round or shifted by one is noticed by its own examples; random tables agree."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from staged import TABLE, a_row, stage, table_of
from test_rules import DATE, ONE_CONTENT, RECORD_TYPES, native_counts, of_the_batch

from xinyong.catalogue import catalogue
from xinyong.catalogue.records import RecordType
from xinyong.database import connected
from xinyong.quality.compile import RESULT, Judged, compile_rules, judge_by
from xinyong.quality.engine import staged_rows
from xinyong.quality.rules import Rule

BOUNDS = ("max_value", "min_value")


def mutants(connection: sa.Connection, rule: Rule, judged: Judged) -> list[tuple[str, Judged]]:
    """Return a rule that never fails, one that fails where it should not, and one whose bound is off by one."""
    if judged.failing is not None:
        return [
            ("off", replace(judged, failing=lambda table: judged.failing(table).where(sa.false()))),
            ("inverted", replace(judged, failing=lambda table: sa.except_(every_row(table), judged.failing(table)))),
        ]
    made = [("off", replace(judged, fails=sa.false())), ("inverted", replace(judged, fails=sa.not_(judged.fails)))]
    bounds = {name: value for name, value in rule.kwargs.items() if name in BOUNDS and isinstance(value, int)}
    for name, value in bounds.items():
        shifted = replace(rule, kwargs=rule.kwargs | {name: value + 1 if name == "max_value" else value - 1})
        compiled, _errors = compile_rules(connection, [shifted], TABLE, DATE)
        made.append((f"{name} shifted", compiled[0]))
    return made


def every_row(table: Any) -> Any:
    return sa.select(sa.column("row_number")).select_from(table)


def failing(connection: sa.Connection, judged: Judged) -> set[int]:
    staged = staged_rows(TABLE, 1).subquery("staged")
    rows = judged.failing(staged) if judged.failing is not None else every_row(staged).where(judged.fails)
    return set(connection.execute(rows).scalars())


def unnoticed(connection: sa.Connection, record_type: RecordType, rules: tuple[Rule, ...]) -> list[str]:
    """Return the mutants that the examples of their rules do not tell from the rule."""
    other = {record_type.party.name.lower(): "三明另一示例有限公司"}
    rows = [a_row(record_type, example) for rule in rules for example in (rule.passes, rule.fails)]
    rows += [a_row(record_type, rule.fails | other) for rule in rules if rule.type == ONE_CONTENT]
    stage(connection, record_type, rows)
    compiled, errors = compile_rules(connection, rules, TABLE, DATE)
    assert not errors
    survivors = []
    for at, judged in enumerate(compiled):
        passing_row, failing_row = 2 * at + 1, 2 * at + 2
        for name, mutant in [("itself", judged), *mutants(connection, judged.rule, judged)]:
            found = failing(connection, mutant)
            is_noticed = passing_row in found or failing_row not in found
            if is_noticed == (name == "itself"):
                survivors.append(f"{judged.rule.code} {name}")
    return survivors


def test_a_sample_of_mutated_rules_is_noticed(database_url: str) -> None:
    record_type = catalogue().records["penalty"]
    with connected(database_url) as connection:
        assert unnoticed(connection, record_type, of_the_batch(record_type)[::9]) == []


@pytest.mark.proofs
@pytest.mark.parametrize("name", RECORD_TYPES)
def test_every_mutated_rule_is_noticed(database_url: str, name: str) -> None:
    record_type = catalogue().records[name]
    with connected(database_url) as connection:
        assert unnoticed(connection, record_type, of_the_batch(record_type)) == []


# Random tables

PENALTY = catalogue().records["penalty"]
WORDS = [
    "",
    " ",
    "　",
    "无",
    "\n",
    "\u200b",
    "é",
    "‹sealed:1",
    "***",
    "（",
    "）",
    "[2026]",
    "〔2026〕",
    "罚款2,000元",
    "%_\\'",
]
WORDS += [
    "罚款",
    "警告",
    "没收",
    "通报批评",
    "吊销",
    ";",
    "；",
    "其他-",
    "91350402MA2XYKT640",
    "350100100000003",
    "13859812345",
]
PIECES = st.lists(st.sampled_from(WORDS) | st.text("字a1 \t<>‹：：é", max_size=4), max_size=4).map("".join)
EDGES = st.sampled_from([17, 18, 19, 63, 64, 65, 128, 129, 200, 201, 255, 256, 512, 513]).map(lambda size: "字" * size)
TEXTS = st.none() | PIECES | EDGES
DATES = st.none() | st.dates(min_value=DATE.replace(2019), max_value=DATE.replace(2030)).map(str)
NUMBERS = st.none() | st.decimals(-5, 20_000, places=8) | st.sampled_from([0, 10_000, 10_001, "0.123456", "0.1234567"])
OF_TYPE = {sa.Text: TEXTS, sa.Date: DATES, sa.Numeric: NUMBERS}
KEYS = st.sampled_from([None, *[f"00000000-0000-0000-0000-00000000000{at}" for at in range(4)]])
OWN = ("batch_id", "row_number", "source_id", "source_at", "record_id", "content_hash")


def random_row() -> st.SearchStrategy[dict[str, Any]]:
    fields = {
        column.name: OF_TYPE[type(column.type)]
        for column in table_of(PENALTY).columns
        if column.name not in OWN and type(column.type) in OF_TYPE
    }
    return st.fixed_dictionaries(fields | {"record_id": KEYS, "content_hash": st.sampled_from([b"1", b"2"])})


def of_every_type() -> tuple[Rule, ...]:
    """Return one rule of each type of expectation, the one with the most keys, and all that are written by hand."""
    by_type: dict[str, Rule] = {}
    for rule in of_the_batch(PENALTY):
        if rule.type not in by_type or len(rule.kwargs) > len(by_type[rule.type].kwargs):
            by_type[rule.type] = rule
    conditions = [rule for rule in of_the_batch(PENALTY) if rule.type == "expect_condition_to_hold"]
    return tuple(dict.fromkeys([*by_type.values(), *conditions]))


def agree_on(database_url: str, rows: list[dict[str, Any]]) -> None:
    rules = of_every_type()
    with connected(database_url) as connection:
        stage(connection, PENALTY, rows)
        judge_by(connection, rules, TABLE, 1, DATE)
        counted = connection.execute(sa.select(RESULT.c.rule_code, RESULT.c.failed_count)).all()
        assert dict(map(tuple, counted)) == native_counts(connection, rules)


HARD = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
TABLES = st.lists(random_row(), min_size=1, max_size=12)
PHASES = [Phase.explicit, Phase.generate]  # making a failing table smaller takes longer than reading it


@settings(max_examples=2, phases=PHASES, suppress_health_check=HARD)
@given(rows=TABLES)
def test_both_evaluations_count_the_same_on_random_tables(database_url: str, rows: list[dict[str, Any]]) -> None:
    agree_on(database_url, rows)


@pytest.mark.proofs
@settings(max_examples=60, phases=PHASES, suppress_health_check=HARD)
@given(rows=TABLES)
def test_both_evaluations_count_the_same_on_many_random_tables(database_url: str, rows: list[dict[str, Any]]) -> None:
    agree_on(database_url, rows)


def test_a_screen_lets_every_failing_example_through(database_url: str) -> None:
    """Each rule alone behind its screen, beside rows that hold the signs of other rules only."""
    rules = [rule for rule in of_the_batch(PENALTY) if "REGEX" in rule.type.upper() or "NUMBERS" in rule.type.upper()]
    with connected(database_url) as connection:
        stage(connection, PENALTY, [a_row(PENALTY, rule.fails) for rule in rules])
        judge_by(connection, tuple(rules), TABLE, 1, DATE)
        listed = connection.execute(sa.text("SELECT row_number, rule_code FROM quality.violation")).all()
    assert {(at, rule.code) for at, rule in enumerate(rules, 1)} <= set(map(tuple, listed))
