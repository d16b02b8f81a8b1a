"""Keep the verdicts that a correction replaces, and put them back."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from xinyong.database import run
from xinyong.recheck import judge_again
from xinyong.restatement import Restatement
from xinyong.warehouse import Rejudge, Step


def keep(connection: sa.Connection, correction_id: int, batches: Sequence[int]) -> None:
    """Keep what the rules said of some batches before they are judged anew."""
    for statement in ("keep_results", "keep_violations"):
        run(connection, f"correction/{statement}", correction_id=correction_id, batches=list(batches))


def putting_back(connection: sa.Connection, correction_id: int, judging_others: bool) -> Rejudge:
    """
    Return what gives a batch its verdicts while a correction is taken back.

    Those that were kept are put back, unless a later correction has judged the batch since; batches of later nights
    are judged anew where the correction had changed their rows, and stay as judged otherwise.
    """

    def rejudge(step: Step) -> None:
        named = {"correction_id": correction_id, "batch_id": step.batch.batch_id}
        if run(connection, "correction/is_kept", **named).scalar_one():
            run(connection, "quality/forget_verdicts", batch_id=step.batch.batch_id)
            run(connection, "correction/put_back_results", **named)
            run(connection, "correction/put_back_violations", **named)
        elif judging_others:
            judge_again(connection, step)

    return rejudge


def taking_back(connection: sa.Connection, correction_id: int, restated: Sequence[Restatement]) -> Rejudge:
    """
    Return what gives a batch its verdicts while restatements are taken back.

    What later corrections have kept of the batch speaks of what the restated rows were to mean; taken back later, they
    would put verdicts on another content back. So they are given the verdicts on these rows as delivered.
    """
    put_back = putting_back(connection, correction_id, judging_others=True)
    records = {
        "record_ids": [one.record_id for one in restated],
        "content_hashes": [one.content_hash for one in restated],
    }

    def rejudge(step: Step) -> None:
        put_back(step)
        batch_id = step.batch.batch_id
        own = {"correction_id": correction_id, "batch_id": batch_id}
        if not (later := list(run(connection, "correction/later_keeping", **own).scalars())):
            return
        rows = list(run(connection, "correction/restated_rows", {"staged": step.staged}, **records).scalars())
        run(connection, "correction/forget_kept_rows", later=later, batch_id=batch_id, rows=rows)
        run(connection, "correction/hand_on_rows", **own, later=later, rows=rows)
        run(connection, "correction/recount_kept", later=later, batch_id=batch_id)

    return rejudge
