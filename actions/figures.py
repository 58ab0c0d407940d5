"""Numbers where they stand in a message: those that were found as values, and bare digits.

Number words are read once, by `ValueExtractor`; what it found comes with the message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from actions.values import Message, is_shared

_PIECES = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|\.\d+|\*\*|[^\W\d_]+(?:['’][^\W\d_]+)*|\S"
)
_LONGEST = 15
"""Digits of a number: longer ones would not be exact."""

_EXACT = Context(prec=60)


@dataclass(frozen=True)
class Piece:
    """A word, a symbol or a number of a message."""

    text: str
    """In lower case."""

    value: Decimal | None = None
    """The number, if it is one."""

    kind: str = ""
    """The entity that the number came with: "number", "percentage", "amount" …"""

    unit: str | None = None
    """The unit that came with it."""

    amount: Decimal | None = None
    """The number as it was said, where the value is in another unit: 2 for "two hours"."""


def pieces(message: Message, kinds: frozenset[str]) -> list[Piece]:
    """Cuts a message into pieces.

    Args:
        message: The parsed message.
        kinds: The entities that are taken for numbers; where several begin at a place, the
            longest is.
    """
    text = str(message.get("text") or "")
    values = _values(message, kinds)
    found: list[Piece] = []
    position = 0
    while position < len(text):
        if position in values:
            entity = values[position]
            position = int(entity["end"])
            found.append(_piece(entity, text))
            continue
        piece = _PIECES.match(text, position)
        if piece is None:
            position += 1
            continue
        position = min([piece.end(), *(p for p in values if position < p < piece.end())])
        word = text[piece.start() : position]
        found.append(Piece(word.casefold().replace("’", "'"), _digits(word), "digits"))
    return found


def exact(value: float) -> Decimal:
    """A number as a decimal; thirds and sevenths as exactly as can be."""
    near = Decimal(str(value))
    if len(near.as_tuple().digits) < _LONGEST:
        return near
    for denominator in (3, 7, 9, 11):
        times = round(value * denominator)
        if abs(value * denominator - times) < 1e-9:
            return _EXACT.divide(Decimal(times), Decimal(denominator))
    return near


def speak_decimal(value: Decimal) -> str:
    """Puts a number into figures: "1,234.5", "minus 3".

    Whole numbers in full, others with some ten significant digits.
    """
    value = shown(value)
    figures = f"{abs(value):,f}"
    if "." in figures:
        figures = figures.rstrip("0").rstrip(".")
    return f"minus {figures}" if value < 0 else figures


def shown(value: Decimal) -> Decimal:
    """The number that `speak_decimal` says."""
    if value == value.to_integral_value(context=_EXACT):
        return value
    rounded = round(value, max(0, 9 - max(value.adjusted(), -1)))
    return rounded if rounded else Context(prec=3).plus(value)


def _values(message: Message, kinds: frozenset[str]) -> dict[int, Mapping[str, Any]]:
    longest: dict[int, Mapping[str, Any]] = {}
    for entity in message.get("entities") or []:
        start, end = entity.get("start"), entity.get("end")
        # The first number of a range is not added to the second.
        if (
            is_shared(entity)
            or entity.get("entity") not in kinds
            or start is None
            or end is None
            or end <= start
        ):
            continue
        if start not in longest or end > longest[start]["end"]:
            longest[int(start)] = entity
    return longest


def _piece(entity: Mapping[str, Any], text: str) -> Piece:
    info = entity.get("additional_info") or {}
    amount = info.get("amount")
    return Piece(
        text=text[int(entity["start"]) : int(entity["end"])].casefold(),
        value=exact(entity["value"]),
        kind=str(entity["entity"]),
        unit=info.get("unit"),
        amount=None if amount is None else exact(amount),
    )


def _digits(word: str) -> Decimal | None:
    plain = word.replace(",", "")
    if not plain.isascii() or not any(map(str.isdigit, plain)):
        return None
    return Decimal(plain) if len(plain) <= _LONGEST else Decimal("Infinity")
