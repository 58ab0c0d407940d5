"""A tiny BERT made in code, and training data small enough to learn in a second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.training_data import TrainingData

from custom_components.joint_bert.component import JointBertClassifier
from tests.tiny_encoder import save_tiny_encoder

WORDS = (
    "hello hi there good morning bye see you later add put buy please milk eggs bread two three "
    "500 g kilos of to on the my shopping packing list from paris rome fly i am so sad happy "
    "great awful day ! ? . , ' - what is it take off ##s ##g ##ing a b c d e f g h i j k l m n o "
    "p q r s t u v w x y z"
).split()

TRAINING_YAML = """
version: "3.1"
nlu:
- intent: greet
  metadata:
    sentiment: neutral
  examples: |
    - hello
    - hi there
    - good morning
    - hello there
- intent: bye
  examples:
  - text: |
      bye
    metadata:
      sentiment: neutral
  - text: |
      see you later
  - text: |
      bye bye
- intent: mood
  metadata:
    sentiment: negative
  examples:
  - text: |
      i am so sad
  - text: |
      what a awful day
  - text: |
      i am so happy
    metadata:
      sentiment: positive
  - text: |
      what a great day
    metadata:
      sentiment: positive
- intent: add
  metadata:
    sentiment: neutral
  examples: |
    - add [milk](item) to the [shopping](list_name) list
    - put [eggs](item) on my [packing](list_name) list
    - buy [two](quantity) kilos of [bread](item) please
    - add [500](quantity) g of [milk](item)
- intent: travel
  examples: |
    - fly from [paris]{"entity": "city", "role": "from"} to [rome]{"entity": "city", "role": "to"}
    - fly from [rome]{"entity": "city", "role": "from"} to [paris]{"entity": "city", "role": "to"}
    - fly to [paris]{"entity": "city", "role": "to"}
"""

Create = Callable[..., JointBertClassifier]


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a BERT of 2 layers, 32 wide, as `save_pretrained` leaves it."""
    return save_tiny_encoder(tmp_path_factory.mktemp("encoder"), WORDS)


@pytest.fixture(scope="session")
def config(tiny_encoder: Path) -> dict[str, Any]:
    """The component's configuration with the tiny encoder, made to learn by heart."""
    return {
        **JointBertClassifier.get_default_config(),
        "encoder": str(tiny_encoder),
        "epochs": 60,
        "batch_size": 8,
        "learning_rate": 2e-3,
        "head_learning_rate": 2e-2,
        "frozen_layers": 0,
        "augmentation": 0.0,
        "value_exchange": 0.0,
        "dropout": 0.0,
        "mixed_precision": False,
    }


@pytest.fixture(scope="session")
def training_data() -> TrainingData:
    """Five intents, three sentiments, entities with and without roles."""
    return RasaYAMLReader().reads(TRAINING_YAML)


@pytest.fixture
def storage(tmp_path: Path) -> ModelStorage:
    """Rasa's own model storage in an empty folder."""
    folder = tmp_path / "storage"
    folder.mkdir()
    return LocalModelStorage(folder)


@pytest.fixture
def resource() -> Resource:
    """The name under which the component keeps its model."""
    return Resource("joint_bert")


def execution_context(is_finetuning: bool = False) -> ExecutionContext:
    """What Rasa tells a component about the run."""
    return ExecutionContext(GraphSchema({}), node_name="joint_bert", is_finetuning=is_finetuning)


@pytest.fixture
def create(config: dict[str, Any], storage: ModelStorage, resource: Resource) -> Create:
    """Creates an untrained component, with changes of the configuration as keywords."""

    def factory(**changes: Any) -> JointBertClassifier:
        return JointBertClassifier.create(
            {**config, **changes}, storage, resource, execution_context()
        )

    return factory


@pytest.fixture
def load(config: dict[str, Any], storage: ModelStorage, resource: Resource) -> Create:
    """Loads the component that was trained before."""

    def factory(is_finetuning: bool = False, **changes: Any) -> JointBertClassifier:
        return JointBertClassifier.load(
            {**config, **changes}, storage, resource, execution_context(is_finetuning)
        )

    return factory


@pytest.fixture(scope="session")
def trained(
    tmp_path_factory: pytest.TempPathFactory, config: dict[str, Any], training_data: TrainingData
) -> tuple[JointBertClassifier, ModelStorage, Resource]:
    """A component trained once for all tests that only read it."""
    storage = LocalModelStorage(tmp_path_factory.mktemp("trained"))
    resource = Resource("joint_bert")
    component = JointBertClassifier.create(config, storage, resource, execution_context())
    component.train(training_data)
    return component, storage, resource
