"""Amounts of money and personal numbers in Chinese text, as the database's functions read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from spellings import OF_NOBODY, PASSPORTS, RESIDENT, TELEPHONES

from xinyong.database import connected, script
from xinyong.quality.screens import _PERSONAL


@pytest.fixture(scope="module")
def ask(module_environment):
    """Return a function that asks a migrated database for the value of one of its functions."""
    with connected() as connection:

        def answer(name, *values):
            return connection.scalar(sa.select(getattr(sa.func.quality, name)(*values)))

        yield answer


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("罚款人民币壹万元整", [10000]),
        ("处以罚款2,000元", [2000]),
        ("罚款.15元", ["0.15"]),
        ("罚款2万元", [20000]),
        ("罚款1.5万元；没收违法所得300元", [15000, 300]),
        ("罚款伍仟元", [5000]),
        ("人民币贰拾叁万肆仟伍佰陆拾柒圆捌角玖分", ["234567.89"]),
        ("罚款壹仟零伍拾元整", [1050]),
        ("罚款十五元", [15]),
        ("罚款三千五百元", [3500]),
        ("罚款1万5千元", [15000]),
        ("罚款两千元", [2000]),
        ("罚款１２０００元", [12000]),
        ("罚款2，000元", [2000]),
        ("罚款￥2,000.50元", ["2000.5"]),
        ("罚款1.2亿元", [120000000]),
        ("罚款壹亿贰仟万元", [120000000]),
        ("罚款 3000 元", [3000]),
        ("罚款12元5角", ["12.5"]),
        ("罚款人民币2000", [2000]),
        ("罚款￥2,000.00", [2000]),
        ("罚款¥2,000.50元整", ["2000.5"]),
        ("罚款2000块", [2000]),
        ("罚款两千块钱，没收展板3块木板", [2000]),
        ("罚款壹佰元零伍分", ["100.05"]),
        ("三元区工业园内，罚款500元", [500]),
        ("单元内查获设备2台", []),
        ("给予警告", []),
        ("罚款若干元", []),
        ("", []),
    ],
)
def test_amounts_are_read_out_of_text(ask, text, yuan):
    assert ask("yuan_in_text", text) == [Decimal(one) for one in yuan]


FIGURES, UNITS = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟")


def in_words(number):
    """Write a whole number below 10^8 as a decision does."""
    high, low = divmod(number, 10_000)
    if high:
        return f"{in_words(high)}万{'零' if 0 < low < 1000 else ''}{in_words(low) if low else ''}"
    text = ""
    for place, figure in enumerate(reversed(f"{number}")):
        text = (FIGURES[int(figure)] + UNITS[place] if figure != "0" else "零") + text
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.rstrip("零")


@given(number=st.integers(min_value=1, max_value=99_999_999))
def test_what_is_written_in_words_is_read_as_the_number(ask, number):
    assert ask("yuan_in_text", f"决定罚款人民币{in_words(number)}元整。") == [number]


@pytest.mark.parametrize(
    ("amount", "text", "told"),
    [
        ("0.2", "罚款2000元", True),
        ("2000", "罚款2000元", False),
        ("0.3", "对甲罚款1000元，对乙罚款2000元", True),
        ("0.2", "对甲罚款1000元，对乙罚款1000元", True),
        ("0.2", "给予警告", None),
        ("0.05", "没收违法所得500元，罚款20000元", False),
        ("2", "没收违法所得500元，罚款20000元整", True),
        ("2.05", "没收违法所得500元，罚款20000元", False),
        ("2", "没收违法所得500元，处以2万元的罚款", True),
        ("0.05", "没收违法所得500元，处以2万元的罚款", False),
        ("0.05", "罚款与没收违法所得共计500元", True),
        ("10", "罚款5万元（大写：伍万元整）", False),
        ("5", "罚款人民币伍万元整(￥50,000.00)", True),
        ("10", "罚款50000元，大写伍万元整", False),
        ("2000", "罚款人民币2000", False),
        ("2000", "罚款￥2,000.00", False),
        ("0.2", "罚款2000块", True),
    ],
)
def test_an_amount_is_compared_with_what_the_text_tells(ask, amount, text, told):
    assert ask("is_told_in_yuan", sa.literal(Decimal(amount)), "罚款", text) is told


@pytest.mark.parametrize(
    ("word", "text", "yuan"),
    [
        ("罚款", "罚款2000元", 2000),
        ("罚款", "罚款人民币贰仟元整（¥2,000.00）", 2000),
        ("罚款", "罚款（2000元）", 2000),
        ("罚款", "没收违法所得500元，处以2万元的罚款", 20000),
        ("没收", "没收违法所得500元，处以2万元的罚款", 500),
        ("罚款", "罚款2000元，逾期每日按罚款数额的3%加处罚款", 2000),
        ("罚款", "没收违法所得500元", None),
        ("罚款", "给予警告", None),
        ("罚款", "罚款", None),
        pytest.param("罚款", "对甲罚款1000元，对乙罚款1000元", None, id="two amounts, though alike"),
        pytest.param("罚款", "处货值金额5万元2倍的罚款", None, id="reckoned"),
        pytest.param("罚款", "罚款5万元以下", None, id="a bound"),
        pytest.param("罚款", "罚款不超过5万元", None, id="another bound"),
        pytest.param("罚款", "罚款与没收违法所得共计500元", None, id="a sum of both"),
    ],
)
def test_the_one_amount_that_a_text_tells_about_a_word_is_taken_and_no_other(ask, word, text, yuan):
    assert ask("yuan_told_once", word, text) == yuan


@pytest.mark.parametrize(
    "text",
    [
        "联系电话13859812345",
        "电话：138 5981 2345。",
        "手机１３８５９８１２３４５",
        "手机16612345678",
        "+86 13859812345",
        "值班电话0598-8223456",
        "（0598）-82234567",
        "账号6222021234567890128",
        "卡号4111 1111 1111 1111",
        "卡号4111-1111-1111-1111，开户行",
        pytest.param("身份证350402 19900101 0012", id="an identity number parted by blanks"),
        pytest.param("3504-0219-9001-0100-12", id="and by hyphens"),
        pytest.param("1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X", id="and after every figure"),
        pytest.param("旧身份证号350402590101001。", id="an identity number of 15 digits"),
    ],
)
def test_personal_numbers_are_found(ask, text):
    assert ask("holds_personal_number", text) is True


@pytest.mark.parametrize(
    "text",
    [
        "罚款2,000,000元",
        "闽明工信罚〔2026〕1号",
        "2026-11-24至2027-11-24",
        "证号350400100000003",
        pytest.param("注册号350402590101006", id="15 digits that are a registration number"),
        pytest.param("编号350402 99999999 0012", id="18 figures without a day of birth"),
        pytest.param("合同35040259010100123456", id="longer than any identity number"),
        "卡号4111111111111112",
        "第12859812345号",
        "使用国家明令淘汰的用能设备12台",
        "91350402MA2XYKT640",
        "",
    ],
)
def test_other_numbers_are_not_taken_for_personal_ones(ask, text):
    assert ask("holds_personal_number", text) is False


@pytest.mark.parametrize("spelt", [RESIDENT, TELEPHONES, PASSPORTS], ids=["resident", "telephone", "passport"])
def test_unusual_spellings_are_found_and_seen_by_the_screen_of_the_rules(ask, spelt):
    assert [name for name, text in spelt.items() if not ask("holds_personal_number", f"当事人，{text}，")] == []
    texts = [f"当事人|{text}|" for text in spelt.values()]
    assert [text for text in texts if not ask("holds_personal_number", text)] == []


def test_what_only_looks_unusual_is_not_taken_for_a_personal_number(ask):
    assert [name for name, text in OF_NOBODY.items() if ask("holds_personal_number", f"依据，{text}，")] == []


def test_the_screen_of_the_rules_asks_what_the_function_asks_first():
    assert f"IF value !~ '{_PERSONAL}' OR" in script("functions/personal_numbers")
