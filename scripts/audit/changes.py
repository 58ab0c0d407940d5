"""What may be done to a sentence without changing what it says: how people type."""

import random
import re
from collections.abc import Callable, Mapping

Change = Callable[[str, random.Random], str | None]
"""Gives the sentence otherwise written; None where it is not to be had for this sentence."""

_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_CONTRACTIONS = {
    "I am": "I'm",
    "I have": "I've",
    "I would": "I'd",
    "we are": "we're",
    "we have": "we've",
    "you are": "you're",
    "that is": "that's",
    "what is": "what's",
    "do not": "don't",
    "did not": "didn't",
    "cannot": "can't",
    "is not": "isn't",
}
_TEXTING = {
    "you": "u",
    "you're": "ur",
    "are": "r",
    "please": "pls",
    "thanks": "thx",
    "tomorrow": "tmrw",
    "and": "n",
    "what": "wat",
}


def lower_case(text: str, draw: random.Random) -> str | None:
    """Nothing is capital."""
    return _if_changed(text, text.lower())


def upper_case(text: str, draw: random.Random) -> str | None:
    """Everything is capital."""
    return _if_changed(text, text.upper())


def sentence_case(text: str, draw: random.Random) -> str | None:
    """The first letter is capital."""
    return _if_changed(text, text[:1].upper() + text[1:])


def title_case(text: str, draw: random.Random) -> str | None:
    """The first letter of each word is capital."""
    return _if_changed(text, re.sub(r"(?<!\S)\w", lambda found: found[0].upper(), text))


def no_punctuation(text: str, draw: random.Random) -> str | None:
    """Without commas, full stops and the like; apostrophes and what stands in numbers stay."""
    return _if_changed(text, re.sub(r"[,;:!?…]|\.(?!\d)", "", text))


def no_apostrophes(text: str, draw: random.Random) -> str | None:
    """`dont`, `whats`."""
    return _if_changed(text, re.sub("['’]", "", text))


def curly_apostrophes(text: str, draw: random.Random) -> str | None:
    """As telephones write them."""
    return _if_changed(text, text.replace("'", "’"))


def contracted(text: str, draw: random.Random) -> str | None:
    """`I'm` for `I am`."""
    return _replaced(text, _CONTRACTIONS)


def uncontracted(text: str, draw: random.Random) -> str | None:
    """`I am` for `I'm`."""
    return _replaced(text, {short: long for long, short in _CONTRACTIONS.items()})


def texting(text: str, draw: random.Random) -> str | None:
    """`u` for `you`, and the like."""
    return _replaced(text, _TEXTING)


def extra_spaces(text: str, draw: random.Random) -> str | None:
    """Two spaces for one, and some around."""
    return f" {text.replace(' ', '  ')} "


def lengthened(text: str, draw: random.Random) -> str | None:
    """The last vowel of the last word three times, as in `milkshaaake`."""
    found = re.search(r"([aeiouy])(?=[^aeiouy\s]*$)", text, re.IGNORECASE)
    if found is None:
        return None
    return text[: found.start()] + found[1] * 3 + text[found.end() :]


def swapped_letters(text: str, draw: random.Random) -> str | None:
    """Two letters of a word in the wrong order."""
    found = _long_word(text, draw)
    places = (
        [
            place
            for place in range(found.start(), found.end() - 1)
            if text[place].lower() != text[place + 1].lower()
        ]
        if found
        else []
    )
    if not places:
        return None
    place = draw.choice(places)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def missing_letter(text: str, draw: random.Random) -> str | None:
    """A letter of a word, not its first, left out."""
    found = _long_word(text, draw)
    if found is None:
        return None
    place = draw.randrange(found.start() + 1, found.end())
    return text[:place] + text[place + 1 :]


def doubled_letter(text: str, draw: random.Random) -> str | None:
    """A letter of a word twice."""
    found = _long_word(text, draw)
    if found is None:
        return None
    place = draw.randrange(found.start(), found.end())
    return text[:place] + text[place] + text[place:]


def neighbouring_key(text: str, draw: random.Random) -> str | None:
    """A letter of a word replaced by one beside it on an English keyboard."""
    found = _long_word(text, draw)
    places = (
        [
            place
            for place in range(found.start(), found.end())
            if any(text[place].lower() in row for row in _KEYBOARD)
        ]
        if found
        else []
    )
    if not places:
        return None
    place = draw.choice(places)
    row = next(row for row in _KEYBOARD if text[place].lower() in row)
    at = row.index(text[place].lower())
    wrong = draw.choice([row[beside] for beside in (at - 1, at + 1) if 0 <= beside < len(row)])
    return text[:place] + wrong + text[place + 1 :]


def missing_space(text: str, draw: random.Random) -> str | None:
    """Two words written together."""
    spaces = [place for place, letter in enumerate(text) if letter == " "]
    if not spaces:
        return None
    place = draw.choice(spaces)
    return text[:place] + text[place + 1 :]


CHANGES: Mapping[str, Change] = {
    change.__name__: change
    for change in (
        *(lower_case, upper_case, sentence_case, title_case, no_punctuation, no_apostrophes),
        *(curly_apostrophes, contracted, uncontracted, texting, extra_spaces, lengthened),
        *(swapped_letters, missing_letter, doubled_letter, neighbouring_key, missing_space),
    )
}
"""The changes that a test may name."""


def apply_change(change: str, text: str, seed: str) -> str | None:
    """Apply a change by its name, or a pattern that holds `{text}`.

    Args:
        change: The name or the pattern.
        text: The sentence.
        seed: What is drawn hangs on it and on nothing else.

    Raises:
        KeyError: There is no change of this name.
    """
    if "{text}" in change:
        return change.replace("{text}", text)
    return CHANGES[change](text, random.Random(f"{seed}:{change}:{text}"))


def _long_word(text: str, draw: random.Random) -> re.Match[str] | None:
    words = list(_LONG_WORD.finditer(text))
    return draw.choice(words) if words else None


def _replaced(text: str, words: Mapping[str, str]) -> str | None:
    pattern = r"(?<![\w'])(?:" + "|".join(map(re.escape, words)) + r")(?![\w'])"
    return _if_changed(text, re.sub(pattern, lambda found: words[found[0]], text))


def _if_changed(before: str, after: str) -> str | None:
    return after if after != before else None
