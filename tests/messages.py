"""Messages to platforms with valid defaults, and what the tests of all three channels share."""

from __future__ import annotations

from datetime import date

from xinyong.catalogue import catalogue
from xinyong.catalogue.department import Department
from xinyong.platforms import Item, Message

BUREAU = "三明市工业和信息化局"
CODE = "11350400003691230N"
KEY = b"k" * 32
COMPANY = {"name": "杭州东庆科技有限公司", "uscc": "91330105782387229F", "number": "330105000012345"}
HEADINGS = "企业名称,统一社会信用代码,注册号,组织机构代码,登记机关,管辖单位,登记状态"
CITY_PENALTY = {
    "CF_XDR_MC": COMPANY["name"],
    "CF_XDR_LB": "法人及非法人组织",
    "CF_XDR_SHXYM": COMPANY["uscc"],
    "CF_WSH": "闽明工信罚〔2026〕1号",
    "CF_WFXW": "违反节约能源法",
    "CF_SY": "未按规定报送能源利用状况",
    "CF_YJ": "《节约能源法》第八十二条",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款2000元",
    "CF_JDRQ": "2026/11/20",
    "CF_CFJG": BUREAU,
    "CF_CFJGDM": CODE,
    "CF_SJLY": BUREAU,
    "CF_SJLYDM": CODE,
    "BZ": None,
}
DEPARTMENT = Department(name=BUREAU, uscc=CODE, sections={}, authorities={CODE: BUREAU})


def an_item(position=1, operation="add", payload=None, content="a", **changes):
    return Item(
        position=position,
        record_type=changes.get("record_type", "penalty"),
        record_id=f"00000000-0000-0000-0000-{position:012}",
        operation=operation,
        reason="expired" if operation == "withdraw" else None,
        natural_key=changes.get("natural_key", f"{COMPANY['name']}|闽明工信罚〔2026〕{position}/2号|2026-11-20"),
        content_hash=(content * 64)[:64],
        payload=CITY_PENALTY if payload is None else payload,
    )


def a_message(*items, number=1, platform="city", key=None, day=date(2026, 11, 24)):
    return Message(
        platform=platform,
        number=number,
        business_date=day,
        kind="data" if items else "nothing_to_report",
        record_type=items[0].record_type if items else None,
        idempotency_key=key or f"{platform}-{number:08}",
        items=items,
    )


def a_registry(tmp_path):
    """Write the registration base that the platforms match subjects against."""
    folder = tmp_path / "registry"
    folder.mkdir()
    company = f"{COMPANY['name']},{COMPANY['uscc']},{COMPANY['number']},782387229,,,存续"
    (folder / "registry_20261124.csv").write_text(f"{HEADINGS}\n{company}\n", "utf-8")
    return folder


def declared(name):
    """Return a platform as the real catalogue declares it."""
    return catalogue().platforms[name]


def states(answers):
    return [answer.state for answer in answers]
