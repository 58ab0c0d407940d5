"""The component in Rasa's own training and parsing, and its entities in a conversation's events."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.model_training import train_nlu
from rasa.shared.core.events import Event, UserUttered

from tests.custom_components.value_extraction.conftest import shorten

NLU_YAML = """
version: "3.1"
nlu:
- intent: add
  examples: |
    - add [7](quantity) eggs
    - add [two](quantity) eggs
- intent: remind
  examples: |
    - remind me
    - wake me
"""


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Agent:
    """An assistant whose pipeline has the component where Parley's has it."""
    folder = tmp_path_factory.mktemp("project")
    pipeline = [
        {"name": "WhitespaceTokenizer"},
        {"name": "KeywordIntentClassifier"},
        {"name": "EntitySynonymMapper"},
        {"name": "custom_components.value_extraction.ValueExtractor"},
    ]
    (folder / "config.yml").write_text(
        yaml.safe_dump({"recipe": "default.v1", "assistant_id": "tiny", "pipeline": pipeline})
    )
    (folder / "nlu.yml").write_text(NLU_YAML)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RASA_CACHE_DIRECTORY", str(folder / "cache"))
        patch.setenv("RASA_TELEMETRY_ENABLED", "false")
        model = train_nlu(
            str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder / "models")
        )
    assert model is not None
    loaded: Agent = Agent.load(model)
    return loaded


async def parse(agent: Agent, text: str, **metadata: Any) -> dict[str, Any]:
    """Parses a message as it comes from a channel."""
    found: dict[str, Any] = await agent.processor.parse_message(
        UserMessage(text, metadata=metadata)
    )
    return found


# Rasa knows no extractor by its class that would learn the annotated quantities: none does here.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:You have defined training data:UserWarning"),
]


async def test_the_channels_clock_is_used(agent: Agent) -> None:
    found = await parse(
        agent, "wake me at seven", reference_time="2026-11-18T20:00", timezone="Asia/Tokyo"
    )

    (entity,) = found["entities"]
    assert entity["value"] == "2026-11-19T07:00:00+09:00"
    assert entity["additional_info"]["zone"] == "Asia/Tokyo"


async def test_a_number_stays_one_though_its_text_is_annotated(agent: Agent) -> None:
    found = await parse(agent, "add 7 eggs")

    assert [(one["entity"], one["value"]) for one in found["entities"]] == [("number", 7)]


async def test_intents_by_name_are_left_alone(agent: Agent) -> None:
    found = await parse(agent, "/remind")

    assert found["intent"]["name"] == "remind"
    assert found["entities"] == []


async def test_survives_being_an_event(agent: Agent) -> None:
    found = await parse(
        agent,
        "remind me on Friday afternoon",
        reference_time="2026-11-18T15:00",
        timezone="Europe/Berlin",
    )
    event = UserUttered(found["text"], found["intent"], found["entities"], found)

    stored = Event.from_parameters(json.loads(json.dumps(event.as_dict())))

    assert [shorten(one) for one in stored.entities] == [
        "time 2026-11-20T12:00>2026-11-20T18:00 hour"
    ]
    assert stored == event
