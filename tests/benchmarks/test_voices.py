"""The shipped assistant, voice by voice: what is counted as what."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from benchmarks import runner, voices
from benchmarks.datasets import LabelledText
from tests.voice.conftest import HOUSE
from voice.language import train
from voice.pronunciation import Pronunciations
from voice.sphinx import dictionary_path
from voice.synthesis import can_synthesise

MILK = LabelledText(
    "add milk to my list", "add", [{"start": 4, "end": 8, "entity": "item", "value": "milk"}]
)


def understood(text: str, intent: str, *items: str, confidence: float = 0.9) -> dict[str, Any]:
    """What the NLU makes of a text."""
    ranking = [{"name": intent, "confidence": confidence}]
    if confidence < 0.5:
        ranking.insert(0, {"name": "nlu_fallback", "confidence": 1 - confidence})
    entities = [
        {
            "entity": "item",
            "start": text.index(item),
            "end": text.index(item) + len(item),
            "confidence_entity": 0.9,
        }
        for item in items
    ]
    # A number that rules find is in no annotation.
    found = [*entities, {"entity": "number", "start": 0, "end": 1}]
    return {
        "text": text,
        "intent": ranking[0],
        "intent_ranking": ranking,
        "entities": found,
        "in_scope": confidence,
    }


def heard(text: str, confidence: float = 0.999) -> dict[str, Any]:
    return {
        "text": text,
        "confidence": confidence,
        "accepted": confidence >= 0.5,
        "source": "open" if text else "nothing",
        "alternatives": [[text, -4.0]] if text else [],
        "busy": 0.5,
        "seconds": 2.0,
    }


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (understood("add milk to my least", "add", "milk"), True),
        (understood("add mill to my list", "add", "mill"), False),
        (understood("add milk to my list", "add"), False),
        (understood("add milk to my list", "remove", "milk"), False),
        (understood("add milk to my list", "add", "milk", confidence=0.3), False),
        (None, False),
    ],
)
def test_what_is_understood_has_the_intent_and_all_values(
    result: dict[str, Any] | None, expected: bool
) -> None:
    assert voices.is_right(MILK, result) is expected


def test_what_fits_nothing_is_rightly_declined() -> None:
    strange = LabelledText("who painted it", "out_of_scope")
    declined = understood("who paints it", "add", confidence=0.2)
    assert voices.is_right(strange, declined)
    assert not voices.acts(declined)
    assert voices.acts(understood("add milk", "add"))


def test_figures_of_a_voice() -> None:
    texts = {
        "add milk to my list": understood("add milk to my list", "add", "milk"),
        "add mill to my list": understood("add mill to my list", "add", "mill"),
    }
    found = voices.figures(
        [
            (MILK, heard("add milk to my list")),
            (MILK, heard("add mill to my list")),
            (MILK, heard("add milk to my list", confidence=0.001)),
            (MILK, heard("")),
        ],
        texts,
    )
    assert found["word_errors"] == pytest.approx((0 + 1 + 0 + 5) / 20)
    assert (found["intent_accuracy"], found["text_intent_accuracy"]) == (0.75, 1.0)
    assert (found["understood"], found["accepted_and_right"]) == (0.5, 0.25)
    assert (found["accepted_and_wrong"], found["turned_away_though_right"]) == (0.25, 0.25)
    assert found["real_time_ratio"] == 0.25


def test_of_talk_about_other_things_only_what_is_acted_on_counts() -> None:
    talk = LabelledText("the train was late again", None)
    texts = {"the rain was late": understood("the rain was late", "add")}
    found = voices.figures([(talk, heard("the rain was late"))], texts)
    assert found["accepted_and_wrong"] == 1.0
    assert "intent_accuracy" not in found


def test_the_sentences_are_there_and_short() -> None:
    parts = voices.read_parts(4)
    assert [len(part) for part in parts.values()] == [4, 4, 4]
    assert voices.read_parts(4) == parts
    known = {one.text for one in parts["known"]}
    assert not known & {one.text for one in parts["new"]}


def test_what_is_not_there_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ["--model", str(tmp_path), "--voice", "flite:slt", "--voice", "parrot:polly"]
    assert voices.main([*told, "--limit", "1"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert "parrot:polly" in said[0] and "no trained model" in said[1]


@pytest.mark.skipif(not can_synthesise(), reason="flite is not installed")
def test_voices_are_listened_to_one_after_the_other(tmp_path: Path) -> None:
    train(HOUSE, tmp_path / "house", Pronunciations(dictionary_path()))
    spoken_by = ["slt"] + (["espeak-ng:en-us"] if shutil.which("espeak-ng") else [])
    job = {
        "folder": str(tmp_path / "house"),
        "texts": ["what time is it"],
        "voices": spoken_by,
        "noise": "babble",
        "decibels": 24,
        "seed": 0,
    }
    found = runner.run_job("hear_spoken", job, tmp_path, threads=1)["heard"]
    assert [one["text"] for one in found] == ["what time is it"] * len(spoken_by)
    assert all(one["seconds"] > 1 for one in found)
