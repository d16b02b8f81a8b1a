"""Clean records break no rule; a planted defect breaks its own and no other (judged by a second hand, the tests')."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from proofs import as_proofs
from stdnum.cn import ric, uscc

from sandbox import codes, story
from sandbox.defects import kinds
from sandbox.feed_records import FeedRecords
from sandbox.penalties import in_wan
from sandbox.records import Fields
from sandbox.world import World

KINDS = {"CF": "PEN", "XK": "LIC", "CN": "COM"}
REQUIRED = {
    "CF": "XDR_MC XDR_LB WSH WFXW SY YJ CFLB NR JDRQ CFJG CFJGDM SJLY SJLYDM".split(),  # noqa: SIM905 – one line
    "XK": "XDR_MC XDR_LB XKWS WSH XKLB NR JDRQ YXQZ YXQZI XKJG XKJGDM ZT LYDW LYDWDM".split(),  # noqa: SIM905
}
LENGTHS = {"XDR_MC": 200, "XDR_SHXYM": 18, "GSZC": 50, "XDR_ZZJG": 9, "FRDB": 50, "WSH": 64, "XKWS": 64, "XKZS": 64}
CATEGORIES = {"法人及非法人组织", "自然人", "个体工商户"}
PENALTIES = {"警告", "罚款", "没收违法所得", "没收违法所得、没收非法财物", "责令停产停业", "暂扣许可证件", "通报批评"}
PENALTIES |= {"暂扣或者吊销许可证、暂扣或者吊销执照", "吊销许可证件"}
LICENCES = {"普通", "特许", "认可", "核准", "登记"}
COMMITMENTS = {"审批替代型", "容缺受理型", "证明事项型", "主动型", "行业自律型", "信用修复型"}
PROMISED = "CNR_MC CNR_LB CNBM CNLX CNSY CNNR SLDW SLDWDM CNRQ".split()  # noqa: SIM905 – one line
BLANK = {"", "无", "/", "-", "null"}
TELEPHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def value(fields: Fields, name: str) -> str | None:
    text = (fields.get(name) or "").replace("　", " ").strip()
    return None if text in BLANK else text


def day(fields: Fields, name: str) -> date | None:
    try:
        return date.fromisoformat(value(fields, name) or "")
    except ValueError:
        return None


def broken(prefix: str, fields: Fields, today: date) -> set[str]:
    """Judge a record by the standard's rules."""
    kind = KINDS[prefix]
    if prefix == "CN":
        return {f"{kind}-{rule}" for rule in commitment_rules(fields, today)}
    found = {f"R01-{prefix}_{n}" for n in REQUIRED[prefix] if value(fields, f"{prefix}_{n}") is None}
    found |= {f"R02-{prefix}_{n}" for n, size in LENGTHS.items() if len(value(fields, f"{prefix}_{n}") or "") > size}
    found |= {"R02-BZ"} if len(value(fields, "BZ") or "") > 512 else set()
    found |= party_rules(prefix, fields) | date_rules(prefix, fields, today)
    found |= text_rules(prefix, fields)
    found |= penalty_rules(fields) if prefix == "CF" else licence_rules(fields)
    return {f"{kind}-{rule}" for rule in found}


def commitment_rules(fields: Fields, today: date) -> set[str]:
    """Judge a commitment, whose columns have names of their own."""
    category, code = value(fields, "CNR_LB"), value(fields, "CNR_DM")
    found = {f"R01-{name}" for name in PROMISED if value(fields, name) is None}
    found |= {"R02-BZ"} if len(value(fields, "BZ") or "") > 512 else set()
    found |= {"R03-CNLX"} if value(fields, "CNLX") not in COMMITMENTS else set()
    found |= {"R03-LXZT"} if value(fields, "LXZT") not in {"履行中", "已履行"} else set()
    found |= {"R04"} if category != "自然人" and code is None else set()
    found |= {"R05"} if category == "自然人" and code else set()
    if code and code != codes.USCC_PLACEHOLDER and category != "自然人":
        found |= set() if uscc.is_valid(code) else {"R06"}
        found |= {"R07"} if (code[:2] == "92") != (category == "个体工商户") else set()
    found |= {"R14-CNRQ"} if value(fields, "CNRQ") and day(fields, "CNRQ") is None else set()
    made = day(fields, "CNRQ")
    found |= {"R15"} if made and made > today else set()
    found |= {"R16"} if made and (day(fields, "YXQ") or made) < made else set()
    found |= {"R29"} if value(fields, "SLDWDM") != "11350400003691230N" else set()
    content = value(fields, "CNNR") or ""
    found |= {"R33-CNNR-CONTACT"} if TELEPHONE.search(content) else set()
    return found | ({"R35-CNNR"} if content.startswith("详见") else set())


def is_organisation_code(code: str) -> bool:
    """Check the last character by GB 11714."""
    total = sum(int(sign, 36) * weight for sign, weight in zip(code[:8], (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return code[8:] == "0123456789X0"[11 - total % 11]


def party_rules(p: str, fields: Fields) -> set[str]:
    category, code = value(fields, f"{p}_XDR_LB"), value(fields, f"{p}_XDR_SHXYM")
    found = set() if category in CATEGORIES else {"R03"}
    needed = {"法人及非法人组织": ("XDR_SHXYM", "FRDB"), "个体工商户": ("XDR_SHXYM", "FRDB"), "自然人": ()}
    found |= {f"R04-{p}_{n}" for n in needed.get(category or "", ()) if value(fields, f"{p}_{n}") is None}
    if category in ("法人及非法人组织", "个体工商户"):
        found |= {f"R04-{p}_{n}" for n in ("XDR_ZJLX", "XDR_ZJHM") if value(fields, f"{p}_{n}")}
    if category == "自然人":
        found |= {f"R05-{p}_{n}" for n in ("XDR_ZJLX", "XDR_ZJHM") if value(fields, f"{p}_{n}") is None}
        blank = ("XDR_SHXYM", "XDR_GSZC", "XDR_ZZJG", "XDR_SWDJ", "XDR_SYDW", "XDR_SHZZ", "FRDB", "FR_ZJLX", "FR_ZJHM")
        found |= {f"R05-{p}_{n}" for n in blank if value(fields, f"{p}_{n}")}
    if code and code != codes.USCC_PLACEHOLDER:
        found |= set() if uscc.is_valid(code) else {"R06"}
        found |= {"R07"} if category in CATEGORIES and (code[:2] == "92") != (category == "个体工商户") else set()
    inner, tax = value(fields, f"{p}_XDR_ZZJG"), value(fields, f"{p}_XDR_SWDJ")
    if code and code != codes.USCC_PLACEHOLDER and inner and code[8:17] != inner.replace("-", ""):
        found.add("R10")
    found |= {"R09"} if inner and not is_organisation_code(inner.replace("-", "")) else set()
    found |= {f"R31-{p}_XDR_SYDW-DIGITS"} if "E+" in (value(fields, f"{p}_XDR_SYDW") or "") else set()
    found |= {"R11"} if tax and len(tax) not in (15, 17, 18, 20) else set()
    return found | identity_rules(p, fields)


def text_rules(p: str, fields: Fields) -> set[str]:
    """Judge what R28, R29, R31, R33 and R35 say about names, numbers and prose."""
    authority = "CF_CFJGDM" if p == "CF" else "XK_XKJGDM"
    found = set() if value(fields, authority) == "11350400003691230N" else {"R29"}
    name, number = value(fields, f"{p}_XDR_MC") or "", value(fields, f"{p}_WSH")
    found |= {f"R31-{p}_XDR_MC-PAIRS"} if name.count("（") != name.count("）") else set()
    found |= {"R28"} if p == "CF" and number and "〔" not in number else set()
    found |= {f"R31-{p}_WSH-UNSEEN"} if "\u200b" in (number or "") else set()
    remark = value(fields, "BZ") or ""
    found |= {"R33-BZ-CONTACT"} if TELEPHONE.search(remark) else set()
    found |= {"R33-BZ"} if re.search(r"\d{17}[\dX]", remark) else set()
    prose = {"CF": ("CF_YJ",), "XK": ("XK_NR",)}[p]
    pointing = {n for n in prose if (value(fields, n) or "").startswith("详见")}
    return found | {f"R35-{n}" if p == "CF" else "R35" for n in pointing}


def identity_rules(p: str, fields: Fields) -> set[str]:
    pairs = (("FR_ZJLX", "FR_ZJHM"), ("XDR_ZJLX", "XDR_ZJHM"))
    found = set()
    if (value(fields, f"{p}_FR_ZJLX") is None) != (value(fields, f"{p}_FR_ZJHM") is None):
        found.add("R12")
    for kind, number in pairs:
        text = value(fields, f"{p}_{number}")
        if value(fields, f"{p}_{kind}") == "身份证" and text and not ric.is_valid(text):
            found.add(f"R13-{p}_{number}")
        registration = value(fields, f"{p}_XDR_GSZC")
        if registration and not codes.is_registration_number(registration):
            found.add("R08")
    return found


def date_rules(p: str, fields: Fields, today: date) -> set[str]:
    names = ("JDRQ", "YXQ", "GSJZQ") if p == "CF" else ("JDRQ", "YXQZ", "YXQZI")
    found = {f"R14-{p}_{n}" for n in names if value(fields, f"{p}_{n}") and day(fields, f"{p}_{n}") is None}
    decided = day(fields, f"{p}_JDRQ")
    if decided and decided > today:
        found.add("R15")
    if p == "CF" and decided:
        found |= {f"R18-CF_{n}" for n in ("YXQ", "GSJZQ") if (day(fields, f"CF_{n}") or decided) < decided}
    starts, ends = day(fields, "XK_YXQZ"), day(fields, "XK_YXQZI")
    found |= {"R16"} if starts and ends and starts > ends else set()
    found |= {"R17"} if starts and decided and starts < decided else set()
    return found


def penalty_rules(fields: Fields) -> set[str]:
    text, content = value(fields, "CF_CFLB") or "", value(fields, "CF_NR") or ""
    parts = [part for part in re.split("[;；]", text) if part]
    found = {"R21"} if any(p not in PENALTIES and not p.startswith("其他-") for p in parts) else set()
    decided = day(fields, "CF_JDRQ")
    found |= {"R21"} if decided and decided < date(2021, 7, 15) and "通报批评" in text else set()
    fine, confiscated = value(fields, "CF_NR_FK"), value(fields, "CF_NR_WFFF")
    has_fine = bool(fine and Decimal(fine) > 0)
    found |= {"R22"} if "罚款" in text and not has_fine else set()
    found |= {"R22-CF_CFLB"} if "罚款" not in text and has_fine else set()
    found |= {"R23"} if "没收" in text and confiscated is None else set()
    found |= {"R24"} if re.search("暂扣|吊销", text) and value(fields, "CF_NR_ZKDX") is None else set()
    said = re.search(r"罚款(?:人民币)?([\d.]+|贰仟)元", content)
    yuan = Decimal(said[1].replace("贰仟", "2000")) if said else None
    found |= {"R26-CF_NR_FK"} if yuan and fine and yuan / 10_000 != Decimal(fine) else set()
    found |= {"R25-CF_NR_FK"} if len((fine or "").partition(".")[2]) > 6 else set()
    found |= {"R25-CF_NR_FK-MAX"} if Decimal(fine or 0) > 10_000 else set()
    return found


def licence_rules(fields: Fields) -> set[str]:
    kind = value(fields, "XK_XKLB")
    is_known = kind is None or kind in LICENCES or (kind.startswith("其他-") and len(kind) > 3)
    return set() if is_known else {"R20"}


def pairs(records: FeedRecords) -> set[int]:
    """Return the records that share authority, document and party with another one."""
    name = "CNR_MC" if records.prefix == "CN" else f"{records.prefix}_XDR_MC"
    keys = {r.index: (value(r.fields, records.document), value(r.fields, name)) for r in records}
    counts = Counter(key for key in keys.values() if key[0])
    return {index for index, key in keys.items() if counts[key] > 1}


@pytest.mark.parametrize("feed", story.RECORD_FEEDS)
@pytest.mark.parametrize(("seed", "night"), [(1, 1), (1, 6), *as_proofs((1, 2), (2, 1), (3, 1))])
def test_each_record_breaks_exactly_what_was_planted(feed: str, seed: int, night: int) -> None:
    today = story.day_of(night)
    records = World(seed=seed, records=3_000).feed(feed, today)
    twins = pairs(records)
    kind = KINDS[records.prefix]
    for record in records:
        defect = records.defect(record.index)
        expected = {defect.rule_of(records.prefix)} if defect else set()
        found = broken(records.prefix, record.fields, today) | ({f"{kind}-R27"} if record.index in twins else set())
        assert found == expected, record


@pytest.mark.parametrize("feed", story.RECORD_FEEDS)
def test_pairs_fall_into_one_block(feed: str) -> None:
    found = kinds(feed)
    assert len(found) % 2 == 0
    assert [defect.name for defect in found[:2]] == ["twin_first", "twin_second"]


@pytest.mark.parametrize(
    ("yuan", "wan"),
    [
        ("2000", "0.2"),
        ("12345.67", "1.234567"),
        ("500", "0.05"),
        ("20000", "2"),
        ("0", "0"),
        ("1000000.5", "100.00005"),
    ],
)
def test_yuan_become_wan_exactly(yuan: str, wan: str) -> None:
    assert in_wan(yuan) == wan
