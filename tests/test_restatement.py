"""A restated content is stored as it was meant, night after night, until its source says something else."""

from __future__ import annotations

import pytest
from deliveries import a_penalty, day, hashes, judged, landed, rows, stored, take_in

from xinyong import restatement
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.restatement import RestatementError, Wanted
from xinyong.warehouse import store_again

FEED = "enforcement_penalty"
FIRST_DOCUMENT = "闽明工信罚〔2026〕1号"

pytestmark = pytest.mark.usefixtures("environment")


def restate(*wanted, person="林", reason="录入有误", again=True):
    """Restate by hand and store the feed's batches since then once more."""
    with connected() as connection:
        feed = catalogue().feeds[FEED]
        found = restatement.resolve(connection, catalogue(), feed, wanted)
        restatement.record(connection, feed, found, person, reason, day(9))
        if again:
            store_again(connection, catalogue(), feed, min(one.since for one in found))
    return found


def standing():
    with connected() as connection:
        return [(one.document, one.state) for one in restatement.standing(connection)]


def live(*columns):
    return rows(
        f"SELECT {', '.join(columns)} FROM warehouse.penalty WHERE valid_to IS NULL AND ending IS NULL ORDER BY cf_wsh"
    )


def test_a_restated_content_replaces_the_wrong_one_and_is_read_like_a_delivered_one():
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲"), a_penalty(2)])
    restate(
        Wanted(FIRST_DOCUMENT, "CF_SY", "乙 "),
        Wanted(FIRST_DOCUMENT, "处罚决定日期", "2026年11月3日"),
        Wanted(FIRST_DOCUMENT, "CF_NR_FK", "２.50"),
        Wanted(FIRST_DOCUMENT, "CF_YXQ", "2027/1/2"),
    )
    assert live("cf_sy", "cf_jdrq::text", "cf_nr_fk::text", "cf_yxq::text")[0] == (
        "乙",
        "2026-11-03",
        "2.5",
        "2027-01-02",
    )
    assert len(live("cf_sy")) == 2
    assert rows("SELECT cf_sy FROM landing.enforcement_penalty ORDER BY row_number")[0] == ("甲",)


def test_the_corrected_content_hashes_as_if_the_source_had_delivered_it():
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲")])
    restate(Wanted(FIRST_DOCUMENT, "CF_SY", "乙"))
    restated = live("content_hash")
    take_in(FEED, day(2), [a_penalty(1, cf_sy="乙")])
    assert live("content_hash") == restated
    assert rows("SELECT count(*) FROM warehouse.penalty") == [(1,)]


def test_nights_after_it_neither_undo_it_nor_hide_that_it_stands_was_fixed_or_lapsed():
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲"), a_penalty(2)])
    restate(Wanted(FIRST_DOCUMENT, "CF_SY", "乙"))
    take_in(FEED, day(2), [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="其他")])
    assert live("cf_sy")[0] == ("乙",)
    assert standing() == [(FIRST_DOCUMENT, "standing")]
    take_in(FEED, day(3), [a_penalty(1, cf_sy="乙"), a_penalty(2)])
    assert live("cf_sy")[0] == ("乙",)
    assert standing() == [(FIRST_DOCUMENT, "fixed_at_source")]
    take_in(FEED, day(4), [a_penalty(1, cf_sy="丙"), a_penalty(2)])
    assert live("cf_sy")[0] == ("丙",)
    assert standing() == [(FIRST_DOCUMENT, "lapsed")]
    take_in(FEED, day(5), [a_penalty(1, cf_sy="甲"), a_penalty(2)])
    assert live("cf_sy")[0] == ("乙",)
    assert standing() == [(FIRST_DOCUMENT, "standing")]


def test_it_holds_from_the_batch_that_last_showed_the_content():
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲"), a_penalty(2)])
    take_in(FEED, day(2), [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="其他")])
    restate(Wanted(FIRST_DOCUMENT, "CF_SY", "乙"))
    believed = rows(
        "SELECT cf_sy, known_at::date::text, valid_from::date::text, valid_to::date::text "
        "FROM warehouse.penalty WHERE cf_wsh = :d ORDER BY 2",
        d=FIRST_DOCUMENT,
    )
    wrong, meant = ("2026-11-25", "2026-11-25", "2026-11-25"), ("2026-11-26", "2026-11-25", None)
    assert believed == [("甲", *wrong), ("乙", *meant)]


def test_batches_and_restatements_in_any_order_lead_to_one_warehouse():
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲"), a_penalty(2)])
    take_in(FEED, day(3), [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="三")])
    restate(Wanted(FIRST_DOCUMENT, "CF_SY", "乙"))
    take_in(FEED, day(2), [a_penalty(1, cf_sy="丙"), a_penalty(2)])
    late = hashes()
    for batch_id in sorted(n for (n,) in rows("SELECT batch_id FROM landing.batch")):
        judged(batch_id)
        stored(batch_id)
    with connected() as connection:
        first = rows("SELECT min(known_at) FROM landing.batch")[0][0]
        store_again(connection, catalogue(), catalogue().feeds[FEED], first)
    assert hashes() == late


def test_a_set_aside_record_enters_once_its_missing_field_is_restated():
    take_in(FEED, day(1), [a_penalty(1, cf_sy=None), a_penalty(2)])
    restate(Wanted(FIRST_DOCUMENT, "CF_SY", "补"), again=False)
    batch_id = landed(FEED, day(2), [a_penalty(1, cf_sy=None), a_penalty(2, cf_sy="其他")])
    judged(batch_id)
    stored(batch_id)
    assert live("cf_sy")[0] == ("补",)
    assert rows("SELECT state FROM quality.quarantine") == [("fixed_at_source",)]


def test_a_row_without_a_key_gets_the_key_that_is_restated():
    take_in(FEED, day(1), [a_penalty(1, cf_wsh=None), a_penalty(2)])
    (number,) = rows("SELECT left(encode(content_hash, 'hex'), 12) FROM quality.quarantine")[0]
    restate(Wanted(number, "CF_WSH", FIRST_DOCUMENT), again=False)
    take_in(FEED, day(2), [a_penalty(1, cf_wsh=None), a_penalty(2, cf_sy="其他")])
    assert live("cf_wsh")[0] == (FIRST_DOCUMENT,)


def test_identity_numbers_in_corrected_texts_are_hidden():
    take_in(FEED, day(1), [a_penalty(1)])
    restate(Wanted(FIRST_DOCUMENT, "CF_SY", "林某350402198001010019违规"))
    ((text,),) = live("cf_sy")
    assert "198001010019" not in text
    assert "‹sealed:" in text


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        pytest.param(
            [Wanted("不存在", "CF_SY", "乙", place="row 2")], "row 2: `不存在` names no live record", id="unknown key"
        ),
        pytest.param([Wanted(FIRST_DOCUMENT, "CF_NEIN", "乙")], "`CF_NEIN` is no field of penalty", id="unknown field"),
        pytest.param([Wanted(FIRST_DOCUMENT, "CF_FR_ZJHM", "1")], "only its source may correct", id="identity"),
        pytest.param([Wanted(FIRST_DOCUMENT, "CF_WSH", "别号")], "belongs to the record's key", id="key"),
        pytest.param(
            [Wanted(FIRST_DOCUMENT, "CF_SY", "乙", old="不是")], "does not hold what the file says", id="moved"
        ),
        pytest.param(
            [Wanted(FIRST_DOCUMENT, "CF_SY", "乙"), Wanted(FIRST_DOCUMENT, "CF_SY", "丙")],
            "two values",
            id="contradicts itself",
        ),
        pytest.param(
            [Wanted(FIRST_DOCUMENT, "处罚决定日期", "2026/13/40", place="row 2")],
            r"row 2: CF_JDRQ \(处罚决定日期\) cannot be read from `2026/13/40`; give a date such as 2026-11-03",
            id="no date",
        ),
        pytest.param(
            [Wanted("不存在", "CF_NR_FK", "abc", place="row 3")],
            r"row 3: `不存在` names no live .*; row 3: CF_NR_FK .* cannot be read from `abc`; give an amount such as",
            id="no amount",
        ),
        pytest.param(
            [Wanted("", "", None, problem="row 2 lacks the field"), Wanted("不存在", "CF_SY", "乙", place="row 3")],
            "Found: row 2 lacks the field; row 3: `不存在` names no live record",
            id="a half-empty line beside an unknown record",
        ),
        pytest.param([], "the file names no record", id="empty"),
    ],
)
def test_what_cannot_be_restated_is_named_and_nothing_changes(wanted, says):
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲")])
    with pytest.raises(RestatementError, match=says):
        restate(*wanted)
    assert rows("SELECT count(*) FROM quality.restatement") == [(0,)]


def test_a_clerk_is_told_of_an_unreadable_value_in_chinese_and_a_blank_is_readable():
    take_in(FEED, day(1), [a_penalty(1)])
    with pytest.raises(RestatementError) as refused:
        restate(Wanted(FIRST_DOCUMENT, "CF_JDRQ", "2026-02-30"))
    assert refused.value.zh == "处罚决定日期“2026-02-30”无法识别，请写成 2026-11-03。"
    assert restate(Wanted(FIRST_DOCUMENT, "CF_NR_FK", "无"), Wanted(FIRST_DOCUMENT, "CF_YXQ", None))


def test_a_second_person_is_told_what_stands():
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲")])
    first = restate(Wanted(FIRST_DOCUMENT, "CF_SY", "乙"))
    told = r"restated by 林 on 2026-12-02 \(hand: CF_SY\), and that stands"
    with pytest.raises(RestatementError, match=told) as refused:
        restate(Wanted(FIRST_DOCUMENT, "CF_YJ", "丙"), person="陈")
    assert "那次更正仍然有效" in refused.value.zh
    with connected() as connection, pytest.raises(RestatementError, match="restated by 林"):
        restatement.record(connection, catalogue().feeds[FEED], first, "陈", "同时", day(9))


def test_a_restatement_has_a_person_and_a_reason():
    take_in(FEED, day(1), [a_penalty(1)])
    with pytest.raises(RestatementError, match="one is blank"):
        restate(Wanted(FIRST_DOCUMENT, "CF_SY", "乙"), reason=" ")


def test_dates_and_amounts_are_compared_by_what_they_say():
    take_in(FEED, day(1), [a_penalty(1, cf_jdrq="2026-11-20", fine_yuan="15000")])
    found = restate(
        Wanted(FIRST_DOCUMENT, "CF_JDRQ", "2026-11-19", old="2026/11/20"),
        Wanted(FIRST_DOCUMENT, "CF_NR_FK", "2", old="1.50"),
    )
    assert dict(found[0].fields) == {"CF_JDRQ": "2026-11-19", "CF_NR_FK": "2"}


def test_the_morning_lists_what_the_source_has_not_taken_over(tmp_path):
    from xinyong import report

    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲"), a_penalty(2, cf_sy="甲")])
    restate(Wanted(FIRST_DOCUMENT, "CF_SY", "乙"), Wanted("闽明工信罚〔2026〕2号", "CF_SY", "乙"))
    take_in(FEED, day(2), [a_penalty(1, cf_sy="丙"), a_penalty(2, cf_sy="甲")])
    with connected() as connection:
        found = report.ledger(connection, catalogue(), day(9))
    report.write(found, catalogue(), tmp_path)
    page = (tmp_path / "index.html").read_text("utf-8")
    assert "来源另有新内容，更正已失效，请核对" in page
    assert "来源未改，更正仍在用" in page
    assert [one["state"] for one in found.as_dict()["restated"]] == ["lapsed", "standing"]
    assert any(
        "1号: restated by 林 on 2026-12-02 (CF_SY); the source delivers a third" in line
        for line in report.attention(found)
    )
