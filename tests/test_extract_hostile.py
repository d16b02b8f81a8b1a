"""Files that would harm, deceive or overwhelm: each is refused with a clear message or told by a rule's sentence."""

from __future__ import annotations

import tracemalloc
import zipfile
from datetime import date, datetime

import pytest
from files import PENALTY_HEADINGS, TABLE, WORKBOOK, a_penalty_row, a_workbook, read_table, read_workbook
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from xinyong.errors import UnexpectedShape
from xinyong.extract import csv, excel
from xinyong.extract.container import hidden
from xinyong.extract.delivery import text

USCC_AS_NUMBER = 913504020000000000
CYRILLIC = "91350402M\u04102XYKT640"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "penalties.xlsx"


def with_part(path, name, content):
    """Replace or add one part of the archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, kept in (parts | {name: content}).items():
            archive.writestr(part, kept)
    return path


def refusal(path):
    with pytest.raises(UnexpectedShape) as caught:
        read_workbook(path)
    return str(caught.value)


def of(row, heading):
    return row[PENALTY_HEADINGS.index(heading)]


def notes(path):
    return read_workbook(path)[0].notes


def changed(path, change):
    book = load_workbook(path)
    change(book)
    book.save(path)
    return path


def test_a_workbook_with_macros_is_refused_whatever_it_is_called(path):
    told = refusal(with_part(a_workbook(path), "xl/vbaProject.bin", b"macros"))
    assert "Found: a workbook with macros. Expected: an .xlsx file. Save it as .xlsx without macros." in told


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_part_that_declares_entities_is_refused_before_it_is_read(path, name, encoding):
    lines = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 12))
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a0 "ha">{lines}]><x>&a11;</x>'
    told = refusal(with_part(a_workbook(path), name, bomb.encode(encoding)))
    assert f"a part ({name}) with a document type declaration" in told


def test_a_bomb_is_refused_without_unpacking_it(path):
    a_workbook(path)
    bomb = b"<worksheet>" + b" " * (64 << 20)
    with_part(path, "xl/worksheets/sheet9.xml", bomb)
    tracemalloc.start()
    told = refusal(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "that unpacks to 67,108,875" in told
    assert peak < 8 << 20


def test_hidden_columns_and_sheets_are_told_and_read(path):
    def hide(book):
        page = book["行政处罚"]
        page.column_dimensions["AD"].hidden = page.column_dimensions["C"].hidden = True
        book.create_sheet("底稿").sheet_state = "veryHidden"

    changed(a_workbook(path), hide)
    assert notes(path) == (
        "隐藏的工作表（未读取）：底稿",
        "隐藏的列（仍已读取）：行政相对人代码_1(统一社会信用代码)（C列）、备注（AD列）",
    )
    assert of(read_workbook(path)[1][0], "行政相对人代码_1(统一社会信用代码)") == "91350402MA2XYKT640"


def test_a_group_of_hidden_columns_is_told_as_far_as_headings_go(path):
    def hide(book):
        book["行政处罚"].column_dimensions.group("AC", "AZ", hidden=True)

    assert notes(changed(a_workbook(path), hide)) == (
        "隐藏的列（仍已读取）：数据来源单位统一社会信用代码（AC列）、备注（AD列）",
    )


def test_hidden_rows_are_told_by_their_numbers(path):
    def hide(book):
        for row in (1, 4, 5, 7, 9):  # the notice is nobody's record, and nothing stands in the ninth
            book["行政处罚"].row_dimensions[row].hidden = True

    changed(a_workbook(path, [a_penalty_row()] * 5), hide)
    assert notes(path) == ("隐藏或被筛选掉的行（仍已读取）：共 3 行（第4–5行、第7行）",)
    assert len(read_workbook(path)[1]) == 5


def test_an_archive_of_very_many_parts_is_refused_before_they_are_opened(path):
    a_workbook(path)
    with zipfile.ZipFile(path, "a") as archive:
        for at in range(2_001):
            archive.writestr(f"xl/media/x{at}.xml", b"<a/>")
    assert "Found: an archive of 2,0" in refusal(path)


def test_a_row_that_claims_a_place_beyond_every_sheet_is_refused_at_once(path):
    with zipfile.ZipFile(a_workbook(path)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far = b'<row r="900000000"><c r="A900000000" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    told = refusal(with_part(path, "xl/worksheets/sheet1.xml", sheet.replace(b"</sheetData>", far)))
    assert "Found: a row number above 1,048,576. Expected: rows as Excel numbers them" in told


def test_the_last_row_of_a_sheet_is_read(path):
    with zipfile.ZipFile(a_workbook(path)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    last = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    delivery, rows = read_workbook(with_part(path, "xl/worksheets/sheet1.xml", sheet.replace(b"</sheetData>", last)))
    assert (len(rows), list(delivery.places)) == (2, [3, 1_048_576])


def test_a_strict_workbook_is_told_with_what_to_save_it_as(path):
    old = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(a_workbook(path)) as archive:
        book = archive.read("xl/workbook.xml").replace(old, b"http://purl.oclc.org/ooxml/spreadsheetml/main")
    with_part(path, "xl/workbook.xml", book)
    with pytest.raises(UnexpectedShape, match="Found: a Strict Open XML Spreadsheet") as caught:
        read_workbook(path)
    assert "另存为“Excel 工作簿(*.xlsx)”" in caught.value.zh


def test_a_column_declared_without_sense_hides_nothing(path):
    with zipfile.ZipFile(a_workbook(path)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    odd = b'<cols><col min="x" max="3" hidden="1"/></cols><sheetData>'
    assert (
        list(
            hidden(with_part(path, "xl/worksheets/sheet1.xml", sheet.replace(b"<sheetData>", odd)), "行政处罚", ("一",))
        )
        == []
    )


def test_a_hidden_sheet_that_the_feed_reads_is_told(path):
    def hide(book):
        book.create_sheet("封面")
        book["行政处罚"].sheet_state = "hidden"

    assert notes(changed(a_workbook(path), hide)) == ("工作表“行政处罚”是隐藏的，仍已读取",)


def test_an_ordinary_workbook_has_nothing_to_tell(path):
    assert notes(a_workbook(path)) == ()
    assert list(hidden(path, "没有", ())) == []


@pytest.mark.parametrize("number", [USCC_AS_NUMBER, float(USCC_AS_NUMBER)])
def test_a_code_that_became_a_number_is_shown_as_excel_shows_it(path, number):
    row = read_workbook(a_workbook(path, [a_penalty_row(cf_xdr_shxym=number)]))[1][0]
    assert of(row, "行政相对人代码_1(统一社会信用代码)") == "9.13504E+17"


def test_a_number_that_is_exact_stays_as_it_is(path):
    row = read_workbook(a_workbook(path, [a_penalty_row(cf_xdr_gszc=350402100000017, cf_nr_fk=0.2)]))[1][0]
    assert text(of(row, "行政相对人代码_2(工商注册号)")) == "350402100000017"
    assert text(of(row, "罚款金额（万元）")) == "0.2"


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_a_date_is_the_same_in_workbooks_that_count_from_1900_and_from_1904(path, epoch):
    book = Workbook()
    if epoch:
        book.epoch = epoch
    page = book.active
    page.title = "行政处罚"
    page.append(["采集表"])
    page.append(PENALTY_HEADINGS)
    page.append(a_penalty_row(cf_jdrq=date(2026, 11, 20)))
    book.save(path)
    assert of(read_workbook(path)[1][0], "处罚决定日期") == datetime(2026, 11, 20)  # noqa: DTZ001 – as Excel has it


@pytest.mark.proofs
def test_a_file_of_fifty_megabytes_is_read_in_flat_memory(tmp_path):
    path = tmp_path / "registry.csv"
    line = ",".join(
        ["三明示例机械有限公司" * 200, "91350402MA2XYKT640", "350402100000017", "", "三元区市监局", "三元区", "存续"]
    )
    count = (50 << 20) // len(line.encode())
    with path.open("w", encoding="utf-8") as file:
        file.write("企业名称,统一社会信用代码,注册号,组织机构代码,登记机关,管辖单位,登记状态\n")
        file.writelines(f"{line}\n" for _ in range(count))
    tracemalloc.start()
    read = sum(1 for _ in csv.read_file(TABLE, TABLE.source, path).rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read == count
    assert peak < 16 << 20


@pytest.mark.proofs
def test_a_long_workbook_is_read_in_flat_memory(path):
    book = Workbook(write_only=True)
    page = book.create_sheet("行政处罚")
    for row in (["采集表"], PENALTY_HEADINGS, *([a_penalty_row()] * 800)):
        page.append(row)
    book.save(path)
    tracemalloc.start()
    delivery = excel.read_file(WORKBOOK, WORKBOOK.source, path)
    read = sum(1 for _ in delivery.rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read == 800
    assert peak < 8 << 20


def findings(path, feed="safety_penalty"):
    from xinyong.catalogue import catalogue
    from xinyong.precheck import check_file

    found = check_file(catalogue(), catalogue().feeds[feed], path, date(2026, 11, 24))
    return {one.rule_code: one.says for one in found.findings}, found


@pytest.fixture
def deceiving(environment, path):
    """What the rules say about one file of deceiving rows, judged once."""
    rows = [
        a_penalty_row(cf_wsh="文1", cf_xdr_shxym=float(USCC_AS_NUMBER)),
        a_penalty_row(cf_wsh="文2", cf_xdr_shxym=CYRILLIC),
        a_penalty_row(cf_wsh="文\u200b3", cf_frdb="林\u202e建国"),
        a_penalty_row(cf_wsh="文4", cf_jdrq=46346),
        a_penalty_row(cf_wsh="文5", cf_sy="事\ufeff实"),
        a_penalty_row(cf_wsh="文6"),
    ]
    return findings(a_workbook(path, rows))


def test_deceiving_values_are_told_by_sentences_of_their_own(deceiving):
    says, found = deceiving
    assert "科学计数法" in says["PEN-R31-CF_XDR_SHXYM-DIGITS"]
    assert "西里尔" in says["PEN-R31-CF_XDR_SHXYM-ALPHABET"]
    assert "不可见字符" in says["PEN-R31-CF_WSH-UNSEEN"]
    assert "文字方向" in says["PEN-R31-CF_FRDB-UNSEEN"]
    assert says["PEN-R14-CF_JDRQ"] == "处罚决定日期不是有效日期，应写作YYYY/MM/DD"
    assert {one.severity for one in found.findings if one.rule_code == "PEN-R31-CF_SY-UNSEEN"} == {"warning"}
    assert {one.row for one in found.findings if one.severity == "critical"} == {3, 4, 5, 6}


def test_a_table_with_such_values_is_told_the_same(environment, tmp_path):
    path = tmp_path / "registry.csv"
    heading = "企业名称,统一社会信用代码,注册号,组织机构代码,登记机关,管辖单位,登记状态"
    path.write_text(f"{heading}\n甲公司,9.13504E+17,,,,,存续\n乙公司,{CYRILLIC},,,,,存续\n", "utf-8")
    says, _ = findings(path, "registry_subject")
    assert {"SUB-R31-SUB_SHXYM-DIGITS", "SUB-R31-SUB_SHXYM-ALPHABET"} <= says.keys()
    assert len(read_table(path)[1]) == 2
