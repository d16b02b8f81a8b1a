"""
The night's tasks: each opens what it needs, calls its stage, and leaves a state that repeating does not change.

This is all that DAG files and the command line call. Arguments and results are names, dates and ids.
"""

from xinyong.stages.acts import case, cases, letter, record_act
from xinyong.stages.intake import aggregate, check, extract, known_at, recompute_deadlines, settle, store
from xinyong.stages.ledger import latest_date, ledger_table, read_ledger, report, set_hashes
from xinyong.stages.publication import collect, reconcile, send, settle_platform
from xinyong.stages.quality import (
    decide,
    quarantined,
    recheck,
    rectify,
    score,
    score_month,
    take_returned,
    timeliness,
)
from xinyong.stages.retention import retain

__all__ = [
    "aggregate",
    "case",
    "cases",
    "check",
    "collect",
    "decide",
    "extract",
    "known_at",
    "latest_date",
    "letter",
    "ledger_table",
    "quarantined",
    "read_ledger",
    "recheck",
    "record_act",
    "recompute_deadlines",
    "reconcile",
    "rectify",
    "report",
    "retain",
    "score",
    "score_month",
    "send",
    "set_hashes",
    "settle",
    "settle_platform",
    "store",
    "take_returned",
    "timeliness",
]
