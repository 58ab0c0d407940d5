"""Personal data in a text: found by what they look like, checked by what they must be, masked.

E-mail addresses, telephone numbers (as the library `phonenumbers` knows them to be in use), card
numbers (Luhn's check digit), IBANs (ISO 13616's check digits), account numbers that are called so,
street addresses and British postcodes, and names that somebody gives as theirs. Other names are
found where spaCy is given a model (`names.py`). Nothing here can be taken back: a mask says what
kind of thing stood there, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import phonenumbers

EMAIL, PHONE, CARD, ACCOUNT, NAME, ADDRESS = "email", "phone", "card", "account", "name", "address"

_SURER = (EMAIL, CARD, ACCOUNT, PHONE, ADDRESS, NAME)
"""What a thing is rather, that looks like two kinds: one that is called an account is one."""

REGIONS = ("GB", "US", "DE")
"""Whose numbers are known without their country's code."""

Finder = Callable[[str], Iterable["Finding"]]
"""Finds personal data in a text."""


@dataclass(frozen=True)
class Finding:
    """A part of a text."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Masked:
    """A text with masks in it."""

    text: str
    findings: Sequence[Finding]
    """What was masked, by its place in the original, in order."""

    def moved(self, offset: int) -> int:
        """Where a place of the original is now; within a mask, at its beginning."""
        shift = 0
        for found in self.findings:
            if offset >= found.end:
                shift += len(mask_of(found.kind)) - (found.end - found.start)
            elif offset > found.start:
                return found.start + shift
        return offset + shift


_EMAIL = re.compile(r"(?<![\w.+-])[\w.+%'-]{1,64}@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,24}\b")
_SPOKEN_EMAIL = re.compile(
    r"(?i)\b[\w.+-]+(?: (?:dot|point|underscore|dash) [\w.+-]+)* at [\w-]+(?: dot [\w-]+)*"
    r" dot (?:com|org|net|edu|gov|info|io|eu|de|uk|us|co uk|co dot uk)\b"
)
_CARD = re.compile(r"(?<![\w.])[2-6]\d(?:[ -]?\d){11,17}(?![\w])")
_CARD_NUMBER = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[068]\d{12}|6\d{15,18}"
)
"""How long the numbers of each issuer are that begin so (ISO/IEC 7812)."""

_IBAN = re.compile(r"(?i)(?<!\w)[a-z]{2}\d{2}(?: ?[a-z0-9]){11,30}(?!\w)")
_ACCOUNT = re.compile(
    r"(?i)\b(?:account|acct|a/c|routing|sort code|iban|konto|bank)\b"
    r"(?:\W+(?:number|no|nr|code|is|it's|nummer)\b|\W)*?\W*"
    r"(?P<number>\d(?:[ -]?\d){5,17})(?!\w)"
)
_SEVEN_DIGITS = re.compile(r"(?:\d\D{0,3}){6}\d")
_PHONE = re.compile(r"(?<![\d.,])[+(]{0,2}\d(?:[ ()./\-–]{0,3}\d){6,16}(?![\d%])")
"""What may be a telephone number; the library says whether it is one."""

_NO_PHONE = re.compile(
    # a decimal number; a date with what is written around it
    r"\d+\.\d+|.*(?<!\d)(?:\d{4}-\d\d?-\d\d?|\d\d?([./])\d\d?\1(?:\d\d){1,2})(?!\d).*"
)
_SIX_DIGITS = re.compile(r"(?:\d[ -]?){5}\d")
_PHONE_BEFORE = frozenset("~#_=/\\@$€£")
"""What stands ahead of numbers that are ids, fragments of addresses, or money."""

_STREETS = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|close|crescent|terrace|square|sq|place|"
    "way|boulevard|blvd|row|mews|gardens|hill|park|grove|parade|walk"
)
_ADDRESSES = (
    # 12 Baker Street; 4b Long Lane, Flat 2
    re.compile(
        rf"\b\d{{1,5}}[a-zA-Z]?,? (?:[A-Z][\w'’-]*\.? ){{1,3}}(?:(?i:{_STREETS})\b\.?)"
        r"(?:,? (?:[Ff]lat|[Aa]pt|[Aa]partment|[Uu]nit|#) ?\w+)?"
    ),
    # as it is written without capitals: the words for streets that are nothing else
    re.compile(
        r"(?i)\b\d{1,5}[a-z]? (?:[a-z'’-]+ ){1,2}(?:street|road|avenue|lane|boulevard|crescent)\b"
    ),
    # Hauptstraße 5a
    re.compile(r"(?i)\b[a-zäöüß-]{2,}(?:straße|strasse|str\.|gasse|allee|platz) \d{1,4} ?[a-z]?\b"),
    # Postcodes of the United Kingdom: SW1A 1AA
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}\b"),
)
_NAMED = re.compile(
    r"\b(?:(?i:my (?:full |first |last |middle |maiden )?name is|my name's)\s+"
    r"|(?i:i am called|i'm called)\s+(?=[A-Z]))"
    r"(?P<name>[^\W\d_][\w'’-]*"
    r"(?:(?: (?:de|del|della|der|den|di|da|la|le|van|von|bin|al|y))* [A-Z][\w'’-]*){0,3})"
)

_IBAN_LENGTHS = {
    **{"AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20},
    **{"ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26},
    **{"IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15},
    **{"PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "TR": 26, "UA": 29, "AE": 23},
    **{"SA": 24, "IL": 23, "BR": 29, "RS": 22, "BA": 20, "MK": 19, "AL": 28, "XK": 20, "GI": 23},
}
"""The IBAN register's lengths, by country."""


def mask_of(kind: str) -> str:
    """What stands in the place of a thing of some kind."""
    return f"[{kind}]"


def redact(text: str, more: Finder | None = None) -> Masked:
    """Masks personal data in a text.

    Args:
        text: The text.
        more: What else looks for such data: names, for example.

    Returns:
        The text with its masks; the same text where there is nothing.
    """
    findings = _chosen([*find(text), *(more(text) if more else ())])
    if not findings:
        return Masked(text, ())
    parts, last = [], 0
    for found in findings:
        parts += [text[last : found.start], mask_of(found.kind)]
        last = found.end
    return Masked("".join([*parts, text[last:]]), findings)


def find(text: str) -> list[Finding]:
    """What is found without a model, with what overlaps."""
    found: list[Finding] = []
    if "@" in text:
        found += _matches(_EMAIL, text, EMAIL)
    if " at " in text.lower() and " dot " in text.lower():
        found += _matches(_SPOKEN_EMAIL, text, EMAIL)
    if _SEVEN_DIGITS.search(text):
        found += _cards(text)
        found += _ibans(text)
        found += _phones(text)
    if _SIX_DIGITS.search(text):
        found += [Finding(*match.span("number"), ACCOUNT) for match in _ACCOUNT.finditer(text)]
    if any(letter.isdigit() for letter in text):
        for pattern in _ADDRESSES:
            found += _matches(pattern, text, ADDRESS)
    found += [Finding(*match.span("name"), NAME) for match in _NAMED.finditer(text)]
    return found


def _matches(pattern: re.Pattern[str], text: str, kind: str) -> list[Finding]:
    return [Finding(match.start(), match.end(), kind) for match in pattern.finditer(text)]


def _cards(text: str) -> Iterable[Finding]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _CARD_NUMBER.fullmatch(digits) and passes_luhn(digits):
            yield Finding(match.start(), match.end(), CARD)


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the one that Luhn's sum asks for (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _ibans(text: str) -> Iterable[Finding]:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(match[0][:2].upper())
        # What follows may have been taken for a part of it: it is as long as its country's.
        end, count = match.start(), 0
        while length and end < match.end() and count < length:
            count += text[end] != " "
            end += 1
        if length and count == length and passes_mod_97(text[match.start() : end]):
            yield Finding(match.start(), end, ACCOUNT)


def passes_mod_97(iban: str) -> bool:
    """Whether an IBAN's check digits are right (ISO 7064, MOD 97-10)."""
    plain = iban.replace(" ", "").upper()
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def _phones(text: str) -> Iterable[Finding]:
    for candidate in _PHONE.finditer(text):
        before = text[candidate.start() - 1] if candidate.start() else ""
        if before in _PHONE_BEFORE or before.isalpha() or _NO_PHONE.fullmatch(candidate[0]):
            continue
        for region in REGIONS:
            found = list(phonenumbers.PhoneNumberMatcher(candidate[0], region))
            for match in found:
                start = candidate.start() + match.start
                yield Finding(start, candidate.start() + match.end, PHONE)
            if found:
                break


def _chosen(found: Iterable[Finding]) -> list[Finding]:
    """Those that do not overlap: the longer one of two, or the surer kind, in the text's order."""
    chosen: list[Finding] = []
    for one in sorted(found, key=lambda each: (each.start - each.end, _SURER.index(each.kind))):
        if all(one.end <= other.start or one.start >= other.end for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda each: each.start)
