"""Every rule's examples, tried through the real pass, and the same counts as Great Expectations gives itself."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date
from typing import Any

import great_expectations as gx
import pytest
import sqlalchemy as sa
import yaml
from great_expectations.validator.validator import Validator
from staged import TABLE, a_row, stage

from xinyong.catalogue import catalogue
from xinyong.catalogue.records import RecordType
from xinyong.database import connected
from xinyong.quality.compile import RESULT, judge
from xinyong.quality.engine import batch_of
from xinyong.quality.rules import Rule
from xinyong.quality.suites import suite
from xinyong.sealing import TOKEN
from xinyong.settings import PROJECT

DATE = date(2026, 11, 24)
ONE_CONTENT = "expect_key_to_have_one_content"
RECORD_TYPES = sorted(catalogue().records)


def of_the_batch(record_type: RecordType) -> tuple[Rule, ...]:
    """Return the rules that are judged with a batch; test_stored_rules has those that ask the warehouse."""
    return tuple(rule for rule in suite(record_type) if not rule.asks_warehouse)


@pytest.mark.parametrize("name", RECORD_TYPES)
def test_every_rule_fires_on_its_failing_example_and_not_on_the_passing_one(database_url: str, name: str) -> None:
    record_type = catalogue().records[name]
    rules = of_the_batch(record_type)
    other = {record_type.party.name.lower(): "三明另一示例有限公司"}
    rows = [a_row(record_type, example) for rule in rules for example in (rule.passes, rule.fails)]
    rows += [a_row(record_type, rule.fails | other) for rule in rules if rule.type == ONE_CONTENT]
    with connected(database_url) as connection:
        found = violations(connection, record_type, rows)
    for at, rule in enumerate(rules):
        assert rule.code not in found[2 * at], f"{rule.code} fires on its passing example"
        assert rule.code in found[2 * at + 1], f"{rule.code} does not fire on its failing example"


@pytest.mark.parametrize("name", RECORD_TYPES)
def test_a_suite_file_is_a_suite_of_great_expectations_as_it_stands(name: str) -> None:
    content = yaml.safe_load((PROJECT / "expectations" / f"{name}.yml").read_text("utf-8"))
    loaded = gx.ExpectationSuite(**content)
    assert {one.meta["code"] for one in loaded.expectations} <= {rule.code for rule in suite(catalogue().records[name])}


@pytest.mark.parametrize("name", RECORD_TYPES)
def test_a_valid_record_breaks_no_rule(database_url: str, name: str) -> None:
    record_type = catalogue().records[name]
    with connected(database_url) as connection:
        assert violations(connection, record_type, [a_row(record_type)]) == [set()]


def test_the_stars_of_a_sealed_number_are_no_placeholder(database_url: str) -> None:
    penalty = catalogue().records["penalty"]
    token = f"{TOKEN}350402********0012:c2VhbGVk›"
    texts = (f"当事人（{token}）未按规定报送", f"当事人（{token}）***未按规定报送", "当事人***未按规定报送")
    with connected(database_url) as connection:
        found = violations(connection, penalty, [a_row(penalty, {"cf_sy": text}) for text in texts])
    assert found == [{"PEN-R33-CF_SY"}, {"PEN-R33-CF_SY", "PEN-R35-CF_SY"}, {"PEN-R35-CF_SY"}]


def test_the_compiled_pass_counts_what_great_expectations_counts(database_url: str) -> None:
    """Tried with penalties, whose rules are of every type there is."""
    rules = {rule.type: rule for rule in of_the_batch(catalogue().records["penalty"])}
    assert rules.keys() == {rule.type for name in RECORD_TYPES for rule in of_the_batch(catalogue().records[name])}
    ours, theirs = both_counts(database_url, "penalty", rules.values())
    assert ours == theirs
    assert all(ours.values()), "a type was not tried"


@pytest.mark.proofs
@pytest.mark.parametrize("name", RECORD_TYPES)
def test_it_does_so_for_every_rule(database_url: str, name: str) -> None:
    rules = of_the_batch(catalogue().records[name])
    ours, theirs = both_counts(database_url, name, rules)
    assert ours == theirs
    assert {rule.type for rule in rules if ours[rule.code]} == {rule.type for rule in rules}, "a type was not tried"


def both_counts(database_url: str, name: str, rules: Iterable[Rule]) -> tuple[dict[str, int], dict[str, int]]:
    """Judge rows by the whole suite of their record type; return the failures of some rules as both count them."""
    record_type = catalogue().records[name]
    with connected(database_url) as connection:
        stage(connection, record_type, mixed_rows(record_type, of_the_batch(record_type), 600))
        judge(connection, record_type, TABLE, 1, DATE)
        counted = dict(connection.execute(sa.select(RESULT.c.rule_code, RESULT.c.failed_count)).all())
        return {rule.code: counted[rule.code] for rule in rules}, native_counts(connection, rules)


def native_counts(connection: sa.Connection, rules: Iterable[Rule]) -> dict[str, int]:
    """Let Great Expectations evaluate the rules itself, with result format BASIC."""
    batch = batch_of(connection, TABLE, 1)
    validator = Validator(execution_engine=batch.data.execution_engine, batches=[batch])
    wanted = {"result_format": {"result_format": "BASIC"}}
    asked = [rule.expectation(business_date=DATE).configuration for rule in rules]
    results = validator.graph_validate(asked, runtime_configuration=wanted)
    raised = [one.exception_info for one in results if "unexpected_count" not in one.result]
    assert not raised
    # Of a rule that speaks about no row at all, Great Expectations counts nothing instead of zero.
    return {one.expectation_config.meta["code"]: one.result["unexpected_count"] or 0 for one in results}


def mixed_rows(record_type: RecordType, rules: tuple[Rule, ...], count: int) -> list[dict[str, Any]]:
    """Put the rules' examples together at random: nulls, blanks, lengths at the edge, keys given twice."""
    source = random.Random(20261124)
    examples = [example for rule in rules for example in (rule.passes, rule.fails)]
    odd = {code.lower(): source.choice(["", "é中\u200b", "%_'\\", "‹"]) for code in record_type.columns("text")}
    rows = []
    for _ in range(count):
        changes = {key: value for one in source.sample(examples, 3) for key, value in one.items()}
        column = source.choice(list(odd))
        rows.append(a_row(record_type, changes | ({column: odd[column]} if source.random() < 0.2 else {})))
    return rows


def violations(connection: sa.Connection, record_type: RecordType, rows: list[dict[str, Any]]) -> list[set[str]]:
    """Judge rows as one batch and return the rules each of them broke."""
    stage(connection, record_type, rows)
    judge(connection, record_type, TABLE, 1, DATE)
    broken: list[set[str]] = [set() for _ in rows]
    for row_number, code in connection.execute(sa.text("SELECT row_number, rule_code FROM quality.violation")):
        broken[row_number - 1].add(code)
    return broken


def test_what_is_said_of_where_a_condition_can_be_decided_is_true(database_url: str) -> None:
    record_type = catalogue().records["penalty"]
    rules = [rule for rule in of_the_batch(record_type) if rule.kwargs.get("known_when")]
    assert rules
    with connected(database_url) as connection:
        stage(connection, record_type, mixed_rows(record_type, of_the_batch(record_type), 300))
        for rule in rules:
            decided, said = (sa.literal_column(f"({rule.kwargs[name]})") for name in ("holds", "known_when"))
            differing = sa.select(sa.func.count()).select_from(sa.text(TABLE)).where(decided.is_not(None) != said)
            assert connection.scalar(differing) == 0, rule.code
