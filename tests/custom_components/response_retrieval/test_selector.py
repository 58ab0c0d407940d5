"""The selector's contract with Rasa: train, persist, load, process, and what Rasa makes of it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest
from rasa.core.actions.action import ActionRetrieveResponse
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.core.processor import MessageProcessor
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from custom_components import sentence_encoder
from custom_components.response_retrieval import SemanticResponseSelector
from custom_components.response_retrieval.component import UnreadableSelectorError
from tests.tiny_encoder import save_tiny_encoder

TRAINING = """
version: "3.1"
nlu:
- intent: chitchat/sleep
  examples: |
    - do you sleep
    - do you ever sleep at night
    - when do you sleep
- intent: chitchat/food
  examples: |
    - do you eat
    - what do you eat for breakfast
    - are you hungry
- intent: faq/privacy
  examples: |
    - who reads my messages
    - do you send my messages to anyone
- intent: greet
  examples: |
    - hello
    - hello there
"""
WORDS = sorted({word for word in TRAINING.replace("/", " ").split() if word.isalpha()})

Create = Callable[..., SemanticResponseSelector]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder that knows the words."""
    return save_tiny_encoder(tmp_path_factory.mktemp("encoder"), WORDS)


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    """Rasa's own model storage in an empty folder."""
    (tmp_path / "storage").mkdir()
    return LocalModelStorage(tmp_path / "storage")


@pytest.fixture
def data() -> TrainingData:
    """Two retrieval intents with three answers, and an intent that is none."""
    found: TrainingData = RasaYAMLReader().reads(TRAINING)
    return found


@pytest.fixture
def create(encoder: Path, storage: LocalModelStorage) -> Create:
    """Makes an untrained selector."""

    def make(**config: Any) -> SemanticResponseSelector:
        full = {**SemanticResponseSelector.get_default_config(), "encoder": str(encoder), **config}
        return SemanticResponseSelector.create(full, storage, Resource("selector"), context())

    return make


def context() -> ExecutionContext:
    return ExecutionContext(GraphSchema({}), node_name="selector")


def load(
    encoder: Path, storage: LocalModelStorage, resource: Resource, **config: Any
) -> SemanticResponseSelector:
    full = {**SemanticResponseSelector.get_default_config(), "encoder": str(encoder), **config}
    return SemanticResponseSelector.load(full, storage, resource, context())


def message(text: str, intent: str = "chitchat", *others: tuple[str, float]) -> Message:
    ranking = [{"name": intent, "confidence": 0.7}]
    ranking += [{"name": name, "confidence": sure} for name, sure in others]
    return Message(data={"text": text, "intent": ranking[0], "intent_ranking": ranking})


def selected(component: SemanticResponseSelector, one: Message) -> dict[str, Any]:
    component.process([one])
    found: dict[str, Any] = one.as_dict(only_output_properties=True).get("response_selector", {})
    return found


def test_the_structure_is_that_of_rasas_selector(create: Create, data: TrainingData) -> None:
    component = create()
    component.train(data)

    found = selected(component, message("do you ever sleep"))

    assert found["all_retrieval_intents"] == ["chitchat", "faq"]
    response = found["default"]["response"]
    assert set(response) == {"responses", "confidence", "intent_response_key", "utter_action"}
    assert response["intent_response_key"] == "chitchat/sleep"
    assert response["utter_action"] == "utter_chitchat/sleep"
    ranking = found["default"]["ranking"]
    assert [set(entry) for entry in ranking] == [{"confidence", "intent_response_key"}] * 3
    assert ranking[0]["confidence"] == response["confidence"]
    confidences = [entry["confidence"] for entry in ranking]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1.0)
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    "one",
    [
        message("hello", "greet"),
        message("hello", "greet", ("chitchat", 0.05)),
        Message(data={"text": "hello"}),
        Message(data={"text": "", "intent": {"name": None, "confidence": 0.0}}),
    ],
    ids=["another intent", "hardly a retrieval intent", "no intent", "nothing"],
)
def test_other_messages_cost_nothing(
    create: Create, data: TrainingData, one: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    component = create()
    component.train(data)
    encoded: list[str] = []
    assert component._encoder is not None
    encode = component._encoder.encode

    def note(texts: list[str]) -> Any:
        encoded.extend(texts)
        return encode(texts)

    monkeypatch.setattr(component._encoder, "encode", note)

    assert selected(component, one) == {"all_retrieval_intents": ["chitchat", "faq"]}
    assert encoded == []


def test_a_likely_second_guess_is_prepared(create: Create, data: TrainingData) -> None:
    component = create()
    component.train(data)

    found = selected(component, message("do you eat", "nlu_fallback", ("chitchat", 0.3)))

    assert found["default"]["response"]["intent_response_key"] == "chitchat/food"


def test_one_retrieval_intent_alone(create: Create, data: TrainingData) -> None:
    component = create(retrieval_intent="chitchat")
    component.train(data)

    found = selected(component, message("who reads my messages"))
    assert set(found) == {"all_retrieval_intents", "chitchat"}
    assert {entry["intent_response_key"] for entry in found["chitchat"]["ranking"]} == {
        "chitchat/sleep",
        "chitchat/food",
    }
    assert "faq" not in selected(component, message("who reads my messages", "faq"))


def test_two_selectors_side_by_side(encoder: Path, data: TrainingData, tmp_path: Path) -> None:
    one = message("do you eat")
    for intent in ("chitchat", "faq"):
        (tmp_path / intent).mkdir()
        component = SemanticResponseSelector.create(
            {"encoder": str(encoder), "retrieval_intent": intent, "least_confidence": 0.0},
            LocalModelStorage(tmp_path / intent),
            Resource("selector"),
            context(),
        )
        component.train(data)
        one.set("intent_ranking", [{"name": intent, "confidence": 0.5}])
        component.process([one])

    assert set(one.get("response_selector")) == {"all_retrieval_intents", "chitchat", "faq"}


def test_loads_what_it_saved(
    create: Create, data: TrainingData, encoder: Path, storage: LocalModelStorage
) -> None:
    component = create()
    resource = component.train(data)
    texts = ["when do you sleep", "hungry", "who reads that"]
    before = [selected(component, message(text)) for text in texts]

    loaded = load(encoder, storage, resource)

    for text, expected in zip(texts, before, strict=True):
        found = selected(loaded, message(text))
        assert (
            found["default"]["response"]["intent_response_key"]
            == (expected["default"]["response"]["intent_response_key"])
        )
        np.testing.assert_allclose(
            [entry["confidence"] for entry in found["default"]["ranking"]],
            [entry["confidence"] for entry in expected["default"]["ranking"]],
            atol=1e-5,
        )


def test_nothing_is_pickled(create: Create, data: TrainingData, storage: LocalModelStorage) -> None:
    resource = create().train(data)

    with storage.read_from(resource) as folder:
        assert {path.name for path in Path(folder).iterdir()} == {
            "answers.json",
            "answers.safetensors",
        }


def test_without_data_it_stays_untrained_and_leaves_messages_alone(
    create: Create, encoder: Path, storage: LocalModelStorage
) -> None:
    component = create()
    resource = component.train(TrainingData())

    assert selected(component, message("do you sleep")) == {}
    assert selected(load(encoder, storage, resource), message("do you sleep")) == {}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("answers.safetensors", lambda content: content[:-4] + b"beef"),
        ("answers.safetensors", lambda content: content[:20]),
        ("answers.json", lambda content: content[:-10]),
        ("answers.json", lambda content: b"[]"),
        ("answers.json", lambda content: content.replace(b'"version": 1', b'"version": 99')),
        ("answers.json", lambda content: content.replace(b'"names"', b'"nomes"')),
        ("answers.json", lambda content: content.replace(b'"chitchat/food",', b"")),
    ],
    ids=["altered", "cut", "cut index", "foreign", "newer", "incomplete", "one answer less"],
)
def test_a_damaged_model_is_an_error(
    create: Create,
    data: TrainingData,
    encoder: Path,
    storage: LocalModelStorage,
    name: str,
    change: Callable[[bytes], bytes],
) -> None:
    resource = create().train(data)
    with storage.write_to(resource) as folder:
        path = Path(folder, name)
        content = path.read_bytes()
        assert change(content) != content
        path.write_bytes(change(content))

    with pytest.raises(UnreadableSelectorError, match="selector"):
        load(encoder, storage, resource)


def test_a_missing_file_is_an_error(
    create: Create, data: TrainingData, encoder: Path, storage: LocalModelStorage
) -> None:
    resource = create().train(data)
    with storage.write_to(resource) as folder:
        Path(folder, "answers.safetensors").unlink()

    with pytest.raises(UnreadableSelectorError, match=r"answers\.safetensors"):
        load(encoder, storage, resource)


def test_another_encoder_than_that_of_the_training_is_refused(
    create: Create, data: TrainingData, storage: LocalModelStorage, tmp_path: Path
) -> None:
    resource = create().train(data)
    other = save_tiny_encoder(tmp_path / "other", [*WORDS, "more"])

    with pytest.raises(InvalidConfigException, match="train again"):
        load(other, storage, resource)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("encoder", ""),
        ("retrieval_intent", 3),
        ("utter_action", "utter_{intent}"),
        ("utter_action", "say_{intent}_{topic}"),
        ("utter_action", "utter_{intent}_{topic"),
        ("least_confidence", 1.5),
        ("least_confidence", True),
        ("ranking_length", 0),
        ("max_length", 7),
        ("inference_threads", -1),
    ],
)
def test_useless_settings_are_refused_by_name(create: Create, key: str, value: Any) -> None:
    with pytest.raises(InvalidConfigException, match=key):
        create(**{key: value})


def test_an_unknown_key_is_refused_with_a_hint(create: Create) -> None:
    with pytest.raises(InvalidConfigException, match="did you mean 'retrieval_intent'"):
        create(retreival_intent="faq")


def test_an_encoder_that_is_not_there_stops_the_training(
    create: Create, data: TrainingData
) -> None:
    with pytest.raises(InvalidConfigException, match="nobody/knows"):
        create(encoder="nobody/knows").train(data)


def test_rasa_can_resolve_the_types_and_names_of_the_graph_methods() -> None:
    for name in ("create", "load", "train", "process"):
        assert get_type_hints(getattr(SemanticResponseSelector, name))
    assert list(inspect.signature(SemanticResponseSelector.train).parameters) == [
        "self",
        "training_data",
    ]


def test_the_fingerprint_follows_helpers_and_encoder(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {"encoder": str(encoder)}
    before = SemanticResponseSelector.fingerprint_addon(config)
    assert SemanticResponseSelector.fingerprint_addon(config) == before

    other = save_tiny_encoder(tmp_path / "other", [*WORDS, "more"])
    assert SemanticResponseSelector.fingerprint_addon({"encoder": str(other)}) != before

    changed = tmp_path / "sentence_encoder.py"
    changed.write_text("# changed")
    monkeypatch.setattr(sentence_encoder, "__file__", str(changed))
    assert SemanticResponseSelector.fingerprint_addon(config) != before


async def test_rasas_own_action_says_what_was_selected(create: Create, data: TrainingData) -> None:
    component = create()
    component.train(data)
    parsed = message("do you eat")
    component.process([parsed])
    responses = {"utter_chitchat/food": [{"text": "Electricity."}]}
    domain = Domain.from_dict({"intents": ["chitchat"], "responses": responses})
    tracker = DialogueStateTracker.from_events(
        "somebody",
        [UserUttered("do you eat", parsed.get("intent"), parse_data=parsed.as_dict())],
    )
    action = ActionRetrieveResponse("utter_chitchat")

    events = await action.run(
        CollectingOutputChannel(), TemplatedNaturalLanguageGenerator(responses), tracker, domain
    )

    assert [event.text for event in events] == ["Electricity."]
    assert action.get_full_retrieval_name(tracker) == "utter_chitchat/food"


@pytest.mark.parametrize(("own", "full"), [("chitchat", "chitchat/food"), (None, None)])
def test_rasas_processor_finds_the_full_intent(
    create: Create, data: TrainingData, own: str | None, full: str | None
) -> None:
    component = create(retrieval_intent=own)
    component.train(data)
    one = message("do you eat")
    component.process([one])
    parsed = one.as_dict()

    MessageProcessor._update_full_retrieval_intent(object(), parsed)

    assert parsed["intent"].get("full_retrieval_intent_name") == full
