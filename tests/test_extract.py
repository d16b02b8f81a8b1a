"""What all readers share: headings, cells as text, columns held against the feed, and the file of a date."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from files import HEADINGS, NIGHT, PENALTY_HEADINGS, SUBJECT, TABLE, a_table, a_workbook

from xinyong.catalogue import catalogue
from xinyong.errors import SourceUnavailable, UnexpectedShape
from xinyong.extract import deliver
from xinyong.extract.delivery import check_columns, headings, text


@pytest.fixture
def drop_folder(tmp_path, monkeypatch):
    for name in ("SAFETY", "REGISTRY"):
        monkeypatch.setenv(f"AIRFLOW_CONN_XINYONG_{name}", f"file://{tmp_path}")
    return tmp_path


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(None, None, id="nothing"),
        pytest.param(" 保留空格 ", " 保留空格 ", id="text as it is"),
        pytest.param("一\0二", "一␀二", id="NUL made visible"),
        pytest.param(0.1 + 0.2, "0.3", id="binary fraction"),
        pytest.param(100.0, "100", id="whole float"),
        pytest.param(0.0, "0", id="zero"),
        pytest.param(Decimal("12.50"), "12.50", id="decimal"),
        pytest.param(350402199001011234, "350402199001011234", id="long number"),
        pytest.param(date(2026, 11, 3), "2026-11-03", id="date"),
        pytest.param(datetime(2026, 11, 3, 9, 5), "2026-11-03 09:05:00", id="time"),  # noqa: DTZ001 – as Excel gives it
        pytest.param(datetime(2026, 11, 3, 9, 5, tzinfo=UTC), "2026-11-03T09:05:00+00:00", id="time with offset"),
        pytest.param({"乙": 1, "甲": [True]}, '{"乙": 1, "甲": [true]}', id="nested"),
    ],
)
def test_a_cell_says_as_text_what_it_said_before(value, written):
    assert text(value) == written


def test_headings_are_trimmed_and_blanks_behind_the_last_are_dropped():
    assert headings("x", [" 名称 ", "文\n号", None, ""]) == ("名称", "文 号")


def test_a_blank_heading_between_others_gets_a_name_so_that_its_cells_are_kept():
    assert headings("x", ["甲", None, "丙"]) == ("甲", "column 2 without heading", "丙")


def test_a_heading_given_twice_is_refused():
    with pytest.raises(UnexpectedShape, match=r"a\.csv: the heading `甲` stands there twice\. Expected.*Remove"):
        headings("a.csv", ["甲", "乙", "甲"])


@pytest.mark.parametrize("cells", [[], [None, " "]], ids=["none", "blank"])
def test_an_empty_heading_row_is_refused(cells):
    with pytest.raises(UnexpectedShape, match=r"a\.csv: the heading row is empty\. Expected.*Check that"):
        headings("a.csv", cells)


def test_a_record_in_place_of_the_headings_is_not_told_with_its_identity_number():
    with pytest.raises(UnexpectedShape) as refused:
        check_columns(TABLE, "a.csv", headings("a.csv", ["林建国", "350402199001010012", *"丙丁戊"]))
    assert "350402********0012" in str(refused.value) and "19900101" not in str(refused.value)


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        pytest.param(["企业名称", *"乙丙"], "Found instead: `乙`, `丙`", id="renamed"),
        pytest.param(["企业名称"], "Found: 1 columns, all of them known", id="missing"),
    ],
)
def test_a_missing_column_is_named_with_what_was_found_instead(columns, found):
    with pytest.raises(UnexpectedShape) as refused:
        check_columns(TABLE, "a.csv", columns)
    message = str(refused.value)
    assert message.startswith("a.csv: `统一社会信用代码`, `注册号`") and "is missing" in message
    assert found in message and "catalogue/feeds/registry_subject.yml" in message and "Restore the heading" in message


def test_many_missing_columns_are_counted_not_listed():
    with pytest.raises(UnexpectedShape, match="and 21 more is missing"):
        check_columns(catalogue().feeds["safety_penalty"], "a.xlsx", ["备注"])


def test_an_optional_column_may_be_missing_and_an_extra_one_is_returned():
    assert check_columns(TABLE, "a.csv", [*HEADINGS, "电话"]) == ["电话"]


def test_the_file_of_a_date_is_read_from_the_drop_folder(drop_folder):
    a_workbook(drop_folder / "safety_penalty_20261124.xlsx")
    delivery = deliver(catalogue().feeds["safety_penalty"], NIGHT)
    assert (delivery.origin, list(delivery.columns)) == ("safety_penalty_20261124.xlsx", PENALTY_HEADINGS)
    a_table(drop_folder / "registry_20261124.csv")
    assert list(deliver(TABLE, NIGHT).rows) == [SUBJECT]


def test_a_file_that_did_not_come_is_missed_with_the_latest_that_did(drop_folder):
    for night in ("20261122", "20261123"):
        a_table(drop_folder / f"registry_{night}.csv")
    with pytest.raises(SourceUnavailable) as missed:
        deliver(TABLE, NIGHT)
    assert str(missed.value).startswith("registry: the file registry_20261124.csv is not in its drop folder.")
    assert "Found: 2 others, the latest registry_20261123.csv" in str(missed.value)
    assert "Ask the section" in str(missed.value)


def test_a_drop_folder_that_is_not_mounted_is_told_from_one_without_the_file(drop_folder, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_REGISTRY", f"file://{drop_folder}/nowhere")
    with pytest.raises(SourceUnavailable, match=r"nowhere is not there\. Expected.*Mount the share"):
        deliver(TABLE, NIGHT)


def test_a_file_of_no_bytes_is_refused_and_withdraws_nothing(drop_folder):
    (drop_folder / "registry_20261124.csv").touch()
    with pytest.raises(UnexpectedShape, match=r"registry_20261124\.csv: the file is empty \(0 bytes\)\..*withdrawn"):
        deliver(TABLE, NIGHT)
