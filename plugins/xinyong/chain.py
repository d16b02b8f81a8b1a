"""
The chain of messages, and how a receiver checks it. A receiver may copy this file: it needs no other of the project.

    python chain.py messages.jsonl --public-key 04…      # SM2; or --secret base64 for HMAC-SM3

Each line is one message as `xinyong messages` writes it. A message names its number, its date, the hash of its items
(`body_hash`) and the signature of the message before it (`previous_hash`), and all of that is signed. So the first
line at which something was changed, dropped, slipped in or put into another order is found and named. What came before
the first message and after the last one is not seen from a file: which numbers it holds is therefore always said.

Ends with 0 when the messages hold together, with 1 when they do not, and with 2 when nothing could be checked.

Python 3.11 with OpenSSL 3 is enough for HMAC-SM3; SM2 also needs the package gmssl.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORM = 2  # form 1 hashed a digest of each item and not its payload; both are understood
NOTHING = "nothing to report"
ITEM_PARTS = (
    *("position", "record_type", "record_id", "operation", "reason", "natural_key", "content_hash", "payload"),
)  # what an item said when it was written down; its receipt came later and is not part of it
_OLD_ITEM_PARTS = ("position", "record_id", "operation", "reason", "natural_key", "content_hash")  # those of form 1
_MESSAGE_PARTS = dict.fromkeys(
    ("platform", "business_date", "kind", "algorithm", "body_hash", "previous_hash", "signature"), str
) | {"number": int, "items": list}
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


class NotChecked(Exception):
    """Raised when what was given cannot be checked: no message, an unreadable line, an unusable key."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place at which a chain does not hold: the number, and what is wrong with it."""

    number: int
    reason: str

    def __str__(self) -> str:
        return f"message {self.number}: {self.reason}"


def canonical(content: Any) -> bytes:
    """Write JSON in the one form that hashes and signatures are taken of."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode(errors="surrogatepass")  # half a character, which only a changed message can hold, is hashed too


def sm3(content: bytes) -> str:
    """Return the SM3 digest (GB/T 32905) as hexadecimal text."""
    return hashlib.new("sm3", content).hexdigest()


def body_hash(items: Sequence[dict[str, Any]], form: int = FORM) -> str:
    """Return the hash of a message's items in their order; each item as `xinyong messages` writes it."""
    if form == FORM:
        return sm3(canonical([{name: item[name] for name in ITEM_PARTS} for item in items]))
    lines = ["|".join(str(item[name]) for name in _OLD_ITEM_PARTS if item[name] is not None) for item in items]
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
        expected = hmac.new(secret, content, "sm3").hexdigest()
        return hmac.compare_digest(expected.encode(), signature.encode(errors="surrogatepass"))

    return verify


def sm2(public_key: str) -> Verify:
    """Return the check of an SM2 signature (GB/T 32918.2) with a public key of 128 hexadecimal digits after `04`."""
    digits = public_key.strip().lower()
    digits = digits[2:] if len(digits) == 130 and digits.startswith("04") else digits
    if len(digits) != 128 or not set(digits) <= set("0123456789abcdef"):
        raise ValueError("an SM2 public key is 128 hexadecimal digits, with 04 before them or without")
    x, y = int(digits[:64], 16), int(digits[64:], 16)
    if (y * y - x * x * x - _CURVE["a"] * x - _CURVE["b"]) % _CURVE["p"]:
        raise ValueError("it is no SM2 public key: a digit of it was changed or lost")
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


def lines(stream: Iterable[str | bytes]) -> Iterator[dict[str, Any]]:
    """Read messages from JSON lines; the first line that is no whole message is named."""
    for number, line in enumerate(stream, start=1):
        if line.strip():
            yield _message(line, number)


def _message(line: str | bytes, number: int) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):  # what the line holds may be about a person, and is not repeated
        raise NotChecked(f"line {number} is not JSON: it was cut, or is no message. {_EXPECTED}") from None
    if problem := _problem(message):
        raise NotChecked(f"line {number} is no whole message: {problem}. {_EXPECTED}")
    return dict(message)


_EXPECTED = "Expected: one message per line, as `xinyong messages` writes it; ask the sender for the file again."


def _problem(message: Any) -> str | None:
    """Say which part of a message is missing or of another kind."""
    if not isinstance(message, dict):
        return "it is no JSON object"
    for name, kind in _MESSAGE_PARTS.items():
        if type(message.get(name)) is not kind:
            return f"its `{name}` is missing or not of the kind {kind.__name__}"
    names = _OLD_ITEM_PARTS if message.get("form", FORM) == 1 else ITEM_PARTS
    for position, item in enumerate(message["items"], start=1):
        if lacking := [name for name in names if not isinstance(item, dict) or name not in item]:
            return f"`{lacking[0]}` is missing in item {position}"
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a file of messages: 0 when they hold together, 1 when not, 2 when they could not be checked."""
    parser = argparse.ArgumentParser(description="Check a chain of messages and name the first one that is broken.")
    parser.add_argument("file", help="messages as JSON lines, `-` for standard input")
    parser.add_argument("--public-key", help="the sender's SM2 public key, in hexadecimal")
    parser.add_argument("--secret", help="the secret shared for HMAC-SM3, in base64")
    parser.add_argument("--previous", help="the signature of the message before the first, as you kept it")
    asked = parser.parse_args(arguments)
    try:
        verify = _check(asked.public_key, asked.secret)
        with open(0 if asked.file == "-" else asked.file, "rb", closefd=asked.file != "-") as stream:
            broken, found = _checked(stream, verify, asked.previous)
    except OSError as error:
        return _not_checked(f"{asked.file} cannot be read: {error.strerror}. Expected: a file of messages.")
    except NotChecked as error:
        return _not_checked(str(error))
    sys.stdout.write(f"BROKEN at {broken}\n" if broken else _held(found, asked.previous, signed=verify is not None))
    return 1 if broken else 0


def _not_checked(problem: str) -> int:
    sys.stderr.write(f"NOT CHECKED: {problem}\n")
    return 2


def _check(public_key: str | None, secret: str | None) -> Verify | None:
    """Return the check of the signatures with the key that was given."""
    try:
        if secret:
            return hmac_sm3(base64.b64decode(secret.strip(), validate=True))
        return sm2(public_key) if public_key else None
    except ImportError:
        raise NotChecked("SM2 signatures need the package gmssl. Next: pip install gmssl") from None
    except ValueError as error:
        option = "--secret" if secret else "--public-key"
        raise NotChecked(f"{option} is not usable: {error}. Expected: the key as the sender handed it over.") from None


def _checked(
    stream: Iterable[str | bytes], verify: Verify | None, previous: str | None
) -> tuple[Broken | None, Sequence[Mapping[str, Any]]]:
    """Return the first broken message, and the first and the last one that were read."""
    ends: list[dict[str, Any]] = []

    def noted() -> Iterator[dict[str, Any]]:
        for message in lines(stream):
            ends[1:] = [message]
            yield message

    broken = first_broken(noted(), verify, previous)
    if not ends:
        raise NotChecked(f"no message was given. {_EXPECTED}")
    return broken, ends


def _held(ends: Sequence[Mapping[str, Any]], previous: str | None, *, signed: bool) -> str:
    """Say of which messages it is known that they hold together, and of which not."""
    first, last = ends[0]["number"], ends[-1]["number"]
    which = f"messages {first} to {last} hold together" if last > first else f"message {first} holds"
    told = "signatures included" if signed else "signatures not checked: no key was given"
    before = "" if first == 1 else f" What came before {first} was not given."
    before = f" They follow the signature that you kept of {first - 1}." if previous and before else before
    return f"{which} ({told}).{before} The last one given is {last}, of {ends[-1]['business_date']}.\n"


if __name__ == "__main__":
    sys.exit(main())
