"""Training sentences as people really type them: with a slip of the finger, or a word missing."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from custom_components.joint_bert.labels import Example, LabelSpace, Span

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    key: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in _ROWS
    for place, key in enumerate(row)
}
_SHORTEST_WORD = 3
"""Letters below which a slip makes another word rather than a misspelt one."""
_FEWEST_WORDS = 4
"""Words below which dropping one loses the meaning."""


def augment(example: Example, source: random.Random) -> Example:
    """Returns the example with one typing error, or without one word that is no entity's.

    Spans stay on their words. A text that offers nothing to change is returned as it is.
    """
    if source.random() < 1 / 3:
        return _drop_word(example, source)
    return misspell(example, source)


def misspell(example: Example, source: random.Random) -> Example:
    """Returns the example with one typing error in one of its longer words."""
    words = [
        word for word in re.finditer(r"[^\W\d_]+", example.text) if len(word[0]) >= _SHORTEST_WORD
    ]
    if not words:
        return example
    word = source.choice(words)
    place = source.randrange(word.start(), word.end())
    letter = example.text[place]
    slip = source.choice(("swap", "drop", "double", "neighbour"))
    if slip == "swap" and place + 1 < word.end():
        return _edited(example, place, 2, example.text[place + 1] + letter)
    if slip == "drop":
        return _edited(example, place, 1, "")
    if slip == "neighbour" and letter.lower() in _NEIGHBOURS:
        return _edited(example, place, 1, source.choice(_NEIGHBOURS[letter.lower()]))
    return _edited(example, place, 1, letter * 2)


def _drop_word(example: Example, source: random.Random) -> Example:
    words = list(re.finditer(r"\S+\s*", example.text))
    if len(words) < _FEWEST_WORDS:
        return example
    free = [
        word
        for word in words
        if not any(
            word.start() < span.end and word.end() > span.start for span in example.spans or ()
        )
    ]
    if not free:
        return example
    word = source.choice(free)
    return _edited(example, word.start(), word.end() - word.start(), "")


def _edited(example: Example, place: int, length: int, insertion: str) -> Example:
    """Replaces `length` characters from `place` on, and moves the spans along."""
    shift = len(insertion) - length
    text = example.text[:place] + insertion + example.text[place + length :]
    spans = tuple(
        Span(
            span.start + shift if span.start >= place + length else span.start,
            span.end + shift if span.end >= place + length else span.end,
            span.label,
        )
        for span in example.spans or ()
    )
    return replace(example, text=text, spans=None if example.spans is None else spans)


def intent_names(labels: LabelSpace) -> list[Example]:
    """Returns each intent's name in words as an example: people name intents for what they mean."""
    return [
        Example(
            text=name.replace("_", " ").replace("/", " ").strip(),
            intent=name,
            spans=None,
        )
        for name in labels.intents
    ]
