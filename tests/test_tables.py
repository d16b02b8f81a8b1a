"""Tables that follow the catalogue: they grow, keep what they hold, and refuse what would lose it."""

from __future__ import annotations

import shutil

import pytest
import sqlalchemy as sa
from deliveries import a_penalty, day, take_in

from xinyong.catalogue import catalogue
from xinyong.catalogue.records import Field
from xinyong.database import connected
from xinyong.errors import WarehouseError
from xinyong.settings import catalogue_dir
from xinyong.tables import differences, field_names, follow_catalogue, identity_columns, metadata

NEW_FIELD = "  CF_NEW: {title: 新栏目, length: 20}\n"


@pytest.fixture
def declared(tmp_path):
    """A copy of the real catalogue; `read` gives it as it is now."""
    return shutil.copytree(catalogue_dir(), tmp_path / "catalogue")


def edited(folder, file, old, new):
    """Return the catalogue of a fresh copy with one text replaced."""
    target = shutil.copytree(folder, folder.with_name(f"{folder.name}_next"))
    text = (target / file).read_text("utf-8")
    assert old in text
    (target / file).write_text(text.replace(old, new), "utf-8")
    return catalogue(target)


def columns(table):
    schema, name = table.split(".")
    with connected() as connection:
        return [column["name"] for column in sa.inspect(connection).get_columns(name, schema)]


def follow(found):
    with connected() as connection:
        follow_catalogue(connection, found)


def different(found):
    with connected() as connection:
        return differences(connection, found)


def kept():
    with connected() as connection:
        return connection.scalar(sa.text("SELECT count(*) FROM warehouse.penalty WHERE cf_sy IS NOT NULL"))


def test_a_migrated_database_is_what_the_catalogue_declares(environment):
    assert different(catalogue()) == []


def test_a_database_that_lacks_a_column_says_so(environment):
    with connected() as connection:
        connection.execute(sa.text("DROP VIEW IF EXISTS warehouse.penalty_current CASCADE"))
        connection.execute(sa.text("ALTER TABLE warehouse.penalty DROP COLUMN cf_yxq CASCADE"))
    assert different(catalogue()) == ["add column warehouse.penalty.cf_yxq"]


def test_a_new_field_adds_its_column_records_the_step_and_keeps_what_is_there(environment, declared):
    take_in("enforcement_penalty", day(1), [a_penalty(1), a_penalty(2)])
    grown = edited(declared, "records/penalty.yml", "  BZ: {", NEW_FIELD + "  BZ: {")
    assert different(grown) == ["add column warehouse.penalty.cf_new"]
    follow(grown)
    assert different(grown) == [] and "cf_new" in columns("warehouse.penalty") and kept() == 2
    with connected() as connection:
        ddl = connection.scalars(sa.text("SELECT ddl FROM operation.catalogue_change ORDER BY change_id DESC LIMIT 1"))
        assert list(ddl) == ["add column warehouse.penalty.cf_new"]


@pytest.mark.proofs
def test_a_new_source_column_is_landed_beside_the_old_ones(environment, declared):
    take_in("enforcement_penalty", day(1), [a_penalty(1)])
    follow(edited(declared, "feeds/enforcement_penalty.yml", "  bz: bz\n", "  bz: bz\n  ajbh: case_number\n"))
    assert "case_number" in columns("landing.enforcement_penalty") and kept() == 1


@pytest.mark.proofs
def test_a_field_that_leaves_keeps_its_column_and_its_data(environment, declared):
    grown = edited(declared, "records/penalty.yml", "  BZ: {", NEW_FIELD + "  BZ: {")
    follow(grown)
    take_in("enforcement_penalty", day(1), [a_penalty(1)])
    follow(catalogue())
    assert "cf_new" in columns("warehouse.penalty") and different(catalogue()) == [] and kept() == 1


def test_a_field_of_another_type_is_refused_and_nothing_changes(environment, declared):
    changed = edited(
        declared, "records/penalty.yml", "CF_YXQ: {title: 处罚有效期, type: date}", "CF_YXQ: {title: 处罚有效期}"
    )
    with pytest.raises(WarehouseError) as refused:
        follow(changed)
    message = str(refused.value)
    assert message.startswith("The catalogue asks for a change that could lose data: ")
    assert "type of column warehouse.penalty.cf_yxq from DATE to TEXT" in message
    assert "Give the field a new code, or write a migration" in message
    assert different(catalogue()) == []


def test_a_whole_new_feed_gets_its_table(environment, declared):
    text = (declared / "feeds" / "registry_subject.yml").read_text("utf-8")
    (declared / "feeds" / "second_subject.yml").write_text(
        text.replace("name: registry_subject", "name: second_subject"), "utf-8"
    )
    found = catalogue(declared)
    assert different(found) == ["create table landing.second_subject"]
    follow(found)
    assert columns("landing.second_subject") == columns("landing.registry_subject")


def test_an_identity_field_has_its_sealed_parts_beside_its_masked_form():
    record_type = catalogue().records["penalty"]
    at = field_names(record_type).index("cf_fr_zjhm")
    parts = ["cf_fr_zjhm", "cf_fr_zjhm_sealed", "cf_fr_zjhm_hash", "cf_fr_zjhm_verdict"]
    assert field_names(record_type)[at : at + 4] == parts


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        ("enforcement_penalty", ["cf_fr_zjhm", "cf_xdr_zjhm"]),
        ("safety_licence_legacy", ["resident_number"]),
        ("registry_subject", []),
    ],
)
def test_a_feeds_identity_columns_are_those_of_its_fields_and_those_declared(feed, expected):
    found = catalogue()
    assert identity_columns(found.feeds[feed], found.records[found.feeds[feed].record_type]) == expected


def test_every_declared_field_has_its_column_in_template_order():
    found = catalogue()
    made = metadata(found).tables
    for name, record_type in found.records.items():
        own = [column.name for column in made[f"warehouse.{name}"].columns if column.name.upper() in record_type.fields]
        assert own == [code.lower() for code in record_type.fields]


def test_a_text_in_landing_has_no_length_that_could_refuse_a_row():
    assert Field(title="x", length=1).length == 1
    landing = metadata(catalogue()).tables["landing.safety_penalty"]
    assert {str(column.type) for column in landing.columns if column.name.startswith("cf_")} == {"TEXT", "BYTEA"}
