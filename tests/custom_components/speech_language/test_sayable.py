"""What can be said, out of training data and files of names; and what can be configured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from custom_components.speech_language import SpeechLanguage
from custom_components.speech_language.fingerprint import source_digest
from custom_components.speech_language.sayable import read_names, read_sayable
from custom_components.speech_language.settings import DEFAULT_CONFIG, Names, SpeechSettings
from scripts.freshness import SOURCES

DATA = """
version: "3.1"
nlu:
- intent: open
  examples: |
    - open the [door](thing) in the [hall](room)
    - please open the [gate]{"entity": "thing", "value": "door"}
- lookup: room
  examples: |
    - cellar
- synonym: door
  examples: |
    - hatch
"""
HOME = """
devices:
  - name: floor lamp
    aliases: [standing lamp, tall lamp]
    room: study
  - name: fan
    features: [name]
scenes: {quiet: [{device: fan}]}
"""


@pytest.fixture
def data() -> TrainingData:
    found: TrainingData = RasaYAMLReader().reads(DATA)
    return found


def test_sentences_tables_and_synonyms_can_be_said(data: TrainingData) -> None:
    found = read_sayable(data)
    first, second = found.sentences
    assert first.text == "open the door in the hall"
    assert [first.text[one.begin : one.end] for one in first.spans] == ["door", "hall"]
    assert second.text == "please open the gate"
    assert found.values["room"] == ["cellar"]
    assert {"hatch", "gate"} <= set(found.values["thing"])


def test_what_nobody_says_is_left_out(data: TrainingData) -> None:
    more = [
        Message.build("/open", "open"),
        Message({"action_text": "I opened it."}),
        Message({"text": "said in a story"}),
        Message(
            {"text": "open it", "intent": "open", "entities": [{"entity": "it", "value": "door"}]}
        ),
    ]
    found = read_sayable(data.merge(TrainingData(more)))
    assert [one.text for one in found.sentences[2:]] == ["open it"]
    assert found.sentences[2].spans == ()


def test_tables_may_be_files(data: TrainingData, tmp_path: Path) -> None:
    path = tmp_path / "rooms.txt"
    path.write_text("attic\nloft\n")
    data.lookup_tables = [{"name": "room", "elements": str(path)}]
    assert read_sayable(data).values["room"] == ["attic", "loft"]
    data.lookup_tables = [{"name": "room", "elements": "attic\nshed"}]
    assert read_sayable(data).values["room"] == ["attic", "shed"]


def test_names_that_are_written_down_elsewhere_can_be_said(
    data: TrainingData, tmp_path: Path
) -> None:
    path = tmp_path / "home.yml"
    names = Names("thing", path, frozenset({"name", "aliases"}))
    assert read_names(names) == []
    path.write_text(HOME)
    assert read_names(names) == ["floor lamp", "standing lamp", "tall lamp", "fan"]
    assert "tall lamp" in read_sayable(data, [names]).values["thing"]
    path.write_text("devices: [")
    with pytest.raises(InvalidConfigException, match="names of 'thing' in .*home.yml"):
        read_names(names)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"calibrat": True}, "unknown key 'calibrat'; did you mean 'calibrate'"),
        ({"epochs": 3}, "unknown key 'epochs'; known: calibrate, general_words, names"),
        ({"calibrate": "yes"}, "'calibrate: yes' cannot be used; it must be true or false"),
        ({"general_words": -1}, "'general_words: -1' .* a whole number"),
        ({"names": ["home.yml"]}, "must be a mapping"),
        ({"names": {"device": {"file": "home.yml"}}}, "'names: device: .* a file and a list"),
        ({"names": {"device": {"file": "home.yml", "keys": "name"}}}, "a file and a list"),
    ],
)
def test_what_cannot_be_meant_is_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidConfigException, match=message):
        SpeechSettings.from_config(config)


def test_a_changed_file_of_names_or_setting_means_a_new_training(tmp_path: Path) -> None:
    path = tmp_path / "home.yml"
    config = {**DEFAULT_CONFIG, "names": {"thing": {"file": str(path), "keys": ["name"]}}}
    found = {SpeechLanguage.fingerprint_addon(DEFAULT_CONFIG)}
    found.add(SpeechLanguage.fingerprint_addon(config))
    for text in ("", HOME):
        path.write_text(text)
        found.add(SpeechLanguage.fingerprint_addon(config))
    assert len(found) == 4
    assert source_digest(calibrates=True) != source_digest(calibrates=False)


def test_what_a_language_model_is_made_with_makes_a_trained_model_stale() -> None:
    from custom_components.speech_language import fingerprint

    assert {f"voice/{name}.py" for name in fingerprint._MAKERS} <= set(SOURCES)


def test_without_sentences_it_stays_untrained(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = LocalModelStorage(tmp_path)
    component = SpeechLanguage.create(
        SpeechLanguage.get_default_config(),
        storage,
        Resource("train_SpeechLanguage0"),
        ExecutionContext(GraphSchema({}), node_name="train_SpeechLanguage0"),
    )
    component.train(TrainingData([]))
    assert "stays untrained" in caplog.text
    assert not list(tmp_path.rglob("*.json"))
    message = Message.build("hello")
    before = message.as_dict()
    assert [one.as_dict() for one in component.process([message])] == [before]
