"""
The chain of messages, and how a receiver checks it. A receiver may copy this file: it needs no other of the project.

    python chain.py messages.jsonl --public-key 04…      # SM2; or --secret base64 for HMAC-SM3

Each line is one message as `xinyong messages` writes it. A message names its number, its date, the hash of its items
(`body_hash`) and the signature of the message before it (`previous_hash`), and all of that is signed. So the first
line at which something was changed, dropped, slipped in or put into another order is found and named.

Python 3.11 with OpenSSL 3 is enough for HMAC-SM3; SM2 also needs the package gmssl.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

FORM = 2  # form 1 hashed a digest of each item and not its payload; both are understood
NOTHING = "nothing to report"
ITEM_PARTS = (
    *("position", "record_type", "record_id", "operation", "reason", "natural_key", "content_hash", "payload"),
)  # what an item said when it was written down; its receipt came later and is not part of it
SIGNER_ID = b"1234567812345678"  # who signs, as GB/T 32918.2 presumes it where nothing else is agreed
_CURVE = {
    "p": 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    "a": 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC,
    "b": 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    "n": 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
    "x": 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    "y": 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
}

Verify = Callable[[bytes, str], bool]  # content, signature → whether they belong together


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place at which a chain does not hold: the number, and what is wrong with it."""

    number: int
    reason: str

    def __str__(self) -> str:
        return f"message {self.number}: {self.reason}"


def canonical(content: Any) -> bytes:
    """Write JSON in the one form that hashes and signatures are taken of."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sm3(content: bytes) -> str:
    """Return the SM3 digest (GB/T 32905) as hexadecimal text."""
    return hashlib.new("sm3", content).hexdigest()


def body_hash(items: Sequence[dict[str, Any]], form: int = FORM) -> str:
    """Return the hash of a message's items in their order; each item as `xinyong messages` writes it."""
    if form == FORM:
        return sm3(canonical([{name: item[name] for name in ITEM_PARTS} for item in items]))
    names = ("position", "record_id", "operation", "reason", "natural_key", "content_hash")
    lines = ["|".join(str(item[name]) for name in names if item[name] is not None) for item in items]
    return hashlib.sha256("\n".join(lines or [NOTHING]).encode()).hexdigest()


def manifest(message: dict[str, Any], previous: str) -> bytes:
    """Return the bytes that a message's signature covers; `previous` is the signature before it, or nothing."""
    parts = {
        "body": message["body_hash"],
        "date": message["business_date"],
        "kind": message["kind"],
        "number": message["number"],
        "platform": message["platform"],
        "previous": previous,
    }
    return canonical(parts if message.get("form", FORM) == 1 else parts | {"algorithm": message["algorithm"]})


def first_broken(
    messages: Iterable[dict[str, Any]], verify: Verify | None, previous: str | None = None
) -> Broken | None:
    """
    Return the first message at which the chain does not hold, or None.

    Without `verify` everything but the signatures is checked. A chain that does not begin with message 1 takes what
    came before it on trust, unless `previous` gives the signature that the receiver kept.
    """
    expected: int | None = None
    for message in messages:
        number = message["number"]
        if expected is None:
            expected, previous = number, "" if number == 1 else previous or message["previous_hash"]
        if reason := _reason(message, expected, previous or "", verify):
            return Broken(number, reason)
        expected, previous = number + 1, message["signature"]
    return None


def _reason(message: dict[str, Any], expected: int, previous: str, verify: Verify | None) -> str | None:
    if message["number"] != expected:
        return f"number {expected} was expected here: a message is missing, or the order was changed"
    if message["previous_hash"] != previous:
        return "it does not follow the message before it: its previous_hash is not that one's signature"
    if body_hash(message["items"], message.get("form", FORM)) != message["body_hash"]:
        return "its items do not give its body_hash: an item was changed, added, dropped or moved"
    if verify and not verify(manifest(message, previous), message["signature"]):
        return "its signature does not belong to it: another key signed it, or its number, date or kind was changed"
    return None


def replayed(messages: Iterable[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """
    Return what a receiver holds after it applied all messages onto nothing: (record type, natural key) → payload.

    Items that the platform rejected or has not answered for (`state`) are passed over.
    """
    held: dict[tuple[str, str], dict[str, Any]] = {}
    for message in messages:
        for item in message["items"]:
            if item.get("state", "accepted") != "accepted":
                continue
            key = (item["record_type"], item["natural_key"])
            if item["operation"] == "withdraw":
                held.pop(key, None)
            else:
                held[key] = item["payload"]
    return held


def hmac_sm3(secret: bytes) -> Verify:
    """Return the check of an HMAC-SM3 signature with a shared secret."""

    def verify(content: bytes, signature: str) -> bool:
        return hmac.compare_digest(hmac.new(secret, content, "sm3").hexdigest(), signature)

    return verify


def sm2(public_key: str) -> Verify:
    """Return the check of an SM2 signature (GB/T 32918.2) with a public key of 128 hexadecimal digits after `04`."""
    digits = public_key.strip().lower()
    digits = digits[2:] if len(digits) == 130 and digits.startswith("04") else digits
    if len(digits) != 128 or not set(digits) <= set("0123456789abcdef"):
        raise ValueError("an SM2 public key is 128 hexadecimal digits, with 04 before them or without")
    curve = sm2_curve("", digits)

    def verify(content: bytes, signature: str) -> bool:
        if len(signature) != 128 or not set(signature) <= set("0123456789abcdef"):
            return False
        r, s = int(signature[:64], 16), int(signature[64:], 16)
        if not (0 < r < _CURVE["n"] and 0 < s < _CURVE["n"]):
            return False
        return bool(curve.verify(signature, bytes.fromhex(sm2_digest(digits, content))))

    return verify


def sm2_curve(private_key: str, public_key: str) -> Any:
    """Return gmssl's arithmetic over a pair of keys; its constructor would eat leading zeros and fours of a key."""
    from gmssl import sm2 as gmssl_sm2

    curve = gmssl_sm2.CryptSM2(private_key, "")
    curve.public_key = public_key
    return curve


def sm2_digest(public_key: str, content: bytes) -> str:
    """Return what SM2 signs: SM3 over the signer's identity, the curve, its key, and the content."""
    numbers = "".join(f"{_CURVE[name]:064x}" for name in ("a", "b", "x", "y"))
    identity = (len(SIGNER_ID) * 8).to_bytes(2, "big") + SIGNER_ID + bytes.fromhex(numbers + public_key)
    return sm3(bytes.fromhex(sm3(identity)) + content)


def lines(stream: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Read messages from JSON lines."""
    return (json.loads(line) for line in stream if line.strip())


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a file of messages; 0 when the chain holds."""
    parser = argparse.ArgumentParser(description="Check a chain of messages and name the first one that is broken.")
    parser.add_argument("file", help="messages as JSON lines, `-` for standard input")
    parser.add_argument("--public-key", help="the sender's SM2 public key, in hexadecimal")
    parser.add_argument("--secret", help="the secret shared for HMAC-SM3, in base64")
    parser.add_argument("--previous", help="the signature of the message before the first, as you kept it")
    asked = parser.parse_args(arguments)
    verify = sm2(asked.public_key) if asked.public_key else None
    verify = hmac_sm3(base64.b64decode(asked.secret)) if asked.secret else verify
    with sys.stdin if asked.file == "-" else open(asked.file, encoding="utf-8") as stream:
        broken, count = _checked(stream, verify, asked.previous)
    told = "signatures included" if verify else "signatures not checked: no key was given"
    sys.stdout.write(f"BROKEN at {broken}\n" if broken else f"{count} messages, the chain holds ({told}).\n")
    return 1 if broken else 0


def _checked(stream: Iterable[str], verify: Verify | None, previous: str | None) -> tuple[Broken | None, int]:
    count = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal count
        for count, message in enumerate(lines(stream), start=1):  # noqa: B007 – read by who called us
            yield message

    return first_broken(counted(), verify, previous), count


if __name__ == "__main__":
    sys.exit(main())
