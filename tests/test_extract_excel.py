"""Workbooks: what is no workbook, wrong sheets and headings, formulas, merged cells, and what hides in an archive."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from datetime import datetime

import pytest
from files import PENALTY_HEADINGS, WORKBOOK, a_penalty_row, a_workbook, read_workbook
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from xinyong.errors import UnexpectedShape

PLACE = r"penalties\.xlsx"
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "penalties.xlsx"


def cell(row, name):
    return row[list(WORKBOOK.columns.values()).index(name)]


def changed(path, change):
    """Open a written workbook in Excel's place, change its sheet and save it."""
    book = load_workbook(path)
    change(book.active)
    book.save(path)
    return path


def with_part(path, name, content):
    """Replace or add one part of the archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, kept in (parts | {name: content}).items():
            archive.writestr(part, kept)
    return path


def parts_of(path):
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def part_of(path, name):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def stating(path, size, *parts):
    """Make an archive state in its directory that parts unpack to this size."""
    for part in parts:
        if part.decode() not in parts_of(path):
            with_part(path, part.decode(), b"")
    content = bytearray(path.read_bytes())
    for found in re.finditer(b"PK\x01\x02", content):
        if content[found.start() + 46 :].startswith(parts):
            struct.pack_into("<I", content, found.start() + 24, size)
    path.write_bytes(content)


def refusal(path):
    with pytest.raises(UnexpectedShape) as refused:
        read_workbook(path)
    return str(refused.value)


def in_chinese(path):
    with pytest.raises(UnexpectedShape) as refused:
        read_workbook(path)
    return refused.value.zh


def test_what_is_wrong_with_headings_and_cells_is_told_to_clerks_too(path):
    assert in_chinese(a_workbook(path, headings=["相对人", *PENALTY_HEADINGS[1:]])).startswith(
        "缺少标题：“行政相对人名称”；不认识的标题：“相对人”。"
    )
    assert in_chinese(a_workbook(path, headings=[*PENALTY_HEADINGS, "备注"])).startswith("标题重复：“备注”。")
    assert in_chinese(a_workbook(path, headings=[])).startswith("标题行是空的。")
    assert in_chinese(a_workbook(path, [[*a_penalty_row(), "见附件"]])).startswith(
        "第3行在最后一个标题（共30列）的右边"
    )


def test_rows_under_the_headings_are_read_and_the_notice_is_not(path):
    delivery, rows = read_workbook(a_workbook(path))
    assert (delivery.origin, list(delivery.columns)) == ("penalties.xlsx", PENALTY_HEADINGS)
    assert rows == [a_penalty_row()]


def test_headings_without_rows_are_an_empty_delivery(path):
    assert read_workbook(a_workbook(path, []))[1] == []


def test_blank_rows_are_left_out_and_rows_keep_the_width_of_the_headings(path):
    rows = [a_penalty_row(), [None] * 5, [" "], a_penalty_row(), [None] * 40]
    assert read_workbook(a_workbook(path, rows))[1] == [a_penalty_row(), a_penalty_row()]


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        pytest.param(PENALTY_HEADINGS[1:], r"`行政相对人名称` is missing\. Found: 29 columns", id="missing"),
        pytest.param(
            ["相对人", *PENALTY_HEADINGS[1:]], r"`行政相对人名称` is missing\. Found instead: `相对人`", id="renamed"
        ),
        pytest.param([*PENALTY_HEADINGS, "备注"], r"the heading `备注` stands there twice", id="duplicated"),
        pytest.param([], r"the heading row is empty", id="none"),
        pytest.param(["甲"] * 16_384, r"found more than 512 columns\. .*Delete the columns", id="16,384 columns"),
    ],
)
def test_wrong_headings_are_told_with_sheet_and_row(path, headings, expected):
    message = refusal(a_workbook(path, headings=headings))
    assert re.search(rf"^{PLACE}, sheet 行政处罚, row 2: {expected}", message)


def test_extra_columns_stay(path):
    book = a_workbook(path, [[*a_penalty_row(), "张三"]], [*PENALTY_HEADINGS, "经办人"])
    delivery, rows = read_workbook(book)
    assert delivery.columns[-1] == "经办人" and rows[0][-1] == "张三"


def test_a_sheet_formatted_to_its_last_column_is_read(path):
    def paint(sheet):
        sheet.cell(1, 16_384).number_format = "0.00"
        sheet.cell(2, 16_384).number_format = "0.00"

    assert read_workbook(changed(a_workbook(path), paint))[1] == [a_penalty_row()]


def test_a_size_that_the_sheet_states_wrongly_is_not_believed(path):
    a_workbook(path)
    sheet = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', part_of(path, SHEET))
    assert read_workbook(with_part(path, SHEET, sheet))[1] == [a_penalty_row()]


def test_a_wrong_sheet_is_told_with_the_sheets_that_are_there(path):
    message = refusal(a_workbook(path, sheet="Sheet1"))
    assert message.startswith("penalties.xlsx: the sheet `行政处罚` is missing. Found: Sheet1. Expected")
    assert "Rename the sheet or deliver the right file" in message
    assert "没有名为“行政处罚”的工作表，只有：Sheet1" in in_chinese(path)


def test_the_sheet_is_found_by_name_among_others(path):
    book = load_workbook(a_workbook(path))
    book.create_sheet("填报说明", 0)
    book.save(path)
    assert read_workbook(path)[1] == [a_penalty_row()]


def test_merged_headings_show_as_a_missing_column_and_a_place_without_heading(path):
    message = refusal(changed(a_workbook(path), lambda sheet: sheet.merge_cells("A2:B2")))
    assert "`行政相对人类别` is missing. Found instead: `column 2 without heading`" in message


def test_merged_cells_among_the_rows_keep_their_value_in_the_first(path):
    book = changed(a_workbook(path, [a_penalty_row(), a_penalty_row()]), lambda sheet: sheet.merge_cells("A3:A4"))
    names = [cell(row, "cf_xdr_mc") for row in read_workbook(book)[1]]
    assert names == ["三明示例机械有限公司", None]


def test_something_right_of_the_last_heading_refuses_the_file_with_its_row(path):
    message = refusal(a_workbook(path, [a_penalty_row(), [*a_penalty_row(), None, "见附件"]]))
    assert message.startswith("penalties.xlsx, row 4: a cell right of the last heading holds something. Found: more")
    assert "Give the column a heading" in message


def test_a_formula_stays_visible_as_its_text(path):
    rows = read_workbook(a_workbook(path, [a_penalty_row(cf_nr_fk="=SUM(A1:A2)", cf_sy="=cmd|' /C calc'!A0")]))[1]
    assert (cell(rows[0], "cf_nr_fk"), cell(rows[0], "cf_sy")) == ("=SUM(A1:A2)", "=cmd|' /C calc'!A0")


def test_a_formula_over_a_range_says_the_same_at_every_reading(path):
    def enter(sheet):
        sheet["A3"] = ArrayFormula("A3:A4", "=B3:B4")

    changed(a_workbook(path), enter)
    assert [read_workbook(path)[1][0][0] for _ in range(2)] == ["=B3:B4", "=B3:B4"]


def test_dates_numbers_and_strange_texts_keep_what_they_say(path):
    values = {"cf_jdrq": datetime(2026, 11, 3), "cf_nr_fk": 0.2, "cf_sy": "一\n二", "cf_wsh": "'; DROP TABLE x; --"}  # noqa: DTZ001 – as Excel gives it
    row = read_workbook(a_workbook(path, [a_penalty_row(**values)]))[1][0]
    assert {name: cell(row, name) for name in values} == values


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "an old .xls workbook", id=".xls or a password"),
        pytest.param("企业名称,代码\n".encode(), "no workbook at all", id="CSV under another name"),
        pytest.param(b"<html><body>\xe7\x99\xbb\xe5\xbd\x95</body></html>", "no workbook at all", id="HTML"),
    ],
)
def test_what_is_no_workbook_is_told_by_what_it_is(path, content, found):
    path.write_bytes(content)
    message = refusal(path)
    assert message.startswith(f"penalties.xlsx: not a readable workbook. Found: {found}")
    assert "Expected: an .xlsx file" in message


@pytest.mark.parametrize("share", [0.2, 0.6, 0.98])
def test_a_truncated_archive_is_refused(path, share):
    content = a_workbook(path).read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "Found: a damaged or truncated archive. Expected: an .xlsx file. Export or upload" in refusal(path)


def test_a_zip_without_a_workbook_inside_is_refused(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "text")
    assert "Found: an archive whose workbook breaks off (KeyError" in refusal(path)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9], ids=["before the headings", "in the middle", "near the end"])
def test_a_sheet_whose_xml_breaks_off_is_refused(path, share):
    sheet = part_of(a_workbook(path, [a_penalty_row()] * 50), SHEET)
    message = refusal(with_part(path, SHEET, sheet[: int(len(sheet) * share)]))
    assert "not a readable workbook. Found: an archive whose workbook breaks off (ParseError" in message


def test_a_sheet_whose_packed_bytes_are_damaged_is_refused(path):
    content = bytearray(a_workbook(path, [a_penalty_row(cf_wsh=str(at)) for at in range(200)]).read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        part = archive.getinfo(SHEET)
    middle = part.header_offset + 30 + len(SHEET) + part.compress_size // 2
    content[middle : middle + 40] = bytes(255 - byte for byte in content[middle : middle + 40])
    path.write_bytes(content)
    assert "not a readable workbook. Found: an archive whose workbook breaks off" in refusal(path)


def test_a_broken_value_is_not_quoted_with_its_identity_number(path):
    sheet = part_of(a_workbook(path), SHEET).replace(b"<v>1</v>", b"<v>1x350402199001010012</v>", 1)
    sheet = sheet.replace(b"</row></sheetData>", b'<c r="AD3" t="n"><v>350402199001010012 x</v></c></row></sheetData>')
    assert "199001" not in refusal(with_part(path, SHEET, sheet))


def test_an_archive_that_states_an_enormous_size_is_refused_before_it_is_unpacked(path):
    stating(a_workbook(path), 0xFFFFFFF0, b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet2.xml")
    assert re.search(r"Found: an archive of [\d,]+ bytes that unpacks to \d,[\d,]+\. .*Export", refusal(path))


def test_texts_that_would_fill_the_memory_are_refused_before_they_are_unpacked(path):
    stating(a_workbook(path), 513 << 20, b"xl/sharedStrings.xml")
    assert "that unpacks to 537," in refusal(path)


def test_entities_that_multiply_are_refused(path):
    sheet = part_of(a_workbook(path), SHEET)
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + sheet.split(b"?>", 1)[-1]
    assert "with a document type declaration" in refusal(with_part(path, SHEET, bomb))


def test_blank_rows_down_to_a_cell_far_below_are_passed_over(path):
    book = Workbook(write_only=True)
    sheet = book.create_sheet("行政处罚")
    for row in (["采集表"], PENALTY_HEADINGS, a_penalty_row()):
        sheet.append(row)
    book.save(path)
    content = part_of(path, SHEET).replace(b"</sheetData>", b'<row r="60000"><c r="A60000"/></row></sheetData>')
    assert len(read_workbook(with_part(path, SHEET, content))[1]) == 1
