"""The command `xinyong rehearse`: what it prints and how it ends."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from sandbox.rehearsal import run
from sandbox.rehearsal.trial import Verdict
from xinyong.cli import app

runner = CliRunner()


@pytest.fixture
def rehearsed(monkeypatch):
    """Let the rehearsal itself be short: it is tested in tests/sandbox/test_rehearsal.py."""

    def let(*parts):
        asked = []
        monkeypatch.setattr(run, "rehearse", lambda folder, *settings: asked.append(settings) or iter(parts))
        return asked

    return let


def test_it_ends_well_when_nothing_differs(rehearsed):
    asked = rehearsed(run.Part("kills on the second night", 366, (), 12.3))
    result = runner.invoke(app, ["rehearse", "--part", "kills", "--every", "7", "--jobs", "2"])
    assert result.output == "kills on the second night: 366 tried, 0 differences, 12 s\n"
    assert result.exit_code == 0
    assert asked[0][:3] == (["kills"], 7, 2)


def test_it_ends_with_1_when_anything_differs(rehearsed):
    rehearsed(run.Part("kills", 2, (Verdict("killed", ("the ledger",)),), 1.0), run.Part("cuts", 1, (), 1.0))
    result = runner.invoke(app, ["rehearse"])
    assert "2 tried, 1 differences" in result.output
    assert result.exit_code == 1


def test_an_unknown_part_is_named(rehearsed):
    rehearsed()
    result = runner.invoke(app, ["rehearse", "--part", "floods"])
    assert result.exit_code == 2
    assert "floods" in result.output
