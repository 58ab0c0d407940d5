"""The order of a review: by arithmetic that can be done by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.scoring import CHANCES, Signals, Vectors, likeness, misreading, order

SIGNALS = st.builds(
    Signals,
    confidence=st.floats(0, 1),
    **{name: st.booleans() for name in CHANCES},
)


def vectors(*angles: float) -> Vectors:
    """Unit vectors in a plane, by their angles in degrees."""
    radians = np.radians(angles)
    return np.asarray(np.stack([np.cos(radians), np.sin(radians)], axis=1), dtype=np.float32)


def test_causes_of_misreading_are_independent() -> None:
    both = misreading(Signals(confidence=0.6, corrected=True))
    assert both == pytest.approx(1 - 0.6 * (1 - CHANCES["corrected"]))
    assert misreading(Signals(confidence=1.0)) > 0


@given(SIGNALS, st.sampled_from(sorted(CHANCES)))
def test_a_signal_more_never_makes_a_message_less_likely_misread(
    signals: Signals, name: str
) -> None:
    less, more = replace(signals, **{name: False}), replace(signals, **{name: True})
    assert 0 <= misreading(less) <= misreading(more) <= 1


def test_of_lonely_messages_the_worse_comes_first() -> None:
    assert order([0.2, 0.9, 0.5], vectors(0, 90, 180)) == [1, 2, 0]


def test_what_stands_for_many_comes_before_what_stands_alone() -> None:
    # Three alike at 0.5 against one alone at 0.9: the middle one of the three is first.
    assert order([0.5, 0.5, 0.5, 0.9], vectors(0, 5, 10, 120))[:2] == [1, 3]


def test_another_of_the_same_kind_waits() -> None:
    assert order([0.9, 0.89, 0.4], vectors(0, 2, 90)) == [0, 2, 1]


def test_what_is_like_known_sentences_comes_last() -> None:
    worth, texts = [0.6, 0.5], vectors(0, 90)
    assert order(worth, texts) == [0, 1]
    assert order(worth, texts, known=vectors(3)) == [1, 0]


def test_shows_no_more_than_wanted_and_nothing_twice() -> None:
    rng = np.random.default_rng(0)
    texts = rng.normal(size=(40, 8)).astype(np.float32)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    worth = rng.random(40).tolist()
    whole = order(worth, texts)
    assert sorted(whole) == list(range(40))
    assert order(worth, texts, most=7) == whole[:7]


def test_is_the_greedy_order_of_the_plain_algorithm() -> None:
    rng = np.random.default_rng(1)
    texts = rng.normal(size=(30, 4)).astype(np.float32)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    worth = rng.random(30)
    alike, covered = likeness(texts, texts), np.zeros(30)
    plain: list[int] = []
    for _ in range(12):
        gains = np.maximum(alike - covered, 0) @ worth
        gains[plain] = -1
        plain.append(int(gains.argmax()))
        covered = np.maximum(covered, alike[plain[-1]])
    assert order(worth.tolist(), texts, most=12) == plain


def test_refuses_what_does_not_belong_together() -> None:
    with pytest.raises(ValueError, match="2 worths for 3 vectors"):
        order([0.1, 0.2], vectors(0, 1, 2))
    assert order([], np.zeros((0, 3), dtype=np.float32)) == []
