"""Make the numbers of organisations and persons with their check characters; apart from the library on purpose."""

from __future__ import annotations

from datetime import date

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: without I, O, S, V, Z
USCC_PLACEHOLDER = "00000000000000000X"  # a sole trader that was never given a code
_USCC_VALUES = {char: value for value, char in enumerate(USCC_ALPHABET)}
_USCC_WEIGHTS = tuple(3**place % 31 for place in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
_SCRAMBLE = 514_229  # prime and no factor of 31^6: neighbours get numbers that do not look like neighbours


def uscc(prefix: str, division: str, organisation: str) -> str:
    """Compose a unified social credit code (GB 32100) around an organisation code."""
    body = f"{prefix}{division}{organisation}"
    total = sum(_USCC_VALUES[char] * weight for char, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return body + USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_code(index: int) -> str:
    """Make the organisation code (GB 11714) of the n-th organisation; different numbers give different codes."""
    rest, body = index * _SCRAMBLE % 31**6, ""
    for _ in range(6):
        rest, digit = divmod(rest, 31)
        body = USCC_ALPHABET[digit] + body
    body = f"MA{body}"
    total = sum(int(char, 36) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return body + "0123456789X0"[11 - total % 11]


def registration_number(division: str, index: int) -> str:
    """Make the old 15-digit registration number (GS 15) of the n-th organisation."""
    body = f"{division}{index % 10**8:08d}"
    return body + registration_check(body)


def registration_check(body: str) -> str:
    """Compute the check digit of 14 digits by ISO 7064, mod 11,10."""
    product = 10
    for digit in body:
        product = 2 * ((product + int(digit)) % 10 or 10) % 11
    return str((11 - product) % 10)


def resident_number(division: str, born: date, order: int) -> str:
    """Make a citizen's number (GB 11643)."""
    body = f"{division}{born:%Y%m%d}{order % 1000:03d}"
    total = sum(int(char) * weight for char, weight in zip(body, _RESIDENT_WEIGHTS, strict=True))
    return body + _RESIDENT_CHECKS[total % 11]


def is_uscc(code: str) -> bool:
    """Say whether a text is a code with the right check character."""
    return len(code) == 18 and set(code) <= set(USCC_ALPHABET) and uscc(code[:2], code[2:8], code[8:17]) == code


def is_registration_number(number: str) -> bool:
    """Say whether a text is an old registration number: 15 digits with their check, or 13 digits from before it."""
    if not (number.isascii() and number.isdigit()):
        return False
    return len(number) == 13 or (len(number) == 15 and registration_check(number[:14]) == number[14])


def with_wrong_check(code: str) -> str:
    """Return the same number with another last character, as a slip of the pen would."""
    return code[:-1] + ("0" if code[-1] != "0" else "1")
