"""The DAG that judges a feed again: what its form asks, what it calls, and what follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_dags import Recorder, dagbag, run  # noqa: F401 – fixtures

from xinyong import names
from xinyong.catalogue import catalogue
from xinyong.errors import BatchRefused

pytestmark = pytest.mark.filterwarnings("ignore")


def test_the_form_asks_for_a_feed_and_a_reason(dagbag: Any) -> None:  # noqa: F811
    params = dagbag.dags[names.RECHECK].params
    assert params.get_param("feed").schema["enum"] == list(catalogue().feeds)
    assert params.get_param("reason").schema["minLength"] == 2


def test_it_judges_again_and_lets_the_night_be_completed(run: Any) -> None:  # noqa: F811
    state, _, recorder = run(names.RECHECK, Recorder())
    assert state == "success"
    assert recorder.calls == [("recheck", next(iter(catalogue().feeds)), "None")]


def test_a_refused_recheck_is_red_and_not_tried_again(run: Any) -> None:  # noqa: F811
    state, tasks, _ = run(names.RECHECK, Recorder(recheck=BatchRefused("too many")))
    assert (state, tasks) == ("failed", {"recheck": "failed"})


def test_nothing_else_starts_it() -> None:
    assert "schedule=None" in (Path(__file__).resolve().parents[2] / "dags" / "recheck.py").read_text("utf-8")
