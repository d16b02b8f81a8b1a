"""
What a number says about itself: unified codes, organisation codes, registration numbers and identity documents.

`sql/functions/` holds the same verdicts for the database; a test compares both on many thousand numbers.
Sources: GB 32100-2015, GB 11714-1997, GS 15-2006, GB 11643-1999.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache, lru_cache
from typing import Any

from stdnum import numdb
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_10

PLACEHOLDER = "00000000000000000X"  # written for a household business that has no unified code

_USCC = re.compile(r"[1-9ANY][0-9A-HJ-NPQRTUWXY]\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_ORGANISATION_CODE = re.compile(r"([0-9A-Z]{8})-?([0-9X])", re.ASCII)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_RESIDENT = re.compile(r"\d{17}[\dX]", re.ASCII)
_RESIDENT_15 = re.compile(r"\d{15}", re.ASCII)
_OLDEST = date(1900, 1, 1)  # numbers are given since 1984; who had one then was born in this century
_RESIDENCE_PERMIT_DIVISIONS = {"810000", "820000", "830000"}  # 港澳台居民居住证 carries a resident's number

# How a document's number is written; the words are those of the code table `document_kind` and their usual variants.
_KINDS = {
    "身份证": "resident_id",
    "居民身份证": "resident_id",
    "港澳台居民居住证": "resident_id",
    "护照": "passport",
    "护照号": "passport",
    "港澳居民来往内地通行证": "hong_kong_macao_pass",
    "台湾居民来往大陆通行证": "taiwan_pass",
    "外国人永久居留身份证": "permanent_resident_card",
}
_PATTERNS = {
    "passport": re.compile(r"(?=.*\d)[A-Z0-9]{5,20}", re.ASCII),
    "hong_kong_macao_pass": re.compile(r"[HM]\d{8}(\d{2})?", re.ASCII),
    "taiwan_pass": re.compile(r"\d{8}|\d{10}(\([A-Z]\)|[A-Z])", re.ASCII),
    "permanent_resident_card": re.compile(r"[A-Z]{3}\d{12}|9\d{16}[\dX]", re.ASCII),
}


def is_uscc(number: str) -> bool:
    """
    Say whether this is a unified code of GB 32100.

    The library's own validity test refuses letters among the first eight characters, which the standard
    allows in the first two, so only its check character is taken.
    """
    return bool(_USCC.fullmatch(number)) and number[-1] == uscc.calc_check_digit(number[:17])


def is_organisation_code(number: str) -> bool:
    """Say whether this is an organisation code of GB 11714, with or without its hyphen."""
    match = _ORGANISATION_CODE.fullmatch(number)
    if not match:
        return False
    total = sum(int(char, 36) * weight for char, weight in zip(match[1], _ORGANISATION_WEIGHTS, strict=True))
    return match[2] == "0123456789X0"[11 - total % 11]


def is_registration_number(number: str) -> bool:
    """Say whether this is a registration number of GS 15, or one of the 13 digits used before it."""
    if not number.isascii() or not number.isdigit():
        return False
    return len(number) == 13 or (len(number) == 15 and bool(mod_11_10.is_valid(number)))


def verdict(kind_text: str | None, number: str, on: date = date.max) -> str:
    """
    Judge an identity number by what its kind (证件类型) says it is: `<kind>:<finding>`, or `unknown`.

    The verdict stands beside the sealed number, so that rules can judge without seeing it. Nobody is born after the
    day `on` which the number was delivered.
    """
    kind = _KINDS.get(_normal(kind_text or ""))
    written = _normal(number)
    if kind is None:
        return "unknown"
    if kind == "resident_id":
        return _resident_verdict(written, on)
    if not _PATTERNS[kind].fullmatch(written):
        return f"{kind}:format"
    if kind == "permanent_resident_card" and len(written) == 18 and not _check_digit_holds(written):
        return f"{kind}:checksum"
    return f"{kind}:valid"


def _resident_verdict(number: str, on: date) -> str:
    """Judge a number of GB 11643; fifteen digits are the first generation, which carries no check digit."""
    if _RESIDENT_15.fullmatch(number):
        return f"resident_id_15:{_place_and_birth(number[:6], '19' + number[6:12], on)}"
    if len(number) != 18:
        return "resident_id:length"
    if not _RESIDENT.fullmatch(number):
        return "resident_id:format"
    if not _check_digit_holds(number):
        return "resident_id:checksum"
    return f"resident_id:{_place_and_birth(number[:6], number[6:14], on)}"


def _check_digit_holds(number: str) -> bool:
    return number[-1] == str(ric.calc_check_digit(number))


def _place_and_birth(division: str, birth: str, on: date) -> str:
    if not _is_division(division):
        return "division"
    try:
        born = date(int(birth[:4]), int(birth[4:6]), int(birth[6:]))
    except ValueError:
        return "birth_date"
    return "valid" if _OLDEST <= born <= on else "birth_date"


@lru_cache(maxsize=4096)  # more than there ever were divisions; looking one up costs more than all else here
def _is_division(code: str) -> bool:
    """
    Say whether this division exists or existed.

    The library also wants it to exist in the year of birth; a number is given at the first registration, which
    may be decades later, so that a person born in 1949 may carry a division founded in 1983.
    """
    return code in _RESIDENCE_PERMIT_DIVISIONS or any("county" in found for _, found in _divisions().info(code))


@cache
def _divisions() -> Any:
    return numdb.get("cn/loc")


def _normal(text: str) -> str:
    """Fold full-width characters and case, and drop blanks inside."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()
