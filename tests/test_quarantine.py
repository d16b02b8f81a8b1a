"""What a person decides about a set-aside record holds on later nights, and only for what was decided."""

from __future__ import annotations

import io

import pytest
from deliveries import a_penalty, counts, day, execute, forget_everything, hashes, rows, take_in
from proofs import as_proofs
from rich.console import Console

from xinyong import quarantine
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.explain import explain

FEED = "enforcement_penalty"
BROKEN = {"cf_sy": None}

pytestmark = pytest.mark.usefixtures("environment")


def decide(act, sought, person="林科长", reason="复核属实"):
    with connected() as connection:
        return quarantine.decide(connection, catalogue(), act, sought, person, reason, day(3))


def listed(**wanted):
    with connected() as connection:
        return quarantine.entries(connection, day(3), **wanted)


def explained(sought):
    console = Console(width=300, file=io.StringIO(), record=True)
    with connected() as connection:
        console.print(explain(connection, catalogue(), sought))
    return console.export_text()


def states():
    return [(one.document, one.state) for one in listed(state=None)]


def live():
    return [row[0] for row in rows("SELECT cf_wsh FROM warehouse.penalty WHERE ending IS NULL ORDER BY cf_wsh")]


def test_an_entry_shows_its_age_its_owner_and_its_sentences():
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2, **BROKEN)])
    (entry,) = listed(section="enforcement")
    assert (entry.document, entry.section, entry.age_days, entry.sentences) == (
        *("闽明工信罚〔2026〕2号", "enforcement", 2),
        ["未填写"],
    )
    assert listed(section="approvals") == []
    assert listed(state="waived") == []


def test_a_waived_entry_stays_out_on_later_nights_and_keeps_person_and_reason():
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2, **BROKEN)])
    decide("waived", "闽明工信罚〔2026〕2号", reason="测试数据")
    second = take_in(FEED, day(2), [a_penalty(1, cf_sy="改"), a_penalty(2, **BROKEN)])
    (entry,) = listed(state=None)
    assert (entry.state, entry.person, entry.reason, entry.batch_id) == ("waived", "林科长", "测试数据", second)
    assert live() == ["闽明工信罚〔2026〕1号"] * 2
    assert listed() == []


def test_a_waiver_does_not_cover_a_rule_that_was_not_broken_then():
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2, **BROKEN)])
    entry = decide("waived", "闽明工信罚〔2026〕2号")
    execute("UPDATE quality.decision SET rule_codes = '{PEN-R99}'")
    take_in(FEED, day(2), [a_penalty(1, cf_sy="改"), a_penalty(2, **BROKEN)])
    assert listed()[0].number == entry.number
    assert listed()[0].person is None


def test_a_released_entry_enters_at_once_and_again_on_later_nights():
    first = take_in(FEED, day(1), [a_penalty(1), a_penalty(2, **BROKEN)])
    assert counts(first) == {"received": 2, "accepted": 1, "quarantined": 1}
    entry = decide("released", "闽明工信罚〔2026〕2号")
    assert (entry.state, entry.person, entry.reason) == ("released", "林科长", "复核属实")
    assert counts(first) == {"received": 2, "accepted": 2}
    assert live() == ["闽明工信罚〔2026〕1号", "闽明工信罚〔2026〕2号"]
    second = take_in(FEED, day(2), [a_penalty(1, cf_sy="改"), a_penalty(2, **BROKEN)])
    assert counts(second) == {"received": 2, "accepted": 1, "unchanged": 1}
    assert rows("SELECT count(*) FROM quality.violation WHERE batch_id = :b", b=second) == [(1,)]


def test_a_release_covers_one_content_only():
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2, **BROKEN)])
    decide("released", "闽明工信罚〔2026〕2号")
    take_in(FEED, day(2), [a_penalty(1), a_penalty(2, cf_nr="另一内容", **BROKEN)])
    assert [one.state for one in listed(state=None)] == ["released", "open"]


def test_a_release_reaches_no_batch_from_before_it_so_that_order_does_not_matter():
    second = take_in(FEED, day(2), [a_penalty(1), a_penalty(2, **BROKEN)])
    decide("released", "闽明工信罚〔2026〕2号")
    late = take_in(FEED, day(1), [a_penalty(1, cf_sy="旧"), a_penalty(2, **BROKEN)])
    assert counts(late) == {"received": 2, "accepted": 1, "quarantined": 1}
    assert rows("SELECT batch_id FROM warehouse.penalty WHERE cf_sy IS NULL") == [(second,)]


def test_a_decision_may_be_repeated():
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2, **BROKEN)])
    number = listed()[0].number
    decide("waived", number)
    before = hashes()
    decide("waived", number)
    assert hashes() == before
    decide("released", number)
    assert states() == [("闽明工信罚〔2026〕2号", "released")]


def test_a_record_without_a_key_cannot_be_released():
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2, cf_wsh=None)])
    before = hashes()
    with pytest.raises(quarantine.DecisionError, match="CF_WSH"):
        decide("released", listed()[0].number)
    assert hashes() == before


def test_a_decision_names_one_entry_a_person_and_a_reason():
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2, **BROKEN), a_penalty(2, cf_nr="别", **BROKEN)])
    with pytest.raises(quarantine.DecisionError, match="names 2 entries"):
        decide("waived", "闽明工信罚〔2026〕2号")
    with pytest.raises(quarantine.DecisionError, match="names 0 entries"):
        decide("waived", "无此文号")
    with pytest.raises(quarantine.DecisionError, match="blank"):
        decide("waived", listed()[0].number, reason=" ")


def test_a_corrected_version_closes_a_waived_entry_too_and_links_both():
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2, **BROKEN)])
    decide("waived", "闽明工信罚〔2026〕2号")
    second = take_in(FEED, day(2), [a_penalty(1), a_penalty(2)])
    (entry,) = listed(state=None)
    assert (entry.state, entry.closed_by_batch_id, entry.reason) == ("fixed_at_source", second, "corrected")
    assert f"corrected, by batch {second}, 2026-11-25: {FEED} of 2026-11-25" in explained("闽明工信罚〔2026〕2号")


def test_a_trace_names_who_decided_and_why():
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2, **BROKEN)])
    decide("waived", "闽明工信罚〔2026〕2号", reason="测试数据")
    assert "waived by 林科长: 测试数据" in explained("闽明工信罚〔2026〕2号")


@pytest.mark.parametrize("act", ["released", *as_proofs("waived")])
def test_batches_and_decisions_lead_to_the_same_warehouse_in_any_order(act):
    """Law 3 with a decision taken after the second night, about a content that all three nights show."""
    nights = {
        1: [a_penalty(1, cf_sy="甲"), a_penalty(2, **BROKEN)],
        2: [a_penalty(1, cf_sy="乙"), a_penalty(2, **BROKEN)],
        3: [a_penalty(1, cf_sy="丙"), a_penalty(2, **BROKEN), a_penalty(3, **BROKEN)],
    }
    for night in (1, 2):
        take_in(FEED, day(night), nights[night])
    decide(act, "闽明工信罚〔2026〕2号")
    take_in(FEED, day(3), nights[3])
    right = hashes()
    for order in [(3, 2, 1), (2, 3, 1), (1, 3, 2), (3, 1, 2, 3, 1)]:
        forget_everything()
        for night in order:
            take_in(FEED, day(night), nights[night])
        assert hashes() == right, order
