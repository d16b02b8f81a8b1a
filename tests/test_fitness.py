"""A record that one platform cannot take is fit for the others, and the reason is in words."""

from __future__ import annotations

import pytest
from deliveries import a_penalty, day
from telling import answered, declared, key_of, known_subject, platform_row, taken_in, told

from xinyong import stages
from xinyong.catalogue.platforms import Projection
from xinyong.database import connected
from xinyong.fitness import unfit
from xinyong.report import attention

pytestmark = pytest.mark.usefixtures("environment")


def with_penalty(found, **changes):
    records = found.platforms["city"].records
    return records | {"penalty": records["penalty"].model_copy(update=changes)}


def reasons(found):
    with connected() as connection:
        return [(one.natural_key, one.column, one.says) for one in unfit(connection, found.platforms["city"], day(1))]


def test_a_text_that_is_too_long_for_one_platform_goes_to_the_others():
    taken_in(day(1), [a_penalty(1), a_penalty(2, cf_sy="未按规定" * 100)])
    with declared("city") as found:
        records = with_penalty(found, lengths={"CF_SY": 300})
    with declared("city", records=records) as found:
        assert told("city", day(1)) == [("add", None, key_of(1))]
        assert len(told("portal", day(1))) == 2
        assert reasons(found) == [(key_of(2), "CF_SY", "「CF_SY」有400字，超过该平台允许的300字")]


def test_a_word_outside_the_platforms_own_and_an_empty_required_column_are_named():
    taken_in(day(1), [a_penalty(1), a_penalty(2, cf_cflb="警告;罚款")])
    with declared("city") as found:
        columns = found.platforms["city"].records["penalty"].columns
        words = Projection(field="CF_CFLB", codes={"罚款": "罚款"})
        records = with_penalty(found, columns=columns | {"CF_CFLB": words}, required=("CF_WSH", "CF_NR_ZKDX"))
    with declared("city", records=records) as found:
        assert told("city", day(1)) == []
        problems = reasons(found)
    assert (key_of(2), "CF_CFLB", "「CF_CFLB」含有该平台代码表以外的用词") in problems
    assert (key_of(1), "CF_NR_ZKDX", "「CF_NR_ZKDX」未填写，该平台要求必填") in problems
    assert len(problems) == 3


def test_what_does_not_fit_is_counted_in_the_ledger_apart_from_what_should_be_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_NATIONAL", tmp_path.as_uri())
    known_subject()
    taken_in(day(1), [a_penalty(1), a_penalty(2, cf_wfxw="违反规定" * 100)])
    with declared("national") as found:
        records = found.platforms["national"].records
        penalty = records["penalty"].model_copy(update={"lengths": {"违法行为类型": 300}})
    with declared("national", records=records | {"penalty": penalty}):
        assert told("national", day(1)) == [("add", None, key_of(1))]
        answered("national")
        stages.settle_platform("national", day(1))
    row = platform_row("national", day(1))
    assert (row.unfit, row.desired_count, row.published_count, row.balances) == (1, 1, 1, True)
    assert any("xinyong unfit national" in line for line in attention(stages.read_ledger(day(1))))
