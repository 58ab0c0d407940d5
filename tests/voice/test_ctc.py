"""Letters out of frames, held against all ways there are, counted one by one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from voice.engines import ctc
from voice.engines.sentences import SentenceGraph, Sentences, Step

BLANK, BETWEEN = 0, 1
LETTERS = {"a": 2, "b": 3}


def frames_of(seed: int, count: int, letters: int = 4, sharp: float = 2.0) -> ctc.Frames:
    scores = np.random.default_rng(seed).normal(0, sharp, (count, letters))
    found: ctc.Frames = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    return found


def collapsed(path: Sequence[int]) -> tuple[int, ...]:
    return tuple(letter for letter, _ in itertools.groupby(path) if letter != BLANK)


def all_ways(frames: ctc.Frames) -> dict[tuple[int, ...], list[float]]:
    """The probability's logarithm of each way to each text."""
    found: dict[tuple[int, ...], list[float]] = {}
    for path in itertools.product(range(frames.shape[1]), repeat=len(frames)):
        score = sum(frames[number, letter] for number, letter in enumerate(path))
        found.setdefault(collapsed(path), []).append(score)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_search_finds_the_most_probable_texts(seed: int) -> None:
    frames = frames_of(seed, 6)
    totals = {text: np.logaddexp.reduce(ways) for text, ways in all_ways(frames).items()}
    expected = sorted(totals, key=lambda text: -totals[text])[:5]
    found = ctc.search(frames, BLANK, beams=400)
    assert [text for text, _ in found[:5]] == expected
    assert [score for _, score in found[:5]] == pytest.approx([totals[one] for one in expected])


@pytest.mark.parametrize("seed", range(4))
def test_a_text_is_aligned_with_its_best_way(seed: int) -> None:
    frames = frames_of(seed, 6)
    ways = all_ways(frames)
    for text in [(), (2,), (2, 2), (2, 3), (3, 1, 2)]:
        spans, score = ctc.align(frames, text, BLANK)
        assert score == pytest.approx(max(ways[text]))
        path = [BLANK] * len(frames)
        for letter, (first, last) in zip(text, spans, strict=True):
            path[first:last] = [letter] * (last - first)
        # The spans are a way to the text, and one of that probability.
        assert collapsed(path) == text
        assert sum(frames[number, one] for number, one in enumerate(path)) == pytest.approx(score)
    assert ctc.align(frames, (2, 2, 2, 2), BLANK)[1] == -np.inf
    best = max(ways, key=lambda text: max(ways[text]))
    assert ctc.best_letters(frames, BLANK) == best
    assert ctc.best_score(frames) == pytest.approx(max(ways[best]))


HALF = float(np.log(0.5))
GRAMMAR = Sentences(
    5,
    0,
    4,
    (
        Step(0, 1, HALF, "ab"),
        Step(0, 1, HALF, "b"),
        # Back to say more, on to the end, and a word that may be left out.
        Step(1, 2, 0.0, ""),
        Step(2, 3, HALF, "aa"),
        Step(2, 3, HALF, ""),
        Step(3, 4, 0.0, ""),
        Step(3, 0, -1.0, ""),
    ),
)


def said(words: Sequence[str]) -> tuple[int, ...]:
    spelt = [tuple(LETTERS[letter] for letter in word) for word in words]
    return tuple(
        letter
        for place, word in enumerate(spelt)
        for letter in ((BETWEEN, *word) if place else word)
    )


SENTENCES: dict[tuple[str, ...], float] = {
    ("ab",): 2 * HALF,
    ("b",): 2 * HALF,
    ("ab", "aa"): 2 * HALF,
    ("b", "aa"): 2 * HALF,
    **{(one, other): 4 * HALF - 1 for one in ("ab", "b") for other in ("ab", "b")},
    **{("b", "aa", other): 4 * HALF - 1 for other in ("ab", "b")},
    **{("b", other, "aa"): 4 * HALF - 1 for other in ("ab", "b")},
    ("b", "b", "b"): 6 * HALF - 2,
}
"""All that fit into some frames, with the grammar's own chances."""


def spell(word: str) -> tuple[int, ...] | None:
    return tuple(LETTERS[letter] for letter in word)


@pytest.mark.parametrize("seed", range(12))
def test_the_graph_finds_the_most_probable_sentence(seed: int) -> None:
    frames = frames_of(seed, 7)
    graph = SentenceGraph(GRAMMAR, spell, BETWEEN, BLANK)
    ways = all_ways(frames)

    def total(words: tuple[str, ...]) -> float:
        # The mark may stand behind the last word, too.
        text = said(words)
        found = [*ways.get(text, []), *ways.get((*text, BETWEEN), [])]
        return float(SENTENCES[words] + max(found, default=-np.inf))

    totals = {words: total(words) for words in SENTENCES}
    best: tuple[str, ...] = max(totals, key=totals.__getitem__)
    assert graph.best(frames) == list(best)


def test_what_does_not_fit_is_no_sentence() -> None:
    graph = SentenceGraph(GRAMMAR, spell, BETWEEN, BLANK)
    assert graph.best(frames_of(0, 0)) is None
    assert graph.best(np.full((1, 4), -np.inf)) is None
    nobody = SentenceGraph(GRAMMAR, lambda word: None, BETWEEN, BLANK)
    assert nobody.best(frames_of(0, 5)) is None
