"""What numbers say about themselves, in Python and in the database alike."""

from __future__ import annotations

import random
import time
from datetime import date

import pytest
import sqlalchemy as sa

from xinyong import identifiers
from xinyong.database import connected

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FUNCTIONS = {
    "is_uscc": identifiers.is_uscc,
    "is_organisation_code": identifiers.is_organisation_code,
    "is_registration_number": identifiers.is_registration_number,
}


@pytest.mark.parametrize(
    "code",
    [
        "91110000600037341L",
        "91230500MA1B3N1N2M",
        "11230500001755309F",
        "91350402MA2XYKT640",
        "11350400003691230N",
        "92350403MA31ABCD00",
        "52350400MJB8765463",
        "N2350402MF1234567J",
        "Y1350402MB1234562M",
        "A1100000MB76543226",
    ],
)
def test_a_unified_code_of_the_standard_is_valid(code: str) -> None:
    assert identifiers.is_uscc(code)


@pytest.mark.parametrize(
    "code",
    [
        "92420300MA49KUFW0H",
        "92420300793273075J",
        "91330481L392519426",
        identifiers.PLACEHOLDER,
        "000000000000000000",
        "91350402ma2xykt640",
        "91350402MA2XYKT64",
        "91350402MA2XYKT6400",
        "91350402MA2XYKT64O",
        "９1350402MA2XYKT640",
        " 91350402MA2XYKT640",
        "91350402MA2XYKT640\n",
        "",
    ],
)
def test_anything_else_is_not_a_unified_code(code: str) -> None:
    assert not identifiers.is_uscc(code)


@pytest.mark.parametrize("code", ["D2143569-X", "D2143569X", "60003734-1", "600037341"])
def test_an_organisation_code_may_carry_its_hyphen(code: str) -> None:
    assert identifiers.is_organisation_code(code)


@pytest.mark.parametrize("code", ["D2143569-1", "D2143569", "d2143569-X", "D2143569--X", "600037340"])
def test_a_wrong_organisation_code_is_found(code: str) -> None:
    assert not identifiers.is_organisation_code(code)


@pytest.mark.parametrize("number", ["110000000000017", "350400100000003", "3504001000000"])
def test_a_registration_number_has_15_digits_or_13_old_ones(number: str) -> None:
    assert identifiers.is_registration_number(number)


@pytest.mark.parametrize("number", ["110000000000018", "11000000000001", "35040010000000X", "１10000000000017", ""])
def test_a_wrong_registration_number_is_found(number: str) -> None:
    assert not identifiers.is_registration_number(number)


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("身份证", "11010519491231002X", "resident_id:valid"),
        ("身份证", "11010519491231002x", "resident_id:valid"),
        ("身份证", "１１０１０５19491231002X", "resident_id:valid"),
        ("身份证", "350402199001010012", "resident_id:valid"),
        ("身份证", "35040219850520123X", "resident_id:valid"),
        ("居民身份证", "350402199001010013", "resident_id:checksum"),
        ("身份证", "35040219900101001", "resident_id:length"),
        ("身份证", "35040219900101OO12", "resident_id:format"),
        ("身份证", "350402900101001", "resident_id_15:valid"),
        ("身份证", "350402901301001", "resident_id_15:birth_date"),
        ("护照号", "E12345678", "passport:valid"),
        ("护照号", "E1234567８", "passport:valid"),
        ("护照", "护12", "passport:format"),
        ("港澳居民来往内地通行证", "H12345678", "hong_kong_macao_pass:valid"),
        ("港澳居民来往内地通行证", "M1234567801", "hong_kong_macao_pass:valid"),
        ("港澳居民来往内地通行证", "12345678", "hong_kong_macao_pass:format"),
        ("台湾居民来往大陆通行证", "12345678", "taiwan_pass:valid"),
        ("台湾居民来往大陆通行证", "1234567890(B)", "taiwan_pass:valid"),
        ("台湾居民来往大陆通行证", "T2345678", "taiwan_pass:format"),
        ("外国人永久居留身份证", "USA110012345678", "permanent_resident_card:valid"),
        ("外国人永久居留身份证", "911124198108030025", "permanent_resident_card:checksum"),
        ("其他-军官证", "军字第123号", "unknown"),
        (None, "350402199001010012", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_a_verdict_names_the_kind_and_what_was_found(kind: str | None, number: str, expected: str) -> None:
    assert identifiers.verdict(kind, number) == expected


@pytest.mark.parametrize("division", ["810000", "820000", "830000"])
def test_a_residence_permit_counts_as_a_residents_number(division: str) -> None:
    number = checked(division + "19900101001")
    assert identifiers.verdict("身份证", number) == "resident_id:valid"


def test_a_division_that_never_existed_and_a_day_that_never_was_are_told_apart() -> None:
    assert identifiers.verdict("身份证", checked("99999919900101001")) == "resident_id:division"
    assert identifiers.verdict("身份证", checked("35040219900230001")) == "resident_id:birth_date"


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        *(("17000101", "birth_date"), ("18991231", "birth_date"), ("19000101", "valid"), ("20261124", "valid")),
        *(("20261125", "birth_date"), ("20990101", "birth_date"), ("00010101", "birth_date")),
    ],
)
def test_nobody_is_born_in_another_century_or_after_the_day_of_the_delivery(birth: str, expected: str) -> None:
    number = checked(f"350402{birth}001")
    assert identifiers.verdict("身份证", number, date(2026, 11, 24)) == f"resident_id:{expected}"


def test_a_permanent_resident_card_of_the_new_kind_has_a_check_digit() -> None:
    assert identifiers.verdict("外国人永久居留身份证", checked("91112419810803002")) == "permanent_resident_card:valid"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_database_and_python_give_the_same_verdict(database_url: str, function: str) -> None:
    values = numbers(25_000)
    expected = [FUNCTIONS[function](value) for value in values]
    with connected(database_url) as connection:
        found = answers(connection, function, values)
    assert [v for v, a, b in zip(values, expected, found, strict=True) if a != b] == []
    assert min(expected.count(True), expected.count(False)) > 1_000, "the values must try both answers"


def test_the_database_judges_a_unified_code_in_a_few_microseconds(database_url: str) -> None:
    values = [value for value in numbers(30_000) if identifiers.is_uscc(value)]
    with connected(database_url) as connection:
        shorter = min(timed(connection, "length", values) for _ in range(2))
        longer = min(timed(connection, "quality.is_uscc", values) for _ in range(2))
    assert (longer - shorter) / len(values) < 20e-6, "about 3 µs when measured; a shared machine gets room"


def timed(connection: sa.Connection, function: str, values: list[str]) -> float:
    called = getattr(sa.func.quality, function.removeprefix("quality.")) if "." in function else sa.func.length
    begun = time.perf_counter()
    connection.execute(sa.select(sa.func.count(called(rows_of(values).c.value)))).one()
    return time.perf_counter() - begun


def answers(connection: sa.Connection, function: str, values: list[str]) -> list[bool]:
    rows = rows_of(values)
    called = getattr(sa.func.quality, function)(rows.c.value)
    return list(connection.scalars(sa.select(called).order_by(rows.c.position)))


def rows_of(values: list[str]) -> sa.TableValuedAlias:
    """Offer values to the database as rows."""
    unnest = sa.func.unnest(sa.cast(values, sa.ARRAY(sa.Text)))
    return unnest.table_valued(sa.column("value", sa.Text), with_ordinality="position").render_derived()


def checked(body: str) -> str:
    """Complete 17 digits by the check digit of GB 11643."""
    return body + "10X98765432"[sum(int(d) * 2 ** (17 - i) for i, d in enumerate(body)) % 11]


def numbers(count: int) -> list[str]:
    """Valid, damaged and arbitrary numbers of every kind; the same at every run."""
    source = random.Random(20261124)
    makers = [a_uscc, an_organisation_code, a_registration_number]
    valid = [makers[i % 3](source) for i in range(count)]
    return [damaged(value, source) if i % 2 else value for i, value in enumerate(valid)]


def a_uscc(source: random.Random) -> str:
    head = source.choice("159ANY") + source.choice(ALPHABET)
    body = head + "".join(source.choices("0123456789", k=6)) + "".join(source.choices(ALPHABET, k=9))
    total = sum(ALPHABET.index(char) * pow(3, i, 31) for i, char in enumerate(body))
    return body + ALPHABET[-total % 31]


def an_organisation_code(source: random.Random) -> str:
    body = "".join(source.choices("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=8))
    total = sum(int(char, 36) * weight for char, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body + source.choice(["", "-"]) + {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


def a_registration_number(source: random.Random) -> str:
    body = "".join(source.choices("0123456789", k=source.choice([12, 14, 14, 14])))
    if len(body) == 12:
        return body + "0"
    carry = 10
    for digit in body:
        carry = ((carry + int(digit)) % 10 or 10) * 2 % 11
    return body + str((11 - carry) % 10)


def damaged(value: str, source: random.Random) -> str:
    """Replace, drop, double or swap one character, or return something else entirely."""
    at = source.randrange(len(value))
    odd = source.choice(["O", "I", "x", "９", " ", "\t", "-", "中", "é", "'", "\\", "%", "0", "7", "A"])
    return source.choice(
        [
            value[:at] + odd + value[at + 1 :],
            value[:at] + value[at + 1 :],
            value[:at] + value[at] + value[at:],
            value[1:2] + value[0:1] + value[2:],
            value.lower(),
            value + "\n",
            "",
            identifiers.PLACEHOLDER,
            "0" * len(value),
            source.choice(ALPHABET) * 18,
        ]
    )
