"""Signatures are checked against the standard's own vector and against the definition of HMAC."""

import pytest

from xinyong import chain
from xinyong.errors import CatalogueError, SettingsError
from xinyong.signing import HmacSm3, Sm2, new_sm2_key, signer, sm3

BLOCK = 64  # bytes that SM3 works on at once


def test_sm3_gives_the_vector_of_the_standard():
    assert sm3(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@pytest.mark.parametrize("key", [b"k", b"k" * 32, b"k" * 64], ids=["short", "usual", "one block"])
def test_hmac_follows_its_definition(key):
    padded = key.ljust(BLOCK, b"\0")
    inner = sm3(bytes(byte ^ 0x36 for byte in padded) + b"message")
    outer = sm3(bytes(byte ^ 0x5C for byte in padded) + bytes.fromhex(inner))
    assert HmacSm3(key).sign(b"message") == outer


def test_a_signature_belongs_to_one_content_and_one_key():
    signed = HmacSm3(b"key").sign("一万元".encode())
    assert HmacSm3(b"key").verify("一万元".encode(), signed)
    assert not HmacSm3(b"key").verify("二万元".encode(), signed)
    assert not HmacSm3(b"other").verify("一万元".encode(), signed)


@pytest.mark.parametrize("text", ["", "not hexadecimal", "00"], ids=["empty", "text", "too short"])
def test_a_malformed_signature_is_refused(text):
    assert not HmacSm3(b"key").verify(b"message", text)


def test_the_key_is_never_shown():
    assert "secret" not in repr(HmacSm3(b"secret"))


def test_a_signer_is_chosen_by_the_name_of_its_algorithm():
    assert signer("HMAC-SM3", b"key").algorithm == "HMAC-SM3"


def test_an_unknown_algorithm_names_the_known_ones():
    with pytest.raises(CatalogueError, match="'RSA' is not known. Expected: one of HMAC-SM3, SM2"):
        signer("RSA", b"key")


# The example of GB/T 32918.5, annex A: key pair, identity 1234567812345678, message and signature.
STANDARD_KEY = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"
STANDARD_PUBLIC = (
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
STANDARD_SIGNATURE = (
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


def test_sm2_agrees_with_the_example_of_the_standard():
    assert Sm2(bytes.fromhex(STANDARD_KEY)).public_key == STANDARD_PUBLIC
    verify = chain.sm2(STANDARD_PUBLIC)
    assert verify(b"message digest", STANDARD_SIGNATURE)
    assert not verify(b"message digest.", STANDARD_SIGNATURE)


def test_an_sm2_signature_belongs_to_one_content_and_one_key_and_is_the_same_every_time():
    ours, other = Sm2(bytes.fromhex(STANDARD_KEY)), new_sm2_key()
    signed = ours.sign("一万元".encode())
    assert signed == ours.sign("一万元".encode())
    assert ours.verify("一万元".encode(), signed)
    assert not ours.verify("二万元".encode(), signed)
    assert not other.verify("一万元".encode(), signed)


@pytest.mark.parametrize("text", ["", "00" * 64, "ff" * 64, "g" * 128], ids=["empty", "zeros", "too large", "text"])
def test_a_malformed_sm2_signature_is_refused(text):
    assert not chain.sm2(STANDARD_PUBLIC)(b"message", text)


def test_a_public_key_that_begins_with_zeros_or_fours_keeps_them():
    assert chain.sm2_curve("", "0440" + "1" * 124).public_key.startswith("0440")


@pytest.mark.parametrize("key", [b"", b"\0" * 32, b"\xff" * 32], ids=["empty", "zero", "too large"])
def test_what_is_no_private_key_is_refused_in_words(key):
    with pytest.raises(SettingsError, match="xinyong keypair"):
        Sm2(key)
