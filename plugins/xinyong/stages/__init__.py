"""
The night's tasks: each opens what it needs, calls its stage, and leaves a state that repeating does not change.

This is all that DAG files and the command line call. Arguments and results are names, dates and ids.
"""

from xinyong.stages.acts import case, cases, letter, record_act
from xinyong.stages.correction import (
    apply_correction,
    batches,
    correction_day,
    find_corrections,
    is_large_to_take_back,
    plan_correction,
    planned_correction,
    restatements,
    roll_back_correction,
)
from xinyong.stages.intake import aggregate, check, extract, known_at, recompute_deadlines, settle, store
from xinyong.stages.ledger import latest_date, ledger_table, read_ledger, report, set_hashes
from xinyong.stages.publication import collect, reconcile, send, settle_platform
from xinyong.stages.quality import (
    any_returned,
    decide,
    quarantined,
    recheck,
    rectify,
    returned_waiting,
    score,
    score_month,
    take_all_returned,
    take_returned,
    timeliness,
)
from xinyong.stages.retention import retain

__all__ = [
    "aggregate",
    "any_returned",
    "apply_correction",
    "batches",
    "case",
    "cases",
    "check",
    "collect",
    "correction_day",
    "decide",
    "extract",
    "find_corrections",
    "is_large_to_take_back",
    "known_at",
    "latest_date",
    "ledger_table",
    "letter",
    "plan_correction",
    "planned_correction",
    "quarantined",
    "read_ledger",
    "recheck",
    "recompute_deadlines",
    "reconcile",
    "record_act",
    "rectify",
    "report",
    "restatements",
    "retain",
    "returned_waiting",
    "roll_back_correction",
    "score",
    "score_month",
    "send",
    "set_hashes",
    "settle",
    "settle_platform",
    "store",
    "take_all_returned",
    "take_returned",
    "timeliness",
]
