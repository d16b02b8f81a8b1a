"""Judging a batch and deciding about it: states, errors, repetition, bounds, pages, and suites that are refused."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from staged import TABLE, a_row, stage

from xinyong.catalogue import catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.database import connected
from xinyong.errors import BatchRefused, CatalogueError
from xinyong.quality import Rule, gate, suite
from xinyong.quality.compile import judge, judge_by
from xinyong.quality.suites import assemble
from xinyong.settings import PROJECT

DATE = date(2026, 11, 24)
PENALTY = catalogue().records["penalty"]


@pytest.fixture
def connection(database_url: str) -> Any:
    with connected(database_url) as opened:
        yield opened


def judged(
    connection: sa.Connection, rows: list[dict[str, Any]], day: date = DATE, rules: Any = None
) -> dict[str, Any]:
    """Judge rows as batch 1 and return the results by rule code."""
    stage(connection, PENALTY, rows)
    judge_by(connection, rules or suite(PENALTY), TABLE, 1, day)
    found = connection.execute(sa.text("SELECT * FROM quality.rule_result WHERE batch_id = 1"))
    return {row.rule_code: row for row in found}


def broken(connection: sa.Connection) -> set[tuple[int, str]]:
    rows = connection.execute(sa.text("SELECT row_number, rule_code FROM quality.violation WHERE batch_id = 1"))
    return {(row.row_number, row.rule_code) for row in rows}


def rule(code: str) -> Rule:
    return next(one for one in suite(PENALTY) if one.code == code)


def test_a_rule_that_spoke_about_no_record_is_not_applicable(connection: sa.Connection) -> None:
    results = judged(connection, [a_row(PENALTY)])
    assert results["PEN-R22"].state == "not_applicable"
    assert results["PEN-R05-CF_XDR_ZJHM"].state == "not_applicable"
    assert results["PEN-R01-CF_WSH"].state == "passed"


def test_an_empty_batch_praises_no_rule(connection: sa.Connection) -> None:
    assert {one.state for one in judged(connection, []).values()} == {"not_applicable"}


def test_a_failing_rule_tells_how_many_records_it_spoke_about(connection: sa.Connection) -> None:
    fined = {"cf_cflb": "罚款"}
    rows = [a_row(PENALTY), a_row(PENALTY, fined), a_row(PENALTY, fined | {"cf_nr_fk": 0.2})]
    found = judged(connection, rows)["PEN-R22"]
    assert (found.state, found.applied_count, found.failed_count) == ("failed", 2, 1)
    assert broken(connection) == {(2, "PEN-R22")}


@pytest.mark.parametrize("amount", [None, 0, "0.000000"])
def test_a_fine_of_nothing_is_no_fine(connection: sa.Connection, amount: Any) -> None:
    judged(connection, [a_row(PENALTY, {"cf_cflb": "警告;罚款", "cf_nr_fk": amount})])
    assert broken(connection) == {(1, "PEN-R22")}


def test_an_amount_that_cannot_be_read_breaks_the_rule_on_amounts_only(connection: sa.Connection) -> None:
    judged(connection, [a_row(PENALTY, {"cf_cflb": "罚款", "cf_nr_fk": None, "cf_nr_fk_text": "两千元"})])
    assert broken(connection) == {(1, "PEN-R14-CF_NR_FK")}


def test_a_date_that_cannot_be_read_is_not_called_missing(connection: sa.Connection) -> None:
    judged(connection, [a_row(PENALTY, {"cf_jdrq": None, "cf_jdrq_text": "2026/02/30"})])
    assert broken(connection) == {(1, "PEN-R14-CF_JDRQ")}


@pytest.mark.parametrize("kinds", ["警告", "罚款;没收违法所得", "警告;", "其他-通报", "警告;其他-其他"])
def test_kinds_of_penalty_may_be_joined_and_annotated(connection: sa.Connection, kinds: str) -> None:
    judged(connection, [a_row(PENALTY, {"cf_cflb": kinds})])
    assert (1, "PEN-R21") not in broken(connection)


@pytest.mark.parametrize("kinds", ["其他", "其他-", "警告-其他", ";警告", "警告;;罚款", "警告、罚款"])
def test_kinds_of_penalty_that_nobody_declared_are_found(connection: sa.Connection, kinds: str) -> None:
    judged(connection, [a_row(PENALTY, {"cf_cflb": kinds})])
    assert (1, "PEN-R21") in broken(connection)


def test_a_natural_person_is_judged_by_its_own_rules(connection: sa.Connection) -> None:
    person = {"cf_xdr_lb": "自然人", "cf_xdr_shxym": None, "cf_frdb": None, "cf_xdr_zjlx": "身份证"}
    rows = [
        a_row(PENALTY, person | {"cf_xdr_zjhm": "350402********0012", "cf_xdr_zjhm_verdict": "resident_id:valid"}),
        a_row(PENALTY, person | {"cf_xdr_zjhm": "350402********0013", "cf_xdr_zjhm_verdict": "resident_id:checksum"}),
        a_row(PENALTY, person),
    ]
    judged(connection, rows)
    assert broken(connection) == {(2, "PEN-R13-CF_XDR_ZJHM"), (3, "PEN-R05-CF_XDR_ZJHM")}


def test_the_business_date_decides_what_lies_in_the_future(connection: sa.Connection) -> None:
    row = a_row(PENALTY, {"cf_jdrq": "2026-11-25"})
    assert judged(connection, [row])["PEN-R15"].state == "failed"
    assert judged(connection, [row], date(2026, 11, 25))["PEN-R15"].state == "passed"


def test_one_record_delivered_twice_is_no_conflict_but_two_contents_are(connection: sa.Connection) -> None:
    same, other = a_row(PENALTY), a_row(PENALTY)
    changed = a_row(PENALTY, {"record_id": other["record_id"], "cf_sy": "补录的事实"})
    keyless = [a_row(PENALTY, {"record_id": None, "cf_sy": text}) for text in ("一", "二")]
    judged(connection, [same, same, other, changed, *keyless])
    assert broken(connection) == {(3, "PEN-R27"), (4, "PEN-R27")}


def test_a_value_that_looks_like_sql_is_a_value(connection: sa.Connection) -> None:
    text = "'; DROP TABLE quality.violation; -- %s :x {{ y }} \\"
    judged(connection, [a_row(PENALTY, {"cf_sy": text, "cf_cflb": text})])
    assert broken(connection) == {(1, "PEN-R21")}


def test_words_of_a_rule_are_literals_whatever_signs_they_hold(connection: sa.Connection) -> None:
    word = "50%_'\\:x"
    odd = replace(rule("PEN-R22"), kwargs=rule("PEN-R22").kwargs | {"words": [word]})
    judged(connection, [a_row(PENALTY, {"cf_cflb": f"警告{word}"}), a_row(PENALTY, {"cf_cflb": "50x_'"})], rules=(odd,))
    assert broken(connection) == {(1, "PEN-R22")}


def test_judging_twice_is_judging_once_and_leaves_other_batches_alone(connection: sa.Connection) -> None:
    stage(connection, PENALTY, [a_row(PENALTY, {"cf_wsh": None})], batch_id=2)
    judge(connection, PENALTY, TABLE, 2, DATE)
    judged(connection, [a_row(PENALTY, {"cf_sy": None})])
    judged(connection, [a_row(PENALTY, {"cf_sy": None})])
    assert broken(connection) == {(1, "PEN-R01-CF_SY")}
    assert connection.scalar(sa.text("SELECT count(*) FROM quality.violation WHERE batch_id = 2")) == 1


def test_rows_of_another_batch_in_the_same_table_are_not_judged(connection: sa.Connection) -> None:
    stage(connection, PENALTY, [a_row(PENALTY, {"cf_wsh": None})], batch_id=2)
    judge(connection, PENALTY, TABLE, 1, DATE)
    assert broken(connection) == set()


def test_a_rule_that_the_database_refuses_is_an_error_and_hides_no_other(connection: sa.Connection) -> None:
    condition = {"column_list": ["cf_wsh", "cf_sy"], "holds": "cast(cf_wsh AS integer) > 0"}
    raising = replace(rule("PEN-R07"), code="PEN-R99", kwargs=condition)
    rows = [a_row(PENALTY, {"cf_sy": None})]
    results = judged(connection, rows, rules=(*suite(PENALTY), raising))
    assert (results["PEN-R99"].state, results["PEN-R99"].failed_count) == ("error", 0)
    assert "InvalidTextRepresentation" in results["PEN-R99"].message
    assert rows[0]["cf_wsh"] not in results["PEN-R99"].message
    assert broken(connection) == {(1, "PEN-R01-CF_SY")}
    assert [one.state for one in results.values()].count("error") == 1


def test_a_rule_on_a_column_that_the_table_lacks_is_an_error(connection: sa.Connection) -> None:
    missing = replace(rule("PEN-R01-CF_SY"), code="PEN-R98", kwargs={"column": "cf_gone"})
    results = judged(connection, [a_row(PENALTY)], rules=(rule("PEN-R01-CF_WSH"), missing))
    assert (results["PEN-R98"].state, results["PEN-R01-CF_WSH"].state) == ("error", "passed")
    assert "cf_gone" in results["PEN-R98"].message


def test_a_changed_sentence_is_registered(connection: sa.Connection) -> None:
    judged(connection, [a_row(PENALTY)], rules=(replace(rule("PEN-R15"), says="旧句"),))
    judged(connection, [a_row(PENALTY)])
    said = connection.scalar(sa.text("SELECT says FROM quality.rule WHERE rule_code = 'PEN-R15'"))
    assert said == rule("PEN-R15").says


# The gate


def gated(connection: sa.Connection, folder: Path, rows: list[dict[str, Any]], feed: Feed, previous: int = 0) -> str:
    """Land, judge and gate a batch after a stored one of `previous` rows; return the page of its measures."""
    if previous:
        land(connection, feed, date(2026, 11, 23), previous, "stored")
    batch_id = land(connection, feed, DATE, len(rows), "landed")
    stage(connection, PENALTY, rows, batch_id)
    judge(connection, PENALTY, TABLE, batch_id, DATE)
    gate(connection, feed, batch_id, DATE, folder)
    return next(folder.rglob("index.html")).read_text("utf-8")


def is_within(page: str) -> bool:
    """Say whether a page of measures shows all of them within their bounds."""
    words = re.findall(r">\s*(不?符合)\s*<", page)
    return words == ["符合"]


def land(connection: sa.Connection, feed: Feed, day: date, row_count: int, state: str) -> int:
    batch = sa.table("batch", *[sa.column(name) for name in (*LANDED, "batch_id")], schema="landing")
    known_at = datetime.combine(day, datetime.min.time(), UTC)
    values = (feed.name, feed.record_type, day, known_at, f"{day}", "test", row_count, state)
    added = sa.insert(batch).values(dict(zip(LANDED, values, strict=True))).returning(batch.c.batch_id)
    return int(connection.execute(added).scalar_one())


LANDED = ("feed", "record_type", "business_date", "known_at", "checksum", "origin", "row_count", "state")


def a_feed(**bounds: Any) -> Feed:
    """Return the safety division's feed with these bounds changed from wide ones."""
    wide: dict[str, Any] = {"min_rows": 0, "max_rows": 100, "max_shrink_percent": 100, "max_quarantined_percent": 100}
    feed = catalogue().feeds["safety_penalty"]
    return feed.model_copy(update={"bounds": feed.bounds.model_copy(update=wide | bounds)})


def test_a_batch_within_its_bounds_goes_on(connection: sa.Connection, tmp_path: Path) -> None:
    assert is_within(gated(connection, tmp_path, [a_row(PENALTY)] * 2, a_feed(), previous=2))


@pytest.mark.parametrize(
    ("row_count", "bounds", "found"),
    [
        pytest.param(2, {"min_rows": 3}, "found 2 rows, expected 3 to 100", id="too few"),
        pytest.param(0, {"min_rows": 1}, "found 0 rows, expected 1 to 100", id="none"),
        pytest.param(2, {"max_rows": 1}, "found 2 rows, expected 0 to 1", id="too many"),
        pytest.param(0, {"min_rows": 1, "max_rows": 2_000_000}, "expected 1 to 2,000,000", id="a large bound"),
        pytest.param(2, {"max_shrink_percent": 20}, "found 80 percent fewer rows than before", id="shrunk"),
    ],
)
def test_a_batch_outside_its_bounds_is_refused(
    connection: sa.Connection, tmp_path: Path, row_count: int, bounds: dict[str, Any], found: str
) -> None:
    with pytest.raises(BatchRefused, match=found) as refused:
        gated(connection, tmp_path, [a_row(PENALTY)] * row_count, a_feed(**bounds), previous=10)
    assert "feed safety_penalty (2026-11-24)" in str(refused.value)
    assert "catalogue/feeds/safety_penalty.yml" in str(refused.value)


def test_growth_is_no_shrinkage(connection: sa.Connection, tmp_path: Path) -> None:
    assert is_within(gated(connection, tmp_path, [a_row(PENALTY)] * 5, a_feed(max_shrink_percent=0), previous=2))


def test_too_many_records_set_aside_refuse_the_batch(connection: sa.Connection, tmp_path: Path) -> None:
    rows = [a_row(PENALTY), a_row(PENALTY, {"cf_sy": None, "cf_yj": None})]
    with pytest.raises(BatchRefused, match="found 50 percent set aside, expected 0 to 40"):
        gated(connection, tmp_path, rows, a_feed(max_quarantined_percent=40))


def test_warnings_set_nothing_aside(connection: sa.Connection, tmp_path: Path) -> None:
    rows = [a_row(PENALTY, {"cf_xdr_lb": "个体工商户"})]
    assert is_within(gated(connection, tmp_path, rows, a_feed(max_quarantined_percent=0)))


def test_a_rule_in_error_refuses_the_batch_and_is_named(connection: sa.Connection, tmp_path: Path) -> None:
    feed = a_feed()
    batch_id = land(connection, feed, DATE, 1, "landed")
    stage(connection, PENALTY, [a_row(PENALTY)], batch_id)
    missing = replace(rule("PEN-R01-CF_SY"), kwargs={"column": "cf_gone"})
    judge_by(connection, (missing,), TABLE, batch_id, DATE)
    with pytest.raises(BatchRefused, match=r"found 1 rules in error.*PEN-R01-CF_SY"):
        gate(connection, feed, batch_id, DATE, tmp_path)


def test_a_batch_that_nobody_judged_does_not_pass(connection: sa.Connection, tmp_path: Path) -> None:
    feed = a_feed()
    with pytest.raises(BatchRefused, match="was not judged"):
        gate(connection, feed, land(connection, feed, DATE, 1, "landed"), DATE, tmp_path)


def test_the_pages_of_a_batch_say_what_failed_and_load_nothing(connection: sa.Connection, tmp_path: Path) -> None:
    with pytest.raises(BatchRefused):
        gated(connection, tmp_path, [a_row(PENALTY, {"cf_sy": None})], a_feed(min_rows=2))
    pages = {path.name: path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    assert set(pages) == {"index.html", "page_1.html"}
    assert "记录数：应在2至100之间" in pages["index.html"]
    assert "PEN-R01-CF_SY（严重）违法事实未填写" in pages["page_1.html"]
    assert "1条违反，适用1条" in pages["page_1.html"]
    for page in pages.values():
        assert not re.search(r"https?:|//|<script|<link|<img|@import|url\(|src=", page)


def test_the_pages_of_a_repeated_gate_are_the_same(connection: sa.Connection, tmp_path: Path) -> None:
    gated(connection, tmp_path, [a_row(PENALTY)], a_feed())
    first = {path: path.read_bytes() for path in tmp_path.rglob("*.html")}
    gate(connection, a_feed(), 1, DATE, tmp_path)
    assert first == {path: path.read_bytes() for path in tmp_path.rglob("*.html")}


# Suites that are refused

IDENTIFIERS, CONDITION = "expect_column_values_to_be_identifiers", "expect_condition_to_hold"


def an_entry(**meta: Any) -> dict[str, Any]:
    entry: dict[str, Any] = yaml.safe_load((PROJECT / "expectations" / "penalty.yml").read_text("utf-8"))
    made: dict[str, Any] = next(one for one in entry["expectations"] if one["meta"]["code"] == "PEN-R28")
    made["meta"] |= meta
    return made


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        pytest.param(an_entry(code="PEN-R01-CF_WSH"), "PEN-R01-CF_WSH: found twice", id="code used twice"),
        pytest.param(an_entry(code="LIC-R15"), "LIC-R15: meta.code: expected `PEN-R`", id="code of another type"),
        pytest.param(an_entry(fails={}), "PEN-R28: meta: expected an example", id="no failing example"),
        pytest.param(an_entry(passes={"cf_gone": 1}), "PEN-R28: found column `cf_gone`", id="unknown example"),
        pytest.param(an_entry(field="CF_GONE"), "PEN-R28: meta.field: `CF_GONE`", id="unknown field"),
        pytest.param(an_entry(dimension="beauty"), "expectations.PEN-R28.meta.dimension", id="unknown dimension"),
        pytest.param(an_entry() | {"type": "expect_magic"}, "PEN-R28: type: `expect_magic`", id="unknown type"),
        pytest.param(an_entry() | {"severity": "fatal"}, "expectations.PEN-R28.severity", id="unknown severity"),
        pytest.param(an_entry() | {"kwargs": {"column": "cf_gone"}}, "found column `cf_gone`", id="unknown column"),
        pytest.param(
            an_entry() | {"kwargs": {"column": "cf_jdrq", "max_value": {"$PARAMETER": "tomorrow"}}},
            "PEN-R28: kwargs: `.PARAMETER: tomorrow` is not given",
            id="unknown parameter",
        ),
        pytest.param(
            an_entry()
            | {"type": "expect_column_values_to_be_identifiers", "kwargs": {"column": "bz", "kind": "phone"}},
            "PEN-R28: kwargs do not fit",
            id="unknown kind",
        ),
        pytest.param(
            an_entry()
            | {"type": "expect_condition_to_hold", "kwargs": {"column_list": ["bz", "cf_sy"], "holds": "cf_x > 1"}},
            "found column `cf_x`",
            id="unknown column in a condition",
        ),
    ],
)
def test_a_rule_that_could_never_judge_is_refused(tmp_path: Path, entry: dict[str, Any], message: str) -> None:
    path = tmp_path / "penalty.yml"
    path.write_text(yaml.safe_dump({"name": "penalty", "expectations": [entry]}, allow_unicode=True), "utf-8")
    with pytest.raises(CatalogueError, match=message) as refused:
        assemble(catalogue(), PENALTY, path)
    assert str(refused.value).startswith("expectations/penalty.yml: ")


def test_a_missing_suite_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"expectations/penalty\.yml is missing"):
        assemble(catalogue(), PENALTY, tmp_path / "penalty.yml")


def test_a_key_given_twice_in_a_suite_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "penalty.yml"
    path.write_text("name: penalty\nname: penalty\nexpectations: []\n", "utf-8")
    with pytest.raises(CatalogueError, match="given twice"):
        assemble(catalogue(), PENALTY, path)


# What importing costs


def run_python(code: str) -> str:
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(PROJECT / 'plugins')!r})\n{code}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_great_expectations_is_imported_only_to_judge() -> None:
    assert run_python("import xinyong.quality; print('great_expectations' in sys.modules)") == "False\n"


@pytest.mark.proofs
def test_importing_great_expectations_prints_nothing() -> None:
    assert run_python("import logging; logging.basicConfig(level=0); import xinyong.quality.expectations") == ""
