"""Declarations: every kind of wrong one is refused before anything runs, naming file and key."""

from __future__ import annotations

import shutil

import pytest
import yaml

from xinyong.catalogue import catalogue
from xinyong.errors import CatalogueError
from xinyong.settings import catalogue_dir


@pytest.fixture
def declared(tmp_path):
    """A copy of the real catalogue that a test may spoil."""
    return shutil.copytree(catalogue_dir(), tmp_path / "catalogue")


def refusal(folder):
    with pytest.raises(CatalogueError) as refused:
        catalogue(folder)
    return str(refused.value)


def edited(folder, file, *changes):
    """Set or remove keys of one file, each given as a path and a value."""
    path = folder / file
    content = yaml.safe_load(path.read_text("utf-8"))
    for keys, value in changes:
        *way, last = keys
        place = content
        for key in way:
            place = place[key]
        if value is GONE:
            del place[last]
        else:
            place[last] = value
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")


GONE = object()
PENALTY, FEED, LEGACY = "records/penalty.yml", "feeds/safety_penalty.yml", "feeds/safety_licence_legacy.yml"
ENFORCEMENT, CITY, PORTAL = "feeds/enforcement_penalty.yml", "platforms/city.yml", "platforms/portal.yml"


def case(file, keys, value, expected, id):  # noqa: A002 – named as pytest names it
    return pytest.param(file, keys, value, expected, id=id)


WRONG = [
    case("department.yml", ["colour"], "red", "colour: unknown key (found value 'red')", "department: unknown key"),
    case("department.yml", ["uscc"], "1135", "uscc: String should match pattern", "department: a code too short"),
    case(
        "department.yml",
        ["sections", "safety", "title", "en"],
        GONE,
        "sections.safety.title.en: this key is missing",
        "section: title",
    ),
    case(PENALTY, ["prefix"], GONE, "prefix: this key is missing", "record: missing key"),
    case(PENALTY, ["name"], "fine", "name: found `fine`, expected `penalty` as the file is called", "record: name"),
    case(PENALTY, ["name"], "Penalty!", "name: String should match pattern", "record: no name for a table"),
    case(
        PENALTY,
        ["disclosure"],
        "secret",
        "disclosure: Input should be 'public', 'on_authorisation'",
        "record: disclosure",
    ),
    case(
        PENALTY,
        ["deadline", "working_days"],
        "seven",
        "deadline.working_days: Input should be a valid integer",
        "record: wrong type",
    ),
    case(
        PENALTY,
        ["disclosure_by"],
        {"field": "CF_OPEN", "classes": {"0": "public"}},
        "CF_OPEN: no such field",
        "record: told by an unknown field",
    ),
    case(
        CITY,
        ["records", "penalty", "columns", "CF_SYFW"],
        {"field": "CF_SYFW"},
        "columns.CF_SYFW: CF_SYFW is `internal`, which no platform is told",
        "platform: what is ours alone",
    ),
    case(PENALTY, ["fields"], {}, "fields: Dictionary should have at least 1 item", "record: no fields"),
    case(
        PENALTY,
        ["business_key"],
        ["CF_X"],
        "file: CF_X: no such field; the fields are CF_XDR_MC",
        "record: key of an unknown field",
    ),
    case(PENALTY, ["party", "uscc"], "CF_X", "file: CF_X: no such field", "record: party of an unknown field"),
    case(
        PENALTY,
        ["fields", "CF_SY", "lenght"],
        5,
        "fields.CF_SY.lenght: unknown key (found value 5)",
        "field: misspelt key",
    ),
    case(
        PENALTY,
        ["fields", "CF_SY", "type"],
        "number",
        "fields.CF_SY.type: Input should be 'text', 'date'",
        "field: unknown type",
    ),
    case(
        PENALTY,
        ["fields", "cf_new"],
        {"title": "新"},
        "fields.cf_new.[key]: String should match pattern",
        "field: code in lower case",
    ),
    case(
        PENALTY,
        ["fields", "CF_SY", "paired_with"],
        "CF_X",
        "file: CF_X: no such field",
        "field: paired with an unknown one",
    ),
    case(
        PENALTY,
        ["fields", "CF_FR_ZJHM", "document_kind"],
        GONE,
        "CF_FR_ZJHM: document_kind belongs to every identity field",
        "field: identity without its kind",
    ),
    case(
        PENALTY,
        ["fields", "CF_CFLB", "codes"],
        "kinds",
        "fields.CF_CFLB.codes: found `kinds`, expected one of",
        "field: unknown code table",
    ),
    case(
        PENALTY,
        ["publicity", "severity"],
        "order_1",
        "publicity.severity: found `order_1`, expected one of",
        "record: unknown severity",
    ),
    case(
        PENALTY,
        ["publicity", "severity_of"],
        GONE,
        "publicity.severity_of: this key is missing",
        "record: severity of nothing",
    ),
    case(
        FEED,
        ["section"],
        "police",
        "section: found `police`, expected one of",
        "feed: unknown section",
    ),
    case(FEED, ["record_type"], "fine", "record_type: found `fine`, expected one of", "feed: unknown record type"),
    case(
        FEED,
        ["source", "kind"],
        "ftp",
        "source: Input tag 'ftp' found using 'kind' does not match",
        "feed: unknown kind of source",
    ),
    case(FEED, ["source", "sheet"], GONE, "source.excel.sheet: this key is missing", "feed: no sheet"),
    case(
        FEED,
        ["source", "pattern"],
        "a.xlsx",
        "source.excel.pattern: without {date} every night",
        "feed: pattern without a date",
    ),
    case(
        FEED,
        ["source", "data_row"],
        2,
        "source.excel: data_row 2 must stand under header_row 2",
        "feed: data above headings",
    ),
    case(
        FEED,
        ["bounds", "max_shrink_percent"],
        120,
        "bounds.max_shrink_percent: Input should be less than or equal to 100",
        "feed: bound of 120 %",
    ),
    case(FEED, ["bounds", "max_rows"], 0, "bounds: max_rows 0 is less than min_rows 1", "feed: bounds without room"),
    case(FEED, ["bounds", "reason"], GONE, "bounds.reason: this key is missing", "feed: bounds without a reason"),
    case(FEED, ["columns", "备注"], "cf_sy", "columns: cf_sy is the target of two source columns", "feed: two targets"),
    case(FEED, ["columns", "备注"], "CF SY", "columns.备注: String should match pattern", "feed: no name for a column"),
    case(
        FEED,
        ["columns", "备注"],
        "row_number",
        "columns: row_number is a column of landing itself",
        "feed: a column of landing",
    ),
    case(
        FEED,
        ["columns", "违法事实"],
        GONE,
        "fields: nothing fills CF_SY (违法事实), which `penalty` requires",
        "feed: a required field left out",
    ),
    case(FEED, ["optional"], ["电话"], "optional: 电话 is not a source column", "feed: optional stranger"),
    case(
        FEED,
        ["identity"],
        {"phone": "身份证"},
        "phone: not landed by any entry of columns",
        "feed: identity of a stranger",
    ),
    case(FEED, ["source_id"], "number", "number: not landed by any entry of columns", "feed: id of a stranger"),
    case(
        ENFORCEMENT,
        ["fields", "CF_X"],
        {"constant": "1"},
        "fields.CF_X: found `CF_X`, expected one of CF_XDR_MC",
        "feed: unknown field",
    ),
    case(
        ENFORCEMENT,
        ["fields", "CF_NR_FK", "constant"],
        "1",
        "fields.CF_NR_FK: give exactly one of source, constant",
        "feed: two ways to derive",
    ),
    case(
        ENFORCEMENT,
        ["fields", "CF_NR_FK", "yuan_about"],
        "罚款",
        "fields.CF_NR_FK: codes, divided_by, pattern, yuan_about: each reads a source; give one of them",
        "feed: two ways to read a source",
    ),
    case(
        ENFORCEMENT,
        ["fields", "CF_NR_ZKDX"],
        {"constant": "1", "pattern": "(.)"},
        "fields.CF_NR_ZKDX: codes, divided_by, pattern, yuan_about: each reads a source",
        "feed: a pattern of no source",
    ),
    case(
        ENFORCEMENT,
        ["fields", "CF_NR_ZKDX"],
        {"source": "cf_nr", "pattern": "吊销(.*)(证)"},
        "fields.CF_NR_ZKDX.pattern: 2 groups in brackets; expected one",
        "feed: a pattern that takes two things",
    ),
    case(
        ENFORCEMENT,
        ["fields", "CF_NR_ZKDX"],
        {"source": "cf_nr", "pattern": "吊销(.*"},
        "fields.CF_NR_ZKDX.pattern: no regular expression: missing )",
        "feed: a broken pattern",
    ),
    case(
        ENFORCEMENT,
        ["fields", "CF_NR_FK", "source"],
        "fine",
        "fine: not landed by any entry of columns",
        "feed: derived from a stranger",
    ),
    case(
        ENFORCEMENT,
        ["source", "query"],
        "extract/none",
        "source.query: found `extract/none`, expected the path of a file sql/",
        "feed: no such query",
    ),
    case(
        LEGACY,
        ["source", "encodings"],
        ["gb2313"],
        "source.csv.encodings.0: no such encoding",
        "feed: unknown encoding",
    ),
    case(
        LEGACY,
        ["source", "delimiter"],
        ";;",
        "source.csv.delimiter: String should have at most 1 character",
        "feed: delimiter",
    ),
    case(
        PORTAL,
        ["records", "penalty", "parties"],
        ["法人及非法人组织", "自然人"],
        "records.penalty.parties: natural persons of `penalty` are never public",
        "platform: natural persons",
    ),
    case(
        PORTAL,
        ["records", "fine"],
        {"table_code": "x", "title": "x", "parties": [], "columns": {}},
        "records.fine: found `fine`, expected one of",
        "platform: unknown record type",
    ),
    case(
        CITY,
        ["channel"],
        "mail",
        "channel: Input should be 'service', 'database', 'file' or 'portal'",
        "platform: unknown channel",
    ),
    case(CITY, ["batch_size"], 0, "batch_size: Input should be greater than or equal to 1", "platform: empty batches"),
    case(
        CITY,
        ["records", "penalty", "columns", "CF_SY"],
        {"field": "CF_X"},
        "records.penalty.columns.CF_SY: found `CF_X`",
        "platform: unknown field",
    ),
    case(
        CITY,
        ["records", "penalty", "columns", "CF_SY"],
        {},
        "records.penalty.columns.CF_SY: give exactly one of field",
        "platform: a column of nothing",
    ),
    case(LEGACY, ["ended"], {"XK_X": "撤销"}, "ended.XK_X: found `XK_X`, expected one of", "feed: ends by no field"),
    case(LEGACY, ["change"], "incremental", "ended: only a full register ends records", "feed: ends bit by bit"),
    case(
        CITY,
        ["records", "penalty", "required"],
        ["CF_X"],
        "records.penalty: found `CF_X`, expected one of",
        "platform: unknown column",
    ),
    case(
        "codes/penalty_kind.yml",
        ["respelled", 0, "becomes"],
        "暂扣证件",
        "respelled: `暂扣证件` is no value of the table",
        "code table: a spelling that leads nowhere",
    ),
    case(
        "codes/penalty_kind.yml",
        ["respelled", 0, "of"],
        ["罚款"],
        "respelled: `罚款` is a value itself and needs no other spelling",
        "code table: a value called a spelling",
    ),
    case(
        "codes/party_kind.yml",
        ["values"],
        ["自然人"],
        "values.0: Input should be a valid dictionary",
        "code table: bare value",
    ),
    case(
        "severity/order_36.yml",
        ["default"],
        "很严重",
        "default `很严重` is not one of 轻微, 一般, 严重",
        "severity: unknown default",
    ),
    case(
        "severity/order_58.yml",
        ["in_force_from"],
        "2026-04-01",
        "in_force_from: 2026-04-01 is also that of `order_36`; one is in force on a day",
        "severity: two sets at once",
    ),
    case(
        "severity/order_36.yml",
        ["classes", "一般", "min_months"],
        24,
        "classes.一般: min_months 24 is more than max_months 12",
        "severity: repair after the end",
    ),
    case(
        PENALTY,
        ["publicity", "domain_of"],
        GONE,
        "publicity.domain_of: `order_58` asks what a record is about",
        "severity: nobody says what it is about",
    ),
    case(
        "records/untrustworthy_subject.yml",
        ["publicity", "severity_class"],
        "很严重",
        "publicity.severity_class: found `很严重`, expected one of",
        "record: a class of no set",
    ),
    case(
        PORTAL,
        ["records", "red_list", "listed"],
        "荣誉",
        "records.red_list: found `荣誉`, expected one of 机构全称",
        "platform: a list of no column",
    ),
    case(
        PORTAL,
        ["records", "penalty", "columns", "证件"],
        {"field": "CF_FR_ZJHM"},
        "records.penalty.columns.证件: CF_FR_ZJHM is the number of a person whom the record is not about",
        "platform: the number of a representative",
    ),
    case(
        PORTAL,
        ["records", "licence", "parties"],
        ["自然人"],
        "records.licence.natural_persons_basis: this key is missing",
        "platform: natural persons without a legal basis",
    ),
    case(
        PORTAL,
        ["records", "penalty", "publicity"],
        "mine",
        "records.penalty.publicity: found `mine`, expected one of gsxt, general",
        "platform: unknown periods",
    ),
    case(
        PORTAL,
        ["records", "penalty", "columns", "异议标注"],
        {"objection": "异议", "repair_from": True},
        "give exactly one of field, subject, constant, publicity_until, repair_from, severity, objection",
        "platform: two things in one column",
    ),
    case(
        PORTAL,
        ["records", "penalty", "columns", "异议标注"],
        {"objection": "异议", "when_objected": "2"},
        "when_objected takes the place of a field; name the field",
        "platform: a mark in place of nothing",
    ),
    case(
        "acts.yml", ["kinds", "repair"], GONE, "kinds: repair: missing; every kind of act has its clock", "acts: kind"
    ),
    case("acts.yml", ["kinds", "annulment", "working_days"], 0, "greater than or equal to 1", "acts: no time at all"),
    case("acts.yml", ["kinds", "annulment", "basis"], "", "at least 2 characters", "acts: no basis"),
    case("acts.yml", ["kinds", "objection", "answer_days"], GONE, "must be answered in time", "acts: no answer"),
]


def test_a_set_that_judges_an_amount_needs_the_field_that_holds_it(declared):
    edited(declared, "severity/order_36.yml", (["classes", "严重", "from_amount"], {"没收违法所得": 50}))
    assert "records/penalty.yml: publicity.amounts: `order_36` judges the amount of 没收违法所得" in refusal(declared)


def test_a_field_that_is_closed_to_an_audience_is_named_at_none_of_its_platforms(declared):
    edited(declared, PENALTY, (["fields", "CF_SY", "disclosure"], "government_only"))
    message = refusal(declared)
    assert "portal.yml: records.penalty.columns.违法事实: CF_SY is `government_only`, which `portal` may" in message
    assert "city.yml" not in message


@pytest.mark.parametrize(("file", "keys", "value", "expected"), WRONG)
def test_a_wrong_declaration_is_refused_by_file_and_key(declared, file, keys, value, expected):
    edited(declared, file, (keys, value))
    message = refusal(declared)
    assert f"catalogue/{file}: {expected}" in message or (expected in message and f"catalogue/{file}: " in message)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("name: penalty\nname: penalty\n", "the key name is given twice", id="a key twice"),
        pytest.param("name: [penalty\n", "is not readable YAML", id="no YAML"),
        pytest.param("", "file: Input should be a valid dictionary", id="empty"),
        pytest.param("- a\n- b\n", "file: Input should be a valid dictionary", id="a list"),
        pytest.param("x: !!python/object/apply:os.system [id]\n", "is not readable YAML", id="code"),
    ],
)
def test_a_file_that_is_no_declaration_is_refused(declared, text, expected):
    (declared / PENALTY).write_text(text, "utf-8")
    message = refusal(declared)
    assert message.startswith("catalogue/records/penalty.yml") and expected in message


def test_a_key_given_twice_deep_inside_is_refused_with_its_line(declared):
    path = declared / FEED
    path.write_text(path.read_text("utf-8").replace("  备注: bz", "  备注: bz\n  备注: cf_sy"), "utf-8")
    message = refusal(declared)
    assert (
        "catalogue/feeds/safety_penalty.yml" in message
        and "the key 备注 is given twice" in message
        and "line" in message
    )


def test_a_file_in_another_encoding_is_refused(declared):
    path = declared / PENALTY
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    assert refusal(declared).startswith("catalogue/records/penalty.yml is not UTF-8")


def test_a_file_that_would_be_passed_over_is_refused(declared):
    (declared / "feeds" / "new.yaml").touch()
    assert refusal(declared).startswith("catalogue/feeds/new.yaml would be passed over")


def test_a_missing_department_is_named(declared):
    (declared / "department.yml").unlink()
    assert refusal(declared).startswith("catalogue/department.yml is missing")


def test_every_contradiction_is_told_at_once(declared):
    edited(declared, FEED, (["section"], "police"))
    edited(declared, PENALTY, (["fields", "CF_CFLB", "codes"], "kinds"))
    edited(declared, CITY, (["records", "penalty", "columns", "CF_SY", "field"], "CF_X"))
    message = refusal(declared)
    assert (
        message.startswith("The catalogue contradicts itself; nothing has run.") and message.count("\ncatalogue/") == 3
    )


def test_every_problem_of_one_file_is_told_at_once(declared):
    edited(declared, FEED, (["colour"], "red"), (["schedule"], GONE), (["precedence"], "first"))
    assert refusal(declared).count("catalogue/feeds/safety_penalty.yml: ") == 3


def test_the_real_catalogue_is_without_contradiction_and_cannot_be_changed():
    found = catalogue()
    assert {"penalty", "licence", "subject"} <= found.records.keys()
    assert {"city", "national", "portal"} <= found.platforms.keys()
    with pytest.raises(Exception, match="frozen"):
        found.feeds["safety_penalty"].section = "police"


def test_penalty_and_licence_are_complete_in_the_template():
    records = catalogue().records
    for name, prefix, count in (("penalty", "CF_", 29), ("licence", "XK_", 27)):
        fields = records[name].template_fields
        assert (len([code for code in fields if code.startswith(prefix)]), list(fields)[-1]) == (count, "BZ")
    texts = [field for field in records["penalty"].template_fields.values() if field.type in ("text", "identity")]
    assert all(field.length for field in texts)


def test_feeds_of_a_record_type_come_in_the_order_they_prevail():
    assert [feed.precedence for feed in catalogue().feeds_of("penalty")] == [1, 2]


def test_nothing_heavy_is_imported_with_the_catalogue():
    import subprocess
    import sys

    heavy = "{'sqlalchemy', 'pandas', 'great_expectations', 'openpyxl', 'requests', 'psycopg2'}"
    code = f"import sys; from xinyong.catalogue import catalogue; catalogue(); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
