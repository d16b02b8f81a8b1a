"""Cleaning: spellings that are read, spellings that are not, and what makes two records or contents the same."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from deliveries import a_licence, a_penalty, a_subject

from tests.conftest import TEST_KEYS, fresh_database
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.extract import Delivery
from xinyong.landing import land
from xinyong.sealing import sealer
from xinyong.stages import known_at
from xinyong.staging import stage

NIGHT = date(2026, 11, 24)
FULL_WIDTH = str.maketrans("0123456789ABCXYZ.,;/-", "０１２３４５６７８９ＡＢＣＸＹＺ．，；／－")


@pytest.fixture(autouse=True, scope="module")
def _world(postgres, migrated_database):
    """One database for all: each test cleans a batch of its own and looks at nothing else."""
    with pytest.MonkeyPatch.context() as patch, contextmanager(fresh_database)(postgres, migrated_database) as url:
        for name, value in {**TEST_KEYS, "XINYONG_DATABASE_URL": url}.items():
            patch.setenv(name, value)
        yield


def asked(expression, **values):
    """Return what an expression says in a fresh session of the warehouse."""
    with connected() as connection:
        return connection.scalar(sa.text(f"SELECT {expression}"), values)


def staged(feed_name, *rows):
    """Land and clean rows given by landed column; return the staged table."""
    found = catalogue()
    feed = found.feeds[feed_name]
    record_type = found.records[feed.record_type]
    cells = ([row.get(name) for name in feed.columns.values()] for row in rows)
    with connected() as connection:
        delivery = Delivery("x", tuple(feed.columns), cells)
        batch_id = land(connection, feed, record_type, delivery, NIGHT, known_at(NIGHT), sealer())
        stage(connection, feed, record_type, batch_id, known_at(NIGHT))
        query = sa.text(f"SELECT * FROM quality.staged_{feed_name} ORDER BY row_number")
        return [dict(row) for row in connection.execute(query).mappings()]


def a_legacy_licence(**changes):
    row = {
        "xk_wsh": "许1",
        "xk_xdr_mc": "三明示例机械有限公司",
        "xk_jdrq": "2026/11/3",
        "xk_xkjg": "三明市工业和信息化局",
    }
    return row | {"xk_xdr_shxym": "91350402MA2XYKT640", "v1_state": "0"} | changes


@pytest.mark.parametrize("written", ["2026/11/3", "2026/11/03", "2026-11-03", "2026.11.3", "2026年11月3日", "20261103"])
@pytest.mark.parametrize("width", ["half", "full"])
def test_a_date_is_read_in_every_spelling(written, width):
    row = a_penalty(1, cf_jdrq=written.translate(FULL_WIDTH) if width == "full" else f" {written}\n")
    assert staged("enforcement_penalty", row)[0]["cf_jdrq"] == date(2026, 11, 3)


def test_a_date_cell_of_a_workbook_is_read():
    assert asked("quality.to_date('2026-11-03 00:00:00')") == date(2026, 11, 3)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "2026-02-30",
            "2026/13/01",
            "2026-00-10",
            "2026-11-00",
            "2025-02-29",
            "1900-02-29",
            "20261131",
            "2026年13月1日",
        ),
        *("2026-11/03", "2026.11-3", "26-11-03", "3026-11-03", "2026-11", "2026年11月3", "2026-11-3日", "03/11/2026"),
        *("2026-11-03 10:30:00", "46329", "明天", "2026-11-03; DROP TABLE x"),
    ],
)
def test_what_is_no_date_or_cannot_exist_keeps_its_text(written):
    row = staged("enforcement_penalty", a_penalty(1, cf_jdrq=written))[0]
    assert (row["cf_jdrq"], row["cf_jdrq_text"]) == (None, written)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        *(("0.2", "0.2"), ("2000", "2000"), ("1,234.5", "1234.5"), ("1,234,567", "1234567"), ("-3", "-3")),
        *(
            (".5", "0.5"),
            ("0.200000", "0.2"),
            ("1００".replace("1", "１"), "100"),
            ("１，２３４．５", "1234.5"),
            (" 7\n", "7"),
        ),
    ],
)
def test_an_amount_is_read_with_or_without_separators(written, amount):
    assert str(staged("safety_penalty", a_penalty(1, cf_nr_fk=written))[0]["cf_nr_fk"]) == amount


@pytest.mark.parametrize(
    "written", ["2000元", "1,23", "1 000", "一千", "1e3", "0x10", "=1+1", "NaN", "1.2.3", "9" * 14, "￥5"]
)
def test_what_is_no_amount_keeps_its_text(written):
    row = staged("safety_penalty", a_penalty(1, cf_nr_fk=written))[0]
    assert (row["cf_nr_fk"], row["cf_nr_fk_text"]) == (None, None if written == "NaN" else written)


@pytest.mark.parametrize(
    ("yuan", "amount"), [("2000", "0.2"), ("1,234,567.89", "123.456789"), ("0", "0"), ("两千", None)], ids="abcd"
)
def test_a_system_that_books_in_yuan_is_read_in_ten_thousands(yuan, amount):
    row = staged("enforcement_penalty", a_penalty(1, fine_yuan=yuan))[0]
    assert (row["cf_nr_fk"] is None) == (amount is None)
    assert row["cf_nr_fk_text"] == (amount or yuan)


@pytest.mark.parametrize(
    "word",
    ["", " ", "　", "\t\n", "无", "/", "-", "—", "--", "null", "NULL", "None", "空", "暂无", " 无　"]
    + ["／", "－", "//", "————", "／／", "－-—", "ＮＵＬＬ", "Ｎone", "\u200b", "\u200b无\u2060", " \u200b / "],
)
@pytest.mark.parametrize("column", ["cf_xdr_mc", "cf_xdr_shxym", "cf_sy"], ids=["name", "code", "long text"])
def test_a_word_that_means_nothing_counts_as_blank(word, column):
    assert staged("enforcement_penalty", a_penalty(1, **{column: word}))[0][column] is None


@pytest.mark.parametrize(
    "value", ["无锡市某厂", "-5", "/某", "空调", "NULLA", "无/无", "——某", "\u200b某", "不详", "N/A"]
)
def test_a_word_that_only_begins_like_nothing_stays(value):
    assert staged("enforcement_penalty", a_penalty(1, cf_xdr_mc=value))[0]["cf_xdr_mc"] == value


@pytest.mark.parametrize("edge", [" ", "　", "\t", "\r\n", "\u00a0", "\ufeff"])
def test_blanks_around_a_value_are_trimmed_and_those_inside_stay(edge):
    row = staged("enforcement_penalty", a_penalty(1, cf_xdr_mc=f"{edge}甲 乙{edge}"))[0]
    assert row["cf_xdr_mc"] == "甲 乙"


def test_full_width_signs_are_folded_in_codes_and_kept_in_names_and_texts():
    row = a_penalty(
        1,
        cf_xdr_shxym="９１350402ＭＡ2XYKT640",
        cf_xdr_mc="ＡＢ（三明）公司",
        cf_sy="第１条，罚款",
        cf_cflb="警告；罚款",
    )
    found = staged("enforcement_penalty", row)[0]
    assert (found["cf_xdr_shxym"], found["cf_cflb"]) == ("91350402MA2XYKT640", "警告;罚款")
    assert (found["cf_xdr_mc"], found["cf_sy"]) == ("ＡＢ（三明）公司", "第１条，罚款")


@pytest.mark.parametrize(
    "value", ["'); DROP TABLE landing.batch; --", "=1+1", "一\n二", "a\x01b", "C:\\x", "{{ x }} :y %s"], ids="abcdef"
)
def test_a_strange_value_passes_through_cleaning_as_it_is(value):
    assert staged("enforcement_penalty", a_penalty(1, cf_sy=value))[0]["cf_sy"] == value


def ids(*rows):
    return [row["record_id"] for row in staged("enforcement_penalty", *rows)]


@pytest.mark.parametrize(
    "document",
    ["闽明工信罚[2026]1号", "闽明工信罚（2026）1号", " 闽明工信罚〔2026〕1号　", "闽明工信罚【２０２６】 1 号"],
)
def test_a_record_keeps_its_id_however_its_number_is_written(document):
    assert len(set(ids(a_penalty(1), a_penalty(1, cf_wsh=document)))) == 1


def test_parties_of_one_document_are_records_of_their_own_and_a_blank_key_is_none():
    one, other, none = ids(a_penalty(1), a_penalty(1, cf_xdr_mc="乙厂"), a_penalty(1, cf_wsh="无"))
    assert one != other and none is None


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        pytest.param({"cf_jdrq": "2026年11月20日"}, True, id="another spelling of a date"),
        pytest.param({"fine_yuan": "10,000.00"}, True, id="another spelling of an amount"),
        pytest.param({"cf_xdr_mc": " 三明示例机械有限公司"}, True, id="blanks"),
        pytest.param({"source_id": "C99"}, True, id="the system's own id"),
        pytest.param({"cf_sy": "其他事实"}, False, id="another value"),
        pytest.param({"cf_jdrq": "2026-02-30"}, False, id="an unreadable date"),
        pytest.param({"cf_sy": None, "cf_yj": "未按规定报送能源利用状况报告"}, False, id="a value in another field"),
        pytest.param({"cf_xdr_zjhm": "350402199001010012"}, False, id="an identity number"),
    ],
)
def test_content_is_the_same_exactly_when_what_it_says_is(change, is_same):
    one, other = staged("enforcement_penalty", a_penalty(1), a_penalty(1, **change))
    assert (one["content_hash"] == other["content_hash"]) is is_same


EDGES = (
    "甲",
    "乙",
    None,
    "CF_YJ:t=乙",
    "甲\x1fCF_YJ:t=乙",
    "甲\x1f",
    "\x1f乙",
    "甲\x1fCF_YJ:t=",
    "\x1f",
    "t=",
    "=甲",
    "?甲",
)


def test_two_contents_never_hash_alike_whatever_delimiters_their_values_hold():
    pairs = list(itertools.product(EDGES, repeat=3))
    found = staged("enforcement_penalty", *[a_penalty(1, cf_sy=a, cf_yj=b, bz=c) for a, b, c in pairs])
    contents = [(row["content_hash"], (row["cf_sy"], row["cf_yj"], row["bz"])) for row in found]
    by_hash = {}
    for content_hash, content in contents:
        by_hash.setdefault(bytes(content_hash), set()).add(content)
    assert [alike for alike in by_hash.values() if len(alike) > 1] == []
    assert len(by_hash) == len({content for _, content in contents})


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-20T09:00:00+08:00", "2026-11-20 01:00"),
        ("2026-11-20T01:00:00Z", "2026-11-20 01:00"),
        ("2026-11-20 09:00:00", "2026-11-20 01:00"),
        ("2026/11/20 9:00", "2026-11-20 01:00"),
        ("2026-11-20 09:00:00.123456789 +0800", "2026-11-20 01:00"),
        ("2026-11-20", "2026-11-19 16:00"),
    ],
)
def test_the_time_of_a_change_is_read_in_the_departments_zone(written, moment):
    found = asked("to_char(quality.to_moment(:written) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')", written=written)
    assert found == moment


@pytest.mark.parametrize(
    "written", ["昨天", "2026-02-30T09:00:00", "2026-11-20T25:00:00", "2026-11-20 09:61", "9", "", None]
)
def test_a_time_that_is_none_counts_as_not_said_and_stops_nothing(written):
    row = staged("approvals_licence", a_licence(1, written))[0]
    assert row["source_at"] == known_at(NIGHT)


def test_a_time_before_the_bound_of_its_feed_is_that_of_a_dead_clock(monkeypatch):
    found = catalogue()
    feed = found.feeds["approvals_licence"].model_copy(update={"source_at_not_before": date(2000, 1, 1)})
    bounded = replace(found, feeds=found.feeds | {feed.name: feed})
    monkeypatch.setitem(globals(), "catalogue", lambda: bounded)
    old, good = staged(feed.name, a_licence(1, "1970-01-01T08:00:00+08:00"), a_licence(2, "2000-01-01T00:00:00+08:00"))
    assert old["source_at"] == known_at(NIGHT)
    assert good["source_at"].isoformat() == "2000-01-01T00:00:00+08:00"


def test_a_change_from_the_future_is_taken_as_known_now():
    assert staged("approvals_licence", a_licence(1, "2099-01-01T00:00:00+08:00"))[0]["source_at"] == known_at(NIGHT)


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ({}, "法人及非法人组织"),
        ({"xk_xdr_shxym": "92350402MA2XYKT640"}, "个体工商户"),
        ({"xk_xdr_shxym": "00000000000000000X"}, "个体工商户"),
        ({"xk_xdr_shxym": "", "xk_xdr_gszc": "350402100000017"}, "法人及非法人组织"),
        ({"xk_xdr_shxym": ""}, "自然人"),
    ],
    ids=["company", "household", "household without a code", "old number only", "person"],
)
def test_the_kind_of_party_is_derived_from_the_codes_of_the_old_template(codes, kind):
    number = {"resident_number": "350402199001010012"}
    row = staged("safety_licence_legacy", a_legacy_licence(**codes, **number))[0]
    own, representatives = row["xk_xdr_zjhm"], row["xk_fr_zjhm"]
    assert row["xk_xdr_lb"] == kind
    assert (own is None) == (kind != "自然人") and (representatives is None) == (kind == "自然人")


def test_codes_are_translated_and_an_unknown_one_stays_for_the_rules():
    known, unknown = staged(
        "safety_licence_legacy", a_legacy_licence(), a_legacy_licence(v1_state="9", xk_xkjg="别的局")
    )
    assert (known["xk_zt"], known["xk_xkjgdm"]) == ("1", "11350400003691230N")
    assert (unknown["xk_zt"], unknown["xk_xkjgdm"]) == ("9", "别的局")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("0", "1"), ("", "1"), (" ", "1"), ("1", "撤销"), ("2", "异议"), ("3", "其他"), ("9", "9")],
)
def test_the_state_of_the_old_template_is_never_taken_for_that_of_the_new_one(written, meant):
    assert staged("safety_licence_legacy", a_legacy_licence(v1_state=written))[0]["xk_zt"] == meant


def test_a_subject_without_a_unified_code_is_known_by_its_old_number():
    row = staged("registry_subject", a_subject("老厂", "-"))[0]
    assert (row["sub_dm"], row["sub_shxym"]) == ("350402100000017", None)


@pytest.mark.parametrize(
    ("written", "decided", "cleaned"),
    [
        pytest.param("警告；", "2026-11-20", "警告", id="a separator left at the end"),
        pytest.param("警告；罚款; ", "2026-11-20", "警告;罚款", id="separators of both widths"),
        pytest.param("其他-警告", "2015-11-20", "警告", id="a listed word behind the prefix"),
        pytest.param("警告-其他-其他", "2026-11-20", "警告", id="the prefix behind a listed word"),
        pytest.param("警告；其他-其他", "2026-11-20", "警告;其他-其他", id="the prefix alone says nothing and stays"),
        pytest.param("其他-不予行政处罚", "2026-11-20", "其他-不予行政处罚", id="free text stays"),
        pytest.param("其他-通报批评;罚款", "2021-07-15", "通报批评;罚款", id="a new kind on the first day of its law"),
        pytest.param("其他-通报批评", "2021-07-14", "其他-通报批评", id="the same on the day before"),
        pytest.param("吊销许可证", "2026-11-20", "吊销许可证件", id="an old word under the new law"),
        pytest.param(
            "吊销许可证",
            "2018-11-20",
            "暂扣或者吊销许可证、暂扣或者吊销执照",
            id="the same under the template of its time",
        ),
        pytest.param("吊销许可证", "明天", "吊销许可证", id="no date, no law"),
        pytest.param("暂扣许可证；暂扣执照", "2026-11-20", "暂扣许可证件", id="two spellings of one kind are one"),
        pytest.param("批评教育;警告", "2026-11-20", "批评教育;警告", id="what is not known is left to the rule"),
        pytest.param(";", "2026-11-20", None, id="nothing between separators is nothing"),
        pytest.param(
            "没收违法所得、没收非法财物",
            "2026-11-20",
            "没收违法所得、没收非法财物",
            id="an old text that names two kinds",
        ),
    ],
)
def test_kinds_of_penalty_are_brought_to_the_words_of_their_time(written, decided, cleaned):
    assert staged("safety_penalty", a_penalty(1, cf_cflb=written, cf_jdrq=decided))[0]["cf_cflb"] == cleaned


def test_landing_keeps_the_kind_as_received_and_two_spellings_are_one_content():
    staged("enforcement_penalty", a_penalty(1, cf_cflb="其他-通报批评；罚款"))
    one = staged("enforcement_penalty", a_penalty(1, cf_cflb="通报批评;罚款"))[0]
    other = staged("enforcement_penalty", a_penalty(1, cf_cflb="其他-通报批评；罚款"))[0]
    assert one["content_hash"] == other["content_hash"]
    with connected() as connection:
        received = connection.execute(sa.text("SELECT DISTINCT cf_cflb FROM landing.enforcement_penalty"))
        assert "其他-通报批评；罚款" in set(received.scalars())


EDGES = [" ", "\t", "\n", "\r", "\u3000", "\u00a0", "\ufeff"]
NOTHING = [
    "无",
    "／",
    "－－",
    "————",
    "ＮＵＬＬ",
    "\u200b",
    "\u200b无",
    "/\u2060",
    "/",
    "-",
    "—",
    "--",
    "——",
    "\\",
    "null",
    "NONE",
    "NaN",
    "空",
    "暂无",
]
ODD = [
    *(edge + "甲" for edge in EDGES),
    *("甲" + edge for edge in EDGES),
    *NOTHING,
    *(f" {word}\u3000" for word in NOTHING),
    *(
        "Ａ１",
        "ｚ甲",
        "甲．",
        "甲，乙",
        "甲；",
        "／",
        "－",
        "甲（乙）",
        "无证",
        "N1",
        "甲 乙",
        "\x1e甲\x1f ",
        "nun",
        "甲\\",
    ),
]


def test_one_look_at_a_row_cleans_what_looking_at_each_cell_would():
    rows = [a_penalty(at) | {field: odd} for at, odd in enumerate(ODD) for field in ("cf_frdb", "cf_sy", "bz")]
    found = staged("enforcement_penalty", *rows)
    with connected() as connection:
        by_cell = sa.text(
            "SELECT quality.folded(:odd) AS cf_frdb, quality.plain(:odd) AS cf_sy, quality.plain(:odd) AS bz"
        )
        expected = {odd: connection.execute(by_cell, {"odd": odd}).mappings().one() for odd in ODD}
    wrong = [
        (field, odd, row[field])
        for row, (odd, field) in zip(found, ((odd, f) for odd in ODD for f in ("cf_frdb", "cf_sy", "bz")), strict=True)
        if row[field] != expected[odd][field]
    ]
    assert wrong == []


def test_the_short_way_to_read_a_date_reads_what_the_function_reads():
    days = [f"2026{a}{month}{b}{day}" for a, b in ("--", "//", "-/") for month in _few(12) for day in _few(31)]
    days += ["2024-02-29", "2023-02-29", "20a6-01-01", "20 6-01-01", "2026-1--01", "1999-12-31", "2100/01/31"]
    found = staged("enforcement_penalty", *(a_penalty(at, cf_jdrq=day) for at, day in enumerate(days)))
    with connected() as connection:
        read = [connection.scalar(sa.text("SELECT quality.to_date(:day)"), {"day": day}) for day in days]
    assert [row["cf_jdrq"] for row in found] == read


def _few(last):
    return (
        ["00", "01", "02", "09", "1-", "10", "28", "29", "30", "31"] if last == 31 else ["00", "02", "06", "12", "13"]
    )
