"""The language model as a part of a Rasa model: trained, cached, taken out, and heard with."""

from __future__ import annotations

import asyncio
import functools
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from rasa.core.agent import Agent
from rasa.engine.storage.resource import Resource
from rasa.model_training import train_nlu
from rasa.shared.nlu.training_data.training_data import TrainingData

from custom_components.speech_language import SpeechLanguage
from scripts import hear
from tests.voice.conftest import Say, speak  # noqa: F401
from voice.audio import write_wave
from voice.language import Language
from voice.model import extract_language

NLU = """
version: "3.1"
nlu:
- intent: open
  examples: |
    - open the [door](thing) in the [hall](room)
    - please open the [gate]{"entity": "thing", "value": "door"} in the [garden](room)
- intent: close
  examples: |
    - shut it again
    - shut it now
- lookup: room
  examples: |
    - cellar
"""

pytestmark = [
    pytest.mark.slow,
    # Rasa knows no extractor by its class that would learn the annotated entities: none does here.
    pytest.mark.filterwarnings("ignore:You have defined:UserWarning"),
]


def train(folder: Path, nlu: str = NLU) -> Path:
    """Trains with `rasa train nlu`'s own code, in a pipeline of nothing else of ours."""
    pipeline = [
        {"name": "WhitespaceTokenizer"},
        {"name": "KeywordIntentClassifier"},
        {"name": "custom_components.speech_language.SpeechLanguage"},
    ]
    (folder / "config.yml").write_text(
        yaml.safe_dump({"recipe": "default.v1", "assistant_id": "tiny", "pipeline": pipeline})
    )
    (folder / "nlu.yml").write_text(nlu)
    model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder / "models"))
    assert model is not None
    return Path(model)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rasa's cache, which the trainings here share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def project(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(cache))
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "false")
    return tmp_path


async def test_the_model_holds_what_can_be_heard_and_does_nothing_with_messages(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    speak: Say,  # noqa: F811
) -> None:
    model = train(project)
    folder = extract_language(model, project / "language")
    assert Language.load(folder).words == 13
    read = await Agent.load(str(model)).parse_message("shut it again")
    assert read["intent"]["name"] == "close"
    assert read["entities"] == []

    write_wave(speak("open the gate in the cellar"), project / "said.wav")
    # In a thread, as it has an event loop of its own.
    arguments = [str(project / "said.wav"), "--models", str(model.parent)]
    assert await asyncio.to_thread(hear.main, arguments) == 0
    shown = capsys.readouterr().out
    assert "Heard: open the gate in the cellar" in shown
    assert "Understood: " in shown


def test_only_a_changed_example_trains_anew(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = extract_language(train(project), project / "before")
    trained: list[str] = []
    learn = SpeechLanguage.train

    # Rasa looks at the types of what it calls.
    @functools.wraps(learn)
    def note(self: SpeechLanguage, training_data: TrainingData) -> Resource:
        trained.append("again")
        return learn(self, training_data)

    monkeypatch.setattr(SpeechLanguage, "train", note)

    same = extract_language(train(project), project / "same")
    assert trained == []
    assert (same / "language.json").read_bytes() == (before / "language.json").read_bytes()

    changed = extract_language(train(project, NLU.replace("gate", "gangway")), project / "changed")
    assert trained == ["again"]
    assert "gangway" in (changed / "words.dict").read_text()
    assert "gangway" not in (before / "words.dict").read_text()


def test_a_running_assistant_loads_no_recogniser(project: Path) -> None:
    model = train(project)
    code = (
        "import sys, warnings; warnings.simplefilter('ignore')\n"
        "from rasa.core.agent import Agent\n"
        f"Agent.load({str(model)!r})\n"
        "print([name for name in sys.modules if 'pocketsphinx' in name or name == 'voice'])"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip().splitlines()[-1] == "[]"
