"""The assistant's own sentences as a graph through which frames of letters find the best way.

The grammar that PocketSphinx searches by sounds, searched by letters: each word of it becomes its
letters and the mark between words, with blanks as CTC has them. All states take a frame at once;
which word came before is remembered for each state of the grammar and frame (token passing, Young
et al. 1989).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from voice.asr import RecognizerError
from voice.engines.ctc import Frames, Letters
from voice.language import COMMANDS

Whole: TypeAlias = "npt.NDArray[np.int64]"

_NOTHING = np.iinfo(np.int32).min
"""Nothing leads to a state, or nothing but silence."""


@dataclass(frozen=True)
class Step:
    """Something that leads from one state of a grammar to another."""

    begin: int
    end: int
    chance: float
    """Logarithm."""
    word: str
    """Empty where nothing is said."""


@dataclass(frozen=True)
class Sentences:
    """A grammar."""

    states: int
    start: int
    final: int
    steps: tuple[Step, ...]

    @classmethod
    def read(cls, language: Path) -> Sentences:
        """Reads the grammar of an assistant's language model.

        Raises:
            RecognizerError: It is missing or damaged.
        """
        path = language / f"{COMMANDS}.fsg"
        facts: dict[str, int] = {}
        steps = []
        try:
            for line in path.read_text(encoding="utf-8").splitlines():
                kind, *fields = line.split()
                if kind == "TRANSITION":
                    begin, end, chance, *word = fields
                    steps.append(
                        Step(int(begin), int(end), math.log(float(chance)), " ".join(word))
                    )
                elif fields and kind in ("NUM_STATES", "START_STATE", "FINAL_STATE"):
                    facts[kind] = int(fields[0])
            return cls(
                facts["NUM_STATES"], facts["START_STATE"], facts["FINAL_STATE"], tuple(steps)
            )
        except FileNotFoundError as error:
            raise RecognizerError(f"There is no {path}: train first.") from error
        except (OSError, ValueError, KeyError) as error:
            raise RecognizerError(f"{path} is damaged: {error!r}. Train again.") from error


class SentenceGraph:
    """A grammar, spelt."""

    def __init__(
        self,
        sentences: Sentences,
        spell: Callable[[str], Letters | None],
        between: int,
        blank: int,
    ) -> None:
        """Spells it.

        Args:
            sentences: The grammar.
            spell: A word's letters; None for one that has others, which nobody can say then.
            between: The letter that stands between words.
            blank: CTC's.
        """
        self._sentences, self._blank = sentences, blank
        silent = [step for step in sentences.steps if not step.word]
        self._silent: Whole = np.array([(step.begin, step.end) for step in silent], np.int64)
        self._quietly = np.array([step.chance for step in silent])
        self._said: list[Step] = []
        letters: list[int] = []
        begins: list[int] = []
        for step in sentences.steps:
            word = spell(step.word) if step.word else None
            if word:
                self._said.append(step)
                begins.append(len(letters))
                for letter in (*word, between):
                    letters += [letter, blank]
        self._letters: Whole = np.array(letters, np.int64)
        self._begins: Whole = np.array(begins, np.int64)
        self._from: Whole = np.array([step.begin for step in self._said], np.int64)
        self._chances = np.array([step.chance for step in self._said])
        # Each word's states are followed by this one.
        self._ends = np.append(self._begins[1:], len(letters)) if self._said else self._begins
        self._into: Whole = np.array([step.end for step in self._said], np.int64)
        # The blank between two letters may be left out, unless they are the same.
        self._skips = np.zeros(len(letters), bool)
        same = self._letters[2:] == self._letters[:-2]
        self._skips[2:] = (self._letters[2:] != blank) & ~same
        self._skips[self._begins] = False

    def best(self, frames: Frames) -> list[str] | None:
        """The words of the most probable sentence; None where none fits into the frames."""
        states, count = self._sentences.states, len(self._letters)
        if not count or not len(frames):
            return None
        # What leads to each state of the grammar at the end of each frame: a word (or, below
        # zero, another state, by a step without a word), and the frame in which that word began.
        words = np.full((len(frames) + 1, states), _NOTHING, np.int32)
        origins = np.zeros((len(frames) + 1, states), np.int32)
        nodes = np.full(states, -np.inf)
        nodes[self._sentences.start] = 0.0
        self._pass_on(nodes, words[0])
        score = np.full(count, -np.inf)
        entered = np.zeros(count, np.int32)
        places = np.arange(count)
        quiet = 0.0
        for number, frame in enumerate(frames):
            ways = np.full((3, count), -np.inf)
            ways[0], ways[1, 1:], ways[2, 2:] = score, score[:-1], score[:-2]
            ways[2, ~self._skips] = -np.inf
            ways[1, self._begins] = nodes[self._from] + self._chances
            came = ways.argmax(axis=0)
            score = ways[came, places] + frame[self._letters]
            entered = entered[np.maximum(places - came, 0)]
            entered[self._begins[came[self._begins] == 1]] = number
            # Blanks before the first letter of all.
            quiet += float(frame[self._blank])
            nodes = np.full(states, -np.inf)
            nodes[self._sentences.start] = quiet
            is_last = number == len(frames) - 1
            # A word ends with the mark or its blank, the last one with its own letter, too.
            best = self._ends[:, None] - np.arange(1, 5 if is_last else 3)
            best = best[np.arange(len(best)), score[best].argmax(axis=1)]
            came_by = _improve(nodes, self._into, score[best])
            words[number + 1, self._into[came_by]] = came_by
            origins[number + 1, self._into[came_by]] = entered[best[came_by]]
            self._pass_on(nodes, words[number + 1])
        if not np.isfinite(nodes[self._sentences.final]):
            return None
        return self._trace(words, origins)

    def _pass_on(self, nodes: Frames, words: npt.NDArray[np.int32]) -> None:
        """Steps without a word, until nothing gets better by them."""
        while len(self._silent):
            came_by = _improve(nodes, self._silent[:, 1], nodes[self._silent[:, 0]] + self._quietly)
            if not len(came_by):
                return
            words[self._silent[came_by, 1]] = -1 - self._silent[came_by, 0]

    def _trace(self, words: npt.NDArray[np.int32], origins: npt.NDArray[np.int32]) -> list[str]:
        found: list[str] = []
        time, state = len(words) - 1, self._sentences.final
        while (word := int(words[time, state])) != _NOTHING:
            if word < 0:
                state = -1 - word
            else:
                found.append(self._said[word].word)
                time, state = int(origins[time, state]), self._said[word].begin
        return found[::-1]


def _improve(nodes: Frames, into: Whole, values: Frames) -> Whole:
    """Raises states to the best of the values that lead to them; which ones did so."""
    order = np.lexsort((-values, into))
    first = np.ones(len(order), bool)
    first[1:] = into[order][1:] != into[order][:-1]
    chosen: Whole = order[first]
    chosen = chosen[values[chosen] > nodes[into[chosen]]]
    nodes[into[chosen]] = values[chosen]
    return chosen
