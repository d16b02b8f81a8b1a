"""The city is switched from its service to the exchange database in one file, and a night runs against it."""

from __future__ import annotations

import re
import shutil

import pytest
import sqlalchemy as sa
from deliveries import a_penalty, day
from telling import (
    answered,
    key_of,
    known_subject,
    messages,
    platform_row,
    published,
    published_night,
    taken_in,
    told,
)
from typer.testing import CliRunner

from sandbox.exchange import exchange
from tests.conftest import PROJECT, fresh_database
from xinyong import publish, stages
from xinyong.catalogue import catalogue, forget
from xinyong.channel_cli import app
from xinyong.database import connected, engine
from xinyong.errors import PlatformUnavailable
from xinyong.tables import follow_catalogue

SWITCH = {"channel: service": "channel: database", "connection: city": "connection: exchange"}


@pytest.fixture
def office(environment, monkeypatch, postgres):
    """The exchange database, and a catalogue in which two lines of city.yml are others; nothing else is changed."""
    shutil.copytree(PROJECT / "catalogue", environment / "catalogue")
    file = environment / "catalogue" / "platforms" / "city.yml"
    text = file.read_text("utf-8")
    for line, other in SWITCH.items():
        text, count = re.subn(f"(?m)^{line}$", other, text)
        assert count == 1
    file.write_text(text, "utf-8")
    monkeypatch.setenv("XINYONG_CATALOGUE", str(environment / "catalogue"))
    for url in fresh_database(postgres, None):
        monkeypatch.setenv("AIRFLOW_CONN_XINYONG_EXCHANGE", url.replace("+psycopg2", ""))
        with connected() as connection:
            follow_catalogue(connection, catalogue())
        found = exchange(sa.make_url(url), catalogue().platforms["city"])
        found.lay_out()
        known_subject()
        yield found
        found.close()
    forget()


def documents(office):
    return [row["CF_WSH"] for row in office.shown("penalty")]


def test_a_night_is_published_withdrawn_and_proven_in_the_exchange_database(office):
    taken_in(day(1), [a_penalty(at) for at in range(1, 7)])
    assert published_night("city", day(1)) == []
    assert len(documents(office)) == len(published("city")) == 6
    row = platform_row("city", day(1))
    assert (row.accepted, row.open, row.listing_difference, row.balances) == (6, 0, 0, True)
    assert {state for *_, state in messages("city")} == {"answered"}
    taken_in(day(2), [a_penalty(1, cf_sy="更正"), a_penalty(2, cf_jdrq="2026-11-18"), *map(a_penalty, (3, 4, 5))])
    assert published_night("city", day(2)) == []
    assert sorted(published("city")) == sorted([key_of(2, "2026-11-18"), *map(key_of, (1, 3, 4, 5))])
    assert sorted(documents(office)) == sorted(f"闽明工信罚〔2026〕{at}号" for at in range(1, 6))
    assert platform_row("city", day(2)).listing_difference == 0
    assert published_night("city", day(3)) == []
    assert messages("city")[-1][2:] == ("nothing_to_report", 0, "answered")


def test_a_lock_leaves_the_items_open_and_the_next_night_brings_them(office):
    taken_in(day(1), [a_penalty(at) for at in (1, 2)])
    published_night("city", day(1))
    taken_in(day(2), [a_penalty(1, cf_sy="更正"), a_penalty(2)])
    (number,) = stages.reconcile("city", day(2))
    adapter = stages.publication.adapter_of("city")
    adapter.seconds = 1
    with office.locked("penalty"), pytest.raises(PlatformUnavailable):
        publish.send(engine(), adapter, "city", number)
    assert messages("city")[-1][-1] == "unknown"
    assert published_night("city", day(3)) == []
    assert office.shown("penalty")[0]["CF_SY"] == "更正"


def test_a_city_that_was_told_by_its_service_is_told_anew_by_a_plan_after_the_switch(office):
    """Publishing alone brings nothing over: receipts of the service say that all is shown. It does say what differs."""

    def said(*arguments):
        return CliRunner().invoke(app, [*arguments, "--date", "2026-11-25"]).output

    taken_in(day(1), [a_penalty(at) for at in (1, 2, 3)])
    told("city", day(1))
    answered("city")
    after_the_switch = said("publish", "city")
    assert documents(office) == []
    assert "3 records differ from the platform's listing: 平台上没有（回执曾确认） 3" in after_the_switch
    assert "about its listing see above" in after_the_switch
    assert "Plan 1 is written down" in said("verify", "city", "--repair", "--person", "林")
    assert "3 corrected" in said("verify", "city", "--apply", "1", "--person", "林")
    assert said("publish", "city") == "city: every message is answered.\n"
    assert len(documents(office)) == 3
    assert "3 published" in said("verify", "city")
