"""The DAG with the form for acts: what it asks, what it writes down, and when the platforms follow at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from test_dags import Recorder, dagbag, run  # noqa: F401 – fixtures

from xinyong import names
from xinyong.acts import Act, ActError
from xinyong.catalogue.acts import KINDS

pytestmark = pytest.mark.filterwarnings("ignore")

FORM = {
    "record": "闽明工信罚〔2026〕1号",
    "act": "annulment",
    "person": "张科长",
    "basis": "行政处罚法第四十八条",
    "document": "闽明工信撤〔2026〕1号",
    "on": "2026-11-25",
}


def recorder(latest: date, **failures: Exception) -> Recorder:
    made = Recorder(**failures)
    made.results["latest_date"] = latest
    return made


def test_the_form_asks_for_owner_basis_and_document(dagbag: Any) -> None:  # noqa: F811
    params = dagbag.dags[names.ACT].params
    assert params.get_param("act").schema["enum"] == list(KINDS)
    assert all(params.get_param(name).schema["minLength"] == 1 for name in ("record", "person", "basis", "document"))


def test_an_act_of_a_past_night_is_written_down_and_the_platforms_follow(run: Any) -> None:  # noqa: F811
    state, _, made = run(names.ACT, recorder(date(2026, 11, 25)), **FORM)
    assert state == "success"
    told = Act("annulment", FORM["record"], FORM["person"], FORM["basis"], FORM["document"], date(2026, 11, 25))
    assert made.calls == [("latest_date",), ("record_act", str(told), "2026-11-25")]


@pytest.mark.proofs
def test_a_wrong_act_is_red_and_not_tried_again(run: Any) -> None:  # noqa: F811
    made = recorder(date(2026, 11, 25), record_act=ActError("no such record"))
    assert run(names.ACT, made, **FORM)[:2] == ("failed", {"record": "failed"})


def test_without_an_owner_nothing_starts(run: Any) -> None:  # noqa: F811
    with pytest.raises(Exception, match="person"):
        run(names.ACT, recorder(date(2026, 11, 25)), **(FORM | {"person": ""}))
