"""Signatures of messages: a small interface, because production signs in a cryptographic device (密码机 or UKey)."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from xinyong import chain
from xinyong.errors import CatalogueError, SettingsError


class Signer(Protocol):
    """Signs the exact bytes that are sent; whoever verifies them must do it before reading them."""

    @property
    def algorithm(self) -> str:
        """The name the platform knows the algorithm by."""

    def sign(self, content: bytes) -> str:
        """Return the signature as lower-case hexadecimal text."""

    def verify(self, content: bytes, signature: str) -> bool:
        """Say whether the signature belongs to these bytes, in constant time."""


@dataclass(frozen=True, slots=True)
class HmacSm3:
    """HMAC over SM3 (GB/T 32905) with a secret that we and the platform share."""

    key: bytes = field(repr=False)
    algorithm: ClassVar[str] = "HMAC-SM3"

    def sign(self, content: bytes) -> str:
        return self._code(content).finalize().hex()

    def verify(self, content: bytes, signature: str) -> bool:
        try:
            self._code(content).verify(bytes.fromhex(signature))
        except (InvalidSignature, ValueError):
            return False
        return True

    def _code(self, content: bytes) -> hmac.HMAC:
        code = hmac.HMAC(self.key, hashes.SM3())
        code.update(content)
        return code


@dataclass(frozen=True, slots=True)
class Sm2:
    """
    SM2 with SM3 (GB/T 32918.2): we sign with our private key, anybody verifies with the public one.

    The nonce follows from key and content (as RFC 6979 does it, with HMAC-SM3), so that a message signed again has
    the signature it had, and no weak random number can give the key away.
    """

    key: bytes = field(repr=False)
    algorithm: ClassVar[str] = "SM2"

    def __post_init__(self) -> None:
        if len(self.key) != SM2_KEY_SIZE or not 0 < int.from_bytes(self.key) < SM2_ORDER - 1:
            raise SettingsError(
                f"The SM2 key is not usable. Found: {len(self.key)} bytes that are no private key. Expected: "
                f"{SM2_KEY_SIZE} bytes as 64 hexadecimal digits. Make one with `xinyong keypair` and put it into "
                f"the connection `signing`; docs/channels.md explains it."
            )

    @property
    def public_key(self) -> str:
        """The key that receivers verify with, as 04 and 128 hexadecimal digits."""
        return _public_key(self.key)

    def sign(self, content: bytes) -> str:
        digest = bytes.fromhex(chain.sm2_digest(self.public_key[2:], content))
        curve = chain.sm2_curve(self.key.hex(), "")
        signed, count = None, 0
        while signed is None:  # a nonce that the standard refuses comes up once in 2^255 signatures
            nonce = int(HmacSm3(self.key).sign(digest + bytes([count])), 16) % (SM2_ORDER - 1) + 1
            signed, count = curve.sign(digest, f"{nonce:064x}"), count + 1
        return str(signed)

    def verify(self, content: bytes, signature: str) -> bool:
        return chain.sm2(self.public_key)(content, signature)


def pem(public_key: str) -> bytes:
    """Return an SM2 public key as OpenSSL reads it."""
    whole = base64.b64encode(_PUBLIC_KEY_INFO + bytes.fromhex(public_key)).decode()
    lines = [whole[at : at + _PEM_WIDTH] for at in range(0, len(whole), _PEM_WIDTH)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""]).encode()


def der(signature: str) -> bytes:
    """Return an SM2 signature as OpenSSL reads it: its two numbers in DER, not one behind the other."""
    half = len(signature) // 2
    return encode_dss_signature(int(signature[:half], 16), int(signature[half:], 16))


SIGNER_ID = chain.SIGNER_ID.decode()
SM2_KEY_SIZE = 32
SM2_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
# What stands before the point of a public key in X.509: id-ecPublicKey, the curve of GB/T 32918.5, a string of bits.
_PUBLIC_KEY_INFO = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
_PEM_WIDTH = 64

SIGNERS: dict[str, Callable[[bytes], Signer]] = {HmacSm3.algorithm: HmacSm3, Sm2.algorithm: Sm2}


@cache
def _public_key(key: bytes) -> str:
    curve = chain.sm2_curve("", "")
    return "04" + str(curve._kg(int.from_bytes(key), curve.ecc_table["g"]))


def new_sm2_key() -> Sm2:
    """Return a signer with a new key."""
    return Sm2((secrets.randbelow(SM2_ORDER - 2) + 1).to_bytes(SM2_KEY_SIZE))


def sm3(content: bytes) -> str:
    """Return the SM3 digest of `content` as hexadecimal text."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex()


def signer(algorithm: str, key: bytes) -> Signer:
    """Return the signer a platform declares by the name of its algorithm."""
    if algorithm not in SIGNERS:
        raise CatalogueError(
            f"The signature algorithm {algorithm!r} is not known. Expected: one of {', '.join(sorted(SIGNERS))}. "
            f"Correct `signature` of the platform in catalogue/platforms/."
        )
    return SIGNERS[algorithm](key)
