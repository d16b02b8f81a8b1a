"""Administrative penalties 行政处罚 of the sandbox, in the standard codes of template v2.1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sandbox.dice import Dice
from sandbox.enterprises import Subject
from sandbox.records import AUTHORITY, AUTHORITY_CODE, LONG_TERM, Fields, party_fields, years_later

FINE, WARNING, CONFISCATION, REVOCATION = "罚款", "警告", "没收违法所得", "吊销许可证件"

_OFFENCES = (
    (
        "违反《中华人民共和国节约能源法》第三十五条",
        "使用国家明令淘汰的用能设备{n}台，经责令改正逾期未改",
        "《中华人民共和国节约能源法》第七十一条",
    ),
    (
        "违反《民用爆炸物品安全管理条例》第四十一条",
        "超出核定储存量存放民用爆炸物品，现场查获{n}箱",
        "《民用爆炸物品安全管理条例》第四十八条第一款第（三）项",
    ),
    (
        "违反《中华人民共和国无线电管理条例》第十四条",
        "未经许可擅自使用无线电频率，设置发射设备{n}部",
        "《中华人民共和国无线电管理条例》第七十条",
    ),
    (
        "违反《中华人民共和国监控化学品管理条例》第十一条",
        "未按规定申报监控化学品生产数据，涉及{n}个批次",
        "《中华人民共和国监控化学品管理条例》第二十三条",
    ),
    (
        "违反《中华人民共和国安全生产法》第四十一条",
        "未建立安全风险分级管控制度，隐患台账缺失{n}项",
        "《中华人民共和国安全生产法》第一百零一条第（四）项",
    ),
    (
        "违反《工业节能管理办法》第二十条",
        "未按要求报送年度能源利用状况报告，逾期{n}日",
        "《中华人民共和国节约能源法》第八十二条",
    ),
)
_KINDS = (
    *("罚款",) * 8,
    *("罚款;没收违法所得",) * 2,
    *("警告；罚款",) * 2,
    *("没收违法所得、没收非法财物",) * 2,
    "警告;",
    "警告",
    "责令停产停业;罚款",
    "暂扣许可证件",
    "暂扣或者吊销许可证、暂扣或者吊销执照",
    "吊销许可证件；罚款",
    "通报批评",
    "其他-责令改正；罚款；",
)
_CERTIFICATES = ("民用爆炸物品销售许可证", "监控化学品生产特别许可证书", "无线电台执照")


@dataclass(frozen=True, slots=True)
class PenaltyPlan:
    """What a penalty must be like; the rest is drawn."""

    number: str
    decided: date
    kind: str | None = None
    publicity_years: int | None = None


def penalty(subject: Subject, plan: PenaltyPlan, dice: Dice) -> Fields:
    """Write a clean penalty: what its kinds ask for is there, and the text says the same as the amounts."""
    offence, fact, basis = dice.pick(_OFFENCES)
    kind = plan.kind or dice.pick(_KINDS)
    fine = _fine(dice) if FINE in kind else None
    confiscated = f"{dice.between(5, 900)}00" if "没收" in kind else None
    certificate = _certificate(dice) if "暂扣" in kind or "吊销" in kind else None
    return {
        **party_fields("CF", subject, dice),
        "CF_WSH": plan.number,
        "CF_WFXW": offence,
        "CF_SY": fact.format(n=dice.between(2, 40)),
        "CF_YJ": basis,
        "CF_CFLB": kind,
        "CF_NR": _content(kind, fine, confiscated, certificate),
        "CF_NR_FK": in_wan(fine),
        "CF_NR_WFFF": in_wan(confiscated),
        "CF_NR_ZKDX": certificate,
        "CF_JDRQ": plan.decided.isoformat(),
        **_periods(kind, plan, dice),
        "CF_CFJG": AUTHORITY,
        "CF_CFJGDM": AUTHORITY_CODE,
        "CF_SJLY": AUTHORITY,
        "CF_SJLYDM": AUTHORITY_CODE,
        "BZ": dice.pick((None, None, None, "已缴纳", "分期缴纳", "当事人申辩：'; DROP TABLE penalty; --")),
    }


def in_wan(yuan: str | None) -> str | None:
    """Turn an amount of 元 with up to two decimals into 万元 with up to six, exactly."""
    if yuan is None:
        return None
    whole, _, cents = yuan.partition(".")
    digits = f"{whole}{cents:0<2}".zfill(7)
    return f"{digits[:-6]}.{digits[-6:]}".rstrip("0").rstrip(".")


def _fine(dice: Dice) -> str:
    if dice.chance(12):
        return f"{dice.between(500, 90_000)}.{dice.between(10, 99)}"
    return str(dice.pick((500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 50_000)) * dice.between(1, 4))


def _certificate(dice: Dice) -> str:
    return f"{dice.pick(_CERTIFICATES)} 闽MB证字{dice.between(1000, 9999)}号"


def _content(kind: str, fine: str | None, confiscated: str | None, certificate: str | None) -> str:
    """Say in words what the columns say in numbers."""
    parts = [f"罚款{fine}元"] if fine else []
    if confiscated:
        parts.append(f"没收违法所得{confiscated}元")
    if certificate:
        parts.append(f"对{certificate}予以处理")
    parts += [word for word in ("警告", "通报批评", "责令停产停业") if word in kind]
    return f"决定给予以下行政处罚：{'；'.join(parts)}。" if parts else "责令限期改正。"


def _periods(kind: str, plan: PenaltyPlan, dice: Dice) -> Fields:
    """Give the end of the effect and the end of publicity: a year for most kinds, three for a lost licence."""
    years = plan.publicity_years or (3 if "吊销" in kind else 1)
    end = years_later(plan.decided, years).isoformat()
    is_light = FINE not in kind and any(word in kind for word in (WARNING, "通报批评"))
    shows_end = plan.publicity_years is not None or (not is_light and dice.chance(50))
    return {"CF_YXQ": LONG_TERM if "吊销" in kind or dice.chance(30) else end, "CF_GSJZQ": end if shows_end else None}
