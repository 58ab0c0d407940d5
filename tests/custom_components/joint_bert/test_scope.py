"""Where the line of what fits any intent lies, and what it does to confidences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from custom_components.joint_bert.model import JointBert
from custom_components.joint_bert.scope import MOST_STRETCH, Scope
from custom_components.joint_bert.verdict import Verdict, softmax
from tests.custom_components.joint_bert.test_layers import build

INTENTS = 4
NONE_BEYOND = torch.zeros(INTENTS, dtype=torch.bool)
LAST_BEYOND = torch.tensor([False, False, False, True])


def drawn(count: int = 1000) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores of examples, of each intent as many, highest mostly for their own."""
    generator = torch.manual_seed(5)
    classes = torch.arange(count) % INTENTS
    scores = torch.randn(count, INTENTS, generator=generator) * 2
    return scores + 6.0 * torch.nn.functional.one_hot(classes, INTENTS), classes


def fitted(
    beyond: torch.Tensor = NONE_BEYOND, memorised: float | None = 0.0, count: int = 1000
) -> Scope:
    scope = Scope(INTENTS)
    scope.fit(*drawn(count), beyond, memorised)
    return scope


def test_it_half_believes_at_the_threshold() -> None:
    scope = fitted()

    believed = scope.probability(drawn()[0].numpy())

    assert (believed > 0.5).mean() == pytest.approx(0.95, abs=0.01)
    assert np.median(believed) == pytest.approx(0.99, abs=0.001)
    assert scope.probability(np.full((1, INTENTS), -50.0))[0] < 1e-6


def test_the_more_was_memorised_the_more_is_let_through() -> None:
    thresholds = [float(fitted(memorised=share).threshold) for share in (0.3, 0.2, 0.1, 0.0, -0.1)]

    assert thresholds == sorted(thresholds)
    assert thresholds[2] < thresholds[3] == thresholds[4]
    assert float(fitted(memorised=0.9).stretch) == pytest.approx(MOST_STRETCH)


def test_trained_on_it_stretches_as_far_as_before() -> None:
    scope = fitted(memorised=0.2)
    threshold = float(scope.threshold)

    scope.fit(*drawn(), NONE_BEYOND, None)

    assert float(scope.threshold) == threshold


def test_each_intent_counts_from_what_is_usual_for_it() -> None:
    scores, classes = drawn()
    # A wide intent: its examples are far from each other.
    scores[classes == 0, 0] -= 3.0
    scope = Scope(INTENTS)

    scope.fit(scores, classes, NONE_BEYOND, 0.0)

    def share_of_the_wide_one() -> float:
        return float((scope.probability(scores.numpy()) > 0.5)[classes.numpy() == 0].mean())

    with_its_own = share_of_the_wide_one()
    scope.usual.zero_()
    assert with_its_own > share_of_the_wide_one() + 0.03


def test_what_is_near_to_out_of_scope_examples_is_out_of_scope() -> None:
    scores, classes = drawn()
    scope = fitted(LAST_BEYOND)
    believed = scope.probability(scores.numpy()) > 0.5

    assert scope.beyond.tolist() == LAST_BEYOND.tolist()
    assert believed[classes.numpy() == 3].mean() < 0.4
    assert believed[classes.numpy() != 3].mean() == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("beyond", [NONE_BEYOND, ~NONE_BEYOND])
def test_too_few_examples_in_scope_find_no_threshold(beyond: torch.Tensor) -> None:
    count = 10 if beyond is NONE_BEYOND else 1000

    assert not fitted(beyond, count=count).is_fitted


def judged(scope: Scope, scores: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    model = JointBert(build("bert"), INTENTS, 0, 0)
    model.scope = scope
    shares, in_scope = Verdict(model)(scores, [""] * len(scores))
    assert in_scope is not None
    return shares, in_scope


@pytest.mark.parametrize("beyond", [NONE_BEYOND, LAST_BEYOND])
def test_below_the_line_no_intent_keeps_half_and_above_it_all_keep_theirs(
    beyond: torch.Tensor,
) -> None:
    scores = np.random.default_rng(3).normal(scale=5.0, size=(5000, INTENTS))
    shares, in_scope = judged(fitted(beyond), scores)
    plain = softmax(scores)
    best = plain.argmax(-1)
    is_outside = (in_scope < 0.5) & ~beyond.numpy()[best]

    assert 0.1 < is_outside.mean() < 0.9
    assert (shares.argmax(-1) == best).all()
    assert (np.argsort(shares, -1) == np.argsort(plain, -1)).all()
    assert (shares >= 0.0).all()
    assert (shares.sum(-1) <= 1.0 + 1e-9).all()
    assert (shares[is_outside].max(-1) < 0.5).all()
    assert np.array_equal(shares[~is_outside], plain[~is_outside])
    if beyond.any():
        # "Out of scope" is believed, however far from all else a text is.
        assert (shares[(best == 3) & (in_scope < 0.5)].max(-1) > 0.5).any()


def test_the_farther_out_the_less_is_believed() -> None:
    scope = fitted()
    scores = np.array([[9.0, 0.0, 0.0, 0.0]]) - np.arange(0.0, 40.0, 0.5)[:, None]

    shares, in_scope = judged(scope, scores)
    confidences = shares.max(-1)

    assert (np.diff(confidences) <= 1e-9).all()
    assert confidences[0] > 0.99
    assert confidences[-1] < 0.01
    assert math.isclose(in_scope[-1], 0.0, abs_tol=1e-6)
