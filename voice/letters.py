"""How a word sounds that no dictionary has: a model of letters and sounds, learnt from one.

A joint-sequence model (Bisani and Ney 2008, "Joint-sequence models for grapheme-to-phoneme
conversion"): each letter of a word stands for no, one or two sounds; which ones is found by
expectation-maximisation on the best alignment. Pairs of letter and sounds then follow each other
like words in an n-gram model, with Witten-Bell smoothing, and a beam search reads a new word.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

Sounds = tuple[str, ...]
Pair = tuple[str, Sounds]

_MOST = 2
"""Sounds that one letter can stand for: X is K S."""

_ALIGNED_FIRST = 3_000
"""Words, at most, whose alignment the others' begins with."""

_BEGIN: Pair = ("<", ())
_END: Pair = (">", ())


class LetterModel:
    """Reads words aloud, as sounds of the dictionary that it learnt from."""

    def __init__(
        self,
        contexts: Mapping[tuple[Pair, ...], Mapping[Pair, int]],
        pairs: Mapping[str, Sequence[Pair]],
        order: int,
    ) -> None:
        """Takes what `learn` counted."""
        self._contexts = {one: (sum(of.values()), of) for one, of in contexts.items()}
        self._pairs = pairs
        self._order = order
        self._uniform = 1 / sum(len(of) for of in pairs.values())

    @classmethod
    def learn(
        cls, dictionary: Iterable[tuple[str, Sounds]], order: int = 6, rounds: int = 4
    ) -> LetterModel:
        """Learns from words and how they sound.

        Args:
            dictionary: Lower-case words; those that cannot be aligned are passed over.
            order: How many pairs of letter and sounds are looked at together.
            rounds: Of finding the alignment.
        """
        known = [
            (word, sounds) for word, sounds in dictionary if 0 < len(sounds) <= _MOST * len(word)
        ]
        costs: dict[Pair, float] = {}
        aligned: list[list[Pair]] = []
        # Few words are enough to find out which sounds a letter has.
        some = known[:: 1 + len(known) // _ALIGNED_FIRST]
        for number in range(rounds):
            words = known if number == rounds - 1 else some
            aligned = [_align(word, sounds, costs) for word, sounds in words]
            counts = Counter(pair for one in aligned for pair in one)
            letters: Counter[str] = Counter()
            for (letter, _), count in counts.items():
                letters[letter] += count
            costs = {pair: math.log(letters[pair[0]] / count) for pair, count in counts.items()}
        contexts: defaultdict[tuple[Pair, ...], Counter[Pair]] = defaultdict(Counter)
        for one in aligned:
            whole = [_BEGIN] * (order - 1) + one + [_END]
            for place in range(order - 1, len(whole)):
                for length in range(order):
                    contexts[tuple(whole[place - length : place])][whole[place]] += 1
        pairs: defaultdict[str, list[Pair]] = defaultdict(list)
        for pair in contexts[()]:
            pairs[pair[0]].append(pair)
        return cls(dict(contexts), dict(pairs), order)

    def pronounce(self, word: str, width: int = 20) -> Sounds | None:
        """Returns the likeliest sounds of a lower-case word; None for a letter never seen.

        Args:
            word: Letters and apostrophes.
            width: How many readings are kept at each letter.
        """
        readings: list[tuple[float, tuple[Pair, ...]]] = [(0.0, (_BEGIN,) * (self._order - 1))]
        for letter in (*word, _END[0]):
            ways = self._pairs.get(letter)
            if ways is None:
                return None
            longer = [
                (cost - math.log(self._probability(pairs, pair)), (*pairs, pair))
                for cost, pairs in readings
                for pair in ways
            ]
            readings = sorted(longer, key=lambda one: one[0])[:width]
        sounds = tuple(sound for _, some in readings[0][1] for sound in some)
        return sounds or None

    def _probability(self, before: tuple[Pair, ...], pair: Pair) -> float:
        share = self._uniform
        for length in range(self._order):
            context = self._contexts.get(before[len(before) - length :])
            if context is None:
                break
            total, follows = context
            # Witten-Bell: the more different pairs follow, the more the shorter context counts.
            kinds = len(follows)
            share = (follows.get(pair, 0) + kinds * share) / (total + kinds)
        return share


def _align(word: str, sounds: Sounds, costs: Mapping[Pair, float]) -> list[Pair]:
    """The cheapest way to give each letter no, one or two sounds; at first, an even one."""
    unseen = 12.0
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for place, letter in enumerate(word):
        row: dict[int, tuple[float, int]] = {}
        for done, (cost, _) in best[-1].items():
            for count in range(min(_MOST, len(sounds) - done) + 1):
                if costs:
                    step = costs.get((letter, sounds[done : done + count]), unseen)
                else:
                    # Near the diagonal, a sound a letter.
                    ahead = (done + count) / len(sounds) - (place + 1) / len(word)
                    step = abs(ahead) * len(word) + 0.5 * abs(count - 1)
                end = done + count
                if end not in row or cost + step < row[end][0]:
                    row[end] = (cost + step, count)
        best.append(row)
    pairs: list[Pair] = []
    end = len(sounds)
    for place in range(len(word), 0, -1):
        count = best[place][end][1]
        pairs.append((word[place - 1], sounds[end - count : end]))
        end -= count
    return pairs[::-1]
