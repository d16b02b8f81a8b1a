"""Staged rows for the tests of quality: a valid record of each type, and the changes a test is about."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, UUID

from xinyong.catalogue.records import RecordType

TABLE = "quality.staged_example"
AUTHORITY = "11350400003691230N"
COMPANY = "91350402MA2XYKT640"
_OF_TYPE = {"text": sa.Text, "identity": sa.Text, "date": sa.Date, "amount": sa.Numeric}

VALID: dict[str, dict[str, Any]] = {
    "penalty": {
        "cf_xdr_mc": "三明示例机械有限公司",
        "cf_xdr_lb": "法人及非法人组织",
        "cf_xdr_shxym": COMPANY,
        "cf_frdb": "林建国",
        "cf_wsh": "闽明工信罚〔2026〕1号",
        "cf_wfxw": "违反《工业节能管理办法》第二十四条",
        "cf_sy": "未按规定报送能源利用状况报告",
        "cf_yj": "《节约能源法》第八十二条",
        "cf_cflb": "警告",
        "cf_nr": "给予警告",
        "cf_jdrq": "2026-11-20",
        "cf_cfjg": "三明市工业和信息化局",
        "cf_cfjgdm": AUTHORITY,
        "cf_sjly": "三明市工业和信息化局",
        "cf_sjlydm": AUTHORITY,
    },
    "licence": {
        "xk_xdr_mc": "三明示例机械有限公司",
        "xk_xdr_lb": "法人及非法人组织",
        "xk_xdr_shxym": COMPANY,
        "xk_frdb": "林建国",
        "xk_xkws": "关于节能审查的批复",
        "xk_wsh": "明工信许〔2026〕1号",
        "xk_xklb": "核准",
        "xk_nr": "同意项目节能报告",
        "xk_jdrq": "2026-11-20",
        "xk_yxqz": "2026-11-20",
        "xk_yxqzi": "2099-12-31",
        "xk_xkjg": "三明市工业和信息化局",
        "xk_xkjgdm": AUTHORITY,
        "xk_zt": "1",
        "xk_lydw": "三明市工业和信息化局",
        "xk_lydwdm": AUTHORITY,
    },
    "subject": {"sub_dm": COMPANY, "sub_mc": "三明示例机械有限公司", "sub_shxym": COMPANY},
    "red_list": {
        "jgqc": "三明示例机械有限公司",
        "tyshxydm": COMPANY,
        "rymc": "纳税信用A级",
        "rdwh": "明工信〔2026〕3号",
        "rdbmqc": "三明市工业和信息化局",
        "rdrq": "2026-11-20",
    },
    "untrustworthy_subject": {
        "jgqc": "三明示例机械有限公司",
        "tyshxydm": COMPANY,
        "rddw": "三明市工业和信息化局",
        "rdwh": "明工信〔2026〕4号",
        "zysxss": "拒不履行行政处罚决定",
        "xzcfhpjnr": "列入严重失信主体名单",
        "qryzsxsj": "2026-11-20",
        "gsjzq": "2029-11-20",
    },
    "commitment": {
        "cnr_mc": "三明示例机械有限公司",
        "cnr_lb": "法人及非法人组织",
        "cnr_dm": COMPANY,
        "cnbm": "CN2026-1",
        "cnlx": "主动型",
        "cnsy": "申报技术改造补助",
        "cnnr": "所报材料真实有效",
        "sldw": "三明市工业和信息化局",
        "sldwdm": AUTHORITY,
        "cnrq": "2026-11-20",
    },
    "inspection": {
        "ccdx_mc": "三明示例机械有限公司",
        "ccdx_dm": COMPANY,
        "ccwh": "明工信查〔2026〕1号",
        "ccsx": "节能管理制度",
        "ccjglx": "未发现问题",
        "ccrq": "2026-11-20",
        "ccjg": "三明市工业和信息化局",
        "ccjgdm": AUTHORITY,
    },
    "rating": {
        "jgqc": "三明示例机械有限公司",
        "tyshxydm": COMPANY,
        "pdmc": "民爆行业信用评价",
        "pdjg": "A",
        "pdrq": "2026-11-20",
        "pdjgmc": "三明市工业和信息化局",
    },
    "energy_use": {
        "yndw_mc": "三明示例机械有限公司",
        "yndw_dm": COMPANY,
        "tbnd": "2025",
        "bgbh": "N2025-1",
        "zhnh": 12000.5,
        "bsrq": "2026-11-20",
    },
    "commendation": {
        "jgqc": "三明示例机械有限公司",
        "tyshxydm": COMPANY,
        "rymc": "绿色工厂",
        "bznr": "绿色制造成绩突出",
        "bzwh": "明工信〔2026〕5号",
        "bzdw": "三明市工业和信息化局",
        "bzrq": "2026-11-20",
    },
    "government_dishonesty": {
        "sxdw_mc": "三明市某某镇人民政府",
        "sxdw_dm": AUTHORITY,
        "sxlx": "拖欠账款",
        "sxss": "拖欠企业账款逾期未付",
        "rdwh": "明信用〔2026〕1号",
        "rddw": "三明市发展和改革委员会",
        "rdrq": "2026-11-20",
    },
    "civil_servant": {
        "xm": "林建国",
        "zjlx": "身份证",
        "zjhm": "350402********0012",
        "zjhm_verdict": "resident_id:valid",
        "dwmc": "三明市工业和信息化局",
        "dwdm": AUTHORITY,
        "jlbh": "JL2026-1",
        "jllx": "年度考核",
        "jlnr": "年度考核优秀",
        "jlrq": "2026-11-20",
    },
}
_number = itertools.count(1)


def a_row(record_type: RecordType, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a valid staged row with these columns changed; its key is its own unless a change gives it."""
    row = dict.fromkeys(column.name for column in table_of(record_type).columns)
    row |= VALID[record_type.name]
    row["record_id"] = str(uuid.UUID(int=next(_number) << 64))
    row["source_at"] = datetime(2026, 11, 24, tzinfo=UTC)
    given = changes or {}
    row |= given
    for code, field in record_type.fields.items():
        name = code.lower()
        if field.type in ("date", "amount") and f"{name}_text" not in given and row[name] is not None:
            row[f"{name}_text"] = str(row[name])
    row["content_hash"] = hashlib.sha256(repr(sorted(row.items(), key=lambda item: item[0])).encode()).digest()
    return row


def table_of(record_type: RecordType) -> sa.Table:
    """Describe the staged table of a record type."""
    columns: list[sa.Column[Any]] = [
        sa.Column("batch_id", sa.BigInteger),
        sa.Column("row_number", sa.Integer),
        sa.Column("source_id", sa.Text),
        sa.Column("source_at", sa.DateTime(timezone=True)),
    ]
    for code, field in record_type.fields.items():
        name = code.lower()
        columns.append(sa.Column(name, _OF_TYPE[field.type]))
        if field.type in ("date", "amount"):
            columns.append(sa.Column(f"{name}_text", sa.Text))
        if field.type == "identity":
            columns += [sa.Column(f"{name}_{part}", kind) for part, kind in _PARTS.items()]
    columns += [sa.Column("record_id", UUID(as_uuid=False)), sa.Column("content_hash", BYTEA)]
    schema, name = TABLE.split(".")
    return sa.Table(name, sa.MetaData(), *columns, schema=schema)


_PARTS: dict[str, Any] = {"sealed": BYTEA, "hash": BYTEA, "verdict": sa.Text}


def stage(connection: sa.Connection, record_type: RecordType, rows: list[dict[str, Any]], batch_id: int = 1) -> None:
    """Make the staged table anew with these rows, numbered from 1."""
    table = table_of(record_type)
    table.drop(connection, checkfirst=True)
    table.create(connection)
    numbered = [row | {"batch_id": batch_id, "row_number": at} for at, row in enumerate(rows, start=1)]
    if numbered:
        connection.execute(sa.insert(table), numbered)
