"""Sums said in words or symbols: "12 times 7 plus 3", "15 percent of 80", "2^10".

A small recursive descent parser over the pieces of a message. It computes with decimals, so that
a tenth is a tenth, and refuses what would become too large before it computes it.

```
sum      = product { ("plus" | "minus") product }      "80 plus 15 percent" is 92
product  = part { ("times" | "divided by" | "modulo") part }
part     = power [ "of" part ]                         "half of 30", "15 percent of 80"
power    = operand { "squared" | "cubed" } [ "to the power of" signed ]
operand  = number [ "percent" ] | "(" sum ")" | root signed | "minus" part
```
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from math import log10

from actions.figures import speak_decimal
from actions.sum_words import (
    DividedByZeroError,
    NoRealNumberError,
    NoSumError,
    Token,
    TooLargeError,
    read_sum,
)
from actions.values import Message

LONGEST_TEXT = 200
"""Characters of a sum; nobody says a longer one."""

MOST_TOKENS = 60

LARGEST = Decimal(10) ** 30

_CONTEXT = Context(prec=60, Emax=999, Emin=-999, traps=[DivisionByZero, InvalidOperation, Overflow])
_DEEPEST = 20


@dataclass(frozen=True)
class Result:
    """What a sum comes to."""

    value: Decimal
    sum: str
    """The sum in words, as it was understood."""

    percent: bool = False
    """Whether the value is a percentage."""


def compute(message: Message, before: Decimal | None = None) -> Result:
    """Computes the sum in a message.

    Args:
        message: The message, with the numbers that were found in it.
        before: What the sum before came to; "times two" goes on with it.

    Raises:
        SumError: One of its kinds, by what is the matter.
    """
    if len(str(message.get("text") or "")) > LONGEST_TEXT:
        raise TooLargeError("the sum is too long")
    tokens = read_sum(message)
    if before is not None and tokens[0].kind in ("+", "*", "/", "^", "-"):
        tokens = [Token("number", speak_decimal(before), before), *tokens]
    if len(tokens) > MOST_TOKENS:
        raise TooLargeError("the sum is too long")
    try:
        share = _share(tokens)
        if share is not None:
            return share
        tokens = [token for token in tokens if token.kind != "is"]
        value = _Parser(tokens).parse()
    except DivisionByZero:
        raise DividedByZeroError from None
    except InvalidOperation:
        raise NoRealNumberError from None
    except Overflow:
        raise TooLargeError("the result is too large") from None
    if not value.is_finite():
        raise TooLargeError("a number is too large")
    said = " ".join(token.said for token in tokens if token.said)
    return Result(value, said.replace("( ", "(").replace(" )", ")"))


class _Parser:
    """Recursive descent; see the grammar above."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def parse(self) -> Decimal:
        value, _ = self._sum()
        if self._next < len(self._tokens):
            raise NoSumError(f"unexpected {self._tokens[self._next].kind}")
        return value

    def _take(self, *kinds: str) -> Token | None:
        if self._next < len(self._tokens) and self._tokens[self._next].kind in kinds:
            self._next += 1
            return self._tokens[self._next - 1]
        return None

    def _sum(self) -> tuple[Decimal, bool]:
        value, percent = self._product()
        while operator := self._take("+", "-"):
            right, of_left = self._product()
            if of_left and not percent:
                right = _CONTEXT.multiply(value, right)
            both = percent and of_left
            value = _bounded(
                _CONTEXT.add(value, right)
                if operator.kind == "+"
                else _CONTEXT.subtract(value, right)
            )
            percent = both
        return value, percent

    def _product(self) -> tuple[Decimal, bool]:
        value, percent = self._part()
        while operator := self._take("*", "/", "mod"):
            right, _ = self._part()
            percent = False
            if operator.kind == "*":
                value = _bounded(_CONTEXT.multiply(value, right))
            elif not right:
                raise DividedByZeroError
            elif operator.kind == "/":
                value = _bounded(_CONTEXT.divide(value, right))
            else:
                value = _CONTEXT.remainder(value, right)
        return value, percent

    def _part(self) -> tuple[Decimal, bool]:
        value, percent = self._power()
        if self._take("of"):
            right, _ = self._part()
            return _bounded(_CONTEXT.multiply(value, right)), False
        return value, percent

    def _power(self) -> tuple[Decimal, bool]:
        value, percent = self._operand()
        while operator := self._take("squared", "cubed"):
            value = _power(value, Decimal(2 if operator.kind == "squared" else 3))
        if self._take("^"):
            exponent = self._signed()
            return _power(value, exponent), False
        return value, percent

    def _signed(self) -> Decimal:
        """What stands behind "to the power of" and roots: it binds to the right."""
        self._deeper()
        if self._take("-"):
            value = _CONTEXT.minus(self._signed())
        else:
            value, _ = self._power()
        self._depth -= 1
        return value

    def _operand(self) -> tuple[Decimal, bool]:
        self._deeper()
        try:
            if number := self._take("number"):
                if self._take("%"):
                    return _CONTEXT.divide(number.value, Decimal(100)), True
                return number.value, False
            if self._take("("):
                value, _ = self._sum()
                if not self._take(")"):
                    raise NoSumError("a bracket is not closed")
                return value, False
            if self._take("root"):
                return _root(self._signed(), 2), False
            if self._take("cube root"):
                return _root(self._signed(), 3), False
            if self._take("-"):
                value, percent = self._part()
                return _CONTEXT.minus(value), percent
            if times := self._take("twice", "thrice"):
                self._take("of")
                value, _ = self._part()
                return _CONTEXT.multiply(Decimal(2 if times.kind == "twice" else 3), value), False
            raise NoSumError("a number is missing")
        finally:
            self._depth -= 1

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise TooLargeError("too many brackets")


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if not base and exponent < 0:
        raise DividedByZeroError
    if base:
        digits = abs(exponent) * Decimal(abs(log10(abs(base))))
        if digits > LARGEST.adjusted():
            raise TooLargeError("the result is too large")
    return _bounded(_CONTEXT.power(base, exponent))


def _root(value: Decimal, degree: int) -> Decimal:
    if degree == 2:
        return _CONTEXT.sqrt(value)
    size = _CONTEXT.power(abs(value), _CONTEXT.divide(Decimal(1), Decimal(3))) if value else value
    # The third is not exact: 2.9999… is meant to be 3.
    whole = size.to_integral_value()
    size = whole if whole**3 == abs(value) else size
    return -size if value < 0 else size


def _bounded(value: Decimal) -> Decimal:
    if abs(value) > LARGEST:
        raise TooLargeError("the result is too large")
    return value


def _share(tokens: list[Token]) -> Result | None:
    """Answers "what percent of 80 is 12" and "12 is what percent of 80"."""
    kinds = [token.kind for token in tokens]
    if "share" not in kinds or "is" not in kinds:
        return None
    asks, equals = kinds.index("share"), kinds.index("is")
    if asks < equals:
        whole, part = tokens[asks + 1 : equals], tokens[equals + 1 :]
    else:
        part, whole = tokens[:equals], tokens[asks + 1 :]
    if whole and whole[0].kind == "of":
        whole = whole[1:]
    of_all = _Parser(whole).parse()
    if not of_all:
        raise DividedByZeroError
    value = _CONTEXT.multiply(_CONTEXT.divide(_Parser(part).parse(), of_all), Decimal(100))
    said = " ".join(token.said for token in part)
    return Result(value, f"{said} of {' '.join(token.said for token in whole)}", percent=True)
