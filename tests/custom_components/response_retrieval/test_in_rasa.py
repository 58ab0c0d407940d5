"""The selector in Rasa's own training and parsing, on the tiny encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu
from rasa.nlu.classifiers.keyword_intent_classifier import KeywordIntentClassifier

from tests.custom_components.response_retrieval.test_selector import TRAINING, WORDS
from tests.tiny_encoder import save_tiny_encoder

pytestmark = [
    pytest.mark.slow,
    # Rasa's false warnings about selectors, which the component silences where it is imported;
    # pytest puts filters of its own before those.
    pytest.mark.filterwarnings("ignore:You have defined training data:UserWarning"),
    pytest.mark.filterwarnings("ignore:Your training data contains an example:UserWarning"),
    # Rasa adds retrieval intents to the domain and finds them there twice.
    pytest.mark.filterwarnings("ignore:.*duplicated intents:UserWarning"),
    pytest.mark.filterwarnings("ignore:Action 'utter_:UserWarning"),
]

ANSWERS = ("chitchat/sleep", "chitchat/food", "faq/privacy")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Rasa project for NLU alone, with a cache of its own."""
    save_tiny_encoder(tmp_path / "encoder", WORDS)
    (tmp_path / "nlu.yml").write_text(TRAINING)
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path / "cache"))
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "false")
    return tmp_path


def train(project: Path, naming: str, said: str) -> Path:
    """Trains with `rasa train nlu`'s own code."""
    responses = {
        naming.format(*answer.split("/")): [{"text": f"{said} {answer}"}] for answer in ANSWERS
    }
    config: dict[str, Any] = {
        "recipe": "default.v1",
        "assistant_id": "tiny",
        "language": "en",
        "pipeline": [
            {"name": "WhitespaceTokenizer"},
            {"name": "KeywordIntentClassifier"},
            {
                "name": "custom_components.response_retrieval.SemanticResponseSelector",
                "encoder": str(project / "encoder"),
                "utter_action": naming.format("{intent}", "{topic}"),
            },
        ],
    }
    domain = {"intents": ["chitchat", "faq", "greet"], "responses": responses}
    for name, content in (("config", config), ("domain", domain)):
        (project / f"{name}.yml").write_text(yaml.safe_dump(content))
    model = train_nlu(
        str(project / "config.yml"),
        str(project / "nlu.yml"),
        str(project / "models"),
        domain=str(project / "domain.yml"),
    )
    assert model is not None
    return Path(model)


async def test_trains_loads_and_parses(project: Path) -> None:
    agent = Agent.load(train(project, "utter_{}/{}", "Said"))

    parsed = await agent.parse_message("what do you eat for breakfast")

    assert parsed["intent"]["name"] == "chitchat"
    found = parsed["response_selector"]["default"]["response"]
    assert found["intent_response_key"] == "chitchat/food"
    assert found["responses"] == [{"text": "Said chitchat/food"}]
    greeting = await agent.parse_message("hello")
    assert set(greeting["response_selector"]) == {"all_retrieval_intents"}


@pytest.mark.parametrize(("naming", "trains"), [("utter_{}/{}", True), ("utter_{}_{}", False)])
async def test_what_another_wording_trains(
    project: Path, monkeypatch: pytest.MonkeyPatch, naming: str, trains: bool
) -> None:
    train(project, naming, "Said")
    trained: list[str] = []

    persist = KeywordIntentClassifier.persist

    def note(self: KeywordIntentClassifier) -> None:
        trained.append("again")
        persist(self)

    monkeypatch.setattr(KeywordIntentClassifier, "persist", note)

    train(project, naming, "Now said otherwise")

    assert bool(trained) is trains
