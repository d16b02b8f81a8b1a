"""In a large table every rule's planted defect is caught, row by row, and no sound row is accused."""

from __future__ import annotations

import os
import sys

import pytest
from proofs import as_proofs

from tests.conftest import PROJECT
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.quality.suites import suite

sys.path.append(str(PROJECT / "benchmarks"))

ROWS = int(os.environ.get("XINYONG_TEST_PLANTED_ROWS", "60000"))  # a million takes minutes; docs/quality.md has it


@pytest.mark.parametrize(("count", "every"), [(5_000, 9), *as_proofs((ROWS, 1))], ids=["a sample", "every rule"])
def test_planted_is_caught(database_url: str, count: int, every: int) -> None:
    import quality as benchmark
    from staged import TABLE

    rules = suite(catalogue().records["penalty"])[::every]
    needed = [rule for rule in suite(catalogue().records["penalty"]) if rule.type in benchmark.PLACED]
    rules = tuple(dict.fromkeys([*rules, *needed]))
    with connected(database_url) as connection:
        benchmark.prepared(connection, count, rules)
    with connected(database_url) as connection:
        benchmark.listed(connection, rules, TABLE)
        found = benchmark.caught(connection, rules, TABLE)
        planted = benchmark.rules_planted(connection)
    assert (found.missed, found.accused) == (0, 0)
    assert found.planted == found.listed >= found.rows == count // benchmark.EVERY
    assert planted == len(rules), "a rule has no planted defect"
