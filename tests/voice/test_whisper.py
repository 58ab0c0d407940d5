"""Whisper that was taught three sentences: what was spoken is what is written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.voice.conftest import Say
from tests.voice.tiny_speech import TEXTS, save_tiny_whisper, train_whisper
from voice.asr import NOTHING_HEARD, RecognizerError
from voice.audio import RATE
from voice.engines import recognizer_of
from voice.engines.attention import token_frames
from voice.engines.whisper import WhisperRecognizer, goes_in_circles, quietest


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory, speak: Say) -> Path:
    folder = save_tiny_whisper(tmp_path_factory.mktemp("models") / "whisper")
    assert train_whisper(folder, [speak(text) for text in TEXTS]) < 0.2
    return folder


@pytest.mark.parametrize("beams", [1, 5])
def test_sentences_are_heard(taught: Path, speak: Say, beams: int) -> None:
    recognizer = WhisperRecognizer(taught, beams=beams)
    for text in TEXTS:
        heard = recognizer.recognize(speak(text, around=0.6))
        assert heard.text == text
        assert heard.accepted and 0.5 < heard.confidence <= 1
        assert heard.alternatives[0].text == text
        assert [word.text for word in heard.words] == text.split()
        times = [time for word in heard.words for time in (word.begin, word.end)]
        assert times == sorted(times) and times[0] >= 0 and times[-1] < 4
        texts = [one.text for one in heard.alternatives]
        assert len(set(texts)) == len(texts)
        assert len(texts) > 1 or beams == 1


def test_captions_come_while_it_is_spoken(taught: Path, speak: Say) -> None:
    stream = WhisperRecognizer(taught, beams=1).stream()
    samples = speak(TEXTS[2])
    captions = [
        stream.feed(samples[begin : begin + RATE // 10])
        for begin in range(0, len(samples), RATE // 10)
    ]
    assert any(captions)
    assert stream.finish().text == TEXTS[2]


def test_silence_is_nothing(taught: Path) -> None:
    recognizer = WhisperRecognizer(taught)
    assert recognizer.recognize(np.zeros(3 * RATE, np.int16)) == NOTHING_HEARD
    assert recognizer.recognize(np.empty(0, np.int16)) == NOTHING_HEARD


def test_what_is_longer_than_the_window_is_heard_in_parts(taught: Path, speak: Say) -> None:
    both = np.concatenate([speak(TEXTS[0], around=1.0), speak(TEXTS[1], around=1.0)])
    assert len(both) > 4 * RATE
    recognizer = WhisperRecognizer(taught)
    heard = recognizer.recognize(both)
    assert heard.text.startswith(TEXTS[0])
    assert [word.text for word in heard.words] == heard.text.split()
    assert heard.words[-1].begin > 3


def test_the_assistants_words_are_the_prompt_as_far_as_there_is_room(
    taught: Path, house: Path, speak: Say
) -> None:
    recognizer = recognizer_of("whisper", house, taught)
    assert isinstance(recognizer, WhisperRecognizer)
    words = recognizer.prompt.split(", ")
    known = {line.split()[0] for line in (house / "words.dict").read_text().splitlines()}
    assert words[0] and set(words) < known
    ids = recognizer.tokenizer.get_prompt_ids(recognizer.prompt)
    assert len(ids) <= recognizer.most_tokens // 2 - 1
    # It was never taught with a prompt; that it writes something within its room has to do.
    assert len(recognizer.recognize(speak(TEXTS[0])).text) < 200


def test_a_wrong_folder_is_named(taught: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text(json.dumps({"model_type": "bert"}))
    damaged = tmp_path / "damaged"
    for name, content in (
        ("config.json", b'{"model_type": "whisp'),
        ("model.safetensors", (taught / "model.safetensors").read_bytes()[:-100]),
        ("preprocessor_config.json", b""),
        ("tokenizer.json", b"{}"),
    ):
        shutil.rmtree(damaged, ignore_errors=True)
        shutil.copytree(taught, damaged)
        (damaged / name).write_bytes(content)
        with pytest.raises(RecognizerError, match="damaged") as raised:
            WhisperRecognizer(damaged)
        assert "\n" not in str(raised.value)
    for folder, says in (
        (None, "no model of its own"),
        (tmp_path / "away", "There is no folder"),
        (tmp_path, "no config.json"),
        (other, "of the kind 'bert'"),
        (Path("nobody/has-this"), "nor in Hugging Face's cache"),
    ):
        with pytest.raises(RecognizerError, match=says) as raised:
            WhisperRecognizer(folder)
        assert "\n" not in str(raised.value)


def test_weights_that_are_missing_are_named(taught: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "cut"
    shutil.copytree(taught, folder)
    weights = load_file(folder / "model.safetensors")
    del weights["model.encoder.conv1.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(RecognizerError, match="encoder.conv1.weight"):
        WhisperRecognizer(folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(RecognizerError, match="no weights for Whisper"):
        WhisperRecognizer(folder)


def test_the_place_to_cut_is_the_quiet_one() -> None:
    samples = np.random.default_rng(0).normal(0, 3000, 5 * RATE).astype(np.int16)
    samples[3 * RATE : 3 * RATE + RATE // 5] = 0
    assert abs(quietest(samples, RATE, 4 * RATE) - 3.1 * RATE) <= 0.051 * RATE


def test_a_text_that_goes_in_circles_is_known() -> None:
    assert goes_in_circles("and then " * 30)
    assert not goes_in_circles("turn on the lamp in the kitchen and the one in the garden, please")


def test_times_follow_what_the_heads_look_at() -> None:
    # Three tokens, each looked at for its own frames by one head; the other looks everywhere.
    looks = np.full((2, 3, 30), 0.01, np.float32)
    for token, (first, last) in enumerate([(0, 8), (8, 21), (21, 30)]):
        looks[0, token, first:last] = 1.0
    looks[1] += np.random.default_rng(0).uniform(0, 0.001, (3, 30)).astype(np.float32)
    found = token_frames(looks)
    assert [first for first, _ in found] == sorted(first for first, _ in found)
    for (first, _), expected in zip(found, (0, 8, 21), strict=True):
        assert abs(first - expected) <= 3
    assert found[-1][1] == 30
