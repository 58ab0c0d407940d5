"""What the recogniser hears of real audio."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.voice.conftest import HOUSE, Say, marked
from voice import language
from voice.asr import NOTHING_HEARD, RecognizerError, Source
from voice.audio import RATE
from voice.general import GeneralModel
from voice.language import train
from voice.ngrams import Mixing
from voice.pronunciation import Pronunciations
from voice.sphinx import SphinxRecognizer, english_path


@pytest.mark.parametrize(
    "text",
    [
        "turn on the lamp in the kitchen",
        # Values that were never seen in these sentences.
        "turn on the television in the living room",
        "please turn off the fan",
        "is the window open in the garden",
        "set a timer for forty five minutes",
    ],
)
@pytest.mark.parametrize("voice", ["slt", "rms"])
def test_sentences_of_the_training_data_are_heard(
    recognizer: SphinxRecognizer, speak: Say, text: str, voice: str
) -> None:
    heard = recognizer.recognize(speak(text, voice))
    assert heard.text == text
    assert heard.accepted and heard.confidence > 0.5
    assert heard.source is Source.COMMANDS
    assert [word.text for word in heard.words] == text.split()


def test_words_have_times_and_texts_have_alternatives(
    recognizer: SphinxRecognizer, speak: Say
) -> None:
    heard = recognizer.recognize(speak("please turn off the heating"))
    times = [time for word in heard.words for time in (word.begin, word.end)]
    assert times == sorted(times) and 0 <= times[0] < times[-1] < 5
    assert heard.alternatives[0].text == heard.text
    texts = [one.text for one in heard.alternatives]
    assert len(set(texts)) == len(texts)


def test_nonsense_is_not_accepted(recognizer: SphinxRecognizer, speak: Say) -> None:
    for text in (
        "my grandmother played the violin in a famous orchestra",
        "economists expect rising prices throughout europe",
    ):
        assert not recognizer.recognize(speak(text)).accepted


def test_silence_and_noise_are_nothing(recognizer: SphinxRecognizer) -> None:
    assert recognizer.recognize(np.empty(0, np.int16)) == NOTHING_HEARD
    assert recognizer.recognize(np.zeros(3 * RATE, np.int16)) == NOTHING_HEARD
    noise = np.random.default_rng(0).normal(0, 3000, 3 * RATE).astype(np.int16)
    assert not recognizer.recognize(noise).accepted


def test_an_utterance_is_heard_while_it_is_spoken(recognizer: SphinxRecognizer, speak: Say) -> None:
    samples = speak("turn on the lamp in the kitchen")
    stream = recognizer.stream()
    captions = [
        stream.feed(samples[start : start + RATE // 10])
        for start in range(0, len(samples), RATE // 10)
    ]
    assert any(caption.startswith("turn on") for caption in captions)
    found = stream.finish()
    whole = recognizer.recognize(samples)
    # Not to the last digit: the engine begins with the Gaussians that it looked at last.
    assert (found.text, found.accepted, found.source) == (whole.text, whole.accepted, whole.source)
    assert recognizer.stream().finish() == NOTHING_HEARD


def test_an_utterance_left_in_its_middle_does_no_harm(
    recognizer: SphinxRecognizer, speak: Say
) -> None:
    samples = speak("what time is it")
    recognizer.stream().feed(samples[: len(samples) // 2])
    assert recognizer.recognize(samples).text == "what time is it"


def test_a_changed_example_changes_what_is_heard(
    recognizer: SphinxRecognizer, speak: Say, tmp_path: Path, pronunciations: Pronunciations
) -> None:
    text = "where did i put my umbrella"
    samples = speak(text)
    assert recognizer.recognize(samples).text != text
    changed = replace(
        HOUSE, sentences=(*HOUSE.sentences, marked("where did i put my {thing:umbrella}"))
    )
    train(changed, tmp_path, pronunciations)
    heard = SphinxRecognizer(tmp_path).recognize(samples)
    assert heard.text == text and heard.accepted


@pytest.mark.slow
def test_a_large_assistant_hears_what_it_was_never_told(
    speak: Say, tmp_path: Path, pronunciations: Pronunciations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "MOST_SEARCHED", 0)
    english = GeneralModel.read(english_path())
    made = train(HOUSE, tmp_path, pronunciations, general=english, mixing=Mixing(words=2000))
    assert made.transitions == 0 and made.general == 2000
    assert not (tmp_path / "commands.fsg").exists()
    recognizer = SphinxRecognizer(tmp_path)
    for text in ("turn on the lamp in the kitchen", "is the mother open in the garden"):
        heard = recognizer.recognize(speak(text))
        assert heard.text == text and heard.accepted
        assert heard.source is Source.WORDS
    samples = speak("what time is it")
    stream = recognizer.stream()
    assert stream.feed(samples).startswith("what time")
    assert stream.finish().text == "what time is it"


@pytest.mark.slow
def test_a_word_that_the_dictionary_lacks_is_heard(
    speak: Say, tmp_path: Path, pronunciations: Pronunciations
) -> None:
    assert "zigbee" not in pronunciations
    sayable = replace(HOUSE, sentences=(*HOUSE.sentences, marked("restart the {service:zigbee}")))
    assert train(sayable, tmp_path, pronunciations).guessed == ("zigbee",)
    assert SphinxRecognizer(tmp_path).recognize(speak("restart the zigbee")).text == (
        "restart the zigbee"
    )


def test_what_was_never_trained_says_so(tmp_path: Path) -> None:
    with pytest.raises(RecognizerError, match="train first"):
        SphinxRecognizer(tmp_path)
