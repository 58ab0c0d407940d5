"""A message cut into words, with what the lexicon knows of each.

spaCy's English tokenizer cuts, its `PhraseMatcher` finds the lexicon's phrases. On top, what
is written together is taken apart ("7:30pm", "1h30m", "twenty-one"), and the offsets stay those
of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, TypeVar

import spacy
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from custom_components.value_extraction.lexicon import LEXICON, SHORT_WEEKDAYS, WEEKDAYS

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "−": "-", "–": "-"})
_PIECES = re.compile(r"\d+(?:[.,:/]\d+)*|[½¼¾⅓⅔⅛]|[^\W\d_]+(?:/[^\W\d_])?|.", re.DOTALL)
_DIGITS_FIRST = re.compile(r"-?\d")

_DAYS = {*WEEKDAYS, *SHORT_WEEKDAYS}

Result = TypeVar("Result")


@cache
def _split(phrase: str) -> list[str]:
    return phrase.split()


class Words:
    """The words of one message, in lower case, with their places in the text."""

    def __init__(
        self,
        text: str,
        lower: list[str],
        starts: list[int],
        ends: list[int],
        meanings: dict[tuple[int, str], tuple[int, Any]],
    ) -> None:
        """Keeps what a `Reader` found."""
        self.text = text
        self.lower = lower
        self.starts = starts
        self.ends = ends
        self._meanings = meanings
        self._begins = {index for index, _ in meanings}
        self._memory: dict[tuple[str, int], Any] = {}

    def __len__(self) -> int:
        """The number of words."""
        return len(self.lower)

    def __getitem__(self, index: int) -> str:
        """A word; "" before the first and behind the last."""
        return self.lower[index] if 0 <= index < len(self.lower) else ""

    def meaning(self, index: int, category: str) -> tuple[int, Any] | None:
        """Where the longest phrase of a category that begins here ends, and what it means."""
        return self._meanings.get((index, category))

    def past(self, index: int, phrase: str) -> int | None:
        """The index behind a phrase, if it stands here."""
        wanted = _split(phrase)
        end = index + len(wanted)
        return end if self.lower[index:end] == wanted else None

    def known(self, index: int) -> bool:
        """Whether the lexicon has a phrase that begins here."""
        return index in self._begins

    def skip(self, index: int, *words: str) -> int:
        """The index, moved on by one where one of the words stands."""
        return index + 1 if self[index] in words else index

    def touches(self, index: int) -> bool:
        """Whether a word follows the one before it without a gap."""
        return 0 < index < len(self.lower) and self.starts[index] == self.ends[index - 1]

    def said(self, start: int, end: int) -> str:
        """The text from one word up to another, exclusive."""
        return self.text[self.starts[start] : self.ends[end - 1]]


def remembered(rule: Callable[[Words, int], Result]) -> Callable[[Words, int], Result]:
    """Makes a rule of the grammar compute once a place; several rules ask for a numeral there."""

    @wraps(rule)
    def remembering(words: Words, index: int) -> Result:
        key = (rule.__qualname__ + rule.__module__, index)
        memory = words._memory
        if key not in memory:
            memory[key] = rule(words, index)
        result: Result = memory[key]
        return result

    return remembering


class Reader:
    """Cuts texts into `Words`. Making one takes half a second, reading some 50 microseconds."""

    def __init__(
        self, lexicon: Mapping[str, Mapping[str, Any]] = LEXICON, max_words: int = 2000
    ) -> None:
        """Prepares spaCy's tokenizer and the matcher of the lexicon's phrases.

        Args:
            lexicon: Phrases and their meanings by category.
            max_words: Words of a text that are read; the rest is left out.
        """
        self._max_words = max_words
        self._nlp = spacy.blank("en")
        self._lexicon = lexicon
        self._matcher = PhraseMatcher(self._nlp.vocab, attr="ORTH")
        self._categories: dict[int, str] = {}
        self._spelled: dict[str, dict[str, Any]] = {}
        for category, phrases in lexicon.items():
            cut = {phrase: self._cut(phrase)[0] for phrase in phrases}
            self._matcher.add(
                category, [Doc(self._nlp.vocab, words=pieces) for pieces in cut.values()]
            )
            self._categories[self._nlp.vocab.strings[category]] = category
            self._spelled[category] = {
                " ".join(pieces): phrases[phrase] for phrase, pieces in cut.items()
            }

    def read(self, text: str) -> Words:
        """Returns the words of a text."""
        lower, starts, ends = self._cut(text)
        del lower[self._max_words :], starts[self._max_words :], ends[self._max_words :]
        meanings: dict[tuple[int, str], tuple[int, Any]] = {}
        for key, start, end in self._matcher(Doc(self._nlp.vocab, words=lower)):
            category = self._categories[key]
            known = meanings.get((start, category))
            if known is None or known[0] < end:
                meaning = self._spelled[category][" ".join(lower[start:end])]
                meanings[start, category] = (end, meaning)
        return Words(text, lower, starts, ends, meanings)

    def _cut(self, text: str) -> tuple[list[str], list[int], list[int]]:
        lower: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for token in self._nlp.make_doc(text.translate(_APOSTROPHES)):
            word = token.text
            start = token.idx
            if word.isspace():
                continue
            if not _DIGITS_FIRST.match(word):
                lower.append(word.lower())
                starts.append(start)
                ends.append(start + len(word))
                continue
            for piece in _PIECES.finditer(word):
                lower.append(piece.group().lower())
                starts.append(start + piece.start())
                ends.append(start + piece.end())
        inner = [index for index in range(len(lower)) if _is_inner(index, lower, starts, ends)]
        for index in reversed(inner):
            del lower[index], starts[index], ends[index]
        return lower, starts, ends


def _is_inner(index: int, lower: list[str], starts: list[int], ends: list[int]) -> bool:
    """Whether a hyphen joins words ("twenty-one", "5-minute"); "7-9" and "Mon-Fri" are ranges."""
    if lower[index] != "-" or not 0 < index < len(lower) - 1:
        return False
    before, after = lower[index - 1], lower[index + 1]
    if before in _DAYS and after in _DAYS:
        return False
    joined = ends[index - 1] == starts[index] and ends[index] == starts[index + 1]
    return joined and before[-1].isalnum() and after[0].isalpha()
