"""Landing: as received, once, whole or not at all, streamed, and without a plain identity number anywhere."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
import sqlalchemy as sa
from files import HEADINGS, NIGHT, SUBJECT, TABLE, WORKBOOK, a_penalty_row, a_table, a_workbook

from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.errors import UnexpectedShape
from xinyong.extract import Delivery, csv, excel
from xinyong.landing import batch, land
from xinyong.sealing import sealer
from xinyong.stages import known_at
from xinyong.staging import stage

NUMBERS = ("350402199001010012", "11010519491231002X", "440106198505050014", "350402197612120027")
FULL_WIDTH = "３５０４０２１９９００１０１００１２"
CODES = catalogue().records


@pytest.fixture(autouse=True)
def _world(environment):
    pass


def landed(feed, delivery, night=NIGHT):
    with connected() as connection:
        return land(connection, feed, CODES[feed.record_type], delivery, night, known_at(night), sealer())


def subjects(*rows, columns=None, night=NIGHT):
    """Land rows of subjects as the delivery of a night."""
    return landed(TABLE, Delivery("subjects.csv", tuple(columns or HEADINGS), iter(rows)), night)


def stored(feed=TABLE, columns="*"):
    with connected() as connection:
        found = connection.execute(sa.text(f"SELECT {columns} FROM landing.{feed.name} ORDER BY batch_id, row_number"))
        return [dict(row) for row in found.mappings()]


def batches():
    with connected() as connection:
        return connection.execute(sa.text("SELECT batch_id, row_count FROM landing.batch ORDER BY known_at")).all()


def test_rows_are_landed_as_received_with_their_batch():
    number = subjects(SUBJECT, [" 甲 ", *SUBJECT[1:]])
    assert [row["sub_mc"] for row in stored()] == ["三明示例机械有限公司", " 甲 "]
    assert [(row["batch_id"], row["row_number"], row["sub_zzjg"]) for row in stored()] == [
        (number, 1, None),
        (number, 2, None),
    ]
    with connected() as connection:
        one = batch(connection, number)
    assert (one.origin, one.row_count, one.state, one.unknown_columns) == ("subjects.csv", 2, "landed", [])


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param("一\n二\r\n三\t四", "一\n二\r\n三\t四", id="line ends and tabs"),
        pytest.param("C:\\N\\t", "C:\\N\\t", id="backslashes"),
        pytest.param("\\N", "\\N", id="what COPY calls NULL"),
        pytest.param("\\.", "\\.", id="what COPY calls the end"),
        pytest.param("一\0二", "一␀二", id="NUL"),
        pytest.param("\x01\x08\x0b\x1b\x7f", "\x01\x08\x0b\x1b\x7f", id="control characters"),
        pytest.param("'); DROP TABLE landing.batch; --", "'); DROP TABLE landing.batch; --", id="SQL"),
        pytest.param("{{ table }} :batch_id %s", "{{ table }} :batch_id %s", id="templates"),
        pytest.param("=1+1", "=1+1", id="formula"),
        pytest.param("１２３ＡＢＣ", "１２３ＡＢＣ", id="full-width"),
        pytest.param("𠮷䶮😀", "𠮷䶮😀", id="beyond two bytes"),
        pytest.param("长" * 100_000, "长" * 100_000, id="long"),
    ],
)
def test_a_strange_value_is_kept_as_it_stands(value, kept):
    subjects([value, *SUBJECT[1:]])
    assert stored()[0]["sub_mc"] == kept


def test_half_a_character_refuses_the_delivery_without_showing_the_row():
    with pytest.raises(UnexpectedShape, match=r"^subjects\.csv, row 2: a value holds half a character") as refused:
        subjects(SUBJECT, [f"\ud800{NUMBERS[0]}", *SUBJECT[1:]])
    assert refused.value.__cause__ is None and NUMBERS[0] not in str(refused.value)
    assert stored() == [] and batches() == []


def test_the_same_content_again_is_the_same_batch():
    first = subjects(SUBJECT)
    assert [subjects(SUBJECT), subjects(SUBJECT, night=NIGHT + timedelta(days=1))] == [first, first]
    assert len(stored()) == len(batches()) == 1


def test_the_same_content_in_another_order_of_columns_or_from_another_file_is_the_same_batch(tmp_path):
    wide = (*HEADINGS, "甲", "乙")
    first = subjects([*SUBJECT, "1", "2"], columns=wide)
    assert subjects(["2", "1", *reversed(SUBJECT)], columns=["乙", "甲", *reversed(HEADINGS)]) == first
    path = a_table(tmp_path / "other.csv", [[*SUBJECT, "1", "2"]], wide, encoding="gb18030")
    assert landed(TABLE, csv.read_file(TABLE, TABLE.source, path)) == first


def test_a_number_and_its_text_are_the_same_content(tmp_path):
    batches = [
        landed(
            WORKBOOK,
            excel.read_file(WORKBOOK, WORKBOOK.source, a_workbook(tmp_path / "a.xlsx", [a_penalty_row(cf_nr_fk=fine)])),
        )
        for fine in (0.5, "0.5")
    ]
    assert batches[0] == batches[1]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([[*SUBJECT[:-1], "注销"]], id="a value"),
        pytest.param([SUBJECT, SUBJECT], id="a row more"),
        pytest.param([], id="no row"),
        pytest.param([[SUBJECT[0] + "\t", *SUBJECT[1:]]], id="a tab"),
    ],
)
def test_changed_content_is_a_new_batch(rows):
    first = subjects(SUBJECT)
    assert subjects(*rows, night=NIGHT + timedelta(days=1)) > first
    assert [count for _, count in batches()] == [1, len(rows)]


def test_text_that_moves_from_one_cell_to_the_next_is_changed_content():
    first = subjects(["甲\t乙", "丙", *SUBJECT[2:]])
    assert subjects(["甲", "乙\t丙", *SUBJECT[2:]]) != first


def test_content_that_returns_after_a_change_is_a_new_batch():
    nights = [NIGHT + timedelta(days=at) for at in range(3)]
    found = [subjects([name, *SUBJECT[1:]], night=night) for name, night in zip("甲乙甲", nights, strict=True)]
    assert len(set(found)) == 3


def test_a_second_reading_of_a_night_with_other_content_is_known_after_the_first():
    found = [subjects(SUBJECT), subjects(["乙", *SUBJECT[1:]])]
    assert [number for number, _ in batches()] == found


def test_the_checksum_hangs_on_the_key_so_that_no_number_can_be_guessed_from_it(monkeypatch):
    def checksum():
        with connected() as connection:
            return connection.scalar(sa.text("SELECT checksum FROM landing.batch ORDER BY known_at DESC LIMIT 1"))

    subjects(SUBJECT)
    first = checksum()
    monkeypatch.setenv("XINYONG_HASHING_KEY", "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=")
    subjects(SUBJECT, night=NIGHT + timedelta(days=1))
    assert checksum() != first


def test_a_reading_that_breaks_off_leaves_nothing_and_says_why(tmp_path):
    path = a_table(tmp_path / "ragged.csv", [*[SUBJECT] * 5_000, ["x"]])
    with pytest.raises(UnexpectedShape, match=r"^ragged\.csv, row 5002: found 1 cells, expected 7"):
        landed(TABLE, csv.read_file(TABLE, TABLE.source, path))
    assert stored() == [] and batches() == []


def test_a_process_killed_in_the_middle_leaves_nothing_and_the_next_one_lands():
    def rows(pid):
        yield from [SUBJECT] * 2_000
        with connected() as other:  # as hard an end as a killed process: the server drops the connection
            other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        yield from [SUBJECT] * 200_000

    with pytest.raises(Exception, match="terminat|closed"), connected() as connection:
        pid = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        delivery = Delivery("subjects.csv", tuple(HEADINGS), rows(pid))
        land(connection, TABLE, CODES["subject"], delivery, NIGHT, known_at(NIGHT), sealer())
    assert stored() == [] and batches() == []
    assert subjects(SUBJECT) and len(stored()) == 1


def test_a_million_rows_are_never_held():
    """COPY asks for the next rows only when it has taken those before: the source is never far ahead of the reader."""
    from xinyong.landing import _Lines

    drawn = itertools.count()
    rows = ([next(drawn), *SUBJECT[1:]] for _ in range(1_000_000))
    lines = _Lines(1, TABLE, CODES["subject"], Delivery("x", tuple(HEADINGS), rows), sealer(), NIGHT)
    for asked in range(1, 4):
        assert len(lines.read(8192)) < 8192 * 1.1
        assert next(drawn) < asked * (8192 // 50)


def test_unknown_columns_are_kept_and_reported():
    number = subjects([*SUBJECT, "8888", ""], columns=[*HEADINGS, "电话", "传真"])
    assert stored(columns="unknown_columns")[0]["unknown_columns"] == {"电话": "8888"}
    with connected() as connection:
        assert batch(connection, number).unknown_columns == ["电话", "传真"]


def test_an_optional_column_that_is_absent_stays_blank():
    feed = TABLE.model_copy(update={"optional": (*TABLE.optional, "登记状态")})
    landed(feed, Delivery("x", tuple(HEADINGS)[:-1], iter([SUBJECT[:-1]])))
    assert stored()[0]["sub_zt"] is None


def planted_rows():
    """Return penalties with identity numbers where they belong and everywhere else."""
    person = {"cf_xdr_lb": "自然人", "cf_xdr_zjlx": "身份证", "cf_xdr_zjhm": NUMBERS[0]}
    return [
        a_penalty_row(**person),
        a_penalty_row(cf_fr_zjlx="身份证", cf_fr_zjhm=f" {NUMBERS[1].lower()} "),
        a_penalty_row(cf_sy=f"林某（身份证{NUMBERS[2]}）\n违法", cf_nr=f"\t{NUMBERS[3]}"),
        a_penalty_row(cf_xdr_zjhm=FULL_WIDTH, cf_yj=f"证件{FULL_WIDTH}号"),
        a_penalty_row(cf_xdr_shxym=NUMBERS[0], cf_wsh=NUMBERS[1], cf_nr_fk=int(NUMBERS[2])),
        a_penalty_row(cf_xdr_zjhm=f"{NUMBERS[0]}、{NUMBERS[3]}", cf_xdr_mc=f"林建国{NUMBERS[3]}"),
        a_penalty_row(cf_xdr_zjlx="身份证", cf_xdr_zjhm=NUMBERS[0][:-1] + "1", bz=f"即{NUMBERS[0][:-1]}3"),
        a_penalty_row(cf_xdr_zjhm="350402 19900101 0012"),
    ]


def everything():
    """Return every value of text, JSON and arrays in the database, in one text, by table and column."""
    with connected() as connection:
        columns = connection.execute(
            sa.text(
                "SELECT table_schema, table_name, column_name FROM information_schema.columns "
                "JOIN information_schema.tables USING (table_schema, table_name) WHERE table_type = 'BASE TABLE' "
                "AND table_schema NOT IN ('pg_catalog', 'information_schema') "
                "AND data_type IN ('text', 'jsonb', 'json', 'ARRAY', 'character varying')"
            )
        ).all()
        return {
            f"{schema}.{table}.{column}": "\n".join(
                connection.scalars(
                    sa.text(f'SELECT "{column}"::text FROM {schema}.{table} WHERE "{column}" IS NOT NULL')
                )
            )
            for schema, table, column in columns
        }


def test_no_identity_number_stands_in_plain_anywhere_in_the_database():
    columns = [*WORKBOOK.columns, "经办人", NUMBERS[3]]
    rows = [[*row, f"张三{NUMBERS[2]}", FULL_WIDTH] for row in planted_rows()]
    headings = excel.headings("x", columns)
    number = landed(WORKBOOK, Delivery("x.xlsx", headings, iter(rows)))
    with connected() as connection:
        stage(connection, WORKBOOK, CODES["penalty"], number, known_at(NIGHT))
    births = [one[6:14] for one in NUMBERS] + ["１９９００１０１"]
    texts = everything()
    found = {place for place, text in texts.items() for birth in births if birth in text}
    assert found == set()
    assert "landing.safety_penalty.unknown_columns" in texts and len(stored(WORKBOOK)) == len(rows)


def test_numbers_in_identity_columns_open_again_and_tell_their_verdict():
    landed(WORKBOOK, Delivery("x.xlsx", tuple(WORKBOOK.columns), iter(planted_rows())))
    first, second, *_, wrong, spaced = stored(WORKBOOK)
    opened = sealer().unseal
    assert opened(bytes(first["cf_xdr_zjhm_sealed"])) == opened(bytes(spaced["cf_xdr_zjhm_sealed"])) == NUMBERS[0]
    assert (first["cf_xdr_zjhm"], first["cf_xdr_zjhm_verdict"]) == ("350402********0012", "resident_id:valid")
    assert first["cf_xdr_zjhm_hash"] == spaced["cf_xdr_zjhm_hash"] and first["cf_fr_zjhm_sealed"] is None
    assert opened(bytes(second["cf_fr_zjhm_sealed"])) == NUMBERS[1]
    assert wrong["cf_xdr_zjhm_verdict"] == "resident_id:checksum"


def test_a_number_of_somebody_who_was_not_yet_born_is_told_apart():
    tomorrow = "350402202611250018"
    rows = [a_penalty_row(cf_xdr_zjlx="身份证", cf_xdr_zjhm=tomorrow)]
    landed(WORKBOOK, Delivery("x.xlsx", tuple(WORKBOOK.columns), iter(rows)))
    assert stored(WORKBOOK)[0]["cf_xdr_zjhm_verdict"] == "resident_id:birth_date"


def test_a_number_in_free_text_leaves_a_token_that_holds_it():
    import base64
    import re

    landed(WORKBOOK, Delivery("x.xlsx", tuple(WORKBOOK.columns), iter(planted_rows())))
    text = stored(WORKBOOK)[2]["cf_sy"]
    token = re.fullmatch(r"林某（身份证‹sealed:440106\*{8}0014:(.+)›）\n违法", text)
    assert sealer().unseal(base64.b64decode(token[1])) == NUMBERS[2]


def test_a_number_parted_by_blanks_is_sealed_but_a_document_number_never_for_its_parts():
    dated = "350402-19900101-0012"  # the district, a date and a serial number, as some write their documents
    landed(
        WORKBOOK, Delivery("x.xlsx", tuple(WORKBOOK.columns), iter([a_penalty_row(cf_wsh=dated, cf_sy=f"林某{dated}")]))
    )
    row = stored(WORKBOOK)[0]
    assert row["cf_wsh"] == dated
    assert row["cf_sy"].startswith("林某‹sealed:350402********0012:") and dated not in row["cf_sy"]
