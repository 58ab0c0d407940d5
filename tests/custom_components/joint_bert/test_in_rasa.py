"""The component in Rasa's own training and parsing, on the tiny encoder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

from custom_components.joint_bert import component
from tests.custom_components.joint_bert.conftest import TRAINING_YAML

# Rasa's false warnings about extractors, which the component silences where it is imported;
# pytest puts filters of its own before that one.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:You have defined training data:UserWarning"),
]

COMPONENT = "custom_components.joint_bert.JointBertClassifier"


@pytest.fixture
def project(tmp_path: Path, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Rasa project for NLU alone, with a cache of its own."""
    pipeline = [
        {"name": "WhitespaceTokenizer"},
        {"name": COMPONENT, **config},
        {"name": "EntitySynonymMapper"},
        {"name": "FallbackClassifier", "threshold": 0.3},
    ]
    (tmp_path / "config.yml").write_text(
        yaml.safe_dump(
            {
                "recipe": "default.v1",
                "assistant_id": "tiny",
                "language": "en",
                "pipeline": pipeline,
            }
        )
    )
    (tmp_path / "nlu.yml").write_text(TRAINING_YAML)
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path / "cache"))
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "false")
    return tmp_path


def train(project: Path, **options: Any) -> Path:
    """Trains with `rasa train nlu`'s own code."""
    model = train_nlu(
        str(project / "config.yml"), str(project / "nlu.yml"), str(project / "models"), **options
    )
    assert model is not None
    return Path(model)


async def parse(model: Path, text: str) -> dict[str, Any]:
    found: dict[str, Any] = await Agent.load(model).parse_message(text)
    return found


async def test_trains_loads_and_parses(project: Path) -> None:
    model = train(project)

    result = await parse(model, "add eggs to the shopping list")
    assert result["intent"]["name"] == "add"
    assert result["sentiment"]["name"] == "neutral"
    assert [entity["value"] for entity in result["entities"]] == ["eggs", "shopping"]

    unknown = await parse(model, "😀")
    assert unknown["intent"]["name"] == "nlu_fallback"

    payload = await parse(model, "/greet")
    assert payload["intent"]["name"] == "greet"
    assert "sentiment" not in payload


async def test_one_more_example_is_known_after_the_next_training(project: Path) -> None:
    train(project)
    data = project / "nlu.yml"
    data.write_text(
        data.read_text().replace("    - hello\n", "    - hello\n    - what is it to you\n")
    )
    model = train(project)

    assert (await parse(model, "what is it to you"))["intent"]["name"] == "greet"


async def test_what_did_not_change_is_not_trained_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(project)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr("custom_components.joint_bert.training.train", refuse)
    model = train(project)

    assert (await parse(model, "hello"))["intent"]["name"] == "greet"


async def test_finetuning_by_rasas_own_contract(project: Path) -> None:
    first = train(project)
    data = project / "nlu.yml"
    data.write_text(data.read_text().replace("    - hi there\n", "    - hi there you\n"))

    second = train(project, model_to_finetune=str(first), finetuning_epoch_fraction=0.2)

    assert second != first
    assert (await parse(second, "hi there you"))["intent"]["name"] == "greet"


def test_another_working_directory_does_not_matter(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = project / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    assert os.path.isfile(train(project))


def test_rasas_false_warnings_are_not_shown(project: Path) -> None:
    command = [sys.executable, "-m", "rasa", "train", "nlu", "--config", "config.yml"]
    done = subprocess.run(
        [*command, "--nlu", "nlu.yml", "--out", "models"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(Path(component.__file__).parents[2])},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert "entities" not in done.stderr
    assert "Your Rasa model is trained" in done.stdout
