"""The gate is the only way out: unknown means closed, and the publisher can reach nothing behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from deliveries import a_licence, a_penalty, a_subject, day, execute, judged, landed, rows, stored
from staged import COMPANY
from telling import NAME, answered, declared, key_of, known_subject, taken_in, told

from xinyong import stages
from xinyong.acts import Act
from xinyong.catalogue import catalogue
from xinyong.catalogue.platforms import Projection
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


def test_the_disclosure_class_decides_which_audience_sees_a_record():
    taken_in(day(1), [a_penalty(1)])
    found = catalogue()
    open_at = {}
    for disclosure in ("government_only", "on_authorisation", "public"):
        other = found.records["penalty"].model_copy(update={"disclosure": disclosure})
        with connected() as connection:
            follow_catalogue(connection, replace(found, records=found.records | {"penalty": other}))
        open_at[disclosure] = {platform for platform in ("city", "portal") if cleared(platform)}
    assert open_at == {"public": {"city", "portal"}, "government_only": {"city"}, "on_authorisation": set()}


def test_a_record_says_itself_who_may_be_told_it_and_an_unknown_word_closes_it():
    taken_in(day(1), [a_penalty(number) for number in range(1, 6)])
    told("portal", day(1))
    answered("portal")
    for number, scope in enumerate(("0", "1", "2", "9"), start=1):
        execute("UPDATE warehouse.penalty SET cf_syfw = :scope WHERE cf_wsh = :w", scope=scope, w=document(number))
    assert cleared("city").keys() == {document(number) for number in (1, 2, 5)}
    assert cleared("portal").keys() == {document(number) for number in (1, 5)}
    assert told("portal", day(2)) == [("withdraw", "class_changed", key_of(number)) for number in (2, 3, 4)]


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


def test_a_subject_that_is_renamed_is_withdrawn_at_the_node_under_the_name_it_was_shown_by():
    """The node knows a record by the name that the registration base has, not by the one on the document."""
    known_subject()
    taken_in(day(1), [a_penalty(1)])
    told("national", day(1))
    answered("national")
    taken_in(day(2), [a_subject("三明新名机械有限公司", COMPANY)], "registry_subject")
    renamed = key_of(1).replace(NAME, "三明新名机械有限公司")
    assert told("national", day(2)) == [("withdraw", "superseded", key_of(1)), ("add", None, renamed)]
    answered("national")
    stages.record_act(Act("annulment", "闽明工信罚〔2026〕1号", "张科长", "行政处罚法", "撤1", day(3)), day(3))
    assert told("national", day(3)) == [("withdraw", "revoked", renamed)]


RELATIONS = (
    "SELECT namespace.nspname || '.' || relation.relname, "
    "has_any_column_privilege('xinyong_publisher', relation.oid, 'SELECT'), "
    "has_table_privilege('xinyong_publisher', relation.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') "
    "FROM pg_class AS relation JOIN pg_namespace AS namespace ON relation.relnamespace = namespace.oid "
    "WHERE relation.relkind IN ('r', 'v', 'm', 'p', 'f') AND namespace.nspname NOT LIKE 'pg\\_%' "
    "AND namespace.nspname <> 'information_schema' ORDER BY 1"
)


def test_of_all_relations_the_publisher_may_touch_the_gate_and_its_own_books_only():
    found = {name: (reads, writes) for name, reads, writes in rows(RELATIONS)}
    assert len(found) > 50
    behind = {name: rights for name, rights in found.items() if not name.startswith("publication.")}
    assert {name for name, rights in behind.items() if any(rights)} == set()
    schemas = ("landing", "quality", "warehouse", "operation")
    usage = "SELECT has_schema_privilege('xinyong_publisher', :schema, 'USAGE')"
    assert [schema for schema in schemas if rows(usage, schema=schema) == [(True,)]] == []
    gates = {
        f"publication.{kind}_{platform}_{record_type}"
        for platform, one in catalogue().platforms.items()
        for record_type in one.records
        for kind in ("gate", "asked", "ending", "touched")
    }
    assert gates <= found.keys()
    views = {
        name for (name,) in rows("SELECT 'publication.' || viewname FROM pg_views WHERE schemaname = 'publication'")
    }
    assert views == gates, "no other view shows what is behind the gate"
    columns = "SELECT DISTINCT column_name FROM information_schema.columns WHERE table_name LIKE 'touched\\_%'"
    assert rows(columns) == [("record_id",)]


def opened_to_persons(**changes):
    """Return the portal's licences with natural persons admitted, and their number named."""
    taken = catalogue().platforms["portal"].records["licence"]
    columns = taken.columns | {"证件号码": Projection(field="XK_XDR_ZJHM"), "证件": Projection(field="XK_FR_ZJHM")}
    parties = (*taken.parties, "自然人")
    opened = taken.model_copy(update={"parties": parties, "columns": columns, "natural_persons_basis": "依申请公开"})
    return catalogue().platforms["portal"].records | {"licence": opened.model_copy(update=changes)}


LICENSED = {name.replace("cf_", "xk_"): value for name, value in PERSON.items()}


def test_licences_of_natural_persons_are_closed_until_they_are_opened_and_then_shown_by_name_with_a_masked_number():
    representative = {"xk_fr_zjlx": "身份证", "xk_fr_zjhm": NUMBER}
    taken_in(day(1), [a_licence(1, **LICENSED, xk_frdb=None), a_licence(2, **representative)], "approvals_licence")
    assert {name: set(cleared(name, "licence")) for name in ("city", "portal")} == {"city": {"许2"}, "portal": {"许2"}}
    with declared("portal", records=opened_to_persons()):
        found = cleared("portal", "licence")
        assert found.keys() == {"许1", "许2"}
        assert (found["许1"].payload["行政相对人名称"], found["许1"].payload["证件号码"]) == ("林建国", "1******X")
        assert found["许2"].payload["证件"] is None, "the number of a representative is public nowhere"


def test_a_platform_may_suspend_a_record_while_an_objection_is_open():
    taken_in(day(1), [a_penalty(1), a_penalty(2)])
    with declared("city", objection="suspend"):
        told("city", day(1))
        answered("city")
        papers = {"person": "林信用", "basis": "信用修复管理办法"}
        act = Act(kind="objection", sought=document(1), document_number="异1", effective_on=day(2), **papers)
        stages.record_act(act, day(2))
        assert told("city", day(2)) == [("withdraw", "objection_lodged", key_of(1))]
        answered("city")
        stages.record_act(replace(act, kind="dismissed", effective_on=day(3)), day(3))
        assert told("city", day(3)) == [("restore", None, key_of(1))]


def test_an_objection_is_written_where_a_platform_has_a_code_for_it():
    taken_in(day(1), [a_licence(1)], "approvals_licence")
    assert cleared("city", "licence")["许1"].payload["XK_ZT"] == "1"
    told("city", day(1))
    answered("city")
    act = Act("objection", "许1", "林信用", "信用修复管理办法", "异1", day(1))
    stages.record_act(act, day(1))
    assert cleared("city", "licence")["许1"].payload["XK_ZT"] == "2"


def test_what_a_rule_takes_back_is_withdrawn_as_retracted():
    taken_in(day(1), [a_penalty(1), a_penalty(2)])
    told("city", day(1))
    answered("city")
    execute("DELETE FROM warehouse.penalty WHERE cf_wsh = :document", document=document(1))
    assert told("city", day(2)) == [("withdraw", "retracted_as_wrong", key_of(1))]


def test_the_national_node_counts_from_its_own_first_day_and_shows_no_mere_warning():
    known_subject()
    kinds = {1: "警告", 2: "通报批评", 3: "罚款"}
    taken_in(day(1), [a_penalty(number, cf_cflb=kind, cf_jdrq="2025-06-01") for number, kind in kinds.items()])
    assert cleared("national").keys() == {document(2), document(3)}
    first = (
        "INSERT INTO publication.first_receipt SELECT 'national', 'penalty', record_id, :when FROM warehouse.penalty"
    )
    execute(first, when=day(1))
    assert cleared("national", when=date(2027, 2, 23)).keys() == {document(2), document(3)}
    assert cleared("national", when=date(2027, 2, 24)).keys() == {document(3)}
