"""
What a wrong value was probably meant to be, where that can be derived: a proposal for the clerk, never a change.

Pure functions from a value as received to a proposal with its ground. Identity numbers are never touched: they are
known here in their masked form only.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_10

from xinyong.catalogue import Catalogue
from xinyong.catalogue.codes import CodeTable
from xinyong.catalogue.records import Field, RecordType
from xinyong.identifiers import PLACEHOLDER, is_organisation_code, is_registration_number, is_uscc

# Signs that nobody sees: joiners, direction marks and the byte-order mark; control characters beside them.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f]")
# Letters of other alphabets that look like Latin ones, and letters that a code does not have beside the digits meant.
_LOOK_ALIKE = str.maketrans("АВСЕНІКМОРТХУΑΒΕΗΙΚΜΝΟΡΤΧΥΖасеорхуіΖ", "ABCEHIKMOPTXYABEHIKMNOPTXYZaceopxyiZ")
_DIGITS_MEANT = str.maketrans("OIZS", "0125")
_USCC_BODY = re.compile(r"[1-9ANY][0-9A-HJ-NPQRTUWXY]\d{6}[0-9A-HJ-NPQRTUWXY]{9}", re.ASCII)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_YUAN = re.compile(
    r"([0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+|[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+)\s*(万元|万|元)"
)
_SERIAL_EPOCH, _SERIALS = date(1899, 12, 30), range(20_000, 60_000)  # 1954 to 2064
_TOO_MUCH = Decimal(10_000)  # in 万元: more than this is mostly 元


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value that would probably be right, and why."""

    value: str
    ground: str


def derive(
    catalogue: Catalogue, record_type: RecordType, code: str, value: str | None, row: Mapping[str, str], rule: str = ""
) -> Proposal | None:
    """Propose what a field was meant to be; `row` holds the record's other fields as received."""
    field = record_type.fields[code]
    if field.type == "identity":
        return None
    if not value:
        return _amount_in_text(record_type, field, row) if field.type == "amount" else None
    found = _by_kind(catalogue, record_type, code, value, rule)
    return found if found and found.value != value else None


def _by_kind(catalogue: Catalogue, record_type: RecordType, code: str, value: str, rule: str) -> Proposal | None:
    field, party = record_type.fields[code], record_type.party
    if "统一社会信用代码" in field.title:
        return unified_code(value)
    if code == party.organisation_code:
        return organisation_code(value)
    if code == party.registration_number:
        return registration_number(value)
    if field.codes:
        return code_word(catalogue.codes[field.codes], value)
    if field.type == "date":
        return swapped_date(value) if not rule or "-R14" in rule else None
    if field.type == "amount":
        return amount(value, is_yuan="-R26" in rule)
    return clean(value)


def clean(value: str) -> Proposal | None:
    """Take out what cannot be seen, and blanks at both ends and line breaks."""
    cleaned = " ".join(INVISIBLE.sub("", value).split())
    return Proposal(cleaned, "去除不可见字符、换行和首尾空格") if cleaned else None


def _bare(value: str) -> str:
    """Write a code as it is meant: half width, no blanks, Latin capitals."""
    folded = unicodedata.normalize("NFKC", INVISIBLE.sub("", value)).translate(_LOOK_ALIKE)
    return re.sub(r"[\s·.\-]", "", folded).upper()


def unified_code(value: str) -> Proposal | None:
    """Propose a unified code: cleaned, with digits for look-alike letters, or with its check character computed."""
    bare = _bare(value)
    if is_uscc(bare) or bare == PLACEHOLDER:
        return Proposal(bare, "去除空格、全角及形近字符")
    meant = bare.translate(_DIGITS_MEANT)
    if is_uscc(meant):
        return Proposal(meant, "字母O、I、Z、S应为数字0、1、2、5")
    if len(bare) in (17, 18) and _USCC_BODY.fullmatch(bare[:17]):
        ground = "按前17位补出校验码" if len(bare) == 17 else "按前17位重算校验码；请对照执照核对全部18位"
        return Proposal(bare[:17] + uscc.calc_check_digit(bare[:17]), ground)
    return None


def organisation_code(value: str) -> Proposal | None:
    """Propose an organisation code: cleaned, taken out of a unified code, or with its check character computed."""
    bare = _bare(value)
    if is_organisation_code(bare):
        return Proposal(bare, "去除连字符、空格和全角字符")
    if is_uscc(bare):
        return Proposal(bare[8:17], "取统一社会信用代码第9至17位")
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]?", bare, re.ASCII):
        return None
    total = sum(int(char, 36) * weight for char, weight in zip(bare[:8], _ORGANISATION_WEIGHTS, strict=True))
    return Proposal(bare[:8] + "0123456789X0"[11 - total % 11], "按前8位重算校验码；请核对全部9位")


def registration_number(value: str) -> Proposal | None:
    """Propose a registration number: cleaned, or with its check digit computed."""
    bare = _bare(value)
    if is_registration_number(bare):
        return Proposal(bare, "去除空格和全角字符")
    if len(bare) in (14, 15) and bare.isdigit():
        return Proposal(bare[:14] + mod_11_10.calc_check_digit(bare[:14]), "按前14位重算校验码；请核对全部15位")
    return None


def code_word(table: CodeTable, value: str) -> Proposal | None:
    """Propose the words of a code table that a value comes near."""
    written = unicodedata.normalize("NFKC", INVISIBLE.sub("", value)).strip()
    parts = [part.strip() for part in re.split("[;,、，；/]", written)] if table.separator else [written]
    words = [_near(table, part) for part in [*([written] if table.separator else []), *parts] if part]
    whole, *single = words if table.separator else [None, *words]
    if whole:
        return Proposal(whole, "与规定取值相近")
    if not single or None in single:
        return None
    return Proposal((table.separator or "").join(dict.fromkeys(word for word in single if word)), "与规定取值相近")


def _near(table: CodeTable, part: str) -> str | None:
    bare = part.removeprefix(table.other_prefix) if table.other_prefix else part
    if bare in table.words():
        return bare
    found = difflib.get_close_matches(bare, table.words(), n=1, cutoff=0.6)
    inside = [word for word in table.words() if bare and (bare in word or word in bare)]
    if found:
        return found[0]
    return inside[0] if len(inside) == 1 else None


def swapped_date(value: str) -> Proposal | None:
    """Propose a date: order put right where only one order is possible, an Excel serial, a time of day cut off."""
    written = unicodedata.normalize("NFKC", INVISIBLE.sub("", value)).strip()
    if re.fullmatch(r"\d{5}(\.0+)?", written) and int(written[:5]) in _SERIALS:
        return _written(_SERIAL_EPOCH + timedelta(days=int(written[:5])), "Excel日期序列号换算，请核对")
    numbers = re.findall(r"\d+", re.sub(r"[ T]\d{1,2}[:点时].*$", "", written))
    if len(numbers) == 1 and len(numbers[0]) == 8:
        numbers = [numbers[0][:4], numbers[0][4:6], numbers[0][6:]]
    if len(numbers) != 3:
        return None
    year = next((number for number in (numbers[0], numbers[2]) if len(number) == 4), None)
    if year is None:
        return None
    first, second = (numbers[1], numbers[2]) if year == numbers[0] else (numbers[0], numbers[1])
    orders = [(first, second), (second, first)]
    possible = [found for month, day in orders if (found := _date(year, month, day))]
    if len(set(possible)) == 1 or (possible and year == numbers[0] and _date(year, first, second)):
        return _written(possible[0], "日期格式改为YYYY/MM/DD，月日顺序请核对")
    return None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _written(day: date, ground: str) -> Proposal:
    return Proposal(f"{day:%Y/%m/%d}", ground)


def amount(value: str, is_yuan: bool = False) -> Proposal | None:
    """Propose an amount in 万元: read out of text with its unit, or divided where it can only be 元."""
    written = unicodedata.normalize("NFKC", INVISIBLE.sub("", value)).strip()
    found = _YUAN.search(written)
    if found and (number := _number(found[1])) is not None:
        return _in_ten_thousands(number, found[2])
    number = _number(written)
    if number is not None and (is_yuan or number > _TOO_MUCH):
        return _in_ten_thousands(number, "元")
    return None


def _amount_in_text(record_type: RecordType, field: Field, row: Mapping[str, str]) -> Proposal | None:
    """Find the amount that a text of the record names behind the word that makes the field necessary."""
    words = field.required_when.words if field.required_when else ()
    for code, other in record_type.fields.items():
        text = (row.get(code) or "") if other.long_text else ""
        for word in words:
            found = _YUAN.search(text[text.find(word) :]) if word in text else None
            if found and (number := _number(found[1])) is not None:
                proposed = _in_ten_thousands(number, found[2])
                return Proposal(proposed.value, f"取自{other.title}“{word}…{found[0]}”")
    return None


def _in_ten_thousands(number: Decimal, unit: str) -> Proposal:
    if unit == "元":
        return Proposal(_plain(number / 10_000), "单位应为万元：按元填写的金额除以10000")
    return Proposal(_plain(number), "只填数字，单位为万元")


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_NUMERALS = dict(
    zip("零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖", (0, 0, 1, 2, 2, *range(3, 10), *range(1, 10)), strict=True)
)
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GROUPS = {"万": 10_000, "亿": 100_000_000}


def _number(text: str) -> Decimal | None:
    """Read digits with separators, or Chinese numerals; nothing longer than any amount of money."""
    if len(text) > 20:
        return None
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        pass
    total, group, digit = 0, 0, 0
    for sign in text:
        if sign in _NUMERALS:
            digit = _NUMERALS[sign]
        elif sign in _UNITS:
            group, digit = group + (digit or 1) * _UNITS[sign], 0
        elif sign in _GROUPS:
            total, group, digit = (total + group + digit) * _GROUPS[sign], 0, 0
        else:
            return None
    return Decimal(total + group + digit)
