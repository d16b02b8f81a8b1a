"""A consumer can begin anywhere, verify what it reads and rebuild the desired state from it (law 4)."""

from __future__ import annotations

import pytest
from deliveries import a_penalty, day, rows
from telling import answered, declared, key_of, published, taken_in, told

from xinyong.catalogue import catalogue
from xinyong.chain import first_broken, hmac_sm3, replayed, sm2
from xinyong.database import connected, run
from xinyong.errors import SettingsError
from xinyong.messages import exported
from xinyong.reconcile import open_gate_of
from xinyong.settings import settings
from xinyong.signing import Sm2
from xinyong.stages.publication import signer_of, sm2_signer

pytestmark = pytest.mark.usefixtures("environment")


def the_messages(first=1, last=None):
    with connected() as connection:
        return list(exported(connection, "city", first, last))


def desired(when):
    """Return what the gate would show on a date: natural key → payload."""
    with connected() as connection:
        open_gate_of(connection, catalogue().platforms["city"], when)
        found = run(connection, "publication/desired_payloads", {"view": "gate_city_penalty"}).all()
    return {("penalty", row.natural_key): row.payload for row in found}


def three_nights():
    """Let records be added, changed, renamed, rejected and withdrawn over three nights."""
    taken_in(day(1), [a_penalty(at) for at in range(1, 7)])
    with declared("city", batch_size=2):
        told("city", day(1))
    answered("city")
    taken_in(day(2), [a_penalty(1, cf_sy="更正"), a_penalty(2, cf_jdrq="2026-11-18"), *map(a_penalty, (3, 4, 5))])
    told("city", day(2))
    answered("city")
    taken_in(day(3), [a_penalty(1, cf_sy="再更正"), a_penalty(2, cf_jdrq="2026-11-18"), *map(a_penalty, (3, 4, 5, 6))])
    told("city", day(3))
    answered("city")


def test_all_confirmed_messages_replayed_onto_nothing_give_the_desired_state():
    three_nights()
    assert replayed(the_messages()) == desired(day(3))
    assert sorted(key for _, key in replayed(the_messages())) == published("city")
    assert len(published("city")) == 6


def test_a_consumer_resumes_from_any_number_and_ends_in_the_same_state():
    three_nights()
    numbers = [number for (number,) in rows("SELECT number FROM publication.message ORDER BY 1")]
    verify = hmac_sm3(settings().signing_key)
    for number in numbers:
        before, after = the_messages(1, number), the_messages(number + 1)
        assert first_broken(after, verify, before[-1]["signature"]) is None
        assert replayed([*before, *after]) == desired(day(3))


def test_a_rejected_item_is_exported_with_its_reason_and_not_replayed():
    taken_in(day(1), [a_penalty(1)])
    told("city", day(1))
    answered("city", "rejected", "10004")
    (message,) = the_messages()
    assert message["items"][0]["error_code"] == "10004"
    assert replayed([message]) == {}
    assert message["items"][0]["natural_key"] == key_of(1)


@pytest.mark.proofs
def test_who_has_no_key_yet_is_told_how_to_make_one_or_go_without(monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_XINYONG_SIGNING")
    with pytest.raises(SettingsError, match=r"lacks AIRFLOW_CONN_XINYONG_SIGNING .*`xinyong keypair` .*HMAC-SM3`"):
        signer_of(catalogue().platforms["portal"])
    assert signer_of(catalogue().platforms["city"]).algorithm == "HMAC-SM3"


def test_a_platform_switched_to_sm2_goes_on_with_the_chain(monkeypatch):
    key = Sm2(bytes(range(32)))
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_SIGNING", f"sm2://:{key.key.hex()}@local")
    taken_in(day(1), [a_penalty(1)])
    told("city", day(1))
    with declared("city", signature="SM2"):
        taken_in(day(2), [a_penalty(1), a_penalty(2)])
        told("city", day(2))
    messages = the_messages()
    assert [message["algorithm"] for message in messages] == ["HMAC-SM3", "SM2"]
    assert first_broken(messages, None) is None
    assert first_broken(messages[1:], sm2(sm2_signer().public_key), messages[0]["signature"]) is None
