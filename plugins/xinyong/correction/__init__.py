"""
Corrections: plan, apply, roll back.

A correction changes one *input* of the history (a reading, a verdict, a restatement, an act, a batch) and lets the
warehouse follow from its inputs once more. So a plan is tried and not estimated, applying is the same code over again,
and undoing takes the input back.
"""

from xinyong.correction.course import Outcome, apply, corrections, plan, rollback
from xinyong.correction.permitting import acted_on, is_large_to_take_back
from xinyong.correction.plans import KINDS, STATES, Asked, Correction, CorrectionError, Kind, load

__all__ = [
    "KINDS",
    "STATES",
    "Asked",
    "Correction",
    "CorrectionError",
    "Kind",
    "Outcome",
    "acted_on",
    "apply",
    "corrections",
    "is_large_to_take_back",
    "load",
    "plan",
    "rollback",
]
