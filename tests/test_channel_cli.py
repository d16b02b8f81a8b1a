"""The commands about channels: what is exported can be verified with nothing but its file."""

from __future__ import annotations

import base64
import json

import pytest
import sqlalchemy as sa
from deliveries import a_penalty, day
from telling import answered, declared, key_of, known_subject, published_night, taken_in, told, town_running
from typer.testing import CliRunner

from tests.conftest import TEST_KEYS
from xinyong.cli import app
from xinyong.database import connected

SECRET = TEST_KEYS["XINYONG_SIGNING_KEY"]


def called(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def two_nights(environment):
    """Three penalties, told to the city platform over two nights and accepted."""
    taken_in(day(1), [a_penalty(at) for at in (1, 2)])
    told("city", day(1))
    answered("city")
    taken_in(day(2), [a_penalty(at) for at in (1, 2, 3)])
    told("city", day(2))
    answered("city")


def test_messages_are_exported_from_a_number_on_and_verified_from_the_file(two_nights, tmp_path):
    whole, rest = called("messages", "city").stdout, called("messages", "city", "--from", 2).stdout
    assert [json.loads(line)["number"] for line in whole.splitlines()] == [1, 2]
    assert whole.endswith(rest)
    file = tmp_path / "messages.jsonl"
    file.write_text(whole, "utf-8")
    held = called("verify-messages", file, "--secret", SECRET)
    said = "messages 1 to 2 hold together (signatures included). The last one given is 2, of 2026-11-25.\n"
    assert (held.exit_code, held.stdout) == (0, said)
    other = called("verify-messages", file, "--secret", base64.b64encode(b"o" * 32).decode())
    assert (other.exit_code, other.stdout[:19]) == (1, "BROKEN at message 1")


def test_a_key_pair_is_made_and_its_public_key_shown(environment, monkeypatch):
    made = called("keypair").stdout.split()
    variable, value = made[0].split("=", 1)
    monkeypatch.setenv(variable, value)
    assert called("keypair", "--public").stdout.strip() == made[-1]
    monkeypatch.setenv(variable, "sm2://:nonsense@local")
    assert "The SM2 key is not usable" in called("keypair", "--public").stderr


def test_an_unknown_platform_names_the_known_ones(environment):
    assert "city, national, portal" in called("messages", "nowhere").stderr


def test_a_drift_is_shown_planned_and_applied(two_nights, monkeypatch, environment):
    with town_running(environment, monkeypatch) as town:
        empty = called("verify", "city", "--date", "2026-11-25")
        assert (empty.exit_code, empty.output.count("平台上没有")) == (1, 3), "it was never really told"
        assert "--person" in called("verify", "city", "--repair", "--date", "2026-11-25").stderr
        planned = called("verify", "city", "--repair", "--person", "林", "--date", "2026-11-25")
        assert "Plan 1 is written down" in planned.output
        applied = called("verify", "city", "--apply", 1, "--person", "林", "--date", "2026-11-25")
        assert "3 corrected, 0 overtaken" in applied.output
        known_subject()
        assert published_night("city", day(3)) == []
        held = called("verify", "city", "--date", "2026-11-26", "--json")
        assert (held.exit_code, json.loads(held.stdout)["drift"]) == (0, [])
        assert len(town.shown()) == 3


def test_a_difference_that_nothing_noted_is_told_by_comparing_all_records(two_nights, monkeypatch, environment):
    known_subject()
    assert told("city", day(3)) == []
    with connected() as connection:  # no trigger notes what is changed here
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        connection.execute(sa.text("DELETE FROM publication.published WHERE natural_key LIKE '%〕2号%'"))
    assert told("city", day(4)) == []
    with town_running(environment, monkeypatch) as town:
        assert called("publish", "city", "--whole", "--date", "2026-11-27").output.endswith(
            "city: every message is answered; about its listing see above.\n"
        ), "the other two were never really told"
        assert town.shown() == [key_of(2)]
    assert told("city", day(4)) == [("add", None, key_of(2))]


def test_what_has_no_answer_is_counted_and_nothing_agrees_before_it_has(environment, monkeypatch):
    """The platform takes nothing, so that one message is on its way and two are not even handed over."""
    known_subject()
    night = ("--date", "2026-11-25")
    with town_running(environment, monkeypatch) as town, declared("city", batch_size=2, calls_at_once=1):
        taken_in(day(1), [a_penalty(at) for at in range(1, 4)])
        assert published_night("city", day(1)) == []
        taken_in(day(2), [a_penalty(at) for at in range(1, 9)])
        town.city("down")
        silent = called("publish", "city", *night)
        assert (silent.exit_code, silent.output.count("gave no usable answer")) == (1, 1)
        assert "city: 5 items of 3 messages have no answer yet" in silent.output
        open_yet = called("verify", "city", *night)
        assert (open_yet.exit_code, "0 of 1 buckets differ" in open_yet.output) == (1, True)
        assert "city: 3 published.\nCompared: desired 3, published 3, replayed 3;" in open_yet.output
        assert "5 items of 3 messages have no answer yet; the records they are about are not" in open_yet.output
        assert json.loads(called("verify", "city", *night, "--json").stdout)["open_items"] == 5
        assert called("publish", "city", *night).exit_code == 0
        assert called("verify", "city", *night).exit_code == 0


def test_what_does_not_fit_is_listed(two_nights):
    assert "0 problems of 0 records" in called("unfit", "city", "--date", "2026-11-25").output
