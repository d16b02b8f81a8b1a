"""
The defects that the sandbox plants: each breaks exactly one rule of the standard and nothing else.

A defect says which party and which kind of penalty it needs, so that no second rule is broken on the way; what else
must change with it (a decision in the future must not end before it begins) is part of the defect.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from sandbox import codes, commitment_defects
from sandbox.defect import (
    COMPANY,
    CRITICAL,
    OLD_NUMBER,
    PERSON,
    SOLE_TRADER,
    TWIN_FIRST,
    TWIN_SECOND,
    WARNING,
    WORKSHOP,
    Break,
    Defect,
    ends_early,
    leave_alone,
    set_to,
    wrong_check,
)
from sandbox.people import RESIDENT_CARD
from sandbox.records import LONG_TERM, Fields, years_later
from sandbox.story import APPROVALS, BLOCK, COMMITMENT, DEFECTIVE_PLACES, ENFORCEMENT, LEGACY, SAFETY


def _wrong_representative(prefix: str, fields: Fields) -> None:
    fields[f"{prefix}_FR_ZJLX"] = RESIDENT_CARD
    fields[f"{prefix}_FR_ZJHM"] = codes.with_wrong_check(codes.resident_number("350402", date(1985, 5, 20), 123))


def _type_without_number(prefix: str, fields: Fields) -> None:
    fields[f"{prefix}_FR_ZJLX"], fields[f"{prefix}_FR_ZJHM"] = RESIDENT_CARD, None


def _decided_in_ten_years(prefix: str, fields: Fields) -> None:
    decided = years_later(date.fromisoformat(fields[f"{prefix}_JDRQ"] or ""), 10).isoformat()
    fields[f"{prefix}_JDRQ"] = decided
    if prefix == "CF":
        fields["CF_YXQ"], fields["CF_GSJZQ"] = LONG_TERM, None
    else:
        fields["XK_YXQZ"], fields["XK_YXQZI"] = decided, LONG_TERM


def _second_of_pair(prefix: str, fields: Fields) -> None:
    text = "CF_SY" if prefix == "CF" else "XK_NR"
    fields[text] = f"{fields[text]}，补录"


def _unknown_kind(prefix: str, fields: Fields) -> None:
    fields["CF_CFLB"] = "警告;批评教育"


def _kind_before_its_law(prefix: str, fields: Fields) -> None:
    """Name a kind of the law of 2021 in a decision of the year before."""
    fields |= {"CF_CFLB": "通报批评", "CF_JDRQ": "2020-05-20", "CF_YXQ": LONG_TERM, "CF_GSJZQ": None}


def _fine_in_yuan(prefix: str, fields: Fields) -> None:
    fields |= {"CF_NR": "决定给予以下行政处罚：罚款人民币贰仟元整。", "CF_NR_FK": "2000"}


def _fine_unnamed(prefix: str, fields: Fields) -> None:
    fields |= {"CF_NR": "给予警告。", "CF_NR_FK": "0.2"}


def _seven_decimals(prefix: str, fields: Fields) -> None:
    fields |= {"CF_NR": "处以相应数额的罚款。", "CF_NR_FK": "0.1234567"}


def _fine_beyond_reason(prefix: str, fields: Fields) -> None:
    fields |= {"CF_NR": "处以相应数额的罚款。", "CF_NR_FK": "20000"}


def _with_unseen(field: str) -> Break:
    """Put a zero-width space into a number, as copying from a chat does."""

    def break_(prefix: str, fields: Fields) -> None:
        name = field.format(p=prefix)
        number = fields[name] or ""
        fields[name] = f"{number[:4]}\u200b{number[4:]}"

    return break_


def _without_year(field: str) -> Break:
    def break_(prefix: str, fields: Fields) -> None:
        number = fields[field] or ""
        fields[field] = number[: number.index("〔")] + "第" + number[number.index("〕") + 1 :]

    return break_


def _unpaired_bracket(prefix: str, fields: Fields) -> None:
    fields[f"{prefix}_XDR_MC"] = f"{fields[f'{prefix}_XDR_MC']}（分公司"


def _blank(field: str, value: str | None, *, touches_key: bool = False, name: str = "blank") -> Defect:
    title = f"{field.removeprefix('{p}_').lower()}_{name}"
    return Defect(title, "R01", field, set_to(field, value), is_per_field=True, touches_key=touches_key)


_TWINS = (
    Defect(TWIN_FIRST, "R27", "{p}_WSH", leave_alone, touches_key=True),
    Defect(TWIN_SECOND, "R27", "{p}_WSH", _second_of_pair, touches_key=True),
)
_BOTH_TEMPLATES = (
    Defect("remark_too_long", "R02", "BZ", set_to("BZ", "情况说明" * 130), is_per_field=True),
    Defect(
        "code_missing", "R04", "{p}_XDR_SHXYM", leave_alone, needs=OLD_NUMBER, is_per_field=True, is_correctable=False
    ),
    Defect("representative_missing", "R04", "{p}_FRDB", set_to("{p}_FRDB", None), needs=COMPANY, is_per_field=True),
    Defect("code_checksum", "R06", "{p}_XDR_SHXYM", wrong_check("{p}_XDR_SHXYM"), needs=COMPANY),
    Defect("representative_checksum", "R13", "{p}_FR_ZJHM", _wrong_representative, needs=COMPANY, is_per_field=True),
    Defect("decided_in_future", "R15", "{p}_JDRQ", _decided_in_ten_years),
    _blank("{p}_WSH", "无", touches_key=True),
)
_V21_ONLY = (
    Defect("category_unknown", "R03", "{p}_XDR_LB", set_to("{p}_XDR_LB", "企业"), needs=COMPANY),
    Defect(
        "person_number_missing", "R05", "{p}_XDR_ZJHM", set_to("{p}_XDR_ZJHM", None), needs=PERSON, is_per_field=True
    ),
    Defect("person_represented", "R05", "{p}_FRDB", set_to("{p}_FRDB", "林建国"), needs=PERSON, is_per_field=True),
    Defect(
        "company_called_sole_trader", "R07", "{p}_XDR_LB", set_to("{p}_XDR_LB", "个体工商户"), WARNING, needs=COMPANY
    ),
    Defect(
        "sole_trader_called_company",
        "R07",
        "{p}_XDR_LB",
        set_to("{p}_XDR_LB", "法人及非法人组织"),
        WARNING,
        SOLE_TRADER,
    ),
    Defect("document_without_number", "R12", "{p}_FR_ZJHM", _type_without_number, needs=COMPANY),
    Defect("person_checksum", "R13", "{p}_XDR_ZJHM", wrong_check("{p}_XDR_ZJHM"), needs=PERSON, is_per_field=True),
    Defect(
        "decision_date_impossible",
        "R14",
        "{p}_JDRQ",
        set_to("{p}_JDRQ", "2026/02/30"),
        is_per_field=True,
    ),
)
_PENALTY = (
    _blank("CF_SY", "　　"),
    _blank("CF_YJ", "/", name="slash"),
    Defect("publicity_end_unreadable", "R14", "CF_GSJZQ", set_to("CF_GSJZQ", "二〇二七年十一月"), is_per_field=True),
    Defect("effect_ends_early", "R18", "CF_YXQ", ends_early("CF_YXQ", "CF_JDRQ"), is_per_field=True),
    Defect("publicity_ends_early", "R18", "CF_GSJZQ", ends_early("CF_GSJZQ", "CF_JDRQ"), is_per_field=True),
    Defect("kind_unknown", "R21", "CF_CFLB", _unknown_kind, penalty_kind="警告"),
    Defect("fine_without_amount", "R22", "CF_NR_FK", set_to("CF_NR_FK", None), penalty_kind="罚款"),
    Defect(
        "confiscation_without_amount",
        "R23",
        "CF_NR_WFFF",
        set_to("CF_NR_WFFF", None),
        penalty_kind="没收违法所得、没收非法财物",
    ),
    Defect("certificate_not_named", "R24", "CF_NR_ZKDX", set_to("CF_NR_ZKDX", None), penalty_kind="暂扣许可证件"),
)
_BOTH_LATER = (
    Defect("old_number_checksum", "R08", "{p}_XDR_GSZC", set_to("{p}_XDR_GSZC", "350400100000004"), WARNING, COMPANY),
    Defect("another_organisation_code", "R10", "{p}_XDR_ZZJG", set_to("{p}_XDR_ZZJG", "D2143569X"), WARNING, COMPANY),
    Defect("tax_number_length", "R11", "{p}_XDR_SWDJ", set_to("{p}_XDR_SWDJ", "35040212345678"), WARNING, COMPANY),
    Defect(
        "bracket_unpaired",
        "R31",
        "{p}_XDR_MC",
        _unpaired_bracket,
        needs=COMPANY,
        is_per_field=True,
        mark="-PAIRS",
        touches_key=True,
    ),
    Defect("telephone_in_text", "R33", "BZ", set_to("BZ", "联系电话13859812345"), is_per_field=True, mark="-CONTACT"),
)
_PENALTY_LATER = (
    Defect("kind_before_its_law", "R21", "CF_CFLB", _kind_before_its_law, penalty_kind="通报批评"),
    Defect("fine_in_yuan", "R26", "CF_NR_FK", _fine_in_yuan, WARNING, penalty_kind="罚款", is_per_field=True),
    Defect("number_without_year", "R28", "CF_WSH", _without_year("CF_WSH"), WARNING, touches_key=True),
    Defect("foreign_authority", "R29", "CF_CFJGDM", set_to("CF_CFJGDM", codes.USCC_PLACEHOLDER), touches_key=True),
    Defect("basis_elsewhere", "R35", "CF_YJ", set_to("CF_YJ", "详见行政处罚决定书"), WARNING, is_per_field=True),
)
_LICENCE_LATER = (Defect("content_elsewhere", "R35", "XK_NR", set_to("XK_NR", "详见附件"), WARNING),)
_LICENCE_V21_ONLY = (
    Defect("starts_before_decision", "R17", "XK_YXQZ", ends_early("XK_YXQZ", "XK_JDRQ"), WARNING),
    Defect("foreign_authority", "R29", "XK_XKJGDM", set_to("XK_XKJGDM", codes.USCC_PLACEHOLDER), touches_key=True),
)
_LICENCE = (
    _blank("XK_NR", "null", name="null"),
    _blank("XK_XKWS", ""),
    Defect("validity_end_impossible", "R14", "XK_YXQZI", set_to("XK_YXQZI", "2027.13.45"), is_per_field=True),
    Defect("validity_reversed", "R16", "XK_YXQZI", ends_early("XK_YXQZI", "XK_YXQZ")),
    Defect("class_unknown", "R20", "XK_XKLB", set_to("XK_XKLB", "许可")),
    Defect("class_without_note", "R20", "XK_XKLB", set_to("XK_XKLB", "其他")),
)
# What only large worlds have: these stand at the end, so that the defects of a small one stay what they are.
_LAST = (
    Defect("organisation_code_checksum", "R09", "{p}_XDR_ZZJG", set_to("{p}_XDR_ZZJG", "D21435690"), WARNING, WORKSHOP),
    Defect(
        "person_number_in_text", "R33", "BZ", set_to("BZ", "经办人身份证号11010519491231002X"), is_per_field=True
    ),
    Defect(
        "zero_width_in_number", "R31", "{p}_WSH", _with_unseen("{p}_WSH"), is_per_field=True, mark="-UNSEEN",
        touches_key=True,
    ),
)  # fmt: skip
_V21_LAST = (
    Defect("number_as_float", "R31", "{p}_XDR_SYDW", set_to("{p}_XDR_SYDW", "1.35040E+11"), needs=COMPANY,
           is_per_field=True, mark="-DIGITS"),
)  # fmt: skip
_PENALTY_LAST = (
    Defect("fine_not_among_kinds", "R22", "CF_CFLB", _fine_unnamed, WARNING, penalty_kind="警告", is_per_field=True),
    Defect("seven_decimals", "R25", "CF_NR_FK", _seven_decimals, penalty_kind="罚款", is_per_field=True),
    Defect("fine_beyond_reason", "R25", "CF_NR_FK", _fine_beyond_reason, WARNING, penalty_kind="罚款",
           is_per_field=True, mark="-MAX"),
)  # fmt: skip
_FIRST_KIND = {
    ENFORCEMENT: 0,
    APPROVALS: 0,
    SAFETY: 26,
    LEGACY: 8,
    COMMITMENT: 0,
}  # the small feeds begin where others are rare


@cache
def kinds(feed: str) -> tuple[Defect, ...]:
    """List the defects a feed can have, an even number, so that the two records of a pair fall into one block."""
    found: tuple[Defect, ...]
    if feed in (ENFORCEMENT, SAFETY):
        found = (
            _TWINS
            + _BOTH_TEMPLATES
            + _V21_ONLY
            + _PENALTY
            + _BOTH_LATER
            + _PENALTY_LATER
            + _LAST
            + _V21_LAST
            + _PENALTY_LAST
        )
    elif feed == APPROVALS:
        found = _TWINS + _BOTH_TEMPLATES + _V21_ONLY + _LICENCE + _BOTH_LATER + _LICENCE_LATER + _LICENCE_V21_ONLY
        found += _LAST + _V21_LAST
    elif feed == COMMITMENT:
        found = commitment_defects.KINDS
    else:
        found = _TWINS + _BOTH_TEMPLATES + _LICENCE + _BOTH_LATER + _LICENCE_LATER + _LAST
    return found if len(found) % 2 == 0 else (*found, found[2])


def defect_at(feed: str, index: int) -> Defect | None:
    """Return the defect that stands at this place of the feed, corrected or not."""
    block, place = divmod(index, BLOCK)
    if place not in DEFECTIVE_PLACES:
        return None
    found = kinds(feed)
    return found[(2 * block + DEFECTIVE_PLACES.index(place) + _FIRST_KIND[feed]) % len(found)]


def is_corrected_later(feed: str, index: int, defect: Defect) -> bool:
    """Say whether night 2 corrects this record: every other block, and only what a clerk could match again."""
    block = index // BLOCK
    rounds = 2 * block // len(kinds(feed))
    if defect.severity != CRITICAL or not defect.is_correctable or (block + rounds) % 2:
        return False
    return not (feed in (SAFETY, LEGACY) and defect.touches_key)
