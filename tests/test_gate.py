"""The gate is the only way out: unknown means closed, and the publisher can reach nothing behind it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from deliveries import a_licence, a_penalty, a_subject, day, judged, landed, stored
from telling import NAME, answered, key_of, known_subject, taken_in, told

from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.gate import view_name
from xinyong.reconcile import open_gate
from xinyong.tables import follow_catalogue

pytestmark = pytest.mark.usefixtures("environment")

NUMBER = "11010519491231002X"
PERSON = {
    "cf_xdr_mc": "林建国",
    "cf_xdr_lb": "自然人",
    "cf_xdr_shxym": None,
    "cf_xdr_zjlx": "身份证",
    "cf_xdr_zjhm": NUMBER,
}


def cleared(platform, record_type="penalty", when=None):
    """Return what the publisher may see, document by document."""
    with connected() as connection:
        open_gate(connection, when or day(1))
        query = sa.text(f"SELECT natural_key, payload, fits FROM publication.{view_name(platform, record_type)}")
        found = connection.execute(query).all()
    return {row.natural_key.split("|")[1]: row for row in found}


def document(number):
    return f"闽明工信罚〔2026〕{number}号"


@pytest.mark.parametrize("platform", ["city", "national", "portal"])
def test_penalties_of_natural_persons_and_of_unknown_kinds_of_party_are_closed_everywhere(platform):
    known_subject()
    taken_in(
        day(1), [a_penalty(1), a_penalty(2, **PERSON), a_penalty(3, cf_xdr_lb="企业"), a_penalty(4, cf_xdr_lb=None)]
    )
    assert cleared(platform).keys() == {document(1)}


@pytest.mark.parametrize("platform", ["city", "national", "portal"])
def test_a_record_whose_text_hid_an_identity_number_is_closed(platform):
    known_subject()
    hidden = {"cf_wfxw": f"林建国（{NUMBER}）违反规定", "cf_sy": f"林建国（{NUMBER}）违反规定"}
    taken_in(day(1), [a_penalty(1), a_penalty(2, **hidden)])
    assert cleared(platform).keys() == {document(1)}


def test_the_identity_numbers_of_representatives_have_no_way_out():
    taken_in(day(1), [a_penalty(1, cf_fr_zjlx="身份证", cf_fr_zjhm=NUMBER)])
    for platform in catalogue().platforms:
        for row in cleared(platform).values():
            assert NUMBER not in str(row.payload)
            assert not {name for name in row.payload if "ZJ" in name and name.endswith(("HM", "LX"))}


def test_a_field_that_the_platform_file_does_not_name_has_no_column():
    taken_in(day(1), [a_penalty(1, bz="内部备注", cf_frdb="王小明")])
    assert "内部备注" not in str(cleared("portal")[document(1)].payload)
    assert "王小明" not in str(cleared("portal")[document(1)].payload)
    assert cleared("city")[document(1)].payload["BZ"] == "内部备注"


def test_the_national_node_waits_until_the_subject_is_known():
    taken_in(day(1), [a_penalty(1)])
    assert cleared("national") == {}
    known_subject()
    assert cleared("national")[document(1)].payload["企业名称"] == NAME


def test_a_decision_of_tomorrow_and_one_that_is_not_published_in_principle_stay_closed():
    taken_in(day(1), [a_penalty(1, cf_jdrq="2026-11-25"), a_penalty(2, cf_cflb="警告"), a_penalty(3)])
    assert cleared("city").keys() == {document(3)}
    assert cleared("city", when=day(2)).keys() == {document(1), document(3)}


def test_a_record_that_lacks_what_the_platform_requires_does_not_fit():
    taken_in(day(1), [a_penalty(1, cf_yj=None)])
    assert cleared("city")[document(1)].fits is False
    assert cleared("portal")[document(1)].fits is True


def test_a_licence_is_open_until_its_last_day_is_over():
    taken_in(day(1), [a_licence(1, xk_yxqzi="2026-12-01")], "approvals_licence")
    assert cleared("city", "licence", day(8)).keys() == {"许1"}
    assert cleared("city", "licence", day(9)) == {}


@pytest.mark.parametrize(
    ("disclosure", "open_at"),
    [("public", {"city", "portal"}), ("government_only", {"city"}), ("on_authorisation", set())],
)
def test_the_disclosure_class_decides_which_audience_sees_a_record(disclosure, open_at):
    taken_in(day(1), [a_penalty(1)])
    found = catalogue()
    other = found.records["penalty"].model_copy(update={"disclosure": disclosure})
    with connected() as connection:
        follow_catalogue(connection, replace(found, records=found.records | {"penalty": other}))
    assert {platform for platform in ("city", "portal") if cleared(platform)} == open_at


def test_subjects_are_told_to_nobody():
    assert not [name for name, platform in catalogue().platforms.items() if "subject" in platform.records]


BEHIND = (
    *("warehouse.penalty", "warehouse.penalty_current", "warehouse.identifier", "landing.safety_penalty"),
    *("landing.batch", "quality.violation", "quality.quarantine", "operation.intake"),
)


@pytest.mark.parametrize("table", BEHIND)
def test_the_publisher_cannot_read_what_is_behind_the_gate(table):
    with connected() as connection:
        open_gate(connection, day(1))
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.execute(sa.text(f"SELECT * FROM {table}"))


def test_a_reader_sees_what_is_stored_and_nothing_that_is_not_checked():
    def seen():
        with connected() as connection:
            connection.execute(sa.text("SET LOCAL ROLE xinyong_reader"))
            return connection.execute(sa.text("SELECT count(*) FROM warehouse.penalty_current")).scalar_one()

    found = landed("enforcement_penalty", day(1), [a_penalty(1), a_penalty(2, cf_sy=None)])
    assert seen() == 0
    judged(found)
    assert seen() == 0
    stored(found)
    assert seen() == 1
    for table in ("landing.enforcement_penalty", "quality.staged_enforcement_penalty", "quality.quarantine"):
        with connected() as connection:
            connection.execute(sa.text("SET LOCAL ROLE xinyong_reader"))
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                connection.execute(sa.text(f"SELECT * FROM {table}"))


def test_a_subject_that_leaves_the_base_closes_the_national_node_as_class_changed():
    known_subject()
    others = [a_subject(f"三明示例{at}有限公司", None, sub_gszc=f"35040210000{at:04}") for at in range(20)]
    taken_in(day(2), [a_subject(NAME, "91350402MA2XYKT640"), *others], "registry_subject")
    taken_in(day(2), [a_penalty(1)])
    told("national", day(2))
    answered("national")
    taken_in(day(3), others, "registry_subject")
    assert told("national", day(3)) == [("withdraw", "class_changed", key_of(1))]
