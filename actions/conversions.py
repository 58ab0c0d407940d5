"""Reading what is to be converted: "five miles in kilometres", "how many ounces are in a pound"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from actions.figures import Piece, pieces
from actions.units import CURRENCIES, TEMPERATURES, Amount, phrases
from actions.values import Message, measures

_KINDS = frozenset({"number", "amount", "temperature", "duration", "money"})
_LONGEST_PHRASE = 4
_ONE = frozenset({"a", "an", "one", "per"})
_ONLY_BEHIND_DIGITS = frozenset({"m", "g", "l", "c", "f", "w", "mi", "min", "sec", "mb"})
_INTO = frozenset({"in", "to", "into"})
_MINUS = frozenset({"-", "−", "minus"})
_POUNDS = "GBP"


@dataclass(frozen=True)
class Conversion:
    """What a message says of a conversion."""

    amounts: tuple[Amount, ...] = ()
    """What is converted; several of them are summed up: 5 feet 11 inches."""

    unit: str | None = None
    """Into what."""

    money: bool = False
    """Whether it is about currencies."""


def read_conversion(message: Message) -> Conversion:
    """Reads amounts and the unit they are wanted in off a message."""
    found = pieces(message, _KINDS)
    amounts: list[Amount] = []
    bare: list[str] = []
    money = any(piece.text in CURRENCIES for piece in found)
    index = 0
    while index < len(found):
        piece = found[index]
        if piece.value is not None:
            before = found[index - 1].text if index else ""
            index, amount = _amount(found, index)
            if amount is None and amounts and amounts[-1].unit == "foot" and piece.value < 12:
                amount = Amount(piece.value, "inch")  # "5 foot 11"
            if amount:
                amounts.append(_signed(amount, piece, before))
            money = money or (piece.kind == "money" and piece.unit != _POUNDS)
            continue
        end, unit = _unit(found, index, behind_digits=False)
        if unit and index and found[index - 1].text in _ONE:
            amounts.append(Amount(Decimal(1), unit))
        elif unit:
            bare.append(unit)
        index = end
    amounts = amounts or _without_places(message)
    if not amounts and len(bare) > 1:
        # "How many feet in a mile" asks for feet, "convert miles to kilometres" for kilometres.
        asked = "how many" in str(message.get("text") or "").casefold()
        source, target = (bare[1], bare[0]) if asked else (bare[0], bare[1])
        return Conversion((Amount(Decimal(1), source),), target, money)
    return Conversion(tuple(amounts), bare[0] if bare else None, money)


def _amount(found: Sequence[Piece], index: int) -> tuple[int, Amount | None]:
    """The amount that begins at a number, and where it ends."""
    piece = found[index]
    value = piece.value
    if value is None:
        return index + 1, None
    if piece.kind == "temperature" and piece.unit:
        return index + 1, Amount(value, TEMPERATURES.get(piece.unit, piece.unit))
    if piece.kind == "duration" and piece.unit and piece.amount is not None:
        return index + 1, Amount(piece.amount, piece.unit)
    if piece.kind == "amount" and piece.unit:
        return index + 1, Amount(value, piece.unit)
    if piece.kind == "money":
        # Beside another weight, pounds are a weight.
        return index + 1, Amount(value, "pound") if piece.unit == _POUNDS else None
    if piece.kind == "temperature":
        end, unit = _unit(found, index + 1, behind_digits=True)
        return end, Amount(value, unit or "degrees")
    end, unit = _unit(found, index + 1, behind_digits=True)
    return end, Amount(value, unit) if unit else None


def _signed(amount: Amount, piece: Piece, before: str) -> Amount:
    # What was found as a value has its sign already.
    negative = piece.kind == "digits" and before in _MINUS
    return Amount(-amount.value, amount.unit) if negative else amount


def _unit(found: Sequence[Piece], index: int, *, behind_digits: bool) -> tuple[int, str | None]:
    known = phrases()
    for length in range(min(_LONGEST_PHRASE, len(found) - index), 0, -1):
        part = found[index : index + length]
        phrase = " ".join(piece.text for piece in part)
        behind_in = index > 0 and found[index - 1].text in _INTO
        short = phrase in _ONLY_BEHIND_DIGITS and not (behind_digits or behind_in)
        if phrase in known and not short and all(piece.value is None for piece in part):
            return index + length, known[phrase]
    return (index, None) if behind_digits else (index + 1, None)


def _without_places(message: Message) -> list[Amount]:
    """The amounts of a message that was put together from values, without words."""
    if any(entity.get("start") is not None for entity in message.get("entities") or []):
        return []
    found = [Amount(Decimal(str(m.value)), m.unit) for m in measures(message, "amount") if m.unit]
    for measure in measures(message, "temperature"):
        unit = TEMPERATURES.get(measure.unit or "", "degrees")
        found.append(Amount(Decimal(str(measure.value)), unit))
    return found
