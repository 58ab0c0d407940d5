"""Amounts in words and figures: "a dozen", "half a", "twenty-five", "1 1/2", "2.5"."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_ONES = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen "
        "fourteen fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_ARTICLES = ("a", "an")
_GROUPS = {"dozen": 12, "hundred": 100, "thousand": 1000}
_FRACTIONS = {
    "half": Decimal("0.5"),
    "quarter": Decimal("0.25"),
    "quarters": Decimal("0.25"),
    "½": Decimal("0.5"),
    "¼": Decimal("0.25"),
    "¾": Decimal("0.75"),
}
_EXACT = {"couple": Decimal(2), "pair": Decimal(2)}
_FILLERS = ("of", "and")

_WORD = re.compile(r"[½¼¾]|\d+/\d+|\d+(?:[.,]\d+)*|[^\W\d_]+")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
_LARGEST = Decimal(1_000_000_000)


def parse_quantity(text: str) -> Decimal | None:
    """Reads an amount, in words or in figures.

    Args:
        text: Such as "two", "a dozen", "half a", "a couple of", "three and a half", "1/2".

    Returns:
        The amount, or None where the text is not one ("some", "lots of") or where it is
        not above nought.
    """
    words = _words(text)
    if not words:
        return None
    amount = _of_words(words)
    if amount is None or not 0 < amount <= _LARGEST:
        return None
    return amount


def write_quantity(amount: Decimal) -> str:
    """Writes an amount in figures, without needless noughts: 2, 0.5, 1000."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _words(text: str) -> list[str]:
    """The words of an amount; nothing at all if something else stands among them."""
    lowered = _HYPHEN.sub(" ", text.casefold()).strip()
    if _WORD.sub("", lowered).strip(" "):
        return []
    return _WORD.findall(lowered)


def _of_words(words: list[str]) -> Decimal | None:
    total = Decimal(0)
    part: Decimal | None = None
    article = False
    read_any = False
    for word in words:
        if word in _FILLERS:
            if not read_any and not article:
                return None
            continue
        if word in _ARTICLES:
            article = True
            continue
        value = _number(word)
        if value is not None:
            if part is not None and not _follows(part, value):
                return None
            part = (part or Decimal(0)) + value
        elif word in _GROUPS:
            if _GROUPS[word] == 1000:
                total, part = (total + (part or Decimal(1))) * 1000, None
            else:
                part = (part or Decimal(1)) * _GROUPS[word]
        elif word in _FRACTIONS:
            # "three quarters" multiplies, "three and a half" adds.
            if word == "quarters" and part is not None:
                part = part * _FRACTIONS[word]
            else:
                part = (part or Decimal(0)) + _FRACTIONS[word]
        elif word in _EXACT and part is None:
            part = _EXACT[word]
        else:
            return None
        read_any = True
    if not read_any:
        return Decimal(1) if article else None
    return total + (part or Decimal(0))


def _follows(before: Decimal, value: Decimal) -> bool:
    """Whether a number may follow another in one amount: "twenty five", "hundred two"."""
    if value < 1:
        return before == before.to_integral_value()
    if value < 10 and before % 100 in _TENS.values():
        return True
    return value < 100 and before >= 100 and before % 100 == 0


def _number(word: str) -> Decimal | None:
    if word in _ONES:
        return Decimal(_ONES[word])
    if word in _TENS:
        return Decimal(_TENS[word])
    if "/" in word:
        above, below = word.split("/")
        return Decimal(above) / Decimal(below) if int(below) else None
    if _THOUSANDS.fullmatch(word):
        word = word.replace(",", "")
    try:
        return Decimal(word.replace(",", "."))
    except InvalidOperation:
        return None
