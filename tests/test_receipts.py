"""What a platform answered is written down item by item, and the published state follows from it alone."""

from __future__ import annotations

import time

import pytest
from deliveries import a_penalty, day, rows
from telling import answered, key_of, messages, published, taken_in, told

from xinyong.database import connected, engine
from xinyong.errors import PlatformUnavailable
from xinyong.platforms import ABSENT, STILL_SHOWN, Answer
from xinyong.publish import load
from xinyong.receipts import apply_answers, collect

pytestmark = pytest.mark.usefixtures("environment")


class Says:
    """A platform that answers a question with what it was given, one answer after the other."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = 0

    def ask(self, message):
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def the_message(number=1):
    with connected() as connection:
        return load(connection, "city", number)[0]


def apply(*answers, number=1):
    with connected() as connection:
        return apply_answers(connection, the_message(number), list(answers))


def items():
    return rows("SELECT state, error_code, error_field, error_text FROM publication.item ORDER BY number, position")


@pytest.fixture
def sent():
    """Three penalties, told to the city platform and not answered yet."""
    taken_in(day(1), [a_penalty(at) for at in (1, 2, 3)])
    told("city", day(1))


def test_accepted_rejected_and_open_items_stand_side_by_side(sent):
    still_open = apply(Answer(1, "accepted"), Answer(2, "rejected", "10004", "CF_JDRQ", "日期"), Answer(3, "unknown"))
    assert still_open == 1
    rejected = ("rejected", "10004", "CF_JDRQ", "日期")
    assert items() == [("accepted", None, None, None), rejected, ("open", None, None, None)]
    assert published("city") == [key_of(1)]
    assert messages("city")[0][-1] == "sent"


def test_a_message_is_answered_when_every_item_is(sent):
    apply(*[Answer(at, "accepted") for at in (1, 2, 3)])
    assert messages("city")[0][-1] == "answered"


def test_the_same_answers_again_change_nothing_and_an_answer_once_given_stays(sent):
    first = [Answer(1, "accepted"), Answer(2, "rejected", "2")]
    apply(*first)
    before = items()
    apply(*first)
    apply(Answer(1, "rejected", "2"), Answer(2, "accepted"))
    assert items() == before
    assert published("city") == [key_of(1)]


def test_an_older_message_never_replaces_a_newer_one(sent):
    apply(Answer(1, "accepted"))
    taken_in(day(2), [a_penalty(1, cf_sy="更正"), a_penalty(2), a_penalty(3)])
    assert told("city", day(2)) == [("update", None, key_of(1))]
    apply(Answer(1, "accepted"), number=2)
    before = rows("SELECT content_hash FROM publication.published")
    apply(*[Answer(at, "accepted") for at in (1, 2, 3)])
    assert before[0] in rows("SELECT content_hash FROM publication.published")


def test_asking_goes_on_until_each_item_has_an_answer(sent):
    unknown = [Answer(at, "unknown") for at in (1, 2, 3)]
    platform = Says(unknown, unknown, [Answer(at, "accepted") for at in (1, 2, 3)])
    collect(engine(), platform, the_message(), 0)
    assert platform.asked == 3
    assert len(published("city")) == 3


def test_items_without_an_answer_stay_visibly_open(sent):
    with pytest.raises(PlatformUnavailable, match="3 of 3 items of message 1 have no answer yet"):
        collect(engine(), Says([Answer(at, "unknown") for at in (1, 2, 3)]), the_message(), 0)
    assert {state for state, *_ in items()} == {"open"}


def test_a_message_the_platform_does_not_know_is_sent_again_with_its_key(sent):
    with pytest.raises(PlatformUnavailable, match="does not know it"):
        collect(engine(), Says(None), the_message(), 0)
    assert messages("city")[0][-1] == "unknown"


def test_a_record_the_platform_lost_is_told_anew_in_the_next_delta(sent):
    answers = [Answer(1, "unknown", ABSENT), Answer(2, "accepted"), Answer(3, "accepted")]
    collect(engine(), Says(answers), the_message(), 0)
    assert items()[0][:2] == ("rejected", ABSENT)
    assert told("city", day(2)) == [("add", None, key_of(1))]


def test_a_withdrawal_that_the_platform_did_not_do_is_told_anew_in_the_next_delta(sent):
    answered("city")
    person = {"cf_xdr_lb": "自然人", "cf_xdr_shxym": None}
    taken_in(day(2), [a_penalty(at, **person) if at == 3 else a_penalty(at) for at in (1, 2, 3)])
    withdrawn = told("city", day(2))
    assert [(operation, key) for operation, _, key in withdrawn] == [("withdraw", key_of(3))]
    with connected() as connection:
        message, _ = load(connection, "city", messages("city")[-1][0])
    collect(engine(), Says([Answer(1, "unknown", STILL_SHOWN)]), message, 0)
    assert published("city") == [key_of(1), key_of(2), key_of(3)]
    assert told("city", day(3)) == withdrawn


def test_an_accepted_withdrawal_leaves_the_published_state(sent):
    answered("city")
    taken_in(day(2), [a_penalty(at, cf_jdrq="2026-11-18") if at == 3 else a_penalty(at) for at in (1, 2, 3)])
    told("city", day(2))
    answered("city", only=key_of(3))
    assert published("city") == [key_of(1), key_of(2)]


def test_a_receipt_carries_the_date_on_which_it_came_and_an_open_item_what_was_said_about_it(sent):
    with connected() as connection:
        apply_answers(connection, the_message(), [Answer(1, "accepted"), Answer(2, "unknown", "waiting")], day(3))
    dated = "SELECT position, state, error_code, answered_on FROM publication.item ORDER BY 1"
    assert rows(dated) == [(1, "accepted", None, day(3)), (2, "open", "waiting", None), (3, "open", None, None)]
    apply(Answer(2, "accepted"), Answer(3, "accepted"))
    assert rows(dated)[1] == (2, "accepted", None, day(1))


def test_the_pauses_between_questions_grow(sent):
    asked_at = []

    class Slow(Says):
        def ask(self, message):
            asked_at.append(time.monotonic())
            return super().ask(message)

    unknown = [Answer(at, "unknown") for at in (1, 2, 3)]
    collect(engine(), Slow(*[unknown] * 4, [Answer(at, "accepted") for at in (1, 2, 3)]), the_message(), 0.08)
    pauses = [after - before for before, after in zip(asked_at, asked_at[1:], strict=False)]
    assert pauses == sorted(pauses)
    assert pauses[-1] > 4 * pauses[0]
