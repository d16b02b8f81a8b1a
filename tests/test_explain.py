"""Every act has a trace: from the row as received to the receipt, with identity numbers masked."""

from __future__ import annotations

from io import StringIO

import pytest
from deliveries import a_penalty, connected, day, rows, take_in
from rich.console import Console
from telling import answered, key_of, known_subject, taken_in, told

from xinyong.catalogue import catalogue
from xinyong.explain import UnknownRecord, explain

alone = pytest.mark.usefixtures("environment")

NUMBER = "11010519491231002X"
DOCUMENT = "闽明工信罚〔2026〕1号"


def trace(sought):
    console = Console(width=300, record=True, file=StringIO())
    with connected() as connection:
        console.print(explain(connection, catalogue(), sought))
    return console.export_text()


def in_order(text, *parts):
    places = [text.index(part) for part in parts]
    return places == sorted(places)


@pytest.fixture(scope="module")
def published(module_environment):
    """A penalty whose company knows an identity number, changed once, told to two platforms; these tests only read."""
    known_subject()
    first = a_penalty(1, cf_fr_zjlx="身份证", cf_fr_zjhm=NUMBER, cf_nr=f"对林建国（{NUMBER}）", bz="０１")
    taken_in(day(1), [first | {"cf_nr": "给予警告"}])
    for platform in ("city", "portal"):
        told(platform, day(1))
    answered("city")
    answered("portal", "rejected", "2")
    taken_in(day(2), [first | {"cf_nr": "给予警告", "cf_sy": "更正"}])
    told("city", day(2))


def test_the_trace_goes_from_the_source_row_to_the_receipt(published):
    text = trace(DOCUMENT)
    assert in_order(text, "行政处罚", "version 1", "batch", "source row 1 as received", "verdicts", "version 2")
    assert in_order(
        text, "version 2", "messages and receipts", "message 1", "add", "receipt: accepted on 2026-11-24", "shown now"
    )
    assert "update" in text and "receipt: open" in text
    assert "receipt: rejected on 2026-11-24: 2" in text
    assert "fine_yuan: 10000" in text, "the row is shown as received, in the system's own words"


@pytest.mark.parametrize("spelling", ["闽明工信罚[2026]1号", "闽明工信罚（2026）1号", " 闽明工信罚〔2026〕1号 "])
def test_brackets_and_blanks_do_not_matter(published, spelling):
    assert key_of(1).split("|")[0] in trace(spelling)


def test_a_record_is_found_by_its_id(published):
    record_id = rows("SELECT record_id::text FROM warehouse.penalty")[0][0]
    assert record_id in trace(record_id)


def test_identity_numbers_are_masked_and_their_sealed_parts_hidden(published):
    text = trace(DOCUMENT)
    assert NUMBER not in text
    assert "110105********002X" in text
    assert "_sealed" not in text and "_hash" not in text


@alone
def test_a_row_that_was_set_aside_is_explained_with_its_rules_and_its_owner():
    take_in("enforcement_penalty", day(1), [a_penalty(7, cf_sy=None)])
    text = trace("闽明工信罚〔2026〕7号")
    for part in ("set aside", "open since 2026-11-24", "section enforcement", "PEN-R01-CF_SY critical", "未填写"):
        assert part in text


@alone
def test_an_ended_record_says_why():
    taken_in(day(1), [a_penalty(at) for at in range(1, 7)])
    taken_in(day(2), [a_penalty(at) for at in range(1, 6)])
    assert "ended as revoked: no longer delivered by enforcement_penalty on 2026-11-25" in trace(
        "闽明工信罚〔2026〕6号"
    )


@alone
def test_a_renumbered_document_is_followed_both_ways_and_shown_once():
    known_subject()
    taken_in(day(1), [a_penalty(at) for at in range(1, 7)])
    told("portal", day(1))
    answered("portal")
    taken_in(day(2), [a_penalty(1, cf_wsh="闽明工信罚〔2026〕77号"), *[a_penalty(at) for at in range(2, 7)]])
    assert told("portal", day(2)) == [
        ("withdraw", "superseded", key_of(1)),
        ("add", None, key_of(77)),
    ]
    answered("portal")
    assert rows("SELECT count(*) FROM publication.published WHERE platform = 'portal'") == [(6,)]
    assert "told under another key since 2026-11-25: 闽明工信罚〔2026〕77号" in trace(DOCUMENT)
    assert "continues what was told until 2026-11-25: 闽明工信罚〔2026〕1号" in trace("闽明工信罚〔2026〕77号")


@alone
def test_what_nobody_knows_is_said_with_what_was_expected():
    with pytest.raises(UnknownRecord, match=r"No record is called `闽罚`.*Expected: a document number"):
        trace("闽罚")
