"""Written sentences as they are spoken: words in lower case, numbers in words."""

from __future__ import annotations

import re

from voice.speaking_numbers import decimal, ordinal

_TOKEN = re.compile(
    r"\d+:\d\d|\d[\d,]*\.?\d*(?:st|nd|rd|th)?|[^\W\d_]+(?:['’\-][^\W\d_]+)*|[%&@+°€$£]"
)
_SAID = {"%": "percent", "&": "and", "@": "at", "+": "plus", "°": "degrees"} | {
    "€": "euros",
    "$": "dollars",
    "£": "pounds",
}
_LETTERS = {"am": "a m", "pm": "p m"}
"""Behind a number, each letter by itself."""


def spoken(text: str) -> tuple[str, ...]:
    """The words of a text as somebody says them; none for a text without words."""
    words: list[str] = []
    was_number = False
    for token in _TOKEN.findall(text.lower().replace("’", "'")):
        if token[0].isdigit():
            words += _number(token)
        elif was_number and token in _LETTERS:
            words += _LETTERS[token].split()
        else:
            words += _SAID.get(token, token).split()
        was_number = token[0].isdigit()
    return tuple(words)


def _number(token: str) -> list[str]:
    if ":" in token:
        hours, minutes = token.split(":")
        if minutes == "00":
            return _words(hours)
        return _words(hours) + (["oh"] if minutes[0] == "0" else []) + _words(minutes.lstrip("0"))
    return _words(token.rstrip(".").replace(",", ""))


def _words(number: str) -> list[str]:
    if number[-1].isalpha():
        return ordinal(int(number[:-2])).replace("-", " ").split()
    return decimal(number).replace("-", " ").split()
