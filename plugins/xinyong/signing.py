"""Signatures of messages: a small interface, because production signs in a cryptographic device (密码机 or UKey)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac

from xinyong.errors import CatalogueError


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


SIGNERS: dict[str, Callable[[bytes], Signer]] = {HmacSm3.algorithm: HmacSm3}


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
