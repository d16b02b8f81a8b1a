"""The database channel against real exchange tables, on PostgreSQL and on MariaDB, with the habits of their owner."""

from __future__ import annotations

import dataclasses

import pytest
import sqlalchemy as sa
from mariadb import mariadb_running
from messages import CITY_PENALTY, COMPANY, DEPARTMENT, KEY, a_message, an_item, declared, states
from proofs import as_proofs

from sandbox.exchange import exchange
from tests.conftest import fresh_database
from xinyong import platforms
from xinyong.errors import PlatformUnavailable
from xinyong.platforms.exchange import ALTERED, NO_MATCH, OCCUPIED, OUTSIDE, REFUSED, SEVERAL
from xinyong.settings import Connection
from xinyong.signing import HmacSm3

# Where what a server does is not what another one does; of the rest, MariaDB is a proof.
on_both = pytest.mark.parametrize("url", ["postgresql", "mariadb"], indirect=True)
LENGTHS = {"CF_CFLB": 36, "CF_WSH": 128, "CF_XDR_MC": 200}


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory):
    with mariadb_running(tmp_path_factory.mktemp("mariadb")) as url:
        yield url


@pytest.fixture(params=["postgresql", *as_proofs("mariadb")])
def url(request):
    """An exchange database without tables, on either kind of server."""
    if request.param == "mariadb":
        yield request.getfixturevalue("mariadb")
    else:
        yield from fresh_database(request.getfixturevalue("postgres"), None)


def a_platform(**options):
    city = declared("city")
    records = {"penalty": city.records["penalty"].model_copy(update={"lengths": LENGTHS})}
    return city.model_copy(update={"channel": "database", "records": records, "options": options})


@pytest.fixture
def office(url):
    found = exchange(sa.make_url(url).set(drivername=driver(url)), a_platform())
    found.lay_out()
    yield found
    for table in found.tables.values():
        table.drop(found.engine, checkfirst=True)
    found.close()


def driver(url):
    return "mysql+pymysql" if url.startswith("mysql") else "postgresql+psycopg2"


def an_adapter(url, **options):
    access = Connection("exchange", "", "", None, "", "", "", {}, url.replace("postgresql+psycopg2", "postgresql"))
    return platforms.adapter(a_platform(**{"timeout_seconds": "2", **options}), DEPARTMENT, access, HmacSm3(KEY))


@pytest.fixture
def channel(url, office):
    return an_adapter(url)


def a_penalty(position=1, operation="add", content="a", **payload):
    document = f"闽明工信罚〔2026〕{position}号"
    told = CITY_PENALTY | {"CF_WSH": document, "CF_NR_FK": "0.200000"} | payload
    return an_item(position, operation, told, content, natural_key=f"{COMPANY['name']}|{document}|2026-11-20")


@on_both
def test_a_row_is_written_changed_and_withdrawn_by_its_key(channel, office):
    assert states(channel.send(a_message(a_penalty(1), a_penalty(2)))) == ["accepted", "accepted"]
    assert [row["CF_WSH"] for row in office.shown("penalty")] == ["闽明工信罚〔2026〕1号", "闽明工信罚〔2026〕2号"]
    assert office.shown("penalty")[0]["CF_SY"] == CITY_PENALTY["CF_SY"]
    assert states(channel.send(a_message(a_penalty(1, "update", CF_SY="更正"), number=2))) == ["accepted"]
    assert states(channel.send(a_message(a_penalty(2, "withdraw"), number=3))) == ["accepted"]
    (row,) = office.shown("penalty")
    assert (row["CF_SY"], row["CF_NR_FK"], row["BZ"]) == ("更正", "0.200000", None)


def test_telling_again_after_a_lost_answer_changes_nothing(channel, office):
    told = a_message(a_penalty(1), a_penalty(2))
    assert channel.ask(told) is None
    channel.send(told)
    before = office.shown("penalty")
    assert states(channel.ask(told)) == ["accepted", "accepted"]
    assert states(channel.send(told)) == ["accepted", "accepted"]
    assert office.shown("penalty") == before


def test_a_withdrawal_that_was_done_before_the_kill_is_recognised(url, channel, office):
    channel.send(a_message(a_penalty(1), a_penalty(2)))
    both = a_message(a_penalty(1, "withdraw"), a_penalty(2, "withdraw"), number=2)
    channel.send(a_message(a_penalty(1, "withdraw"), number=2))
    restarted = an_adapter(url)
    assert restarted.ask(both) is None
    assert states(restarted.send(both)) == ["accepted", "accepted"]
    assert office.shown("penalty") == []


def test_no_match_and_several_go_to_a_person(channel, office):
    channel.send(a_message(a_penalty(1)))
    office.write("penalty", office.shown("penalty")[0])
    none, several = channel.send(a_message(a_penalty(9, "withdraw"), a_penalty(1, "withdraw"), number=2))
    assert (none.state, none.code) == ("rejected", NO_MATCH)
    assert (several.state, several.code) == ("rejected", SEVERAL)
    assert "2条" in several.text and "人工" in none.text
    assert len(office.shown("penalty")) == 2, "nothing was guessed"
    assert channel.send(a_message(a_penalty(1, "update", CF_SY="更正"), number=3))[0].code == SEVERAL


def test_a_row_of_another_hand_is_not_written_over(channel, office):
    office.write("penalty", CITY_PENALTY | {"CF_WSH": "闽明工信罚〔2026〕1号", "CF_SY": "别人填的"})
    (answer,) = channel.send(a_message(a_penalty(1)))
    assert (answer.state, answer.code) == ("rejected", OCCUPIED)
    assert office.shown("penalty")[0]["CF_SY"] == "别人填的"


def test_a_withdrawal_outside_the_window_goes_to_a_person(url, office):
    channel = an_adapter(url, withdrawal_days="3")
    channel.send(a_message(a_penalty(1)))
    (answer,) = channel.send(a_message(a_penalty(1, "withdraw"), number=2))
    assert (answer.code, "3天" in answer.text) == (OUTSIDE, True)
    assert len(office.shown("penalty")) == 1


@on_both
def test_one_bad_row_stays_alone(channel, office):
    answers = channel.send(a_message(a_penalty(1), a_penalty(2, CF_CFLB="罚款" * 40), a_penalty(3)))
    assert states(answers) == ["accepted", "rejected", "accepted"]
    assert answers[1].code in (REFUSED, ALTERED)
    assert CITY_PENALTY["CF_CFLB"] * 40 not in answers[1].text
    assert len(office.shown("penalty")) == 2


def test_rows_that_were_picked_up_are_missing_in_the_listing_and_written_anew(channel, office):
    channel.send(a_message(a_penalty(1)))
    office.pick_up("penalty")
    assert channel.listing("penalty") == {}
    assert states(channel.send(a_message(a_penalty(1, "update", CF_SY="更正"), number=2))) == ["accepted"]
    assert office.shown("penalty")[0]["CF_SY"] == "更正"


@on_both
def test_the_listing_hashes_rows_as_the_gate_does_and_counts_duplicates(channel, office):
    item = a_penalty(1)
    channel.send(a_message(item, a_penalty(2)))
    once = channel.listing("penalty")
    assert set(once) == {item.natural_key, a_penalty(2).natural_key}
    office.write("penalty", office.shown("penalty")[0])
    assert channel.listing("penalty")[item.natural_key] == "×2"
    office.change("penalty", "CF_NR", "罚款3000元")
    assert channel.listing("penalty")[a_penalty(2).natural_key] != once[a_penalty(2).natural_key]


@on_both
def test_a_lock_that_somebody_holds_is_said_and_nothing_is_lost(channel, office):
    channel.send(a_message(a_penalty(1)))
    update = a_message(a_penalty(1, "update", CF_SY="更正"), number=2)
    with office.locked("penalty"), pytest.raises(PlatformUnavailable, match="without a lock of more than 2 s"):
        channel.send(update)
    assert channel.ask(update) is None
    assert states(channel.send(update)) == ["accepted"]


def test_a_missing_table_and_a_silent_server_are_said_without_values(url, office):
    office.tables["penalty"].drop(office.engine)
    with pytest.raises(PlatformUnavailable, match="the tables XZCF") as refused:
        an_adapter(url).send(a_message(a_penalty(1)))
    assert COMPANY["name"] not in str(refused.value)
    away = sa.make_url(url).set(port=1).render_as_string(hide_password=False)
    with pytest.raises(PlatformUnavailable, match="Found: OperationalError"):
        an_adapter(away).ask(a_message(a_penalty(1)))


def test_a_quiet_day_needs_no_row(channel, office):
    assert channel.send(a_message()) == []
    assert dataclasses.asdict(a_message())["kind"] == "nothing_to_report"
