"""Layers compiled for ONNX Runtime against the model's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from onnxruntime.quantization import QuantType, quantize_dynamic
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.training_data import TrainingData

from custom_components.joint_bert import compiled
from custom_components.joint_bert.compiled import CompiledModel, compile_model
from custom_components.joint_bert.component import JointBertClassifier
from custom_components.joint_bert.dataset import read_examples
from custom_components.joint_bert.inference import Predictor
from custom_components.joint_bert.sampling import number
from custom_components.joint_bert.tokenization import collate
from custom_components.joint_bert.verdict import Verdict
from tests.custom_components.joint_bert.conftest import Create, execution_context

Trained = tuple[JointBertClassifier, ModelStorage, Resource]

TEXTS = ["hello", "add milk and eggs to the shopping list please", "fly to rome", "what is it"]


def test_exact_products_give_the_models_own_answers(trained: Trained) -> None:
    kept = trained[0]._trained
    assert kept is not None
    assert kept.model.ngrams is not None
    runner = CompiledModel(compiled._exported(kept.model), kept.model, threads=1)

    for text in kept.text_encoder.encode(TEXTS):
        expected = kept.model.answer(collate([text]))
        intents, sentiments, tags = runner.answer(text)
        assert np.allclose(intents, expected.intent_logits.detach(), atol=1e-3)
        assert np.allclose(sentiments, expected.sentiment_logits.detach(), atol=1e-3)
        assert np.allclose(tags, expected.tag_logits.detach(), atol=1e-3)


def test_either_runtime_draws_the_line_at_the_same_place(
    trained: Trained, config: dict[str, Any]
) -> None:
    kept = trained[0]._trained
    assert kept is not None
    exact = CompiledModel(compiled._exported(kept.model), kept.model, threads=1)
    texts = [*TEXTS, "q z v k", "g . k ! v ' z w g"]

    predictors = [
        Predictor(kept.model, kept.text_encoder, kept.labels, torch.device("cpu"), runner)
        for runner in (exact, None)
    ]

    for one, other in zip(*(each.predict(texts) for each in predictors), strict=True):
        assert one.in_scope is not None
        assert other.in_scope is not None
        assert one.in_scope == pytest.approx(other.in_scope, abs=1e-3)
        assert one.intents[0].name == other.intents[0].name
        assert one.intents[0].confidence == pytest.approx(other.intents[0].confidence, abs=1e-3)


def test_eight_bits_are_those_of_the_runtimes_own_quantizer(
    trained: Trained, tmp_path: Path
) -> None:
    kept = trained[0]._trained
    assert kept is not None
    exact = compiled._exported(kept.model)
    source, target = tmp_path / "exact.onnx", tmp_path / "int8.onnx"
    source.write_bytes(exact)
    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
    )

    content = compiled._quantized(exact)
    ours, theirs = (
        CompiledModel(one, kept.model, threads=1) for one in (content, target.read_bytes())
    )

    assert len(content) < len(exact)
    for text in kept.text_encoder.encode(TEXTS):
        for one, other in zip(ours.answer(text), theirs.answer(text), strict=True):
            assert np.allclose(one, other, atol=1e-3)


def test_what_was_chosen_is_measured_and_kept(trained: Trained, config: dict[str, Any]) -> None:
    component, storage, resource = trained
    assert component._trained is not None
    measured = component._trained.measured

    assert measured["products"] in ("int8", "float32")
    assert (measured["products"] == "int8") is (
        measured["accuracy_lost_by_int8"] <= compiled.LARGEST_LOSS
    )
    again = JointBertClassifier.load(config, storage, resource, execution_context())
    assert again._trained is not None
    assert again._trained.measured == measured
    assert again._predictor is not None
    assert again._predictor.compiled is not None


def test_eight_bits_that_cost_accuracy_are_not_taken(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = trained[0]._trained
    assert kept is not None
    monkeypatch.setattr(compiled, "_loss", lambda *_: (0.01, 0.002))

    content, measured = compile_model(kept.model, [])

    assert measured == {"products": "float32", "accuracy_lost_by_int8": 0.01}
    assert len(content) > len(compiled._quantized(content))


def test_without_entities_what_is_read_rightly_counts(
    create: Create, training_data: TrainingData
) -> None:
    plain = training_data.filter_training_examples(
        lambda message: message.get(INTENT) in ("greet", "bye", "mood")
    )
    component = create()
    component.train(plain)
    kept = component._trained
    assert kept is not None
    assert not kept.labels.entities
    examples = number(
        read_examples(plain, "sentiment", ["negative", "neutral", "positive"], component.name),
        kept.text_encoder,
        kept.labels,
    )
    runner = CompiledModel(compiled._exported(kept.model), kept.model, threads=1)

    assert runner.answer(examples[0].text)[2].shape == (len(examples[0].text.unit_spans), 0)
    assert all(compiled._is_right(runner, Verdict(kept.model), one) for one in examples)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=300))
def test_few_questions_lead_to_the_decision_of_all(pairs: list[tuple[bool, bool]]) -> None:
    in_8_bits = [one for one, _ in pairs]
    lost = sum(exact and not one for one, exact in pairs)
    won = sum(one and not exact for one, exact in pairs)
    count = max(len(pairs), 1)
    asked: list[int] = []

    def exact(places: Sequence[int]) -> list[bool]:
        asked.extend(places)
        return [pairs[place][1] for place in places]

    loss, chance = compiled._compared(in_8_bits, exact)

    is_too_much = (lost - won - math.sqrt(lost + won)) / count > compiled.LARGEST_LOSS
    assert (loss - chance > compiled.LARGEST_LOSS) is is_too_much
    assert loss >= (lost - won) / count
    assert len(set(asked)) == len(asked)
    if not lost:
        assert len(asked) == in_8_bits.count(False)


def test_a_quantizer_that_fails_costs_nothing_but_speed(
    trained: Trained, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kept = trained[0]._trained
    assert kept is not None

    def fail(_: bytes) -> bytes:
        raise RuntimeError("no such operator")

    monkeypatch.setattr(compiled, "_quantized", fail)

    _, measured = compile_model(kept.model, [])

    assert measured == {"products": "float32"}
    assert "no such operator" in caplog.text


def test_torch_is_taken_where_it_is_wished_for_or_onnx_is_not_there(
    trained: Trained, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, storage, resource = trained

    def load(**changes: Any) -> JointBertClassifier:
        return JointBertClassifier.load(
            {**config, **changes}, storage, resource, execution_context()
        )

    wished = load(runtime="torch")
    monkeypatch.setattr(compiled, "is_available", lambda: False)
    lacking = load()

    for component in (wished, lacking):
        assert component._predictor is not None
        assert component._predictor.compiled is None


def test_nothing_is_compiled_for_torch(
    create: Create, training_data: Any, storage: ModelStorage, resource: Resource
) -> None:
    create(epochs=1, runtime="torch").train(training_data)

    with storage.read_from(resource) as folder:
        assert not (Path(folder) / "model.onnx").exists()
