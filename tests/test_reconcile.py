"""The delta is what separates two states, told once, typed and chained; nothing else makes a message."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date

import pytest
import sqlalchemy as sa
from deliveries import a_penalty, day, execute, rows
from telling import (
    NAME,
    answered,
    declared,
    key_of,
    known_subject,
    messages,
    platform_row,
    published,
    taken_in,
    told,
)

from xinyong import stages
from xinyong.catalogue import catalogue
from xinyong.chain import first_broken, hmac_sm3
from xinyong.database import connected, run
from xinyong.messages import exported
from xinyong.reconcile import reconcile
from xinyong.report import settle_platform
from xinyong.settings import settings
from xinyong.signing import signer

pytestmark = pytest.mark.usefixtures("environment")


class Unlisted:
    """A platform that offers no listing."""

    def listing(self, record_type):
        return None


def settled(platform, when):
    """Settle a platform's night; say whether it balances and how many rejections stand."""
    with connected() as connection:
        settle_platform(connection, catalogue().platforms[platform], Unlisted(), when)
    row = platform_row(platform, when)
    return row.balances, row.standing_rejections


def many(number, **changes):
    return [a_penalty(at, **changes) for at in range(1, number + 1)]


def renamed():
    """Let the city take a record, and be told a night later that its natural key is another one; not answered yet."""
    taken_in(day(1), many(1))
    told("city", day(1))
    answered("city")
    taken_in(day(2), [a_penalty(1, cf_jdrq="2026-11-18")])
    told("city", day(2))


def test_a_new_record_is_added_a_changed_one_updated_an_annulled_one_withdrawn_and_a_returned_one_restored():
    taken_in(day(1), many(6))
    assert told("city", day(1)) == [("add", None, key_of(at)) for at in range(1, 7)]
    answered("city")
    taken_in(day(2), [a_penalty(1, cf_sy="更正"), *many(5)[1:]])
    assert told("city", day(2)) == [("withdraw", "revoked", key_of(6)), ("update", None, key_of(1))]
    answered("city")
    assert published("city") == [key_of(at) for at in range(1, 6)]
    taken_in(day(3), [a_penalty(1, cf_sy="更正"), *many(6)[1:]])
    assert told("city", day(3)) == [("restore", None, key_of(6))]


def test_a_record_is_withdrawn_as_expired_on_the_day_its_publicity_is_over():
    taken_in(day(1), [a_penalty(1, cf_gsjzq="2027-01-10")])
    told("city", day(1))
    answered("city")
    assert told("city", date(2027, 1, 9)) == []
    answered("city")
    assert told("city", date(2027, 1, 10)) == [("withdraw", "expired", key_of(1))]


def test_a_record_whose_natural_key_changed_is_withdrawn_under_the_old_one_before_it_is_added_under_the_new():
    taken_in(day(1), many(2))
    told("city", day(1))
    answered("city")
    taken_in(day(2), [a_penalty(1, cf_jdrq="2026-11-18"), a_penalty(2)])
    items = [("withdraw", "superseded", key_of(1)), ("add", None, key_of(1, "2026-11-18"))]
    assert told("city", day(2)) == items
    answered("city")
    assert published("city") == [key_of(1, "2026-11-18"), key_of(2)]
    assert told("city", day(3)) == []


def test_a_renamed_record_keeps_its_new_key_when_the_withdrawal_is_answered_last():
    renamed()
    answered("city", only=key_of(1, "2026-11-18"))
    answered("city")
    assert published("city") == [key_of(1, "2026-11-18")]


def test_a_key_that_a_platform_refuses_to_withdraw_stays_published_beside_the_new_one():
    renamed()
    answered("city", "rejected", "2", only=key_of(1))
    answered("city")
    both = [key_of(1, "2026-11-18"), key_of(1)]
    assert published("city") == both
    assert settled("city", day(2)) == (True, 1)
    assert told("city", day(3)) == [], "nothing has changed since it was refused"
    taken_in(day(4), [a_penalty(1, cf_jdrq="2026-11-18", cf_sy="更正")])
    assert told("city", day(4)) == [("update", None, key_of(1, "2026-11-18"))]
    answered("city")
    assert (published("city"), settled("city", day(4))) == (both, (True, 1))


def test_a_changed_mapping_republishes_by_itself_and_only_where_it_changed():
    taken_in(day(1), many(2))
    for platform in ("city", "portal"):
        told(platform, day(1))
        answered(platform)
    penalty = catalogue().platforms["portal"].records["penalty"]
    fewer = {title: one for title, one in penalty.columns.items() if title != "处罚依据"}
    records = catalogue().platforms["portal"].records | {"penalty": penalty.model_copy(update={"columns": fewer})}
    with declared("portal", records=records):
        assert told("portal", day(2)) == [("update", None, key_of(at)) for at in (1, 2)]
        assert told("city", day(2)) == []


def test_a_rejected_content_is_not_told_again_until_it_changes():
    taken_in(day(1), many(2))
    told("city", day(1))
    answered("city", "rejected", "2", only=key_of(1))
    answered("city")
    assert told("city", day(2)) == []
    taken_in(day(3), [a_penalty(1, cf_sy="更正"), a_penalty(2)])
    assert told("city", day(3)) == [("add", None, key_of(1))]


def test_a_rejected_withdrawal_is_not_told_again_even_when_the_new_key_was_rejected_too():
    renamed()
    answered("city", "rejected", "2")
    assert told("city", day(3)) == []


def test_an_unlinked_record_is_told_again_once_its_subject_is_known():
    taken_in(day(1), many(1))
    told("city", day(1))
    answered("city", "rejected", "4")
    assert told("city", day(2)) == []
    known_subject()
    assert told("city", day(3)) == [("add", None, key_of(1))]


def test_a_code_that_another_night_may_heal_is_told_again():
    known_subject()
    taken_in(day(1), many(1))
    told("national", day(1))
    answered("national", "rejected", "file_refused")
    assert told("national", day(2)) == [("add", None, key_of(1))]
    answered("national", "rejected", "absent")
    assert told("national", day(3)) == [("add", None, key_of(1))]


def test_what_is_told_and_not_answered_is_not_told_twice_and_stays_due():
    taken_in(day(1), many(2))
    told("city", day(1))
    taken_in(day(2), [a_penalty(1, cf_sy="更正"), a_penalty(2), a_penalty(3)])
    assert told("city", day(2)) == [("add", None, key_of(3))]
    assert stages.reconcile("city", day(2)) == [1, 2], "the unanswered message of the night before comes first"
    answered("city")
    assert told("city", day(3)) == [("update", None, key_of(1))]


def test_a_quiet_day_says_so_once():
    taken_in(day(1), many(1))
    told("city", day(1))
    answered("city")
    assert [stages.reconcile("city", day(2)) for _ in range(3)] == [[2]] * 3
    assert messages("city")[1] == (2, day(2), "nothing_to_report", 0, "written")


def test_an_old_night_repeated_takes_nothing_back_that_a_later_date_made_public():
    taken_in(day(1), [a_penalty(1)])
    told("city", day(1))
    answered("city")
    taken_in(day(2), [a_penalty(1), a_penalty(2, cf_jdrq="2026-11-25")])
    told("city", day(2))
    answered("city")
    assert told("city", day(1)) == [("add", None, key_of(1))]
    assert published("city") == [key_of(1), key_of(2, "2026-11-25")]


def test_reconciling_twice_writes_nothing_new():
    taken_in(day(1), many(3))
    assert stages.reconcile("city", day(1)) == stages.reconcile("city", day(1)) == [1]
    assert len(messages("city")) == 1


def test_no_message_is_larger_than_the_platform_takes_and_withdrawals_go_first():
    taken_in(day(1), many(5))
    with declared("city", batch_size=2):
        told("city", day(1))
        assert [size for *_, size, _ in messages("city")] == [2, 2, 1]
        answered("city")
        taken_in(day(2), [*many(5)[1:], a_penalty(6)])
        assert [operation for operation, *_ in told("city", day(2))] == ["withdraw", "add"]
        assert [size for *_, size, _ in messages("city")] == [2, 2, 1, 1, 1]


def broken_at(connection=None):
    """Return the number of the first message that a receiver finds broken."""
    with nullcontext(connection) if connection else connected() as asked:
        found = first_broken(exported(asked, "city"), hmac_sm3(settings().signing_key))
    return found and found.number


TAMPERING = (
    "UPDATE publication.item SET operation = 'update' WHERE number = 2 AND position = 1",
    "UPDATE publication.item SET content_hash = sha256('x') WHERE number = 2 AND position = 1",
    'UPDATE publication.item SET payload = payload || \'{"CF_NR": ""}\' WHERE number = 2 AND position = 1',
    "UPDATE publication.message SET business_date = '2026-12-01' WHERE number = 2",
    "DELETE FROM publication.item WHERE number = 2 AND position = 2",
)


def test_messages_are_chained_and_signed_so_that_tampering_is_found():
    taken_in(day(1), many(4))
    with declared("city", batch_size=2):
        told("city", day(1))
    answered("city")
    told("city", day(2))
    assert len(messages("city")) == 3
    assert broken_at() is None
    for tampering in TAMPERING:
        with connected() as connection:
            undone = connection.begin_nested()
            connection.execute(sa.text(tampering.replace(":", r"\:")))
            assert broken_at(connection) == 2, tampering
            undone.rollback()
    assert broken_at() is None


def test_a_message_that_was_taken_out_breaks_the_chain_behind_it():
    taken_in(day(1), many(2))
    told("city", day(1))
    answered("city")
    told("city", day(2))
    told("city", day(3))
    execute("DELETE FROM publication.message WHERE number = 2")
    assert broken_at() == 3


def test_a_delta_that_is_killed_before_its_end_leaves_no_message():
    taken_in(day(1), many(2))
    with pytest.raises(ZeroDivisionError), connected() as connection:
        reconcile(connection, catalogue().platforms["city"], day(1), signer("HMAC-SM3", b"k" * 32))
        raise ZeroDivisionError
    assert messages("city") == []
    assert told("city", day(1)) == [("add", None, key_of(at)) for at in (1, 2)]


def test_the_payload_carries_the_platforms_own_words_and_forms():
    known_subject()
    taken_in(day(1), [a_penalty(1, cf_cflb="罚款;没收违法所得", cf_yxq="2099-12-31", confiscated_yuan="500")])
    for platform in ("city", "national", "portal"):
        told(platform, day(1))
    payload = dict(rows("SELECT platform, payload FROM publication.item"))
    assert payload["city"]["CF_JDRQ"] == "2026/11/20"
    assert payload["city"]["CF_YXQ"] == "2099/12/31"
    assert float(payload["city"]["CF_NR_FK"]) == 1.0
    assert payload["national"]["处罚种类"] == "罚款,没收违法所得和非法财物"
    assert payload["national"]["企业名称"] == NAME
    assert payload["portal"]["处罚有效期"] == "长期"
    assert payload["portal"]["处罚类别"] == "罚款、没收违法所得"


def test_a_withdrawal_carries_what_was_published_last():
    taken_in(day(1), many(6))
    told("city", day(1))
    answered("city")
    taken_in(day(2), many(5))
    told("city", day(2))
    with connected() as connection:
        items = run(connection, "publication/message_items", platform="city", number=2).mappings().all()
    assert [item["payload"]["CF_WSH"] for item in items] == ["闽明工信罚〔2026〕6号"]
