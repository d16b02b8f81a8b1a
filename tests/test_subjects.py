"""Records follow their subject when it gets another name or code, is merged, or is split."""

from __future__ import annotations

import pytest
from deliveries import a_penalty, a_subject, day, rows, take_in
from staged import COMPANY
from telling import taken_in
from test_warehouse import lenient

from xinyong import history, stages
from xinyong.database import connected

NEW, THIRD = "91350404MA32ABCD02", "91350405MA32ABCD08"  # only their keys matter here; nothing checks their digits
REGISTRY = "registry_subject"

pytestmark = pytest.mark.usefixtures("environment")


def an_enterprise(name, uscc, old=None, former=None):
    return a_subject(name, uscc, sub_gszc=old, sub_ydm=former)


def registered(number, *enterprises):
    """Let the registration base say something on a date, whatever leaves it."""
    take_in(REGISTRY, day(number), enterprises, lenient(REGISTRY))
    stages.aggregate(day(number))


def dossiers():
    """Return how many records each enterprise of the base has, by name."""
    query = (
        "SELECT sub_mc, record_count FROM warehouse.dossier JOIN warehouse.subject_current AS one "
        "ON one.record_id = dossier.subject_id ORDER BY 1"
    )
    return dict(rows(query))


def two_records(**changes):
    """Take in a record with the code and one with the old number of the company."""
    by_number = {"cf_xdr_shxym": None, "cf_xdr_gszc": "350402100000017"}
    taken_in(day(1), [a_penalty(1), a_penalty(2, **by_number)])


def test_another_name_leaves_the_dossier_whole():
    registered(1, an_enterprise("三明甲机械有限公司", COMPANY, "350402100000017"))
    two_records()
    registered(2, an_enterprise("三明乙机械有限公司", COMPANY, "350402100000017"))
    assert dossiers() == {"三明乙机械有限公司": 2}
    with connected() as connection:
        assert history.subjects_called(connection, "三明甲机械有限公司") == history.subjects_called(connection, COMPANY)


def test_an_old_number_that_becomes_a_unified_code_takes_its_records_along():
    registered(1, an_enterprise("三明甲机械有限公司", None, "350402100000017"))
    taken_in(day(1), [a_penalty(1, cf_xdr_shxym=None, cf_xdr_gszc="350402100000017"), a_penalty(2)])
    assert dossiers() == {"三明甲机械有限公司": 1}
    registered(2, an_enterprise("三明甲机械有限公司", COMPANY, "350402100000017"))
    assert dossiers() == {"三明甲机械有限公司": 2}


@pytest.mark.parametrize("stays_listed", [True, False])
def test_another_code_or_a_merger_takes_all_numbers_along_over_any_number_of_steps(stays_listed):
    first = an_enterprise("三明甲机械有限公司", COMPANY, "350402100000017")
    other = an_enterprise("三明乙机械有限公司", NEW)
    registered(1, first, other)
    two_records()
    listed = [first] if stays_listed else []
    registered(2, *listed, an_enterprise("三明乙机械有限公司", NEW, former=COMPANY))
    assert dossiers() == {"三明乙机械有限公司": 2}
    registered(3, *listed, an_enterprise("三明丙机械有限公司", THIRD, former=f"{NEW}；91350402MA32ABCD07"))
    assert dossiers() == {"三明丙机械有限公司": 2}
    with connected() as connection:
        found = {tuple(history.subjects_called(connection, code)) for code in (COMPANY, NEW, THIRD)}
    assert len(found) == 1, "every code finds the one that goes on"


def test_after_a_split_the_records_stay_with_the_one_they_belonged_to():
    registered(1, an_enterprise("三明甲机械有限公司", COMPANY, "350402100000017"))
    two_records()
    before = rows("SELECT DISTINCT subject_id FROM warehouse.penalty")
    registered(
        2,
        *[
            an_enterprise(f"三明{sign}机械有限公司", code, former=COMPANY)
            for sign, code in (("乙", NEW), ("丙", THIRD))
        ],
    )
    assert rows("SELECT DISTINCT subject_id FROM warehouse.penalty") == before
    assert dossiers() == {}


def test_the_same_base_again_writes_nothing():
    registered(
        1, an_enterprise("三明甲机械有限公司", COMPANY), an_enterprise("三明乙机械有限公司", NEW, former=COMPANY)
    )
    query = "SELECT ctid::text, xmin::text FROM warehouse.identifier ORDER BY 1"
    before = rows(query)
    stages.aggregate(day(1))
    assert rows(query) == before
