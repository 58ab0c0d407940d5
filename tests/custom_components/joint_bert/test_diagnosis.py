"""What a training says of its data: planted faults are found, and all figures are JSON's."""

import json
import math
import time
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from custom_components.joint_bert import diagnosis
from custom_components.joint_bert.diagnosis import (
    cross_validated_probabilities,
    diagnose,
    entity_scores,
    label_errors,
    reliability,
)
from custom_components.joint_bert.labels import EntityLabel, Example, Span
from custom_components.joint_bert.training import EpochReport

REPORTS = [EpochReport(1, {"loss": 2.0, "intent": math.nan}, {"loss": 1.5})]
ITEM, AMOUNT = EntityLabel("item"), EntityLabel("amount")


def clusters(intents: int, each: int, spread: float = 0.4) -> tuple[Tensor, list[Example]]:
    """Unit vectors around one direction an intent, with examples to match."""
    source = torch.Generator().manual_seed(3)
    centres = functional.normalize(torch.randn(intents, 32, generator=source), dim=-1)
    noise = functional.normalize(torch.randn(intents * each, 32, generator=source), dim=-1)
    vectors = functional.normalize(centres.repeat_interleave(each, 0) + spread * noise, dim=-1)
    examples = [
        Example(f"sentence {number} of {intent}", f"intent_{intent:03d}")
        for intent in range(intents)
        for number in range(each)
    ]
    return vectors, examples


def as_json(found: dict[str, Any]) -> dict[str, Any]:
    """What is read back from strict JSON."""
    read: dict[str, Any] = json.loads(json.dumps(found, allow_nan=False))
    assert read == found
    return read


def test_finds_a_planted_label_error() -> None:
    vectors, examples = clusters(4, 20)
    examples[5] = Example("a wrong one", "intent_002")
    estimate = as_json(diagnose(vectors, examples, REPORTS, seed=0))["estimate"]
    surest = estimate["listed"][estimate["label_errors"][0]]
    assert surest["text"] == "a wrong one"
    assert estimate["intents"][surest["intent"]]["name"] == "intent_002"
    assert estimate["intents"][surest["predicted"]]["name"] == "intent_000"
    assert surest["confidence"] > 0.5 > surest["intent_confidence"]
    assert len(estimate["label_errors"]) == 1


def test_counts_add_up() -> None:
    vectors, examples = clusters(5, 12, spread=1.5)
    estimate = diagnose(vectors, examples, REPORTS, seed=0)["estimate"]
    assert estimate["examples"] == sum(count for _, _, count in estimate["confusions"]) == 60
    assert estimate["misread"] == sum(count for a, b, count in estimate["confusions"] if a != b)
    assert 0 < estimate["misread"] <= len(estimate["listed"])
    assert estimate["accuracy"] == pytest.approx(1 - estimate["misread"] / 60)
    assert [intent["support"] for intent in estimate["intents"]] == [12] * 5
    assert sum(one["count"] for one in estimate["reliability"]["bins"]) == 60


def test_same_seed_same_figures() -> None:
    vectors, examples = clusters(5, 12, spread=1.5)
    assert diagnose(vectors, examples, [], 1) == diagnose(vectors, examples, [], 1)


def test_reliability_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.65, 0.35], [0.39, 0.61], [1.0, 0.0]])
    found = reliability(probabilities, np.array([0, 1, 1, 1, 0]))
    # Sure by 0.61 and 0.65, one of two right; 0.8 right; 0.9 and 1.0 right.
    assert [one["count"] for one in found["bins"]] == [2, 1, 2]
    assert [one["accuracy"] for one in found["bins"]] == [0.5, 1.0, 1.0]
    assert [one["confidence"] for one in found["bins"]] == pytest.approx([0.63, 0.8, 0.95])
    assert found["ece"] == pytest.approx((2 * 0.13 + 0.2 + 2 * 0.05) / 5)


def test_entity_scores_by_hand() -> None:
    milk, two, wide = Span(4, 8, ITEM), Span(0, 3, AMOUNT), Span(0, 8, ITEM)
    scores = entity_scores([((milk, two), (milk,)), ((milk,), (wide,))])
    assert scores == [
        {"name": "amount", "precision": 0, "recall": 0, "f1": 0, "support": 1},
        {"name": "item", "precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2},
    ]


def test_no_number_that_json_lacks() -> None:
    found = as_json(diagnose(None, [], REPORTS, seed=0))
    assert found["epochs"] == [
        {"epoch": 1, "losses": {"loss": 2.0, "intent": None}, "held_out": {"loss": 1.5}}
    ]
    assert "no vectors" in found["no_estimate"]


@pytest.mark.parametrize("count", [0, 1, 9])
def test_says_why_there_is_no_estimate(count: int) -> None:
    vectors, examples = clusters(2, 10)
    found = as_json(diagnose(vectors[8 : 8 + count], examples[8 : 8 + count], [], seed=0))
    assert "estimate" not in found
    assert f"{count if count > 1 else 0} examples" in found["no_estimate"]


def test_one_intent_is_too_few() -> None:
    vectors, examples = clusters(1, 20)
    assert "1 intents" in diagnose(vectors, examples, [], seed=0)["no_estimate"]


def test_leaves_out_what_cannot_be_counted() -> None:
    vectors, examples = clusters(3, 8)
    examples[0] = Example("no intent at all", None)
    examples[1] = Example("alone", "lonely")
    examples[3] = Example(examples[2].text.upper(), examples[2].intent)  # a repetition
    estimate = diagnose(vectors, examples, [], seed=0)["estimate"]
    assert estimate["examples"] == 24 - 3
    assert estimate["intents_left_out"] == ["lonely"]


def test_intents_with_two_examples_are_counted() -> None:
    vectors, examples = clusters(8, 2)
    estimate = diagnose(vectors, examples, [], seed=0)["estimate"]
    assert (estimate["examples"], estimate["folds"]) == (16, 2)


def test_finds_a_sentence_under_two_intents() -> None:
    vectors, examples = clusters(2, 10)
    examples[3] = Example("Never  mind", "intent_000")
    examples[15] = Example("never mind", "intent_001")
    assert diagnose(vectors, examples, [], seed=0)["estimate"]["contradictions"] == [
        {"text": "Never  mind", "intents": ["intent_000", "intent_001"]}
    ]


def test_long_and_broken_texts_are_mended() -> None:
    vectors, examples = clusters(2, 10)
    examples[3] = Example("half \ud83d" + "x" * 1000, "intent_001")
    found = as_json(diagnose(vectors, examples, [], seed=0))
    (one,) = found["estimate"]["listed"]
    assert one["text"].startswith("half ?x") and len(one["text"]) == 400
    one["text"].encode("utf-8")


def test_draws_a_sample_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "_WORK", 256 * 4 * 15 * 100)
    vectors, examples = clusters(4, 100)
    estimate = diagnose(vectors, examples, [], seed=0)["estimate"]
    assert (estimate["examples"], estimate["examples_in_all"]) == (100, 400)
    assert min(intent["support"] for intent in estimate["intents"]) >= 5


def test_refuses_vectors_of_other_examples() -> None:
    vectors, examples = clusters(2, 10)
    with pytest.raises(ValueError, match="20 vectors for 19 examples"):
        diagnose(vectors, examples[:-1], [], seed=0)


def test_label_errors_come_surest_first() -> None:
    vectors, examples = clusters(4, 25)
    classes = np.repeat(np.arange(4), 25)
    classes[[7, 60]] = [3, 0]
    probabilities = cross_validated_probabilities(vectors.numpy(), classes, seed=0)
    found = label_errors(probabilities, classes)
    assert set(found) == {7, 60}
    margins = [probabilities[n, classes[n]] - probabilities[n].max() for n in found]
    assert margins == sorted(margins)


@pytest.mark.slow
def test_takes_seconds_for_a_hundred_thousand_examples() -> None:
    vectors, examples = clusters(150, 667)
    start = time.monotonic()
    found = diagnose(vectors, examples, REPORTS, seed=0)
    assert time.monotonic() - start < 60
    assert len(json.dumps(found)) < 2_000_000
