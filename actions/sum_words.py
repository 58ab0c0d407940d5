"""The words and symbols that sums are made of, and the sum among the words of a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from actions.figures import Piece, pieces, speak_decimal
from actions.values import Message

_NUMBERS = frozenset({"number", "percentage", "ordinal"})
_EXACT = Context(prec=60)


class SumError(ValueError):
    """A sum that cannot be computed."""


class NoSumError(SumError):
    """The words are no sum."""


class TooLargeError(SumError):
    """The result, or the sum itself, is beyond all reason."""


class DividedByZeroError(SumError):
    """It divides by zero."""


class NoRealNumberError(SumError):
    """The root of a negative number, or zero to the power of zero."""


@dataclass(frozen=True)
class Token:
    """A word of a sum."""

    kind: str
    """"number", or the name of an operator."""

    said: str
    """As it is said back."""

    value: Decimal = Decimal(0)


_PHRASES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("plus", "+", "added to"), ("+", "plus")),
    **dict.fromkeys(("minus", "-", "−", "–", "less", "take away"), ("-", "minus")),
    **dict.fromkeys(
        (
            "times",
            "*",
            "×",
            "x",
            "multiplied by",
            "multiplied with",
        ),
        ("*", "times"),
    ),
    **dict.fromkeys(("divided by", "over", "/", "÷"), ("/", "divided by")),
    **dict.fromkeys(("modulo", "mod"), ("mod", "modulo")),
    **dict.fromkeys(
        (
            "to the power of",
            "to the power",
            "raised to",
            "raised to the power of",
            "^",
            "**",
            "to the",
        ),
        ("^", "to the power of"),
    ),
    **dict.fromkeys(("squared",), ("squared", "squared")),
    **dict.fromkeys(("cubed",), ("cubed", "cubed")),
    **dict.fromkeys(
        ("square root of", "the square root of", "root of", "√", "square root", "sqrt"),
        ("root", "the square root of"),
    ),
    **dict.fromkeys(("cube root of", "the cube root of"), ("cube root", "the cube root of")),
    **dict.fromkeys(("percent", "per cent", "%", "percentage"), ("%", "percent")),
    **dict.fromkeys(("what percent", "what percentage", "how many percent"), ("share", "")),
    **dict.fromkeys(("of",), ("of", "of")),
    **dict.fromkeys(("(",), ("(", "(")),
    **dict.fromkeys((")",), (")", ")")),
    **dict.fromkeys(("twice", "double"), ("twice", "twice")),
    **dict.fromkeys(("thrice", "triple"), ("thrice", "three times")),
    **dict.fromkeys(("the sum of", "sum of"), ("sum of", "")),
    **dict.fromkeys(("the product of", "product of"), ("product of", "")),
    **dict.fromkeys(
        ("the difference between", "difference between", "the difference of"), ("difference of", "")
    ),
    **dict.fromkeys(("add", "and add"), ("add", "")),
    **dict.fromkeys(("subtract", "and subtract"), ("subtract", "")),
    **dict.fromkeys(("multiply", "and multiply", "multiply by"), ("multiply", "")),
    **dict.fromkeys(("divide", "and divide", "divide by"), ("divide", "")),
    **dict.fromkeys(("and", "from", "by", "with", "to", ","), ("and", "")),
    **dict.fromkeys(("is", "equals", "="), ("is", "")),
}
_LONGEST_PHRASE = max(len(phrase.split()) for phrase in _PHRASES)
_FRACTIONS = {
    "half of": Decimal("0.5"),
    "half": Decimal("0.5"),
    "one half of": Decimal("0.5"),
    "a quarter of": Decimal("0.25"),
    "one quarter of": Decimal("0.25"),
    "three quarters of": Decimal("0.75"),
    "a third of": _EXACT.divide(Decimal(1), Decimal(3)),
    "one third of": _EXACT.divide(Decimal(1), Decimal(3)),
    "two thirds of": _EXACT.divide(Decimal(2), Decimal(3)),
    "a fifth of": Decimal("0.2"),
    "a tenth of": Decimal("0.1"),
}
_JOINING = {
    "sum of": ("+", "plus"),
    "product of": ("*", "times"),
    "difference of": ("-", "minus"),
    "add": ("+", "plus"),
    "subtract": ("-", "minus"),
    "multiply": ("*", "times"),
    "divide": ("/", "divided by"),
}
_VERBS = frozenset({"add", "subtract", "multiply", "divide"})
_FILLERS = frozenset(
    "what what's whats 's s calculate compute calculator work out how much does do make makes "
    "come comes to the a please can could would you tell me give for i need want know let's lets "
    "quickly hey ok okay so and now er um uh then result answer of sum total up ? ! . : just "
    "say thanks thank maths math solve".split()
)


def read_sum(message: Message) -> list[Token]:
    """The tokens of the sum in a message, without the words around it.

    Raises:
        NoSumError: If there is none, or if numbers would be left out of it.
    """
    return _sum_among(_runs(pieces(message, _NUMBERS)))


def _sum_among(runs: Sequence[list[Token]]) -> list[Token]:
    """The sum of a message: what is said around it may hold no other numbers.

    Raises:
        NoSumError: If there is none, or if numbers would be left out of it.
    """
    sums = [run for run in runs if len(run) > 1 and _numbers(run)]
    if not sums:
        raise NoSumError("no sum")
    last = sums[-1]
    if any(_numbers(run) - _numbers(last) for run in runs):
        raise NoSumError("words between the numbers that belong to no sum")
    return last


def _numbers(tokens: Sequence[Token]) -> set[Decimal]:
    return {token.value for token in tokens if token.kind == "number"}


def _runs(found: Sequence[Piece]) -> list[list[Token]]:
    """The tokens of a message, apart where a word stands between them that is of no sum."""
    runs = [_Run()]
    index = 0
    while index < len(found):
        index, read = _read(found, index, runs[-1].tokens)
        if read is None:
            runs.append(_Run())
        for token in read or ():
            runs[-1].add(token)
    return [run.finished() for run in runs]


class _Run:
    """Tokens that follow each other, with "the sum of … and …" and "add … to …" undone."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self._joining: Token | None = None
        self._leading = False
        self._taken_off: list[Token] | None = None

    def add(self, token: Token) -> None:
        joining = self._joining
        if token.kind in _JOINING:
            self._joining = Token(*_JOINING[token.kind])
            self._leading = not self.tokens and token.kind in _VERBS
        elif token.kind != "and":
            self.tokens.extend([token] if token.kind != "is" or self.tokens else [])
        elif joining and joining.kind == "-" and self._leading and self.tokens:
            # "Subtract 3 from 10" says first what is taken off.
            self._taken_off, self.tokens, self._leading = self.tokens, [], False
        elif joining and self.tokens and self.tokens[-1].kind not in ("+", "-", "*", "/"):
            # "And" is an operator only where something is summed up: "the sum of 3 and 4".
            self.tokens.append(joining)
            self._leading = False

    def finished(self) -> list[Token]:
        while self.tokens and self.tokens[-1].kind in ("is", "of", "+", "-", "*", "/"):
            self.tokens.pop()
        if self._joining and self._taken_off is not None:
            return [*self.tokens, self._joining, *self._taken_off]
        # "Add five" goes on with the sum before.
        return [self._joining, *self.tokens] if self._joining and self._leading else self.tokens


def _read(
    found: Sequence[Piece], index: int, before: Sequence[Token]
) -> tuple[int, list[Token] | None]:
    """The tokens that begin at a piece, and where they end.

    Returns:
        No tokens for a word that says nothing; None instead for one that belongs to no sum.
    """
    piece = found[index]
    behind_power = bool(before) and before[-1].kind == "^"
    if piece.text == "to" and index + 1 < len(found) and found[index + 1].kind == "ordinal":
        return index + 1, [Token("^", "to the power of")]
    fraction = _written_fraction(found, index)
    if fraction:
        return index + 3, [fraction]
    if piece.value is not None and (piece.kind != "ordinal" or behind_power):
        number = Token("number", speak_decimal(piece.value), piece.value)
        percent = [Token("%", "percent")] if piece.kind == "percentage" else []
        return index + 1, [number, *percent]
    for length in range(min(_LONGEST_PHRASE, len(found) - index), 0, -1):
        part = found[index : index + length]
        phrase = " ".join(p.text for p in part)
        if phrase in _FRACTIONS:
            part_of = [Token("of", "of")] if phrase.endswith(" of") else []
            number = Token("number", phrase.removesuffix(" of"), _FRACTIONS[phrase])
            return index + length, [number, *part_of]
        if phrase in _PHRASES and all(p.value is None for p in part):
            return index + length, [Token(*_PHRASES[phrase])]
    if piece.text in _FILLERS or (piece.text == "power" and before):
        return index + 1, []
    return index + 1, None


def _written_fraction(found: Sequence[Piece], index: int) -> Token | None:
    """The "3/4" of "3/4 of 100"."""
    part = found[index : index + 4]
    if len(part) < 4 or (part[1].text, part[3].text) != ("/", "of"):
        return None
    above, below = part[0].value, part[2].value
    if above is None or not below:
        return None
    said = f"{speak_decimal(above)}/{speak_decimal(below)}"
    return Token("number", said, _EXACT.divide(above, below))
