"""Other values of entities on their way from Rasa's training data into the training."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.training_data import TrainingData

from custom_components.joint_bert import sampling, training
from custom_components.joint_bert.artifacts import build_model
from custom_components.joint_bert.dataset import read_examples, read_values
from custom_components.joint_bert.encoder import load_encoder, load_tokenizer
from custom_components.joint_bert.labels import Example, LabelSpace
from custom_components.joint_bert.settings import JointBertSettings
from custom_components.joint_bert.tokenization import TextEncoder

YAML = """
version: "3.1"
nlu:
- intent: add
  examples: |
    - put [milk](item) on the [food](list) list
    - add [eggs](item)
- synonym: shopping
  examples: |
    - food
    - groceries
- synonym: day
  examples: |
    - today
- lookup: item
  examples: |
    - bread
    - two three
- lookup: animal
  examples: |
    - cat
"""


@pytest.fixture
def data() -> TrainingData:
    return RasaYAMLReader().reads(YAML)


def test_reads_lookup_tables_and_synonyms(data: TrainingData) -> None:
    examples = read_examples(data, "sentiment", [], "JointBertClassifier")

    values = read_values(data, examples)

    assert values == {
        "item": {"bread", "two three"},
        "animal": {"cat"},
        "list": {"food", "groceries"},
    }


def test_a_table_that_rasa_could_not_read_is_passed_over() -> None:
    data = TrainingData(lookup_tables=[{"name": "item", "elements": "missing.txt"}])

    assert read_values(data, []) == {}


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_what_is_learnt_from(
    tiny_encoder: Path,
    config: dict[str, Any],
    data: TrainingData,
    monkeypatch: pytest.MonkeyPatch,
    share: float,
) -> None:
    settings = JointBertSettings.from_config({**config, "value_exchange": share, "epochs": 5})
    examples = read_examples(data, "sentiment", [], "JointBertClassifier")
    labels = LabelSpace.of(examples, [])
    model = build_model(load_encoder(tiny_encoder, 0.0), labels, settings)
    text_encoder = TextEncoder(load_tokenizer(tiny_encoder), 64)
    numbered: list[Example] = []

    def listen(one: Any, *others: Any) -> Any:
        numbered.extend(one)
        return sampling.number(one, *others)

    monkeypatch.setattr(training, "number", listen)
    training.train(
        model,
        text_encoder,
        examples,
        labels,
        dataclasses.replace(settings, learn_intent_names=False),
        torch.device("cpu"),
        more_values=read_values(data, examples),
    )

    added = {one.text for one in numbered if one.text.startswith("add ")}
    assert "add eggs" in added
    assert (added == {"add eggs"}) is (share == 0.0)
    assert added <= {"add eggs", "add milk", "add bread", "add two three"}
