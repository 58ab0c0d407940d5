"""wav2vec 2.0 that was taught the tones of letters: what is beeped is what is read."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.voice.tiny_speech import beeped, save_tiny_wav2vec2, train_wav2vec2
from voice.asr import NOTHING_HEARD, RecognizerError, Source
from voice.audio import Samples
from voice.engines import recognizer_of
from voice.engines.wav2vec2 import Wav2Vec2Recognizer
from voice.language import Language


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = save_tiny_wav2vec2(tmp_path_factory.mktemp("models") / "tones")
    assert train_wav2vec2(folder) < 0.1
    return folder


def beep(text: str) -> Samples:
    return beeped(text, np.random.default_rng(1))


@pytest.mark.parametrize("text", ["the quick brown fox", "jumps over a lazy dog", "zigbee"])
def test_any_letters_are_read(taught: Path, text: str) -> None:
    heard = Wav2Vec2Recognizer(taught).recognize_spoken(beep(text))
    assert heard.text == text
    assert heard.accepted and heard.confidence > 0.9 and heard.source is Source.OPEN
    assert [word.text for word in heard.words] == text.split()
    texts = [one.text for one in heard.alternatives]
    assert len(texts) > 1 and len(set(texts)) == len(texts)


def test_words_have_the_times_at_which_they_were_said(taught: Path) -> None:
    heard = Wav2Vec2Recognizer(taught).recognize_spoken(beep("one fan off"))
    # Each letter takes 120 ms, the first begins at 40.
    for word, begin in zip(heard.words, (0, 4, 8), strict=True):
        assert word.begin == pytest.approx(0.04 + 0.12 * begin, abs=0.05)
        assert word.end == pytest.approx(0.04 + 0.12 * (begin + 3), abs=0.09)


def test_a_sentence_of_the_assistant_is_heard_where_letters_are_wrong(
    taught: Path, house: Path
) -> None:
    free = Wav2Vec2Recognizer(taught)
    bound = recognizer_of("wav2vec2", house, taught)
    wrong = beep("whot time is it")
    assert free.recognize_spoken(wrong).text == "whot time is it"
    heard = bound.recognize_spoken(wrong)  # type: ignore[attr-defined]
    assert (heard.text, heard.source) == ("what time is it", Source.COMMANDS)
    assert [word.text for word in heard.words] == heard.text.split()
    # Values that were never seen in this sentence.
    heard = bound.recognize_spoken(beep("turn on the fan in the garden"))  # type: ignore[attr-defined]
    assert (heard.text, heard.source) == ("turn on the fan in the garden", Source.COMMANDS)


def test_other_sentences_are_heard_as_they_are(taught: Path, house: Path) -> None:
    heard = Wav2Vec2Recognizer(taught, house).recognize_spoken(beep("violins are expensive"))
    assert (heard.text, heard.source) == ("violins are expensive", Source.OPEN)


def test_an_assistant_too_large_for_a_grammar_is_heard_by_letters(
    taught: Path, house: Path, tmp_path: Path
) -> None:
    large = shutil.copytree(house, tmp_path / "large")
    (large / "commands.fsg").unlink()
    replace(Language.load(large), transitions=0).save(large)
    heard = Wav2Vec2Recognizer(taught, large).recognize_spoken(beep("what time is it"))
    assert (heard.text, heard.source) == ("what time is it", Source.OPEN)


def test_silence_is_nothing(taught: Path) -> None:
    recognizer = Wav2Vec2Recognizer(taught)
    assert recognizer.recognize(np.empty(0, np.int16)) == NOTHING_HEARD
    assert recognizer.recognize(np.zeros(16_000, np.int16)) == NOTHING_HEARD
    assert recognizer.recognize_spoken(np.zeros(800, np.int16)) == NOTHING_HEARD
    assert recognizer.stream().finish() == NOTHING_HEARD


def test_a_model_that_was_never_taught_letters_is_refused(taught: Path, tmp_path: Path) -> None:
    from transformers import Wav2Vec2Model

    Wav2Vec2Model.from_pretrained(taught).save_pretrained(tmp_path)
    for name in ("vocab.json", "tokenizer_config.json", "preprocessor_config.json"):
        (tmp_path / name).write_bytes((taught / name).read_bytes())
    with pytest.raises(RecognizerError, match="lacks weights of wav2vec2, lm_head"):
        Wav2Vec2Recognizer(tmp_path)
