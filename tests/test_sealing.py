"""Identity numbers: sealed reversibly, comparable without being shown, and found wherever they stray."""

from __future__ import annotations

import unicodedata

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from spellings import OF_NOBODY, RESIDENT

from tests.conftest import TEST_KEYS
from xinyong.identifiers import is_uscc
from xinyong.sealing import _UNUSUAL, TOKEN, Sealer, masked, may_hold_number, readable, sealer, without_numbers

NUMBER = "350402199001010012"
ANOTHER = "11010519491231002X"
USCC = "91350402MA2XYKT640"
AMBIGUOUS = (
    "350402199001010020"  # a sound resident number, and a unified code by the sum of its figures, as one of thirty is
)
SEALER = Sealer(bytes(64), bytes(32))


def test_a_sealed_number_opens_with_the_key():
    sealed = SEALER.seal("身份证", NUMBER)
    assert SEALER.unseal(sealed.ciphertext) == NUMBER
    assert (sealed.masked, sealed.verdict) == ("350402********0012", "resident_id:valid")


def test_another_key_or_a_changed_byte_opens_nothing():
    ciphertext = SEALER.seal("身份证", NUMBER).ciphertext
    for seals, text in ((Sealer(bytes([1]) * 64, bytes(32)), ciphertext), (SEALER, ciphertext[:-1] + b"!")):
        with pytest.raises(InvalidTag):
            seals.unseal(text)


def test_the_same_number_seals_to_the_same_bytes_however_it_is_written():
    written = [NUMBER, f" {NUMBER}\n", "３５０４０２１９９００１０１００１２", "350402 19900101 0012"]
    assert len({SEALER.seal("身份证", one) for one in written}) == 1
    assert SEALER.seal("身份证", ANOTHER.lower()) == SEALER.seal("身份证", ANOTHER)


def test_the_hash_hangs_on_the_hashing_key_and_not_on_the_sealing_key():
    one, same, other = (
        Sealer(bytes(64), bytes(32)),
        Sealer(bytes([1]) * 64, bytes(32)),
        Sealer(bytes(64), bytes([1]) * 32),
    )
    digests = [each.seal("身份证", NUMBER).digest for each in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("word", ["", " ", "无", "/", "－", "NULL", "　"])
def test_a_blank_like_word_is_no_number(word):
    assert SEALER.seal("身份证", word) is None


def test_a_wrong_number_is_sealed_all_the_same_with_its_verdict():
    sealed = SEALER.seal("身份证", NUMBER[:-1] + "1")
    assert sealed.verdict == "resident_id:checksum" and SEALER.unseal(sealed.ciphertext) == NUMBER[:-1] + "1"


@given(st.text(min_size=1, max_size=40))
def test_no_text_in_an_identity_column_is_shown_whole(text):
    sealed = SEALER.seal("护照号", text)
    assert sealed is None or len(sealed.masked) == 1 or "*" in sealed.masked


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (NUMBER, "350402********0012"),
        ("350402900101001", "350402*****1001"),
        ("E12345678", "E*******8"),
        ("AB", "A*B"),
        ("A", "*"),
    ],
    ids=["18 digits", "15 digits", "passport", "two characters", "one"],
)
def test_the_masked_form_shows_ends_only(number, shown):
    assert masked(number) == shown


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"当事人林某（{NUMBER}）未按规定", id="in brackets"),
        pytest.param(f"身份证号{NUMBER}，{NUMBER}", id="twice"),
        pytest.param("号码３５０４０２１９９００１０１００１２。", id="full-width digits"),
        pytest.param(f"证号{NUMBER[:-1]}1", id="wrong check digit"),
        pytest.param("11010519491231002ｘ", id="full-width x"),
        pytest.param(f"一\n{ANOTHER.lower()}\t二", id="lower-case x between line ends"),
        pytest.param("身份证350402 19900101 0012，经营者", id="parted by blanks"),
        pytest.param("350402-19900101-0012", id="parted by hyphens"),
        pytest.param("2026-11-20 3504 0219 9001 0100 12 13800138000", id="in groups of four between other numbers"),
        pytest.param("３５０４０２　１９９００１０１　００１２", id="parted in full width"),
    ],
)
def test_a_number_in_free_text_becomes_a_token_and_can_be_opened(text):
    hidden = SEALER.hide(text)
    assert TOKEN in hidden
    assert not any(part in hidden for part in ("19900101", "19491231", "１９９００１０１", "9001 0100"))
    assert SEALER.hide(text) == hidden and may_hold_number(text)


@pytest.mark.parametrize(
    "text",
    [
        *(USCC, "350402100000017", "2026-11-24", f"E{NUMBER[:-1]}1", NUMBER + "0", "350402199013010012"),
        *(
            "闽明工信罚〔2026〕1号",
            "350402-20260101-0013",
            "0598-8222333 2026-11-20 09:30",
            "350402 19900101 0012 3"[:-3] + "34",
        ),
    ],
    ids=[
        "unified code",
        "registration number",
        "date",
        "mistyped behind a letter",
        "19 digits",
        "wrong check digit",
        "document",
        "district, date and serial number",
        "telephone and time",
        "parted, with a further figure",
    ],
)
def test_what_is_no_resident_number_stays(text):
    assert SEALER.hide(text) == text


@pytest.mark.parametrize("text", RESIDENT.values(), ids=RESIDENT)
def test_a_number_in_an_unusual_spelling_is_hidden_whole(text):
    hidden = SEALER.hide(f"当事人（{text}）")
    kept = "".join(part.split("›")[-1] for part in hidden.split(TOKEN))
    assert TOKEN in hidden and not any(sign.isdecimal() for sign in kept)
    assert not any(sign.isdecimal() for sign in without_numbers(text).replace("350402********0012", ""))


@pytest.mark.parametrize("text", OF_NOBODY.values(), ids=OF_NOBODY)
def test_what_only_looks_unusual_stays(text):
    assert SEALER.hide(f"依据（{text}）") == f"依据（{text}）"


def test_a_sound_number_is_hidden_even_when_it_is_a_unified_code_by_its_sum():
    assert is_uscc(AMBIGUOUS)
    assert TOKEN in SEALER.hide(f"林某（{AMBIGUOUS}）") and AMBIGUOUS not in without_numbers(AMBIGUOUS)


def test_every_sign_that_is_a_figure_to_unicode_is_read_as_one():
    figures = [
        sign for sign in map(chr, range(128, 0x20000)) if sign.isdigit() or unicodedata.normalize("NFKC", sign) in "Xx"
    ]
    assert len(figures) > 700 and [sign for sign in figures if not _UNUSUAL.fullmatch(sign)] == []


@given(st.text(alphabet="0123456789Xx０１２３４５６７８９٣①ａ -.林，\n", max_size=60))
def test_the_quick_look_misses_nothing_that_the_search_finds(text):
    assert may_hold_number(text) or SEALER.hide(text) == text


@given(
    st.sampled_from([NUMBER, ANOTHER, "３５０４０２１９９００１０１００１２"]),
    st.text(alphabet="林，。 \n-:(", max_size=5),
)
def test_the_quick_look_sees_a_number_in_any_surroundings(number, around):
    text = f"{around}{number}{around}"
    assert may_hold_number(text) and TOKEN in SEALER.hide(text)


def test_words_for_people_show_no_number_not_even_a_wrong_one_and_keep_unified_codes():
    assert without_numbers(f"{NUMBER} {NUMBER[:-1]}1 {USCC}") == f"350402********0012 350402********0011 {USCC}"
    assert without_numbers("列350402 19900101 0012、2026-11-20 09:30") == "列350402********0012、2026-11-20 09:30"


def test_the_sealer_of_a_process_has_the_keys_of_its_environment(monkeypatch):
    monkeypatch.setenv("XINYONG_DATABASE_URL", "postgresql+psycopg2://nowhere")
    for name, key in TEST_KEYS.items():
        monkeypatch.setenv(name, key)
    assert sealer().seal("身份证", NUMBER) == sealer().seal("身份证", NUMBER) != SEALER.seal("身份证", NUMBER)


def test_a_clerk_reads_the_masked_number_and_not_the_token():
    hidden = SEALER.hide("经办人身份证号11010519491231002X，已核对")
    assert readable(hidden) == "经办人身份证号110105********002X，已核对"
    assert readable("没有号码") == "没有号码"
