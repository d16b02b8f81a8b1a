"""Two set hashes are equal exactly when the two sets are."""

from __future__ import annotations

import pytest
from deliveries import a_penalty, day, execute, forget_everything, hashes, take_in
from telling import answered, taken_in, told

pytestmark = pytest.mark.usefixtures("environment")

FEED = "enforcement_penalty"


def test_the_order_of_rows_and_the_numbers_of_batches_play_no_part():
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2)])
    first = hashes()
    forget_everything()
    take_in(FEED, day(5), [a_penalty(3)])
    forget_everything()
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2)])
    assert hashes() == first


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE warehouse.penalty SET content_hash = sha256('x') WHERE cf_wsh LIKE '%1号'",
        "UPDATE warehouse.penalty SET ending = 'revoked' WHERE cf_wsh LIKE '%1号'",
        "UPDATE warehouse.penalty SET valid_to = valid_from WHERE cf_wsh LIKE '%1号'",
        "UPDATE warehouse.penalty SET subject_id = record_id WHERE cf_wsh LIKE '%1号'",
        "DELETE FROM warehouse.penalty WHERE cf_wsh LIKE '%1号'",
    ],
    ids=["content", "ending", "validity", "subject", "absence"],
)
def test_any_difference_shows(change):
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2)])
    before = hashes()
    execute(change)
    differing = {name for name, value in hashes().items() if value != before[name]}
    assert differing == {"warehouse.penalty"}


def test_contents_that_are_swapped_between_two_records_do_not_cancel_out():
    take_in(FEED, day(1), [a_penalty(1), a_penalty(2)])
    before = hashes()
    execute(
        "UPDATE warehouse.penalty AS one SET content_hash = other.content_hash FROM warehouse.penalty AS other "
        "WHERE one.record_id <> other.record_id"
    )
    assert hashes()["warehouse.penalty"] != before["warehouse.penalty"]


def test_quarantine_and_what_platforms_show_have_hashes_of_their_own():
    empty = hashes()
    taken_in(day(1), [a_penalty(1), a_penalty(2, cf_sy=None)])
    told("city", day(1))
    told("portal", day(1))
    answered("city")
    found = hashes()
    differing = {name for name in found if found[name] != empty[name]}
    assert differing == {"warehouse.penalty", "quality.quarantine", "published.city"}
    answered("portal")
    assert hashes()["published.portal"] != empty["published.portal"]
