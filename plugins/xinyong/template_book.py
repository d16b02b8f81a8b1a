"""
The official template of a record type as a workbook to fill in: headings in order, lists to choose from, formats.

Sheet, heading row and headings are those that an Excel feed of the record type declares, so that a filled template is
what that feed reads. A record type without such a feed takes the headings that others give to a field of the same title
(行政相对人代码_1(统一社会信用代码) for 统一社会信用代码), and the field's title otherwise.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, NamedStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from xinyong import clerk_book as book
from xinyong.catalogue import Catalogue
from xinyong.catalogue.codes import CodeTable
from xinyong.catalogue.feeds import ExcelSource, Feed
from xinyong.catalogue.records import Field, RecordType
from xinyong.clerk_book import Look
from xinyong.identifiers import PLACEHOLDER
from xinyong.quality import suite
from xinyong.rectification import code_sheet

ROWS = 1000  # prepared for filling in; further rows are read just the same
_LAST = date(2099, 12, 31)  # what the templates write for long term
_TYPES = {
    "text": "文本",
    "date": "日期 YYYY/MM/DD",
    "amount": "数字（万元，最多6位小数）",
    "identity": "文本（证件号码）",
}
_LOOKS = (
    Look("序号", 6, is_centred=True),
    Look("栏目", 30),
    Look("是否必填", 20),
    Look("类型", 20),
    Look("最大长度", 9, is_centred=True),
    Look("取值", 40),
    Look("填报要求", 70),
)


def template(catalogue: Catalogue, record_type: RecordType) -> Workbook:
    """Make the template of a record type."""
    layout = _layout(catalogue, record_type)
    made = Workbook()
    made.properties.creator = made.properties.lastModifiedBy = catalogue.department.name
    sheet: Any = made.active
    sheet.title = layout.sheet
    titles = headings(catalogue, record_type)
    if layout.header_row > 1:
        told = (
            f"{record_type.title.zh}填报模板（{record_type.template}）：红色标题为必填；请勿改动标题行；"
            "要求见“填报说明”。"
        )
        book.note(sheet, 1, min(len(titles), 10), told, 26, book.BOLD)
    fields = record_type.template_fields.values()
    required = frozenset(at for at, field in enumerate(fields, 1) if field.required)
    looks = [Look(title, _width(field)) for title, field in zip(titles, fields, strict=True)]
    book.head(sheet, layout.header_row, looks, required)
    sheet.row_dimensions[layout.header_row].height = 46
    _cells(made, sheet, catalogue, record_type, layout)
    book.to_print(sheet, layout.header_row, len(titles), record_type.title.zh, fixed=1)
    sheet.auto_filter.ref = None
    _instructions(made, catalogue, record_type, titles)
    return made


def headings(catalogue: Catalogue, record_type: RecordType) -> list[str]:
    """Return the official headings of a record type in template order."""
    own = _excel_feeds(catalogue, record_type.name)
    by_column = {name: heading for feed, _ in reversed(own) for heading, name in feed.columns.items()}
    by_title: dict[str, str] = {}
    for feed, _ in _excel_feeds(catalogue):
        fields = catalogue.records[feed.record_type].fields
        by_title |= {fields[n.upper()].title: h for h, n in feed.columns.items() if n.upper() in fields}
    given = [by_column.get(code.lower()) for code in record_type.template_fields]
    return [
        heading or by_title.get(field.title, field.title)
        for heading, field in zip(given, record_type.template_fields.values(), strict=True)
    ]


def _excel_feeds(catalogue: Catalogue, record_type: str | None = None) -> list[tuple[Feed, ExcelSource]]:
    feeds = catalogue.feeds_of(record_type) if record_type else list(catalogue.feeds.values())
    return [(feed, feed.source) for feed in feeds if isinstance(feed.source, ExcelSource)]


def _layout(catalogue: Catalogue, record_type: RecordType) -> ExcelSource:
    """Return where sheet, headings and rows stand: as the feed that prevails declares, else below a notice."""
    own = [source for _, source in _excel_feeds(catalogue, record_type.name)]
    usual = {
        "kind": "excel",
        "connection": "template",
        "pattern": "template_{date}.xlsx",
        "sheet": record_type.title.zh,
    }
    return own[0] if own else ExcelSource.model_validate(usual | {"header_row": 2, "data_row": 3})


def _width(field: Field) -> float:
    return 40 if field.long_text else 13 if field.type in ("date", "amount") else 22


def _cells(made: Workbook, sheet: Any, catalogue: Catalogue, record_type: RecordType, layout: ExcelSource) -> None:
    """Prepare the rows to fill in: formats, lists to choose from, and what Excel itself can refuse."""
    first, last = layout.data_row, layout.data_row + ROWS - 1
    for column, field in enumerate(record_type.template_fields.values(), 1):
        letter = get_column_letter(column)
        cells = f"{letter}{first}:{letter}{last}"
        style = _style(made, {"date": "yyyy/mm/dd", "amount": "0.######"}.get(field.type, "@"))
        for row in range(first, last + 1):
            sheet.cell(row, column).style = style
        if limit := None if field.codes else _limit(field):
            sheet.add_data_validation(limit)
            limit.add(cells)
    offer(made, sheet, catalogue, dict(enumerate(record_type.template_fields.values(), 1)), (first, last))


def offer(made: Workbook, sheet: Any, catalogue: Catalogue, fields: dict[int, Field], rows: tuple[int, int]) -> None:
    """Offer the words of each field's code table in the field's column, from the first of the rows to the last."""
    lists = code_sheet(made, catalogue, list(dict.fromkeys(field.codes for field in fields.values() if field.codes)))
    for column, field in fields.items():
        if field.codes:
            letter = get_column_letter(column)
            cells = f"{letter}{rows[0]}:{letter}{rows[1]}"
            formula, is_strict = lists[field.codes]
            book.choices(sheet, [cells], formula, field.title, is_strict, _choice(catalogue.codes[field.codes]))


def _style(made: Workbook, number_format: str) -> str:
    """Return the name of the look of cells to fill in; by name it is set at once, not part by part per cell."""
    name = f"填写 {number_format}"
    if name not in made.named_styles:
        style = NamedStyle(name, book.PLAIN, border=book.BORDER, alignment=book.WRAPPED, number_format=number_format)
        made.add_named_style(style)
    return name


def _choice(table: CodeTable) -> str:
    words = "从列表中选择。"
    if table.separator:
        words += f"多项用“{table.separator}”分隔。"
    return words + (f"列表之外的写“{table.other_prefix}”加说明。" if table.other_prefix else "")


def _limit(field: Field) -> DataValidation | None:
    """Return what Excel refuses while it is typed: no date, no number, too long a text."""
    made = DataValidation(allow_blank=True, showErrorMessage=True, showInputMessage=True)
    made.promptTitle = field.title[:32]
    if field.type == "date":
        made.type, made.operator, made.formula1, made.formula2 = (
            "date",
            "between",
            "DATE(1949,10,1)",
            "DATE(2099,12,31)",
        )
        made.prompt = made.error = f"日期，格式YYYY/MM/DD；长期填{_LAST:%Y/%m/%d}。"
    elif field.type == "amount":
        made.type, made.operator, made.formula1 = "decimal", "greaterThanOrEqual", "0"
        made.prompt = made.error = "只填数字，单位为万元（2000元填0.2）。"
    elif field.length:
        made.type, made.operator, made.formula1 = "textLength", "lessThanOrEqual", str(field.length)
        made.error = f"不超过{field.length}个字符。"
        made.prompt = field.note or made.error
    else:
        return None
    return made


def _instructions(made: Workbook, catalogue: Catalogue, record_type: RecordType, titles: list[str]) -> None:
    """Write the sheet 填报说明: one line per heading, with the sentences of the rules that judge it."""
    sheet: Any = made.create_sheet("填报说明", 1)
    book.note(sheet, 1, len(_LOOKS), f"{record_type.title.zh}　填报说明", 28, book.TITLE)
    told = (
        f"依据：{record_type.basis}。一行一条记录；日期、编号按本表类型填写；没有内容的栏目留空，不要填“无”或“/”。"
        "编号类栏目已设为文本，请勿粘贴成数字。填好后可先预检：xinyong check 文件 --feed 数据来源。"
    )
    book.note(sheet, 2, len(_LOOKS), told, 34)
    book.head(sheet, 3, _LOOKS)
    sentences: dict[str, list[str]] = {}
    for rule in suite(record_type):
        if rule.field and rule.severity != "info":
            sentences.setdefault(rule.field, []).append(rule.says + ("" if rule.severity == "critical" else "（提醒）"))
    for at, (title, (code, field)) in enumerate(zip(titles, record_type.template_fields.items(), strict=True), 1):
        words = "\n".join(catalogue.codes[field.codes].words()) if field.codes else ""
        asked = "不得出现：\n" + "\n".join(f"· {one}" for one in dict.fromkeys(sentences.get(code, ())))
        values = (at, title, _necessity(record_type, field), _TYPES[field.type], field.length, words)
        asks = (asked if sentences.get(code) else field.note, _without_code(record_type, code))
        book.line(sheet, at + 3, _LOOKS, (*values, "\n".join(one for one in asks if one)))
        sheet.cell(at + 3, 3).alignment = Alignment(wrap_text=True, vertical="top")
        if field.required:
            sheet.cell(at + 3, 3).fill = book.FILLS["critical"]
    book.to_print(sheet, 3, len(_LOOKS), record_type.title.zh)
    book.protect(sheet)


def _without_code(record_type: RecordType, code: str) -> str:
    """Say what a household business without a unified code writes, where the rules admit it."""
    party = record_type.party
    if code != party.uscc or not party.kind:
        return ""
    return f"个体工商户暂无统一社会信用代码的，填{PLACEHOLDER}（17个0加大写字母X），不要留空。"


def _necessity(record_type: RecordType, field: Field) -> str:
    if field.required:
        return "必填"
    words = []
    if field.required_for:
        words.append(f"相对人为{'、'.join(field.required_for)}时必填")
    if field.blank_for:
        words.append(f"相对人为{'、'.join(field.blank_for)}时不填")
    if field.required_when:
        named = record_type.fields[field.required_when.field].title
        words.append(f"{named}含{'、'.join(field.required_when.words)}时必填")
    if field.paired_with:
        words.append(f"与{record_type.fields[field.paired_with].title}同时填写")
    return "；".join(words) or "选填"
