"""What the nearest examples say, and which examples are remembered."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch

from custom_components.joint_bert import neighbours
from custom_components.joint_bert.model import JointBert
from custom_components.joint_bert.neighbours import Neighbours
from custom_components.joint_bert.ngrams import NgramClassifier
from custom_components.joint_bert.sampling import IGNORED, EncodedExample
from custom_components.joint_bert.tokenization import EncodedText, collate
from custom_components.joint_bert.verdict import Verdict
from tests.custom_components.joint_bert.test_layers import build, texts

HALF = math.sqrt(0.5)


def test_scores_against_the_formula() -> None:
    vectors = torch.tensor([[1.0, 0.0], [HALF, HALF], [0.0, 1.0]])
    remembered = Neighbours(vectors, torch.tensor([0, 0, 2]), 3)

    (scores,) = remembered(torch.tensor([[1.0, 0.0]])).tolist()

    assert scores[0] == pytest.approx(math.log(1 + math.exp((HALF - 1) / 0.05)), abs=1e-5)
    assert scores[2] == pytest.approx(-1 / 0.05, abs=1e-4)
    # An intent without examples is as far away as can be, and still a number.
    assert -100 < scores[1] < scores[2]


@torch.no_grad()
def test_the_answer_is_the_sum_of_the_opinions() -> None:
    model = JointBert(build("bert"), 2, 0, 0, neighbour_weight=0.5, ngram_weight=0.25).eval()
    batch = collate(texts())
    generator = torch.manual_seed(4)
    vectors = torch.nn.functional.normalize(torch.randn(6, 32, generator=generator), dim=-1)
    neighbours = Neighbours(vectors, torch.tensor([0, 1, 0, 1, 1, 1]), 2)
    ngrams = NgramClassifier.fit(["add milk", "hello"], [0, 1], 2, seed=0)
    assert ngrams is not None
    head = model(batch)
    opinions = 0.5 * neighbours(head.pooled) + 0.25 * torch.from_numpy(ngrams.scores(batch.texts))

    model.neighbours, model.ngrams = neighbours, ngrams
    model.temperature.fill_(2.0)

    expected = ((head.intent_logits + opinions) / 2.0).softmax(-1)
    shares, in_scope = Verdict(model)(model.answer(batch).intent_logits.numpy(), batch.texts)
    assert np.allclose(shares, expected.numpy(), atol=1e-4)
    assert in_scope is None


def test_left_out_is_as_if_it_had_never_been_there() -> None:
    vectors = torch.nn.functional.normalize(
        torch.randn(7, 5, generator=torch.manual_seed(2)), dim=-1
    )
    classes = torch.tensor([0, 1, 1, 2, 2, 2, 0])

    left_out = Neighbours(vectors, classes, 3).leave_one_out()

    for place in range(7):
        others = [other for other in range(7) if other != place]
        without = Neighbours(vectors[others], classes[others], 3)
        assert torch.allclose(left_out[place], without(vectors[place : place + 1])[0], atol=1e-5)


def example(intent: int) -> EncodedExample:
    return EncodedExample(EncodedText([], [], [], True, ""), intent, IGNORED, [])


def test_all_examples_with_an_intent_are_remembered() -> None:
    examples = [example(0), example(IGNORED), example(1)]

    assert neighbours.remembered(examples, random.Random(0)) == [0, 2]


def test_too_many_examples_give_up_by_intent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "LARGEST", 10)
    examples = [example(0) for _ in range(50)] + [example(1) for _ in range(3)]

    places = neighbours.remembered(examples, random.Random(0))

    intents = [examples[place].intent for place in places]
    assert (intents.count(0), intents.count(1)) == (5, 3)
