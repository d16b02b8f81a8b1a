"""Acts: what a person may decide about a record, and by when every platform must follow."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field as Default
from pydantic import model_validator

from xinyong.catalogue.words import Declaration, Title

ActKind = Literal[
    "annulment",
    "repair",
    "objection",
    "upheld",
    "dismissed",
    "correction",
    "retraction",
    "disclosure",
    "reversal",
]
KINDS: tuple[ActKind, ...] = get_args(ActKind)


class ActRule(Declaration):
    """
    The clock of one kind of act.

    `working_days` until every platform that showed the record has followed; `answer_days` until an objection is
    decided. `tells` is the sentence of the letter to the subject.
    """

    title: Title
    working_days: int = Default(ge=1)
    answer_days: int | None = Default(default=None, ge=1)
    basis: str = Default(min_length=2)
    tells: str = Default(min_length=2)


class Acts(Declaration):
    """Every kind of act with its clock."""

    kinds: dict[ActKind, ActRule]

    @model_validator(mode="after")
    def _is_complete(self) -> Acts:
        if missing := [kind for kind in KINDS if kind not in self.kinds]:
            raise ValueError(f"kinds: {', '.join(missing)}: missing; every kind of act has its clock")
        if not self.kinds["objection"].answer_days:
            raise ValueError("kinds.objection.answer_days: missing; an objection must be answered in time")
        return self
