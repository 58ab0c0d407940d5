"""Clips, sentences and noise of the benchmark of speech."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import speech
from benchmarks.datasets import DatasetError
from benchmarks.spoken import Clip, make_noise, read_clips, read_sentences, under
from voice.audio import RATE, write_wave

GRAMMAR = """
context:
  expressions:
    open:
      - "[open, let us open] the $colour:inner $thing:thing"
      - "open the $thing:thing"
  slots:
    colour: [red, dark blue]
    thing: [door, box]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "clips").mkdir()
    (tmp_path / "grammar.yaml").write_text(GRAMMAR)
    for name in "ab":
        tone = 8_000 * np.sin(np.arange(RATE) / 5)
        write_wave(tone.astype(np.int16), tmp_path / "clips" / f"{name}.wav")
    rows = [{"clip": f"{name}.wav", "intent": "open", "slots": {"thing": "box"}} for name in "ab"]
    (tmp_path / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_every_way_to_say_something_is_there_once(folder: Path) -> None:
    sentences, values = read_sentences(folder, 0)
    assert len(sentences) == 3 and values["thing"] == ["door", "box"]
    for one in sentences:
        for entity in one.entities:
            assert one.text[entity["start"] : entity["end"]] == entity["value"]
    # The slot has its own name, the values those of their kind.
    assert [entity["entity"] for entity in sentences[1].entities] == ["inner", "thing"]
    assert sentences[1].text.startswith("let us open the ")
    assert read_sentences(folder, 0) == (sentences, values)


def test_clips_that_are_missing_are_named(folder: Path) -> None:
    assert [clip.path.name for clip in read_clips(folder)] == ["a.wav", "b.wav"]
    assert len(read_clips(folder, 1)) == 1
    (folder / "clips" / "b.wav").unlink()
    with pytest.raises(DatasetError, match=r"1 clips are missing.*b\.wav"):
        read_clips(folder)
    with pytest.raises(DatasetError, match="github.com"):
        read_clips(folder / "nowhere")


def test_a_noise_that_is_none_ends_before_anything_is_trained(folder: Path) -> None:
    assert speech.main(["--data", str(folder), "--noise", "purple"]) == 2
    assert speech.main(["--data", str(folder / "nowhere")]) == 2


@pytest.mark.parametrize("kind", ["white", "pink"])
def test_noise_is_the_same_for_the_same_seed(kind: str) -> None:
    one, same, other = (make_noise(kind, [], seed) for seed in (0, 0, 1))
    assert (one == same).all() and (one != other).any()


def test_a_clip_has_the_same_noise_at_each_level(folder: Path) -> None:
    clip = folder / "clips" / "a.wav"
    speech_samples = np.zeros(RATE, np.int16)
    speech_samples[4_000:8_000] = 9_000
    noise = make_noise("white", [], 0)
    loud = under(clip, speech_samples, noise, 6, 0).astype(float)
    low = under(clip, speech_samples, noise, 12, 0).astype(float)
    assert np.corrcoef(loud[:4_000], low[:4_000])[0, 1] > 0.999
    short = under(clip, speech_samples, noise[:1_000], 6, 0)
    assert len(short) == RATE


def test_right_means_nothing_missing_and_nothing_added() -> None:
    clip = Clip(Path("a.wav"), "open", {"thing": "box", "colour": "red"})

    def read(*entities: tuple[str, str], intent: str = "open") -> dict[str, object]:
        return {
            "intent": {"name": intent, "confidence": 1.0},
            "intent_ranking": [{"name": intent, "confidence": 1.0}],
            "entities": [{"entity": name, "value": value} for name, value in entities],
        }

    thing, colour = ("thing", "box"), ("colour", "red")
    assert speech.is_right(clip, read(colour, thing))
    for wrong in (
        read(thing),
        read(thing, colour, colour),
        read(thing, ("colour", "blue")),
        read(thing, colour, ("size", "big")),
        read(thing, colour, intent="close"),
    ):
        assert not speech.is_right(clip, wrong)
