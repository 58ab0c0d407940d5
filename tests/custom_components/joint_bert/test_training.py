"""The training loop and its parts, without Rasa."""

from __future__ import annotations

import dataclasses
import difflib
import math
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.training_data import TrainingData

from custom_components.joint_bert import layers
from custom_components.joint_bert.artifacts import build_model
from custom_components.joint_bert.augmentation import augment, intent_names, misspell
from custom_components.joint_bert.dataset import read_examples
from custom_components.joint_bert.encoder import load_encoder, load_tokenizer
from custom_components.joint_bert.inference import Predictor
from custom_components.joint_bert.labels import EntityLabel, Example, LabelSpace, Span
from custom_components.joint_bert.losses import contrastive_loss
from custom_components.joint_bert.model import JointBert, mean_of
from custom_components.joint_bert.rules import (
    derive_epochs,
    derive_frozen_layers,
)
from custom_components.joint_bert.sampling import IGNORED, EncodedExample, batches, hold_out
from custom_components.joint_bert.settings import JointBertSettings
from custom_components.joint_bert.tokenization import EncodedText, TextEncoder, collate
from custom_components.joint_bert.training import (
    EpochReport,
    train,
)

CPU = torch.device("cpu")


@pytest.fixture
def examples(training_data: TrainingData) -> list[Example]:
    return read_examples(
        training_data, "sentiment", ["negative", "neutral", "positive"], "JointBertClassifier"
    )


@pytest.fixture
def wishes(config: dict[str, Any]) -> JointBertSettings:
    return JointBertSettings.from_config(config)


def fresh(
    folder: Path, examples: list[Example], wishes: JointBertSettings
) -> tuple[JointBert, TextEncoder, LabelSpace]:
    """Returns an untrained model of the examples' labels, always with the same weights."""
    torch.manual_seed(3)
    labels = LabelSpace.of(examples, wishes.sentiment_classes)
    model = build_model(load_encoder(folder, wishes.dropout), labels, wishes)
    return model, TextEncoder(load_tokenizer(folder), wishes.max_length), labels


def test_learns_the_examples(
    tiny_encoder: Path, examples: list[Example], wishes: JointBertSettings
) -> None:
    model, text_encoder, labels = fresh(tiny_encoder, examples, wishes)

    outcome = train(model, text_encoder, examples, labels, wishes, CPU)

    reports = outcome.reports
    assert outcome.examples and {one.text for one in outcome.examples} == {
        one.text for one in examples
    }
    assert outcome.vectors is not None and len(outcome.vectors) == len(examples)

    assert len(reports) == wishes.epochs
    assert reports[-1].losses["loss"] < reports[0].losses["loss"]
    assert {"intent", "contrast", "sentiment", "entities"} < reports[0].losses.keys()
    answers = Predictor(model, text_encoder, labels, CPU).predict([one.text for one in examples])
    for example, answer in zip(examples, answers, strict=True):
        assert answer.intents[0].name == example.intent
        if example.sentiment:
            assert answer.sentiments[0].name == example.sentiment
        found = [Span(one.start, one.end, one.label) for one in answer.entities]
        assert found == list(example.spans or ())


def test_the_seed_decides(
    tiny_encoder: Path, examples: list[Example], wishes: JointBertSettings
) -> None:
    def outcome(seed: int) -> list[float]:
        changed = dataclasses.replace(wishes, epochs=2, dropout=0.2, seed=seed, augmentation=0.5)
        model, text_encoder, labels = fresh(tiny_encoder, examples, changed)
        torch.rand(seed + 5)  # what happened before must not matter
        reports = train(model, text_encoder, examples, labels, changed, CPU).reports
        return [report.losses["loss"] for report in reports]

    assert outcome(1) == outcome(1)
    assert outcome(1) != outcome(2)


def test_leaves_the_callers_random_numbers_alone(
    tiny_encoder: Path, examples: list[Example], wishes: JointBertSettings
) -> None:
    model, text_encoder, labels = fresh(tiny_encoder, examples, wishes)
    torch.manual_seed(7)
    expected = torch.rand(3)

    torch.manual_seed(7)
    train(model, text_encoder, examples, labels, dataclasses.replace(wishes, epochs=1), CPU)

    assert torch.equal(torch.rand(3), expected)


def test_frozen_parts_stay_as_they_were_but_for_16_bits(
    tiny_encoder: Path, examples: list[Example], wishes: JointBertSettings
) -> None:
    changed = dataclasses.replace(wishes, epochs=2, frozen_layers=1, freeze_embeddings=True)
    model, text_encoder, labels = fresh(tiny_encoder, examples, changed)
    before = {name: value.clone() for name, value in model.state_dict().items()}

    train(model, text_encoder, examples, labels, changed, CPU)

    changed_names = {
        name
        for name, value in model.state_dict().items()
        if name in before and not torch.equal(value, before[name].half().to(value.dtype))
    }
    assert not any("embeddings" in name or "layer.0." in name for name in changed_names)
    assert any("layer.1." in name for name in changed_names)


def test_frozen_layers_from_memory_teach_the_same_as_run_anew(
    tiny_encoder: Path,
    examples: list[Example],
    wishes: JointBertSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed = dataclasses.replace(wishes, epochs=3, frozen_layers=1)

    def outcome() -> list[float]:
        model, text_encoder, labels = fresh(tiny_encoder, examples, changed)
        reports = train(model, text_encoder, examples, labels, changed, CPU).reports
        return [report.losses["loss"] for report in reports]

    remembered = outcome()
    monkeypatch.setattr(layers, "can_pack", lambda encoder: False)

    assert outcome() == pytest.approx(remembered, rel=1e-4)


def test_intent_rows_start_as_class_means(
    tiny_encoder: Path, examples: list[Example], wishes: JointBertSettings
) -> None:
    changed = dataclasses.replace(wishes, epochs=1, learning_rate=1e-9, head_learning_rate=1e-9)
    model, text_encoder, labels = fresh(tiny_encoder, examples, changed)
    model.eval()
    greetings = [one.text for one in examples if one.intent == "greet"] + ["greet"]
    with torch.no_grad():
        pooled = model(collate(text_encoder.encode(greetings))).pooled
    expected = torch.nn.functional.normalize(pooled.mean(0), dim=-1)

    train(model, text_encoder, examples, labels, changed, CPU)

    row = model.intent_prototypes[labels.intents.index("greet")]
    assert torch.allclose(row, expected, atol=1e-5)


def test_stops_early_and_keeps_the_best_epoch(
    tiny_encoder: Path, examples: list[Example], wishes: JointBertSettings
) -> None:
    # A rate at which nothing is learnt well, and much patience lost.
    changed = dataclasses.replace(
        wishes, epochs=30, learning_rate=0.5, validation_fraction=0.4, patience=2
    )
    model, text_encoder, labels = fresh(tiny_encoder, examples, changed)
    seen: list[EpochReport] = []

    reports = train(
        model, text_encoder, examples, labels, changed, CPU, on_epoch=seen.append
    ).reports

    assert reports == seen
    assert len(reports) < 30
    losses = [report.held_out["loss"] for report in reports]
    assert min(losses) < min(losses[-2:])
    assert 0.0 <= reports[0].held_out["intent_accuracy"] <= 1.0


def test_lower_layers_learn_more_slowly_under_layer_decay(
    tiny_encoder: Path, examples: list[Example], wishes: JointBertSettings
) -> None:
    from custom_components.joint_bert.training import _Trainer

    changed = dataclasses.replace(
        wishes, layer_decay=0.5, learning_rate=1e-3, freeze_embeddings=False
    )
    model, text_encoder, labels = fresh(tiny_encoder, examples, changed)
    trainer = _Trainer(model, text_encoder, labels, changed, CPU)
    rate_of = {
        id(parameter): group["lr"]
        for group in trainer.optimizer().param_groups
        for parameter in group["params"]
    }
    stack = layers.layer_stack(model.encoder)
    assert stack is not None

    assert rate_of[id(next(stack[1].parameters()))] == pytest.approx(1e-3)
    assert rate_of[id(next(stack[0].parameters()))] == pytest.approx(5e-4)
    embeddings = model.encoder.get_input_embeddings().weight
    assert rate_of[id(embeddings)] == pytest.approx(2.5e-4)
    assert rate_of[id(model.intent_prototypes)] == pytest.approx(changed.head_learning_rate)


@pytest.mark.parametrize(
    ("schedule", "middle", "last"),
    [("linear", 0.5, 0.0), ("cosine", 0.5, 0.0), ("constant", 1.0, 1.0)],
)
def test_rates_rise_and_then_follow_the_schedule(
    tiny_encoder: Path,
    examples: list[Example],
    wishes: JointBertSettings,
    schedule: str,
    middle: float,
    last: float,
) -> None:
    from custom_components.joint_bert.training import _Trainer

    changed = dataclasses.replace(wishes, schedule=schedule, warmup_ratio=0.2)
    model, text_encoder, labels = fresh(tiny_encoder, examples, changed)
    trainer = _Trainer(model, text_encoder, labels, changed, CPU)

    rates = [trainer.rate_at(step, 100) for step in range(101)]

    assert rates[:20] == pytest.approx([(step + 1) / 20 for step in range(20)])
    assert rates[60] == pytest.approx(middle)
    assert rates[100] == pytest.approx(last)
    assert rates[20:] == sorted(rates[20:], reverse=True)


@pytest.mark.parametrize("name", ["adamw", "adam", "sgd"])
def test_each_optimizer_learns(
    tiny_encoder: Path, examples: list[Example], wishes: JointBertSettings, name: str
) -> None:
    changed = dataclasses.replace(wishes, optimizer=name, epochs=8)
    model, text_encoder, labels = fresh(tiny_encoder, examples, changed)

    reports = train(model, text_encoder, examples, labels, changed, CPU).reports

    assert reports[-1].losses["loss"] < reports[0].losses["loss"]


def test_contrastive_loss_against_its_formula() -> None:
    pooled = torch.nn.functional.normalize(
        torch.randn(5, 4, generator=torch.manual_seed(1)), dim=-1
    )
    classes = torch.tensor([0, 0, 1, 0, IGNORED])
    cosines = (pooled @ pooled.T).tolist()
    expected = 0.0
    for i in (0, 1, 3):
        others = [a for a in range(4) if a != i]
        total = sum(math.exp(cosines[i][a] / 0.1) for a in others)
        partners = [a for a in (0, 1, 3) if a != i]
        expected -= sum(math.log(math.exp(cosines[i][p] / 0.1) / total) for p in partners) / 2
    expected /= 3

    assert float(contrastive_loss(pooled, classes, 0.1)) == pytest.approx(expected, rel=1e-4)


def test_contrastive_loss_without_partners_is_nothing() -> None:
    pooled = torch.eye(3, requires_grad=True)

    loss = contrastive_loss(pooled, torch.tensor([0, 1, 2]), 0.1)

    assert float(loss) == 0.0
    loss.backward()


def numbered(intent: int) -> EncodedExample:
    return EncodedExample(EncodedText([], [], [], True, ""), intent, IGNORED, [])


@given(st.lists(st.integers(-1, 5), max_size=60), st.integers(1, 9))
def test_batches_deal_each_example_once(intents: list[int], size: int) -> None:
    examples = [numbered(IGNORED if intent < 0 else intent) for intent in intents]

    dealt = list(batches(examples, size, random.Random(0)))

    assert sorted(id(one) for batch in dealt for one in batch) == sorted(map(id, examples))
    assert all(len(batch) <= max(size, 2) for batch in dealt)


def test_batches_keep_pairs_of_one_intent_together() -> None:
    examples = [numbered(intent) for intent in range(50) for _ in range(4)]

    for batch in batches(examples, 8, random.Random(0)):
        intents = [one.intent for one in batch]
        assert all(intents.count(intent) >= 2 for intent in intents)


def test_holding_out_takes_a_share_of_each_intent_and_never_all() -> None:
    examples = [Example(f"{n}", "many") for n in range(20)] + [Example("alone", "one")]

    learnt, held_out = hold_out(examples, 0.25, random.Random(0))

    assert sorted(one.text for one in learnt + held_out) == sorted(one.text for one in examples)
    assert [one.intent for one in held_out] == ["many"] * 5


def test_rules_that_depend_on_the_data() -> None:
    sizes = [10, 400, 800, 2000, 8000, 100_000]
    epochs = [derive_epochs(size, has_entities=False) for size in sizes]

    assert epochs == sorted(epochs, reverse=True)
    assert 1 <= epochs[-1] < epochs[0]
    assert derive_frozen_layers(6, has_entities=False) <= 6


def test_intent_names_teach_the_intent_alone() -> None:
    (one,) = intent_names(LabelSpace(("ask_what/is",), (), ()))

    assert one == Example("ask what is", "ask_what/is", None, None)


def test_averages_by_group_and_leaves_empty_groups_at_nothing() -> None:
    vectors = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    means = mean_of(vectors, torch.tensor([0, 2, 0]), 3)

    assert means.tolist() == [[3.0, 4.0], [0.0, 0.0], [3.0, 4.0]]


def test_pools_the_mean_of_all_pieces_or_the_first_one(
    tiny_encoder: Path, examples: list[Example], wishes: JointBertSettings
) -> None:
    model, text_encoder, _ = fresh(tiny_encoder, examples, wishes)
    batch = collate(text_encoder.encode(["hello", "buying eggs"]))
    hidden = torch.randn(8, 32)

    mean = model.pool(hidden, batch)
    model.pooling = "cls"
    first = model.pool(hidden, batch)

    assert torch.allclose(mean, torch.stack([hidden[:3].mean(0), hidden[3:].mean(0)]), atol=1e-6)
    assert torch.equal(first, hidden[[0, 3]])


@given(st.integers(0, 10_000))
def test_augmentation_keeps_spans_on_their_words(seed: int) -> None:
    text = "please add sparkling water and bread to the shopping list"
    item, name = EntityLabel("item"), EntityLabel("list_name")
    example = Example(
        text,
        "add",
        "neutral",
        (Span(11, 26, item), Span(31, 36, item), Span(44, 52, name)),
    )

    changed = augment(example, random.Random(seed))

    assert (changed.intent, changed.sentiment) == ("add", "neutral")
    assert changed.spans is not None
    words = [changed.text[span.start : span.end] for span in changed.spans]
    assert [span.label for span in changed.spans] == [item, item, name]
    for word, original in zip(words, ("sparkling water", "bread", "shopping"), strict=True):
        assert abs(len(word) - len(original)) <= 1
        assert word == word.strip()
        assert difflib.SequenceMatcher(None, word, original).ratio() > 0.7
    # What is left outside of the entities is still there, but for one word or one letter.
    assert abs(len(changed.text) - len(text)) <= 7


@given(st.text(max_size=60), st.integers(0, 100))
def test_any_text_can_be_misspelt(text: str, seed: int) -> None:
    changed = misspell(Example(text), random.Random(seed))

    assert abs(len(changed.text) - len(text)) <= 1
