"""A district is read as of a date: three codes of 三明 ended in February 2021."""

from __future__ import annotations

from datetime import date

import pytest

from xinyong.catalogue import catalogue
from xinyong.districts import district, told

BEFORE, SINCE = date(2021, 2, 2), date(2021, 2, 3)


@pytest.mark.parametrize(
    ("code", "on", "expected"),
    [
        ("350402", BEFORE, ("350402", "梅列区")),
        ("350402", SINCE, ("350404", "三元区")),
        ("350403", BEFORE, ("350403", "三元区")),
        ("350403", SINCE, ("350404", "三元区")),
        ("350427", BEFORE, ("350427", "沙县")),
        ("350427", SINCE, ("350405", "沙县区")),
        ("350481", SINCE, ("350481", "永安市")),
        ("91350402MA2XYKT640", SINCE, ("350404", "三元区")),
        ("91350402MA2XYKT640", BEFORE, ("350402", "梅列区")),
    ],
)
def test_a_code_stands_for_the_district_of_the_day(code, on, expected):
    found = district(catalogue(), code, on)
    assert (found.code, found.title) == expected


@pytest.mark.parametrize(("code", "on"), [("350404", BEFORE), ("350405", BEFORE), ("110000", SINCE), ("", SINCE)])
def test_what_was_not_there_yet_or_is_not_known_is_not_guessed(code, on):
    assert district(catalogue(), code, on) is None
    assert told(catalogue(), code, on) == ""


def test_a_district_that_has_gone_is_told_with_the_code_of_the_registration():
    assert told(catalogue(), "91350402MA2XYKT640", SINCE) == "三元区 350404 (登记时 registered as 350402)"
    assert told(catalogue(), "91350402MA2XYKT640", BEFORE) == "梅列区 350402"
