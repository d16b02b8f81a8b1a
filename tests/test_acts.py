"""Acts: written down once, by a person on a legal basis; what is wrong is answered and writes nothing."""

from __future__ import annotations

import re
from datetime import date
from itertools import permutations

import pytest
import sqlalchemy as sa
from deliveries import a_licence, a_penalty, day, execute, rows, take_in
from telling import NAME, answered, key_of, known_subject, published, taken_in, told

from xinyong import stages
from xinyong.acts import Act, ActError
from xinyong.errors import WarehouseError

pytestmark = pytest.mark.usefixtures("environment")

ANSWER = {"person": "张科长", "basis": "行政处罚法第四十八条"}


def document(number):
    return f"闽明工信罚〔2026〕{number}号"


def act(kind, number=1, on=2, **changes):
    """Return an act about a penalty, effective on a night of the story."""
    sought = {"sought": document(number), "document_number": f"闽明工信撤〔2026〕{number}号"}
    return Act(kind=kind, effective_on=day(on), **(ANSWER | sought | changes))


def recorded(kind, number=1, on=2, known=None, **changes):
    return stages.record_act(act(kind, number, on, **changes), day(known or max(on, 2)))


def shown_at(platform, *numbers, **changes):
    """Take penalties in and let a platform show them."""
    taken_in(day(1), [a_penalty(number, **changes) for number in numbers])
    told(platform, day(1))
    answered(platform)


WITHDRAWALS = [("annulment", "revoked"), ("retraction", "retracted_as_wrong")]


@pytest.mark.parametrize(("kind", "reason"), WITHDRAWALS)
def test_an_act_withdraws_from_its_day_on_with_its_own_reason_although_the_source_still_delivers(kind, reason):
    shown_at("city", 1, 2)
    recorded(kind, 1, on=2)
    assert told("city", day(1)) == [("add", None, key_of(1)), ("add", None, key_of(2))], "not before its day"
    assert told("city", day(2)) == [("withdraw", reason, key_of(1))]
    answered("city")
    taken_in(day(3), [a_penalty(1, cf_sy="更正"), a_penalty(2)])
    assert told("city", day(3)) == []
    assert published("city") == [key_of(2)]


def test_a_repair_is_granted_from_the_earliest_day_on_and_withdraws_as_repaired():
    shown_at("city", 1, cf_jdrq="2026-08-25")
    with pytest.raises(ActError, match=r"from 2026-11-25 on \(class 一般\). Found: 2026-11-24"):
        recorded("repair", on=1, known=1)
    recorded("repair", on=2)
    assert told("city", day(2)) == [("withdraw", "repaired", key_of(1, "2026-08-25"))]


def test_the_clock_of_a_repair_runs_from_its_application():
    shown_at("city", 1, cf_jdrq="2026-08-25")
    recorded("repair", on=5, applied_on=day(2))
    (case,) = stages.cases()
    assert (case.counted_from, case.due_on) == (day(2), date(2026, 12, 9)), "ten working days"


def test_an_upheld_objection_withdraws_and_a_dismissed_one_takes_the_mark_away():
    shown_at("portal", 1, 2)
    for number in (1, 2):
        recorded("objection", number, on=2)
    assert told("portal", day(2)) == [("update", None, key_of(1)), ("update", None, key_of(2))]
    marked = "SELECT DISTINCT payload ->> '异议标注' FROM publication.item WHERE number = 2"
    assert rows(marked) == [("异议处理中",)]
    answered("portal")
    recorded("upheld", 1, on=3)
    recorded("dismissed", 2, on=3)
    assert told("portal", day(3)) == [("withdraw", "objection_upheld", key_of(1)), ("update", None, key_of(2))]


def test_a_reversal_lets_a_record_come_back():
    shown_at("city", 1)
    wrong = recorded("annulment", on=2)
    told("city", day(2))
    answered("city")
    recorded("reversal", on=3, sought=str(wrong.act_id), document_number="更正1号")
    assert told("city", day(3)) == [("restore", None, key_of(1))]


def test_the_same_act_again_is_the_same_row_and_with_other_details_it_is_refused():
    shown_at("city", 1)
    first, again = recorded("annulment"), recorded("annulment")
    assert (first.act_id, first.is_new, again.is_new) == (again.act_id, True, False)
    with pytest.raises(ActError, match="recorded before as act 1, with other details"):
        recorded("annulment", person="李科长")


def test_an_act_that_was_taken_back_is_recorded_anew_under_another_document():
    shown_at("city", 1)
    wrong = recorded("annulment")
    recorded("reversal", sought=str(wrong.act_id), document_number="更正1号")
    with pytest.raises(ActError, match="since taken back"):
        recorded("annulment")
    assert recorded("annulment", document_number="另号").is_new


def standing(when):
    """Return what acts make of every record on a date."""
    setting = "SELECT set_config('xinyong.logical_date', :when, FALSE)"
    query = "SELECT record_id, withdrawn_reason, withdrawn_on, is_objected, disclosure, field_classes"
    from xinyong.database import connected

    with connected() as connection:
        connection.execute(sa.text(setting), {"when": when.isoformat()})
        return connection.execute(sa.text(f"{query} FROM warehouse.standing ORDER BY 1")).all()


def test_the_order_in_which_acts_become_known_does_not_matter():
    shown_at("portal", 1, 2)
    acts = [
        act("retraction", 1, on=3),
        act("disclosure", 1, on=2, disclosure="government_only", fields=("CF_SY",)),
        act("disclosure", 1, on=4, disclosure="public", fields=("CF_SY",), document_number="又"),
        act("objection", 2, on=2),
    ]
    seen = set()
    for order in list(permutations(acts))[::3]:
        execute("TRUNCATE warehouse.act CASCADE")
        for one in order:
            stages.record_act(one, day(6))
        found = [[tuple(map(str, row)) for row in standing(day(number))] for number in range(1, 6)]
        seen.add(str(found))
    assert len(seen) == 1
    assert "government_only" in seen.pop()


def test_a_late_act_counts_from_the_day_it_took_effect():
    shown_at("city", 1)
    recorded("annulment", on=1, known=5)
    (case,) = stages.cases()
    assert (case.effective_on, case.known_on, case.due_on) == (day(1), day(5), date(2026, 11, 27))
    assert told("city", day(5)) == [("withdraw", "revoked", key_of(1))]


def test_a_narrower_class_closes_the_record_to_the_public_only():
    known_subject()
    taken_in(day(1), [a_penalty(1)])
    for platform in ("city", "portal", "national"):
        told(platform, day(1))
        answered(platform)
    recorded("disclosure", disclosure="government_only")
    closed = [("withdraw", "class_changed", key_of(1))]
    assert [told(name, day(2)) for name in ("city", "portal", "national")] == [[], closed, closed]
    recorded("disclosure", on=3, disclosure="public")
    answered("portal")
    assert told("portal", day(3)) == [("restore", None, key_of(1))]


def test_a_field_that_an_act_closes_leaves_the_public_text_and_a_required_one_closes_the_record():
    taken_in(day(1), [a_penalty(1), a_penalty(2)])
    for platform in ("city", "portal"):
        told(platform, day(1))
        answered(platform)
    recorded("disclosure", 1, disclosure="on_authorisation", fields=("CF_SY",))
    assert told("portal", day(2)) == [("update", None, key_of(1))]
    facts = "SELECT payload ->> '违法事实' FROM publication.item WHERE platform = 'portal' ORDER BY number DESC LIMIT 1"
    assert rows(facts) == [(None,)]
    assert told("city", day(2)) == [("withdraw", "class_changed", key_of(1))], "the city platform requires the field"


WRONG = [
    pytest.param({"sought": "没有这个文号"}, "names 0 records", id="unknown record"),
    pytest.param({"person": " "}, "person: blank", id="no person"),
    pytest.param({"basis": ""}, "basis: blank", id="no basis"),
    pytest.param({"document_number": ""}, "document: blank", id="no document"),
    pytest.param({"reason": "身份证号350402199001011234，电话13805981234"}, "reason: what looks like", id="number"),
    pytest.param({"person": "张科长13805981234"}, "person: what looks like", id="number of who decided"),
    pytest.param({"basis": "电话13805981234"}, "basis: what looks like", id="number in the basis"),
    pytest.param({"document_number": "350402199001011234"}, "document: what looks like", id="number as document"),
    pytest.param({"reason": "长" * 3000}, "reason of 3000 signs. Expected: up to 500", id="no end"),
    pytest.param({"sought": "350402199001011234"}, r"`350402\*{8}1234` names 0 records", id="number as record"),
    pytest.param({"effective_on": day(3)}, "on 2026-11-26 lies in the future", id="future"),
    pytest.param({"effective_on": date(2026, 11, 19)}, "before the decision itself", id="before the decision"),
    pytest.param({"kind": "upheld"}, "no objection waits for an answer", id="upheld without lodged"),
    pytest.param({"kind": "dismissed"}, "no objection waits for an answer", id="dismissed without lodged"),
    pytest.param({"kind": "repair"}, r"from 2027-02-20 on \(class 一般\)", id="repair too early"),
    pytest.param({"kind": "repair", "applied_on": day(3)}, "applied on 2026-11-26 lies in the future", id="applied"),
    pytest.param({"applied_on": day(2)}, "only a repair is applied for", id="applied for an annulment"),
    pytest.param({"disclosure": "public"}, "belong to the act `disclosure` only", id="class of an annulment"),
    pytest.param({"kind": "disclosure"}, "the new class is missing", id="no class"),
    pytest.param(
        {"kind": "disclosure", "disclosure": "public", "fields": ("CF_X",)}, "CF_X: no such field", id="unknown field"
    ),
    pytest.param(
        {"kind": "disclosure", "disclosure": "government_only", "fields": ("CF_WSH",)},
        "by these the record is called",
        id="name of the record",
    ),
    pytest.param({"kind": "reversal", "sought": "99"}, "there is no act `99`", id="reversal of nothing"),
    pytest.param({"kind": "reversal", "sought": "许1"}, "there is no act `许1`", id="reversal of a record"),
    pytest.param({"kind": "objection", "sought": document(2)}, "no platform has ever shown", id="never published"),
    pytest.param({"kind": "correction", "sought": document(2)}, "no platform has ever shown", id="nothing to correct"),
    pytest.param({"kind": "repair", "sought": "许1"}, "have no minimum period", id="repair of a licence"),
]


def test_wrong_input_is_answered_and_nothing_is_written():
    shown_at("city", 1)
    taken_in(day(2), [a_penalty(1), a_penalty(2)])
    take_in("approvals_licence", day(2), [a_licence(1)])
    for case in WRONG:
        changes, expected = case.values
        with pytest.raises(ActError, match=expected) as refused:
            recorded(**({"kind": "annulment", "known": 2} | changes)) if "effective_on" not in changes else (
                stages.record_act(Act(**(ANSWER | vars_of(act("annulment")) | changes)), day(2))
            )
        assert "Nothing has been recorded." in str(refused.value), case.id
        assert not re.search(r"\d{11}", str(refused.value)), case.id
    assert rows("SELECT count(*) FROM warehouse.act") == [(0,)]


def vars_of(one):
    return {name: getattr(one, name) for name in ("kind", "sought", "document_number", "effective_on")}


def test_what_several_records_are_called_by_is_answered_with_their_ids_and_what_tells_them_apart():
    person = {"cf_xdr_mc": "张三丰", "cf_xdr_lb": "自然人"}
    taken_in(day(1), [a_penalty(1), a_penalty(1, source_id="C9", cf_jdrq="2026-11-19", **person)])
    with pytest.raises(ActError, match="names 2 records") as refused:
        recorded("annulment")
    said = str(refused.value)
    for record_id, party, decided in rows("SELECT record_id::text, cf_xdr_mc, cf_jdrq::text FROM warehouse.penalty"):
        assert f"penalty {record_id} ({party if party == NAME else '张某'}, {decided})" in said
    assert "Give one of these ids." in said and "三丰" not in said


def test_a_second_withdrawal_names_the_first_one():
    shown_at("city", 1)
    recorded("annulment")
    for kind in ("annulment", "retraction"):
        with pytest.raises(ActError, match=r"act 1 \(annulment, 闽明工信撤〔2026〕1号, by 张科长\) has withdrawn it"):
            recorded(kind, on=3, document_number="另号")


def test_a_second_objection_waits_for_the_answer_to_the_first():
    shown_at("portal", 1)
    recorded("objection")
    with pytest.raises(ActError, match="waits for its answer already"):
        recorded("objection", on=3, document_number="另号")
    with pytest.raises(ActError, match="would answer on 2026-11-24 what was lodged on 2026-11-25"):
        recorded("upheld", on=1)
    recorded("dismissed", on=3)
    assert recorded("objection", on=4).is_new


def test_a_class_is_never_widened_beyond_the_catalogue_and_two_of_one_day_contradict_each_other():
    shown_at("portal", 1)
    recorded("disclosure", disclosure="government_only")
    with pytest.raises(ActError, match="act 1 says `government_only` from the same day on"):
        recorded("disclosure", disclosure="public", document_number="另号")


def test_a_reversal_is_taken_back_by_no_other_and_an_answered_objection_not_before_its_answer():
    shown_at("portal", 1)
    lodged, answer = recorded("objection"), recorded("upheld", on=3)
    with pytest.raises(ActError, match="Take the answer back first"):
        recorded("reversal", on=4, sought=str(lodged.act_id))
    back = recorded("reversal", on=4, sought=str(answer.act_id))
    for sought, expected in ((back, "is a reversal itself"), (answer, "has been taken back before")):
        with pytest.raises(ActError, match=expected):
            recorded("reversal", on=5, sought=str(sought.act_id), document_number="另号")


def test_an_annulment_before_publication_keeps_the_record_from_every_platform():
    taken_in(day(1), [a_penalty(1)])
    found = recorded("annulment", on=1, known=1)
    assert found.shown_at == []
    assert told("city", day(1)) == []
    assert stages.cases() == []


def test_nothing_changes_or_removes_an_act():
    shown_at("city", 1)
    recorded("annulment")
    for statement in ("UPDATE warehouse.act SET person = '某'", "DELETE FROM warehouse.act"):
        with pytest.raises((sa.exc.DBAPIError, WarehouseError), match="never changed or removed"):
            execute(statement)
