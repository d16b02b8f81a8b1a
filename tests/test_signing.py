"""Signatures are checked against the standard's own vector and against the definition of HMAC."""

import pytest

from xinyong.errors import CatalogueError
from xinyong.signing import HmacSm3, signer, sm3

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
    with pytest.raises(CatalogueError, match="'RSA' is not known. Expected: one of HMAC-SM3"):
        signer("RSA", b"key")
