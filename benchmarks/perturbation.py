"""Texts as they arrive: mistyped, without punctuation, in lower case, misheard."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_KEYS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij",
    "i": "uok", "o": "ipl", "p": "ol", "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv",
    "g": "fthb", "h": "gyjn", "j": "hukm", "k": "jil", "l": "kop", "z": "asx", "x": "zsdc",
    "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
}  # fmt: skip

# Words that sound alike: what a recogniser writes for what was said.
_SOUNDS_ALIKE = (
    ("to", "two", "too"), ("for", "four"), ("there", "their"), ("your", "you're"),
    ("by", "buy", "bye"), ("no", "know"), ("right", "write"), ("here", "hear"),
    ("won", "one"), ("wait", "weight"), ("mail", "male"), ("week", "weak"), ("not", "knot"),
    ("new", "knew"), ("see", "sea"), ("be", "bee"), ("would", "wood"), ("which", "witch"),
    ("sent", "cent", "scent"), ("their", "there"), ("hour", "our"), ("been", "bean"),
    ("card", "guard"), ("pin", "pen"), ("account", "a count"), ("cash", "cache"),
    ("transfer", "trance fur"), ("charge", "large"), ("fee", "free"), ("change", "chains"),
    ("payment", "pavement"), ("list", "least"), ("add", "ad"), ("than", "then"),
    ("it's", "its"), ("where", "wear"), ("whole", "hole"), ("through", "threw"),
)  # fmt: skip


def typing_error(text: str, source: random.Random) -> str:
    """Returns the text with one error: letters swapped, one lost, doubled, or a wrong key."""
    words = [word for word in re.finditer(r"[A-Za-z]+", text) if len(word[0]) >= 3]
    if not words:
        return text
    word = source.choice(words)
    place = source.randrange(word.start(), word.end() - 1)
    before, letter, following, after = (
        text[:place],
        text[place],
        text[place + 1],
        text[place + 2 :],
    )
    slip = source.randrange(4)
    if slip == 0:
        return before + following + letter + after
    if slip == 1:
        return before + following + after
    if slip == 2:
        return before + letter + letter + following + after
    return before + source.choice(_KEYS[letter.lower()]) + following + after


def without_punctuation(text: str, source: random.Random) -> str:
    """Returns the text in lower case, as recognisers and hurried people write."""
    return re.sub(r"[^\w\s']", "", text).lower()


def misheard(text: str, source: random.Random) -> str:
    """Returns the text with one word written as another one that sounds alike, if any does."""
    words = text.split(" ")
    choices = [
        (place, other)
        for place, word in enumerate(words)
        for group in _SOUNDS_ALIKE
        if word.lower() in group
        for other in group
        if other != word.lower()
    ]
    if not choices:
        return text
    place, other = source.choice(choices)
    return " ".join([*words[:place], other, *words[place + 1 :]])


PERTURBATIONS: dict[str, Callable[[str, random.Random], str]] = {
    "typing_error": typing_error,
    "lower_case_no_punctuation": without_punctuation,
    "misheard": misheard,
}


def perturb(texts: Sequence[str], kind: str, seed: int = 0) -> list[str]:
    """Returns each text changed once; the same seed gives the same changes."""
    source = random.Random(seed)
    return [PERTURBATIONS[kind](text, source) for text in texts]
