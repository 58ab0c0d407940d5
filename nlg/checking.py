"""Whether generated words may stand for a response: nothing lost, nothing made up.

A language model may drop a value ("I've set your alarm."), change one ("for eight") or invent
one. What is generated is taken only if everything that was filled in is still there and no
figure, link or question has come or gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST_GROWTH = 2.0
"""How many times as long as the response other words for it may be."""

SPARE_CHARACTERS = 40
"""What a short response may grow by beyond that."""

_FIGURES = re.compile(r"\d+(?:[.,:]\d+)*")
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)\S+|\S+@\S+\.\w+")
_LEFTOVER = re.compile(r"[{}<>\[\]|`]|\b(?:User|Parley|Assistant|Say):")
_NEGATION = re.compile(r"(?i)\b(?:not|no|never|nothing|none|neither|cannot)\b|n't\b|n’t\b")


def complaint(response: str, values: Iterable[str], generated: str) -> str | None:
    """What is wrong with generated words.

    Args:
        response: The response as it is written, filled in.
        values: What was filled in.
        generated: Other words for it.

    Returns:
        The reason for which they cannot be said, None where they can.
    """
    words = _plain(generated)
    if not words:
        return "nothing was generated"
    for value in values:
        if _plain(value) and _plain(value) not in words:
            return "a value is missing"
    if sorted(_FIGURES.findall(response)) != sorted(_FIGURES.findall(generated)):
        return "the figures differ"
    if _LINK.findall(response) != _LINK.findall(generated):
        return "the links differ"
    if response.rstrip().endswith("?") != generated.rstrip().endswith("?"):
        return "a question has come or gone"
    if bool(_NEGATION.search(response)) != bool(_NEGATION.search(generated)):
        return "a denial has come or gone"
    if len(generated) > LONGEST_GROWTH * len(response) + SPARE_CHARACTERS:
        return "it is too long"
    if set(_LEFTOVER.findall(generated)) - set(_LEFTOVER.findall(response)):
        return "it holds marks that are not for people"
    return None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
