"""The command `retention` lists what is old before it drops it."""

from __future__ import annotations

import json
from datetime import timedelta

import sqlalchemy as sa
from deliveries import a_penalty, day, take_in
from typer.testing import CliRunner

from xinyong.catalogue import catalogue
from xinyong.cli import app
from xinyong.database import connected

FEED = "enforcement_penalty"


def asked(*arguments):
    on = str(day(2) + timedelta(days=catalogue().feeds[FEED].retention_days + 1))
    found = CliRunner().invoke(app, ["retention", "--date", on, *arguments])
    assert found.exit_code == 0
    return found.output


def landed_batches():
    with connected() as connection:
        return set(connection.scalars(sa.text(f"SELECT DISTINCT batch_id FROM landing.{FEED}")))


def test_the_command_lists_before_it_drops(environment):
    first = take_in(FEED, day(1), [a_penalty(1)])
    second = take_in(FEED, day(2), [a_penalty(1, cf_sy="第二次")])
    assert "1 batches would go" in asked() and landed_batches() == {first, second}
    assert [old["batch_id"] for old in json.loads(asked("--json"))] == [first]
    assert "1 batches dropped" in asked("--apply") and landed_batches() == {second}
    assert "Nothing is older" in asked()
