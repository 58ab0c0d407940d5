"""The recogniser's language model out of the assistant's training data, and what is heard."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import hear, listening
from tests.voice.conftest import Say, speak  # noqa: F401
from voice.audio import write_wave
from voice.language import Language

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


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "nlu"
    folder.mkdir()
    (folder / "open.yml").write_text(DATA)
    return folder


def test_sentences_tables_and_synonyms_can_be_said(data: Path) -> None:
    found = listening.read_sayable(data)
    first, second = found.sentences
    assert first.text == "open the door in the hall"
    assert [first.text[one.begin : one.end] for one in first.spans] == ["door", "hall"]
    assert second.text == "please open the gate"
    assert found.values["room"] == ["cellar"]
    assert {"hatch", "gate"} <= set(found.values["thing"])


@pytest.mark.slow
def test_a_language_model_is_made_once_and_anew_after_a_change(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Choosing thresholds is for tests/voice: it listens to sixty sentences.
    monkeypatch.setattr(listening, "calibrate", lambda *_: None)
    models = tmp_path / "models"
    models.mkdir()
    folder = listening.ensure_language(models, data)
    made = (folder / "language.json").stat().st_mtime_ns
    assert listening.ensure_language(models, data) == folder
    assert (folder / "language.json").stat().st_mtime_ns == made
    (data / "open.yml").write_text(DATA.replace("gate", "window"))
    listening.ensure_language(models, data)
    assert " window" in (folder / "commands.fsg").read_text()
    assert Language.load(folder).fingerprint == listening.read_sayable(data).fingerprint()
    assert [path.name for path in models.iterdir()] == ["voice"]
    assert "The recogniser knows" in capsys.readouterr().out


def test_hearing_says_what_is_lacking(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"no audio")
    assert hear.main([str(path), "--models", str(tmp_path), "--data", str(data)]) == 2
    assert "a.wav is not a WAV file." in capsys.readouterr().err


def test_what_was_heard_is_told(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    speak: Say,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(listening, "calibrate", lambda *_: None)
    path = tmp_path / "said.wav"
    write_wave(speak("open the door in the cellar"), path)
    assert hear.main([str(path), "--models", str(tmp_path), "--data", str(data)]) == 2
    shown = capsys.readouterr()
    assert "Heard: open the door in the cellar" in shown.out
    assert "make train" in shown.err
