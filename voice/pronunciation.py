"""How words sound: from the recogniser's dictionary, else from a model learnt from it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from voice.letters import LetterModel, Sounds

_PLAIN = re.compile(r"[a-z']*[a-z][a-z']*")
_VARIANT = re.compile(r"\(\d+\)$")

_HELD_OUT = 100
"""One word in so many is never learnt from: what the model is measured on."""

_LEARNT_SHARE = 3
"""One word in so many is learnt from: reading gets hardly better with more, learning slower."""


class Pronunciations:
    """The words of a dictionary file in CMU's form, and sounds for those that it lacks."""

    def __init__(self, path: Path) -> None:
        """Reads the dictionary."""
        self._known: dict[str, list[Sounds]] = {}
        for word, sounds in _read(path):
            self._known.setdefault(word, []).append(sounds)

    def __contains__(self, word: str) -> bool:
        """Whether the dictionary has the word."""
        return word in self._known

    def __iter__(self) -> Iterator[str]:
        """The words of the dictionary."""
        return iter(self._known)

    def of(self, word: str) -> list[Sounds]:
        """Returns all ways to say a word.

        Args:
            word: In lower case; of letters that English does not have, nothing is known.

        Returns:
            At least one; none at all where a word holds no letters.
        """
        if word in self._known:
            return self._known[word]
        parts = _PLAIN.findall(word)
        if len(parts) != 1 or parts[0] != word:
            # "wi-fi" sounds like its parts, one after the other.
            found = [self.of(part)[0] for part in parts if self.of(part)]
            return [tuple(sound for sounds in found for sound in sounds)] if found else []
        guessed = self._letters.pronounce(word)
        return [guessed] if guessed else []

    @cached_property
    def _letters(self) -> LetterModel:
        return LetterModel.learn(self._plain(held_out=False))

    def _plain(self, held_out: bool) -> Iterator[tuple[str, Sounds]]:
        for word, sounds in self._known.items():
            # Not by Python's hash, which changes with each process.
            number = zlib.crc32(word.encode())
            if _PLAIN.fullmatch(word) and (number % _HELD_OUT == 0) == held_out:
                if held_out or number % _LEARNT_SHARE == 0:
                    yield word, sounds[0]

    def measure(self, count: int) -> tuple[float, float]:
        """Reads words that the model has not learnt from.

        Args:
            count: Of words, at most.

        Returns:
            Wrong, missing and added sounds per sound, and the share of words with any such.
        """
        wrong = sounds = words = 0
        missed = 0
        for word, _ in list(self._plain(held_out=True))[:count]:
            guessed = self._letters.pronounce(word) or ()
            distance, length = min((_distance(guessed, one), len(one)) for one in self.of(word))
            wrong, sounds, words = wrong + distance, sounds + length, words + 1
            missed += distance > 0
        return wrong / sounds, missed / words


def _read(path: Path) -> Iterable[tuple[str, Sounds]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *sounds = line.split()
        if sounds:
            yield _VARIANT.sub("", word), tuple(sounds)


def _distance(one: Sounds, other: Sounds) -> int:
    row = list(range(len(other) + 1))
    for number, sound in enumerate(one, 1):
        last, row[0] = row[0], number
        for place, against in enumerate(other, 1):
            last, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, last + (sound != against)),
            )
    return row[-1]
