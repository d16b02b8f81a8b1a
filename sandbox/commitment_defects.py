"""The defects that the service counter's register of commitments can have; each breaks one rule and no other."""

from __future__ import annotations

from datetime import date

from sandbox import codes
from sandbox.defect import (
    COMPANY,
    OLD_NUMBER,
    PERSON,
    SOLE_TRADER,
    TWIN_FIRST,
    TWIN_SECOND,
    WARNING,
    Defect,
    ends_early,
    leave_alone,
    set_to,
    wrong_check,
)
from sandbox.records import LONG_TERM, Fields, years_later


def _second_of_pair(prefix: str, fields: Fields) -> None:
    fields["CNNR"] = f"{fields['CNNR']}，补录"


def _made_in_ten_years(prefix: str, fields: Fields) -> None:
    made = years_later(date.fromisoformat(fields["CNRQ"] or ""), 10).isoformat()
    fields |= {"CNRQ": made, "YXQ": LONG_TERM}


KINDS = (
    Defect(TWIN_FIRST, "R27", "CNBM", leave_alone, touches_key=True),
    Defect(TWIN_SECOND, "R27", "CNBM", _second_of_pair, touches_key=True),
    Defect("code_checksum", "R06", "CNR_DM", wrong_check("CNR_DM"), needs=COMPANY),
    Defect("content_blank", "R01", "CNNR", set_to("CNNR", "无"), is_per_field=True),
    Defect("sole_trader_called_company", "R07", "CNR_LB", set_to("CNR_LB", "法人及非法人组织"), WARNING, SOLE_TRADER),
    Defect("kind_unknown", "R03", "CNLX", set_to("CNLX", "口头承诺"), is_per_field=True),
    Defect("ends_before_it_begins", "R16", "YXQ", ends_early("YXQ", "CNRQ")),
    Defect("telephone_in_content", "R33", "CNNR", set_to("CNNR", "如有违诺请致电13859812345"), is_per_field=True,
           mark="-CONTACT"),
    Defect("code_missing", "R04", "CNR_DM", leave_alone, needs=OLD_NUMBER, is_correctable=False),
    Defect("person_with_code", "R05", "CNR_DM", set_to("CNR_DM", "91350402MA2XYKT640"), needs=PERSON),
    Defect("date_impossible", "R14", "CNRQ", set_to("CNRQ", "2026/02/30"), is_per_field=True),
    Defect("made_in_future", "R15", "CNRQ", _made_in_ten_years),
    Defect("foreign_authority", "R29", "SLDWDM", set_to("SLDWDM", codes.USCC_PLACEHOLDER), touches_key=True),
    Defect("content_elsewhere", "R35", "CNNR", set_to("CNNR", "详见附件"), WARNING, is_per_field=True),
    Defect("state_unknown", "R03", "LXZT", set_to("LXZT", "9"), is_per_field=True),
    Defect("remark_too_long", "R02", "BZ", set_to("BZ", "情况说明" * 130), is_per_field=True),
)  # fmt: skip
