"""
Nothing that must stay inside gets out: markers are planted in every text field, a night runs, and all that left it or
that people beside it read is searched: items, portal files, Data Docs, logs, what tasks hand on or raise, rectification
lists.

The platforms are opened as wide as the catalogue admits: every text field, every kind of party.
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
from dataclasses import replace

import pytest
import sqlalchemy as sa
from deliveries import day, known_at, rows
from spellings import PASSPORTS, RESIDENT, TELEPHONES
from staged import VALID
from telling import running_by

from xinyong import stages
from xinyong.catalogue import catalogue
from xinyong.catalogue.platforms import PlatformRecord, Projection
from xinyong.database import connected, run
from xinyong.errors import PlatformUnavailable, XinyongError
from xinyong.extract.delivery import Delivery
from xinyong.landing import land
from xinyong.quality.generate import _NUMBERED
from xinyong.sealing import sealer

IDENTITY, MOBILE, CARD, LANDLINE = "11010519491231002X", "13859812345", "6222020200112233446", "0598-8123456"
MARKERS = {
    "identity": IDENTITY,
    "full width": "１１０１０５１９４９１２３１００２Ｘ",
    "mobile": MOBILE,
    "card": CARD,
    "landline": LANDLINE,
}
SPELT = [*RESIDENT.values(), *TELEPHONES.values(), *PASSPORTS.values()]  # planted in prose and in one short text each
PLATFORMS = ("city", "national", "portal")
PERSON, SECRET = "欧阳私人", "内部掌握不公开"
PEOPLE = "自然人"


def feed_of(record_type):
    """Return a feed that delivers every field of a record type under its own code, whatever comes of it."""
    like = catalogue().feeds["safety_penalty"]
    bounds = like.bounds.model_copy(update={"max_quarantined_percent": 100})
    columns = {code.lower(): code.lower() for code in record_type.fields}
    own = {"name": f"leak_{record_type.name}", "record_type": record_type.name, "bounds": bounds}
    return like.model_copy(update=own | {"columns": columns, "fields": {}, "identity": (), "source_id": None})


def opened(platform, record_type):
    """Return all that a platform could possibly take of a record type."""
    text = [code for code, field in record_type.fields.items() if field.type != "identity"]
    if record_type.party.identity and record_type.natural_persons == "masked":
        text.append(record_type.party.identity)
    shown = [code for code in text if record_type.disclosure_of(code) == "public" or platform.audience == "government"]
    closed = platform.audience == "public" and record_type.natural_persons == "never"
    return PlatformRecord(
        table_code=record_type.name,
        title=record_type.title.zh,
        parties=("法人及非法人组织", "个体工商户", *(() if closed else (PEOPLE,))),
        natural_persons_basis="为测试而开放",
        columns={code: Projection(field=code) for code in shown},
    )


def wide_open(names):
    """Return the catalogue with a feed for each of these types, and every platform open for all their fields."""
    found = catalogue()
    records = dict(found.records)
    for name in names:
        secret = secret_field(records[name])
        fields = records[name].fields
        closer = fields[secret].model_copy(update={"disclosure": "government_only"})
        records[name] = records[name].model_copy(update={"fields": fields | {secret: closer}})
    feeds = {feed.name: feed for feed in (feed_of(records[name]) for name in names)}
    platforms = {
        name: platform.model_copy(update={"records": {one: opened(platform, records[one]) for one in names}})
        for name, platform in found.platforms.items()
        if name in PLATFORMS
    }
    return replace(found, records=records, feeds=found.feeds | feeds, platforms=platforms)


def secret_field(record_type):
    """Return the field that the test calls closed to the public: prose, or any text but those a record is named by."""
    named = {record_type.document, record_type.party.name, record_type.party.kind, *record_type.business_key}
    texts = [code for code, field in record_type.fields.items() if field.type == "text" and not field.codes]
    return next(code for code in reversed(texts) if code not in named)


def planted(record_type):
    """Return valid rows, each with one marker in one text field, and those of a natural person."""
    valid = {name: value for name, value in VALID[record_type.name].items() if not name.endswith("_verdict")}
    if record_type.name == "penalty":  # a warning alone is published nowhere
        valid |= {"cf_cflb": "罚款", "cf_nr": "罚款1万元", "cf_nr_fk": "1"}
    if record_type.party.identity and not record_type.party.kind:
        valid |= {record_type.party.identity.lower(): IDENTITY}
    document = record_type.document.lower()
    number, found = 0, [valid | {document: f"{valid[document]}-0", secret_field(record_type).lower(): SECRET}]
    for code, field in record_type.fields.items():
        if field.type == "identity":
            continue
        for marker in MARKERS.values():
            if marker == CARD and _NUMBERED.search(field.title):
                continue  # in a field of numbers a card's cannot be told from the others
            number += 1
            own = {document: f"{valid[document]}-{number}"}
            name = code.lower()
            found.append(valid | own | {name: f"{valid.get(name) or '当事人'}（{marker}）"})
    for name in spelt_in(record_type):
        found += [
            valid | {document: f"{valid[document]}-{name}-{at}", name: f"当事人，{text}，"}
            for at, text in enumerate(SPELT)
        ]
    return [*found, *natural_persons(record_type, valid | {document: f"{valid[document]}-P"})]


def spelt_in(record_type):
    """Return a field of prose and a short one, where these have any, in which unusual spellings are planted."""
    texts = {code: field for code, field in record_type.fields.items() if field.type == "text" and not field.codes}
    named = {record_type.document, *record_type.business_key}
    prose = [code for code, field in texts.items() if field.long_text]
    short = [
        code for code, f in texts.items() if not f.long_text and code not in named and not _NUMBERED.search(f.title)
    ]
    return [code.lower() for code in (*prose[:1], *short[:1])]


def natural_persons(record_type, valid):
    party = record_type.party
    if not party.kind or not party.identity:
        return []
    blank = {code.lower(): None for code, field in record_type.fields.items() if PEOPLE in field.blank_for}
    kind = record_type.fields[party.identity].document_kind.lower()
    own = {party.name.lower(): PERSON, party.kind.lower(): PEOPLE, party.identity.lower(): IDENTITY, kind: "身份证"}
    return [valid | blank | own]


def taken_in(found, name, delivered):
    """Land, check by the real rules and store; return what the tasks hand on and what they raised."""
    feed = found.feeds[f"leak_{name}"]
    cells = ([row.get(column) for column in feed.columns] for row in delivered)
    delivery = Delivery(f"{name}.csv", tuple(feed.columns), cells)
    said = []
    with connected() as connection:
        batch_id = land(connection, feed, found.records[name], delivery, day(1), known_at(day(1)), sealer())
        intake = {"feed": feed.name, "business_date": day(1), "batch_id": batch_id, "outcome": "landed"}
        run(connection, "operation/record_intake", **intake, problem=None)
    for step in (stages.check, stages.store):
        try:
            said.append(step(batch_id, day(1)))
        except XinyongError as error:
            said.append(str(error))
    return [batch_id, *said]


def night(environment, names):
    """Run a night with everything planted; return what tasks handed on."""
    found = wide_open(names)
    with running_by(found):
        handed_on = [taken_in(found, name, planted(found.records[name])) for name in names]
        stages.aggregate(day(1))
        for platform in PLATFORMS:
            handed_on.append(stages.reconcile(platform, day(1)))
            if platform == "city":
                handed_on.append(refused_by_the_city(handed_on[-1][0]))
        for number in handed_on[-1]:
            handed_on.append(stages.send("portal", number))
            handed_on.append(stages.collect("portal", number))
        stages.settle_platform("portal", day(1))
        for feed in (f"leak_{name}" for name in names):
            stages.settle(feed, day(1))
        stages.report(day(1))
    return handed_on


def refused_by_the_city(number):
    """Tell a platform that does not answer; return what is said about it."""
    with pytest.raises(PlatformUnavailable) as caught:
        stages.send("city", number)
    return str(caught.value)


def texts_of(folder):
    """Return every file below a folder as text; workbooks and archives are looked into."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in (".sqlite", ".lock"):
            content = path.read_bytes()
            found[str(path.relative_to(folder))] = (
                unzipped(content) if content[:2] == b"PK" else content.decode("utf-8", "replace")  # one is a signature
            )
    return found


def unzipped(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def told(platform):
    query = "SELECT natural_key || payload::text FROM publication.item WHERE platform = :platform AND state <> 'x'"
    return [text for (text,) in rows(query, platform=platform)]


def holding(texts, *markers):
    """Return which of these texts hold which of the markers."""
    named = texts.items() if isinstance(texts, dict) else enumerate(texts)
    return [(name, marker) for name, text in named for marker in markers if marker in text]


def written_in_json(text):
    return json.dumps(text, ensure_ascii=False)[1:-1]


def tables_holding(*markers):
    """Return which tables hold one of the markers; each is read once."""
    everything = rows(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_schema IN ('landing', 'quality', 'warehouse', 'publication', 'operation')"
    )
    with connected() as connection:
        connection.execute(sa.text("SELECT set_config('xinyong.logical_date', '2026-11-24', TRUE)"))
        held = "EXISTS (SELECT FROM unnest(:markers) AS marker WHERE strpos(held::text, marker) > 0)"
        query = f"SELECT EXISTS (SELECT FROM {{}} AS held WHERE {held})"
        return [
            table
            for (table,) in everything
            if connection.execute(sa.text(query.format(table)), {"markers": list(markers)}).scalar_one()
        ]


def assert_nothing_leaks(environment, caplog, names):
    caplog.set_level(logging.DEBUG)
    handed_on = night(environment, names)
    numbers = [*MARKERS.values(), *SPELT, *map(written_in_json, SPELT)]
    everywhere = [*numbers, PERSON]
    pages, reports = texts_of(environment / "portal"), texts_of(environment / "reports")
    lists = {name: text for name, text in reports.items() if name.endswith(".xlsx")}
    beside = {name: text for name, text in reports.items() if name not in lists}
    assert all(map(told, PLATFORMS)), f"the sound record was not told: {handed_on}"
    assert any("data_docs" in name for name in beside)
    people = [] if catalogue().records[names[0]].natural_persons == "masked" else [PERSON]
    for public in ("national", "portal"):
        assert holding(told(public), *numbers, *people, SECRET) == [], public
    assert holding(told("city"), *numbers) == []
    assert holding(pages, *numbers, *people, SECRET) == []
    assert holding(beside, *everywhere, SECRET) == []
    assert holding([caplog.text, json.dumps(handed_on, default=str, ensure_ascii=False)], *everywhere, SECRET) == []
    assert holding(lists, IDENTITY, *RESIDENT.values()) == [], "a section sees its own records, but no identity number"
    assert tables_holding(IDENTITY, MARKERS["full width"], *RESIDENT.values()) == []


@pytest.fixture
def open_portal(environment, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_PORTAL", (environment / "portal").as_uri())
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_CITY", "http://department:secret@127.0.0.1:9/")
    return environment


@pytest.mark.parametrize("name", ["penalty", pytest.param("licence", marks=pytest.mark.proofs)])
def test_nothing_planted_in_a_penalty_or_licence_gets_out(open_portal, caplog, name):
    assert_nothing_leaks(open_portal, caplog, [name])


OTHERS = [name for name, one in catalogue().records.items() if one.disclosure == "public" and name in VALID]


@pytest.mark.proofs
@pytest.mark.parametrize("name", [name for name in OTHERS if name not in ("penalty", "licence", "subject")])
def test_nothing_planted_in_any_other_type_gets_out(open_portal, caplog, name):
    assert_nothing_leaks(open_portal, caplog, [name])
