"""Tables: encodings, shifted rows, quotes, and what is kept as it stands."""

from __future__ import annotations

import pytest
from files import HEADINGS, LEGACY, SUBJECT, a_table, read_table

from xinyong.errors import UnexpectedShape


@pytest.fixture
def path(tmp_path):
    return tmp_path / "registry_20261124.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_every_encoding_of_the_feed_is_read(path, encoding):
    delivery, rows = read_table(a_table(path, encoding=encoding))
    assert (list(delivery.columns), rows) == (list(HEADINGS), [SUBJECT])


def test_a_character_beyond_gbk_is_read_from_gb18030(path):
    _, rows = read_table(a_table(path, [["三明䶮𠮷厂", *SUBJECT[1:]]], encoding="gb18030"))
    assert rows[0][0] == "三明䶮𠮷厂"


def test_a_byte_order_mark_before_gb18030_is_no_part_of_the_first_heading(path):
    path.write_bytes("\ufeff".encode("gb18030") + a_table(path, encoding="gb18030").read_bytes())
    assert read_table(path)[0].columns[0] == "企业名称"


def test_a_legacy_table_in_utf8_is_not_read_as_gb18030_nonsense(path):
    cells = [f"{name}内容" for name in LEGACY.columns]
    delivery, rows = read_table(a_table(path, [cells], list(LEGACY.columns)), LEGACY)
    assert (list(delivery.columns), rows) == (list(LEGACY.columns), [cells])


def test_an_unreadable_encoding_is_refused_with_the_line_where_each_fails(path):
    a_table(path, [SUBJECT] * 3, encoding="gb18030")
    path.write_bytes(path.read_bytes() + b"\xff\xff,a\r\n")
    with pytest.raises(UnexpectedShape) as refused:
        read_table(path)
    assert (
        "Found: utf-8-sig fails in line 1; gb18030 fails in line 5. Expected: utf-8-sig or gb18030. Save the file"
        in (str(refused.value))
    )


def test_the_failing_line_is_right_beyond_the_first_piece_that_is_read(path):
    a_table(path, [SUBJECT] * 20_000)
    path.write_bytes(path.read_bytes() + b"\xff\xff\r\n")
    with pytest.raises(UnexpectedShape, match="utf-8-sig fails in line 20002"):
        read_table(path)


def test_a_file_in_utf16_is_refused(path):
    with pytest.raises(UnexpectedShape, match="the encoding is not readable"):
        read_table(a_table(path, encoding="utf-16"))


def test_headings_without_rows_are_an_empty_delivery(path):
    assert read_table(a_table(path, []))[1] == []


def test_columns_are_found_by_name_in_any_order_and_extra_ones_stay(path):
    headings = [*reversed(HEADINGS), "电话"]
    delivery, rows = read_table(a_table(path, [[*reversed(SUBJECT), "8888"]], headings))
    assert delivery.columns == tuple(headings) and rows == [[*reversed(SUBJECT), "8888"]]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("第一行\n第二行\r\n第三行", id="embedded newlines"),
        pytest.param('他说"停"，随后', id="quotes"),
        pytest.param("a\0b", id="NUL"),
        pytest.param("\x01\x07\x1b[31m", id="control characters"),
        pytest.param("'; DROP TABLE landing.batch; --", id="looks like SQL"),
        pytest.param("=HYPERLINK(1)", id="begins with ="),
        pytest.param("２０２６年", id="full-width digits"),
    ],
)
def test_a_strange_value_is_passed_on_as_it_stands(path, value):
    assert read_table(a_table(path, [[value, *SUBJECT[1:]]]))[1] == [[value, *SUBJECT[1:]]]


@pytest.mark.parametrize("width", [6, 8], ids=["too short", "too long"])
def test_a_row_of_another_width_refuses_the_file_whole(path, width):
    ragged = ["x"] * width
    with pytest.raises(UnexpectedShape) as refused:
        read_table(a_table(path, [SUBJECT, ragged, SUBJECT]))
    assert f"registry_20261124.csv, row 3: found {width} cells, expected 7" in str(refused.value)
    assert "Columns have shifted: look for a separator" in str(refused.value)


def test_blank_rows_and_blank_cells_behind_the_last_heading_are_left_out(path):
    rows = [[*SUBJECT, "", " "], [""] * 7, [], [" "] * 3, SUBJECT]
    assert read_table(a_table(path, rows, [*HEADINGS, "", ""]))[1] == [SUBJECT, SUBJECT]


@pytest.mark.parametrize(
    "content", ['"', '"三明', '"三明"厂",' + ",".join(SUBJECT[1:])], ids=["lone", "open", "inside"]
)
def test_a_quote_that_is_never_closed_is_told_with_its_row(path, content):
    path.write_text(a_table(path).read_text("utf-8") + content, "utf-8")
    with pytest.raises(UnexpectedShape, match=r"registry_20261124\.csv, row 3: not readable as CSV .*quoting on"):
        read_table(path)


def test_an_open_quote_in_a_long_file_does_not_swallow_the_rest(path):
    a_table(path, [['x" "y', *SUBJECT[1:]], *[SUBJECT] * 20_000])
    path.write_text(path.read_text("utf-8").replace('"x"" ""y"', '"x'), "utf-8")
    with pytest.raises(UnexpectedShape, match=r"row 2: not readable as CSV \(field larger than field limit"):
        read_table(path)


def test_an_open_quote_in_the_headings_is_told(path):
    path.write_text('"企业名称,统一社会信用代码\n', "utf-8")
    with pytest.raises(UnexpectedShape, match="row 1: not readable as CSV"):
        read_table(path)


def test_a_wrong_separator_shows_as_missing_columns(path):
    with pytest.raises(UnexpectedShape, match="is missing. Found instead: `企业名称;统一社会信用代码"):
        read_table(a_table(path, delimiter=";"))
