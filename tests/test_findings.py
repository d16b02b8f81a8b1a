"""What evaluators found unreported: written down once, refused when it was reported, read from a table."""

from __future__ import annotations

from datetime import date

import pytest
from deliveries import FIRST, a_penalty, execute, rows, take_in

from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.errors import UnexpectedShape
from xinyong.findings import HEADINGS, Finding, FindingError, Recorded, listed, read, record

pytestmark = pytest.mark.usefixtures("environment")
FOUND = date(2026, 12, 1)


def a_finding(**changes):
    values = {
        "record_type": "penalty",
        "section": "enforcement",
        "document": "闽明工信罚〔2026〕77号",
        "found_on": FOUND,
        "found_by": "第三方评估",
        "person": "林建国",
    }
    return Finding(**values | changes)


def recorded(*findings, platform="city"):
    with connected() as connection:
        return record(connection, catalogue(), findings, platform, FOUND)


def a_file(folder, *lines, headings=HEADINGS, encoding="utf-8"):
    path = folder / "评估.csv"
    path.write_text("\n".join([",".join(headings), *lines]) + "\n", encoding)
    return path


def test_a_decision_is_concealed_once_however_its_brackets_are_written():
    assert recorded(a_finding(), a_finding(document="闽明工信罚[2026]77号")) == Recorded(new=1, known=1)
    assert recorded(a_finding(found_on=date(2026, 11, 30))) == Recorded(new=0, known=1)
    with connected() as connection:
        found = listed(connection, date(2026, 12, 1), date(2026, 12, 31))
        assert [one.document for one in found] == ["闽明工信罚〔2026〕77号"]
        assert listed(connection, date(2026, 12, 1), date(2026, 12, 31), "safety") == []


def told_on(when):
    take_in("enforcement_penalty", FIRST, [a_penalty(77)])
    told = "INSERT INTO publication.first_receipt SELECT 'city', 'penalty', record_id, :when FROM warehouse.penalty"
    execute(told, when=when)


def test_what_the_receiver_had_been_told_of_was_not_concealed_and_nothing_of_the_file_is_kept():
    told_on(date(2026, 11, 25))
    with pytest.raises(FindingError, match="was not concealed: city has shown it since the night of 2026-11-25"):
        recorded(a_finding(document="闽明工信罚〔2026〕78号"), a_finding())
    assert rows("SELECT count(*) FROM quality.finding") == [(0,)]


def test_what_is_reported_after_the_finding_stays_concealed():
    told_on(date(2026, 12, 2))
    assert recorded(a_finding()) == Recorded(new=1, known=0)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"record_type": "fine"}, "names the record type `fine`. Expected one of", id="record type"),
        pytest.param({"section": "x"}, "names the section `x`. Expected one of", id="section"),
        pytest.param({"document": " ", "person": ""}, "leaves document, person blank", id="blank"),
        pytest.param({"found_on": date(2026, 12, 2)}, "by 2026-12-01 at the latest", id="found tomorrow"),
        pytest.param(
            {"decided_on": date(2026, 12, 1), "found_on": date(2026, 11, 30)}, "decided, then found", id="order"
        ),
    ],
)
def test_a_finding_that_cannot_be_is_refused(changes, expected):
    with pytest.raises(FindingError, match=expected):
        recorded(a_finding(**changes))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_by_its_headings_in_titles_or_names(tmp_path, encoding):
    lines = (
        "行政处罚,执法支队,闽明工信罚〔2026〕77号,三明甲公司,2026/11/3,2026-12-01,第三方评估,网站比对",
        "licence,safety,许9,,,2026-12-1,信用办,",
    )
    one, other = read(catalogue(), a_file(tmp_path, *lines, encoding=encoding), "林建国")
    assert (one.record_type, one.section, one.decided_on, one.note) == (
        "penalty",
        "enforcement",
        date(2026, 11, 3),
        "网站比对",
    )
    assert (other.record_type, other.section, other.found_on, other.party) == ("licence", "safety", FOUND, None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("行政处罚,执法支队,77,,,明天,评估,", "line 2: 发现日期 is `明天`. Expected: a date such as"),
        ("行政处罚,执法支队,77,,,,评估,", "line 2: 发现日期 is blank"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path, line, expected):
    with pytest.raises(FindingError, match=expected):
        read(catalogue(), a_file(tmp_path, line), "林建国")


def test_a_table_without_its_headings_or_that_is_no_text_is_refused(tmp_path):
    with pytest.raises(FindingError, match=r"lacks the headings 科室、.* Found: 类别"):
        read(catalogue(), a_file(tmp_path, headings=("类别",)), "林建国")
    (tmp_path / "x.csv").write_bytes(b"PK\x03\x04\xff\xff\xff")
    with pytest.raises(UnexpectedShape, match="x.csv is a workbook"):
        read(catalogue(), tmp_path / "x.csv", "林建国")
