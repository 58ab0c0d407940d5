"""Transcripts out of labels, for adapting the recogniser; engines in the benchmark of speech."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import hearing, transcripts
from benchmarks.spoken import Clip, read_sentences
from voice.audio import RATE, read_wave, write_wave
from voice.synthesis import can_synthesise, synthesise
from voice.tuning.recordings import read_recordings

GRAMMAR = """
context:
  expressions:
    open:
      - "[open, please open] the $colour:colour $thing:thing"
      - "the $thing:thing is what I want open"
  slots:
    colour: [red, dark blue]
    thing: [door, box]
"""

SAID = {
    "a": ("please open the dark blue box", {"colour": "dark blue", "thing": "box"}),
    "b": ("the door is what i want open", {"thing": "door"}),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not can_synthesise():
        pytest.skip("flite is not installed")
    folder = tmp_path_factory.mktemp("doors")
    (folder / "clips").mkdir()
    (folder / "grammar.yaml").write_text(GRAMMAR)
    quiet = np.zeros(RATE // 2, np.int16)
    rows = []
    for name, (text, slots) in SAID.items():
        samples = np.concatenate([quiet, synthesise(text, "slt"), quiet])
        write_wave(samples, folder / "clips" / f"{name}.wav")
        rows.append(json.dumps({"clip": f"{name}.wav", "intent": "open", "slots": slots}))
    (folder / "labels.jsonl").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def made(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("transcripts") / "made"
    assert transcripts.main(["--data", str(folder), "--output", str(output)]) == 0
    return output


def test_wordings_mean_what_the_label_says(folder: Path) -> None:
    sentences, _ = read_sentences(folder, 0)
    clip = Clip(Path("a.wav"), "open", {"colour": "dark blue", "thing": "box"})
    assert sorted(transcripts.wordings(clip, sentences)) == [
        "open the dark blue box",
        "please open the dark blue box",
    ]
    assert transcripts.wordings(Clip(Path("a.wav"), "shut", {"thing": "box"}), sentences) == []


def test_the_words_that_were_said_are_found(made: Path) -> None:
    assert [one.text for one in read_recordings(made)] == [text for text, _ in SAID.values()]


def test_noise_is_laid_under_the_clips(folder: Path, made: Path, tmp_path: Path) -> None:
    arguments = ["--data", str(folder), "--output", str(tmp_path), "--limit", "1"]
    assert transcripts.main([*arguments, "--noise", "pink", "--decibels", "3"]) == 0
    assert (tmp_path / "transcripts.jsonl").read_text().count("\n") == 1
    noisy, plain = read_wave(tmp_path / "a.wav"), read_wave(made / "a.wav")
    # Where nobody speaks yet.
    assert np.abs(noisy[: RATE // 4]).mean() > 10 * np.abs(plain[: RATE // 4]).mean()


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    assert transcripts.main(["--data", str(tmp_path), "--output", str(tmp_path / "out")]) == 2


def test_an_engine_that_lacks_something_ends_the_job_in_a_line(made: Path) -> None:
    job = {
        "clips": [str(made / "a.wav")],
        "folder": str(made / "language"),
        "conditions": [{"noise": None, "decibels": None}],
        "seed": 0,
        "engine": "pocketsphinx",
        "model": None,
    }
    heard = hearing.hear(job)["heard"]
    assert [one["text"] for one in heard[0]] == [SAID["a"][0]]
    with pytest.raises(SystemExit, match="There is no folder /nowhere"):
        hearing.hear({**job, "engine": "whisper", "model": "/nowhere"})
