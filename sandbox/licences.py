"""Administrative licences 行政许可 of the sandbox, in the standard codes of template v2.1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.dice import Dice
from sandbox.enterprises import Subject
from sandbox.records import AUTHORITY, AUTHORITY_CODE, LONG_TERM, Fields, party_fields, quiet_end, years_later

_MATTERS = (
    ("普通", "民用爆炸物品销售许可决定书", "民用爆炸物品销售许可证", "准予销售工业炸药、工业雷管，核定储存量{n}吨"),
    ("普通", "无线电台（站）设置使用许可决定书", "无线电台执照", "准予设置使用超短波电台{n}部"),
    ("特许", "无线电频率使用许可决定书", "无线电频率使用许可证", "准予使用频率，带宽{n}兆赫"),
    ("核准", "固定资产投资项目节能审查意见", None, "同意项目节能报告，年综合能源消费量{n}吨标准煤"),
    ("核准", "技术改造投资项目核准批复", None, "核准生产线技术改造，新增设备{n}台（套）"),
    ("认可", "省级企业技术中心认定决定", "企业技术中心证书", "认定研发设备原值达{n}万元"),
    ("登记", "工业产品生产备案登记决定书", "备案登记证", "准予登记产品{n}种"),
    ("其他-补办", "监控化学品生产特别许可补办决定书", "监控化学品生产特别许可证书", "补发证书，副本{n}份"),
)


@dataclass(frozen=True, slots=True)
class LicencePlan:
    """What a licence must be like; the rest is drawn."""

    number: str
    decided: date
    starts_on_decision: bool = False
    ends: date | None = None


def licence(subject: Subject, plan: LicencePlan, dice: Dice) -> Fields:
    """Write a clean licence."""
    kind, title, certificate, content = dice.pick(_MATTERS)
    starts = plan.decided if plan.starts_on_decision else plan.decided + timedelta(days=dice.pick((0, 0, 1, 5, 10)))
    certificate_number = f"闽明证字第{dice.between(10_000, 99_999)}号" if certificate and dice.chance(80) else None
    return {
        **party_fields("XK", subject, dice),
        "XK_XKWS": title,
        "XK_WSH": plan.number,
        "XK_XKLB": kind,
        "XK_XKZS": certificate,
        "XK_XKBH": certificate_number,
        "XK_NR": content.format(n=dice.between(2, 60)),
        "XK_JDRQ": plan.decided.isoformat(),
        "XK_YXQZ": starts.isoformat(),
        "XK_YXQZI": plan.ends.isoformat() if plan.ends else _end(starts, dice),
        "XK_XKJG": AUTHORITY,
        "XK_XKJGDM": AUTHORITY_CODE,
        "XK_ZT": "1",
        "XK_LYDW": AUTHORITY,
        "XK_LYDWDM": AUTHORITY_CODE,
        "BZ": dice.pick((None, None, None, "换发新证", "企业自行申报")),
    }


def _end(starts: date, dice: Dice) -> str:
    years = dice.pick((0, 1, 3, 3, 5, 5))
    if years == 0:
        return LONG_TERM
    return quiet_end(years_later(starts, years) - timedelta(days=1)).isoformat()
