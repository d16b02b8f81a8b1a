"""
What fits a platform and what does not: its lengths, its words and its required columns, declared in its file.

A record that one platform cannot take is fit for the others. It is never sent where it does not fit, because the
platform would refuse it; it is listed here instead, with the column and the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from xinyong.catalogue.platforms import Platform, PlatformRecord
from xinyong.database import run
from xinyong.gate import view_name
from xinyong.reconcile import open_gate_of


@dataclass(frozen=True, slots=True)
class Unfit:
    """One reason why a record does not fit a platform; `says` is what its section reads."""

    platform: str
    record_type: str
    record_id: str
    natural_key: str
    column: str
    says: str


def unfit(connection: sa.Connection, platform: Platform, business_date: date) -> Iterator[Unfit]:
    """Yield why records that are cleared for a platform on a date cannot be sent to it."""
    open_gate_of(connection, platform, business_date)
    for name, taken in platform.records.items():
        names = {"view": view_name(platform.name, name)}
        needs = json.dumps(list(_needs(taken)), ensure_ascii=False)
        for row in run(connection, "publication/unfit", names, needs=needs):
            yield Unfit(platform.name, name, row.record_id, row.natural_key, row.title, _says(row))


def _needs(taken: PlatformRecord) -> Iterator[dict[str, Any]]:
    for title in taken.required:
        yield {"title": title, "kind": "required"}
    for title, size in taken.lengths.items():
        yield {"title": title, "kind": "length", "size": size}
    for title, one in taken.columns.items():
        if one.codes:
            words = sorted(set(one.codes.values()))
            yield {"title": title, "kind": "words", "words": words, "joined_by": one.joined_by}


def _says(row: Any) -> str:
    if row.kind == "required":
        return f"「{row.title}」未填写，该平台要求必填"
    if row.kind == "length":
        return f"「{row.title}」有{row.found_length}字，超过该平台允许的{row.size}字"
    return f"「{row.title}」含有该平台代码表以外的用词"
