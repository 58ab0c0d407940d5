"""Thresholds chosen on synthesised speech."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.voice.conftest import HOUSE, Say
from voice import calibration
from voice.calibration import calibrate
from voice.language import Language, Thresholds
from voice.pronunciation import Pronunciations
from voice.sphinx import SphinxRecognizer


@pytest.fixture
def folder(house: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(house, tmp_path / "house"))


@pytest.mark.slow
def test_commands_lie_above_and_nonsense_below(
    folder: Path, pronunciations: Pronunciations, speak: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibration, "COUNT", 8)
    calibrate(folder, [one.text for one in HOUSE.sentences], pronunciations)
    language = Language.load(folder)
    assert "synthesised by flite" in language.thresholds.source
    assert language.fingerprint == HOUSE.fingerprint()
    recognizer = SphinxRecognizer(folder)
    above = max(recognizer.margins(speak("turn on the fan in the bedroom", "rms")))
    below = max(recognizer.margins(speak("economists expect rising prices in europe", "rms")))
    assert language.confidence(above) > 0.5 > language.confidence(below)


def test_without_anything_to_speak_the_general_thresholds_stay(
    folder: Path, pronunciations: Pronunciations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    calibrate(folder, [one.text for one in HOUSE.sentences], pronunciations)
    assert Language.load(folder).thresholds == Thresholds()
